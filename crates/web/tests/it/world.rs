//! A shop with some orders, and a process around the API that does what the daemon would.

use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use async_trait::async_trait;
use chrono::TimeDelta;
use ordersync_connector_api::MarketplaceConnector;
use ordersync_core::{Account, Core, DatabaseUrl, Databases, KeyRing, OpenOptions, RootSecret, SyncSettings};
use ordersync_order::{Aspect, Cancellation, CancellationState, Order, OrderStatus, RawCode, Review};
use ordersync_testkit::{SampleOrder, ScriptedConnector, SteppedClock, last_page};
use ordersync_types::{Secret, Timestamp};
use ordersync_web::dto::{DoctorRow, DoctorState, SyncOutcome, SyncResult};
use ordersync_web::{
    AccountDraft, Api, Caller, ControlError, ControlFault, DaemonControl, EscrowControl, EscrowVerdict, LocalApi, Role,
    TrialConnector,
};
use serde_json::{Value, json};

/// Where time stands when a test begins.
pub(crate) const NOW: &str = "2026-11-02T10:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// Everything that was logged in this run, at trace level.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn log_text() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}

fn keep_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
        subscriber.with_writer(|| LogWriter).init();
    });
}

/// What the daemon would be.
pub(crate) struct Process {
    pub(crate) core: Arc<Core>,
    pub(crate) connector: Arc<ScriptedConnector>,
    pub(crate) escrow_tested_at: Mutex<Option<Timestamp>>,
    pub(crate) told_of_changes: Mutex<u32>,
    pub(crate) panics: Mutex<bool>,
    pub(crate) clock: SteppedClock,
    /// How many tasks were busy when a connector was asked for, and when accounts were to be read.
    pub(crate) busy: Mutex<Vec<usize>>,
}

#[async_trait]
impl DaemonControl for Process {
    async fn connector(&self, _account: &Account) -> Result<Arc<dyn MarketplaceConnector>, ControlError> {
        self.busy.lock().unwrap().push(self.clock.busy_tasks());
        Ok(self.connector.clone())
    }

    async fn trial_connector(&self, draft: &AccountDraft) -> Result<TrialConnector, ControlError> {
        let settings: Value = serde_json::from_str(&draft.settings).unwrap();
        if draft.connector != "scripted" {
            let hint = "choose one of: scripted";
            return Err(ControlError::new(ControlFault::Settings, "there is no such connector", hint));
        }
        Ok(TrialConnector { connector: self.connector.clone(), loopback: settings["url"] == "http://127.0.0.1:1" })
    }

    async fn accounts_changed(&self) {
        *self.told_of_changes.lock().unwrap() += 1;
    }

    async fn sync_now(&self, label: Option<&str>) -> Vec<SyncOutcome> {
        self.busy.lock().unwrap().push(self.clock.busy_tasks());
        let mut outcomes = Vec::new();
        for account in self.core.store.accounts().await.unwrap() {
            if label.is_some_and(|label| label != account.label) {
                continue;
            }
            let connector: Arc<dyn MarketplaceConnector> = self.connector.clone();
            let result = match self.core.sync_account(&account, &connector, SyncSettings::default()).await {
                Ok(report) => SyncResult::Done {
                    pages: report.pages,
                    new: report.counts.new,
                    changed: report.counts.changed,
                    unchanged: report.counts.unchanged,
                    rejected: report.counts.rejected,
                    caught_up_to: report.watermark,
                },
                Err(error) => {
                    SyncResult::Failed { message: error.to_string(), hint: "try again".to_owned(), retry: true }
                }
            };
            outcomes.push(SyncOutcome { account: account.label, result });
        }
        outcomes
    }

    async fn doctor(&self) -> Vec<DoctorRow> {
        assert!(!*self.panics.lock().unwrap(), "Ada Example panicked");
        let message = "all well".to_owned();
        vec![DoctorRow { name: "process".to_owned(), state: DoctorState::Ok, message, hint: String::new() }]
    }
}

#[async_trait]
impl EscrowControl for Process {
    async fn escrow_export(&self, passphrase: Secret<String>) -> Result<Vec<u8>, ControlError> {
        if passphrase.expose().len() < 12 {
            let message = "the passphrase is too short";
            return Err(ControlError::new(ControlFault::Refused, message, "use at least 12 characters"));
        }
        Ok(format!("recovery file under {} characters", passphrase.expose().len()).into_bytes())
    }

    async fn escrow_test(&self, file: Vec<u8>, _passphrase: Secret<String>) -> Result<EscrowVerdict, ControlError> {
        if !file.starts_with(b"recovery file") {
            return Err(ControlError::new(ControlFault::Refused, "this is no recovery file", "give the right one"));
        }
        let tested_at = self.core.clock.now();
        *self.escrow_tested_at.lock().unwrap() = Some(tested_at);
        Ok(EscrowVerdict { root_id: self.core.keys.id().to_string(), tested_at })
    }

    fn escrow_tested_at(&self) -> Option<Timestamp> {
        *self.escrow_tested_at.lock().unwrap()
    }
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The answer as a failure with this status: (message, hint, code).
    #[track_caller]
    pub(crate) fn failure(&self, status: u16) -> (String, String, u64) {
        assert_eq!(self.status, status, "{}", self.text);
        let error = &self.json()["error"];
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        (text("message"), text("hint"), error["code"].as_u64().unwrap())
    }
}

