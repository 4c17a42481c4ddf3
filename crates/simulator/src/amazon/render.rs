//! An order as the contract orders_2026-01-01 writes it, with everything it may carry; what may not be seen is taken away later.

use ordersync_types::Timestamp;
use serde_json::{Map, Value, json};

use super::amounts::{Parts, money};
use super::plan::Plan;
use super::render_item;
use super::state::State;
use crate::fields::{members, object};
use crate::goods::iso;
use crate::ledger::Entry;
use crate::people::{Person, PostalAddress};

/// The whole order at `now`.
pub(super) fn order(plan: &Plan, entry: &Entry, state: &State, negative_discounts: bool) -> Value {
    let channel = if plan.unfulfillable { "NON_AMAZON" } else { "AMAZON" };
    let items: Vec<Value> = plan
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| render_item::item(plan, line, at, state, negative_discounts))
        .collect();
    let replaces = format!("{}-0000000-{:07}", plan.market.prefix, entry.number % 10_000_000);
    object([
        ("orderId", Some(json!(entry.id))),
        ("orderAliases", Some(json!([{"aliasId": entry.id, "aliasType": "SELLER_ORDER_ID"}]))),
        ("createdTime", Some(json!(iso(entry.created)))),
        ("lastUpdatedTime", Some(json!(iso(state.last_updated)))),
        ("programs", Some(json!(plan.programs))),
        (
            "associatedOrders",
            (plan.oddity == 7).then(|| json!([{"orderId": replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}])),
        ),
        (
            "salesChannel",
            Some(json!({
                "channelName": channel,
                "marketplaceId": plan.market.id,
                "marketplaceName": plan.market.name,
            })),
        ),
        ("buyer", Some(buyer(plan))),
        ("recipient", Some(recipient(plan, state))),
        ("proceeds", Some(proceeds(plan, negative_discounts))),
        ("payment", Some(payment(plan))),
        ("tax", plan.business.then(|| registrations(plan))),
        ("fulfillment", Some(fulfillment(plan, entry.created, state))),
        ("orderItems", Some(Value::Array(items))),
        ("packages", (!plan.by_amazon).then(|| packages(plan, state)).filter(|list| list != &json!([]))),
    ])
}

fn buyer(plan: &Plan) -> Value {
    let with_number = plan.business && !plan.oddity.is_multiple_of(4);
    object([
        ("buyerName", Some(json!(plan.buyer.name))),
        ("buyerEmail", Some(json!(plan.buyer.amazon_email()))),
        ("buyerCompanyName", plan.business.then(|| json!(plan.buyer.company))),
        ("buyerPurchaseOrderNumber", with_number.then(|| json!(plan.sayings.purchase_order))),
    ])
}

/// An address with the contract's `CustomerAddress` fields.
fn address(person: &Person, place: &PostalAddress, company: Option<&str>) -> Map<String, Value> {
    members([
        ("name", Some(json!(person.name))),
        ("companyName", company.map(|company| json!(company))),
        ("addressLine1", Some(json!(place.line1))),
        ("addressLine2", place.line2.as_ref().map(|line| json!(line))),
        ("addressLine3", place.line3.as_ref().map(|line| json!(line))),
        ("city", Some(json!(place.town))),
        ("stateOrRegion", place.region.as_ref().map(|region| json!(region))),
        ("postalCode", Some(json!(place.postcode))),
        ("countryCode", Some(json!(place.country))),
    ])
}

fn recipient(plan: &Plan, state: &State) -> Value {
    let person = &plan.recipient;
    let place = if state.address_changed.is_some() { &person.second_address } else { &person.address };
    let company = (plan.business || plan.address_type == "COMMERCIAL").then_some(person.company.as_str());
    let mut delivery = address(person, place, company);
    delivery.insert("phone".to_owned(), json!(person.phone));
    delivery.insert("addressType".to_owned(), json!(plan.address_type));
    let [street, number, complement, quarter] = &plan.sayings.address_parts;
    // Crown dependencies: some orders are written with GB, the postcode alone tells.
    if plan.oddity.is_multiple_of(2) && matches!(place.country, "JE" | "GG" | "IM") {
        delivery.insert("countryCode".to_owned(), json!("GB"));
    }
    match plan.oddity {
        // The street in line 2, line 1 empty: seen in the wild.
        20..28 => {
            delivery.insert("addressLine2".to_owned(), json!(place.line1));
            delivery.insert("addressLine1".to_owned(), json!(""));
        }
        28..32 => {
            delivery.insert("districtOrCounty".to_owned(), json!(format!("{quarter} district")));
            delivery.insert("municipality".to_owned(), json!(format!("{quarter} municipality")));
        }
        32..35 => {
            let parts = json!({
                "streetName": street,
                "streetNumber": number,
                "complement": complement,
                "neighborhood": quarter,
            });
            delivery.insert("extendedFields".to_owned(), parts);
        }
        _ => {}
    }
    object([("deliveryAddress", Some(Value::Object(delivery))), ("deliveryPreference", preference(plan))])
}

fn preference(plan: &Plan) -> Option<Value> {
    let (drop_off, instruction) = (json!(plan.sayings.drop_off), json!(plan.sayings.instruction));
    let hours = json!({
        "businessHours": [{
            "dayOfWeek": "MON",
            "timeWindows": [{"startTime": {"hour": 9, "minute": 0}, "endTime": {"hour": 17, "minute": 30}}],
        }],
        "exceptionDates": [{"exceptionDate": "2026-12-24", "exceptionDateType": "CLOSED", "timeWindows": []}],
    });
    match plan.oddity {
        40..52 => Some(json!({"addressInstruction": instruction})),
        52..60 => Some(json!({"dropOffLocation": drop_off})),
        60..64 => Some(json!({
            "dropOffLocation": drop_off,
            "addressInstruction": instruction,
            "deliveryTime": hours,
            "deliveryCapabilities": ["HAS_ACCESS_POINT"],
        })),
        _ => None,
    }
}

