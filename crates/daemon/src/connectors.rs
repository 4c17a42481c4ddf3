//! The registry of connectors: the one place that names an adapter. A new marketplace is one row of `KINDS`.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ordersync_connector_amazon::{AmazonConfig, AmazonConnector};
use ordersync_connector_api::{AccountCredential, ConnectorError, ErrorKind, MarketplaceConnector, Retry};
use ordersync_connector_ebay::{EbayConfig, EbayConnector};
use ordersync_core::SyncSettings;
use ordersync_http_client::{BudgetLedger, ClientSettings, DateSeen, HttpClient, HttpError, NoBudget};
use ordersync_types::{AccountId, SharedClock};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::account_settings::{AccountSettings, is_loopback};
use crate::config::{Poll, Retention};

/// A kind of marketplace.
struct Kind {
    name: &'static str,
    /// What it is called on paper.
    title: &'static str,
    interval: fn(&Poll) -> Duration,
    prepare: fn(Value, &Retention) -> Result<Prepared, Box<ConnectorError>>,
}

/// Every connector there is.
const KINDS: [Kind; 2] = [
    Kind { name: "amazon", title: "Amazon", interval: |poll| poll.amazon, prepare: amazon },
    Kind { name: "ebay", title: "eBay", interval: |poll| poll.ebay, prepare: ebay },
];

/// What connectors are called on paper, by their names.
pub(crate) fn titles() -> BTreeMap<String, String> {
    KINDS.iter().map(|kind| (kind.name.to_owned(), kind.title.to_owned())).collect()
}

type Build = Box<
    dyn FnOnce(AccountCredential, HttpClient, SharedClock) -> Result<Arc<dyn MarketplaceConnector>, Box<ConnectorError>>
        + Send,
>;

/// An account's checked settings, one step before the connector.
struct Prepared {
    urls: Vec<String>,
    build: Build,
}

fn amazon(settings: Value, _: &Retention) -> Result<Prepared, Box<ConnectorError>> {
    let config: AmazonConfig = read(settings)?;
    Ok(Prepared {
        urls: vec![config.api_url().to_owned(), config.token_url().to_owned()],
        build: Box::new(move |credential, http, clock| {
            let connector = AmazonConnector::with_client(&config, credential, http, clock);
            Ok(Arc::new(connector.map_err(|error| wrong(error.to_string()))?))
        }),
    })
}

fn ebay(mut settings: Value, retention: &Retention) -> Result<Prepared, Box<ConnectorError>> {
    if let Some(settings) = settings.as_object_mut() {
        settings.entry("personal_days_after_delivery").or_insert(Value::from(retention.ebay_days));
    }
    let config: EbayConfig = read(settings)?;
    Ok(Prepared {
        urls: vec![config.api_base().to_owned(), config.token_url().to_owned()],
        build: Box::new(move |credential, http, clock| {
            Ok(Arc::new(EbayConnector::new(&config, credential, http, clock)?))
        }),
    })
}

fn read<T: DeserializeOwned>(settings: Value) -> Result<T, Box<ConnectorError>> {
    serde_json::from_value(settings).map_err(|error| wrong(format!("the account's settings are wrong: {error}")))
}

fn wrong(message: impl Into<String>) -> Box<ConnectorError> {
    Box::new(ConnectorError::new(ErrorKind::Config, Retry::Never, "settings", message))
}

fn wrong_client(error: HttpError) -> Box<ConnectorError> {
    wrong(error.reason())
}

fn kind(name: &str) -> Result<&'static Kind, Box<ConnectorError>> {
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let known = KINDS.map(|kind| kind.name).join(" or ");
        wrong(format!("there is no connector of this name; it must be {known}"))
    })
}

/// How long after a poll of an account with this connector the next one begins.
pub fn interval(connector: &str, poll: &Poll) -> Duration {
    kind(connector).map_or(poll.amazon, |kind| (kind.interval)(poll))
}

/// True when an account with these settings talks to loopback addresses only: a stand-in, not a real marketplace.
///
/// # Errors
/// `Config`: the settings are wrong, or an option for stand-ins is set on an account that is none.
pub fn is_stand_in(connector: &str, settings: &str) -> Result<bool, Box<ConnectorError>> {
    let settings = AccountSettings::parse(settings)?;
    let prepared = (kind(connector)?.prepare)(settings.connector.clone(), &Retention { ebay_days: 30 })?;
    let stand_in = prepared.urls.iter().all(|url| is_loopback(url));
    settings.check(stand_in)?;
    Ok(stand_in)
}

