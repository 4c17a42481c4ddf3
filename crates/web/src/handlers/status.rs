//! The day's work, and whether anything is late or broken.

use axum::Json;
use axum::extract::State;
use chrono::Duration;
use ordersync_core::{Account, AccountState, OrderFilter, StoredOrder};
use ordersync_types::Timestamp;

use super::Labels;
use super::retention::run_view;
use crate::api::{Api, SELLER};
use crate::dto::{AccountProgress, HeldOrder, KeysHealth, RetentionHealth, StatusView, WorkOrder};
use crate::error::WebError;
use crate::worklist::{Work, is_late, open_statuses, work};

/// Orders read at a time.
const PAGE: u64 = 500;
/// An account that has not caught up for this long after a failure is broken, not just unlucky.
const PATIENCE: Duration = Duration::hours(1);

/// `GET /v1/status`.
pub(crate) async fn status(State(api): State<Api>) -> Result<Json<StatusView>, WebError> {
    let now = api.core.clock.now();
    let accounts = api.core.store.accounts().await.map_err(WebError::database)?;
    let list = worklist(&api, &Labels::of(&accounts), now).await?;
    let (accounts, mut attention) = progress(&api, &accounts, now).await?;
    let retention = retention_health(&api, now).await?;
    if retention.overdue {
        attention.push("personal data is kept beyond its time: run `ordersync retention run`".to_owned());
    }
    if let Some(fault) = api.core.canary_fault() {
        attention.push(format!("keys and sealed records do not fit ({fault}): run `ordersync doctor`"));
    }
    let broken = !attention.is_empty();
    let late = list.late > 0;
    if late {
        attention.insert(0, format!("{} should have left by now: see those marked late", orders(list.late)));
    }
    let tested_at = api.escrow.escrow_tested_at();
    Ok(Json(StatusView {
        at: now,
        late,
        broken,
        attention,
        to_dispatch_count: list.to_dispatch_count,
        late_count: list.late,
        to_dispatch: list.to_dispatch,
        held_count: list.held_count,
        held: list.held,
        tax_review_count: list.tax_reviews,
        packed_elsewhere_count: list.elsewhere,
        rejected_count: accounts.iter().map(|account| account.rejected).sum(),
        accounts,
        retention,
        keys: KeysHealth { escrow_tested: tested_at.is_some(), escrow_tested_at: tested_at },
    }))
}

fn orders(count: u64) -> String {
    if count == 1 { "1 order".to_owned() } else { format!("{count} orders") }
}

#[derive(Default)]
struct Worklist {
    to_dispatch: Vec<WorkOrder>,
    held: Vec<HeldOrder>,
    to_dispatch_count: u64,
    held_count: u64,
    late: u64,
    tax_reviews: u64,
    elsewhere: u64,
}

impl Worklist {
    fn add(&mut self, order: &StoredOrder, labels: &Labels, now: Timestamp) {
        let (hold, entry) = match work(order) {
            Work::None => return,
            Work::Elsewhere => {
                self.elsewhere += 1;
                return;
            }
            Work::Dispatch => (None, work_order(order, labels, now)),
            Work::Held(hold) => (Some(hold), work_order(order, labels, now)),
        };
        self.late += u64::from(entry.late);
        if let Some(hold) = hold {
            self.held_count += 1;
            self.held.push(HeldOrder { order: entry, reasons: hold.reasons, hint: hold.hint });
        } else {
            self.to_dispatch_count += 1;
            self.tax_reviews += u64::from(entry.tax_reviews > 0);
            self.to_dispatch.push(entry);
        }
    }

    /// Keeps the first of each list, so that memory does not grow with the number of open orders.
    fn trim(&mut self) {
        self.to_dispatch.sort_by(|a, b| rank(a).cmp(&rank(b)));
        self.to_dispatch.truncate(StatusView::MOST_LISTED);
        self.held.sort_by(|a, b| rank(&a.order).cmp(&rank(&b.order)));
        self.held.truncate(StatusView::MOST_LISTED);
    }
}

