//! Refusals in Amazon's form.

use http::StatusCode;
use serde_json::json;

use crate::reply::Reply;

/// An error list with one error.
fn error(status: StatusCode, code: &str, message: &str, details: &str) -> Reply {
    Reply::json(status, &json!({"errors": [{"code": code, "message": message, "details": details}]}))
}

/// 400. `details` names the parameter; the stand-in never repeats its value.
pub(super) fn invalid_input(details: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, "InvalidInput", "The request has a missing or invalid parameter.", details)
}

/// 403, for a missing, unknown or expired access token, or a missing role.
pub(super) fn unauthorized(details: &str) -> Reply {
    error(StatusCode::FORBIDDEN, "Unauthorized", "Access to requested resource is denied.", details)
        .with("x-amzn-errortype", "AccessDeniedException")
}

/// 404.
pub(super) fn not_found() -> Reply {
    error(StatusCode::NOT_FOUND, "NotFound", "No such order.", "")
}

/// 429. There is no `Retry-After`.
pub(super) fn quota_exceeded() -> Reply {
    error(StatusCode::TOO_MANY_REQUESTS, "QuotaExceeded", "You exceeded your quota for the requested resource.", "")
        .with("x-amzn-errortype", "TooManyRequestsException")
}

/// 500.
pub(super) fn internal() -> Reply {
    error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "We encountered an internal error.", "")
}

/// 503.
pub(super) fn unavailable() -> Reply {
    error(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "Service is temporarily unavailable.", "")
}

/// 404 or 405 for a path or method that is not served.
pub(super) fn no_such_operation(status: StatusCode) -> Reply {
    error(status, if status == StatusCode::NOT_FOUND { "NotFound" } else { "Unauthorized" }, "No such operation.", "")
}

/// OAuth's error body (RFC 6749, 5.2) as Login with Amazon sends it.
pub(super) fn oauth(status: StatusCode, code: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": code, "error_description": description}))
        .with("cache-control", "no-store")
        .with("pragma", "no-cache")
}
