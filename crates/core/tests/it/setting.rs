//! Core, one account and a scripted marketplace.

use std::sync::Arc;

use ordersync_connector_api::{AccountCredential, MarketplaceConnector};
use ordersync_core::{AccountInvoicing, Actor, Core, CoreError, KeyRing, NewAccount, Opened, SyncReport, SyncSettings};
use ordersync_order::Recipient;
use ordersync_store::testing::{FreshDatabases, root_secret};
use ordersync_store::{Account, OrderCursor, OrderFilter, OrderSummary};
use ordersync_testkit::{ScriptedConnector, SteppedClock};
use ordersync_types::{Clock, Secret, SellerId, Timestamp};
use ordersync_vault::RootSecret;

pub(crate) const SELLER: SellerId = SellerId::new(1);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The moment at which every test begins.
pub(crate) fn start() -> Timestamp {
    at("2026-06-20T12:00:00Z")
}

pub(crate) struct Setting {
    pub(crate) fresh: FreshDatabases,
    pub(crate) clock: SteppedClock,
    pub(crate) root: RootSecret,
    pub(crate) core: Arc<Core>,
    pub(crate) account: Account,
    pub(crate) connector: Arc<ScriptedConnector>,
}

impl Setting {
    pub(crate) async fn new(fresh: FreshDatabases) -> Self {
        let clock = SteppedClock::new(start());
        let store = fresh.open().await;
        let root = root_secret();
        let keys = KeyRing::introduce(&store, &root, clock.now()).await.unwrap();
        let core = Arc::new(Core::new(store, clock.shared(), keys, "0.1.0"));
        let secret = || Secret::new("example".to_owned());
        let account = NewAccount {
            seller: SELLER,
            label: "scripted".to_owned(),
            connector: "scripted".to_owned(),
            settings: "{}".to_owned(),
            go_live_at: at("2026-06-10T00:00:00Z"),
            first_window_days: 30,
            invoicing: AccountInvoicing::default(),
            credential: AccountCredential { client_id: secret(), client_secret: secret(), refresh_token: secret() },
        };
        let account = core.add_account(account, &Actor::user("tester")).await.unwrap();
        Self { fresh, clock, root, core, account, connector: Arc::new(ScriptedConnector::new()) }
    }

    pub(crate) async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for fresh in FreshDatabases::each().await {
            all.push(Self::new(fresh).await);
        }
        all
    }

    /// Core again on the same databases, as after a restart; the script goes on.
    pub(crate) async fn restarted(self) -> Self {
        self.core.store.clone().close().await.unwrap();
        let store = self.fresh.open().await;
        let keys = KeyRing::open(&store, &self.root).await.unwrap();
        Self { core: Arc::new(Core::new(store, self.clock.shared(), keys, "0.1.0")), ..self }
    }

    pub(crate) async fn sync(&self) -> Result<SyncReport, CoreError> {
        let connector: Arc<dyn MarketplaceConnector> = self.connector.clone();
        self.core.sync_account(&self.account, &connector, SyncSettings::default()).await
    }

    pub(crate) async fn cursor(&self) -> OrderCursor {
        self.core.store.order_cursor(SELLER, self.account.account).await.unwrap()
    }

    pub(crate) async fn orders(&self) -> Vec<OrderSummary> {
        let filter = OrderFilter { limit: 1_000, ..OrderFilter::default() };
        self.core.store.list_orders(SELLER, &filter).await.unwrap()
    }

    pub(crate) async fn only_order(&self) -> OrderSummary {
        let mut orders = self.orders().await;
        assert_eq!(orders.len(), 1, "{}", self.fresh.kind);
        orders.remove(0)
    }

    pub(crate) async fn recipient(&self) -> Opened<Recipient> {
        self.core.open_recipient(&self.only_order().await, &Actor::user("packer")).await.unwrap()
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.core.store.number(false, &format!("SELECT COUNT(*) FROM {table}")).await
    }
}
