//! Amazon's refusals in the words of the port. The vendor's sentences are never repeated: only its code is.

use std::borrow::Cow;

use ordersync_connector_api::{ConnectorError, ErrorKind, Retry};
use ordersync_http_client as http;
use ordersync_order::RawCode;
use serde::Deserialize;

use crate::page::Unreadable;

/// What the seller does when Amazon no longer lets the app in.
const ACCESS_REFUSED: &str = "Amazon refuses access also with a new token. Look in Seller Central (Manage Your Apps) \
    whether the app is still authorised for this account and region and holds a role for orders, for example \
    'Inventory and Order Tracking'; then authorise it again";

const REFRESH_TOKEN_REFUSED: &str = "Amazon no longer takes the refresh token: the authorisation was withdrawn or has \
    run out. Authorise the app again in Seller Central (Manage Your Apps) and store the new refresh token";

const CLIENT_REFUSED: &str = "Amazon refuses the app's client id or client secret. The secret must be rotated every \
    180 days: look it up in Seller Central (Develop Apps, LWA credentials) and store the one that is valid now";

const CLIENT_NOT_ALLOWED: &str = "Amazon does not let this app use this refresh token. Look whether client id and \
    refresh token belong to the same app, and authorise the app again in Seller Central";

/// The errors of an operation: `{"errors":[{"code","message","details"}]}`. A code may be a number.
#[derive(Deserialize)]
struct ErrorList<'a> {
    #[serde(borrow)]
    errors: Vec<OneError<'a>>,
}

#[derive(Deserialize)]
struct OneError<'a> {
    #[serde(borrow)]
    code: Option<Code<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Number(i64),
}

/// The error of the token endpoint, RFC 6749 section 5.2.
#[derive(Deserialize)]
struct OauthError<'a> {
    #[serde(borrow)]
    error: Cow<'a, str>,
}

/// An error of `searchOrders` or `getOrder`, or of the token that either needed.
pub(crate) fn operation_error(error: http::HttpError) -> ConnectorError {
    if error.operation() == crate::token::TOKEN.name() {
        return token_error(error);
    }
    let code = vendor_code(&error);
    let (kind, retry, message) = match error.kind() {
        // 401 or 403: Unauthorized, also when a token has run out; the client has renewed it once before
        http::ErrorKind::Auth => (ErrorKind::Auth, Retry::Never, ACCESS_REFUSED),
        // 429: QuotaExceeded; without it, our own count of the usage plan
        http::ErrorKind::Throttled => (ErrorKind::Throttled, retry(&error), "the usage plan allows no request now"),
        // 500 InternalFailure, 503 ServiceUnavailable, 502, 504, or no answer
        http::ErrorKind::Transport | http::ErrorKind::Timeout => {
            (ErrorKind::Transport, retry(&error), "Amazon could not be reached or has trouble")
        }
        // the body is not what its headers say, or endless
        http::ErrorKind::Malformed | http::ErrorKind::TooLarge => {
            (ErrorKind::Malformed, Retry::Backoff, "Amazon's answer cannot be read")
        }
        // 404: NotFound
        http::ErrorKind::NotFound => (ErrorKind::NotFound, Retry::Never, "Amazon does not know this"),
        // 400: InvalidInput, also written 'Invalid Input'; 409, 413, 415
        http::ErrorKind::Rejected => (ErrorKind::Rejected, Retry::Never, "Amazon refuses the request as wrong"),
        http::ErrorKind::Unsupported => (ErrorKind::Unsupported, Retry::Never, "Amazon does not offer this"),
        http::ErrorKind::Config => (ErrorKind::Config, Retry::Never, error.reason()),
    };
    build(error, kind, retry, message, code)
}

/// True for 400 with `InvalidInput`: a wrong parameter, a page token that is not taken any more, or a part of an
/// order that Amazon does not give out at the moment.
pub(crate) fn is_invalid_input(error: &ConnectorError) -> bool {
    let code = error.vendor_code.as_deref().unwrap_or_default();
    error.kind == ErrorKind::Rejected && code.eq_ignore_ascii_case("InvalidInput")
}

