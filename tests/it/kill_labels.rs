//! SIGKILL of the real binary while labels are made and parcels leave: no piece is labelled twice, no label is lost, and
//! every one that is held opens.

use std::collections::BTreeSet;
use std::fs::OpenOptions as FileOptions;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use ordersync_core::{Actor, Core, KeyRing};
use ordersync_store::testing::FreshDatabases;
use ordersync_store::{Databases, LabelState, OpenOptions, Shipment, ShipmentState};
use ordersync_types::{ShipmentRef, SystemClock};
use serde_json::{Value, json};

use crate::kill_checks::Shops;
use crate::kill_installation::{Installation, leases_end, wait_until};
use crate::setting::SELLER;

const ORDERS: u64 = 150;

fn kills() -> u64 {
    if std::env::var_os("ORDERSYNC_LONG").is_some() { 100 } else { 8 }
}

/// Says in the configuration who sends.
pub(crate) fn name_the_sender(installation: &Installation) {
    let config = installation.path("etc/ordersync.toml");
    let mut config = FileOptions::new().append(true).open(config).expect("the configuration");
    let sender = "[sender]\nname = \"Example Goods\"\nlines = [\"1 Invented Street\"]\ncountry = \"GB\"\n";
    config.write_all(sender.as_bytes()).expect("a section more");
}

struct Bench {
    installation: Installation,
    store: Databases,
}

impl Bench {
    async fn new(fresh: FreshDatabases) -> Self {
        let shops = Shops::open(23, ORDERS).await;
        let installation = Installation::new(fresh);
        name_the_sender(&installation);
        installation.add_account("ebay", shops.stand_in.base_url(), &["bound_seconds=0", "page_size=200"]);
        let daemon = installation.serve().await;
        daemon.read().await;
        let store = installation.look().await;
        daemon.stop().await;
        Self { installation, store }
    }

    async fn shipments(&self, state: ShipmentState) -> Vec<Shipment> {
        self.store.shipments_in(SELLER, state, None, 10_000).await.expect("the shipments")
    }

    /// No piece is in two shipments that were not cancelled.
    async fn nothing_is_packed_twice(&self, when: &str) {
        let sql = "SELECT COUNT(*) FROM (SELECT l.order_id, l.vendor_line_id FROM shipment_line l \
                   JOIN shipment s ON s.seller_id = l.seller_id AND s.shipment_id = l.shipment_id \
                   JOIN order_line o ON o.seller_id = l.seller_id AND o.order_id = l.order_id \
                   AND o.vendor_line_id = l.vendor_line_id WHERE s.state <> 'cancelled' \
                   GROUP BY l.order_id, l.vendor_line_id, o.quantity HAVING SUM(l.quantity) > o.quantity) twice";
        assert_eq!(self.store.number(false, sql).await, 0, "{when}");
    }

    /// Every label that is held opens, and every shipment that says so has one.
    async fn all_labels_open(&self, when: &str) -> usize {
        let fresh = &self.installation.fresh;
        let store = Databases::open(&fresh.data, &fresh.keys, OpenOptions::default()).await.expect("open");
        let ring = KeyRing::open(&store, &self.installation.root()).await.expect("the root secret");
        let core = Core::new(store, Arc::new(SystemClock), ring, "0.1.0");
        let mut held: Vec<ShipmentRef> = Vec::new();
        for state in [ShipmentState::Labelled, ShipmentState::Dispatched] {
            let all = self.shipments(state).await;
            held.extend(all.iter().filter(|one| one.label == LabelState::Present).map(|one| one.reference));
        }
        let printed = core.print_labels(SELLER, &held, &Actor::user("test")).await.expect("the labels");
        assert_eq!(printed.len(), held.len(), "{when}");
        let looks_right = printed.iter().all(|label| label.bytes.expose().starts_with(b"%PDF"));
        assert!(looks_right, "{when}");
        core.store.close().await.expect("the databases close");
        held.len()
    }

    /// Asks the daemon for this and kills it some time later; then looks.
    async fn kill_while(&self, path: &'static str, body: Value, after: Duration, when: &str) {
        let mut daemon = self.installation.serve().await;
        daemon.ask_and_leave(path, body);
        tokio::time::sleep(after).await;
        daemon.kill();
        leases_end(&self.store).await;
        self.nothing_is_packed_twice(when).await;
    }
}

/// The packer presses the button for all orders again after every kill.
async fn kill_in_packing(fresh: FreshDatabases) {
    let bench = Bench::new(fresh).await;
    let filter = ordersync_store::OrderFilter { limit: 10_000, ..Default::default() };
    let orders = bench.store.list_orders(SELLER, &filter).await.expect("the orders");
    let labels = |some: &[ordersync_store::OrderSummary]| {
        let each = some.iter().map(|order| json!({ "orders": [order.order_id.to_string()] }));
        json!({ "labels": each.collect::<Vec<_>>() })
    };
    for number in 0..kills() {
        let at = usize::try_from(number * 7).expect("small") % (orders.len() - 20);
        let some = orders.get(at..at + 20).expect("twenty orders");
        let spread = Duration::from_millis(number * 618 % 400);
        bench.kill_while("/v1/labels", labels(some), spread, &format!("kill {number}")).await;
    }
    bench.all_labels_open("after the kills").await;
    // What was asked for without an answer is nobody's work after five minutes.
    bench.store.run_raw(false, "UPDATE shipment SET created_at = created_at - 600000").await;
    let daemon = bench.installation.serve().await;
    wait_until("requests are settled", async || bench.shipments(ShipmentState::Requested).await.is_empty()).await;
    for some in orders.chunks(50) {
        let answer = daemon.ask("/v1/labels", labels(some)).await;
        assert_eq!(answer.get("results").and_then(Value::as_array).expect("results").len(), some.len());
    }
    bench.nothing_is_packed_twice("at the end").await;
    let held = bench.all_labels_open("at the end").await;
    assert!(held > 100, "{held} labels");
    daemon.stop().await;

    let waiting: Vec<String> =
        bench.shipments(ShipmentState::Labelled).await.iter().map(|one| one.reference.to_string()).collect();
    let parcels: Vec<Value> = waiting.iter().map(|target| json!({ "target": target })).collect();
    for number in 0..kills() {
        // A few at a time, so that some wait at every kill; the first of them went before, or was cut off.
        let from = usize::try_from(number).expect("small") % parcels.len();
        let some: Vec<&Value> = parcels.iter().skip(from).take(3).collect();
        let spread = Duration::from_millis(number * 618 % 60);
        let body = json!({ "parcels": some });
        bench.kill_while("/v1/dispatch", body, spread, &format!("dispatch kill {number}")).await;
    }
    let daemon = bench.installation.serve().await;
    daemon.ask("/v1/dispatch", json!({ "parcels": parcels })).await;
    daemon.stop().await;
    let left: BTreeSet<String> =
        bench.shipments(ShipmentState::Dispatched).await.iter().map(|one| one.reference.to_string()).collect();
    assert_eq!(left, waiting.into_iter().collect(), "each parcel left once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packing_that_is_killed_labels_nothing_twice_on_sqlite() {
    kill_in_packing(FreshDatabases::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packing_that_is_killed_labels_nothing_twice_on_postgres() {
    if let Some(fresh) = FreshDatabases::postgres().await {
        kill_in_packing(fresh).await;
    }
}
