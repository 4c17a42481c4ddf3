//! An order as eBay's contract writes it.

use serde_json::{Value, json};

use super::amounts::{Amount, Parts, Totals, half};
use super::plan::{Plan, Way};
use super::render_line;
use super::render_way;
use super::state::State;
use crate::fields::object;
use crate::goods::iso;
use crate::ledger::Entry;

/// Where eBay's answers say links point. Not the host that is asked: a client must not follow them.
pub(super) const FOREIGN_HOST: &str = "https://api.ebay.example";

/// The whole order as getOrder sends it, with or without a breakdown of taxes.
pub(super) fn order(plan: &Plan, entry: &Entry, state: &State, breakdown: bool) -> Value {
    let totals = Totals::of(plan);
    let lines: Vec<Value> = plan
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| render_line::line(plan, line, at, entry.created, state, breakdown))
        .collect();
    object([
        ("orderId", Some(json!(entry.id))),
        ("legacyOrderId", Some(json!(entry.id))),
        ("creationDate", Some(json!(iso(entry.created)))),
        ("lastModifiedDate", Some(json!(iso(state.last_modified)))),
        ("orderFulfillmentStatus", Some(json!(state.fulfillment_status()))),
        ("orderPaymentStatus", Some(json!(state.payment_status()))),
        ("sellerId", Some(json!("example-goods"))),
        ("buyer", Some(buyer(plan))),
        ("buyerCheckoutNotes", plan.oddity.is_multiple_of(7).then(|| json!(plan.sayings.note))),
        ("pricingSummary", Some(pricing(plan, totals, breakdown))),
        ("cancelStatus", Some(cancel_status(state, &entry.id))),
        ("paymentSummary", Some(payment(plan, totals, entry, state))),
        ("fulfillmentStartInstructions", Some(render_way::instructions(plan, state))),
        ("fulfillmentHrefs", Some(hrefs(entry, state))),
        ("lineItems", Some(Value::Array(lines))),
        ("ebayCollectAndRemitTax", plan.collected.map(|_| json!(true))),
        ("salesRecordReference", (plan.oddity != 5).then(|| json!((1000 + entry.number).to_string()))),
        ("totalFeeBasisAmount", Some(totals.basis().json(plan))),
        ("totalMarketplaceFee", Some(totals.fee().json(plan))),
        ("program", program(plan)),
    ])
}

fn buyer(plan: &Plan) -> Value {
    let place = &plan.buyer.address;
    let tax_address = object([
        ("city", Some(json!(place.town))),
        ("stateOrProvince", place.region.as_ref().map(|region| json!(region))),
        ("postalCode", Some(json!(place.postcode))),
        ("countryCode", Some(json!(place.country))),
    ]);
    let identifier = match plan.site.id {
        "EBAY_IT" => Some(("CODICE_FISCALE", "IT")),
        "EBAY_ES" => Some(("DNI", "ES")),
        _ => None,
    };
    let tax_identifier = identifier.map(|(kind, country)| {
        json!({"taxpayerId": plan.buyer.tax_id, "taxIdentifierType": kind, "issuingCountry": country})
    });
    let mut registered = render_way::contact(&plan.buyer, place, plan.business, plan.oddity);
    // Some buyers are registered without a name.
    if plan.oddity % 50 == 3 {
        crate::fields::remove(&mut registered, "fullName");
    }
    object([
        ("username", Some(json!(plan.buyer.username))),
        ("taxAddress", Some(tax_address)),
        ("buyerRegistrationAddress", Some(registered)),
        ("taxIdentifier", tax_identifier),
    ])
}

fn pricing(plan: &Plan, totals: Totals, breakdown: bool) -> Value {
    let negative = |amount: Amount| (!amount.is_zero()).then(|| (-amount).json(plan));
    let total = if breakdown { totals.basis() } else { totals.net };
    object([
        ("priceSubtotal", Some(totals.cost.json(plan))),
        ("priceDiscount", negative(totals.discount)),
        ("deliveryCost", Some(totals.shipping.json(plan))),
        ("deliveryDiscount", negative(totals.shipping_discount)),
        ("total", Some(total.json(plan))),
    ])
}