/// How reading an account behaves, by its settings.
///
/// # Errors
/// As [`is_stand_in`].
pub fn sync_settings(connector: &str, settings: &str) -> Result<SyncSettings, Box<ConnectorError>> {
    is_stand_in(connector, settings)?;
    Ok(SyncSettings { bound_seconds: AccountSettings::parse(settings)?.bound_seconds })
}

struct Cached {
    settings: String,
    connector: Arc<dyn MarketplaceConnector>,
}

/// Makes connectors, each with an HTTP client of its own, and keeps them while their settings stay the same.
pub struct Connectors {
    clock: SharedClock,
    ledger: Arc<dyn BudgetLedger>,
    state: Mutex<State>,
}

struct State {
    retention: Retention,
    cached: HashMap<AccountId, Cached>,
    clients: HashMap<AccountId, HttpClient>,
}

impl Connectors {
    /// An empty registry over these budgets.
    pub fn new(clock: SharedClock, ledger: Arc<dyn BudgetLedger>, retention: Retention) -> Self {
        Self { clock, ledger, state: Mutex::new(State { retention, cached: HashMap::new(), clients: HashMap::new() }) }
    }

    /// The connector of an account, if it was made before and its settings are the same.
    pub fn cached(&self, account: AccountId, settings: &str) -> Option<Arc<dyn MarketplaceConnector>> {
        let state = self.state();
        let cached = state.cached.get(&account)?;
        (cached.settings == settings).then(|| cached.connector.clone())
    }

    /// Makes the connector of an account and keeps it.
    ///
    /// # Errors
    /// `Config`: the settings are wrong.
    pub fn make(
        &self,
        account: AccountId,
        connector: &str,
        settings: &str,
        credential: AccountCredential,
    ) -> Result<Arc<dyn MarketplaceConnector>, Box<ConnectorError>> {
        let (made, http) = self.build(&account.to_string(), connector, settings, credential)?;
        let mut state = self.state();
        state.cached.insert(account, Cached { settings: settings.to_owned(), connector: made.clone() });
        state.clients.insert(account, http);
        Ok(made)
    }

    /// Makes a connector that is not kept, for an account that is not stored yet. Its requests use budgets of their
    /// own name, which then also bound how often an account can be tried.
    ///
    /// # Errors
    /// `Config`: the settings are wrong.
    pub fn trial(
        &self,
        connector: &str,
        settings: &str,
        credential: AccountCredential,
    ) -> Result<Arc<dyn MarketplaceConnector>, Box<ConnectorError>> {
        Ok(self.build(&format!("trial-{connector}"), connector, settings, credential)?.0)
    }

    fn build(
        &self,
        budgets_of: &str,
        connector: &str,
        settings: &str,
        credential: AccountCredential,
    ) -> Result<(Arc<dyn MarketplaceConnector>, HttpClient), Box<ConnectorError>> {
        let parsed = AccountSettings::parse(settings)?;
        let retention = self.state().retention;
        let prepared = (kind(connector)?.prepare)(parsed.connector.clone(), &retention)?;
        parsed.check(prepared.urls.iter().all(|url| is_loopback(url)))?;
        let mut allowed = ClientSettings::new(budgets_of);
        for url in &prepared.urls {
            allowed = allowed.allow_base_url(url).map_err(wrong_client)?;
        }
        let ledger: Arc<dyn BudgetLedger> = if parsed.budgets_off { Arc::new(NoBudget) } else { self.ledger.clone() };
        let http = HttpClient::new(allowed, self.clock.clone(), ledger).map_err(wrong_client)?;
        Ok(((prepared.build)(credential, http.clone(), self.clock.clone())?, http))
    }

    /// Forgets connectors of accounts that are not in `kept`.
    pub fn keep_only(&self, kept: &[AccountId]) {
        let mut state = self.state();
        state.cached.retain(|account, _| kept.contains(account));
        state.clients.retain(|account, _| kept.contains(account));
    }

    /// Forgets all connectors: they are made anew, with the credentials stored by then.
    pub fn forget_all(&self) {
        self.state().cached.clear();
    }

    /// Takes over a changed configuration: all connectors are made anew.
    pub fn configure(&self, retention: Retention) {
        let mut state = self.state();
        if state.retention != retention {
            state.retention = retention;
            state.cached.clear();
        }
    }

    /// What the marketplaces' answers said about the time, one entry a host and account.
    pub fn dates_seen(&self) -> Vec<DateSeen> {
        self.state().clients.values().flat_map(HttpClient::date_seen).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Connectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connectors({})", self.state().cached.len())
    }
}
