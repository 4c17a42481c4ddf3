//! SIGKILL of `ordersync retention run` on what the demo left: sixty days that ended a month ago, with labels, addresses,
//! buyers and notes that nobody has purged. Every kill starts from the same folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ordersync_core::{Actor, Core, KeyRing, Opened};
use ordersync_store::{DatabaseUrl, Databases, OpenOptions, OrderFilter, SealedClass};
use ordersync_types::{Clock, OrderId, ShipmentRef, SystemClock, Timestamp};
use ordersync_vault::RootSecret;

use crate::kill_installation::beside_this_test;
use crate::setting::{HandClock, SELLER};

fn kills() -> u64 {
    if std::env::var_os("ORDERSYNC_LONG").is_some() { 100 } else { 8 }
}

/// The folder that a demo left.
struct Left {
    folder: tempfile::TempDir,
    /// When the demo's sixty days ended.
    end: Timestamp,
}

/// What core makes of every label and every address: true where it opens.
#[derive(Debug, Default, PartialEq, Eq)]
struct Opens {
    addresses: BTreeMap<OrderId, bool>,
    labels: BTreeMap<String, bool>,
}

impl Opens {
    fn count(&self) -> usize {
        self.addresses.values().chain(self.labels.values()).filter(|opens| **opens).count()
    }
}

impl Left {
    fn by_the_demo() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let days = chrono::Duration::days(31);
        let end = SystemClock.now() - days - chrono::Duration::minutes(5);
        let made = Command::new(beside_this_test("ordersync-demo"))
            .args(["--once", "--orders", "60", "--seed", "3", "--without-retention"])
            .args(["--end", &end.to_rfc3339(), "--out"])
            .arg(folder.path().join("demo"))
            .output()
            .expect("the demo starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let left = Self { folder, end };
        copy(&left.data(), &left.folder.path().join("saved"));
        left
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("demo/data")
    }

    /// As the demo left it.
    fn again(&self) {
        fs::remove_dir_all(self.data()).expect("the folder is there");
        copy(&self.folder.path().join("saved"), &self.data());
    }

    fn purge(&self) -> Command {
        let mut command = Command::new(beside_this_test("ordersync"));
        command.arg("--config").arg(self.folder.path().join("demo/ordersync.toml"));
        command.args(["retention", "run", "--yes", "--clock-is-right"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    async fn store(&self) -> Databases {
        let url = |name: &str| DatabaseUrl::Sqlite(self.data().join(name));
        Databases::open(&url("data.db"), &url("keys.db"), OpenOptions::default()).await.expect("the databases open")
    }

    /// What opens for somebody at this moment.
    async fn opens_at(&self, now: Timestamp) -> Opens {
        let secret = fs::read_to_string(self.folder.path().join("demo/root-secret")).expect("the root secret");
        let root = RootSecret::parse(&secret).expect("64 digits");
        let store = self.store().await;
        let ring = KeyRing::open(&store, &root).await.expect("the root secret");
        let core = Core::new(store, HandClock::at(&now.to_rfc3339()), ring, "0.1.0");
        let core = Arc::new(core);
        let actor = Actor::user("test");
        let filter = OrderFilter { limit: 10_000, ..OrderFilter::default() };
        let orders = core.store.list_orders(SELLER, &filter).await.expect("the orders");
        assert_eq!(orders.len(), 60, "no order is lost");
        let mut opens = Opens::default();
        for order in &orders {
            let opened = core.open_recipient(order, &actor).await.expect("no key row is missing");
            opens.addresses.insert(order.order_id, matches!(opened, Opened::Present(_)));
        }
        let ids: Vec<OrderId> = orders.iter().map(|order| order.order_id).collect();
        let shipments = core.store.shipments_of(SELLER, &ids).await.expect("the shipments");
        for shipment in &shipments {
            let reference: ShipmentRef = shipment.reference;
            let printed = core.print_labels(SELLER, &[reference], &actor).await.expect("no key row is missing");
            opens.labels.insert(reference.to_string(), !printed.is_empty());
        }
        core.store.clone().close().await.expect("the databases close");
        opens
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purge_of_what_the_demo_left_loses_nothing_that_lives_wherever_it_is_killed() {
    let left = Left::by_the_demo();
    let now = SystemClock.now();
    let then = left.opens_at(left.end).await;
    left.again();
    let live = left.opens_at(now).await;
    let due = |all: &Opens, now: &Opens| all.count() - now.count();
    assert!(due(&then, &live) > 30 && live.addresses.values().any(|opens| *opens), "{} {}", then.count(), live.count());
    // Without a kill: how long it takes, and what is left.
    left.again();
    let began = SystemClock.monotonic();
    let ended = left.purge().output().expect("the program");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let whole = SystemClock.monotonic().saturating_sub(began);
    let after = left.opens_at(now).await;
    assert_eq!(after, live, "what is not due is untouched");

    let mut broken_off = BTreeSet::new();
    for number in 1..=kills() {
        left.again();
        let mut child = left.purge().spawn().expect("the program starts");
        let thousandths = u32::try_from((number * 618) % 1_000).unwrap_or_default();
        tokio::time::sleep(whole * thousandths / 1_000).await;
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let (seen_now, seen_then) = (left.opens_at(now).await, left.opens_at(left.end).await);
        assert_eq!(seen_now, live, "kill {number}: nothing due opens, and nothing that lives is lost");
        // With the clock of that time only what a purge has reached is gone, each whole.
        broken_off.insert(due(&then, &seen_then));
        tokio::time::timeout(Duration::from_secs(60), async {
            // The killed one's lease lasts for half a minute of the database's time.
            left.store().await.run_raw(false, "DELETE FROM lease").await;
        })
        .await
        .expect("the database answers");
        let ended = left.purge().output().expect("the program");
        assert!(ended.status.success(), "kill {number}: {}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(left.opens_at(now).await, live, "kill {number}, and once more to its end");
        let store = left.store().await;
        for class in [SealedClass::Label, SealedClass::Note, SealedClass::Delivery, SealedClass::Contact] {
            assert_eq!(store.due_records(class, now, 10).await.expect("what is due"), [], "kill {number}");
        }
        let keys = "SELECT COUNT(*) FROM data_key WHERE class = 2 AND state = 'active' AND seller_id <> 0";
        let held = "SELECT (SELECT COUNT(*) FROM recipient) + (SELECT COUNT(*) FROM order_note)";
        assert_eq!(store.number(true, keys).await, store.number(false, held).await, "kill {number}: a key a record");
        store.close().await.expect("the databases close");
    }
    assert!(broken_off.len() > 1, "every kill came before the purge or after it: {broken_off:?}");
}
