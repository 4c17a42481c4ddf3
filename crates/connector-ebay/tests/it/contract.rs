//! The connector against eBay's own contract file, where the folder of contracts is at hand: the environment variable
//! `ORDERSYNC_CONTRACTS` names it.

use std::collections::{BTreeMap, BTreeSet};

use ordersync_connector_ebay::{DROPPED_FIELDS, OPEN_FIELDS, PERSONAL_FIELDS, normalise};
use ordersync_order::Order;
use ordersync_types::SealedRecord;
use serde_json::{Map, Value, json};

use crate::fixtures::{fixture, names, read_at};

/// The schemas of the contract. One line says so when there is none.
fn schemas(test: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("ORDERSYNC_CONTRACTS") else {
        println!("{test}: not run, ORDERSYNC_CONTRACTS names no folder with the vendors' contracts");
        return None;
    };
    let file = std::path::Path::new(&folder).join("ebay/sell_fulfillment_v1_oas3.json");
    let contract: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    Some(contract["components"]["schemas"].clone())
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// Every text and amount reachable from a schema; an amount counts as one field.
fn paths(schemas: &Value, name: &str, at: &str, found: &mut Vec<String>) {
    for (field, schema) in schemas[name]["properties"].as_object().unwrap() {
        let (schema, array) = if schema["type"] == "array" { (&schema["items"], "[]") } else { (schema, "") };
        let path = if at.is_empty() { format!("{field}{array}") } else { format!("{at}.{field}{array}") };
        match reference(schema) {
            Some("Amount") => found.push(path),
            Some(inner) => paths(schemas, inner, &path, found),
            None if schema["type"] == "string" => found.push(path),
            None => assert!(["boolean", "integer"].contains(&schema["type"].as_str().unwrap()), "{path}"),
        }
    }
}

fn classified() -> Vec<&'static str> {
    let personal = PERSONAL_FIELDS.iter().map(|(path, _)| *path);
    personal.chain(OPEN_FIELDS.iter().copied()).chain(DROPPED_FIELDS.iter().copied()).collect()
}

#[test]
fn every_field_of_the_contract_is_classified_once() {
    let listed = classified();
    let once: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(once.len(), listed.len(), "a field stands in two lists");
    let Some(schemas) = schemas("every_field_of_the_contract_is_classified_once") else { return };
    let mut found = Vec::new();
    paths(&schemas, "Order", "", &mut found);
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found.difference(&once).collect::<Vec<_>>(), Vec::<&&str>::new(), "fields that no list knows");
    assert_eq!(once.difference(&found).collect::<Vec<_>>(), Vec::<&&str>::new(), "fields that eBay does not have");
    println!("every_field_of_the_contract_is_classified_once: {} fields", found.len());
}

#[test]
fn the_targets_of_personal_fields_exist() {
    for (path, target) in PERSONAL_FIELDS {
        let known = match target.split_once('.') {
            Some(("buyer", field)) => ordersync_order::Buyer::FIELDS.contains(&field),
            Some(("recipient", field)) => ordersync_order::Recipient::FIELDS.contains(&field),
            _ => *target == "dropped",
        };
        assert!(known, "{path} -> {target}");
    }
}

#[test]
fn the_fixtures_hold_every_field_of_the_contract() {
    let mut seen = BTreeSet::new();
    for name in names() {
        leaves(&fixture(&name), "", &mut seen);
    }
    let missing: Vec<_> = classified().into_iter().filter(|path| !seen.contains(*path)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

fn leaves(value: &Value, at: &str, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) if fields.contains_key("currency") => drop(seen.insert(at.to_owned())),
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &if at.is_empty() { name.clone() } else { format!("{at}.{name}") }, seen);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, &format!("{at}[]"), seen)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => drop(seen.insert(at.to_owned())),
    }
}

/// What an order cannot do without; everything else comes and goes in generated orders.
const REQUIRED: [&str; 6] =
    ["orderId", "creationDate", "lastModifiedDate", "lineItems", "lineItems[].lineItemId", "lineItems[].quantity"];

/// Makes orders from the contract's schema. Every text that is no code, date or country is a token of its own.
struct Generator<'s> {
    schemas: &'s Value,
    state: u64,
    /// Chance in percent that an optional field is there.
    chance: u64,
    most_items: u64,
    tokens: BTreeMap<String, String>,
}

impl<'s> Generator<'s> {
    fn new(schemas: &'s Value, seed: u64, chance: u64, most_items: u64) -> Self {
        Self { schemas, state: seed, chance, most_items, tokens: BTreeMap::new() }
    }

