//! Reading requests: bodies, queries, path parameters. What is wrong is said without the value.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use zeroize::Zeroize;

use crate::error::WebError;

/// Largest body that is read.
const MOST_BYTES: usize = 1024 * 1024;
/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);

/// A JSON body. An empty one counts as `{}`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, WebError> {
        let (parts, body) = request.into_parts();
        let bytes = collected(body).await?;
        if bytes.is_empty() {
            return parse(b"{}").map(Self);
        }
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let parsed =
            if kind.eq_ignore_ascii_case("application/json") { parse(&bytes) } else { Err(WebError::not_json()) };
        wipe(bytes);
        parsed.map(Self)
    }
}

async fn collected(body: Body) -> Result<Bytes, WebError> {
    let limited = Limited::new(body, MOST_BYTES);
    match tokio::time::timeout(ARRIVAL, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.downcast_ref::<LengthLimitError>().is_some() => Err(WebError::too_large(MOST_BYTES)),
        Ok(Err(_)) => Err(WebError::bad_request("the request's body broke off", "send it again")),
        Err(_elapsed) => Err(WebError::bad_request("the request's body did not arrive in time", "send it again")),
    }
}

/// Bodies may hold credentials or a buyer's name. Best effort: the socket's own buffers are out of reach.
fn wipe(bytes: Bytes) {
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.as_mut().zeroize();
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WebError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        WebError::bad_request(describe(&field, error.inner()), "correct the request's body")
    })?;
    json.end().map_err(|error| WebError::bad_request(describe(".", &error), "correct the request's body"))?;
    Ok(parsed)
}

/// Where and what, from serde's sentence without the value it quotes.
fn describe(field: &str, error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let place = format!("line {} column {}", error.line(), error.column());
    match error.classify() {
        Category::Syntax => format!("the body is not JSON: {place}"),
        Category::Eof => format!("the body ends too early: {place}"),
        Category::Io => format!("the body cannot be read: {place}"),
        Category::Data => {
            let text = error.to_string();
            // A value may hold ", expected " itself; serde's own words stand behind the last one.
            let expected = text.rsplit_once(", expected ").map(|(_, rest)| rest);
            let expected = expected.map(|rest| rest.split_once(" at line ").map_or(rest, |(words, _)| words));
            let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
            match (missing, expected) {
                (Some((name, _)), _) => format!("{place}: the field `{name}` is missing"),
                (None, Some(expected)) => format!("field `{field}`, {place}: expected {expected}"),
                (None, None) => format!("field `{field}`, {place}: not a value that can stand there"),
            }
        }
    }
}

/// The query of a URL. It never holds personal text.
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, WebError> {
        Query::<T>::try_from_uri(&parts.uri).map(|Query(query)| Self(query)).map_err(|error| {
            let text = error.body_text();
            let reason = text.split_once(": ").map_or(text.as_str(), |(_, reason)| reason);
            WebError::bad_request(format!("the query cannot be read: {reason}"), "correct the filter")
        })
    }
}

/// The one parameter of a path, decoded.
pub(crate) struct PathText(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|_| WebError::bad_request("the path is not readable text", ""))
    }
}
