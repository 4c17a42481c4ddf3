//! A clock that jumps to the earliest sleeper when nobody is busy.

mod settle;
mod world;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use ordersync_types::{BusyGuard, BusyTracker, Clock, SharedClock, SystemClock, Timestamp};
use tokio::sync::Notify;

use world::{TaskKey, World};

/// Hears the new moment after each move of time. Called outside the clock's lock, with the clock held still.
pub type StepObserver = Arc<dyn Fn(Timestamp) + Send + Sync>;

/// How a [`SteppedClock`] behaves under a driver.
#[derive(Clone)]
pub struct SteppedSettings {
    /// For how long nothing may happen at the clock before it jumps, in real time (tokio rounds up to whole
    /// milliseconds). Zero: the yields alone, for worlds without sockets.
    pub settle: Duration,
    /// How often the driver lets others run after that wait, before it looks whether something happened.
    pub yields: u32,
    /// The longest step, when the earliest sleeper is further away.
    pub longest_jump: Option<Duration>,
    /// Where time stops. Who sleeps beyond it stays asleep.
    pub end: Option<Timestamp>,
    /// Hears of each step.
    pub observer: Option<StepObserver>,
}

impl Default for SteppedSettings {
    /// 1 ms and 4 yields; no longest step, no end, no observer.
    fn default() -> Self {
        Self { settle: Duration::from_millis(1), yields: 4, longest_jump: None, end: None, observer: None }
    }
}

impl fmt::Debug for SteppedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SteppedSettings")
            .field("settle", &self.settle)
            .field("yields", &self.yields)
            .field("longest_jump", &self.longest_jump)
            .field("end", &self.end)
            .field("observer", &self.observer.is_some())
            .finish()
    }
}

/// Simulated time. Clones are the same clock.
///
/// Time moves in two ways only: by a driver ([`Self::drive`], [`Self::run_until`]), which jumps to the earliest
/// sleeper when nobody is busy, or by hand ([`Self::advance_to`]). It never goes back.
///
/// **Who is busy.** A guard belongs to the task that took it, wherever it is dropped. A task is busy when it holds a
/// guard younger than its youngest sleep that still goes on, or any guard when none goes on; and from the moment a
/// sleep of it comes due until it has noticed, by the same rule. So guards that were there when a sleep began are
/// excused while it lasts: the sleeper may hold them itself. When several futures are joined in one task they cannot
/// be told apart: a branch that works under a guard from before another branch's sleep is excused with it. Such
/// branches belong in tasks of their own, or take their guards anew.
#[derive(Clone)]
pub struct SteppedClock {
    shared: Arc<Shared>,
}

struct Shared {
    settings: SteppedSettings,
    world: Mutex<World>,
    /// Told of changes that leave nobody busy, of moves of time and of a new end.
    changed: Notify,
    /// One looks at a time whether the runtime is quiet, for two would each see the other at work.
    settling: tokio::sync::Mutex<()>,
}

impl SteppedClock {
    /// A clock that stands at `start`, with the default settings.
    pub fn new(start: Timestamp) -> Self {
        Self::with_settings(start, SteppedSettings::default())
    }

    /// A clock that stands at `start`.
    pub fn with_settings(start: Timestamp, settings: SteppedSettings) -> Self {
        let world = Mutex::new(World::new(start, settings.end));
        Self { shared: Arc::new(Shared { settings, world, changed: Notify::new(), settling: Default::default() }) }
    }

