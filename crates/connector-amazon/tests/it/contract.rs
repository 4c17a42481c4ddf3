//! Amazon's own contract, when its folder is there: every example order in it is one that we read.

use std::path::PathBuf;

use ordersync_connector_amazon::{read_get_answer, read_search_answer};
use ordersync_order::Order;
use serde_json::Value;

const FILE: &str = "amazon/models/orders-api-model/orders_2026-01-01.json";

/// The contract in the folder that `ORDERSYNC_CONTRACTS` names; without it, a line that says so.
pub(crate) fn contract() -> Option<Value> {
    let folder = std::env::var_os("ORDERSYNC_CONTRACTS");
    let Some(folder) = folder else {
        println!("ORDERSYNC_CONTRACTS names no folder of contracts: not checked against Amazon's");
        return None;
    };
    let path = PathBuf::from(folder).join(FILE);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

/// The answers with this status that the contract gives as examples and as its sandbox's.
fn answers<'c>(operation: &'c Value, status: &str) -> Vec<&'c Value> {
    let response = &operation["responses"][status];
    let sandbox = response["x-amzn-api-sandbox"]["static"].as_array().into_iter().flatten();
    sandbox.map(|pair| &pair["response"]).chain(response["examples"].get("application/json")).collect()
}

#[test]
fn every_order_of_the_contract_is_read() {
    let Some(contract) = contract() else { return };
    let search = &contract["paths"]["/orders/2026-01-01/orders"]["get"];
    let get = &contract["paths"]["/orders/2026-01-01/orders/{orderId}"]["get"];
    let (mut orders, mut rejected): (Vec<Order>, Vec<String>) = (Vec::new(), Vec::new());
    let mut given = 0;
    for answer in answers(search, "200") {
        let page = read_search_answer(answer.to_string().as_bytes()).unwrap();
        given += answer["orders"].as_array().unwrap().len();
        orders.extend(page.read);
        rejected.extend(page.rejected.iter().map(|order| format!("{order:?}")));
        assert_eq!(page.next_token.as_deref(), answer["pagination"]["nextToken"].as_str());
        assert_eq!(page.bound.is_some(), answer["lastUpdatedBefore"].is_string());
    }
    for answer in answers(get, "200") {
        given += 1;
        match read_get_answer(answer.to_string().as_bytes()).unwrap() {
            Ok(order) => orders.push(order),
            Err(order) => rejected.push(format!("{order:?}")),
        }
    }
    println!("orders in the contract: {given}, read: {}, rejected: {}", orders.len(), rejected.len());
    assert!(rejected.is_empty(), "{rejected:#?}");
    assert_eq!(orders.len(), given);
    assert!(given >= 8, "the contract of 2026-08-05 holds 8 orders, this one {given}");
    let surprising: Vec<_> = orders
        .iter()
        .flat_map(|order| &order.facts.reviews)
        .filter(|review| review.code.is_some())
        .map(|review| format!("{}: {:?}", review.field, review.code))
        .collect();
    assert!(surprising.is_empty(), "the contract's own values are unknown: {surprising:?}");
}

