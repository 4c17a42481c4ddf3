//! The parts of an order that nobody searches by, as one JSON text beside the columns.
//!
//! Only facts can get in here: the types are `ordersync_order`'s open half, and personal data is not serialisable.

use ordersync_order::{
    Amount, Cancellation, CollectedTax, DeliverTo, Discount, FulfilledBy, OrderFacts, OrderLine, PaymentStatus,
    Programme, RawCode, Refund, Review, TimeWindow,
};
use ordersync_types::{Country, Money, Timestamp, VendorOrderId};
use serde::{Deserialize, Serialize};

/// What `orders.detail` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name in ordersync_order::OrderFacts")]
pub struct OrderDetail {
    pub payment: PaymentStatus,
    pub fulfilled_by: FulfilledBy,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programmes: Vec<Programme>,
    pub ship_by: TimeWindow,
    pub deliver_by: TimeWindow,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_level: Option<RawCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<DeliverTo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_country: Option<Country>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected_tax: Vec<CollectedTax>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancellations: Vec<Cancellation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<VendorOrderId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<Review>,
}

impl OrderDetail {
    /// The detail of an order's facts.
    pub fn of(facts: OrderFacts) -> Self {
        Self {
            payment: facts.payment,
            fulfilled_by: facts.fulfilled_by,
            programmes: facts.programmes,
            ship_by: facts.ship_by,
            deliver_by: facts.deliver_by,
            service_level: facts.service_level,
            deliver_to: facts.destination.map(|destination| destination.to),
            final_country: facts.destination.and_then(|destination| destination.final_country),
            amounts: facts.amounts,
            discounts: facts.discounts,
            collected_tax: facts.collected_tax,
            refunds: facts.refunds,
            cancellations: facts.cancellations,
            replaces: facts.replaces,
            reviews: facts.reviews,
        }
    }
}

/// What `order_line.detail` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is the one of the same name in ordersync_order::OrderLine")]
pub struct LineDetail {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_to_dispatch: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<Amount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected_tax: Vec<CollectedTax>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatched_from: Option<Country>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_by: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programmes: Vec<Programme>,
}

impl LineDetail {
    /// The detail of a line.
    pub fn of(line: OrderLine) -> Self {
        Self {
            quantity_to_dispatch: line.quantity_to_dispatch,
            unit_price: line.unit_price,
            total: line.total,
            amounts: line.amounts,
            discounts: line.discounts,
            collected_tax: line.collected_tax,
            refunds: line.refunds,
            dispatched_from: line.dispatched_from,
            ship_by: line.ship_by,
            programmes: line.programmes,
        }
    }
}
