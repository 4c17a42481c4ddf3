//! What happens around every request: role, busy time, time limit, panics, one log line, headers.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};
use ordersync_core::caught;

use crate::api::Api;
use crate::endpoint::{Endpoint, Pace};
use crate::error::WebError;
use crate::role::Caller;

/// How long an ordinary request may take.
const ORDINARY: Duration = Duration::from_secs(30);

/// Lets a request through when its caller's role may use the endpoint. The log line names the endpoint and never
/// the path or the query as typed.
pub(crate) async fn guard(State((api, endpoint)): State<(Api, Endpoint)>, request: Request, next: Next) -> Response {
    let Some(caller) = request.extensions().get::<Caller>().cloned() else {
        return WebError::forbidden("nobody is known to be asking", "use the control socket").into_response();
    };
    if !endpoint.roles().contains(&caller.role) {
        tracing::info!(endpoint = ?endpoint, user = %caller.user, role = %caller.role, "refused: not for this role");
        let roles: Vec<&str> = endpoint.roles().iter().map(|role| role.name()).collect();
        let message = format!("the role {} may not do this", caller.role);
        let hint = format!("ask somebody with the role {}", roles.join(" or "));
        return WebError::forbidden(message, &hint).into_response();
    }
    let clock = &api.core.clock;
    let started = clock.monotonic();
    let response = {
        let _busy = (endpoint.pace() != Pace::Delegated).then(|| clock.busy());
        let work = caught("request", next.run(request));
        let done = match endpoint.pace() {
            Pace::Ordinary => tokio::time::timeout(ORDINARY, work).await,
            Pace::Long | Pace::Delegated => Ok(work.await),
        };
        match done {
            Ok(Ok(response)) => response,
            Ok(Err(_panicked)) => WebError::fault(format!("the handler of {endpoint:?} panicked")).into_response(),
            Err(_elapsed) => WebError::timed_out().into_response(),
        }
    };
    let duration_ms = u64::try_from(clock.monotonic().saturating_sub(started).as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    tracing::debug!(endpoint = ?endpoint, status, duration_ms, user = %caller.user, role = %caller.role, "answered");
    response
}

/// Headers of every answer: no copy may be kept, and nothing is guessed about its kind.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    set_headers(response.headers_mut());
    response
}

pub(crate) fn set_headers(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
