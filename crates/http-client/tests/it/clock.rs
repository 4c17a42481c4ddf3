//! A clock that jumps: whoever sleeps is woken at once, and the time has passed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use ordersync_types::{BusyGuard, BusyTracker, Clock, SharedClock, Timestamp};

#[derive(Debug, Clone)]
pub(crate) struct ManualClock(Arc<State>);

#[derive(Debug)]
struct State {
    now_ms: AtomicI64,
    naps: Mutex<Vec<Duration>>,
    busy: Arc<Busy>,
}

#[derive(Debug, Default)]
struct Busy(AtomicI64);

impl ManualClock {
    /// 2026-11-02T09:00:00Z.
    pub(crate) fn new() -> Self {
        let now_ms = AtomicI64::new(1_793_610_000_000);
        Self(Arc::new(State { now_ms, naps: Mutex::default(), busy: Arc::default() }))
    }

    pub(crate) fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }

    /// How long each sleeper slept.
    pub(crate) fn naps(&self) -> Vec<Duration> {
        self.0.naps.lock().unwrap().clone()
    }

    /// Guards given out and not yet dropped.
    pub(crate) fn busy_tasks(&self) -> i64 {
        self.0.busy.0.load(Ordering::SeqCst)
    }
}

impl BusyTracker for Busy {
    fn release(&self, _: u64) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp_millis(self.0.now_ms.load(Ordering::SeqCst)).unwrap()
    }

    async fn sleep_until(&self, wake: Timestamp) {
        let nap = wake - self.now();
        if nap > TimeDelta::zero() {
            self.0.naps.lock().unwrap().push(nap.to_std().unwrap());
            self.0.now_ms.fetch_max(wake.timestamp_millis(), Ordering::SeqCst);
        }
        tokio::task::yield_now().await;
    }

    fn monotonic(&self) -> Duration {
        (self.now() - DateTime::UNIX_EPOCH).to_std().unwrap()
    }

    fn busy(&self) -> BusyGuard {
        self.0.busy.0.fetch_add(1, Ordering::SeqCst);
        BusyGuard::tracked(self.0.busy.clone(), 0)
    }
}
