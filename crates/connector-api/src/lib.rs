//! The port to a marketplace: what a connector can do, what a page of orders is, and what can go wrong.
//!
//! A connector holds no progress. The window it reads, the place in it and the moment up to which everything is
//! stored are core's; a connector gets them as arguments and answers with a page. It reads nothing but the
//! marketplace and its own credentials, and it never decides *when* to ask.

#[cfg(feature = "contract-suite")]
pub mod contract_suite;
mod credential;
mod error;
mod page;

use async_trait::async_trait;
use ordersync_order::Order;
use ordersync_types::{ConnectorId, VendorOrderId};

pub use credential::AccountCredential;
pub use error::{ConnectorError, ErrorKind, Retry};
pub use page::{NextPage, OrderPage, PageToken, RejectedOrder, Window};

/// What core may know of a connector without asking the marketplace. Plain data.
#[derive(Debug, Clone, Copy)]
pub struct ConnectorInfo {
    /// `amazon`, `ebay`, ...
    pub id: ConnectorId,
    /// The marketplace's name as people write it.
    pub name: &'static str,
    /// How its windows must be cut.
    pub windows: WindowRules,
    /// The longest time after delivery for which the marketplace lets a seller keep personal data, in days.
    pub personal_days_after_delivery: u32,
    /// How long facts without a person may be kept after an order's last change, in months; `None`: no limit.
    pub fact_months_after_change: Option<u32>,
    /// Whether personal data of an order that is not to be packed here is dropped before it reaches core.
    pub keeps_people_of_open_orders_only: bool,
}

/// How a connector's windows must be cut.
#[derive(Debug, Clone, Copy)]
pub struct WindowRules {
    /// A window ends at least this long before now, in seconds: later changes may not be visible yet.
    pub lag_seconds: u32,
    /// A window starts this long before the watermark, in seconds: late arrivals are read again.
    pub overlap_seconds: u32,
    /// How long a page token stays good after it was handed out, in seconds; core keeps a margin itself.
    pub page_token_seconds: u32,
    /// How far back the marketplace can be asked, in days.
    pub history_days: u32,
}

/// One account of one seller on one marketplace.
#[async_trait]
pub trait MarketplaceConnector: Send + Sync {
    /// What this connector is.
    fn info(&self) -> &ConnectorInfo;

    /// One page of the orders that changed within `window`, both ends included.
    ///
    /// The first page is asked for with `place = None`, each further one with the token of the page before and the
    /// same window. Orders come in no promised order, may come twice, and may be older than what is stored.
    /// One order that cannot be read is in [`OrderPage::rejected`] and spoils nothing else.
    ///
    /// # Errors
    /// See [`ConnectorError::retry`] for whether to repeat. A token that the marketplace no longer takes is
    /// [`ErrorKind::StalePage`]: start the window again.
    async fn poll_orders(&self, window: Window, place: Option<&PageToken>) -> Result<OrderPage, ConnectorError>;

    /// One order by its number. An order that exists but cannot be normalised is `Ok(Err(rejected))`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the marketplace does not know it; else as [`Self::poll_orders`].
    async fn fetch_order(&self, id: &VendorOrderId) -> Result<Result<Order, RejectedOrder>, ConnectorError>;

    /// Asks the marketplace, reading only, whether these credentials work and show what they must show.
    ///
    /// # Errors
    /// As [`Self::poll_orders`]; findings that do not stop reading orders are in the answer.
    async fn check(&self) -> Result<AccountCheck, ConnectorError>;
}

/// What [`MarketplaceConnector::check`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountCheck {
    /// How many orders the probe saw (0 to one page).
    pub orders_seen: u32,
    /// Sentences for the seller: a role that is missing, a secret about to expire, a clock that disagrees.
    pub findings: Vec<String>,
}
