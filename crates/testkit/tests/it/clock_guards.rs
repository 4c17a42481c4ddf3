//! Who is busy: guards, sleeps, and several futures in one task.

use std::time::Duration;

use ordersync_testkit::{SteppedClock, SteppedSettings};
use ordersync_types::Clock;
use tokio::task::JoinSet;

use crate::clock::{HOUR, a_while, at, driven, soon};

#[tokio::test]
async fn a_guard_of_a_working_task_holds_time() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let sleeper = clock.clone();
    let mut tasks = JoinSet::new();
    let guard = clock.busy();
    tasks.spawn(async move { sleeper.sleep_until(at(HOUR)).await });
    a_while().await;
    assert_eq!((clock.now(), clock.busy_tasks(), clock.sleepers()), (at(0), 1, 1));
    drop(guard);
    soon(tasks.join_all()).await;
    assert_eq!(clock.now(), at(HOUR));
}

#[tokio::test]
async fn guards_of_a_sleeping_task_do_not_hold_time_and_count_again_when_it_wakes() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let mut tasks = JoinSet::new();
    let call = clock.clone();
    tasks.spawn(async move {
        let _outer = call.busy();
        let _inner = call.busy();
        call.sleep_until(at(HOUR)).await;
        a_while().await;
        assert_eq!(call.now(), at(HOUR), "it works again, under its old guards");
        call.sleep_until(at(2 * HOUR)).await;
        assert_eq!(call.now(), at(2 * HOUR));
    });
    let other = clock.clone();
    tasks.spawn(async move {
        for minutes in 1..=120 {
            other.sleep_until(at(60 * minutes)).await;
        }
    });
    soon(tasks.join_all()).await;
    assert_eq!(clock.busy_tasks(), 0);
}

#[tokio::test]
async fn a_guard_that_is_handed_over_stays_its_takers() {
    let clock = SteppedClock::new(at(0));
    let (hand_over, mut handed_over) = tokio::sync::mpsc::channel(1);
    let mut tasks = JoinSet::new();
    let taker = clock.clone();
    tasks.spawn(async move {
        hand_over.send(taker.busy()).await.unwrap();
        taker.sleep_until(at(HOUR)).await;
    });
    let guard = soon(handed_over.recv()).await.unwrap();
    while clock.sleepers() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(clock.busy_tasks(), 0, "its taker sleeps");
    soon(clock.run_until(at(HOUR / 2))).await;
    tasks.shutdown().await;
    assert_eq!(clock.busy_tasks(), 1, "its taker is gone and sleeps no more");
    drop(guard);
    assert_eq!(clock.busy_tasks(), 0);
}

#[tokio::test]
async fn a_guard_taken_beside_a_sleep_of_the_same_task_holds_time() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let deadline = clock.sleep_until(at(HOUR));
    let work = async {
        tokio::task::yield_now().await;
        let _busy = clock.busy();
        a_while().await;
        clock.now()
    };
    let now = soon(async {
        tokio::select! {
            biased;
            () = deadline => None,
            now = work => Some(now),
        }
    })
    .await;
    assert_eq!(now, Some(at(0)), "the deadline did not pass while the work went on");
}

#[tokio::test]
async fn the_older_guards_of_joined_sleeps_hold_nothing_up() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let call = |seconds: i64| {
        let clock = clock.clone();
        async move {
            let _busy = clock.busy();
            clock.sleep_until(at(seconds)).await;
            tokio::task::yield_now().await;
            clock.sleep_until(at(seconds * 3)).await;
            clock.now()
        }
    };
    let (a, b, c) = soon(async { tokio::join!(call(10), call(20), call(40)) }).await;
    assert_eq!((a, b, c), (at(30), at(60), at(120)));
    assert_eq!((clock.busy_tasks(), clock.sleepers()), (0, 0));
}

/// The first branch wakes and works under a new guard, while the second sleeps on.
#[tokio::test]
async fn a_new_guard_in_one_branch_counts_while_the_other_branch_sleeps() {
    let (clock, _driver) = driven(SteppedSettings::default());
    let works = async {
        clock.sleep_until(at(10)).await;
        let _busy = clock.busy();
        a_while().await;
        assert_eq!(clock.now(), at(10));
    };
    let sleeps = async {
        let _busy = clock.busy();
        clock.sleep_until(at(20)).await;
        assert_eq!(clock.now(), at(20));
    };
    soon(async { tokio::join!(works, sleeps) }).await;
}

#[tokio::test]
async fn a_sleep_counts_for_the_task_that_polls_it() {
    let clock = SteppedClock::new(at(0));
    let sleeper = clock.clone();
    let mut sleep: std::pin::Pin<Box<dyn Future<Output = ()> + Send>> =
        Box::pin(async move { sleeper.sleep_until(at(HOUR)).await });
    let begun = tokio::time::timeout(Duration::from_millis(1), &mut sleep).await;
    assert!(begun.is_err() && clock.sleepers() == 1);
    let mut tasks = JoinSet::new();
    let holder = clock.clone();
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    tasks.spawn(async move {
        let _busy = holder.busy();
        ready.send(()).unwrap();
        tokio::task::yield_now().await;
        sleep.await;
    });
    soon(is_ready).await.unwrap();
    assert_eq!(clock.busy_tasks(), 1);
    while clock.busy_tasks() == 1 {
        tokio::task::yield_now().await;
    }
    // for the task that polls it now the sleep began when it came there, after the guard
    clock.advance_to(at(HOUR));
    soon(tasks.join_all()).await;
}

#[test]
fn a_guard_outside_any_runtime_belongs_to_its_thread() {
    let clock = SteppedClock::new(at(0));
    let guard = clock.busy();
    let elsewhere = clock.clone();
    std::thread::spawn(move || drop(elsewhere.busy())).join().unwrap();
    assert_eq!(clock.busy_tasks(), 1);
    std::thread::spawn(move || drop(guard)).join().unwrap();
    assert_eq!(clock.busy_tasks(), 0);
}
