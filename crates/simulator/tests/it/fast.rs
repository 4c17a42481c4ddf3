//! The fast mode: the shape of the ordinary pages.

use std::collections::BTreeSet;

use chrono::Duration;
use ordersync_simulator::{AmazonShop, EbayShop, StandIn};
use ordersync_types::SharedClock;
use serde_json::Value;

use crate::wire::{Amazon, EVERYTHING, Ebay, ManualClock, call, encoded, iso, modified, start};

/// Every path of field names in a value.
fn shape(value: &Value, at: &str, paths: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = format!("{at}.{name}");
                shape(member, &path, paths);
                paths.insert(path);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| shape(member, &format!("{at}[]"), paths)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn fast_pages_have_the_shape_of_ordinary_ones() {
    let clock = ManualClock::at(start());
    let shared: SharedClock = clock.clone();
    let (amazon, ebay) = (AmazonShop::fast(shared.clone(), 7, 450), EbayShop::fast(shared.clone(), 7, 450));
    let running = StandIn::new(shared).amazon(amazon.clone()).ebay(ebay.clone()).start().await.unwrap();
    let get = async |target: String| call(running.address(), "GET", &target, &[], "").await.unwrap();

    let after = iso(start() - Duration::days(3));
    let (mut fast, mut token, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let answer = get(format!("/orders/2026-01-01/orders?lastUpdatedAfter={after}&{EVERYTHING}{token}")).await;
        assert_eq!(answer.status, 200);
        sizes.push(answer.body.len());
        let page = answer.json();
        fast.extend(page["orders"].as_array().unwrap().clone());
        assert_eq!(page["lastUpdatedBefore"].as_str(), Some(iso(start() - Duration::minutes(2)).as_str()));
        match page["pagination"]["nextToken"].as_str() {
            Some(next) => token = format!("&paginationToken={}", encoded(next)),
            None => break,
        }
    }
    assert_eq!((fast.len(), sizes.len()), (450, 5));
    let per_order = sizes[0] / 100;
    assert!((1_000..2_700).contains(&per_order), "{per_order} bytes an order");
    let newest = iso(start() - Duration::minutes(3));
    assert_eq!(fast.last().unwrap()["lastUpdatedTime"].as_str(), Some(newest.as_str()));
    assert_eq!(
        fast[0]["createdTime"].as_str(),
        Some(iso(start() - Duration::minutes(3) - Duration::seconds(449 * 30)).as_str())
    );
    let none =
        get(format!("/orders/2026-01-01/orders?lastUpdatedAfter={}", iso(start() - Duration::seconds(150)))).await;
    assert_eq!(none.json()["orders"], serde_json::json!([]));
    assert_eq!((amazon.counters().orders, amazon.counters().requests), (450, 6));

    let ordinary = Amazon::new(900)
        .await
        .search_all(&format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61))))
        .await;
    let (mut fast_paths, mut ordinary_paths) = (BTreeSet::new(), BTreeSet::new());
    shape(&Value::Array(fast), "", &mut fast_paths);
    shape(&Value::Array(ordinary), "", &mut ordinary_paths);
    assert!(fast_paths.is_subset(&ordinary_paths), "{:?}", fast_paths.difference(&ordinary_paths).collect::<Vec<_>>());
    assert!(fast_paths.len() > 50);

    let filter = modified(start() - Duration::minutes(33), start() - Duration::minutes(3));
    let page =
        get(format!("/sell/fulfillment/v1/order?{filter}&limit=20&offset=10&fieldGroups=TAX_BREAKDOWN")).await.json();
    assert_eq!((&page["total"], page["orders"].as_array().unwrap().len()), (&serde_json::json!(61), 20));
    let filter = modified(start() - Duration::days(3), start() - Duration::minutes(2));
    let page = get(format!("/sell/fulfillment/v1/order?{filter}&limit=200&fieldGroups=TAX_BREAKDOWN")).await;
    let per_order = page.body.len() / 200;
    assert!((2_000..4_500).contains(&per_order), "{per_order} bytes an order");
    assert_eq!(page.json()["orders"][0]["lastModifiedDate"].as_str(), Some(newest.as_str()));
    let all = format!("{}&fieldGroups=TAX_BREAKDOWN", modified(start() - Duration::days(61), start()));
    let ordinary = Ebay::new(900).await.list_all(&all).await;
    let (mut fast_paths, mut ordinary_paths) = (BTreeSet::new(), BTreeSet::new());
    shape(&page.json()["orders"], "", &mut fast_paths);
    shape(&Value::Array(ordinary), "", &mut ordinary_paths);
    assert!(fast_paths.is_subset(&ordinary_paths), "{:?}", fast_paths.difference(&ordinary_paths).collect::<Vec<_>>());
}
