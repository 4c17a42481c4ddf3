//! A clock moved by hand, a small HTTP client, and shops to ask.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use bytes::Bytes;
use chrono::{DateTime, TimeZone, Utc};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use ordersync_simulator::{AmazonSettings, AmazonShop, EbaySettings, EbayShop, Running, StandIn, WorldSettings};
use ordersync_types::{BusyGuard, BusyTracker, Clock, SharedClock, Timestamp};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A clock that stands still until it is moved, and counts who is busy.
#[derive(Debug)]
pub(crate) struct ManualClock {
    ms: AtomicI64,
    busy: Arc<Busy>,
}

#[derive(Debug, Default)]
pub(crate) struct Busy {
    held: AtomicUsize,
    taken: AtomicUsize,
}

impl BusyTracker for Busy {
    fn release(&self, _token: u64) {
        self.held.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ManualClock {
    pub(crate) fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self { ms: now.timestamp_millis().into(), busy: Arc::default() })
    }

    pub(crate) fn pass(&self, time: chrono::Duration) {
        self.ms.fetch_add(time.num_milliseconds(), Ordering::SeqCst);
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.ms.store(now.timestamp_millis(), Ordering::SeqCst);
    }

    /// Guards held now, and taken ever.
    pub(crate) fn guards(&self) -> (usize, usize) {
        (self.busy.held.load(Ordering::SeqCst), self.busy.taken.load(Ordering::SeqCst))
    }
}

#[async_trait::async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        // Real clocks have a part below the millisecond too.
        DateTime::from_timestamp_millis(self.ms.load(Ordering::SeqCst)).unwrap() + chrono::Duration::microseconds(617)
    }

    async fn sleep_until(&self, _wake: Timestamp) {}

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn busy(&self) -> BusyGuard {
        self.busy.held.fetch_add(1, Ordering::SeqCst);
        self.busy.taken.fetch_add(1, Ordering::SeqCst);
        BusyGuard::tracked(self.busy.clone(), 0)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// One request on a connection of its own. `target` goes out as it stands.
pub(crate) async fn call(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer, hyper::Error> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { drop(connection.await) });
    let mut request = Request::builder().method(method).uri(target).header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).unwrap();
    let response = sender.send_request(request).await?;
    let (parts, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

pub(crate) fn start() -> Timestamp {
    Utc.with_ymd_and_hms(2026, 3, 2, 8, 0, 0).unwrap()
}

pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

pub(crate) fn iso(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

pub(crate) const AGENT: &str = "ordersync/0.1 (Language=Rust; Platform=Linux)";

/// A stand-in Amazon, served, on a clock of ours.
pub(crate) struct Amazon {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) shop: Arc<AmazonShop>,
    pub(crate) running: Running,
    token: Mutex<String>,
}

impl Amazon {
    pub(crate) async fn with(world: WorldSettings, settings: AmazonSettings) -> Self {
        let clock = ManualClock::at(start());
        let shared: SharedClock = clock.clone();
        let shop = AmazonShop::new(shared.clone(), world, settings);
        let running = StandIn::new(shared).amazon(shop.clone()).start().await.unwrap();
        let this = Self { clock, shop, running, token: Mutex::default() };
        this.renew().await;
        this
    }

    /// `orders` orders in the sixty days before the start, without a usage plan in the way.
    pub(crate) async fn new(orders: u64) -> Self {
        let settings = AmazonSettings { enforce_plans: false, ..AmazonSettings::default() };
        Self::with(world(orders), settings).await
    }

    pub(crate) async fn renew(&self) {
        let form = "grant_type=refresh_token&client_id=amzn1.application-oa2-client.simulated\
                    &client_secret=amzn1.oa2-cs.v1.simulated&refresh_token=Atzr%7Csimulated-refresh";
        let answer = self.token(form).await;
        assert_eq!(answer.status, 200);
        *self.token.lock().unwrap() = answer.json()["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn token(&self, form: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded;charset=UTF-8")];
        call(self.running.address(), "POST", "/auth/o2/token", &headers, form).await.unwrap()
    }

    pub(crate) fn bearer(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.try_get(target).await.unwrap()
    }

    pub(crate) async fn try_get(&self, target: &str) -> Result<Answer, hyper::Error> {
        let token = self.bearer();
        let headers = [("x-amz-access-token", token.as_str()), ("user-agent", AGENT)];
        call(self.running.address(), "GET", target, &headers, "").await
    }

    pub(crate) async fn search(&self, query: &str) -> Answer {
        self.get(&format!("/orders/2026-01-01/orders?{query}")).await
    }

    /// All pages of a search.
    pub(crate) async fn search_all(&self, query: &str) -> Vec<Value> {
        let mut orders = Vec::new();
        let mut token = String::new();
        loop {
            let answer = self.search(&format!("{query}{token}")).await;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            let page = answer.json();
            orders.extend(page["orders"].as_array().unwrap().clone());
            match page["pagination"]["nextToken"].as_str() {
                Some(next) => token = format!("&paginationToken={}", encoded(next)),
                None => return orders,
            }
        }
    }
}