/// Late first, then by account, then by the moment it must leave (those without one last), then by number.
fn rank(order: &WorkOrder) -> (bool, &str, bool, Option<Timestamp>, &str) {
    (!order.late, &order.account, order.ship_by.is_none(), order.ship_by, &order.number)
}

async fn worklist(api: &Api, labels: &Labels, now: Timestamp) -> Result<Worklist, WebError> {
    let mut list = Worklist::default();
    for status in open_statuses() {
        let mut filter = OrderFilter { status: Some(status.to_owned()), limit: PAGE, ..OrderFilter::default() };
        loop {
            let page = api.core.store.full_orders(SELLER, &filter).await.map_err(WebError::database)?;
            for order in &page {
                list.add(order, labels, now);
            }
            list.trim();
            let Some(last) = page.last() else { break };
            filter.before = Some(last.summary.order_id);
        }
    }
    Ok(list)
}

fn work_order(order: &StoredOrder, labels: &Labels, now: Timestamp) -> WorkOrder {
    let summary = &order.summary;
    WorkOrder {
        id: summary.order_id.to_string(),
        account: labels.label(summary.account),
        number: summary.vendor_order_id.clone(),
        status: summary.status.clone(),
        ship_by: summary.ship_by,
        late: is_late(summary.ship_by, now),
        territory: summary.territory.clone(),
        lines: u64::try_from(order.lines.len()).unwrap_or(u64::MAX),
        pieces: order.lines.iter().map(|line| line.quantity).fold(0, i64::saturating_add),
        tax_reviews: summary.tax_reviews,
    }
}

async fn progress(
    api: &Api,
    accounts: &[Account],
    now: Timestamp,
) -> Result<(Vec<AccountProgress>, Vec<String>), WebError> {
    let mut rows = Vec::with_capacity(accounts.len());
    let mut attention = Vec::new();
    for account in accounts {
        let (seller, id) = (account.seller, account.account);
        let cursor = api.core.store.order_cursor(seller, id).await.map_err(WebError::database)?;
        let rejected = api.core.store.rejected_orders(seller, id, None).await.map_err(WebError::database)?;
        let stopped = account.state == AccountState::NeedsConsent;
        let since = cursor.caught_up_at.unwrap_or(account.added_at);
        let failing = cursor.failure.is_some() && now.signed_duration_since(since) > PATIENCE;
        let hint = if stopped {
            "give the program access again at the marketplace, then run `ordersync account credentials`"
        } else if cursor.failure.is_some() {
            "it is tried again by itself; if it stays, run `ordersync account check`"
        } else {
            ""
        };
        if stopped || failing {
            attention.push(format!("account {} is not read: {hint}", account.label));
        }
        rows.push(AccountProgress {
            account: account.label.clone(),
            state: account.state.name().to_owned(),
            caught_up_to: cursor.watermark,
            caught_up_at: cursor.caught_up_at,
            failed_at: cursor.failed_at,
            failure: if stopped { account.state_reason.clone().or(cursor.failure) } else { cursor.failure },
            hint: hint.to_owned(),
            rejected: u64::try_from(rejected.len()).unwrap_or(u64::MAX),
        });
    }
    Ok((rows, attention))
}

pub(crate) async fn retention_health(api: &Api, now: Timestamp) -> Result<RetentionHealth, WebError> {
    let state = api.core.plan_retention().await.map_err(WebError::core)?;
    let earliest_due = state.iter().filter_map(|(_, _, _, earliest)| *earliest).min();
    let grace = Duration::hours(RetentionHealth::GRACE_HOURS);
    let newest = api.core.store.retention_runs(1).await.map_err(WebError::database)?.pop();
    Ok(RetentionHealth {
        overdue: earliest_due.is_some_and(|due| now.signed_duration_since(due) > grace),
        due: state.iter().map(|(_, due, _, _)| *due).fold(0, i64::saturating_add),
        earliest_due,
        newest_run: newest.map(run_view),
    })
}
