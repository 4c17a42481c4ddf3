//! A server on loopback that answers by a script, one reply a request, and remembers what it was asked.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How a reply comes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Delivery {
    /// As it should.
    #[default]
    Whole,
    /// The headers and half of the body, then the connection closes.
    Cut,
    /// In pieces of this many bytes (at least 1), with a wait in real time before each.
    Slow(usize, Duration),
    /// Not at all: the connection is reset.
    Reset,
    /// Not at all: the connection stays open in silence.
    Silence,
}

/// One scripted reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptedReply {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides `content-length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How it comes.
    pub delivery: Delivery,
}

impl ScriptedReply {
    /// A status with a body and no headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delivery: Delivery::Whole }
    }

    /// 200 with a JSON text.
    pub fn json(text: &str) -> Self {
        Self::new(200, text).header("content-type", "application/json")
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Delivered otherwise.
    #[must_use]
    pub fn delivered(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        head
    }
}

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers in their order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The first header with this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The server. It ends when dropped. A request beyond the script is answered with 418.
#[derive(Debug)]
pub struct ScriptedServer {
    address: SocketAddr,
    script: Arc<Script>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Script {
    replies: Mutex<VecDeque<ScriptedReply>>,
    asked: Mutex<Vec<Asked>>,
}

impl ScriptedServer {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn start(replies: impl IntoIterator<Item = ScriptedReply>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let script = Arc::new(Script { replies: Mutex::new(replies.into_iter().collect()), ..Script::default() });
        let mut tasks = JoinSet::new();
        let shared = script.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let script = shared.clone();
                // a client that hangs up ends its connection; nothing more is owed to it
                connections.spawn(async move { drop(converse(stream, &script).await) });
            }
        });
        Ok(Self { address, script, _tasks: tasks })
    }

    /// `http://127.0.0.1:PORT` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// One more reply at the script's end.
    pub fn push(&self, reply: ScriptedReply) {
        lock(&self.script.replies).push_back(reply);
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.script.asked).clone()
    }

    /// Replies not used up.
    pub fn left(&self) -> usize {
        lock(&self.script.replies).len()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn converse(mut stream: TcpStream, script: &Script) -> io::Result<()> {
    let mut received = Vec::new();
    while let Some(asked) = read_request(&mut stream, &mut received).await? {
        lock(&script.asked).push(asked);
        let reply = lock(&script.replies).pop_front();
        let reply = reply.unwrap_or_else(|| ScriptedReply::new(418, "the test's script is used up"));
        let head = reply.head();
        match reply.delivery {
            Delivery::Whole => stream.write_all(&[head.as_bytes(), &reply.body].concat()).await?,
            Delivery::Cut => {
                let half = reply.body.get(..reply.body.len() / 2).unwrap_or_default();
                return stream.write_all(&[head.as_bytes(), half].concat()).await;
            }
            Delivery::Slow(size, wait) => {
                for piece in [head.as_bytes(), &reply.body].concat().chunks(size.max(1)) {
                    tokio::time::sleep(wait).await;
                    stream.write_all(piece).await?;
                }
            }
            Delivery::Reset => return stream.set_zero_linger(),
            Delivery::Silence => std::future::pending::<()>().await,
        }
    }
    Ok(())
}

/// The next request of a connection; `None` at its end. A body must come with its length.
async fn read_request(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    let end = loop {
        if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(received.get(..end).unwrap_or_default()).into_owned();
    received.drain(..end);
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let mut asked = Asked { method, target, headers, body: Vec::new() };
    let length = asked.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while received.len() < length {
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
    asked.body = received.drain(..length).collect();
    Ok(Some(asked))
}
