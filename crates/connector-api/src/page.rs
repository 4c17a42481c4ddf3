//! Windows and pages.

use ordersync_order::Order;
use ordersync_types::{Timestamp, VendorOrderId};

/// A stretch of *last changed* times that is fixed before its first page is asked for. Both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The earliest change to return.
    pub from: Timestamp,
    /// The latest change to return, at least [`crate::WindowRules::lag_seconds`] before now.
    pub to: Timestamp,
}

/// A place within a window, in the connector's own words; opaque to everybody else.
#[derive(Clone, PartialEq, Eq)]
pub struct PageToken(String);

impl PageToken {
    /// Wraps the connector's words.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The connector's words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PageToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PageToken({} bytes)", self.0.len())
    }
}

/// Where a window goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPage {
    /// The place to ask for next.
    pub token: PageToken,
    /// Whether the token may be used by a later process, after a restart, within its time.
    pub survives_restart: bool,
}

/// One answer of [`crate::MarketplaceConnector::poll_orders`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders that could be read.
    pub orders: Vec<Order>,
    /// The orders that could not, each with its reason.
    pub rejected: Vec<RejectedOrder>,
    /// Where to go on; `None` on the window's last page.
    pub next: Option<NextPage>,
    /// Up to which change the marketplace says this window is complete. Known at the latest on the last page,
    /// where it becomes the account's watermark.
    pub bound: Option<Timestamp>,
}

/// An order that could not be normalised. Carries no value of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedOrder {
    /// Its number, when that at least could be read.
    pub vendor_order_id: Option<VendorOrderId>,
    /// When the marketplace last changed it, when that could be read.
    pub updated_at: Option<Timestamp>,
    /// The vendor's path of the offending field, for example `orderItems[2].proceeds.proceedsTotal.amount`.
    pub field: String,
    /// What is wrong with it, without the value.
    pub reason: String,
}
