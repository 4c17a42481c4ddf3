//! Which field is personal: the lists against the contract, against the fixtures, and against what normalise does.

use std::collections::{BTreeMap, BTreeSet};

use ordersync_connector_amazon::{DROPPED, OPEN_FIELDS, PERSONAL_FIELDS, UNREAD_FIELDS};
use ordersync_order::{Buyer, Order, Recipient};
use ordersync_types::{FieldState, SealedRecord};
use serde_json::{Map, Value, json};

use crate::contract::contract;
use crate::tell::{fixture, fixtures, read};

fn classified() -> Vec<&'static str> {
    let personal = PERSONAL_FIELDS.iter().map(|(path, _)| *path);
    personal.chain(OPEN_FIELDS.iter().copied()).chain(UNREAD_FIELDS.iter().copied()).collect()
}

#[test]
fn every_field_has_one_class() {
    let mut seen = BTreeSet::new();
    for path in classified() {
        assert!(seen.insert(path), "{path} is listed twice");
    }
    for (path, target) in PERSONAL_FIELDS {
        let known = match target.split_once('.') {
            Some(("buyer", field)) => Buyer::FIELDS.contains(&field),
            Some(("recipient", field)) => Recipient::FIELDS.contains(&field),
            _ => *target == DROPPED,
        };
        assert!(known, "{path} goes to {target}, which is no field of a record");
    }
}

/// A new version of the contract cannot bring a field in that nobody has looked at.
#[test]
fn every_field_of_the_contract_is_classified() {
    let Some(contract) = contract() else { return };
    let mut paths = BTreeSet::new();
    walk(&contract["definitions"], &contract["definitions"]["Order"], String::new(), &mut paths);
    let listed: BTreeSet<String> = classified().into_iter().map(str::to_owned).collect();
    let missing: Vec<_> = paths.difference(&listed).collect();
    let surplus: Vec<_> = listed.difference(&paths).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "not classified: {missing:?}; not in the contract: {surplus:?}");
}

fn walk(definitions: &Value, schema: &Value, path: String, paths: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return walk(definitions, &definitions[name], path, paths);
    }
    match schema["type"].as_str().unwrap() {
        "array" => walk(definitions, &schema["items"], path + "[]", paths),
        "object" => {
            for (name, property) in schema["properties"].as_object().unwrap() {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(definitions, property, below, paths);
            }
        }
        _ => {
            paths.insert(path);
        }
    }
}

#[test]
fn the_fixtures_hold_every_field() {
    let mut held = BTreeSet::new();
    for name in fixtures() {
        leaves(&serde_json::from_str(&fixture(&name)).unwrap(), String::new(), &mut held);
    }
    // Amazon sends no end of the label window
    held.insert("fulfillment.labelPrintingWindow.latestDateTime".to_owned());
    let missing: Vec<_> = classified().into_iter().filter(|path| !held.contains(*path)).collect();
    assert!(missing.is_empty(), "in no fixture: {missing:?}");
}

fn leaves(value: &Value, path: String, held: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, format!("{path}[]"), held)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(field, below, held);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            held.insert(path);
        }
    }
}

/// Every personal field filled with a word of its own: the words are found where the list says, and nowhere else.
#[test]
fn personal_words_are_found_where_the_list_says_and_in_no_fact() {
    for (status, fulfilled_by, kept) in
        [("UNSHIPPED", "MERCHANT", true), ("SHIPPED", "MERCHANT", false), ("UNSHIPPED", "AMAZON", false)]
    {
        let (order, words) = order_of_words(status, fulfilled_by);
        let facts = serde_json::to_string(&order.facts).unwrap();
        let people = words_of(&order);
        let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, target) in PERSONAL_FIELDS {
            let word = &words[*path];
            // the country decides the tax and is open as a country, never as the text that was sent
            assert!(!facts.contains(word.as_str()), "{path} is in the facts");
            assert!(!format!("{order:?}").contains(word.as_str()), "{path} is in Debug");
            if kept && *target != DROPPED {
                expected.entry((*target).to_owned()).or_default().insert(word.clone());
            }
        }
        let places: BTreeSet<&String> = people.keys().collect();
        assert_eq!(places, expected.keys().collect::<BTreeSet<_>>(), "{status} {fulfilled_by}");
        for (target, wanted) in &expected {
            for word in wanted {
                assert!(people[target].contains(word.as_str()), "{target} lacks {word}: {}", people[target]);
            }
        }
        let dropped = PERSONAL_FIELDS.iter().filter(|(_, target)| *target == DROPPED);
        for (path, _) in dropped {
            assert!(people.values().all(|text| !text.contains(words[*path].as_str())), "{path} is kept");
        }
    }
}

/// An order with nothing but what it needs and a word in each personal field.
fn order_of_words(status: &str, fulfilled_by: &str) -> (Order, BTreeMap<&'static str, String>) {
    let mut order = json!({
        "orderId": "203-1000099-2000099",
        "createdTime": "2026-10-05T07:00:00Z",
        "lastUpdatedTime": "2026-10-05T08:00:00Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1F83G8C2ARO7P"},
        "fulfillment": {"fulfillmentStatus": status, "fulfilledBy": fulfilled_by},
        "tax": {"taxRegistrations": [{"entityType": "BUYER"}]},
        "orderItems": [{"orderItemId": "1", "quantityOrdered": 1, "product": {}}],
    });
    let mut words = BTreeMap::new();
    for (index, (path, _)) in PERSONAL_FIELDS.iter().enumerate() {
        let word = format!("Canary{index:03}word");
        put(&mut order, path, &word);
        words.insert(*path, word);
    }
    (read(&order.to_string()).unwrap(), words)
}

fn put(value: &mut Value, path: &str, word: &str) {
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let is_list = step.ends_with("[]");
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let mut below = &mut value[step.trim_end_matches("[]")];
    if is_list {
        if !below.is_array() {
            *below = json!([null]);
        }
        below = &mut below[0];
    }
    if rest.is_empty() {
        *below = match word.strip_prefix("Canary") {
            // hours and minutes are numbers
            Some(_) if path == "hour" || path == "minute" => json!(9),
            _ => json!(word),
        };
    } else {
        put(below, rest, word);
    }
}

/// `recipient.name` and the like to the text held there.
fn words_of(order: &Order) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    let mut add = |record: &str, fields: Vec<ordersync_types::RecordField<'_>>, names: &[&str]| {
        for field in fields {
            let FieldState::Value(value) = field.state.as_ref() else { continue };
            words.insert(format!("{record}.{}", names[field.index]), value.expose().clone());
        }
    };
    if let Some(buyer) = &order.people.buyer {
        add(Buyer::NAME, buyer.fields(), Buyer::FIELDS);
    }
    if let Some(recipient) = &order.people.recipient {
        add(Recipient::NAME, recipient.fields(), Recipient::FIELDS);
    }
    words
}
