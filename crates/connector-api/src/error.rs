//! The one error type of the port.

use std::time::Duration;

/// What kind of failure it was. Core branches on this and on [`Retry`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The marketplace refuses the credentials: a person must act.
    Auth,
    /// The marketplace asks for fewer requests, or our own budget is used up.
    Throttled,
    /// The network, a timeout, or the marketplace's own trouble (5xx).
    Transport,
    /// The answer is not what the contract says.
    Malformed,
    /// The marketplace refuses the request as wrong.
    Rejected,
    /// The marketplace does not know the thing asked for.
    NotFound,
    /// The place in the window is no longer taken: start the window again.
    StalePage,
    /// The connector cannot do this.
    Unsupported,
    /// The account's settings are wrong.
    Config,
}

/// Whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// No: not until a person changed something.
    Never,
    /// Yes, after a growing pause.
    Backoff,
    /// Yes, after this long.
    After(Duration),
    /// It was tried as often as the rules allow; the next poll tries again.
    Exhausted,
}

/// A call to a marketplace failed. Carries no response body and no personal field.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {message}{}", vendor_code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
pub struct ConnectorError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// Whether asking again can help.
    pub retry: Retry,
    /// The vendor's operation, for example `searchOrders`.
    pub operation: &'static str,
    /// What is wrong and what to do, for the seller.
    pub message: String,
    /// The vendor's own error code.
    pub vendor_code: Option<String>,
    /// The vendor's id of the request, for a support case.
    pub request_id: Option<String>,
    /// What lies underneath.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ConnectorError {
    /// A failure without vendor code, request id or source.
    pub fn new(kind: ErrorKind, retry: Retry, operation: &'static str, message: impl Into<String>) -> Self {
        Self { kind, retry, operation, message: message.into(), vendor_code: None, request_id: None, source: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_operation_and_vendor_code() {
        let mut error = ConnectorError::new(ErrorKind::Rejected, Retry::Never, "searchOrders", "a filter is wrong");
        assert_eq!(error.to_string(), "searchOrders: a filter is wrong");
        error.vendor_code = Some("InvalidInput".to_owned());
        assert_eq!(error.to_string(), "searchOrders: a filter is wrong (InvalidInput)");
    }
}