/// An error of the token endpoint.
fn token_error(error: http::HttpError) -> ConnectorError {
    let code = error.vendor_body().and_then(|body| {
        let answer: OauthError<'_> = serde_json::from_slice(body).ok()?;
        Some(RawCode::new(&answer.error).as_str().to_owned())
    });
    let (kind, retry, message) = match code.as_deref() {
        Some("invalid_grant") => (ErrorKind::Auth, Retry::Never, REFRESH_TOKEN_REFUSED),
        Some("invalid_client") => (ErrorKind::Auth, Retry::Never, CLIENT_REFUSED),
        Some("unauthorized_client" | "access_denied") => (ErrorKind::Auth, Retry::Never, CLIENT_NOT_ALLOWED),
        Some("invalid_request" | "invalid_scope" | "unsupported_grant_type") => (
            ErrorKind::Config,
            Retry::Never,
            "Amazon refuses the request for a token as wrong: look at the account's \
                client id, client secret and refresh token",
        ),
        Some("server_error" | "temporarily_unavailable") => {
            (ErrorKind::Transport, Retry::Backoff, "Amazon gives out no tokens at the moment")
        }
        _ => match error.kind() {
            http::ErrorKind::Auth => (ErrorKind::Auth, Retry::Never, CLIENT_REFUSED),
            http::ErrorKind::Throttled => (ErrorKind::Throttled, retry(&error), "too many requests for a token"),
            http::ErrorKind::Transport | http::ErrorKind::Timeout => {
                (ErrorKind::Transport, retry(&error), "Amazon could not be reached for a token")
            }
            http::ErrorKind::Malformed | http::ErrorKind::TooLarge => {
                (ErrorKind::Malformed, Retry::Backoff, "Amazon's answer to the request for a token cannot be read")
            }
            http::ErrorKind::Rejected | http::ErrorKind::NotFound | http::ErrorKind::Unsupported => {
                (ErrorKind::Rejected, Retry::Never, "Amazon refuses the request for a token")
            }
            http::ErrorKind::Config => (ErrorKind::Config, Retry::Never, error.reason()),
        },
    };
    build(error, kind, retry, message, code)
}

/// An answer with a good status that is not what the contract says.
pub(crate) fn unreadable(operation: http::Operation, error: Unreadable) -> ConnectorError {
    let message = "Amazon's answer cannot be read";
    ConnectorError {
        source: Some(Box::new(error)),
        ..ConnectorError::new(ErrorKind::Malformed, Retry::Backoff, operation.name(), message)
    }
}

fn build(error: http::HttpError, kind: ErrorKind, retry: Retry, message: &str, code: Option<String>) -> ConnectorError {
    let operation = error.operation();
    ConnectorError {
        vendor_code: code,
        request_id: error.request_id().map(str::to_owned),
        source: Some(Box::new(error)),
        ..ConnectorError::new(kind, retry, operation, message)
    }
}

fn retry(error: &http::HttpError) -> Retry {
    match error.retry() {
        http::Retry::Never => Retry::Never,
        http::Retry::Backoff => Retry::Backoff,
        http::Retry::After(wait) => Retry::After(wait),
        http::Retry::Exhausted => Retry::Exhausted,
    }
}

/// The first error's code without its spaces, else the name of the exception in a header.
fn vendor_code(error: &http::HttpError) -> Option<String> {
    let from_body = error.vendor_body().and_then(|body| {
        let list: ErrorList<'_> = serde_json::from_slice(body).ok()?;
        let code = match list.errors.into_iter().find_map(|error| error.code)? {
            Code::Text(text) => text.replace(' ', ""),
            Code::Number(number) => number.to_string(),
        };
        Some(code).filter(|code| !code.is_empty())
    });
    let from_header = || Some(error.header("x-amzn-errortype")?.split(':').next()?.to_owned());
    from_body.or_else(from_header).map(|code| RawCode::new(&code).as_str().to_owned())
}
