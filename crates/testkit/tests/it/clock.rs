//! How time moves: jumps, ends, steps, by hand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ordersync_testkit::{SteppedClock, SteppedSettings};
use ordersync_types::{Clock, SystemClock, Timestamp};
use tokio::task::JoinSet;

/// `seconds` after 2026-11-02T09:00:00Z.
pub(crate) fn at(seconds: i64) -> Timestamp {
    "2026-11-02T09:00:00Z".parse::<Timestamp>().unwrap() + chrono::TimeDelta::seconds(seconds)
}

pub(crate) const HOUR: i64 = 3_600;

/// A clock at the start with a driver in a task of its own.
pub(crate) fn driven(settings: SteppedSettings) -> (SteppedClock, JoinSet<()>) {
    let clock = SteppedClock::with_settings(at(0), settings);
    let mut driver = JoinSet::new();
    driver.spawn(clock.drive());
    (clock, driver)
}

/// Fails instead of hanging.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it hangs")
}

/// Long enough in real time for a driver to jump many times.
pub(crate) async fn a_while() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

#[tokio::test]
async fn sleepers_wake_in_the_order_of_their_moments() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for hours in [5, 1, 400 * 24, 3, 2, 4] {
        let (clock, woken) = (clock.clone(), woken.clone());
        tasks.spawn(async move {
            clock.sleep_until(at(hours * HOUR)).await;
            assert_eq!(clock.now(), at(hours * HOUR), "time stands still until the woken task has looked");
            woken.lock().unwrap().push(hours);
        });
    }
    soon(tasks.join_all()).await;
    assert_eq!(*woken.lock().unwrap(), [1, 2, 3, 4, 5, 400 * 24]);
    assert_eq!(clock.now(), at(400 * 24 * HOUR));
}

