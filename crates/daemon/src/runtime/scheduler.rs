//! The loops of the daemon: one for each account, one for search tags, one for retention. Nothing ticks: each sleeps
//! until its next moment or until somebody asks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ordersync_core::caught;
use ordersync_types::AccountId;
use ordersync_web::dto::{SyncOutcome, SyncResult};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::runtime::poll::{self, PollAsk, after, backoff};
use crate::runtime::shared::Shared;

/// What the scheduler can be asked.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Accounts were added, removed, or set going again; or the configuration has changed.
    LookAgain,
    /// Read this account, or all, and tell how it went.
    Sync(Option<String>, oneshot::Sender<Vec<SyncOutcome>>),
}

/// How often the list of accounts is read again without being asked: another daemon may have changed it.
const LIST_EVERY: Duration = Duration::from_secs(600);
/// A job that panicked begins again after this long.
const AFTER_PANIC: Duration = Duration::from_secs(60);

/// Runs `job` until it ends by itself, that is, until the daemon stops. After a panic it begins again.
pub(crate) async fn kept_going<F: Future<Output = ()>>(shared: Arc<Shared>, name: &'static str, job: impl Fn() -> F) {
    let mut failures = 0;
    while let Err(panicked) = caught(name, job()).await {
        failures += 1;
        tracing::error!(error = %panicked, failures, "the job begins again in a while");
        let wake = after(shared.core.clock.now(), backoff(AFTER_PANIC, failures));
        tokio::select! {
            () = shared.core.clock.sleep_until(wake) => {}
            () = shared.core.stopped() => return,
        }
    }
}

/// Keeps one loop going for each account. Ends when the daemon stops and all loops have.
pub(crate) async fn supervise(shared: Arc<Shared>, mut asks: mpsc::Receiver<Ask>, stored: Arc<Notify>) {
    let mut supervisor = Supervisor { shared: shared.clone(), stored, doors: HashMap::new(), loops: JoinSet::new() };
    let mut errands: JoinSet<()> = JoinSet::new();
    let mut pause = supervisor.look().await;
    loop {
        let wake = after(shared.core.clock.now(), pause);
        tokio::select! {
            biased;
            () = shared.core.stopped() => break,
            Some(ended) = supervisor.loops.join_next(), if !supervisor.loops.is_empty() => supervisor.ended(ended),
            Some(_) = errands.join_next(), if !errands.is_empty() => {}
            ask = asks.recv() => match ask {
                None => break,
                Some(Ask::LookAgain) => {
                    pause = supervisor.look().await;
                    supervisor.wake_all();
                }
                Some(Ask::Sync(label, answer)) => {
                    pause = supervisor.look().await;
                    supervisor.sync(label, answer, &mut errands);
                }
            },
            () = shared.core.clock.sleep_until(wake) => pause = supervisor.look().await,
        }
    }
    errands.shutdown().await;
    while let Some(ended) = supervisor.loops.join_next().await {
        supervisor.ended(ended);
    }
}

struct Supervisor {
    shared: Arc<Shared>,
    stored: Arc<Notify>,
    doors: HashMap<AccountId, (String, mpsc::Sender<PollAsk>)>,
    loops: JoinSet<AccountId>,
}

impl Supervisor {
    /// Starts loops of new accounts and lets those of removed ones end. Tells when to look again.
    async fn look(&mut self) -> Duration {
        let _busy = self.shared.core.clock.busy();
        let accounts = match self.shared.core.store.accounts().await {
            Ok(accounts) => accounts,
            Err(error) => {
                tracing::warn!(%error, "the accounts cannot be listed");
                return Duration::from_secs(30);
            }
        };
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.account).collect();
        self.doors.retain(|id, _| ids.contains(id));
        self.shared.connectors.keep_only(&ids);
        for account in accounts {
            if let Some((label, _)) = self.doors.get_mut(&account.account) {
                *label = account.label;
                continue;
            }
            let (door, asks) = mpsc::channel(16);
            let (id, shared, stored) = (account.account, self.shared.clone(), self.stored.clone());
            tracing::info!(account = %account.label, connector = %account.connector, "the account is read from now on");
            self.loops.spawn(async move {
                if let Err(panicked) = caught("an account's loop", poll::run(shared, id, asks, stored)).await {
                    tracing::error!(error = %panicked, account = %id, "the account's loop begins again in a while");
                }
                id
            });
            self.doors.insert(id, (account.label, door));
        }
        LIST_EVERY
    }

    /// A loop ended: its account was removed, or it panicked; then the next look starts it again.
    fn ended(&mut self, ended: Result<AccountId, tokio::task::JoinError>) {
        if let Ok(id) = ended {
            self.doors.remove(&id);
        }
    }

    fn wake_all(&self) {
        for (_, door) in self.doors.values() {
            // A full or closed door needs no second knock.
            drop(door.try_send(PollAsk::LookAgain));
        }
    }

    /// Asks the loops and collects their answers beside this task, which goes on.
    fn sync(&self, label: Option<String>, answer: oneshot::Sender<Vec<SyncOutcome>>, errands: &mut JoinSet<()>) {
        let mut waiting = Vec::new();
        for (name, door) in self.doors.values() {
            if label.as_ref().is_some_and(|label| label != name) {
                continue;
            }
            let (sender, receiver) = oneshot::channel();
            // A door that is full or closed drops the sender, and that is the answer.
            drop(door.try_send(PollAsk::Now(sender)));
            waiting.push((name.clone(), receiver));
        }
        waiting.sort_by(|(one, _), (other, _)| one.cmp(other));
        errands.spawn(async move {
            let mut outcomes = Vec::with_capacity(waiting.len());
            for (account, receiver) in waiting {
                outcomes.push(receiver.await.unwrap_or_else(|_| stopping(account)));
            }
            drop(answer.send(outcomes));
        });
    }
}

fn stopping(account: String) -> SyncOutcome {
    let message = "the daemon stops, the account was removed, or very many people asked at once".to_owned();
    let hint = "ask again in a moment".to_owned();
    SyncOutcome { account, result: SyncResult::Failed { message, hint, retry: true } }
}
