//! The API without a socket: the command line's way while no daemon runs.

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::api::Api;
use crate::role::Caller;

/// The same router in the same process, for one caller.
#[derive(Debug, Clone)]
pub struct LocalApi {
    router: Router,
    caller: Caller,
}

/// An answer, of any status. `Debug` shows the status and a length only.
pub struct LocalAnswer {
    /// 100 to 599.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body. It may hold personal data.
    pub body: Bytes,
}

impl std::fmt::Debug for LocalAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalAnswer({}, {} bytes)", self.status, self.body.len())
    }
}

/// There was no answer, or only a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    /// Method or path cannot stand in a request: a fault of the program that asks.
    #[error("the method or the path is not valid")]
    Invalid,
    /// The answer broke off: what was read of it is not handed out. See the log for the cause.
    #[error("the answer broke off")]
    Broken,
}

impl LocalApi {
    /// The API for `caller`.
    pub fn new(api: &Api, caller: Caller) -> Self {
        Self { router: api.router(), caller }
    }

    /// Asks. `path` begins with `/` and may hold a query; `body` is JSON.
    ///
    /// # Errors
    /// [`LocalError`]. An answer of any status is no error.
    pub async fn call(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Result<LocalAnswer, LocalError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .extension(self.caller.clone())
            .body(body.map_or_else(Body::empty, Body::from))
            .map_err(|_| LocalError::Invalid)?;
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| LocalError::Broken)?.to_bytes();
        Ok(LocalAnswer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}
