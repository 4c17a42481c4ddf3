//! A line of an order as eBay's contract writes it.

use ordersync_types::Timestamp;
use serde_json::{Value, json};

use super::amounts::{Parts, half};
use super::plan::{Line, Plan, Way};
use super::state::State;
use crate::fields::object;
use crate::goods::iso;

/// Line number `at` of the order.
pub(super) fn line(plan: &Plan, line: &Line, at: usize, created: Timestamp, state: &State, breakdown: bool) -> Value {
    let parts = Parts::of(plan, line);
    let collected = plan.collected.map(|tax| {
        let reference = tax.reference.map(|(name, value)| json!({"name": name, "value": value}));
        json!([object([
            ("taxType", Some(json!(tax.kind))),
            ("amount", Some(parts.tax.json(plan))),
            ("collectionMethod", Some(json!("NET"))),
            ("ebayReference", reference),
        ])])
    });
    let taxes = match plan.collected {
        Some(tax) if breakdown => json!([{"taxType": tax.kind, "amount": parts.tax.json(plan)}]),
        Some(_) | None => json!([]),
    };
    let promotion = json!([{
        "promotionId": "5000000017",
        "description": "Save 5% on everything",
        "discountAmount": parts.discount.json(plan),
    }]);
    let discounted = line.discount > 0;
    let variant = plan.oddity % 4 == 2;
    object([
        ("lineItemId", Some(json!(line.id))),
        ("legacyItemId", Some(json!(line.good.item))),
        ("legacyVariationId", variant.then(|| json!(format!("7{}", line.good.item)))),
        // Old listings have no number of the seller's.
        ("sku", (plan.oddity % 12 != 7).then(|| json!(line.good.sku))),
        ("title", Some(json!(if plan.oddity == 15 { line.good.item } else { line.good.title }))),
        ("variationAspects", variant.then(|| json!([{"name": "Colour", "value": "Slate"}]))),
        ("quantity", Some(json!(line.quantity))),
        ("soldFormat", Some(json!(if plan.oddity % 11 == 3 { "AUCTION" } else { "FIXED_PRICE" }))),
        ("listingMarketplaceId", Some(json!(plan.site.id))),
        ("purchaseMarketplaceId", Some(json!(plan.site.id))),
        ("lineItemCost", Some(parts.cost.json(plan))),
        ("discountedLineItemCost", discounted.then(|| (parts.cost - parts.discount).json(plan))),
        ("deliveryCost", Some(delivery_cost(plan, parts))),
        ("appliedPromotions", Some(if discounted { promotion } else { json!([]) })),
        ("taxes", Some(taxes)),
        ("ebayCollectAndRemitTaxes", collected),
        ("total", Some(parts.total(breakdown).json(plan))),
        ("refunds", Some(refunds(plan, line, at, parts, state))),
        ("lineItemFulfillmentStatus", Some(json!(status(line, at, state)))),
        ("lineItemFulfillmentInstructions", Some(promises(plan))),
        ("itemLocation", Some(json!({"location": "Nether Wallow", "countryCode": "GB", "postalCode": "ZX1***"}))),
        ("properties", Some(properties(plan))),
        ("giftDetails", (plan.way == Way::Digital).then(|| gift(plan))),
        ("linkedOrderLineItems", (plan.oddity == 19).then(|| linked(created))),
    ])
}

fn delivery_cost(plan: &Plan, parts: Parts) -> Value {
    let discount = parts.shipping_discount;
    object([
        ("shippingCost", Some((parts.shipping - discount).json(plan))),
        ("discountAmount", (!discount.is_zero()).then(|| discount.json(plan))),
    ])
}

/// The first line of two parcels leaves in part when it has several units, else whole.
fn status(line: &Line, at: usize, state: &State) -> &'static str {
    if state.dispatched.is_some() {
        return "FULFILLED";
    }
    match (state.part_dispatched, at, line.quantity) {
        (Some(_), 0, 1) => "FULFILLED",
        (Some(_), 0, _) => "IN_PROGRESS",
        (Some(_), _, _) | (None, _, _) => "NOT_STARTED",
    }
}

fn promises(plan: &Plan) -> Value {
    let estimated = plan.way != Way::Digital;
    object([
        ("minEstimatedDeliveryDate", estimated.then(|| json!(iso(plan.deliver_from)))),
        ("maxEstimatedDeliveryDate", estimated.then(|| json!(iso(plan.deliver_by)))),
        ("shipByDate", (estimated && plan.oddity % 8 != 6).then(|| json!(iso(plan.dispatch_by)))),
        ("guaranteedDelivery", Some(json!(false))),
    ])
}

fn properties(plan: &Plan) -> Value {
    object([
        ("buyerProtection", Some(json!(true))),
        ("fromBestOffer", (plan.oddity % 13 == 2).then_some(json!(true))),
        ("soldViaAdCampaign", (plan.oddity % 5 == 1).then_some(json!(true))),
    ])
}

fn refunds(plan: &Plan, line: &Line, at: usize, parts: Parts, state: &State) -> Value {
    let first = half(parts.net());
    let mut list = Vec::new();
    let mut push = |when: Timestamp, amount: super::amounts::Amount, which: u8| {
        list.push(json!({
            "amount": amount.json(plan),
            "refundDate": iso(when),
            "refundId": format!("6{}{which}", line.id),
            "refundReferenceId": format!("RF{}{which}", line.id),
        }));
    };
    let parted = state.part_refunded.filter(|_| at == 0);
    if let Some(when) = parted {
        push(when, first, 1);
    }
    if let Some(when) = state.refunded {
        push(when, if parted.is_some() { parts.net() - first } else { parts.net() }, 2);
    }
    json!(list)
}

fn gift(plan: &Plan) -> Value {
    json!({
        "message": plan.sayings.gift_message,
        "recipientEmail": format!("gift.{}", plan.recipient.ebay_email()),
        "senderName": plan.sayings.gift_sender,
    })
}

/// A line of another seller's order that belongs to this one, for example a fitting service.
fn linked(created: Timestamp) -> Value {
    json!([{
        "lineItemId": "10000000000001",
        "orderId": "10-00000-00001",
        "sellerId": "another-seller",
        "title": "Fitting Service",
        "minEstimatedDeliveryDate": iso(created),
        "lineItemAspects": [{"name": "Service", "value": "Fitting"}],
    }])
}
