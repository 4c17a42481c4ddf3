//! eBay orders by the Sell Fulfillment API, version 1 (read against contract v1.20.7).
//!
//! [`EbayConnector`] polls `getOrders` in closed windows of `lastmodifieddate` and reads single orders by `getOrder`.
//! [`normalise`] turns eBay's orders into ours; it is pure and does not need a connector. [`PERSONAL_FIELDS`] lists
//! every field of eBay's that says something about a person, and what becomes of it.
//!
//! - Fulfillment API: <https://developer.ebay.com/api-docs/sell/fulfillment/overview.html>
//! - OAuth: <https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html>
//! - Errors: <https://developer.ebay.com/api-docs/static/handling-error-messages.html>
//!
//! Only orders that completed checkout are visible. eBay leaves out names and street lines after 90 days, e-mail
//! addresses after 14.

mod client;
mod config;
mod connector;
mod dto;
mod error;
mod fields;
pub mod normalise;
mod token;
mod window;

pub use config::{EbayConfig, Environment};
pub use connector::EbayConnector;
pub use fields::{DROPPED_FIELDS, OPEN_FIELDS, PERSONAL_FIELDS};