#[tokio::test]
async fn sleepers_of_one_moment_wake_in_the_order_they_went_to_sleep() {
    let (clock, woken) = (SteppedClock::new(at(0)), Arc::new(Mutex::new(Vec::new())));
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let (clock, woken) = (clock.clone(), woken.clone());
        tasks.spawn(async move {
            clock.sleep_until(at(60)).await;
            woken.lock().unwrap().push(number);
        });
    }
    soon(clock.run_until(at(60))).await;
    assert_eq!(*woken.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_moment_gone_is_not_slept_for() {
    let clock = SteppedClock::new(at(0));
    soon(clock.sleep_until(at(0))).await;
    soon(clock.sleep_until(at(-HOUR))).await;
    assert_eq!((clock.now(), clock.sleepers()), (at(0), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tasks_play_ping_pong() {
    const ROUNDS: i64 = 200;
    let (clock, _driver) = driven(SteppedSettings::default());
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for player in 0..2 {
        let (clock, log) = (clock.clone(), log.clone());
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                clock.sleep_until(at(1 + player + 2 * round)).await;
                log.lock().unwrap().push((player, clock.now()));
            }
        });
    }
    soon(tasks.join_all()).await;
    let expected: Vec<_> = (0..2 * ROUNDS).map(|turn| (turn % 2, at(1 + turn))).collect();
    assert_eq!(*log.lock().unwrap(), expected);
}

/// Work that goes from task to task without a guard is waited for: the clock looks at the runtime as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_hand_over_without_guards_is_waited_for() {
    let (clock, _driver) = driven(SteppedSettings::default());
    for round in 1..=50 {
        let moment = at(round * HOUR);
        let mut tasks = JoinSet::new();
        let (first_in, mut message) = tokio::sync::mpsc::channel(1);
        let sender = clock.clone();
        tasks.spawn(async move {
            sender.sleep_until(moment).await;
            first_in.send(sender.now()).await.unwrap();
        });
        for _ in 0..20 {
            let (next_in, next) = tokio::sync::mpsc::channel(1);
            let clock = clock.clone();
            tasks.spawn(async move {
                let sent_at = message.recv().await.unwrap();
                // longer than the clock's own wait, on a worker
                std::thread::sleep(Duration::from_micros(500));
                assert_eq!(clock.now(), sent_at, "time moved while the message was under way");
                let _nobody_listens_at_last = next_in.send(sent_at).await;
            });
            message = next;
        }
        let other = clock.clone();
        tasks.spawn(async move { other.sleep_until(moment + chrono::TimeDelta::seconds(1)).await });
        soon(tasks.join_all()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sleepers() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for number in 0..1_000_i64 {
        let (clock, woken) = (clock.clone(), woken.clone());
        tasks.spawn(async move {
            let moment = at(1 + number * 7_919 % 100);
            clock.sleep_until(moment).await;
            assert_eq!(clock.now(), moment);
            woken.lock().unwrap().push(moment);
        });
    }
    soon(tasks.join_all()).await;
    let woken = woken.lock().unwrap();
    assert!(woken.len() == 1_000 && woken.is_sorted());
    assert_eq!((clock.now(), clock.sleepers(), clock.busy_tasks()), (at(100), 0, 0));
}

#[tokio::test]
async fn a_dropped_sleep_is_forgotten() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let guard = clock.busy();
    let mut tasks = JoinSet::new();
    let sleeper = clock.clone();
    tasks.spawn(async move { sleeper.sleep_until(at(HOUR)).await });
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(clock.next_wake(), Some(at(HOUR)));
    tasks.shutdown().await;
    assert_eq!((clock.sleepers(), clock.next_wake()), (0, None));
    drop(guard);
    a_while().await;
    assert_eq!(clock.now(), at(0), "nobody sleeps, so time stands");
    soon(clock.sleep_until(at(2 * HOUR))).await;
    assert_eq!(clock.now(), at(2 * HOUR));
}

#[tokio::test]
async fn a_sleep_dropped_after_it_came_due_holds_nothing_up() {
    let clock = SteppedClock::new(at(0));
    let mut sleep = clock.sleep_until(at(1));
    let waited = tokio::time::timeout(Duration::from_millis(1), &mut sleep).await;
    assert!(waited.is_err());
    clock.advance_to(at(1));
    assert_eq!(clock.busy_tasks(), 1, "due and not noticed");
    drop(sleep);
    assert_eq!((clock.busy_tasks(), clock.sleepers()), (0, 0));
}

#[tokio::test]
async fn time_stops_at_its_end_and_says_so() {
    let (clock, _driver) = driven(SteppedSettings { end: Some(at(10)), ..SteppedSettings::default() });
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for seconds in [4, 10, 11, 30] {
        let (clock, woken) = (clock.clone(), woken.clone());
        tasks.spawn(async move {
            clock.sleep_until(at(seconds)).await;
            let _busy = clock.busy();
            a_while().await;
            woken.lock().unwrap().push(seconds);
        });
    }
    soon(clock.reached_end()).await;
    assert_eq!(*woken.lock().unwrap(), [4, 10], "the end is reached when its own work is done");
    a_while().await;
    assert_eq!((clock.now(), clock.sleepers()), (at(10), 2));
    clock.set_end(Some(at(20)));
    soon(clock.reached_end()).await;
    assert_eq!((clock.now(), clock.sleepers()), (at(20), 1), "nobody wakes at the end, time comes there all the same");
    clock.set_end(None);
    soon(tasks.join_all()).await;
    assert_eq!(clock.now(), at(30));
}

#[tokio::test]
async fn an_end_in_the_past_stops_time_where_it_is() {
    let (clock, _driver) = driven(SteppedSettings::default());
    soon(clock.sleep_until(at(10))).await;
    clock.set_end(Some(at(5)));
    let sleeper = clock.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { sleeper.sleep_until(at(20)).await });
    soon(clock.reached_end()).await;
    a_while().await;
    assert_eq!((clock.now(), clock.sleepers()), (at(10), 1));
}

#[tokio::test]
async fn a_long_sleep_is_taken_in_steps_and_each_is_told() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let (clock, _driver) = driven(SteppedSettings {
        longest_jump: Some(Duration::from_secs(12 * 3_600)),
        observer: Some(Arc::new(move |now| told.lock().unwrap().push(now))),
        ..SteppedSettings::default()
    });
    soon(clock.sleep_until(at(30 * HOUR))).await;
    soon(clock.sleep_until(at(31 * HOUR))).await;
    assert_eq!(*seen.lock().unwrap(), [12, 24, 30, 31].map(|hours| at(hours * HOUR)));
}

#[tokio::test]
async fn an_observer_that_starts_work_is_waited_for() {
    let (beats, mut beat) = tokio::sync::mpsc::unbounded_channel();
    let (clock, _driver) = driven(SteppedSettings {
        longest_jump: Some(Duration::from_secs(3_600)),
        observer: Some(Arc::new(move |now| beats.send(now).unwrap())),
        ..SteppedSettings::default()
    });
    let listener = clock.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut heard = 0;
        while let Some(now) = beat.recv().await {
            let _busy = listener.busy();
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert_eq!(listener.now(), now);
            heard += 1;
            if heard == 24 {
                return;
            }
        }
    });
    soon(clock.sleep_until(at(24 * HOUR))).await;
    soon(tasks.join_all()).await;
}