pub(crate) struct World {
    pub(crate) clock: SteppedClock,
    pub(crate) core: Arc<Core>,
    pub(crate) process: Arc<Process>,
    pub(crate) api: Api,
    folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        keep_log();
        let folder = tempfile::tempdir().unwrap();
        let url = |name: &str| DatabaseUrl::Sqlite(folder.path().join(name));
        let options = OpenOptions { create: true, migrate: true };
        let store = Databases::open(&url("data.db"), &url("keys.db"), options).await.unwrap();
        let clock = SteppedClock::new(now());
        let keys = KeyRing::introduce(&store, &RootSecret::generate().unwrap(), now()).await.unwrap();
        let core = Arc::new(Core::new(store, clock.shared(), keys, "0.1.0"));
        let connector = Arc::new(ScriptedConnector::new());
        connector.then_empty_pages();
        let process = Arc::new(Process {
            core: core.clone(),
            connector,
            escrow_tested_at: Mutex::new(None),
            told_of_changes: Mutex::new(0),
            panics: Mutex::new(false),
            clock: clock.clone(),
            busy: Mutex::new(Vec::new()),
        });
        let api = Api::new(core.clone(), process.clone(), process.clone());
        Self { clock, core, process, api, folder }
    }

    /// With one account and these orders.
    pub(crate) async fn with_orders(orders: Vec<Order>) -> Self {
        let world = Self::new().await;
        let added = world.post(Role::Seller, "/v1/accounts", account("shop-uk")).await;
        assert_eq!(added.status, 201, "{}", added.text);
        world.receive(orders).await;
        world
    }

    /// The marketplace sends these orders.
    pub(crate) async fn receive(&self, orders: Vec<Order>) {
        self.process.connector.push_page(last_page(orders, self.core.clock.now()));
        let synced = self.post(Role::Seller, "/v1/sync", json!({})).await;
        assert_eq!(synced.json()["ok"], true, "{}", synced.text);
    }

    /// Everything that the databases' files hold, as text.
    pub(crate) fn files_text(&self) -> String {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let read = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read(entry.unwrap().path()).unwrap();
        files.map(read).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    pub(crate) async fn get(&self, role: Role, path: &str) -> Answer {
        self.ask(role, "GET", path, None).await
    }

    pub(crate) async fn post(&self, role: Role, path: &str, body: Value) -> Answer {
        self.ask(role, "POST", path, Some(body.to_string().into_bytes())).await
    }

    pub(crate) async fn ask(&self, role: Role, method: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        let caller = Caller { user: format!("{role}-user"), uid: Some(1000), role };
        let answer = LocalApi::new(&self.api, caller).call(method, path, body).await.unwrap();
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        Answer { status: answer.status, headers: answer.headers, text }
    }
}

/// A loopback account that went live a month ago.
pub(crate) fn account(label: &str) -> Value {
    json!({
        "label": label,
        "connector": "scripted",
        "settings": { "url": "http://127.0.0.1:1" },
        "go_live_at": "2026-10-02T00:00:00Z",
        "client_id": "client-id-canary",
        "client_secret": "client-secret-canary",
        "refresh_token": "refresh-token-canary",
    })
}

/// One order of each kind that the day's work tells apart, changed an hour ago unless said otherwise.
pub(crate) fn mixed_orders() -> Vec<Order> {
    let sample = |number| SampleOrder::new(number, now() - TimeDelta::hours(1));
    let leaving = |order: SampleOrder, hours: i64| {
        let mut order = order.build();
        order.facts.ship_by.latest = Some(now() + TimeDelta::hours(hours));
        order
    };
    let mut asked_to_cancel = leaving(sample(5), 20);
    asked_to_cancel.facts.cancellations.push(Cancellation {
        vendor_line_id: None,
        state: CancellationState::Requested,
        by: Some(RawCode::new("BUYER")),
        reason: None,
        at: None,
    });
    let mut reviewed = leaving(sample(7).ebay(), -3);
    let unknown = Review::unknown_value(Aspect::Shipping, "fulfillmentStartInstructions[0].type", RawCode::new("MOON"));
    reviewed.facts.reviews.push(unknown);
    let mut taxed = leaving(sample(1), 5);
    taxed.facts.reviews.push(Review::new(Aspect::Tax, "orderItems[0].tax", "the scheme is not stated"));
    vec![
        leaving(sample(4), -2),
        taxed,
        leaving(sample(2).status(OrderStatus::Pending), 48),
        leaving(sample(3).fba(), 1),
        asked_to_cancel,
        leaving(sample(6).status(OrderStatus::Shipped).updated_at(now() - TimeDelta::days(10)), -240),
        reviewed,
        leaving(sample(8).status(OrderStatus::Shipped), -1),
        leaving(sample(9).status(OrderStatus::Cancelled), 1),
    ]
}

/// The order number of one of [`mixed_orders`].
pub(crate) fn number(sample: u64) -> String {
    let order = SampleOrder::new(sample, now());
    let order = if sample == 7 { order.ebay() } else { order };
    order.vendor_order_id().as_str().to_owned()
}

/// For snapshots: our ids differ from run to run, and no personal text may stand in one.
pub(crate) fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) if is_id(&text) => Value::String("[id]".to_owned()),
        Value::Array(values) => values.into_iter().map(redacted).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match name.as_str() {
                "root_id" => (name, Value::String("[root]".to_owned())),
                "value" => (name, Value::String("[personal]".to_owned())),
                _ => (name, redacted(value)),
            })
            .collect(),
        other => other,
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.parse::<ordersync_types::OrderId>().is_ok()
}
