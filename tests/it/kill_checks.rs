//! What must be true after any kill, and what must be true once everything has been read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ordersync_core::{Actor, Core, KeyRing, Opened};
use ordersync_simulator::{
    AmazonSettings, AmazonShop, EbaySettings, EbayShop, OrderTruth, Running, StandIn, WorldSettings,
};
use ordersync_store::{Databases, OrderCursor, OrderFilter, OrderSummary};
use ordersync_types::{Pii, SharedClock, SystemClock, Timestamp};

use crate::setting::SELLER;

/// Where the stand-ins put a recipient's name.
const NAMES: [&str; 2] =
    ["recipient.deliveryAddress.name", "fulfillmentStartInstructions[].shippingStep.shipTo.fullName"];

/// Both stand-ins behind one address, in real time.
pub(crate) struct Shops {
    pub(crate) amazon: Arc<AmazonShop>,
    pub(crate) ebay: Arc<EbayShop>,
    pub(crate) stand_in: Running,
}

impl Shops {
    /// `orders` orders in each, placed over the last three days until an hour ago and not dispatched. Nothing limits
    /// requests.
    pub(crate) async fn open(seed: u64, orders: u64) -> Self {
        let clock: SharedClock = Arc::new(SystemClock);
        let now = clock.now();
        let (first, last) = (now - chrono::Duration::days(3), now - chrono::Duration::hours(1));
        let amazon_settings = AmazonSettings { enforce_plans: false, ..AmazonSettings::default() };
        let world = |seed| WorldSettings { dispatched: false, ..WorldSettings::new(seed, orders, first, last) };
        let amazon = AmazonShop::new(clock.clone(), world(seed), amazon_settings);
        let ebay = EbayShop::new(clock.clone(), world(seed + 1), EbaySettings::default());
        let stand_in = StandIn::new(clock).amazon(amazon.clone()).ebay(ebay.clone()).start().await.expect("a port");
        Self { amazon, ebay, stand_in }
    }

    /// Requests for orders so far.
    pub(crate) fn requests(&self) -> u64 {
        self.amazon.counters().requests + self.ebay.counters().requests
    }

    /// What is true of the orders of the shop that an account with this connector reads.
    fn truth(&self, connector: &str) -> Vec<OrderTruth> {
        let truth = if connector == "amazon" { self.amazon.ground_truth() } else { self.ebay.ground_truth() };
        truth.orders
    }
}

async fn stored(store: &Databases) -> Vec<OrderSummary> {
    let filter = OrderFilter { limit: 100_000, ..OrderFilter::default() };
    store.list_orders(SELLER, &filter).await.expect("the orders")
}

/// How far the account with this connector has been read.
pub(crate) async fn cursor(store: &Databases, connector: &str) -> OrderCursor {
    let accounts = store.accounts().await.expect("the accounts");
    let account = accounts.iter().find(|account| account.connector == connector).expect("the account");
    store.order_cursor(SELLER, account.account).await.expect("its cursor")
}

/// How far reading has come.
pub(crate) struct Progress {
    /// The watermark of each connector that has one.
    pub(crate) watermarks: BTreeMap<String, Timestamp>,
    /// Whether every order that has arrived is stored.
    pub(crate) all_stored: bool,
}

/// After any kill: the key store is not behind, no order is there twice, and none is missing up to the watermark.
pub(crate) async fn nothing_is_missing(store: &Databases, shops: &Shops) -> Progress {
    let (keys, data) = store.key_sequences().await.expect("the sequence numbers");
    assert!(keys >= data, "the key store is at {keys}, data relied on {data}");
    let mut progress = Progress { watermarks: BTreeMap::new(), all_stored: true };
    for account in store.accounts().await.expect("the accounts") {
        // Read before the orders: what it says is stored must be among them.
        let watermark = store.order_cursor(SELLER, account.account).await.expect("its cursor").watermark;
        let orders = stored(store).await;
        let of_account = orders.iter().filter(|order| order.account == account.account);
        let numbers: Vec<&str> = of_account.map(|order| order.vendor_order_id.as_str()).collect();
        let once: BTreeSet<&str> = numbers.iter().copied().collect();
        assert_eq!(once.len(), numbers.len(), "an order is there twice");
        for order in shops.truth(&account.connector) {
            let found = once.contains(order.order.as_str());
            let due = watermark.is_some_and(|watermark| order.last_updated <= watermark);
            assert!(found || !due, "{} changed before the watermark and is missing", order.order);
            progress.all_stored &= found;
        }
        progress.watermarks.extend(watermark.map(|watermark| (account.connector, watermark)));
    }
    progress
}

/// Once all is read and the daemon has stopped: every order of the stand-ins is there exactly once, every row's key is
/// there, and the recipient of every order that waits to be packed opens and is the right one. Gives how many did.
pub(crate) async fn everything_is_there(store: Databases, root: &ordersync_vault::RootSecret, shops: &Shops) -> usize {
    let keys = KeyRing::open(&store, root).await.expect("the root secret");
    let core = Core::new(store, Arc::new(SystemClock), keys, "0.1.0");
    let orders = stored(&core.store).await;
    let actor = Actor::user("packer");
    let mut opened = 0;
    for account in core.store.accounts().await.expect("the accounts") {
        let truth = shops.truth(&account.connector);
        let of_account = orders.iter().filter(|order| order.account == account.account);
        let mut found: Vec<&str> = of_account.clone().map(|order| order.vendor_order_id.as_str()).collect();
        let mut expected: Vec<&str> = truth.iter().map(|order| order.order.as_str()).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{}", account.connector);
        for order in of_account {
            let real = truth.iter().find(|real| real.order == order.vendor_order_id).expect("an order of the shop");
            // An absent key row is an error of these two, never read as purged.
            let recipient = core.open_recipient(order, &actor).await.expect("its key is there");
            core.open_buyer(order, &actor).await.expect("its key is there");
            let named = |value: &&ordersync_simulator::PersonalValue| NAMES.contains(&value.path.as_str());
            let names: Vec<Pii<String>> =
                real.personal.iter().filter(named).map(|value| Pii::new(value.value.clone())).collect();
            let shown = real.personal.iter().any(|value| named(&value) && value.shown);
            let waits = ["unshipped", "partially_shipped"].contains(&order.status.as_str());
            if real.merchant_fulfilled && waits && shown {
                let right = match &recipient {
                    Opened::Present(recipient) => recipient.name.get().is_some_and(|name| names.contains(name)),
                    Opened::Never | Opened::Purged => false,
                };
                assert!(right, "{} {}: {recipient:?}", account.connector, order.vendor_order_id);
                opened += 1;
            }
        }
    }
    core.store.close().await.expect("the databases close");
    opened
}
