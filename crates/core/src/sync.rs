//! Reading an account: which window, and where it goes on.

mod pages;

use std::time::Duration;

use ordersync_connector_api::{ConnectorError, ErrorKind, MarketplaceConnector, PageToken, Retry, Window, WindowRules};
use ordersync_store::{Account, AccountState, Lease, OrderCursor, ResumeHint, StoreError};
use ordersync_types::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use std::sync::Arc;

use pages::{OfWindow, PAGES_READY, Preparing, fetch_pages, write_pages};

use crate::{Core, CoreError, PageCounts};

/// How reading behaves; the connector's rules say the rest.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncSettings {
    /// Ends a window this long before now, in seconds, in place of the connector's lag. Loopback accounts only.
    pub bound_seconds: Option<u32>,
}

/// What reading an account did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncReport {
    /// Pages stored.
    pub pages: u64,
    /// What they held.
    pub counts: PageCounts,
    /// The watermark after it, when a window was read to its end.
    pub watermark: Option<Timestamp>,
}

/// How long a lease lasts, in the database's own time; it is renewed three times as often. With the pause of who waits
/// for it (five seconds), a killed daemon's leases are somebody else's within 30 seconds.
pub(crate) const LEASE: Duration = Duration::from_secs(24);
/// A resume hint older than this share of its token's life is not tried: 20 of Amazon's 24 hours.
const HINT_SHARE: (i64, i64) = (5, 6);

impl Core {
    /// Reads an account up to the present: the unfinished window if there is one, else the next.
    ///
    /// # Errors
    /// [`CoreError::AccountBusy`] while somebody else reads it. [`CoreError::Connector`] as the marketplace says; the
    /// failure is noted on the account, and a refusal of its credentials stops the account. What was stored before
    /// stays stored.
    pub async fn sync_account(
        self: &Arc<Self>,
        account: &Account,
        connector: &Arc<dyn MarketplaceConnector>,
        settings: SyncSettings,
    ) -> Result<SyncReport, CoreError> {
        let name = format!("orders/{}", account.account);
        // Busy around each of our own queries, never while waiting for the pipeline, whose fetcher may sleep.
        let busy = self.clock.busy();
        let Some(lease) = self.store.take_lease(&name, &self.holder, LEASE).await? else {
            return Err(CoreError::AccountBusy(account.label.clone()));
        };
        drop(busy);
        let result = tokio::select! {
            result = self.sync_with_lease(account, connector, settings, &lease) => result,
            lost = self.keep_lease(&lease) => Err(lost),
        };
        let _busy = self.clock.busy();
        self.store.give_back_lease(&lease).await?;
        if let Err(CoreError::Connector(error)) = &result {
            self.note_failure(account, error).await?;
        }
        result
    }

    /// Renews the lease until it is lost.
    pub(crate) async fn keep_lease(&self, lease: &Lease) -> CoreError {
        loop {
            tokio::time::sleep(LEASE / 3).await;
            match self.store.take_lease(&lease.name, &lease.holder, LEASE).await {
                Ok(Some(held)) if held.fence == lease.fence => {}
                Ok(_) => return StoreError::LeaseLost(lease.name.clone()).into(),
                // A busy database is no lost lease: the fence decides when a page is written.
                Err(error) => tracing::debug!(%error, "renewing a lease"),
            }
        }
    }

    async fn note_failure(&self, account: &Account, error: &ConnectorError) -> Result<(), CoreError> {
        let text = error.to_string();
        self.store.note_poll_failure(account.seller, account.account, self.clock.now(), &text).await?;
        if error.kind == ErrorKind::Auth && error.retry == Retry::Never {
            let state = AccountState::NeedsConsent;
            self.store.set_account_state(account.seller, account.account, state, Some(&text)).await?;
        }
        Ok(())
    }

    async fn sync_with_lease(
        self: &Arc<Self>,
        account: &Account,
        connector: &Arc<dyn MarketplaceConnector>,
        settings: SyncSettings,
        lease: &Lease,
    ) -> Result<SyncReport, CoreError> {
        let rules = connector.info().windows;
        let busy = self.clock.busy();
        self.read_policies().await?;
        let cursor = self.store.order_cursor(account.seller, account.account).await?;
        let now = self.clock.now();
        drop(busy);
        if let Some(hint) = usable_hint(&cursor, &rules, now) {
            let window = Window { from: hint.window_from, to: hint.window_to };
            let place = hint.page_token.clone().map(PageToken::new);
            match self.read_window(account, connector, window, place, lease).await {
                // The hint is tried once: the marketplace no longer takes it, so the window starts again.
                Err(CoreError::Connector(error)) if error.kind == ErrorKind::StalePage => {
                    tracing::info!(account = %account.label, "the place in the window is no longer taken; starting it again");
                }
                result => return result,
            }
        }
        let Some(window) = next_window(account, &cursor, &rules, settings, now) else {
            return Ok(SyncReport { watermark: cursor.watermark, ..SyncReport::default() });
        };
        self.read_window(account, connector, window, None, lease).await
    }