fn cancel_status(state: &State, id: &str) -> Value {
    let asked = state.cancel_asked.or(state.cancelled.filter(|_| state.paid.is_some()));
    let request = asked.map(|at| {
        let outcome = match (state.cancelled, state.dispatched) {
            (Some(_), _) => "COMPLETED",
            (None, Some(_)) => "REJECTED",
            (None, None) => "REQUESTED",
        };
        let by_buyer = state.cancel_asked.is_some();
        object([
            ("cancelRequestId", Some(json!(format!("5{}", id.replace('-', ""))))),
            ("cancelInitiator", Some(json!(if by_buyer { "Buyer" } else { "Seller" }))),
            ("cancelReason", Some(json!(if by_buyer { "ORDER_PLACED_BY_MISTAKE" } else { "OUT_OF_STOCK" }))),
            ("cancelRequestState", Some(json!(outcome))),
            ("cancelRequestedDate", Some(json!(iso(at)))),
            ("cancelCompletedDate", state.cancelled.map(|at| json!(iso(at)))),
        ])
    });
    object([
        ("cancelState", Some(json!(state.cancel_state()))),
        ("cancelledDate", state.cancelled.map(|at| json!(iso(at)))),
        ("cancelRequests", Some(json!(request.into_iter().collect::<Vec<_>>()))),
    ])
}

fn payment(plan: &Plan, totals: Totals, entry: &Entry, state: &State) -> Value {
    let status = match state.payment_status() {
        "PENDING" => "PENDING",
        "FAILED" => "FAILED",
        _ => "PAID",
    };
    let paid = object([
        ("paymentMethod", Some(json!("EBAY"))),
        ("paymentReferenceId", Some(json!(format!("PR{:012}", entry.number)))),
        ("paymentDate", state.paid.map(|at| json!(iso(at)))),
        ("amount", Some(totals.due().json(plan))),
        ("paymentStatus", Some(json!(status))),
    ]);
    let mut refunds = Vec::new();
    let mut back = Amount::default();
    for (at, amount, which) in refund_sums(plan, totals, state) {
        back = back + amount;
        refunds.push(json!({
            "amount": amount.json(plan),
            "refundDate": iso(at),
            "refundId": refund_id(entry, which),
            "refundReferenceId": format!("RF{:010}{which}", entry.number),
            "refundStatus": "REFUNDED",
        }));
    }
    json!({"totalDueSeller": (totals.due() - back).json(plan), "payments": [paid], "refunds": refunds})
}

fn refund_id(entry: &Entry, which: u8) -> String {
    format!("5{:09}{which}", entry.number)
}

/// Refunds of the whole order: half of the first line, then the rest or all. eBay-collected tax is not in them.
fn refund_sums(plan: &Plan, totals: Totals, state: &State) -> Vec<(ordersync_types::Timestamp, Amount, u8)> {
    let first = plan.lines.first().map(|line| half(Parts::of(plan, line).net())).unwrap_or_default();
    let part = state.part_refunded.map(|at| (at, first, 1));
    let already = if part.is_some() { first } else { Amount::default() };
    part.into_iter().chain(state.refunded.map(|at| (at, totals.net - already, 2))).collect()
}

fn hrefs(entry: &Entry, state: &State) -> Value {
    let parcels = [state.part_dispatched, state.dispatched].into_iter().flatten();
    let links: Vec<String> = parcels
        .map(|at| {
            let tracking = format!("SIM{}GB", at.timestamp_millis());
            format!("{FOREIGN_HOST}/sell/fulfillment/v1/order/{}/shipping_fulfillment/{tracking}", entry.id)
        })
        .collect();
    json!(links)
}

fn program(plan: &Plan) -> Option<Value> {
    match plan.way {
        Way::Authenticator => Some(json!({"authenticityVerification": {"status": "PENDING"}})),
        Way::ByEbay => Some(json!({"fulfillmentProgram": {"fulfilledBy": "EBAY"}})),
        Way::Hub if plan.oddity.is_multiple_of(2) => {
            Some(json!({"ebayInternationalShipping": {"returnsManagedBy": "EBAY"}}))
        }
        Way::ShipTo if plan.oddity == 9 => Some(json!({"ebayShipping": {"shippingLabelProvidedBy": "EBAY"}})),
        Way::ShipTo | Way::Hub | Way::ClickAndCollect | Way::InStore | Way::Digital | Way::SellerDefined => None,
    }
}
