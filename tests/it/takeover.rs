//! A killed daemon's leases are another's within 30 seconds of real time, without anybody's help.

use std::time::Duration;

use ordersync_simulator::FaultRates;
use ordersync_store::testing::FreshDatabases;
use ordersync_types::{Clock, SystemClock};

use crate::kill_checks::{Shops, nothing_is_missing};
use crate::kill_installation::{Installation, wait_until};

/// What is promised, and what a busy machine may add to it.
const PROMISED: Duration = Duration::from_secs(30);
const BUSY_MACHINE: Duration = Duration::from_secs(20);

async fn another_daemon_takes_over(fresh: FreshDatabases) {
    let shops = Shops::open(31, 40).await;
    let installation = Installation::new(fresh);
    let settings = ["bound_seconds=0", "page_size=20"];
    installation.add_account("ebay", shops.stand_in.base_url(), &settings);
    let store = installation.look().await;
    // Killed with the lease in hand: a page takes two seconds.
    shops.ebay.faults().set(FaultRates { slow_body: 1000, slow_body_ms: 250, ..FaultRates::default() });
    let mut daemon = installation.serve().await;
    daemon.ask_to_read();
    wait_until("a lease is held", async || {
        store.number(false, "SELECT COUNT(*) FROM lease WHERE name LIKE '%orders%' AND expires_at > 0").await > 0
            && shops.requests() > 0
    })
    .await;
    daemon.kill();
    let clock = SystemClock;
    let killed = clock.monotonic();
    shops.ebay.faults().set(FaultRates::default());
    let next = installation.serve().await;
    let first = nothing_is_missing(&store, &shops).await;
    assert!(!first.all_stored, "the dead daemon's lease still holds");
    wait_until("the next daemon has read everything by itself", async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let stored = store.number(false, "SELECT COUNT(*) FROM orders").await;
        stored == 40
    })
    .await;
    let took = clock.monotonic() - killed;
    assert!(took < PROMISED + BUSY_MACHINE, "{took:?}");
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_daemons_leases_move_on_sqlite() {
    another_daemon_takes_over(FreshDatabases::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_daemons_leases_move_on_postgres() {
    if let Some(fresh) = FreshDatabases::postgres().await {
        another_daemon_takes_over(fresh).await;
    }
}
