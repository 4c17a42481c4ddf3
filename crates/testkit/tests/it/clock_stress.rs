//! Many tasks that work, wait and hand work on at random: time never moves under a task that works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ordersync_testkit::{SteppedClock, SteppedSettings};
use ordersync_types::Clock;
use tokio::task::JoinSet;

use crate::clock::{at, driven};

/// Xorshift: enough for choices in a test.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

async fn work(dice: &mut Dice) {
    match dice.below(8) {
        0 => tokio::time::sleep(Duration::from_millis(dice.below(4))).await,
        1 => std::thread::sleep(Duration::from_micros(dice.below(1_500))),
        2 => {}
        _ => {
            for _ in 0..dice.below(10) {
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn one_task(clock: SteppedClock, seed: u64, rounds: u64, done: Arc<AtomicU64>) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..rounds {
        let guard = clock.busy();
        let now = clock.now();
        work(&mut dice).await;
        assert_eq!(clock.now(), now, "time moved under a guard");
        let wake = now + chrono::TimeDelta::seconds(i64::try_from(dice.below(600)).unwrap());
        match dice.below(4) {
            // sleep under the guard, as a call does between its tries
            0 => {
                clock.sleep_until(wake).await;
                assert_eq!(clock.now(), wake, "woken late");
                work(&mut dice).await;
                assert_eq!(clock.now(), wake, "time moved under a guard after a sleep");
            }
            // hand the work to another task and wait for it there
            1 => {
                let (other, mut tasks) = (clock.clone(), JoinSet::new());
                tasks.spawn(async move {
                    let _busy = other.busy();
                    drop(guard);
                    tokio::task::yield_now().await;
                    assert_eq!(other.now(), now, "time moved while the work was handed over");
                });
                while let Some(joined) = tasks.join_next().await {
                    joined.unwrap();
                }
            }
            // give a sleep up
            2 => {
                drop(guard);
                tokio::select! {
                    () = clock.sleep_until(wake) => {}
                    () = work(&mut dice) => {}
                }
            }
            _ => {
                drop(guard);
                clock.sleep_until(wake).await;
                assert!(clock.now() >= wake);
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
}

async fn stress(settings: SteppedSettings, tasks: u64, rounds: u64) {
    let (clock, _driver) = driven(settings);
    let done = Arc::new(AtomicU64::new(0));
    let mut all = JoinSet::new();
    for seed in 1..=tasks {
        all.spawn(one_task(clock.clone(), seed, rounds, done.clone()));
    }
    let finished = tokio::time::timeout(Duration::from_secs(120), async {
        while let Some(joined) = all.join_next().await {
            joined.unwrap();
        }
    });
    assert!(finished.await.is_ok(), "it hangs after {} rounds: {clock:?}", done.load(Ordering::Relaxed));
    assert_eq!(done.load(Ordering::Relaxed), tasks * rounds);
    assert_eq!((clock.busy_tasks(), clock.sleepers()), (0, 0));
    assert!(clock.now() > at(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn time_never_moves_while_a_task_works() {
    stress(SteppedSettings::default(), 60, 25).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nor_without_a_wait_in_real_time() {
    stress(SteppedSettings { settle: Duration::ZERO, yields: 1, ..SteppedSettings::default() }, 60, 25).await;
}

#[tokio::test]
async fn nor_on_one_thread_in_short_steps() {
    let settings = SteppedSettings { longest_jump: Some(Duration::from_secs(45)), ..SteppedSettings::default() };
    stress(settings, 40, 15).await;
}
