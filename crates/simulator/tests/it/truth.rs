//! The measure itself: every personal value, and none of them in an open fact.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Duration;
use ordersync_simulator::{GroundTruth, PERSONAL_PATHS_AMAZON, PERSONAL_PATHS_EBAY};
use serde_json::Value;

use crate::wire::{Amazon, EVERYTHING, Ebay, iso, modified, start};

/// Takes the texts at a path out of an order.
fn strip(value: &mut Value, path: &[&str]) {
    let Some((part, rest)) = path.split_first() else { return };
    let (name, each) = part.strip_suffix("[]").map_or((*part, false), |name| (name, true));
    if rest.is_empty() {
        value.as_object_mut().map(|object| object.remove(name));
        return;
    }
    match value.get_mut(name) {
        Some(Value::Array(members)) if each => members.iter_mut().for_each(|member| strip(member, rest)),
        Some(member) => strip(member, rest),
        None => {}
    }
}

/// Everything that is open in these orders, as one text.
fn open_facts(orders: &[Value], paths: &[&str]) -> String {
    let mut text = String::new();
    for order in orders {
        let mut open = order.clone();
        for path in paths {
            strip(&mut open, &path.split('.').collect::<Vec<_>>());
        }
        text.push_str(&open.to_string());
    }
    text
}

/// Those of the values that occur in the text: one walk over it, looking up each place's first eight bytes.
fn occurring<'a>(values: &BTreeSet<&'a str>, text: &str) -> Vec<&'a str> {
    let mut by_start: HashMap<&[u8], Vec<&str>> = HashMap::new();
    for value in values {
        by_start.entry(&value.as_bytes()[..8]).or_default().push(value);
    }
    let bytes = text.as_bytes();
    let places = bytes.windows(8).enumerate().filter_map(|(at, start)| Some((at, by_start.get(start)?)));
    places.flat_map(|(at, some)| some.iter().filter(move |v| bytes[at..].starts_with(v.as_bytes()))).copied().collect()
}

#[test]
fn a_value_in_a_text_is_found() {
    let values = BTreeSet::from(["Amelia Tavokulo", "Amelia Bezirona", "12345678"]);
    assert_eq!(occurring(&values, "x Amelia Tavokulo 1234567"), ["Amelia Tavokulo"]);
    assert_eq!(occurring(&values, "x012345678"), ["12345678"]);
}

/// Checks the values of a shop against what it sent; gives the paths that occurred.
fn check(truth: &GroundTruth, sent: &[Value], paths: &[&'static str]) -> BTreeSet<String> {
    let open = open_facts(sent, paths);
    let (mut occurred, mut searched) = (BTreeSet::new(), BTreeSet::new());
    let mut holders: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for order in &truth.orders {
        for value in &order.personal {
            occurred.insert(value.path.clone());
            let all_digits = value.value.bytes().all(|byte| byte.is_ascii_digit());
            assert!(value.searchable || (all_digits && value.path.ends_with("postalCode")), "{value:?}");
            assert_eq!(value.searchable, value.value.len() >= 8, "{value:?}");
            if value.searchable {
                searched.insert(value.value.as_str());
                let escaped = serde_json::to_string(&value.value).unwrap();
                assert_eq!(escaped, format!("\"{}\"", value.value), "a byte search finds it in JSON too");
                if !value.path.to_lowercase().contains("phone") {
                    holders.entry(&value.value).or_default().insert(order.buyer);
                }
            }
        }
    }
    assert_eq!(occurring(&searched, &open), Vec::<&str>::new(), "in an open fact");
    let shared = holders.values().filter(|buyers| buyers.len() > 1).count();
    assert!(shared * 100 < holders.len(), "{shared} of {} values belong to several buyers", holders.len());
    occurred
}

#[tokio::test]
async fn every_personal_value_can_be_searched_for_and_is_in_no_open_fact() {
    let amazon = Amazon::new(1200).await;
    let sent = amazon.search_all(&format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61)))).await;
    let occurred = check(&amazon.shop.ground_truth(), &sent, &PERSONAL_PATHS_AMAZON);
    let missing: Vec<&str> = PERSONAL_PATHS_AMAZON.into_iter().filter(|path| !occurred.contains(*path)).collect();
    // A registration's address carries what a delivery address may, but not everything in Europe.
    assert!(
        missing.iter().all(|path| path.starts_with("tax.taxRegistrations[].taxRegistrationAddress")),
        "{missing:?}"
    );

    let ebay = Ebay::new(800).await;
    let sent = ebay.list_all(&modified(start() - Duration::days(61), start())).await;
    let occurred = check(&ebay.shop.ground_truth(), &sent, &PERSONAL_PATHS_EBAY);
    let missing: Vec<&str> = PERSONAL_PATHS_EBAY.into_iter().filter(|path| !occurred.contains(*path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn every_value_that_was_sent_is_among_the_truth() {
    let amazon = Amazon::new(200).await;
    let mut sent: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for _ in 0..20 {
        let after = iso(start() - Duration::days(61));
        for order in amazon.search_all(&format!("createdAfter={after}&{EVERYTHING}")).await {
            let values = sent.entry(order["orderId"].as_str().unwrap().to_owned()).or_default();
            for pointer in [
                "/buyer/buyerName",
                "/buyer/buyerEmail",
                "/recipient/deliveryAddress/name",
                "/recipient/deliveryAddress/addressLine1",
                "/recipient/deliveryAddress/postalCode",
                "/recipient/deliveryAddress/phone",
            ] {
                let text = order.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
                values.extend(text.map(str::to_owned));
            }
        }
        amazon.clock.pass(Duration::hours(9));
        amazon.renew().await;
    }
    let truth = amazon.shop.ground_truth();
    let mut checked = 0;
    for (id, values) in &sent {
        let known = &truth.order(id).unwrap().personal;
        for value in values {
            assert!(known.iter().any(|personal| personal.shown && personal.value == *value), "{id}");
            checked += 1;
        }
    }
    assert!(checked > 500, "{checked}");
    let counted = amazon.shop.counters();
    assert!(counted.personal_values > 1000 && counted.orders >= 20 * 190, "{counted:?}");
}

#[tokio::test]
async fn the_truth_grows_with_the_clock() {
    let amazon = Amazon::new(400).await;
    amazon.clock.set(start() - Duration::days(30));
    let half = amazon.shop.ground_truth();
    assert!((150..250).contains(&half.orders.len()), "{}", half.orders.len());
    amazon.clock.set(start() + Duration::days(200));
    let whole = amazon.shop.ground_truth();
    assert_eq!(whole.orders.len(), 400);
    assert!(half.orders.iter().all(|order| whole.order(&order.order).is_some()));
    let told = whole.orders.iter().filter(|order| order.delivered_reported.is_some()).count();
    let quiet =
        whole.orders.iter().filter(|order| order.delivered.is_some() && order.delivered_reported.is_none()).count();
    assert!(told > 100 && quiet > 20, "{told} {quiet}");
    assert!(whole.values_kept_at(start() + Duration::days(200)).is_empty());
    assert!(whole.values_gone_by(start() + Duration::days(200)).len() > 1000);
    let lines = whole.people_jsonl();
    assert_eq!(lines.lines().count(), whole.orders.iter().map(|order| order.personal.len()).sum::<usize>());
}
