//! Rate budgets in the database: never more than the plan, whoever asks and however often it restarts.

use ordersync_daemon::StoreLedger;
use ordersync_http_client::{BudgetGrant, BudgetKey, BudgetLedger, RatePlan};
use ordersync_store::{DatabaseUrl, Databases, OpenOptions};
use ordersync_types::Timestamp;
use tokio::task::JoinSet;

const PLAN: RatePlan = RatePlan::new(5, 60_000);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

async fn open(folder: &std::path::Path) -> Databases {
    let url = |name: &str| DatabaseUrl::Sqlite(folder.join(name));
    Databases::open(&url("d.db"), &url("k.db"), OpenOptions { create: true, migrate: true }).await.unwrap()
}

/// How many of `wishes` requests two ledgers on one database grant, asked at the same time.
async fn granted(store: &Databases, wishes: u32, now: Timestamp) -> u32 {
    let ledgers = [StoreLedger::new(store.clone()), StoreLedger::new(store.clone())];
    let mut asking = JoinSet::new();
    for wish in 0..wishes {
        let ledger = ledgers[usize::from(wish % 2 == 0)].clone();
        asking.spawn(async move {
            let key = BudgetKey { account: "account".into(), operation: "searchOrders" };
            ledger.take(&key, PLAN, now).await.unwrap() == BudgetGrant::Granted
        });
    }
    asking.join_all().await.into_iter().map(u32::from).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_ledgers_and_a_restart_never_give_more_than_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    assert_eq!(granted(&store, 40, at(0)).await, 5);
    store.close().await.unwrap();

    let store = open(folder.path()).await;
    assert_eq!(granted(&store, 20, at(0)).await, 0, "a restart gives no fresh bucket");
    assert_eq!(granted(&store, 20, at(59)).await, 0);
    assert_eq!(granted(&store, 20, at(125)).await, 2);
    let ledger = StoreLedger::new(store.clone());
    let key = BudgetKey { account: "account".into(), operation: "searchOrders" };
    ledger.drain(&key, PLAN, at(3600)).await.unwrap();
    assert_eq!(granted(&store, 20, at(3600)).await, 0, "429 empties the budget for both");
    let other = BudgetKey { account: "other".into(), operation: "searchOrders" };
    assert_eq!(ledger.take(&other, PLAN, at(3600)).await.unwrap(), BudgetGrant::Granted);
    store.close().await.unwrap();
}
