//! SIGKILL of the real binary in the middle of a purge: between its steps, and at random moments. What is due stays
//! unreadable and goes in the end; what is not due is never lost.

use std::collections::BTreeSet;
use std::time::Duration;

use ordersync_core::{Actor, Core, KeyRing, Opened};
use ordersync_store::testing::{FreshDatabases, Held};
use ordersync_store::{Databases, OpenOptions, OrderFilter, SealedClass, ShipmentState};
use ordersync_types::{Clock, OrderId, ShipmentId, ShipmentRef, SystemClock};
use serde_json::json;

use crate::kill_between_steps::FOR_EVER;
use crate::kill_checks::Shops;
use crate::kill_installation::{Daemon, Installation, leases_end, wait_until};
use crate::kill_labels::name_the_sender;
use crate::setting::SELLER;

/// Enough for a hundred kills with two that are due at each, and some that live to the end.
const ORDERS: u64 = 340;

/// Where a purge is held: (in the key store, the table that is written next, how).
const STEPS: [(bool, &str, &str); 9] = [
    (true, "data_key", "UPDATE"),
    (true, "key_store_state", "UPDATE"),
    (false, "label", "DELETE"),
    (false, "recipient", "DELETE"),
    (false, "search_tag", "DELETE"),
    (false, "orders", "UPDATE"),
    (false, "installation", "UPDATE"),
    (false, "buyer", "DELETE"),
    (false, "retention_run", "UPDATE"),
];

/// Whether this is the long run.
fn random_kills() -> u64 {
    if std::env::var_os("ORDERSYNC_LONG").is_some() { 100 } else { 8 }
}

struct Purges {
    installation: Installation,
    store: Databases,
    /// Another connection for what is held open.
    holder: Databases,
    due: BTreeSet<OrderId>,
    /// The references of labels, and those of them that are due.
    labels: BTreeSet<ShipmentRef>,
    due_labels: BTreeSet<ShipmentRef>,
}

enum Gate {
    Lock(Held),
    Trigger,
}

impl Purges {
    /// All orders of a stand-in are stored, and labelled where that can be; nothing is due, and the stand-in is gone.
    async fn new(fresh: FreshDatabases) -> Self {
        let shops = Shops::open(17, ORDERS).await;
        let installation = Installation::new(fresh);
        name_the_sender(&installation);
        installation.add_account("ebay", shops.stand_in.base_url(), &["bound_seconds=0", "page_size=200"]);
        let daemon = installation.serve().await;
        daemon.read().await;
        let store = installation.look().await;
        wait_until("search tags are filled", async || store.number(false, "SELECT COUNT(*) FROM job").await == 0).await;
        let filter = OrderFilter { limit: 10_000, ..OrderFilter::default() };
        let orders = store.list_orders(SELLER, &filter).await.expect("the orders");
        for some in orders.chunks(50) {
            let each = some.iter().map(|order| json!({ "orders": [order.order_id.to_string()] }));
            daemon.ask("/v1/labels", json!({ "labels": each.collect::<Vec<_>>() })).await;
        }
        let labelled = store.shipments_in(SELLER, ShipmentState::Labelled, None, 10_000).await.expect("the shipments");
        let labels: BTreeSet<ShipmentRef> = labelled.iter().map(|shipment| shipment.reference).collect();
        assert!(labels.len() > 100, "{} labels", labels.len());
        daemon.stop().await;
        let holder = installation.look().await;
        Self { installation, store, holder, due: BTreeSet::new(), labels, due_labels: BTreeSet::new() }
    }

    fn sqlite(&self) -> bool {
        self.installation.fresh.kind == "sqlite"
    }

    /// Makes some more records due: the oldest that are not.
    async fn make_due(&mut self, count: usize) {
        let now = SystemClock.now().timestamp_millis();
        for (table, id) in [("label", "shipment_id"), ("recipient", "order_id"), ("buyer", "buyer_id")] {
            let oldest = format!("SELECT {id} FROM {table} WHERE purge_after > {now} ORDER BY {id} LIMIT {count}");
            let sql = format!("UPDATE {table} SET purge_after = {} WHERE {id} IN ({oldest})", now - 3_600_000);
            self.store.run_raw(false, &sql).await;
        }
        let due = self.store.due_records(SealedClass::Delivery, SystemClock.now(), 10_000).await.expect("what is due");
        self.due.extend(due.into_iter().map(|one| OrderId::from_uuid(one.id)));
        let due = self.store.due_records(SealedClass::Label, SystemClock.now(), 10_000).await.expect("what is due");
        let due: BTreeSet<ShipmentId> = due.into_iter().map(|one| ShipmentId::from_uuid(one.id)).collect();
        let labels: Vec<ShipmentRef> = self.labels.iter().copied().collect();
        let shipments = self.store.shipments(SELLER, &labels).await.expect("the shipments");
        let due = shipments.iter().filter(|shipment| due.contains(&shipment.shipment_id));
        self.due_labels.extend(due.map(|shipment| shipment.reference));
    }

    async fn hold(&self, (in_keys, table, how): (bool, &str, &str)) -> Gate {
        if self.sqlite() {
            let sql = format!("CREATE TRIGGER held BEFORE {how} ON {table} BEGIN {FOR_EVER}; END");
            self.store.run_raw(in_keys, &sql).await;
            return Gate::Trigger;
        }
        Gate::Lock(self.holder.hold(in_keys, table).await)
    }

