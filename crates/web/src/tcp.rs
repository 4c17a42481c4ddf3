//! The same API over HTTP for programs with a token: its own listener, off unless it is configured, with TLS of its own or
//! behind a proxy. Nothing is answered without a token that holds at that moment.

use std::convert::Infallible;
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tower::ServiceExt;

use crate::api::{Api, SELLER};
use crate::connection::{Changes, drain, report, serve};
use crate::error::WebError;
use crate::guard;
use crate::role::{Caller, Role};

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How the HTTP interface is served.
#[derive(Debug, Clone)]
pub struct TcpSettings {
    /// Most connections at one time; more wait in the kernel's queue.
    pub connections: usize,
    /// How long requests may go on after the shutdown began; then they are cut off.
    pub grace: Duration,
    /// The certificate and its key; `None`: plain HTTP, on a loopback address or behind a proxy.
    pub tls: Option<Arc<ServerConfig>>,
}

impl Default for TcpSettings {
    fn default() -> Self {
        Self { connections: 64, grace: Duration::from_secs(10), tls: None }
    }
}

/// Serves the API on a TCP listener until `shutdown` is done, then lets requests under way end within the grace.
pub async fn serve_tcp(
    listener: TcpListener,
    api: &Api,
    settings: TcpSettings,
    shutdown: impl Future<Output = ()> + Send,
) {
    let tls = settings.tls.clone().map(TlsAcceptor::from);
    let served = Served { api: api.clone(), router: api.router(), changes: Changes::default() };
    let (stop, stopping) = watch::channel(false);
    let mut connections: JoinSet<()> = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = connections.join_next(), if !connections.is_empty() => report(ended),
            accepted = listener.accept(), if connections.len() < settings.connections.max(1) => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), served.clone(), stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the HTTP interface could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    stop.send_replace(true);
    drain(connections, &served.changes, settings.grace).await;
}

/// What every connection needs.
#[derive(Clone)]
struct Served {
    api: Api,
    router: Router,
    changes: Changes,
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, served: Served, stopping: watch::Receiver<bool>) {
    let service = service_fn(move |request: Request<Incoming>| answer(served.clone(), request));
    let Some(tls) = tls else { return serve(stream, service, stopping).await };
    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => serve(stream, service, stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_elapsed) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn answer(served: Served, request: Request<Incoming>) -> Result<Response, Infallible> {
    let caller = match caller(&served.api, request.headers()).await {
        Ok(Some(caller)) => caller,
        Ok(None) => return Ok(refused()),
        Err(error) => return Ok(plain(error)),
    };
    let mut request = request.map(Body::new);
    // No handler sees the token.
    request.headers_mut().remove(AUTHORIZATION);
    request.extensions_mut().insert(caller);
    let reads = request.method().is_safe();
    let answer = served.router.oneshot(request);
    if reads { answer.await } else { served.changes.done_to_its_end(answer).await }
}

/// Who asks; `None` without a token that holds.
async fn caller(api: &Api, headers: &HeaderMap) -> Result<Option<Caller>, WebError> {
    let Some(text) = bearer(headers) else { return Ok(None) };
    let Some(token) = api.core.token(SELLER, text).await.map_err(WebError::core)? else { return Ok(None) };
    let role = Role::from_str(&token.role).map_err(|_| WebError::fault("a token with an unknown role"))?;
    Ok(Some(Caller { user: token.label, uid: None, role }))
}

/// The token of `Authorization: Bearer TOKEN`, where there is exactly one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (only, none) = (all.next()?, all.next());
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    (none.is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn refused() -> Response {
    let hint = "send `Authorization: Bearer TOKEN`; `ordersync token create` makes one, `ordersync token list` tells which hold";
    let mut response = plain(WebError::unauthorised("no token that holds", hint));
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ordersync\""));
    response
}

fn plain(error: WebError) -> Response {
    let mut response = error.into_response();
    guard::set_headers(response.headers_mut());
    response
}