    /// The same clock as the product's crates take it.
    pub fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }

    /// Moves time until dropped; for a task of its own (`JoinSet`). Sleeps itself while nobody sleeps or somebody is
    /// busy.
    ///
    /// Before a jump nobody is busy, and for [`SteppedSettings::settle`] nothing has happened at the clock and the
    /// runtime has come to rest. So work that is handed from task to task without a guard is waited for as well, but
    /// for answers from outside the runtime only a guard holds time.
    pub fn drive(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = self.shared.clone();
        async move {
            let longest = shared.settings.longest_jump;
            loop {
                let (now, wakers) = shared.settled(|world| world.next_stop(longest).is_some(), step(longest)).await;
                shared.arrived(now, wakers);
            }
        }
    }

    /// Drives the clock up to `moment` and returns when everybody has done what there was to do then. The caller
    /// counts as asleep. Not beside another driver, which would go on past `moment`, and not to a moment after the
    /// end, which never comes.
    pub async fn run_until(&self, moment: Timestamp) {
        tokio::select! {
            () = self.drive() => {}
            () = self.sleep_until(moment) => {}
        }
        self.idle().await;
    }

    /// Moves time to `moment` by hand, past sleepers, guards, longest step and end, and wakes whoever is due: the
    /// earliest first, but each finds it to be `moment` already. Does nothing when `moment` is not after now.
    pub fn advance_to(&self, moment: Timestamp) {
        let wakers = {
            let mut world = self.shared.world();
            if moment <= world.now() {
                return;
            }
            world.move_to(moment)
        };
        self.shared.arrived(moment, wakers);
    }

    /// [`Self::advance_to`] by a length of time. Does nothing when that leads out of the calendar.
    pub fn advance_by(&self, time: Duration) {
        let step = chrono::TimeDelta::from_std(time).ok();
        if let Some(moment) = step.and_then(|step| self.now().checked_add_signed(step)) {
            self.advance_to(moment);
        }
    }

    /// Sets another end, or none. An end in the past stops time where it is.
    pub fn set_end(&self, end: Option<Timestamp>) {
        self.shared.world().set_end(end);
        self.shared.changed.notify_waiters();
    }

    /// Waits until time has come to its end and everybody is idle. Without an end, or when nobody ever sleeps, it
    /// waits for good. The caller holds no guard.
    pub async fn reached_end(&self) {
        self.shared.settled(World::at_end, |_| ()).await;
    }

    /// Waits until nobody is busy and nothing happens any more without a move of time. The caller holds no guard.
    pub async fn idle(&self) {
        self.shared.settled(|_| true, |_| ()).await;
    }

    /// How many sleeps go on.
    pub fn sleepers(&self) -> usize {
        self.shared.world().sleepers()
    }

    /// The moment of the earliest sleeper.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.shared.world().next_wake()
    }

    /// How many tasks are busy.
    pub fn busy_tasks(&self) -> usize {
        self.shared.world().busy_tasks()
    }
}

impl fmt::Debug for SteppedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.world().fmt(f)
    }
}

#[async_trait]
impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        self.shared.world().now()
    }

    async fn sleep_until(&self, wake: Timestamp) {
        Sleep { shared: &self.shared, wake, number: None }.await;
    }

    /// Real time: it serves measurements.
    fn monotonic(&self) -> Duration {
        SystemClock.monotonic()
    }

    fn busy(&self) -> BusyGuard {
        self.shared.clone().busy()
    }
}

/// Moves time on by one step, where there is one.
fn step(longest: Option<Duration>) -> impl FnOnce(&mut World) -> (Timestamp, Vec<Waker>) {
    move |world| {
        let to = world.next_stop(longest).unwrap_or(world.now());
        (to, world.move_to(to))
    }
}

impl Shared {
    /// The lock is held for a few lines only, none of which panics.
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy(self: Arc<Self>) -> BusyGuard {
        let token = self.world().take_guard(TaskKey::current());
        BusyGuard::tracked(self, token)
    }

    /// Changes the world, and tells those who wait for it to be idle when that may be so now. Without a change they
    /// are not told: one that waits and sleeps in one task would wake itself for ever.
    fn change<R>(&self, what: impl FnOnce(&mut World) -> R) -> R {
        let (result, tell) = {
            let mut world = self.world();
            let before = world.changes();
            let result = what(&mut world);
            (result, world.changes() != before && world.busy_tasks() == 0)
        };
        if tell {
            self.changed.notify_waiters();
        }
        result
    }

    /// After a move of time: wakes the sleepers and tells the observer.
    fn arrived(self: &Arc<Self>, now: Timestamp, wakers: Vec<Waker>) {
        let _still = self.clone().busy();
        for waker in wakers {
            waker.wake();
        }
        if let Some(observer) = &self.settings.observer {
            observer(now);
        }
        self.changed.notify_waiters();
    }
}

impl BusyTracker for Shared {
    fn release(&self, token: u64) {
        self.change(|world| world.release_guard(token));
    }
}

/// A sleep; forgotten by the clock when dropped.
struct Sleep<'a> {
    shared: &'a Shared,
    wake: Timestamp,
    /// The sleep's number at the clock, while it is known there.
    number: Option<u64>,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { shared, wake, number } = &mut *self;
        let over = shared.change(|world| world.poll_sleep(number, *wake, TaskKey::current(), context.waker()));
        if over { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number.take() {
            self.shared.change(|world| world.forget_sleep(number, self.wake));
        }
    }
}