    async fn read_window(
        self: &Arc<Self>,
        account: &Account,
        connector: &Arc<dyn MarketplaceConnector>,
        window: Window,
        place: Option<PageToken>,
        lease: &Lease,
    ) -> Result<SyncReport, CoreError> {
        let (fetched_in, fetched) = mpsc::channel(1);
        let (ready_in, ready) = mpsc::channel(PAGES_READY);
        // Both helpers end with this future: a set that is dropped aborts its tasks.
        let mut tasks: JoinSet<Result<(), CoreError>> = JoinSet::new();
        tasks.spawn(fetch_pages(self.clone(), connector.clone(), window, place, fetched_in));
        // On a thread of its own: a transaction is a dozen short waits, and after each of them the next statement would
        // wait until sealing, which keeps the runtime's threads busy for milliseconds, lets one of them go.
        let (writer, runtime) = (write_pages(self.clone(), ready), tokio::runtime::Handle::current());
        tasks.spawn_blocking(move || runtime.block_on(writer));
        let of = OfWindow { core: self, account, connector, window, lease };
        let prepared = Preparing::new(of, ready_in).run(fetched).await;
        // Fetcher and writer are both waited for: when one page cannot be fetched, those before it are still written.
        // Their own errors are the cause when preparing ended early, so they are told first.
        let mut cause = None;
        while let Some(joined) = tasks.join_next().await {
            let ended = joined.unwrap_or(Err(CoreError::Stopped("reading an account")));
            cause = cause.or(ended.err());
        }
        if let Some(cause) = cause {
            return Err(cause);
        }
        prepared
    }
}

/// The hint of an unfinished window, while the marketplace still takes its token.
fn usable_hint<'a>(cursor: &'a OrderCursor, rules: &WindowRules, now: Timestamp) -> Option<&'a ResumeHint> {
    let hint = cursor.resume.as_ref()?;
    hint.page_token.as_ref()?;
    let (part, whole) = HINT_SHARE;
    let oldest = chrono::Duration::seconds(i64::from(rules.page_token_seconds) * part / whole);
    (now.signed_duration_since(hint.at) < oldest && hint.at <= now).then_some(hint)
}

/// The next window: from the watermark less the overlap, or from the first day that is wanted, to now less the lag.
fn next_window(
    account: &Account,
    cursor: &OrderCursor,
    rules: &WindowRules,
    settings: SyncSettings,
    now: Timestamp,
) -> Option<Window> {
    let lag = settings.bound_seconds.unwrap_or(rules.lag_seconds);
    let to = now.checked_sub_signed(chrono::Duration::seconds(i64::from(lag)))?;
    let from = match cursor.watermark {
        Some(watermark) => watermark.checked_sub_signed(chrono::Duration::seconds(i64::from(rules.overlap_seconds)))?,
        None => account.go_live_at.checked_sub_signed(chrono::Duration::days(i64::from(account.first_window_days)))?,
    };
    let history = now.checked_sub_signed(chrono::Duration::days(i64::from(rules.history_days)))?;
    let from = from.max(history);
    (from < to).then_some(Window { from, to })
}

#[cfg(test)]
mod tests {
    use ordersync_types::{AccountId, SellerId};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const RULES: WindowRules =
        WindowRules { lag_seconds: 150, overlap_seconds: 600, page_token_seconds: 86_400, history_days: 730 };

    fn account() -> Account {
        Account {
            seller: SellerId::new(1),
            account: AccountId::new(at("2026-11-01T00:00:00Z")),
            label: "amazon-uk".into(),
            connector: "amazon".into(),
            settings: "{}".into(),
            state: AccountState::Active,
            state_reason: None,
            go_live_at: at("2026-11-01T00:00:00Z"),
            first_window_days: 30,
            added_at: at("2026-11-01T00:00:00Z"),
            invoicing: ordersync_store::AccountInvoicing::default(),
        }
    }

    #[test]
    fn the_first_window_reaches_back_before_go_live_and_the_next_overlaps() {
        let now = at("2026-11-02T00:00:00Z");
        let first = next_window(&account(), &OrderCursor::default(), &RULES, SyncSettings::default(), now).unwrap();
        assert_eq!((first.from, first.to), (at("2026-10-02T00:00:00Z"), at("2026-11-01T23:57:30Z")));
        let cursor = OrderCursor { watermark: Some(first.to), ..OrderCursor::default() };
        let next = next_window(&account(), &cursor, &RULES, SyncSettings::default(), now).unwrap();
        assert_eq!(next.from, at("2026-11-01T23:47:30Z"));
        let early = at("2026-10-01T00:00:00Z");
        assert_eq!(next_window(&account(), &cursor, &RULES, SyncSettings::default(), early), None);
        let soon = SyncSettings { bound_seconds: Some(1) };
        assert_eq!(next_window(&account(), &cursor, &RULES, soon, now).unwrap().to, at("2026-11-01T23:59:59Z"));
    }

    #[test]
    fn a_hint_is_used_for_twenty_of_twenty_four_hours() {
        let hint = ResumeHint {
            window_from: at("2026-11-01T00:00:00Z"),
            window_to: at("2026-11-02T00:00:00Z"),
            page_token: Some("next".into()),
            at: at("2026-11-02T00:00:00Z"),
        };
        let cursor = |page_token: Option<&str>| OrderCursor {
            resume: Some(ResumeHint { page_token: page_token.map(str::to_owned), ..hint.clone() }),
            ..OrderCursor::default()
        };
        let usable = |cursor: &OrderCursor, now: &str| usable_hint(cursor, &RULES, at(now)).is_some();
        assert!(usable(&cursor(Some("next")), "2026-11-02T19:59:59Z"));
        assert!(!usable(&cursor(Some("next")), "2026-11-02T20:00:00Z"));
        assert!(!usable(&cursor(Some("next")), "2026-11-01T23:00:00Z"), "a clock before the hint's is not believed");
        assert!(!usable(&cursor(None), "2026-11-02T00:00:01Z"), "a token that does not survive a restart");
    }
}
