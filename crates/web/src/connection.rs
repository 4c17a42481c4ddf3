//! Serving one connection, and what a server does when it stops. The same for every kind of listener.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::error::WebError;

/// How long the head of a request may take to arrive, and a connection may lie idle.
const HEAD: Duration = Duration::from_secs(30);

/// Serves requests of one connection until it ends or the server stops; the request under way is answered first.
pub(crate) async fn serve<S, F>(
    stream: S,
    service: impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future = F>,
    mut stopping: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = Result<Response, Infallible>>,
{
    let mut served = pin!(
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stopped(&mut stopping) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        // hyper's sentence names the kind of failure only; its source could quote bytes of the request.
        tracing::debug!(timeout = error.is_timeout(), parse = error.is_parse(), "a connection ended early");
    }
}

/// Lets requests under way end within the grace.
pub(crate) async fn drain(mut connections: JoinSet<()>, changes: &Changes, grace: Duration) {
    let drained = tokio::time::timeout(grace, async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
        changes.ended().await;
    });
    if drained.await.is_err() {
        tracing::warn!(left = connections.len(), "requests were cut off at shutdown");
        connections.shutdown().await;
    }
}

/// Requests that change something. Each goes on, within its own time limit, when who asked has hung up: a label half made
/// would be nobody's.
#[derive(Clone, Default)]
pub(crate) struct Changes(Arc<Mutex<JoinSet<()>>>);

impl Changes {
    fn set(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, which is worked out to its end whether or not anybody waits for it.
    pub(crate) async fn done_to_its_end(
        &self,
        answer: impl Future<Output = Result<Response, Infallible>> + Send + 'static,
    ) -> Result<Response, Infallible> {
        let (tell, told) = oneshot::channel();
        {
            let mut set = self.set();
            while let Some(ended) = set.try_join_next() {
                report(ended);
            }
            set.spawn(async move {
                let _nobody_waits = tell.send(answer.await);
            });
        }
        told.await.unwrap_or_else(|_| Ok(WebError::fault("the request was cut off").into_response()))
    }

    /// Waits for those under way.
    pub(crate) async fn ended(&self) {
        let mut set = std::mem::take(&mut *self.set());
        while let Some(ended) = set.join_next().await {
            report(ended);
        }
    }
}

pub(crate) fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection panicked: this is a fault of the program");
    }
}

/// Ends when the server stops, or is gone altogether.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    while !*stopping.borrow_and_update() {
        if stopping.changed().await.is_err() {
            return;
        }
    }
}