    /// Waits until the purge stands at the step.
    async fn reached(&self, in_keys: bool, runs_before: i64) {
        if self.sqlite() {
            // SQLite tells nobody who waits; that the run has begun shows that it is near.
            let runs = "SELECT COUNT(*) FROM retention_run";
            wait_until("a run begins", async || self.store.number(false, runs).await > runs_before).await;
            tokio::time::sleep(Duration::from_millis(600)).await;
            return;
        }
        let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
                       WHERE NOT l.granted AND d.datname = current_database()";
        wait_until("a lock is waited for", async || self.store.number(in_keys, waiting).await > 0).await;
    }

    async fn kill_at(&self, step: (bool, &str, &str)) {
        let runs = self.store.number(false, "SELECT COUNT(*) FROM retention_run").await;
        // A lock on the runs themselves would keep the run from being told at all.
        let gate = self.hold(step).await;
        let daemon = self.installation.start();
        self.reached(step.0, runs).await;
        daemon.kill();
        match gate {
            Gate::Lock(held) => held.release().await,
            Gate::Trigger => {
                self.store.run_raw(step.0, "DROP TRIGGER held").await;
            }
        }
        leases_end(&self.store).await;
        self.nothing_live_is_lost_and_nothing_due_opens(&format!("{step:?}")).await;
    }

    async fn nothing_live_is_lost_and_nothing_due_opens(&self, when: &str) {
        let fresh = &self.installation.fresh;
        let store = Databases::open(&fresh.data, &fresh.keys, OpenOptions::default()).await.expect("open");
        let ring = KeyRing::open(&store, &self.installation.root()).await.expect("the root secret");
        let core = Core::new(store, std::sync::Arc::new(SystemClock), ring, "0.1.0");
        let filter = OrderFilter { limit: 10_000, ..OrderFilter::default() };
        let orders = core.store.list_orders(SELLER, &filter).await.expect("the orders");
        assert_eq!(u64::try_from(orders.len()), Ok(ORDERS), "{when}");
        for order in &orders {
            let opened = core.open_recipient(order, &Actor::user("test")).await.expect("no key row is missing");
            let due = self.due.contains(&order.order_id);
            match opened {
                Opened::Purged => assert!(due, "{when}: {} is lost", order.vendor_order_id),
                Opened::Present(_) => assert!(!due, "{when}: {} opens though it is due", order.vendor_order_id),
                Opened::Never => {}
            }
        }
        let labels: Vec<ShipmentRef> = self.labels.iter().copied().collect();
        let printed = core.print_labels(SELLER, &labels, &Actor::user("test")).await.expect("no key row is missing");
        let printed: BTreeSet<ShipmentRef> = printed.iter().map(|label| label.reference).collect();
        let live: BTreeSet<ShipmentRef> = self.labels.difference(&self.due_labels).copied().collect();
        assert_eq!(printed, live, "{when}: labels that live print, and those that are due do not");
        core.store.close().await.expect("the databases close");
    }

    /// A daemon that nobody kills purges the rest before it serves.
    async fn all_due_is_gone(&self) -> Daemon {
        let daemon = self.installation.serve().await;
        let due = self.store.due_records(SealedClass::Delivery, SystemClock.now(), 10).await.expect("what is due");
        assert_eq!(due, [], "purged before anybody can ask");
        let due = self.store.due_records(SealedClass::Label, SystemClock.now(), 10).await.expect("what is due");
        assert_eq!(due, [], "labels, too");
        let (labels, keys) = (
            "SELECT COUNT(*) FROM label",
            "SELECT COUNT(*) FROM data_key WHERE class = 1 \
             AND state = 'active' AND seller_id <> 0",
        );
        assert_eq!(self.store.number(true, keys).await, self.store.number(false, labels).await, "a key a label");
        let lasting = "SELECT COUNT(*) FROM recipient";
        let live = self.store.number(false, lasting).await;
        let keys = "SELECT COUNT(*) FROM data_key WHERE class = 2 AND state = 'active' AND seller_id <> 0";
        assert_eq!(self.store.number(true, keys).await, live, "a key for each record that is left, and no other");
        let runs = self.store.retention_runs(500).await.expect("the proofs");
        assert!(runs.first().is_some_and(|run| run.state == "done"), "{:?}", runs.first());
        self.nothing_live_is_lost_and_nothing_due_opens("at the end").await;
        daemon
    }

    async fn kill_at_random(&mut self, seed: u64) {
        // A fraction that follows from the number of the kill (golden ratio), so that moments spread evenly.
        for number in 1..=random_kills() {
            self.make_due(2).await;
            let daemon = self.installation.start();
            let spread = (number * 618 + seed * 100) % 1_000;
            tokio::time::sleep(Duration::from_millis(20 + spread / 4)).await;
            daemon.kill();
            leases_end(&self.store).await;
            if number % 8 == 0 {
                self.nothing_live_is_lost_and_nothing_due_opens(&format!("kill {number}")).await;
            }
        }
    }
}

async fn kill_in_a_purge(fresh: FreshDatabases) {
    let mut purges = Purges::new(fresh).await;
    for step in STEPS {
        purges.make_due(5).await;
        purges.kill_at(step).await;
    }
    purges.kill_at_random(1).await;
    purges.make_due(5).await;
    purges.all_due_is_gone().await.stop().await;
    assert!(purges.due.len() >= 45, "{}", purges.due.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_that_is_killed_goes_on_and_loses_nothing_on_sqlite() {
    kill_in_a_purge(FreshDatabases::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_that_is_killed_goes_on_and_loses_nothing_on_postgres() {
    if let Some(fresh) = FreshDatabases::postgres().await {
        kill_in_a_purge(fresh).await;
    }
}
