//! A line of an order.

use serde_json::{Value, json};

use super::amounts::{Parts, money};
use super::plan::{Line, Plan};
use super::render::in_first_parcel;
use super::state::State;
use crate::fields::object;
use crate::goods::{decimal, iso};

/// Line number `at` of the order.
pub(super) fn item(plan: &Plan, line: &Line, at: usize, state: &State, negative_discounts: bool) -> Value {
    let currency = plan.market.currency;
    let parts = Parts::of(plan, line);
    let promotion = json!({"breakdowns": [{"promotionId": format!("PROMO-{}", decimal(line.discount))}]});
    // Points are given in Japan; a few orders carry them, so that the field is not forgotten.
    let points = json!({"pointsCost": {"pointsGranted": {
        "pointsNumber": 10,
        "pointsMonetaryValue": money(10, currency),
    }}});
    object([
        ("orderItemId", Some(json!(line.id))),
        ("quantityOrdered", Some(json!(line.quantity))),
        ("programs", (plan.oddity % 25 == 1).then(|| json!(["SUBSCRIBE_AND_SAVE"]))),
        ("product", Some(product(plan, line))),
        (
            "proceeds",
            Some(json!({
                "proceedsTotal": money(parts.total(), currency),
                "breakdowns": parts.breakdowns(plan, true, negative_discounts),
            })),
        ),
        ("expense", (plan.oddity == 11).then_some(points)),
        ("promotion", (line.discount > 0).then_some(promotion)),
        ("cancellation", cancellation(plan, state)),
        ("fulfillment", Some(fulfillment(plan, line, at, state))),
        ("tax", plan.scheme.map(tax)),
    ])
}

fn product(plan: &Plan, line: &Line) -> Value {
    let condition = json!({"conditionType": "NEW", "conditionSubtype": "NEW"});
    let price = object([
        ("unitPrice", Some(money(line.good.price, plan.market.currency))),
        ("priceDesignation", plan.business.then(|| json!("BUSINESS_PRICE"))),
    ]);
    object([
        ("asin", Some(json!(line.good.asin))),
        ("title", Some(json!(line.good.title))),
        // Old listings have no number of the seller's.
        ("sellerSku", (plan.oddity != 13).then(|| json!(line.good.sku))),
        ("condition", Some(condition)),
        ("price", Some(price)),
        ("customization", line.custom.then(|| json!({"customizedUrl": plan.sayings.design_url}))),
    ])
}

fn cancellation(plan: &Plan, state: &State) -> Option<Value> {
    let request = state.cancel_asked.map(|_| json!({"requester": "BUYER", "cancelReason": "ORDERED_BY_MISTAKE"}));
    let execution = state.cancelled.map(|_| {
        let by = if state.cancel_asked.is_some() || state.paid.is_none() { "BUYER" } else { "MERCHANT" };
        let by = if plan.by_amazon && by == "MERCHANT" { "AMAZON" } else { by };
        json!({"cancelledBy": by, "cancelReason": if by == "BUYER" { "BUYER_CANCELLED" } else { "NO_INVENTORY" }})
    });
    if request.is_none() && execution.is_none() {
        return None;
    }
    Some(object([("cancellationRequest", request), ("cancellationExecution", execution)]))
}

fn fulfillment(plan: &Plan, line: &Line, at: usize, state: &State) -> Value {
    let fulfilled = match (state.dispatched, state.part_dispatched) {
        (Some(_), _) => line.quantity,
        (None, Some(_)) => in_first_parcel(plan, at),
        (None, None) => 0,
    };
    let left = if state.cancelled.is_some() { 0 } else { line.quantity - fulfilled };
    let gift = line.gift_wrap.map(|_| {
        let message = (!plan.oddity.is_multiple_of(5)).then(|| json!(plan.sayings.gift_message));
        json!({"giftOption": object([("giftMessage", message), ("giftWrapLevel", Some(json!("Classic")))])})
    });
    object([
        ("quantityFulfilled", Some(json!(fulfilled))),
        ("quantityUnfulfilled", Some(json!(left))),
        ("packing", gift),
        ("shipping", shipping(plan)),
    ])
}

fn shipping(plan: &Plan) -> Option<Value> {
    let constraints = match plan.oddity {
        70..74 => Some(json!({"signatureConfirmation": "MANDATORY"})),
        74..76 => Some(json!({"recipientAgeVerification": "MANDATORY", "recipientIdentityVerification": "MANDATORY"})),
        _ => None,
    };
    let ioss = (plan.scheme == Some("IOSS")).then(|| json!({"iossNumber": "IM0000000017"}));
    let window = (plan.oddity == 77)
        .then(|| json!({"earliestDateTime": iso(plan.deliver_from), "latestDateTime": iso(plan.deliver_by)}));
    if constraints.is_none() && ioss.is_none() && window.is_none() {
        return None;
    }
    Some(object([
        ("scheduledDeliveryWindow", window),
        ("shippingConstraints", constraints),
        ("internationalShipping", ioss),
    ]))
}

/// Amazon collects the tax. The responsible party is sometimes empty, as sellers have seen.
fn tax(scheme: &str) -> Value {
    let party = if scheme == "GB_VOEC" { "" } else { "Amazon Services Europe" };
    json!({
        "taxCalculationBreakdowns": [{"reportingScheme": scheme}],
        "taxCollections": [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": party}],
    })
}