/// Orders in the sixty days before the start.
pub(crate) fn world(orders: u64) -> WorldSettings {
    WorldSettings::new(42, orders, start() - chrono::Duration::days(60), start() - chrono::Duration::minutes(5))
}

pub(crate) const EVERYTHING: &str = "includedData=BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,\
                              TAX,PAYMENT,FULFILLMENT_ORDERS";

/// A stand-in eBay, served, on a clock of ours.
pub(crate) struct Ebay {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) shop: Arc<EbayShop>,
    pub(crate) running: Running,
    token: Mutex<String>,
}

impl Ebay {
    pub(crate) async fn with(world: WorldSettings, settings: EbaySettings) -> Self {
        let clock = ManualClock::at(start());
        let shared: SharedClock = clock.clone();
        let shop = EbayShop::new(shared.clone(), world, settings);
        let running = StandIn::new(shared).ebay(shop.clone()).start().await.unwrap();
        let this = Self { clock, shop, running, token: Mutex::default() };
        this.renew("").await;
        this
    }

    pub(crate) async fn new(orders: u64) -> Self {
        Self::with(world(orders), EbaySettings::default()).await
    }

    /// A fresh token, for `scopes` (`&scope=...`) or all.
    pub(crate) async fn renew(&self, scopes: &str) {
        let answer = self.token(&basic(), &format!("grant_type=refresh_token&refresh_token={REFRESH}{scopes}")).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        *self.token.lock().unwrap() = answer.json()["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn token(&self, authorization: &str, form: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", authorization)];
        call(self.running.address(), "POST", "/identity/v1/oauth2/token", &headers, form).await.unwrap()
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.try_get(target).await.unwrap()
    }

    pub(crate) async fn try_get(&self, target: &str) -> Result<Answer, hyper::Error> {
        let bearer = format!("Bearer {}", self.token.lock().unwrap());
        call(self.running.address(), "GET", target, &[("authorization", &bearer)], "").await
    }

    pub(crate) async fn list(&self, query: &str) -> Answer {
        self.get(&format!("/sell/fulfillment/v1/order?{query}")).await
    }

    /// All pages of a list, by offset.
    pub(crate) async fn list_all(&self, query: &str) -> Vec<Value> {
        let mut orders = Vec::new();
        loop {
            let answer = self.list(&format!("{query}&limit=50&offset={}", orders.len())).await;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            let page = answer.json();
            orders.extend(page["orders"].as_array().unwrap().clone());
            if page.get("next").is_none() {
                return orders;
            }
        }
    }
}

pub(crate) const REFRESH: &str = "v%5E1.1%23i%5E1%23simulated-refresh";

pub(crate) fn basic() -> String {
    let pair = "Example-OrderSyn-PRD-simulated:PRD-simulated-cert";
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

/// `lastmodifieddate:[from..to]`, encoded.
pub(crate) fn modified(from: Timestamp, to: Timestamp) -> String {
    format!("filter=lastmodifieddate:%5B{}..{}%5D", iso(from), iso(to))
}
