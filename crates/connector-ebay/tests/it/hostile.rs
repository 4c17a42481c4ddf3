//! Whatever comes from outside: never a panic, and no order lost.

use ordersync_connector_ebay::normalise;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::fixtures::{fixture, names, read_at};

/// A value that does not belong where it will be put.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        select(vec!["", "-", "1e9", "99999999999999999999.99", "0.001", "UK", "XX", "GBP", "\u{0}\u{7f}", "🎁🎁"])
            .prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, {}, [], "x", 1])),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
            .prop_map(Value::from),
    ]
}

fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn mutated() -> impl Strategy<Value = Value> {
    let changes = prop::collection::vec((any::<Index>(), odd_value()), 0..6);
    (select(names()), changes).prop_map(|(name, changes)| {
        let mut order = fixture(&name);
        for (place, value) in changes {
            let mut found = Vec::new();
            places(&order, "", &mut found);
            *order.pointer_mut(&found[place.index(found.len())]).unwrap() = value;
        }
        order
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(normalise::page(&bytes, read_at()));
        drop(normalise::order(&bytes, read_at()));
    }

    #[test]
    fn any_order_is_normalised_or_rejected_by_name(order in mutated()) {
        let text = order.to_string();
        if let Err(rejected) = normalise::order(text.as_bytes(), read_at()).unwrap() {
            prop_assert!(!rejected.field.is_empty() && !rejected.reason.is_empty());
        }
    }

    #[test]
    fn every_order_of_a_page_comes_out_once(orders in prop::collection::vec(mutated(), 0..8)) {
        let numbered: Vec<Value> = orders
            .into_iter()
            .enumerate()
            .map(|(number, mut order)| {
                if let Value::Object(fields) = &mut order {
                    fields.insert("orderId".to_owned(), json!(format!("00-00000-0000{number}")));
                }
                order
            })
            .collect();
        let body = json!({ "total": numbered.len(), "offset": 0, "orders": numbered }).to_string();
        let read = normalise::page(body.as_bytes(), read_at()).unwrap();
        prop_assert_eq!(read.orders.len() + read.rejected.len(), numbered.len());
        prop_assert_eq!(read.listed, numbered.len());
    }

    #[test]
    fn a_damaged_page_is_read_or_refused(name in select(names()), place in any::<Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut body = json!({ "total": 1, "orders": [fixture(&name)] }).to_string().into_bytes();
        let place = place.index(body.len());
        body[place] = byte;
        if cut {
            body.truncate(place);
        }
        if let Ok(read) = normalise::page(&body, read_at()) {
            prop_assert!(read.orders.len() + read.rejected.len() <= 1);
        }
    }
}
