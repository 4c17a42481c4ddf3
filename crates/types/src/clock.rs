//! Time as a port: everything that stands for outside time asks a [`Clock`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// A moment in UTC. Stored as milliseconds since 1970; local dates exist only where a law or a page needs them.
pub type Timestamp = DateTime<Utc>;

/// A clock that can be handed to several tasks.
pub type SharedClock = Arc<dyn Clock>;

/// The source of outside time: poll intervals, rate budgets, retry waits, token expiry, due jobs, retention.
///
/// Socket timeouts, shutdown, the watchdog and database leases use real time (`tokio::time`) instead.
#[async_trait]
pub trait Clock: Send + Sync + fmt::Debug {
    /// The current moment.
    fn now(&self) -> Timestamp;

    /// Waits until `now()` is at or past `wake`; returns at once when it already is.
    async fn sleep_until(&self, wake: Timestamp);

    /// Time since an arbitrary start, never going backwards, for measurements only.
    fn monotonic(&self) -> Duration;

    /// Says that the calling task is busy until the guard is dropped.
    ///
    /// A stepped clock jumps only while nobody is busy; a task inside [`Clock::sleep_until`] does not count,
    /// whatever guards it holds. The system clock needs no such notice and hands out an empty guard.
    fn busy(&self) -> BusyGuard {
        BusyGuard::empty()
    }
}

/// The side of a stepped clock that hears when a [`BusyGuard`] is dropped.
pub trait BusyTracker: Send + Sync {
    /// The work that was begun under `token` has ended.
    fn release(&self, token: u64);
}

/// Held while a task works on behalf of a simulated moment. See [`Clock::busy`].
#[must_use = "the guard ends the busy time when dropped"]
pub struct BusyGuard {
    tracker: Option<(Arc<dyn BusyTracker>, u64)>,
}

impl BusyGuard {
    /// A guard that tells nobody.
    pub fn empty() -> Self {
        Self { tracker: None }
    }

    /// A guard that calls `tracker.release(token)` when dropped.
    pub fn tracked(tracker: Arc<dyn BusyTracker>, token: u64) -> Self {
        Self { tracker: Some((tracker, token)) }
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        if let Some((tracker, token)) = self.tracker.take() {
            tracker.release(token);
        }
    }
}

impl fmt::Debug for BusyGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tracker.is_some() { "BusyGuard(tracked)" } else { "BusyGuard(empty)" })
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A sleeping task looks at the wall clock at least this often, so that a corrected clock is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(300);

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now().into()
    }

    async fn sleep_until(&self, wake: Timestamp) {
        while let Ok(left) = (wake - self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_NAP)).await;
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    fn monotonic(&self) -> Duration {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_clock_sleeps_until_the_moment_and_not_past_a_moment_gone() {
        let clock = SystemClock;
        let start = clock.now();
        clock.sleep_until(start - chrono::Duration::hours(1)).await;
        clock.sleep_until(start + chrono::Duration::milliseconds(20)).await;
        assert!(clock.now() >= start + chrono::Duration::milliseconds(20));
    }

    #[test]
    fn a_dropped_guard_tells_its_tracker_once() {
        struct Count(std::sync::atomic::AtomicU64);
        impl BusyTracker for Count {
            fn release(&self, token: u64) {
                self.0.fetch_add(token, std::sync::atomic::Ordering::SeqCst);
            }
        }
        let count = Arc::new(Count(0.into()));
        drop(BusyGuard::tracked(count.clone(), 7));
        drop(BusyGuard::empty());
        assert_eq!(count.0.load(std::sync::atomic::Ordering::SeqCst), 7);
    }
}
