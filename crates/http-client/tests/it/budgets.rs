//! Budgets: exact under any clock, under concurrency, and over a restart.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use ordersync_http_client::{
    Bucket, BudgetError, BudgetGrant, BudgetKey, BudgetLedger, ErrorKind, HttpClient, InMemoryLedger, Operation,
    RatePlan, Request, Retry,
};
use ordersync_types::Timestamp;
use proptest::prelude::*;
use tokio::task::JoinSet;

use crate::clock::ManualClock;
use crate::server::{ScriptedServer, ok};
use crate::settings;

const SEARCH: RatePlan = RatePlan::new(20, 178_572);

fn at(ms: i64) -> Timestamp {
    DateTime::from_timestamp_millis(1_793_610_000_000 + ms).unwrap()
}

fn key(account: &str) -> BudgetKey {
    BudgetKey { account: account.into(), operation: "searchOrders" }
}

fn plan() -> impl Strategy<Value = RatePlan> {
    (1_u32..50, 1_u64..300_000).prop_map(|(burst, interval_ms)| RatePlan::new(burst, interval_ms))
}

/// Takes once after each step of the clock and drains at some of them; returns how often it was granted.
fn grants(plan: RatePlan, steps: &[(i64, bool)]) -> i64 {
    let (mut now, mut granted) = (0, 0);
    let mut bucket = Bucket::full(plan, at(0));
    for (step, drains) in steps {
        now += step;
        if *drains {
            bucket = bucket.drain(plan, at(now));
        }
        let (next, grant) = bucket.take(plan, at(now));
        granted += i64::from(grant == BudgetGrant::Granted);
        let (credit, updated) = next.parts();
        assert!((0..=plan.full_ms()).contains(&credit));
        bucket = Bucket::from_parts(credit, updated);
    }
    granted
}

proptest! {
    #[test]
    fn never_more_than_burst_plus_elapsed_by_interval(
        plan in plan(),
        steps in prop::collection::vec((0_i64..400_000, prop::bool::weighted(0.05)), 1..300),
    ) {
        let elapsed: i64 = steps.iter().map(|(step, _)| step).sum();
        let most = i64::from(plan.burst()) + elapsed / plan.interval_ms();
        prop_assert!(grants(plan, &steps) <= most);
    }

    #[test]
    fn a_clock_that_steps_back_and_forth_a_little_earns_nothing(
        plan in plan(),
        wobble in prop::collection::vec(0_i64..Bucket::CLOCK_STEP_BACK_MS, 1..300),
    ) {
        // as from two daemons: every moment seen lies within the tolerance, so at most the tolerance has passed
        let mut before = 0;
        let steps: Vec<_> = wobble.iter().map(|now| { let step = now - before; before = *now; (step, false) }).collect();
        let passed = wobble.iter().max().copied().unwrap_or(0);
        prop_assert!(grants(plan, &steps) <= i64::from(plan.burst()) + passed / plan.interval_ms());
    }

    #[test]
    fn a_corrected_clock_earns_only_what_passes_forward(
        plan in plan(),
        steps in prop::collection::vec((-100_000_000_i64..1_000_000, Just(false)), 1..300),
    ) {
        let forward: i64 = steps.iter().map(|(step, _)| (*step).max(0)).sum();
        prop_assert!(grants(plan, &steps) <= i64::from(plan.burst()) + forward / plan.interval_ms());
    }

    #[test]
    fn the_moment_named_is_the_first_that_grants(plan in plan(), spent in 0_i64..300_000) {
        let empty = Bucket::full(plan, at(0)).drain(plan, at(0));
        let (waiting, grant) = empty.take(plan, at(spent));
        let BudgetGrant::WaitUntil(wake) = grant else { return Ok(()) };
        prop_assert_eq!(wake, at(plan.interval_ms()));
        prop_assert!(matches!(waiting.take(plan, wake - TimeDelta::milliseconds(1)).1, BudgetGrant::WaitUntil(_)));
        prop_assert_eq!(waiting.take(plan, wake).1, BudgetGrant::Granted);
    }
}

#[test]
fn a_clock_set_back_by_a_year_stops_nobody() {
    let year = 365 * 86_400_000;
    let bucket = Bucket::full(SEARCH, at(year)).drain(SEARCH, at(year));
    let (bucket, grant) = bucket.take(SEARCH, at(0));
    assert_eq!(grant, BudgetGrant::WaitUntil(at(178_572)), "no token for the step, and none lost for a year");
    assert_eq!(bucket.take(SEARCH, at(178_572)).1, BudgetGrant::Granted);
    // a small step is waited out
    let bucket = Bucket::full(SEARCH, at(60_000)).drain(SEARCH, at(60_000));
    assert_eq!(bucket.take(SEARCH, at(0)).1, BudgetGrant::WaitUntil(at(60_000 + 178_572)));
}

#[test]
fn extreme_numbers_do_not_overflow() {
    let huge = RatePlan::new(u32::MAX, u64::MAX);
    assert!(huge.full_ms() > 0);
    for (credit, updated) in [(i64::MAX, i64::MIN), (i64::MIN, i64::MAX), (0, i64::MIN), (0, i64::MAX)] {
        for now in [Timestamp::MIN_UTC, at(0), Timestamp::MAX_UTC] {
            let (bucket, _) = Bucket::from_parts(credit, updated).take(huge, now);
            let (bucket, _) = bucket.drain(huge, now).take(SEARCH, now);
            assert!(bucket.parts().0 >= 0);
        }
    }
    let least = RatePlan::new(0, 0);
    assert_eq!((least.burst(), least.interval()), (1, Duration::from_millis(1)));
}

