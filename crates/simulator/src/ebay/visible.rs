//! What of an order is sent: by its age, and by which operation asks.

use chrono::Duration;
use ordersync_types::Timestamp;
use serde_json::{Value, json};

use crate::fields::remove;

/// The personal fields that are gone once an order is old; town, postcode and country stay.
const GONE_AFTER_90_DAYS: [&str; 13] = [
    "buyer.buyerRegistrationAddress.fullName",
    "buyer.buyerRegistrationAddress.primaryPhone",
    "buyer.buyerRegistrationAddress.email",
    "buyer.buyerRegistrationAddress.contactAddress.addressLine1",
    "buyer.buyerRegistrationAddress.contactAddress.addressLine2",
    "fulfillmentStartInstructions[].shippingStep.shipTo.fullName",
    "fulfillmentStartInstructions[].shippingStep.shipTo.primaryPhone",
    "fulfillmentStartInstructions[].shippingStep.shipTo.email",
    "fulfillmentStartInstructions[].shippingStep.shipTo.contactAddress.addressLine1",
    "fulfillmentStartInstructions[].shippingStep.shipTo.contactAddress.addressLine2",
    "fulfillmentStartInstructions[].finalDestinationAddress.addressLine1",
    "fulfillmentStartInstructions[].finalDestinationAddress.addressLine2",
    "lineItems[].giftDetails",
];

/// Relay addresses are gone earlier.
const GONE_AFTER_14_DAYS: [&str; 2] =
    ["buyer.buyerRegistrationAddress.email", "fulfillmentStartInstructions[].shippingStep.shipTo.email"];

/// Takes away what an order of this age no longer carries.
pub(super) fn age(order: &mut Value, created: Timestamp, now: Timestamp) {
    if now > created + Duration::days(14) {
        GONE_AFTER_14_DAYS.iter().for_each(|path| remove(order, path));
    }
    if now > created + Duration::days(90) {
        GONE_AFTER_90_DAYS.iter().for_each(|path| remove(order, path));
    }
}

/// Takes away what only getOrder sends.
pub(super) fn listed(order: &mut Value) {
    remove(order, "buyer.taxIdentifier");
    if let Some(requests) = order.pointer_mut("/cancelStatus/cancelRequests") {
        *requests = json!([]);
    }
}
