//! Each fixture's facts as a snapshot; of people the names and states of fields only.

use std::fmt::Write;

use ordersync_connector_api::RejectedOrder;
use ordersync_connector_ebay::normalise;
use ordersync_order::Order;
use ordersync_types::{FieldState, Money, SealedRecord, Timestamp};
use serde_json::Value;

/// When the fixtures were "answered".
pub(crate) fn read_at() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The names of all fixtures.
pub(crate) fn names() -> Vec<String> {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")).unwrap();
    let mut names: Vec<String> =
        folder.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

pub(crate) fn try_normalise(order: &Value) -> Result<Order, RejectedOrder> {
    normalise::order(order.to_string().as_bytes(), read_at()).unwrap()
}

pub(crate) fn normalised(order: &Value) -> Order {
    try_normalise(order).unwrap_or_else(|rejected| panic!("rejected: {}: {}", rejected.field, rejected.reason))
}

fn check(name: &str) {
    let order = normalised(&fixture(name));
    let mut text = serde_json::to_string_pretty(&without_gaps(serde_json::to_value(&order.facts).unwrap())).unwrap();
    writeln!(text, "\nbuyer_key: {}", order.people.buyer_key.is_some()).unwrap();
    text.push_str(&states(order.people.buyer.as_ref()));
    text.push_str(&states(order.people.recipient.as_ref()));
    insta::assert_snapshot!(name, text);
}

/// Without `null` and empty arrays, and with amounts as one text, so that a snapshot shows what there is.
fn without_gaps(value: Value) -> Value {
    if let Ok(money) = serde_json::from_value::<Money>(value.clone()) {
        return Value::String(money.to_string());
    }
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, without_gaps(value)))
                .filter(|(_, value)| !value.is_null() && *value != Value::Array(Vec::new()))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_gaps).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn states<R: SealedRecord>(record: Option<&R>) -> String {
    let Some(record) = record else { return format!("{}: none\n", R::NAME) };
    let mut text = String::new();
    for field in record.fields() {
        let state = match &*field.state {
            FieldState::NotSent => "not sent".to_owned(),
            FieldState::Withheld(why) => format!("withheld ({why:?})"),
            FieldState::Value(value) => format!("value({} bytes)", value.expose().len()),
        };
        let of = if field.of.is_empty() { String::new() } else { format!(" of line {}", field.of) };
        writeln!(text, "{}.{}{of}: {state}", R::NAME, R::FIELDS[field.index]).unwrap();
    }
    text
}

macro_rules! fixtures {
    ($($name:ident)+) => {
        $(#[test] fn $name() { check(stringify!($name)); })+

        #[test]
        fn every_fixture_has_its_test() {
            assert_eq!(names(), [$(stringify!($name)),+]);
        }
    };
}

fixtures! {
    authenticity_guarantee
    cancellation_in_progress
    cancelled_with_request
    click_and_collect
    converted_currency
    digital_gift_card
    ebay_international_shipping
    every_field_of_the_contract
    fulfilled_by_ebay
    global_shipping_programme_hub
    in_store_pickup
    ioss_import_collected_by_ebay
    italian_tax_number
    label_by_ebay_with_charges
    northern_ireland_written_uk
    older_than_90_days
    one_of_two_lines_shipped
    only_what_is_required
    partially_refunded_line
    payment_pending
    two_currencies
    two_lines_with_discounts
    unknown_values_everywhere
    vault_to_buyer
}
