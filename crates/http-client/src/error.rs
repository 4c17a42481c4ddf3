//! The one error of outbound requests. It never shows a query, a header value or a body.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::headers::Headers;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The vendor refused the credential (401, 403), also after a renewal.
    Auth,
    /// A budget is used up, ours or the vendor's (429).
    Throttled,
    /// The network, or the vendor's servers (5xx).
    Transport,
    /// The answer is not valid HTTP or not what its headers say.
    Malformed,
    /// The vendor understood the request and refuses it (other 4xx), or answered with a redirect.
    Rejected,
    /// The vendor does not know what was asked for (404, 410).
    NotFound,
    /// The vendor does not offer this (405, 501, 505).
    Unsupported,
    /// Our settings or the request itself are wrong; nothing was sent.
    Config,
    /// The answer is larger than the cap.
    TooLarge,
    /// The vendor took too long.
    Timeout,
}

impl ErrorKind {
    /// The kind as one lower-case word, for fields of log lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Throttled => "throttled",
            Self::Transport => "transport",
            Self::Malformed => "malformed",
            Self::Rejected => "rejected",
            Self::NotFound => "not_found",
            Self::Unsupported => "unsupported",
            Self::Config => "config",
            Self::TooLarge => "too_large",
            Self::Timeout => "timeout",
        }
    }
}

/// Whether the caller may repeat the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// The same call will fail again, or its outcome is unclear ([`HttpError::outcome_unclear`]): look first.
    Never,
    /// Later, at the caller's own pace.
    Backoff,
    /// Not before this time has passed.
    After(Duration),
    /// The client has used up its tries; the next planned run may try again.
    Exhausted,
}

/// A request failed. Display and Debug hold the kind, the operation and the status, never anything of the
/// query, the headers or the bodies.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct HttpError(Box<Detail>);

#[derive(Debug, thiserror::Error)]
#[error("{operation}: {reason}{}", .status.map(|code| format!(" (HTTP status {code})")).unwrap_or_default())]
struct Detail {
    operation: &'static str,
    kind: ErrorKind,
    retry: Retry,
    reason: &'static str,
    status: Option<u16>,
    outcome_unclear: bool,
    answer: Option<Answer>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl HttpError {
    /// An error of `operation`; `reason` is a fixed sentence without values.
    pub fn new(operation: &'static str, kind: ErrorKind, retry: Retry, reason: &'static str) -> Self {
        Self(Box::new(Detail {
            operation,
            kind,
            retry,
            reason,
            status: None,
            outcome_unclear: false,
            answer: None,
            source: None,
        }))
    }

    /// The same with its cause, which must hold no value of a request or an answer either.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same with another advice on repeating.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    pub(crate) fn with_answer(mut self, status: u16, headers: Headers, body: Bytes) -> Self {
        self.0.status = Some(status);
        self.0.answer = Some(Answer { headers, body });
        self
    }

    pub(crate) fn with_outcome_unclear(mut self) -> Self {
        self.0.outcome_unclear = true;
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the caller may repeat the call.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The operation's name.
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The fixed sentence, without operation and status.
    pub fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// True when a request that must not be repeated may have been carried out all the same: look before
    /// ordering it again. Always false for repeatable operations.
    pub fn outcome_unclear(&self) -> bool {
        self.0.outcome_unclear
    }

    /// A header of the answer, for example `x-amzn-errortype`; the name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.answer.as_ref()?.headers.get(name)
    }

    /// The vendor's own id of the request, for a support case: at most 128 visible characters.
    pub fn request_id(&self) -> Option<&str> {
        self.0.answer.as_ref()?.headers.request_id()
    }

    /// The body of an answer with an error status, cut off after 64 KiB, for the connector to read the vendor's
    /// error code from. It may hold personal data: never log it.
    pub fn vendor_body(&self) -> Option<&Bytes> {
        self.0.answer.as_ref().map(|answer| &answer.body)
    }
}

struct Answer {
    headers: Headers,
    body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} headers, {} bytes]", self.headers.len(), self.body.len())
    }
}
