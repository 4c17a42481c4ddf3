//! Outbound HTTP for connectors and couriers: rate budgets taken before a request goes out, retries, caps on size
//! and time, a list of allowed hosts, and traces that hold no value. Besides, the Unix-socket client of the command
//! line ([`unix`]).
//!
//! A connector makes its [`Operation`]s as constants with the vendor's usage plans, builds a [`Request`], and gives
//! it to an [`HttpClient`] with its own [`Authoriser`]. The daemon gives the [`BudgetLedger`].
//!
//! What never happens here: a redirect, a proxy from the environment, plain http to anything but loopback, a body
//! read without a cap, a query or header value or body in a log line or an error.

mod bucket;
mod budget;
mod client;
mod error;
mod exchange;
mod headers;
mod hosts;
mod request;
mod response;
mod retry;
mod settings;
pub mod unix;

pub use bucket::{Bucket, BudgetGrant, RatePlan};
pub use budget::{BudgetError, BudgetKey, BudgetLedger, InMemoryLedger, NoBudget};
pub use client::{Authoriser, DateSeen, HttpClient};
pub use error::{ErrorKind, HttpError, Retry};
pub use headers::{HeaderSink, Headers};
pub use request::{Method, Operation, Payload, Request};
pub use response::Response;
pub use settings::ClientSettings;
