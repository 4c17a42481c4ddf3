//! The loop of one account: read, wait, read again.

use std::sync::Arc;
use std::time::Duration;

use ordersync_connector_api::Retry;
use ordersync_core::{Account, CoreError, caught};
use ordersync_types::{AccountId, Timestamp};
use ordersync_web::dto::SyncOutcome;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::connectors;
use crate::runtime::shared::{Shared, outcome, skipped};

/// What the loop of an account can be asked.
#[derive(Debug)]
pub(crate) enum PollAsk {
    /// Read now, and tell how it went.
    Now(oneshot::Sender<SyncOutcome>),
    /// Settings or credentials have changed: look again at once.
    LookAgain,
}

/// How long an account that waits for a person is left alone before it is looked at again.
const WAITING: Duration = Duration::from_secs(3600);
/// Longest pause after a failure that a person must do something about.
const LONGEST: Duration = Duration::from_secs(3600);
/// Longest pause after failures that pass by themselves: orders should come soon after an outage is over.
const LONGEST_BACKOFF: Duration = Duration::from_secs(900);
/// How soon an account that another daemon reads is tried again: that one may have been killed.
const BUSY: Duration = Duration::from_secs(5);
/// How often rejected orders are looked at. Each is due once a day; one of an older version at once.
const REJECTED_EVERY: chrono::Duration = chrono::Duration::hours(1);

/// Reads one account until it is removed or the daemon stops. `stored` is told when a page may have left search tags
/// to fill.
pub(crate) async fn run(shared: Arc<Shared>, id: AccountId, mut asks: mpsc::Receiver<PollAsk>, stored: Arc<Notify>) {
    let clock = shared.core.clock.clone();
    let mut turn = Turn { well: false, failures: 0, polls: 0, rejected_after: clock.now() };
    let mut answers: Vec<oneshot::Sender<SyncOutcome>> = Vec::new();
    loop {
        let busy = clock.busy();
        let looked_up = shared.account(id).await;
        drop(busy);
        let pause = match looked_up {
            Ok(None) => return,
            Ok(Some(account)) => match skipped(&account) {
                Some(outcome) => {
                    turn.well = false;
                    answer(&mut answers, &outcome);
                    WAITING
                }
                None => turn.read(&shared, &account, &mut answers, &stored).await,
            },
            Err(error) => {
                tracing::warn!(%error, "the account cannot be looked up");
                turn.failures = turn.failures.saturating_add(1);
                backoff(Duration::from_secs(30), turn.failures)
            }
        };
        let wake = after(clock.now(), pause);
        loop {
            tokio::select! {
                biased;
                () = shared.core.stopped() => return,
                ask = asks.recv() => match ask {
                    None => return,
                    Some(PollAsk::Now(sender)) => answers.push(sender),
                    // An account that is read well has no need to be read out of turn.
                    Some(PollAsk::LookAgain) if turn.well => continue,
                    Some(PollAsk::LookAgain) => {}
                },
                () = clock.sleep_until(wake) => {}
            }
            break;
        }
        // Several people who ask at the same time are answered by one reading.
        while let Ok(PollAsk::Now(sender)) = asks.try_recv() {
            answers.push(sender);
        }
    }
}

struct Turn {
    /// The last reading went well.
    well: bool,
    failures: u32,
    polls: u64,
    rejected_after: Timestamp,
}

impl Turn {
    /// Reads the account once and tells how long to wait.
    async fn read(
        &mut self,
        shared: &Arc<Shared>,
        account: &Account,
        answers: &mut Vec<oneshot::Sender<SyncOutcome>>,
        stored: &Notify,
    ) -> Duration {
        let usual = connectors::interval(&account.connector, &shared.config().poll);
        let result = shared.read(account).await;
        self.failures = if result.is_ok() { 0 } else { self.failures.saturating_add(1) };
        let pause = match &result {
            Ok(_) => usual,
            Err(error) => pause_after(error, usual, self.failures),
        };
        if result.as_ref().is_ok_and(|report| report.pages > 0) {
            stored.notify_one();
            shared.core.wake_invoicing();
        }
        self.well = result.is_ok();
        answer(answers, &outcome(account, result));
        if self.well && shared.core.clock.now() >= self.rejected_after {
            self.rejected_after = shared.core.clock.now() + REJECTED_EVERY;
            read_rejected(shared, account).await;
        }
        self.polls = self.polls.wrapping_add(1);
        pause + jitter(account.account, self.polls, pause)
    }
}

fn answer(answers: &mut Vec<oneshot::Sender<SyncOutcome>>, outcome: &SyncOutcome) {
    for sender in answers.drain(..) {
        // Who asked may have gone.
        drop(sender.send(outcome.clone()));
    }
}

