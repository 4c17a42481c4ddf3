//! A marketplace connector that answers by a script.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ordersync_connector_api::{
    AccountCheck, ConnectorError, ConnectorInfo, ErrorKind, MarketplaceConnector, NextPage, OrderPage, PageToken,
    RejectedOrder, Retry, Window, WindowRules,
};
use ordersync_order::Order;
use ordersync_types::{ConnectorId, Timestamp, VendorOrderId};
use tokio::sync::Notify;

/// One call of `poll_orders`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollCall {
    /// The window asked for.
    pub window: Window,
    /// The place in it.
    pub place: Option<PageToken>,
}

/// A [`MarketplaceConnector`] without a marketplace: pages and errors come from a queue, single orders from a table,
/// and every call is written down. Shared as `Arc`; the script may grow while it is used.
#[derive(Debug)]
pub struct ScriptedConnector {
    info: ConnectorInfo,
    script: Mutex<Script>,
}

#[derive(Debug, Default)]
struct Script {
    polls: VecDeque<Step>,
    then_empty: bool,
    orders: HashMap<VendorOrderId, Result<Order, RejectedOrder>>,
    fetch_errors: VecDeque<ConnectorError>,
    checks: VecDeque<Result<AccountCheck, ConnectorError>>,
    polled: Vec<PollCall>,
    fetched: Vec<VendorOrderId>,
    checked: usize,
}

#[derive(Debug)]
struct Step {
    held_by: Option<Arc<Notify>>,
    answer: Result<OrderPage, ConnectorError>,
}

impl ScriptedConnector {
    /// With an empty script, and [`scripted_info`].
    pub fn new() -> Self {
        Self::with_info(scripted_info())
    }

    /// With an empty script.
    pub fn with_info(info: ConnectorInfo) -> Self {
        Self { info, script: Mutex::default() }
    }

    /// The next poll answers with `page`.
    pub fn push_page(&self, page: OrderPage) {
        self.script().polls.push_back(Step { held_by: None, answer: Ok(page) });
    }

    /// The next poll fails.
    pub fn push_error(&self, error: ConnectorError) {
        self.script().polls.push_back(Step { held_by: None, answer: Err(error) });
    }

    /// The next poll is written down, then waits until `notify_one` is called on what this returns (before or
    /// after), then answers. It holds no guard while it waits.
    pub fn push_held(&self, answer: Result<OrderPage, ConnectorError>) -> Arc<Notify> {
        let release = Arc::new(Notify::new());
        self.script().polls.push_back(Step { held_by: Some(release.clone()), answer });
        release
    }

    /// Once the script is used up, a poll answers with an empty last page whose bound is the window's end, instead
    /// of [`ErrorKind::Unsupported`].
    pub fn then_empty_pages(&self) {
        self.script().then_empty = true;
    }

    /// The order is known to `fetch_order` from now on, as it is here.
    pub fn put_order(&self, order: Order) {
        self.script().orders.insert(order.facts.vendor_order_id.clone(), Ok(order));
    }

    /// The order is known to `fetch_order` from now on, but cannot be read.
    pub fn put_rejected(&self, id: VendorOrderId, rejected: RejectedOrder) {
        self.script().orders.insert(id, Err(rejected));
    }

    /// The next `fetch_order` fails.
    pub fn push_fetch_error(&self, error: ConnectorError) {
        self.script().fetch_errors.push_back(error);
    }

    /// The next `check` answers so; without a script it finds nothing to say.
    pub fn push_check(&self, answer: Result<AccountCheck, ConnectorError>) {
        self.script().checks.push_back(answer);
    }

    /// The polls so far, in the order they came.
    pub fn polls(&self) -> Vec<PollCall> {
        self.script().polled.clone()
    }

    /// The order numbers that `fetch_order` was asked for so far.
    pub fn fetches(&self) -> Vec<VendorOrderId> {
        self.script().fetched.clone()
    }

    /// How often `check` was called.
    pub fn checks(&self) -> usize {
        self.script().checked
    }

    /// How many scripted answers to polls are left.
    pub fn left(&self) -> usize {
        self.script().polls.len()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_step(&self, window: Window, place: Option<&PageToken>) -> Step {
        let mut script = self.script();
        script.polled.push(PollCall { window, place: place.cloned() });
        let then_empty = script.then_empty;
        script.polls.pop_front().unwrap_or_else(|| Step {
            held_by: None,
            answer: if then_empty { Ok(last_page(Vec::new(), window.to)) } else { Err(used_up("poll_orders")) },
        })
    }
}

impl Default for ScriptedConnector {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl MarketplaceConnector for ScriptedConnector {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    async fn poll_orders(&self, window: Window, place: Option<&PageToken>) -> Result<OrderPage, ConnectorError> {
        let step = self.next_step(window, place);
        if let Some(release) = step.held_by {
            release.notified().await;
        }
        step.answer
    }

    async fn fetch_order(&self, id: &VendorOrderId) -> Result<Result<Order, RejectedOrder>, ConnectorError> {
        let mut script = self.script();
        script.fetched.push(id.clone());
        if let Some(error) = script.fetch_errors.pop_front() {
            return Err(error);
        }
        let unknown = || ConnectorError::new(ErrorKind::NotFound, Retry::Never, "fetch_order", "no such order");
        script.orders.get(id).cloned().ok_or_else(unknown)
    }

    async fn check(&self) -> Result<AccountCheck, ConnectorError> {
        let mut script = self.script();
        script.checked += 1;
        script.checks.pop_front().unwrap_or(Ok(AccountCheck::default()))
    }
}

fn used_up(operation: &'static str) -> ConnectorError {
    ConnectorError::new(ErrorKind::Unsupported, Retry::Never, operation, "the test's script is used up")
}

/// A connector named `scripted`, with windows like Amazon's: 150 s lag, 600 s overlap, page tokens good for a day,
/// 730 days of history; personal data for 30 days after delivery, facts without limit.
pub fn scripted_info() -> ConnectorInfo {
    ConnectorInfo {
        id: ConnectorId("scripted"),
        name: "Scripted",
        windows: WindowRules { lag_seconds: 150, overlap_seconds: 600, page_token_seconds: 86_400, history_days: 730 },
        personal_days_after_delivery: 30,
        fact_months_after_change: None,
        keeps_people_of_open_orders_only: false,
    }
}

/// A page that another follows at `token`, which survives a restart.
pub fn page(orders: Vec<Order>, token: &str) -> OrderPage {
    let next = NextPage { token: PageToken::new(token), survives_restart: true };
    OrderPage { orders, rejected: Vec::new(), next: Some(next), bound: None }
}

/// The last page of a window that is complete up to `bound`.
pub fn last_page(orders: Vec<Order>, bound: Timestamp) -> OrderPage {
    OrderPage { orders, rejected: Vec::new(), next: None, bound: Some(bound) }
}
