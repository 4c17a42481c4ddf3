//! Orders.

use std::fmt;

use chrono::{DateTime, Utc};
use ordersync_types::Pii;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Coded, MoneyView, PersonRecord};

/// The query of `GET /v1/orders` and (without `before` and `limit`) of `GET /v1/orders/export`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// A status by name, for example `unshipped`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// An account's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Changed at the marketplace at or after this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// With exactly this order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// After the order with this id of ours, in the list's own order: `next` of the answer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// At most this many, 1 to 500; 100 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// What `GET /v1/orders` and `POST /v1/orders/find` answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderList {
    /// Newest first.
    pub orders: Vec<OrderSummaryView>,
    /// The `before` of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// The body of `POST /v1/orders/find`. Never in a URL, never in a log line; wiped when dropped.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindOrders {
    /// Words of the recipient's name, or a postcode: 2 to 200 characters.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub text: Pii<String>,
}

impl fmt::Debug for FindOrders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FindOrders([personal])")
    }
}

/// One order in a list: facts only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the fact of the same name in ordersync_order::OrderFacts")]
pub struct OrderSummaryView {
    /// Our id.
    pub id: String,
    /// The account's label; its id when the account was removed.
    pub account: String,
    /// The marketplace's order number.
    pub number: String,
    pub marketplace: String,
    pub status: String,
    /// The vendor's code of a status that this program does not know.
    pub status_code: Option<String>,
    pub fulfilled_by: String,
    pub completeness: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// When the marketplace was last asked.
    pub read_at: DateTime<Utc>,
    /// The latest moment it must leave.
    pub ship_by: Option<DateTime<Utc>>,
    /// The latest moment it was promised for.
    pub deliver_by: Option<DateTime<Utc>>,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    /// True when it left before the account went live.
    pub history: bool,
    pub country: Option<String>,
    pub territory: Option<String>,
    pub grand_total: Option<MoneyView>,
    pub shipping_reviews: i64,
    pub tax_reviews: i64,
    /// When its recipient was purged.
    pub delivery_purged_at: Option<DateTime<Utc>>,
}

/// What `GET /v1/orders/{reference}` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the fact of the same name in ordersync_order::OrderFacts")]
pub struct OrderView {
    #[serde(flatten)]
    pub summary: OrderSummaryView,
    pub payment: Coded,
    pub programmes: Vec<Coded>,
    pub service_level: Option<String>,
    pub deliver_to: Option<String>,
    pub final_country: Option<String>,
    pub replaces: Option<String>,
    pub amounts: Vec<AmountView>,
    pub discounts: Vec<DiscountView>,
    pub collected_tax: Vec<CollectedTaxView>,
    pub refunds: Vec<RefundView>,
    pub cancellations: Vec<CancellationView>,
    pub reviews: Vec<ReviewView>,
    pub lines: Vec<LineView>,
    /// What happened to it here, oldest first.
    pub events: Vec<EventView>,
    /// Why it cannot be dispatched now; empty when it can, or when it is not open.
    pub held_because: Vec<String>,
    /// Its shipments, oldest first.
    #[serde(default)]
    pub shipments: Vec<super::ShipmentView>,
    /// Notes on it, oldest first; empty for a role that may not see its people.
    #[serde(default)]
    pub notes: Vec<super::NoteView>,
    /// Where it goes.
    pub recipient: PersonRecord,
    /// Who bought.
    pub buyer: PersonRecord,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(
    missing_docs,
    reason = "each field is the fact of the same name in ordersync_order::OrderLine; cancelled by itself: pieces"
)]
pub struct LineView {
    pub vendor_line_id: String,
    pub sku: Option<String>,
    pub vendor_item_id: Option<String>,
    pub title: Option<String>,
    pub quantity: i64,
    pub quantity_dispatched: Option<i64>,
    pub quantity_cancelled: i64,
    pub unit_price: Option<MoneyView>,
    pub total: Option<MoneyView>,
    pub amounts: Vec<AmountView>,
    pub discounts: Vec<DiscountView>,
    pub collected_tax: Vec<CollectedTaxView>,
    pub refunds: Vec<RefundView>,
    pub dispatched_from: Option<String>,
    pub ship_by: Option<DateTime<Utc>>,
    pub programmes: Vec<Coded>,
}

/// One amount of a breakdown, with the vendor's own sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AmountView {
    /// What it is for: `goods`, `delivery`, `tax`, ...
    pub kind: Coded,
    /// For tax and discount: on what.
    pub of: Option<Coded>,
    /// How much.
    pub money: MoneyView,
}

/// A discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiscountView {
    /// `seller`, `marketplace` or `not_stated`.
    pub funded_by: String,
    /// How much, positive.
    pub money: Option<MoneyView>,
    /// The promotion's id.
    pub promotion: Option<String>,
}

/// Tax that the marketplace collects, or a scheme it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the fact of the same name in ordersync_order::CollectedTax")]
pub struct CollectedTaxView {
    pub kind: Option<String>,
    pub money: Option<MoneyView>,
    pub remitted_by: Option<String>,
    pub model: Option<String>,
    pub scheme: Option<String>,
}

/// Money that went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the fact of the same name in ordersync_order::Refund")]
pub struct RefundView {
    pub money: MoneyView,
    pub at: Option<DateTime<Utc>>,
    pub reference: Option<String>,
    pub status: Option<String>,
}

/// A request to cancel, or a cancellation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the fact of the same name in ordersync_order::Cancellation")]
pub struct CancellationView {
    pub vendor_line_id: Option<String>,
    pub state: Coded,
    pub by: Option<String>,
    pub reason: Option<String>,
    pub at: Option<DateTime<Utc>>,
}

/// One thing a person must look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewView {
    /// `shipping` holds the label, `tax` the invoice, `info` nothing.
    pub aspect: String,
    /// The vendor's field path.
    pub field: String,
    /// What is the matter.
    pub reason: String,
    /// The vendor's code that is unknown.
    pub code: Option<String>,
}

/// One entry of an order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventView {
    /// When.
    pub at: DateTime<Utc>,
    /// `arrived`, `status` or `changed`.
    pub kind: String,
    /// For `status`: from what to what.
    pub detail: String,
}

/// What `GET /v1/rejected` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedList {
    /// By account, longest waiting first.
    pub rejected: Vec<RejectedView>,
}

/// An order that could not be read. Carries no value of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedView {
    /// The account's label.
    pub account: String,
    /// Its number at the marketplace, or `unreadable:FIELD`.
    pub number: String,
    /// The vendor's path of the offending field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// When the marketplace last changed it.
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
    /// When it is read again by itself.
    pub try_after: DateTime<Utc>,
    /// How often it was read.
    pub tries: i64,
    /// The program's version that could not read it.
    pub program_version: String,
}

/// The body of `POST /v1/orders/retry`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryOrders {
    /// Our id or the marketplace's number of one order; without it, every rejected order is read again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Only in this account, by label. Needed for an order that is not stored and was not rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// What `POST /v1/orders/retry` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct RetryResult {
    /// Orders asked for again.
    pub tried: u64,
    /// Orders that could be read this time.
    pub accepted: u64,
    /// Orders the marketplace no longer knows.
    pub gone: u64,
    /// Orders that still cannot be read.
    pub rejected: u64,
}