fn proceeds(plan: &Plan, negative_discounts: bool) -> Value {
    let sum = plan.lines.iter().map(|line| Parts::of(plan, line)).fold(Parts::default(), Parts::plus);
    json!({
        "grandTotal": money(sum.total(), plan.market.currency),
        "breakdowns": sum.breakdowns(plan, false, negative_discounts),
    })
}

fn payment(plan: &Plan) -> Value {
    let sum = plan.lines.iter().map(|line| Parts::of(plan, line)).fold(Parts::default(), Parts::plus);
    let method = if plan.business { "Invoice" } else { "Standard" };
    json!({"paymentExecutions": [{"paymentMethod": method, "paymentAmount": money(sum.total(), plan.market.currency)}]})
}

fn registrations(plan: &Plan) -> Value {
    let registered = address(&plan.buyer, &plan.buyer.address, Some(&plan.buyer.company));
    json!({"taxRegistrations": [{
        "entityType": "BUYER",
        "legalName": plan.buyer.company,
        "taxRegistrationType": "VAT",
        "taxRegistrationNumber": plan.buyer.tax_id,
        "taxRegistrationAddress": registered,
    }]})
}

fn window(from: Timestamp, to: Timestamp) -> Value {
    json!({"earliestDateTime": iso(from), "latestDateTime": iso(to)})
}

fn fulfillment(plan: &Plan, created: Timestamp, state: &State) -> Value {
    object([
        ("fulfillmentStatus", Some(json!(state.status(plan)))),
        ("fulfilledBy", Some(json!(if plan.by_amazon { "AMAZON" } else { "MERCHANT" }))),
        ("fulfillmentServiceLevel", Some(json!(plan.service))),
        ("shipByWindow", Some(window(created, plan.ship_by))),
        // In some orders no delivery is promised.
        ("deliverByWindow", (plan.oddity % 20 != 3).then(|| window(plan.deliver_from, plan.deliver_by))),
        (
            "labelPrintingWindow",
            plan.programs.contains(&"FBM_SHIP_PLUS").then(|| json!({"earliestDateTime": iso(created)})),
        ),
    ])
}

/// Units of line `at` that the first parcel of two holds: one of a line of several, else the whole first line.
pub(super) fn in_first_parcel(plan: &Plan, at: usize) -> i64 {
    let quantity = plan.lines.get(at).map_or(0, |line| line.quantity);
    if at > 0 {
        0
    } else if quantity > 1 {
        1
    } else {
        quantity
    }
}

fn packages(plan: &Plan, state: &State) -> Value {
    let parted = state.part_dispatched;
    let mut list = Vec::new();
    let held = |first: bool| -> Vec<Value> {
        plan.lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let early = if parted.is_some() { in_first_parcel(plan, at) } else { 0 };
                (line, if first { early } else { line.quantity - early })
            })
            .filter(|(_, quantity)| *quantity > 0)
            .map(|(line, quantity)| json!({"orderItemId": line.id, "quantity": quantity}))
            .collect()
    };
    if let Some(at) = parted {
        list.push(package(plan, "1", at, state, held(true)));
    }
    if let Some(at) = state.dispatched {
        list.push(package(plan, if parted.is_some() { "2" } else { "1" }, at, state, held(false)));
    }
    Value::Array(list)
}

fn package(plan: &Plan, reference: &str, shipped: Timestamp, state: &State, items: Vec<Value>) -> Value {
    let (status, detail) = if state.delivered.is_some() {
        ("DELIVERED", "DELIVERED")
    } else if state.undeliverable.is_some() {
        ("UNDELIVERABLE", "UNDELIVERABLE")
    } else if state.in_transit.is_some() {
        ("IN_TRANSIT", "PICKED_UP")
    } else {
        ("SHIPPED", "DROPPED_OFF")
    };
    // Carriers without tracking never report more than that the parcel left.
    let untracked = plan.oddity % 10 == 9;
    let status = if untracked { "SHIPPED" } else { status };
    let detail = (plan.oddity.is_multiple_of(3) && !untracked).then(|| json!(detail));
    object([
        ("packageReferenceId", Some(json!(reference))),
        ("createdTime", Some(json!(iso(shipped - chrono::Duration::minutes(30))))),
        ("packageStatus", Some(object([("status", Some(json!(status))), ("detailedStatus", detail)]))),
        ("carrier", Some(json!("Royal Mail"))),
        ("shipTime", Some(json!(iso(shipped)))),
        ("shippingService", Some(json!("Tracked 48"))),
        ("trackingNumber", (!untracked).then(|| json!(tracking(shipped, reference)))),
        ("shipFromAddress", Some(ship_from())),
        ("packageItems", Some(Value::Array(items))),
    ])
}

fn tracking(shipped: Timestamp, reference: &str) -> String {
    format!("SIM{}{reference}GB", shipped.timestamp_millis())
}

/// The invented seller's own warehouse: a firm's address, nobody's person.
fn ship_from() -> Value {
    json!({
        "name": "Example Goods Ltd",
        "addressLine1": "Unit 4 Packhorse Yard",
        "city": "Nether Wallow",
        "postalCode": "ZX1 1AA",
        "countryCode": "GB",
    })
}
