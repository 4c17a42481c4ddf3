//! An order as a snapshot may show it: facts in full, of people the names and states of their fields alone.

use std::path::PathBuf;

use ordersync_connector_amazon::read_get_answer;
use ordersync_connector_api::RejectedOrder;
use ordersync_order::Order;
use ordersync_types::{FieldState, RecordField, SealedRecord};
use serde_json::{Map, Value, json};

/// The text of a fixture: one order.
pub(crate) fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("{name}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of all fixtures.
pub(crate) fn fixtures() -> Vec<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// Reads one order as `getOrder` would answer it.
pub(crate) fn read(order: &str) -> Result<Order, RejectedOrder> {
    read_get_answer(format!("{{\"order\":{order}}}").as_bytes()).expect("an answer")
}

fn state(state: &FieldState) -> String {
    match state {
        FieldState::NotSent => "not sent".to_owned(),
        FieldState::Withheld(reason) => format!("withheld({reason:?})").to_lowercase(),
        FieldState::Value(value) => format!("value({} bytes)", value.expose().len()),
    }
}

fn record<R: SealedRecord>(record: &R) -> Value {
    let name = |field: &RecordField<'_>| match field.of.as_ref() {
        "" => R::FIELDS[field.index].to_owned(),
        line => format!("{}[{line}]", R::FIELDS[field.index]),
    };
    Value::Object(record.fields().iter().map(|field| (name(field), json!(state(&field.state)))).collect::<Map<_, _>>())
}

/// The order without a value of its people.
pub(crate) fn told(order: &Order) -> Value {
    let people = &order.people;
    json!({
        "facts": serde_json::to_value(&order.facts).unwrap(),
        "people": {
            "buyer_key": people.buyer_key.as_ref().map(|key| format!("{} bytes", key.expose().len())),
            "buyer": people.buyer.as_ref().map(record),
            "recipient": people.recipient.as_ref().map(record),
        },
    })
}