#[tokio::test]
async fn by_hand_time_goes_where_it_is_told() {
    let clock = SteppedClock::new(at(0));
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    for seconds in [3, 1, 2, 100] {
        let (clock, woken) = (clock.clone(), woken.clone());
        tasks.spawn(async move {
            clock.sleep_until(at(seconds)).await;
            woken.lock().unwrap().push((seconds, clock.now()));
        });
    }
    soon(clock.idle()).await;
    assert_eq!((clock.now(), clock.sleepers()), (at(0), 4), "without a driver time stands");
    clock.advance_to(at(5));
    soon(clock.idle()).await;
    assert_eq!(*woken.lock().unwrap(), [(1, at(5)), (2, at(5)), (3, at(5))]);
    clock.advance_to(at(4));
    assert_eq!(clock.now(), at(5), "time never goes back");
    clock.advance_by(Duration::from_secs(95));
    soon(tasks.join_all()).await;
    assert_eq!(clock.now(), at(100));
}

#[tokio::test]
async fn a_run_wakes_everybody_at_their_own_moment_and_goes_no_further() {
    let clock = SteppedClock::new(at(0));
    let woken = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = JoinSet::new();
    let (sleeper, log) = (clock.clone(), woken.clone());
    tasks.spawn(async move {
        for minute in 1.. {
            sleeper.sleep_until(at(60 * minute)).await;
            log.lock().unwrap().push(sleeper.now());
        }
    });
    soon(clock.run_until(at(200))).await;
    assert_eq!((woken.lock().unwrap().len(), clock.now()), (3, at(200)));
    soon(clock.run_until(at(240))).await;
    assert_eq!((woken.lock().unwrap().len(), clock.now()), (4, at(240)));
    assert_eq!(*woken.lock().unwrap(), [60, 120, 180, 240].map(at));
}

#[tokio::test]
async fn without_a_wait_in_real_time_the_yields_alone_separate_the_jumps() {
    let settings = SteppedSettings { settle: Duration::ZERO, ..SteppedSettings::default() };
    let (clock, _driver) = driven(settings);
    for minute in 1..=10_000 {
        soon(clock.sleep_until(at(60 * minute))).await;
        assert_eq!(clock.now(), at(60 * minute));
    }
}

/// How often `what` is polled within a while.
async fn polls_in_a_while(what: impl Future<Output = ()>) -> usize {
    let (mut what, mut polls) = (std::pin::pin!(what), 0);
    let counted = std::future::poll_fn(|context| {
        polls += 1;
        what.as_mut().poll(context)
    });
    assert!(tokio::time::timeout(Duration::from_millis(150), counted).await.is_err(), "it ended");
    polls
}

#[tokio::test]
async fn a_driver_without_anything_to_do_sleeps() {
    let settings = SteppedSettings { end: Some(at(HOUR)), ..SteppedSettings::default() };
    let clock = SteppedClock::with_settings(at(0), settings);
    assert!(polls_in_a_while(clock.drive()).await <= 2, "nobody sleeps");
    let guard = clock.busy();
    let mut tasks = JoinSet::new();
    let sleeper = clock.clone();
    tasks.spawn(async move { sleeper.sleep_until(at(2 * HOUR)).await });
    assert!(polls_in_a_while(clock.drive()).await <= 2, "somebody is busy");
    drop(guard);
    soon(async {
        tokio::select! { () = clock.drive() => {}, () = clock.reached_end() => {} }
    })
    .await;
    assert!(polls_in_a_while(clock.drive()).await <= 2, "the end is reached");
    let both = async {
        tokio::select! { biased; () = clock.drive() => {}, () = clock.sleep_until(at(3 * HOUR)) => {} }
    };
    assert!(polls_in_a_while(both).await <= 4, "it sleeps beyond the end beside its driver");
}

/// A task that only yields keeps the runtime awake; that alone must not stop time for good.
#[tokio::test]
async fn a_task_that_never_rests_delays_time_only() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let mut tasks = JoinSet::new();
    tasks.spawn(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    soon(clock.sleep_until(at(HOUR))).await;
    assert_eq!(clock.now(), at(HOUR));
}

#[tokio::test]
async fn the_monotonic_clock_is_real() {
    let clock = SteppedClock::new(at(0));
    let (before, real) = (clock.monotonic(), SystemClock.monotonic());
    clock.advance_by(Duration::from_secs(1_000_000));
    assert!(clock.monotonic() - before < Duration::from_secs(1_000));
    assert!(before <= real);
}

#[tokio::test]
async fn a_clock_that_stands_still_says_why() {
    let clock = SteppedClock::new(at(0));
    let _guard = clock.busy();
    let text = format!("{clock:?}");
    assert!(text.contains("1 guards") && text.contains("2026-11-02T09:00:00Z"), "{text}");
}
