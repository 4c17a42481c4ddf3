//! Refusals in eBay's form.

use http::StatusCode;
use serde_json::{Value, json};

use crate::reply::Reply;

/// A refusal of a request for orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 30700: the filter has no such name.
    FilterName,
    /// 30800: the filter's value is not understood, or not percent-encoded.
    FilterValue,
    /// 30810: not a date of the one form.
    Date,
    /// 30820: no start date.
    NoStart,
    /// 30830: more than two years ago.
    TooFar,
    /// 30840: the start lies after the end.
    Backwards,
    /// 30850: in the future.
    Future,
    /// 30900: more than fifty order numbers.
    TooManyIds,
    /// 31000: not an offset.
    Offset,
    /// 31100: not a limit from 1 to 200.
    Limit,
    /// 32100: not an order number.
    OrderId,
    /// 32800: no such field group.
    FieldGroup,
}

impl Refusal {
    const fn id_and_message(self) -> (u32, &'static str) {
        match self {
            Self::FilterName => (30700, "Invalid filter name"),
            Self::FilterValue => (30800, "Invalid filter value"),
            Self::Date => (30810, "Invalid date format"),
            Self::NoStart => (30820, "Start date is missing"),
            Self::TooFar => (30830, "The dates reach back too far"),
            Self::Backwards => (30840, "The start date lies after the end date"),
            Self::Future => (30850, "A date lies in the future"),
            Self::TooManyIds => (30900, "Too many order IDs"),
            Self::Offset => (31000, "Invalid offset"),
            Self::Limit => (31100, "Invalid limit"),
            Self::OrderId => (32100, "Invalid order ID"),
            Self::FieldGroup => (32800, "Invalid field group"),
        }
    }

    /// 400 with the contract's error id. The refused value is not repeated.
    pub(super) fn reply(self) -> Reply {
        let (id, message) = self.id_and_message();
        error(StatusCode::BAD_REQUEST, id, "API_FULFILLMENT", "REQUEST", message)
    }
}

fn error(status: StatusCode, id: u32, domain: &str, category: &str, message: &str) -> Reply {
    let error: Value = json!({
        "errorId": id,
        "domain": domain,
        "category": category,
        "message": message,
        "longMessage": format!("{message}."),
        "inputRefIds": [],
        "outputRefIds": [],
        "parameters": [],
    });
    Reply::json(status, &json!({"errors": [error]}))
}

/// 401, errorId 1001.
pub(super) fn bad_token() -> Reply {
    error(StatusCode::UNAUTHORIZED, 1001, "OAuth", "REQUEST", "Invalid access token")
        .with("www-authenticate", "Bearer realm=\"eBay\"")
}

/// 403, errorId 1100.
pub(super) fn no_permission() -> Reply {
    error(StatusCode::FORBIDDEN, 1100, "ACCESS", "REQUEST", "Insufficient permissions")
}

/// 404 without a body's detail, as the contract lists none.
pub(super) fn not_found() -> Reply {
    Reply::json(StatusCode::NOT_FOUND, &json!({"errors": []}))
}

/// 404 or 405 for a path or method that is not served.
pub(super) fn no_such_operation(status: StatusCode) -> Reply {
    error(status, 2002, "ACCESS", "REQUEST", "Resource not found")
}

/// 429, errorId 2001.
pub(super) fn too_many() -> Reply {
    error(StatusCode::TOO_MANY_REQUESTS, 2001, "ACCESS", "REQUEST", "Too many requests")
}

/// 500, errorId 30500.
pub(super) fn internal() -> Reply {
    error(StatusCode::INTERNAL_SERVER_ERROR, 30500, "API_FULFILLMENT", "APPLICATION", "System error")
}

/// 503, errorId 2003.
pub(super) fn unavailable() -> Reply {
    error(StatusCode::SERVICE_UNAVAILABLE, 2003, "ACCESS", "APPLICATION", "Internal error")
}

/// OAuth's error body (RFC 6749, 5.2).
pub(super) fn oauth(status: StatusCode, code: &str, description: &str) -> Reply {
    Reply::json(status, &json!({"error": code, "error_description": description}))
}
