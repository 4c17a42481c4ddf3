//! The clock as the daemon of a simulated run has it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use ordersync_testkit::SteppedClock;
use ordersync_types::{BusyGuard, Clock, Timestamp};
use tokio::task::Id;

/// Sleeps of at least this long end at a full hour.
const LONG: TimeDelta = TimeDelta::minutes(10);
const HOUR_MS: i64 = 3_600_000;
/// How long, in real time, a task that is awake holds time up.
const PATIENCE: Duration = Duration::from_secs(4);

/// A stepped clock on which long sleeps end together, at full hours counted from the start, and on which whoever wakes
/// from one is busy until it sleeps again.
///
/// The daemon looks at its list of accounts every ten minutes and shakes its poll intervals, so that daemons do not
/// ask in step. Sixty days of that are ten thousand jumps, at moments that differ from run to run. A sleep may end
/// late, so here it ends at the next full hour: some fourteen hundred jumps, the same in every run.
///
/// The daemon's parts say themselves when they are busy, each for its own work. Between two of them a loop may wait
/// for an answer of the database, which comes from outside the runtime: time must not jump then, or the next poll
/// would be counted from another hour than in the run before.
pub(crate) struct HourlyClock {
    stepped: SteppedClock,
    start: Timestamp,
    awake: Mutex<HashMap<Id, Awake>>,
}

/// A task that has woken from a long sleep.
struct Awake {
    _busy: BusyGuard,
    since: Duration,
}

impl HourlyClock {
    /// Hours are counted from now.
    pub(crate) fn new(stepped: SteppedClock) -> Self {
        Self { start: stepped.now(), stepped, awake: Mutex::default() }
    }

    /// No longer waits for tasks that have been awake for long: one may have ended, or wait for another that sleeps.
    /// To be run beside the clock's driver.
    pub(crate) async fn lose_patience(&self) {
        loop {
            tokio::time::sleep(PATIENCE / 4).await;
            let now = self.stepped.monotonic();
            self.awake().retain(|_, awake| now.saturating_sub(awake.since) < PATIENCE);
        }
    }

    /// A task that was ended from outside no longer holds time up.
    pub(crate) fn forget(&self, task: Id) {
        self.awake().remove(&task);
    }

    fn rounded(&self, wake: Timestamp) -> Timestamp {
        let since = wake.signed_duration_since(self.start).num_milliseconds();
        let over = since.rem_euclid(HOUR_MS);
        if over == 0 {
            return wake;
        }
        wake.checked_add_signed(TimeDelta::milliseconds(HOUR_MS - over)).unwrap_or(wake)
    }

    fn awake(&self) -> MutexGuard<'_, HashMap<Id, Awake>> {
        self.awake.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for HourlyClock {
    fn now(&self) -> Timestamp {
        self.stepped.now()
    }

    async fn sleep_until(&self, wake: Timestamp) {
        if wake.signed_duration_since(self.stepped.now()) < LONG {
            return self.stepped.sleep_until(wake).await;
        }
        // A guard from before does not count while its own task sleeps.
        self.stepped.sleep_until(self.rounded(wake)).await;
        if let Some(task) = tokio::task::try_id() {
            let awake = Awake { _busy: self.stepped.busy(), since: self.stepped.monotonic() };
            self.awake().insert(task, awake);
        }
    }

    fn monotonic(&self) -> Duration {
        self.stepped.monotonic()
    }

    fn busy(&self) -> BusyGuard {
        self.stepped.busy()
    }
}

impl fmt::Debug for HourlyClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HourlyClock({:?}, {} awake)", self.stepped, self.awake().len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        "2026-11-02T09:30:00Z".parse::<Timestamp>().unwrap() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_moment_is_rounded_up_to_full_hours_from_the_start() {
        let clock = HourlyClock::new(SteppedClock::new(at(0)));
        for (asked, given) in [(0, 0), (600, 3600), (3600, 3600), (3601, 7200), (20_900, 21_600)] {
            assert_eq!(clock.rounded(at(asked)), at(given), "{asked}");
        }
        assert_eq!(clock.rounded(Timestamp::MAX_UTC), Timestamp::MAX_UTC);
    }

    #[tokio::test]
    async fn short_sleeps_are_exact_and_who_woke_from_a_long_one_holds_time_until_it_sleeps_again() {
        let stepped = SteppedClock::new(at(0));
        let clock = Arc::new(HourlyClock::new(stepped.clone()));
        let mut tasks = JoinSet::new();
        let (sleeper, stepped_too) = (clock.clone(), stepped.clone());
        tasks.spawn(async move {
            sleeper.sleep_until(at(90)).await;
            assert_eq!((sleeper.now(), stepped_too.busy_tasks()), (at(90), 0));
            sleeper.sleep_until(at(4000)).await;
            assert_eq!((sleeper.now(), stepped_too.busy_tasks()), (at(7200), 1));
            // As a database answers: nothing in the runtime is busy.
            tokio::time::sleep(Duration::from_millis(60)).await;
            assert_eq!(sleeper.now(), at(7200));
            sleeper.sleep_until(at(7300)).await;
            assert_eq!(sleeper.now(), at(7300));
        });
        let other = clock.clone();
        tasks.spawn(async move { other.stepped.sleep_until(at(7250)).await });
        tasks.spawn(stepped.drive());
        assert!(tokio::time::timeout(Duration::from_secs(20), tasks.join_next()).await.is_ok());
        assert!(tokio::time::timeout(Duration::from_secs(20), tasks.join_next()).await.is_ok());
        assert_eq!(clock.now(), at(7300));
    }

    #[tokio::test]
    async fn a_task_that_ended_holds_time_up_for_a_while_only() {
        let stepped = SteppedClock::new(at(0));
        let clock = Arc::new(HourlyClock::new(stepped.clone()));
        let mut tasks = JoinSet::new();
        let ends = clock.clone();
        tasks.spawn(async move { ends.sleep_until(at(3600)).await });
        tasks.spawn(stepped.drive());
        tasks.join_next().await.unwrap().unwrap();
        assert_eq!(stepped.busy_tasks(), 1);
        let patience = clock.clone();
        tasks.spawn(async move { patience.lose_patience().await });
        let waited = tokio::time::timeout(3 * PATIENCE, clock.sleep_until(at(7200))).await;
        assert!(waited.is_ok(), "{clock:?}");
    }
}
