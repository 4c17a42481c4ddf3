//! A world for end-to-end tests: stand-in marketplaces, connectors over real HTTP, core on real databases.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::Duration;
use ordersync_connector_amazon::{AmazonConfig, AmazonConnector, Region};
use ordersync_connector_api::{AccountCredential, MarketplaceConnector};
use ordersync_connector_ebay::{EbayConfig, EbayConnector};
use ordersync_core::{AccountInvoicing, Actor, Core, KeyRing, NewAccount, SyncReport, SyncSettings};
use ordersync_http_client::{BudgetLedger, ClientSettings, HttpClient, NoBudget};
use ordersync_simulator::{AmazonSettings, AmazonShop, EbaySettings, EbayShop, Running, StandIn, WorldSettings};
use ordersync_store::Account;
use ordersync_store::testing::{FreshDatabases, root_secret};
use ordersync_types::{Clock, Secret, SellerId, SharedClock, Timestamp};

pub(crate) const SELLER: SellerId = SellerId::new(1);

/// A clock that stands still until it is moved; whoever sleeps moves it.
#[derive(Debug)]
pub(crate) struct HandClock(Mutex<Timestamp>);

impl HandClock {
    pub(crate) fn at(text: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(text.parse().expect("a moment"))))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().expect("the clock");
        *now += by;
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("the clock")
    }

    async fn sleep_until(&self, wake: Timestamp) {
        {
            let mut now = self.0.lock().expect("the clock");
            *now = wake.max(*now);
        }
        tokio::task::yield_now().await;
    }

    fn monotonic(&self) -> std::time::Duration {
        ordersync_types::SystemClock.monotonic()
    }
}

/// Both shops behind one address, their connectors, and core.
pub(crate) struct Setting {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) amazon: Arc<AmazonShop>,
    pub(crate) ebay: Arc<EbayShop>,
    pub(crate) stand_in: Running,
    pub(crate) fresh: FreshDatabases,
    pub(crate) core: Arc<Core>,
    pub(crate) root: ordersync_vault::RootSecret,
}

impl Setting {
    /// `orders` orders at each shop, arriving over 20 days up to the clock's now.
    pub(crate) async fn new(fresh: FreshDatabases, orders: u64) -> Self {
        let clock = HandClock::at("2026-06-20T12:00:00Z");
        let shared: SharedClock = clock.clone();
        let (first, last) = (clock.now() - Duration::days(20), clock.now() - Duration::minutes(5));
        let amazon =
            AmazonShop::new(shared.clone(), WorldSettings::new(1, orders, first, last), AmazonSettings::default());
        let ebay = EbayShop::new(shared.clone(), WorldSettings::new(2, orders, first, last), EbaySettings::default());
        let stand_in =
            StandIn::new(shared.clone()).amazon(amazon.clone()).ebay(ebay.clone()).start().await.expect("a port");
        let store = fresh.open().await;
        let root = root_secret();
        let keys = KeyRing::introduce(&store, &root, clock.now()).await.expect("the root secret");
        let core = Arc::new(Core::new(store, shared, keys, "0.1.0"));
        Self { clock, amazon, ebay, stand_in, fresh, core, root }
    }

    pub(crate) async fn add(&self, connector: &str) -> Account {
        let account = NewAccount {
            seller: SELLER,
            label: format!("{connector}-uk"),
            connector: connector.to_owned(),
            settings: "{}".to_owned(),
            go_live_at: self.clock.now() - Duration::days(30),
            first_window_days: 30,
            invoicing: AccountInvoicing::default(),
            credential: credential(connector),
        };
        self.core.add_account(account, &Actor::user("tester")).await.expect("an account")
    }

    pub(crate) fn connector(&self, name: &str) -> Arc<dyn MarketplaceConnector> {
        self.connector_with(name, Arc::new(NoBudget))
    }

    pub(crate) fn connector_with(&self, name: &str, ledger: Arc<dyn BudgetLedger>) -> Arc<dyn MarketplaceConnector> {
        let base = self.stand_in.base_url();
        let clock: SharedClock = self.clock.clone();
        if name == "amazon" {
            let mut config = AmazonConfig::new(Region::Eu);
            config.api_url = Some(base.to_owned());
            config.token_url = Some(format!("{base}/auth/o2/token"));
            let connector = AmazonConnector::new(&config, "amazon-uk", credential(name), ledger, clock);
            return Arc::new(connector.expect("a connector"));
        }
        let config = EbayConfig {
            api_base: Some(base.to_owned()),
            token_url: Some(format!("{base}/identity/v1/oauth2/token")),
            ..EbayConfig::default()
        };
        let settings = ClientSettings::new("ebay-uk").allow_base_url(base).expect("loopback");
        let http = HttpClient::new(settings, clock.clone(), ledger).expect("a client");
        Arc::new(EbayConnector::new(&config, credential(name), http, clock).expect("a connector"))
    }

    pub(crate) async fn sync(&self, account: &Account) -> SyncReport {
        let connector = self.connector(&account.connector);
        self.core.sync_account(account, &connector, SyncSettings::default()).await.expect("reading the account")
    }

    /// Every order number that the shop of this connector holds, with its state's last change.
    pub(crate) fn truth(&self, connector: &str) -> ordersync_simulator::GroundTruth {
        if connector == "amazon" { self.amazon.ground_truth() } else { self.ebay.ground_truth() }
    }
}

fn credential(connector: &str) -> AccountCredential {
    let secret = |text: String| Secret::new(text);
    if connector == "amazon" {
        let AmazonSettings { client_id, client_secret, refresh_token, .. } = AmazonSettings::default();
        return AccountCredential {
            client_id: secret(client_id),
            client_secret: secret(client_secret),
            refresh_token: secret(refresh_token),
        };
    }
    let EbaySettings { client_id, client_secret, refresh_token, .. } = EbaySettings::default();
    AccountCredential {
        client_id: secret(client_id),
        client_secret: secret(client_secret),
        refresh_token: secret(refresh_token),
    }
}
