//! A small scripted eBay on a loopback port, and a clock that jumps instead of sleeping.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{TimeZone, Utc};
use ordersync_connector_api::AccountCredential;
use ordersync_connector_ebay::{EbayConfig, EbayConnector};
use ordersync_http_client::{ClientSettings, HttpClient, NoBudget};
use ordersync_types::{Clock, Secret, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::fixtures::fixture;

/// Whoever sleeps is woken at once, later.
#[derive(Debug)]
pub(crate) struct JumpingClock(AtomicI64);

impl JumpingClock {
    pub(crate) fn at(now: &str) -> Arc<Self> {
        Arc::new(Self(now.parse::<Timestamp>().unwrap().timestamp_millis().into()))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        Utc.timestamp_millis_opt(self.0.load(Ordering::SeqCst)).unwrap()
    }

    async fn sleep_until(&self, wake: Timestamp) {
        self.0.fetch_max(wake.timestamp_millis(), Ordering::SeqCst);
        // a real moment, so that a task that waits for another does not spin
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Path and query, not decoded.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A query value, percent-decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let raw = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(raw.replace("%5B", "[").replace("%5D", "]"))
    }

    pub(crate) fn is_token(&self) -> bool {
        self.target.starts_with("/identity/v1/oauth2/token")
    }
}

pub(crate) type Answer = (u16, &'static str, String);

pub(crate) fn json_answer(status: u16, body: Value) -> Answer {
    (status, "application/json", body.to_string())
}

/// A server that answers with a script until it is dropped.
pub(crate) struct Scripted {
    pub(crate) base: String,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    _tasks: JoinSet<()>,
}

type Script = Arc<Mutex<dyn FnMut(&Asked) -> Answer + Send>>;

impl Scripted {
    pub(crate) async fn start(script: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let script: Script = Arc::new(Mutex::new(script));
        let mut tasks = JoinSet::new();
        let log = asked.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, script.clone(), log.clone()));
            }
        });
        Self { base, asked, _tasks: tasks }
    }

    /// The targets of all requests but those for tokens.
    pub(crate) fn targets(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| !asked.is_token()).map(|asked| asked.target.clone()).collect()
    }

    pub(crate) fn tokens_asked(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.is_token()).count()
    }

    pub(crate) fn config(&self) -> EbayConfig {
        EbayConfig {
            api_base: Some(self.base.clone()),
            token_url: Some(format!("{}/identity/v1/oauth2/token", self.base)),
            ..EbayConfig::default()
        }
    }

    pub(crate) fn connector(&self, clock: &Arc<JumpingClock>) -> EbayConnector {
        self.connector_with(&self.config(), clock)
    }

    pub(crate) fn connector_with(&self, config: &EbayConfig, clock: &Arc<JumpingClock>) -> EbayConnector {
        let settings = ClientSettings::new("account-1").allow_base_url(&self.base).unwrap();
        let settings = ClientSettings { jitter_seed: Some(1), ..settings };
        let http = HttpClient::new(settings, clock.clone(), Arc::new(NoBudget)).unwrap();
        EbayConnector::new(config, credential(), http, clock.clone()).unwrap()
    }
}

pub(crate) fn credential() -> AccountCredential {
    let secret = |text: &str| Secret::new(text.to_owned());
    AccountCredential {
        client_id: secret("Example-App-PRD-1"),
        client_secret: secret("PRD-cert-secret-text"),
        refresh_token: secret("v^1.1#refresh-secret-text"),
    }
}

async fn serve(stream: TcpStream, script: Script, log: Arc<Mutex<Vec<Asked>>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let Some(asked) = read(&mut stream).await else { return };
        log.lock().unwrap().push(asked.clone());
        let (status, kind, body) = (*script.lock().unwrap())(&asked);
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(body.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|length| *length > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok().filter(|length| *length > 0)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { target, headers, body: String::from_utf8(body).unwrap() })
}

pub(crate) fn token_answer() -> Answer {
    json_answer(200, json!({ "access_token": "v^1.1#access", "expires_in": 7200, "token_type": "User Access Token" }))
}

/// eBay's list of orders, newest first, read by `lastmodifieddate`, `limit` and `offset`.
pub(crate) struct Shop {
    /// Order number and moment of the last change, milliseconds since 1970.
    pub(crate) orders: Vec<(String, i64)>,
}

impl Shop {
    pub(crate) fn answer(&self, asked: &Asked) -> Answer {
        if asked.is_token() {
            return token_answer();
        }
        if let Some(id) = asked.target.strip_prefix("/sell/fulfillment/v1/order/") {
            let id = id.split('?').next().unwrap();
            return match self.orders.iter().find(|(known, _)| known == id) {
                Some((id, at)) => json_answer(200, order(id, *at)),
                None => json_answer(404, json!({ "errors": [{ "errorId": 32100, "domain": "API_FULFILLMENT" }] })),
            };
        }
        let filter = asked.query("filter").unwrap();
        let dates = filter.strip_prefix("lastmodifieddate:[").unwrap().strip_suffix(']').unwrap();
        let (from, to) = dates.split_once("..").unwrap();
        let ms = |text: &str| text.parse::<Timestamp>().unwrap().timestamp_millis();
        let mut found: Vec<&(String, i64)> =
            self.orders.iter().filter(|(_, at)| (ms(from)..=ms(to)).contains(at)).collect();
        found.sort_by(|a, b| b.cmp(a));
        let number = |name| asked.query(name).unwrap().parse::<usize>().unwrap();
        let (limit, offset) = (number("limit"), number("offset"));
        let page: Vec<Value> = found.iter().skip(offset).take(limit).map(|(id, at)| order(id, *at)).collect();
        json_answer(
            200,
            json!({
                "href": "https://elsewhere.example/order",
                // the trap: another host, and without fieldGroups
                "next": format!("https://elsewhere.example/sell/fulfillment/v1/order?offset={}", offset + limit),
                "total": found.len(), "limit": limit, "offset": offset, "orders": page,
            }),
        )
    }
}

pub(crate) fn order(id: &str, modified_ms: i64) -> Value {
    let mut order = fixture("only_what_is_required");
    let modified = Utc.timestamp_millis_opt(modified_ms).unwrap();
    order["orderId"] = json!(id);
    order["lastModifiedDate"] = json!(modified.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    order["creationDate"] = order["lastModifiedDate"].clone();
    order
}
