//! The one error type of the port, and what is wrong with a consignment.

use std::fmt;
use std::time::Duration;

use crate::DestinationField;

/// What kind of failure it was. Core branches on this, on [`Retry`] and on [`CourierError::unclear`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The courier refuses the credentials: a person must act.
    Auth,
    /// The courier asks for fewer requests.
    Throttled,
    /// The network, a timeout, or the courier's own trouble.
    Transport,
    /// The answer is not what the contract says.
    Malformed,
    /// The courier, or the check before it, refuses the consignment: see [`CourierError::problems`].
    Rejected,
    /// The courier does not know the thing asked for.
    NotFound,
    /// There is no such service, media or ability.
    Unsupported,
    /// The courier's settings are wrong.
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
    /// It was tried as often as the rules allow.
    Exhausted,
}

/// What is wrong with one field of a consignment. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Problem {
    /// The service needs it, and the order does not have it.
    #[error("{field}: the service needs it and the order does not have it")]
    Missing {
        /// The field's name.
        field: &'static str,
    },
    /// It does not fit, even small and on several lines.
    #[error("{field}: too long for this label ({found} characters); shorten it or spread it over more lines")]
    TooLong {
        /// The field's name.
        field: &'static str,
        /// How many characters it has.
        found: usize,
    },
    /// It has a character that cannot be printed.
    #[error("{field}: {reason}")]
    Unprintable {
        /// The field's name.
        field: &'static str,
        /// Which kind of character, and what to do; never the text.
        reason: String,
    },
    /// It is not what this courier takes.
    #[error("{field}: {reason}")]
    Refused {
        /// The field's name.
        field: &'static str,
        /// Why.
        reason: String,
    },
}

impl Problem {
    /// A field that is missing.
    pub const fn missing(field: DestinationField) -> Self {
        Self::Missing { field: field.name() }
    }
}

/// A call to a courier failed. Carries no response body and no personal field.
#[derive(Debug)]
pub struct CourierError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// Whether asking again can help.
    pub retry: Retry,
    /// True when a label may have been made, and paid for, in spite of the failure.
    pub unclear: bool,
    /// The operation, for example `createLabel`.
    pub operation: &'static str,
    /// What is wrong and what to do, for the seller.
    pub message: String,
    /// What is wrong with the consignment, field by field.
    pub problems: Vec<Problem>,
    /// The courier's own error code.
    pub vendor_code: Option<Box<str>>,
    /// What lies underneath.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl CourierError {
    /// A failure after which no label was made.
    pub fn new(kind: ErrorKind, retry: Retry, operation: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, retry, unclear: false, operation, message, problems: Vec::new(), vendor_code: None, source: None }
    }

    /// A consignment that cannot become a label.
    pub fn rejected(operation: &'static str, problems: Vec<Problem>) -> Self {
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self { problems, ..Self::new(ErrorKind::Rejected, Retry::Never, operation, text.join("; ")) }
    }
}

impl fmt::Display for CourierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.vendor_code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CourierError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
