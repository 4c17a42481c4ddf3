//! A server on loopback that answers by a script, and a clock that jumps over every wait.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ordersync_connector_amazon::{AmazonConfig, AmazonConnector, Region};
use ordersync_connector_api::AccountCredential;
use ordersync_http_client::{BudgetLedger, HttpClient, InMemoryLedger};
use ordersync_types::{Clock, Secret, SharedClock, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Stands still, but jumps to the end of every wait.
#[derive(Debug)]
pub(crate) struct JumpingClock(Mutex<Timestamp>);

impl JumpingClock {
    pub(crate) fn starting(at: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(at)))
    }

    pub(crate) fn forward(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep_until(&self, wake: Timestamp) {
        {
            let mut now = self.0.lock().unwrap();
            *now = wake.max(*now);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
    /// Bytes promised beyond those that are sent.
    cut: usize,
}

impl Answer {
    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Self { status, headers: "content-type: application/json\r\n".into(), body: body.to_string().into(), cut: 0 }
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::json(status, serde_json::json!({"errors": [{"code": code, "message": null, "details": ""}]}))
    }

    pub(crate) fn token(text: &str) -> Self {
        let body = serde_json::json!({"access_token": text, "token_type": "bearer", "expires_in": 3600,
            "refresh_token": REFRESH_TOKEN});
        Self::json(200, body)
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers += line;
        self.headers += "\r\n";
        self
    }

    pub(crate) fn cut_short(mut self) -> Self {
        self.cut = self.body.len();
        self.body.truncate(self.body.len() / 2);
        self.cut -= self.body.len();
        self
    }
}

type Script = Box<dyn Fn(&Seen) -> Answer + Send + Sync>;

/// The server and what it has seen.
pub(crate) struct Server {
    pub(crate) base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

pub(crate) const TOKEN_PATH: &str = "/auth/o2/token";

impl Server {
    /// Answers tokens by itself (`Atza|token-1`, `-2`, ...) and everything else by `script`.
    pub(crate) async fn answering(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let tokens = Mutex::new(0);
        Self::scripted(Box::new(move |seen| {
            if seen.target == TOKEN_PATH {
                let mut tokens = tokens.lock().unwrap();
                *tokens += 1;
                return Answer::token(&format!("Atza|token-{tokens}"));
            }
            script(seen)
        }))
        .await
    }

    /// Answers tokens by itself, and everything else with these answers in their order.
    pub(crate) async fn with(answers: impl IntoIterator<Item = Answer>) -> Self {
        let queue: Mutex<VecDeque<Answer>> = Mutex::new(answers.into_iter().collect());
        Self::answering(move |_| queue.lock().unwrap().pop_front().unwrap_or(Answer::error(418, "ScriptHasEnded")))
            .await
    }

    /// Answers everything by `script`.
    pub(crate) async fn scripted(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = seen.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            let script = Arc::new(script);
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (script, log) = (script.clone(), log.clone());
                connections.spawn(async move { serve(stream, &script, &log).await });
            }
        });
        Self { base, seen, _tasks: tasks }
    }

    /// All requests but those for tokens.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.target != TOKEN_PATH).cloned().collect()
    }

    /// The paths and queries of all requests but those for tokens.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.calls().into_iter().map(|seen| seen.target).collect()
    }

    /// The requests for tokens.
    pub(crate) fn token_calls(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.target == TOKEN_PATH).cloned().collect()
    }
}

async fn serve(mut stream: TcpStream, script: &Script, log: &Mutex<Vec<Seen>>) {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(length) => bytes.extend_from_slice(&part[..length]),
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut line = head.lines().next().unwrap().split(' ');
    let (method, target) = (line.next().unwrap().to_owned(), line.next().unwrap().to_owned());
    let mut seen = Seen { method, target, head, body: String::new() };
    let length: usize = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + length {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(length) => bytes.extend_from_slice(&part[..length]),
        }
    }
    seen.body = String::from_utf8(bytes[head_end..].to_vec()).unwrap();
    let answer = script(&seen);
    log.lock().unwrap().push(seen);
    let head = format!(
        "HTTP/1.1 {} Scripted\r\n{}x-amzn-RequestId: request-417\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.headers,
        answer.body.len() + answer.cut
    );
    let _sent = stream.write_all(head.as_bytes()).await;
    let _sent = stream.write_all(&answer.body).await;
    let _closed = stream.shutdown().await;
}

pub(crate) const CLIENT_SECRET: &str = "amzn1.oa2-cs.v1.invented-secret-417";
pub(crate) const REFRESH_TOKEN: &str = "Atzr|invented-refresh-417";

pub(crate) fn credential() -> AccountCredential {
    let secret = |text: &str| Secret::new(text.to_owned());
    AccountCredential {
        client_id: secret("amzn1.application-oa2-client.invented"),
        client_secret: secret(CLIENT_SECRET),
        refresh_token: secret(REFRESH_TOKEN),
    }
}

/// A connector to the server, its clock and its budgets.
pub(crate) struct Account {
    pub(crate) connector: AmazonConnector,
    pub(crate) clock: Arc<JumpingClock>,
    pub(crate) ledger: Arc<InMemoryLedger>,
}

pub(crate) fn account(server: &Server) -> Account {
    account_of(server, &[])
}

pub(crate) fn account_of(server: &Server, marketplaces: &[&str]) -> Account {
    let clock = JumpingClock::starting(at("2026-10-07T12:00:00Z"));
    let ledger = Arc::new(InMemoryLedger::new());
    let connector = connector(server, marketplaces, clock.clone(), ledger.clone());
    Account { connector, clock, ledger }
}

pub(crate) fn connector(
    server: &Server,
    marketplaces: &[&str],
    clock: SharedClock,
    ledger: Arc<dyn BudgetLedger>,
) -> AmazonConnector {
    let config = AmazonConfig {
        marketplaces: marketplaces.iter().map(|name| (*name).to_owned()).collect(),
        api_url: Some(format!("{}/", server.base)),
        token_url: Some(format!("{}{TOKEN_PATH}", server.base)),
        ..AmazonConfig::new(Region::Eu)
    };
    let mut settings = config.client_settings("account-417").unwrap();
    settings.jitter_seed = Some(417);
    let http = HttpClient::new(settings, clock.clone(), ledger).unwrap();
    AmazonConnector::with_client(&config, credential(), http, clock).unwrap()
}