#[test]
fn a_smaller_plan_cuts_the_credit() {
    let small = RatePlan::new(2, 1_000);
    let mut bucket = Bucket::full(SEARCH, at(0));
    for _ in 0..2 {
        let (next, grant) = bucket.take(small, at(0));
        assert_eq!(grant, BudgetGrant::Granted);
        bucket = next;
    }
    assert!(matches!(bucket.take(small, at(0)).1, BudgetGrant::WaitUntil(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_at_once_share_one_budget_exactly() {
    let ledger = Arc::new(InMemoryLedger::new());
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let ledger = ledger.clone();
        tasks.spawn(async move {
            let mut granted = 0;
            for _ in 0..10 {
                granted += u32::from(ledger.take(&key("one"), SEARCH, at(0)).await.unwrap() == BudgetGrant::Granted);
                tokio::task::yield_now().await;
            }
            granted
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().sum::<u32>(), 20);
    assert_eq!(ledger.take(&key("two"), SEARCH, at(0)).await.unwrap(), BudgetGrant::Granted, "another account");
}

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped() {
    let ledger = InMemoryLedger::new();
    for _ in 0..20 {
        ledger.take(&key("one"), SEARCH, at(0)).await.unwrap();
    }
    let rows: Vec<_> = ledger.snapshot().into_iter().map(|(key, bucket)| (key, bucket.parts())).collect();
    let restored =
        InMemoryLedger::restored(rows.into_iter().map(|(key, (credit, at))| (key, Bucket::from_parts(credit, at))));
    assert_eq!(
        restored.take(&key("one"), SEARCH, at(1_000)).await.unwrap(),
        BudgetGrant::WaitUntil(at(178_572)),
        "a restart is no full bucket"
    );
}

#[tokio::test]
async fn requests_wait_for_the_budget_and_count_every_try() {
    let server = ScriptedServer::start(vec![ok("{}"); 5]).await;
    let clock = ManualClock::new();
    let client = HttpClient::new(settings(&server), clock.shared(), Arc::new(InMemoryLedger::new())).unwrap();
    let slow = Operation::new("slow", RatePlan::new(2, 10_000));
    for _ in 0..4 {
        client.send(&Request::get(slow, server.url("/"))).await.unwrap();
    }
    assert_eq!(clock.naps(), [Duration::from_secs(10), Duration::from_secs(10)]);
    // operations that share a budget wait for each other, other accounts do not
    let sharing = Request::get(Operation::new("alsoSlow", slow.plan()).sharing("slow"), server.url("/"));
    let error = client.send(&sharing.clone().max_wait(Duration::from_secs(9))).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Throttled, Retry::After(Duration::from_secs(10))));
    assert_eq!(server.left(), 1, "nothing was sent");
    client.for_account("account-2").send(&sharing.max_wait(Duration::ZERO)).await.unwrap();
    assert_eq!(clock.naps().len(), 2);
}

#[tokio::test]
async fn many_requests_at_once_never_pass_the_plan() {
    let server = ScriptedServer::start(vec![ok("{}"); 30]).await;
    let clock = ManualClock::new();
    let client = HttpClient::new(settings(&server), clock.shared(), Arc::new(InMemoryLedger::new())).unwrap();
    let request = Request::get(Operation::new("slow", RatePlan::new(5, 1_000)), server.url("/"));
    let request = request.max_wait(Duration::from_secs(3_600));
    let mut tasks = JoinSet::new();
    for _ in 0..30 {
        let (client, request) = (client.clone(), request.clone());
        tasks.spawn(async move { client.send(&request).await.unwrap().status });
    }
    let start = at(0);
    assert_eq!(tasks.join_all().await, [200; 30]);
    let passed = ordersync_types::Clock::now(&clock) - start;
    assert!(passed >= TimeDelta::seconds(25), "25 requests beyond the burst take 25 s at least, not {passed}");
}

#[tokio::test]
async fn a_ledger_that_fails_lets_nothing_out() {
    #[derive(Debug)]
    struct Broken;
    #[async_trait]
    impl BudgetLedger for Broken {
        async fn take(&self, _: &BudgetKey, _: RatePlan, _: Timestamp) -> Result<BudgetGrant, BudgetError> {
            Err(BudgetError::new("the database is away").with_source(std::io::Error::other("gone")))
        }
        async fn drain(&self, _: &BudgetKey, _: RatePlan, _: Timestamp) -> Result<(), BudgetError> {
            Ok(())
        }
    }
    let server = ScriptedServer::start([ok("{}")]).await;
    let client = HttpClient::new(settings(&server), ManualClock::new().shared(), Arc::new(Broken)).unwrap();
    let error = client.send(&crate::read(&server)).await.unwrap_err();
    assert_eq!((error.retry(), server.connections()), (Retry::Backoff, 0));
    assert!(crate::shown(&error).contains("the database is away"));
}
