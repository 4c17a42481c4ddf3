//! Whatever arrives: no panic, nothing lost, no value in a rejection.

use ordersync_connector_amazon::{read_get_answer, read_search_answer};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::tell::{fixture, fixtures};

fn page(orders: &[Value]) -> Vec<u8> {
    json!({"orders": orders, "pagination": {"nextToken": "next"}, "lastUpdatedBefore": "2026-10-07T00:00:00Z"})
        .to_string()
        .into_bytes()
}

fn order(name: &str) -> Value {
    serde_json::from_str(&fixture(name)).unwrap()
}

#[test]
fn one_broken_order_spoils_nothing_else() {
    let mut broken = order("pending");
    broken["orderItems"][0]["quantityOrdered"] = json!("one");
    let answer = read_search_answer(&page(&[order("fba_shipped"), broken, order("bare")])).unwrap();
    assert_eq!(answer.read.len(), 2);
    assert_eq!(answer.rejected.len(), 1);
    assert_eq!(answer.rejected[0].vendor_order_id.as_ref().unwrap().as_str(), "203-1000005-2000005");
    assert_eq!(answer.next_token.as_deref(), Some("next"));
    assert!(answer.bound.is_some());
}

#[test]
fn of_two_with_one_number_the_newer_stays() {
    let old = order("pending");
    let mut new = old.clone();
    new["lastUpdatedTime"] = json!("2026-10-08T00:00:00Z");
    new["fulfillment"]["fulfillmentStatus"] = json!("CANCELLED");
    let mut broken = new.clone();
    broken["lastUpdatedTime"] = json!("2026-10-09T00:00:00Z");
    broken["salesChannel"] = json!(null);
    for orders in [[&old, &new], [&new, &old]] {
        let answer = read_search_answer(&page(&orders.map(Value::clone))).unwrap();
        assert_eq!(answer.read.len(), 1);
        assert_eq!(answer.read[0].facts.status.name(), "cancelled");
    }
    for orders in [[&new, &broken], [&broken, &new]] {
        let answer = read_search_answer(&page(&orders.map(Value::clone))).unwrap();
        assert_eq!((answer.read.len(), answer.rejected.len()), (0, 1), "the newer one cannot be read");
    }
}

#[test]
fn a_broken_answer_is_an_error_and_not_an_empty_page() {
    let whole = page(&[order("pending")]);
    for end in [0, 1, whole.len() / 2, whole.len() - 1] {
        assert!(read_search_answer(&whole[..end]).is_err(), "{end}");
    }
    for wrong in ["{}", "[]", "null", "<html>", "{\"orders\":null}", "{\"orders\":{}}", "{\"orders\":[]} x"] {
        assert!(read_search_answer(wrong.as_bytes()).is_err(), "{wrong}");
        assert!(read_get_answer(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(read_search_answer(b"{\"orders\":[],\"lastUpdatedBefore\":\"soon\"}").is_err());
    let empty = read_search_answer(b"{\"orders\":[],\"pagination\":{\"nextToken\":\"\"}}").unwrap();
    assert_eq!((empty.read.len(), empty.next_token, empty.bound), (0, None, None));
}

#[test]
fn an_order_that_is_not_utf8_is_set_aside_alone() {
    let text = String::from_utf8(page(&[order("bare"), order("consumer_unshipped")])).unwrap();
    let (before, after) = text.split_once("Fennimore").unwrap();
    let body = [before.as_bytes(), b"Fenn\xFFmore", after.as_bytes()].concat();
    let answer = read_search_answer(&body).unwrap();
    assert_eq!((answer.read.len(), answer.rejected.len()), (1, 1));
    assert_eq!(answer.rejected[0].reason, "not UTF-8");
    // Amazon's own replacement characters are Amazon's text
    let text = text.replace("Fennimore", "Fenn\u{FFFD}more");
    assert_eq!(read_search_answer(text.as_bytes()).unwrap().read.len(), 2);
}

/// A place in a JSON value and what is put there.
fn mutated(mut value: Value, seed: u64, with: &Value) -> Value {
    fn count(value: &Value) -> u64 {
        1 + match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    fn replace(value: &mut Value, left: &mut u64, with: &Value) -> bool {
        if *left == 0 {
            *value = with.clone();
            return true;
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter_mut().any(|item| replace(item, left, with)),
            Value::Object(fields) => fields.values_mut().any(|field| replace(field, left, with)),
            _ => false,
        }
    }
    let mut left = seed % count(&value);
    replace(&mut value, &mut left, with);
    value
}

fn any_json() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        "[A-Z_]{1,70}".prop_map(Value::from),
        "-?[0-9]{0,25}(\\.[0-9]{0,6})?".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[[{}]]])),
        Just(json!({"amount": "1.00", "currencyCode": "XXX"})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _page = read_search_answer(&bytes);
        let _order = read_get_answer(&bytes);
        let wrapped = [b"{\"orders\":[".as_slice(), &bytes, b"]}"].concat();
        let _wrapped = read_search_answer(&wrapped);
    }

    #[test]
    fn invariant_5_a_damaged_answer_never_panics(name in prop::sample::select(fixtures()), at in any::<usize>(), byte in any::<u8>()) {
        let mut body = page(&[order(&name), order("bare")]);
        let place = at % body.len();
        body[place] = byte;
        if let Ok(answer) = read_search_answer(&body) {
            prop_assert!(answer.read.len() + answer.rejected.len() <= 2);
        }
    }

    /// Every order that goes in comes out, whatever happened to its fields; and its neighbour with it.
    #[test]
    fn nothing_is_lost(
        name in prop::sample::select(fixtures()),
        changes in prop::collection::vec((any::<u64>(), any_json()), 1..4),
    ) {
        let mut changed = order(&name);
        for (place, with) in &changes {
            changed = mutated(changed, *place, with);
        }
        let mut neighbour = order("pending");
        neighbour["orderId"] = json!("999-9999999-9999999");
        let answer = read_search_answer(&page(&[neighbour, changed.clone()])).unwrap();
        prop_assert_eq!(answer.read.len() + answer.rejected.len(), 2);
        prop_assert!(answer.read.iter().any(|order| order.facts.vendor_order_id.as_str() == "999-9999999-9999999"));
        for rejected in &answer.rejected {
            prop_assert!(!rejected.field.is_empty() && !rejected.reason.is_empty());
            prop_assert!(rejected.field.is_ascii() && rejected.reason.is_ascii());
        }
        let page = ordersync_connector_api::OrderPage {
            orders: answer.read, rejected: answer.rejected, next: None, bound: None,
        };
        ordersync_connector_api::contract_suite::a_page_is_well_formed(&page);
    }

    /// Words of people that stand in personal fields reach no rejection, whatever else is broken.
    #[test]
    fn a_rejection_holds_no_word_of_a_person(place in any::<u64>(), with in any_json()) {
        let changed = mutated(order("consumer_unshipped"), place, &with);
        if let Err(rejected) = read_get_answer(json!({"order": changed}).to_string().as_bytes()).unwrap() {
            let text = format!("{rejected:?}");
            for word in ["Odalys", "Fennimore", "Cobnut", "960417", "Perpetua", "marketplace.amazon.example"] {
                prop_assert!(!text.contains(word), "{}", text);
            }
        }
    }
}