/// Every value that the contract lists for a field is known: none of them makes a review of an unknown value.
#[test]
fn every_listed_value_is_known() {
    let Some(contract) = contract() else { return };
    let definitions = &contract["definitions"];
    let listed = |definition: &str, property: &str| -> Vec<String> {
        let schema = &definitions[definition];
        let schema = if property.is_empty() { schema } else { &schema["properties"][property] };
        match schema["enum"].as_array() {
            Some(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
            None => possible_values(schema["description"].as_str().unwrap()),
        }
    };
    for (definition, property, place) in [
        ("FulfillmentStatus", "", "/fulfillment/fulfillmentStatus"),
        ("OrderFulfillment", "fulfilledBy", "/fulfillment/fulfilledBy"),
        ("OrderFulfillment", "fulfillmentServiceLevel", "/fulfillment/fulfillmentServiceLevel"),
        ("Order", "programs", "/programs/0"),
        ("AssociatedOrder", "associationType", "/associatedOrders/0/associationType"),
        ("SalesChannel", "channelName", "/salesChannel/channelName"),
        ("CustomerAddress", "addressType", "/recipient/deliveryAddress/addressType"),
        ("OrderProceedsBreakdown", "type", "/proceeds/breakdowns/0/type"),
        ("OrderItem", "programs", "/orderItems/0/programs/0"),
        ("ItemProceedsBreakdown", "type", "/orderItems/0/proceeds/breakdowns/0/type"),
        (
            "ItemProceedsDetailedBreakdown",
            "subtype",
            "/orderItems/0/proceeds/breakdowns/0/detailedBreakdowns/0/subtype",
        ),
        ("PackageStatus", "status", "/packages/0/packageStatus/status"),
        ("OrderTaxRegistration", "entityType", "/tax/taxRegistrations/0/entityType"),
        ("ItemCancellationExecution", "cancelledBy", "/orderItems/0/cancellation/cancellationExecution/cancelledBy"),
        ("ItemCancellationRequest", "requester", "/orderItems/0/cancellation/cancellationRequest/requester"),
        (
            "ItemTaxCalculationBreakdown",
            "reportingScheme",
            "/orderItems/0/tax/taxCalculationBreakdowns/0/reportingScheme",
        ),
        ("ItemTaxCollection", "model", "/orderItems/0/tax/taxCollections/0/model"),
        (
            "SerialNumberRequirement",
            "requirementType",
            "/orderItems/0/fulfillment/packing/serialNumberRequirement/requirementType",
        ),
    ] {
        let values = listed(definition, property);
        assert!(!values.is_empty(), "{definition}.{property}");
        for value in values {
            let mut order = an_order();
            *order.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = Value::String(value.clone());
            let order = crate::tell::read(&order.to_string()).unwrap();
            let unknown: Vec<_> = order.facts.reviews.iter().filter(|review| review.code.is_some()).collect();
            assert!(unknown.is_empty(), "{value} of {definition}.{property}: {unknown:?}");
        }
    }
}

/// The words in back ticks after `**Possible value`, up to the next bold word.
fn possible_values(description: &str) -> Vec<String> {
    let Some((_, list)) = description.split_once("**Possible value") else { return Vec::new() };
    let list = list.split_once("**").map_or(list, |(_, rest)| rest);
    let list = list.split("**").next().unwrap();
    let words = list.split('`').skip(1).step_by(2);
    words.filter(|word| word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')).map(str::to_owned).collect()
}

/// An order with one of each list that a value can stand in.
fn an_order() -> Value {
    let money = serde_json::json!({"amount": "1.00", "currencyCode": "EUR"});
    serde_json::json!({
        "orderId": "203-1000098-2000098", "createdTime": "2026-10-05T07:00:00Z", "lastUpdatedTime": "2026-10-05T08:00:00Z",
        "programs": ["PRIME"], "associatedOrders": [{"orderId": "203-1-1", "associationType": "EXCHANGE_ORIGINAL_ID"}],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1F83G8C2ARO7P"},
        "recipient": {"deliveryAddress": {"name": "N", "addressLine1": "1", "countryCode": "GB", "addressType": "RESIDENTIAL"}},
        "proceeds": {"grandTotal": money, "breakdowns": [{"type": "ITEM", "subtotal": money}]},
        "tax": {"taxRegistrations": [{"entityType": "BUYER"}]},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT", "fulfillmentServiceLevel": "STANDARD"},
        "packages": [{"packageReferenceId": "1", "packageStatus": {"status": "PENDING"}}],
        "orderItems": [{
            "orderItemId": "1", "quantityOrdered": 1, "programs": ["TRANSPARENCY"], "product": {},
            "proceeds": {"breakdowns": [{"type": "TAX", "subtotal": money, "detailedBreakdowns": [{"subtype": "ITEM", "value": money}]}]},
            "cancellation": {"cancellationRequest": {"requester": "BUYER"}, "cancellationExecution": {"cancelledBy": "BUYER"}},
            "fulfillment": {"packing": {"serialNumberRequirement": {"requirementType": "REQUIRED"}}},
            "tax": {"taxCalculationBreakdowns": [{"reportingScheme": "IOSS"}], "taxCollections": [{"model": "MARKETPLACE_FACILITATOR"}]},
        }],
    })
}