/// Reads rejected orders again: those whose day is over, and all that an older version could not read.
async fn read_rejected(shared: &Arc<Shared>, account: &Account) {
    let work = async {
        let connector = shared.connector(account).await?;
        shared.core.retry_rejected(account, connector.as_ref(), false).await
    };
    let done = tokio::select! {
        done = caught("reading rejected orders again", work) => done,
        () = shared.core.stopped() => return,
    };
    match done {
        Ok(Ok(report)) if report.tried > 0 => tracing::info!(
            account = %account.label,
            tried = report.tried,
            accepted = report.accepted,
            gone = report.gone,
            rejected = report.rejected,
            "rejected orders were read again"
        ),
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(account = %account.label, %error, "rejected orders could not be read again"),
        Err(panicked) => tracing::error!(account = %account.label, error = %panicked, "rejected orders"),
    }
}

/// How long to wait after a failure; `failures` counts those in a row, from 1.
fn pause_after(error: &CoreError, usual: Duration, failures: u32) -> Duration {
    match error {
        CoreError::Connector(error) => match error.retry {
            Retry::After(wait) => wait.clamp(usual.min(LONGEST), LONGEST * 6),
            Retry::Backoff | Retry::Exhausted => backoff(usual, failures),
            // A person must change something; `account check` and a reload wake the loop.
            Retry::Never => LONGEST,
        },
        CoreError::AccountBusy(_) => usual.min(BUSY),
        CoreError::Store(error) if error.is_transient() => backoff(Duration::from_secs(30), failures),
        CoreError::Store(_)
        | CoreError::Vault(_)
        | CoreError::NoRootSecret
        | CoreError::WrongRoot { .. }
        | CoreError::OldKeyStore { .. }
        | CoreError::KeyAbsent(_)
        | CoreError::KeySurvived(_)
        | CoreError::ClockNotTrusted(_)
        | CoreError::NoSuchOrder(_)
        | CoreError::NoSuchAccount(_)
        | CoreError::Refused { .. }
        | CoreError::Stopped(_)
        | CoreError::Encode(_) => backoff(usual, failures),
    }
}

/// `first`, doubled with every failure, a quarter of an hour at most.
pub(crate) fn backoff(first: Duration, failures: u32) -> Duration {
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_BACKOFF.max(first))
}

/// Up to a tenth of the pause, by account and count, so that accounts and daemons do not ask in step. It is the same
/// in every run, which simulated runs need.
fn jitter(account: AccountId, polls: u64, pause: Duration) -> Duration {
    let (_time, random) = account.as_uuid().as_u64_pair();
    let mixed = (random ^ polls).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
    let tenth = pause / 10;
    tenth.saturating_mul(u32::try_from(mixed).unwrap_or(0)) / 1024
}

/// `pause` after `now`; a moment that no calendar holds is an hour away.
pub(crate) fn after(now: Timestamp, pause: Duration) -> Timestamp {
    let step = chrono::Duration::from_std(pause).unwrap_or(chrono::Duration::hours(1));
    now.checked_add_signed(step).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use ordersync_connector_api::{ConnectorError, ErrorKind};

    use super::*;

    #[test]
    fn pauses_grow_and_keep_to_what_the_marketplace_asks() {
        let usual = Duration::from_secs(180);
        let failed = |retry| CoreError::from(ConnectorError::new(ErrorKind::Transport, retry, "searchOrders", "x"));
        let pause = |retry, failures| pause_after(&failed(retry), usual, failures).as_secs();
        assert_eq!([1, 2, 3, 20].map(|failures| pause(Retry::Backoff, failures)), [180, 360, 720, 900]);
        assert_eq!(pause(Retry::After(Duration::from_secs(7)), 1), 180, "never more often than usual");
        assert_eq!(pause(Retry::After(Duration::from_secs(900)), 1), 900);
        assert_eq!(pause(Retry::Never, 1), 3600);
        assert_eq!(pause_after(&CoreError::AccountBusy("a".into()), usual, 9).as_secs(), 5);
    }

    #[test]
    fn jitter_stays_below_a_tenth_and_differs() {
        let account = AccountId::new("2026-11-01T00:00:00Z".parse().unwrap());
        let pause = Duration::from_secs(300);
        let drawn: Vec<Duration> = (0..50).map(|polls| jitter(account, polls, pause)).collect();
        assert!(drawn.iter().all(|jitter| *jitter <= pause / 10));
        let mut different = drawn.clone();
        different.sort();
        different.dedup();
        assert!(different.len() > 40);
    }
}
