//! Whether everybody has come to rest: nobody is busy, nothing happens at the clock, and the runtime has no work.

use std::pin::pin;
use std::time::Duration;

use ordersync_types::{Clock, SystemClock};
use tokio::runtime::{Handle, RuntimeFlavor, RuntimeMetrics};

use super::Shared;
use super::world::World;

/// A runtime that never comes to rest (a task that only yields, for example) is no longer waited for after this long
/// without a change at the clock. Guards are waited for without limit.
const PATIENCE: Duration = Duration::from_millis(100);

impl Shared {
    /// Waits until nobody is busy, `ready` holds and all has come to rest, then does `then` before anything changes.
    pub(super) async fn settled<R>(
        &self,
        ready: impl Fn(&World) -> bool + Send + Sync,
        then: impl FnOnce(&mut World) -> R + Send,
    ) -> R {
        loop {
            self.until(|world| world.busy_tasks() == 0 && ready(world)).await;
            let _turn = self.settling.lock().await;
            let seen = self.world().changes();
            self.rest(seen).await;
            let mut world = self.world();
            if world.changes() == seen && world.busy_tasks() == 0 && ready(&world) {
                return then(&mut world);
            }
        }
    }

    async fn until(&self, ready: impl Fn(&World) -> bool + Send + Sync) {
        loop {
            let mut changed = pin!(self.changed.notified());
            // before looking, so that a change in between is not missed
            changed.as_mut().enable();
            if ready(&self.world()) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the runtime has come to rest, or something has changed since `seen`.
    async fn rest(&self, seen: u64) {
        let runtime = Runtime::current();
        let began = SystemClock.monotonic();
        loop {
            let parks = runtime.as_ref().map(Runtime::parks);
            if !self.settings.settle.is_zero() {
                tokio::time::sleep(self.settings.settle).await;
            }
            for _ in 0..self.settings.yields {
                tokio::task::yield_now().await;
            }
            if self.world().changes() != seen {
                return;
            }
            let parks = parks.filter(|_| !self.settings.settle.is_zero());
            let at_rest = runtime.as_ref().is_none_or(|runtime| runtime.is_at_rest(parks));
            if at_rest || SystemClock.monotonic().saturating_sub(began) >= PATIENCE {
                return;
            }
        }
    }
}

/// The runtime that drives the clock.
struct Runtime {
    metrics: RuntimeMetrics,
    /// Workers that may be awake: the one that polls us.
    awake: usize,
}

impl Runtime {
    fn current() -> Option<Self> {
        let handle = Handle::try_current().ok()?;
        // the future of `block_on` is polled by a worker on a runtime of one thread only
        let on_worker = handle.runtime_flavor() == RuntimeFlavor::CurrentThread || tokio::task::try_id().is_some();
        Some(Self { metrics: handle.metrics(), awake: usize::from(on_worker) })
    }

    /// How often workers have gone to rest, all together.
    fn parks(&self) -> u64 {
        (0..self.metrics.num_workers()).map(|worker| self.metrics.worker_park_count(worker)).sum()
    }

    /// All workers but ours rest, no task waits for one, and ours has rested too since there were `parks` rests.
    fn is_at_rest(&self, parks: Option<u64>) -> bool {
        // a worker counts when it goes to rest and again when it wakes: an odd number, it rests
        let awake = (0..self.metrics.num_workers())
            .filter(|worker| self.metrics.worker_park_unpark_count(*worker).is_multiple_of(2))
            .count();
        awake <= self.awake && self.metrics.global_queue_depth() == 0 && parks.is_none_or(|parks| self.parks() > parks)
    }
}
