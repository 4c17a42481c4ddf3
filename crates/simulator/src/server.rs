//! The stand-ins on a loopback port.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ordersync_types::SharedClock;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::amazon::AmazonShop;
use crate::ask::Ask;
use crate::control;
use crate::ebay::EbayShop;
use crate::reply::{Reply, Sending};

/// Stand-in marketplaces behind one loopback port. Their paths do not overlap, so that one address serves both.
#[derive(Debug, Clone)]
pub struct StandIn {
    clock: SharedClock,
    amazon: Option<Arc<AmazonShop>>,
    ebay: Option<Arc<EbayShop>>,
    port: u16,
}

/// The shop meant to reset the connection instead of answering.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection was reset on purpose")]
pub(crate) struct Reset;

impl StandIn {
    /// No marketplace yet, on a port that the system chooses. `clock` is told while a request is served.
    pub const fn new(clock: SharedClock) -> Self {
        Self { clock, amazon: None, ebay: None, port: 0 }
    }

    /// Serves this Amazon too: `/auth/o2/token`, `/orders/2026-01-01/...`.
    #[must_use]
    pub fn amazon(mut self, shop: Arc<AmazonShop>) -> Self {
        self.amazon = Some(shop);
        self
    }

    /// Serves this eBay too: `/identity/v1/oauth2/token`, `/sell/fulfillment/v1/...`.
    #[must_use]
    pub fn ebay(mut self, shop: Arc<EbayShop>) -> Self {
        self.ebay = Some(shop);
        self
    }

    /// A fixed port, so that a daemon finds a stand-in that was started again.
    #[must_use]
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Listens on `127.0.0.1` and serves until the result is stopped or dropped.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn start(self) -> std::io::Result<Running> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(self)));
        Ok(Running { base_url: format!("http://{address}"), address, tasks })
    }

    /// What `ask` is answered with.
    fn answer(&self, ask: &Ask) -> Result<Reply, Reset> {
        let path = ask.path.as_str();
        if path.starts_with("/standin/") {
            return Ok(control::answer(ask, self.amazon.as_deref(), self.ebay.as_deref()));
        }
        match (&self.amazon, &self.ebay) {
            (Some(shop), _) if path.starts_with("/auth/") || path.starts_with("/orders/") => shop.answer(ask),
            (_, Some(shop)) if path.starts_with("/identity/") || path.starts_with("/sell/") => shop.answer(ask),
            _ => Ok(Reply::json(StatusCode::NOT_FOUND, &json!({"message": "no such path"}))),
        }
    }
}

/// A stand-in that serves. Dropping it closes the port and every connection.
pub struct Running {
    base_url: String,
    address: SocketAddr,
    tasks: JoinSet<()>,
}

impl Running {
    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection, and waits until that is done.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, stand_in: Arc<StandIn>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(converse(stream, stand_in.clone()));
                } else {
                    // Out of descriptors: give the open connections a moment.
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, stand_in: Arc<StandIn>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reset = Arc::new(AtomicBool::new(false));
    let wire = Wire { stream, reset: reset.clone() };
    let service = service_fn(move |request| serve(request, stand_in.clone(), reset.clone()));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(wire), service);
    // A client that hangs up, or a fault, ends the connection with an error: nothing more is owed to it.
    drop(connection.await);
}

/// Forms and test controls are small; more is a mistake of the caller.
const LARGEST_BODY: usize = 1 << 20;

async fn serve(
    request: Request<Incoming>,
    stand_in: Arc<StandIn>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Sending>, Reset> {
    let guard = stand_in.clock.busy();
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(Reply::html(StatusCode::PAYLOAD_TOO_LARGE).into_response(guard));
    };
    let ask = Ask {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes(),
    };
    match stand_in.answer(&ask) {
        Ok(reply) => Ok(reply.into_response(guard)),
        Err(torn) => {
            reset.store(true, Ordering::Release);
            Err(torn)
        }
    }
}

/// A connection that can be reset instead of closed.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Acquire) {
            // Without it the peer sees an ordinary end; there is nobody to tell when it fails.
            drop(self.stream.set_zero_linger());
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.reset.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