    /// A number below `end` (splitmix64).
    fn draw(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    fn pick(&mut self, from: &[&str]) -> Value {
        let place = self.draw(from.len() as u64) as usize;
        json!(from[place])
    }

    fn object(&mut self, name: &str, at: &str) -> Value {
        let schemas = self.schemas;
        let mut object = Map::new();
        for (field, schema) in schemas[name]["properties"].as_object().unwrap() {
            let path = if at.is_empty() { field.clone() } else { format!("{at}.{field}") };
            let required = REQUIRED.contains(&path.as_str());
            if !required && self.draw(100) >= self.chance {
                continue;
            }
            let value = if schema["type"] == "array" {
                let items = if required { 1 + self.draw(self.most_items) } else { self.draw(self.most_items + 1) };
                let items = if self.chance == 100 { 1 } else { items };
                (0..items).map(|_| self.value(&schema["items"], &format!("{path}[]"), field)).collect()
            } else {
                self.value(schema, &path, field)
            };
            object.insert(field.clone(), value);
        }
        Value::Object(object)
    }

    fn value(&mut self, schema: &Value, path: &str, field: &str) -> Value {
        match reference(schema) {
            Some("Amount") => {
                let (pounds, pence) = (self.draw(300), self.draw(100));
                json!({ "value": format!("{pounds}.{pence:02}"), "currency": "GBP" })
            }
            Some(inner) => self.object(inner, path),
            None if schema["type"] == "integer" => json!(1 + self.draw(5)),
            None if schema["type"] == "boolean" => json!(self.draw(2) == 0),
            None => self.text(path, field),
        }
    }

    fn text(&mut self, path: &str, field: &str) -> Value {
        let values: &[&str] = match field {
            "creationDate" => return json!("2026-02-20T08:00:00.000Z"),
            _ if field.ends_with("Date") || field.ends_with("Time") => {
                return json!(format!("2026-02-2{}T08:00:00.000Z", 1 + self.draw(8)));
            }
            "countryCode" => &["GB", "DE", "FR", "IE", "UK", "US"],
            "orderFulfillmentStatus" | "lineItemFulfillmentStatus" => &["NOT_STARTED", "IN_PROGRESS", "FULFILLED"],
            "orderPaymentStatus" => &["PAID", "PENDING", "FAILED", "PARTIALLY_REFUNDED", "FULLY_REFUNDED"],
            "cancelState" => &["NONE_REQUESTED", "IN_PROGRESS", "CANCELED", "SOMETHING_NEW"],
            "fulfillmentInstructionsType" => {
                &["SHIP_TO", "DIGITAL", "PREPARE_FOR_PICKUP", "SELLER_DEFINED", "FULFILLED_BY_EBAY", "SOMETHING_NEW"]
            }
            "taxType" => &["VAT", "GST", "STATE_SALES_TAX", "SOMETHING_NEW"],
            _ => {
                let token = format!("Tk{:016x}", self.draw(u64::MAX));
                self.tokens.insert(token.clone(), path.to_owned());
                return json!(token);
            }
        };
        self.pick(values)
    }
}

#[test]
fn orders_made_from_the_contract_are_all_normalised() {
    let Some(schemas) = schemas("orders_made_from_the_contract_are_all_normalised") else { return };
    let mut counts = Vec::new();
    for (kind, chance, orders, most_items) in [
        ("all fields", 100, 200, 1),
        ("only required", 0, 50, 2),
        ("random subsets", 50, 2_000, 3),
        ("sparse", 15, 750, 3),
    ] {
        let mut generator = Generator::new(&schemas, 20_261_121, chance, most_items);
        let page: Vec<Value> = (0..orders).map(|_| generator.object("Order", "")).collect();
        let body = json!({ "total": orders, "offset": 0, "limit": orders, "orders": page }).to_string();
        let read = normalise::page(body.as_bytes(), read_at()).unwrap();
        for rejected in &read.rejected {
            println!("{kind}: rejected, {}: {}", rejected.field, rejected.reason);
        }
        counts.push(format!("{kind}: {} of {orders}", read.orders.len()));
        assert_eq!((read.orders.len(), read.rejected.len()), (orders, 0), "{kind}");
    }
    println!("orders_made_from_the_contract_are_all_normalised: {}", counts.join(", "));
}

/// Every text of a generated order is followed: a personal one is in the record field that the table names and
/// nowhere else, a dropped one is nowhere.
#[test]
fn personal_texts_reach_their_record_field_and_nothing_open() {
    let Some(schemas) = schemas("personal_texts_reach_their_record_field_and_nothing_open") else { return };
    let targets: BTreeMap<&str, &str> = PERSONAL_FIELDS.iter().copied().collect();
    let mut followed = 0;
    for seed in 0..100 {
        let mut generator = Generator::new(&schemas, seed, if seed < 50 { 100 } else { 60 }, 2);
        let order = generator.object("Order", "");
        let body = order.to_string();
        let order = normalise::order(body.as_bytes(), read_at()).unwrap().unwrap();
        let facts = serde_json::to_string(&order.facts).unwrap();
        let people = people(&order);
        for (token, path) in &generator.tokens {
            let target = targets.get(path.as_str()).copied();
            let holders: BTreeSet<&str> = people
                .iter()
                .filter(|(_, value)| value.contains(token.as_str()))
                .map(|(field, _)| field.as_str())
                .collect();
            if target.is_some() || DROPPED_FIELDS.contains(&path.as_str()) {
                assert!(!facts.contains(token.as_str()), "{path} is in an open column");
            }
            match target {
                None | Some("dropped") => assert_eq!(holders, BTreeSet::new(), "{path} is in a sealed record"),
                Some(target) => {
                    assert!(holders.iter().all(|holder| *holder == target), "{path}: {holders:?}, not {target}");
                    assert!(seed >= 50 || holders.contains(target), "{path} did not reach {target}");
                    followed += 1;
                }
            }
        }
    }
    println!("personal_texts_reach_their_record_field_and_nothing_open: {followed} personal texts followed");
}

fn people(order: &Order) -> Vec<(String, String)> {
    fn values<R: SealedRecord>(record: Option<&R>, found: &mut Vec<(String, String)>) {
        for field in record.map(SealedRecord::fields).unwrap_or_default() {
            if let Some(value) = field.state.get() {
                found.push((format!("{}.{}", R::NAME, R::FIELDS[field.index]), value.expose().clone()));
            }
        }
    }
    let mut found = Vec::new();
    values(order.people.buyer.as_ref(), &mut found);
    values(order.people.recipient.as_ref(), &mut found);
    found
}
