//! What Amazon refuses, how it pages, what it counts.

use std::collections::HashSet;

use chrono::Duration;
use ordersync_simulator::{AmazonSettings, Step, Story, Template};
use serde_json::json;

use crate::wire::{AGENT, Amazon, EVERYTHING, call, encoded, iso, start, world};

#[tokio::test]
async fn tokens_are_given_for_the_right_credentials_only() {
    let amazon = Amazon::new(0).await;
    let id = "client_id=amzn1.application-oa2-client.simulated";
    let secret = "client_secret=amzn1.oa2-cs.v1.simulated";
    let refresh = "refresh_token=Atzr%7Csimulated-refresh";
    for (form, status, error) in [
        (format!("grant_type=refresh_token&{id}&{secret}&refresh_token=Atzr%7Cother"), 400, "invalid_grant"),
        (format!("grant_type=refresh_token&{id}&client_secret=x&{refresh}"), 401, "invalid_client"),
        (format!("grant_type=refresh_token&client_id=x&{secret}&{refresh}"), 401, "invalid_client"),
        (format!("grant_type=password&{id}&{secret}&{refresh}"), 400, "unsupported_grant_type"),
        (format!("grant_type=refresh_token&{id}&{refresh}"), 400, "invalid_request"),
        (format!("{id}&{secret}&{refresh}"), 400, "invalid_request"),
        (String::new(), 400, "invalid_request"),
    ] {
        let answer = amazon.token(&form).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{form}");
        assert!(answer.json()["error_description"].is_string());
    }
    let good = amazon.token(&format!("grant_type=refresh_token&{id}&{secret}&{refresh}")).await;
    assert_eq!((good.status, good.header("cache-control")), (200, Some("no-store")));
    let body = good.json();
    assert!(body["access_token"].as_str().unwrap().starts_with("Atza|"));
    assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(3600), &json!("bearer")));
    assert_eq!(body["refresh_token"], json!("Atzr|simulated-refresh"));
    let address = amazon.running.address();
    let json_body = [("content-type", "application/json")];
    let wrong = call(address, "POST", "/auth/o2/token", &json_body, "{}").await.unwrap();
    assert_eq!((wrong.status, wrong.json()["error"].as_str()), (400, Some("invalid_request")));
}

#[tokio::test]
async fn access_tokens_end_after_an_hour_of_the_clock() {
    let amazon = Amazon::new(1).await;
    let query = format!("createdAfter={}", iso(start() - Duration::days(1)));
    amazon.clock.pass(Duration::seconds(3599));
    assert_eq!(amazon.search(&query).await.status, 200);
    amazon.clock.pass(Duration::seconds(1));
    let refused = amazon.search(&query).await;
    assert_eq!((refused.status, refused.json()["errors"][0]["code"].as_str()), (403, Some("Unauthorized")));
    assert!(refused.header("x-amzn-ratelimit-limit").is_none() && refused.header("x-amzn-requestid").is_some());
    amazon.renew().await;
    assert_eq!(amazon.search(&query).await.status, 200);
    amazon.shop.expire_tokens();
    assert_eq!(amazon.search(&query).await.status, 403);
}

#[tokio::test]
async fn what_the_real_service_refuses_is_refused() {
    let amazon = Amazon::new(30).await;
    let good = format!("/orders/2026-01-01/orders?lastUpdatedAfter={}", iso(start() - Duration::hours(1)));
    let (token, long) = (amazon.bearer(), format!("{AGENT}{}", "x".repeat(500)));
    let agent = ("user-agent", AGENT);
    let bearer = ("x-amz-access-token", token.as_str());
    let address = amazon.running.address();
    for (headers, method, target, status, code) in [
        (vec![agent], "GET", good.as_str(), 403, "Unauthorized"),
        (vec![agent, ("x-amz-access-token", "Atza|made-up")], "GET", &good, 403, "Unauthorized"),
        (vec![bearer], "GET", &good, 400, "InvalidInput"),
        (vec![bearer, ("user-agent", "ordersync/0.1")], "GET", &good, 400, "InvalidInput"),
        (vec![bearer, ("user-agent", &long)], "GET", &good, 400, "InvalidInput"),
        (vec![bearer, agent], "GET", "/orders/2026-01-01/orders", 400, "InvalidInput"),
        (vec![bearer, agent], "GET", "/orders/2026-01-01/orders/026-1234567-0000000", 404, "NotFound"),
        (vec![bearer, agent], "GET", "/orders/2026-01-01/orders/026-12345", 400, "InvalidInput"),
        (
            vec![bearer, agent],
            "GET",
            "/orders/2026-01-01/orders/026-1234567-0000000?includedData=X",
            400,
            "InvalidInput",
        ),
        (vec![bearer, agent], "GET", "/orders/2026-01-01/orders/026-1234567-0000000?other=1", 400, "InvalidInput"),
        (vec![bearer, agent], "GET", "/orders/v0/orders", 404, "NotFound"),
        (vec![bearer, agent], "POST", &good, 405, "Unauthorized"),
        (vec![bearer, agent], "GET", &format!("{good}&fulfilledBy=MFN"), 400, "InvalidInput"),
    ] {
        let answer = call(address, method, target, &headers, "").await.unwrap();
        assert_eq!((answer.status, answer.json()["errors"][0]["code"].as_str()), (status, Some(code)), "{target}");
    }
    let fine = amazon.get(&good).await;
    assert_eq!((fine.status, fine.header("x-amzn-ratelimit-limit")), (200, Some("0.0056")));
    let missing = amazon.get("/orders/2026-01-01/orders/026-1234567-0000000").await;
    assert_eq!(missing.header("x-amzn-ratelimit-limit"), Some("0.5"));
}

#[tokio::test]
async fn usage_plans_are_kept_and_breaches_counted() {
    let amazon = Amazon::with(world(10), AmazonSettings::default()).await;
    let query = format!("lastUpdatedAfter={}", iso(start() - Duration::hours(1)));
    for _ in 0..20 {
        assert_eq!(amazon.search(&query).await.status, 200);
    }
    let refused = amazon.search(&query).await;
    assert_eq!((refused.status, refused.json()["errors"][0]["code"].as_str()), (429, Some("QuotaExceeded")));
    assert!(refused.header("retry-after").is_none() && refused.header("x-amzn-ratelimit-limit").is_none());
    assert_eq!(amazon.shop.requests_above_plan(), 1);
    amazon.clock.pass(Duration::seconds(179));
    assert_eq!(amazon.search(&query).await.status, 200);
    assert_eq!(amazon.search(&query).await.status, 429);
    // The other operation has a bucket of its own.
    let target = "/orders/2026-01-01/orders/026-1234567-0000000";
    for _ in 0..30 {
        assert_eq!(amazon.get(target).await.status, 404);
    }
    assert_eq!(amazon.get(target).await.status, 429);
    amazon.clock.pass(Duration::seconds(2));
    assert_eq!(amazon.get(target).await.status, 404);
    let counters = amazon.shop.counters();
    assert_eq!((counters.requests, counters.above_plan, counters.tokens), (55, 3, 1));
}

#[tokio::test]
async fn pages_stay_whole_while_orders_change() {
    let amazon = Amazon::new(220).await;
    let query = format!("lastUpdatedAfter={}&includedData=FULFILLMENT", iso(start() - Duration::days(61)));
    let first = amazon.search(&format!("{query}&maxResultsPerPage=30")).await.json();
    let bound = first["lastUpdatedBefore"].as_str().unwrap().to_owned();
    assert_eq!(bound, iso(start() - Duration::minutes(2)));
    let before: HashSet<String> = amazon
        .shop
        .ground_truth()
        .orders
        .iter()
        .filter(|order| order.last_updated <= start() - Duration::minutes(2))
        .map(|order| order.order.clone())
        .collect();
    let mut seen = Vec::new();
    let mut page = first;
    loop {
        assert_eq!(page["lastUpdatedBefore"].as_str(), Some(bound.as_str()), "the bound is that of the first page");
        seen.extend(
            page["orders"].as_array().unwrap().iter().map(|order| order["orderId"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["pagination"]["nextToken"].as_str().map(encoded) else { break };
        amazon.clock.pass(Duration::minutes(3));
        // Another page size is allowed, anything else is not.
        let answer = amazon.search(&format!("{query}&maxResultsPerPage=17&paginationToken={next}")).await;
        assert_eq!(answer.status, 200);
        page = answer.json();
    }
    let unique: HashSet<String> = seen.iter().cloned().collect();
    assert_eq!(unique.len(), seen.len(), "no order twice");
    assert!(unique.is_subset(&before));
    // What is missing was updated meanwhile, and is found in the next window.
    let later = amazon.search_all(&format!("lastUpdatedAfter={bound}")).await;
    let later: HashSet<String> = later.iter().map(|order| order["orderId"].as_str().unwrap().to_owned()).collect();
    assert!(before.difference(&unique).all(|id| later.contains(id)));
    assert!(unique.len() > 180);
}

#[tokio::test]
async fn paging_tokens_are_for_one_search_and_one_day() {
    let amazon = Amazon::new(40).await;
    let query = format!("createdAfter={}&includedData=FULFILLMENT", iso(start() - Duration::days(61)));
    let token = amazon.search(&format!("{query}&maxResultsPerPage=5")).await.json()["pagination"]["nextToken"].clone();
    let raw = token.as_str().unwrap();
    assert!(raw.contains('+') && raw.ends_with('='), "breaks when it is not encoded");
    let token = encoded(raw);
    for (changed, status) in [
        (format!("{query}&paginationToken={token}"), 200),
        (format!("paginationToken={token}&includedData=FULFILLMENT&{}", query.split('&').next().unwrap()), 200),
        (format!("{query}&paginationToken={raw}"), 400),
        (format!("{query},BUYER&paginationToken={token}"), 400),
        (format!("paginationToken={token}"), 400),
        (format!("{}&paginationToken={token}", query.split('&').next().unwrap()), 400),
        (format!("{query}&fulfilledBy=MERCHANT&paginationToken={token}"), 400),
        (
            format!(
                "createdAfter={}&includedData=FULFILLMENT&paginationToken={token}",
                iso(start() - Duration::days(60))
            ),
            400,
        ),
    ] {
        assert_eq!(amazon.search(&changed).await.status, status, "{changed}");
    }
    amazon.clock.pass(Duration::hours(24));
    amazon.renew().await;
    assert_eq!(amazon.search(&format!("{query}&paginationToken={token}")).await.status, 200);
    amazon.clock.pass(Duration::milliseconds(1));
    assert_eq!(amazon.search(&format!("{query}&paginationToken={token}")).await.status, 400);
}

#[tokio::test]
async fn both_bounds_are_included_and_old_orders_are_not_found() {
    let amazon = Amazon::new(50).await;
    let truth = amazon.shop.ground_truth();
    for order in truth.orders.iter().take(40) {
        let at = iso(order.last_updated);
        let found = amazon.search_all(&format!("lastUpdatedAfter={at}&lastUpdatedBefore={at}")).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["orderId"], json!(order.order));
        let at = iso(order.created);
        let found = amazon.search_all(&format!("createdAfter={at}&createdBefore={at}")).await;
        assert_eq!(found[0]["orderId"], json!(order.order));
    }
    let two_years = start() - Duration::days(730);
    let young = amazon.shop.add_order(Template { created: Some(two_years), ..Template::default() });
    let old = Template { created: Some(two_years - Duration::seconds(1)), ..Template::default() };
    let old = amazon.shop.add_order(old);
    let found = amazon.search_all(&format!("createdAfter={}", iso(start() - Duration::days(900)))).await;
    assert!(found.iter().any(|order| order["orderId"] == json!(young)));
    assert!(!found.iter().any(|order| order["orderId"] == json!(old)));
}

#[tokio::test]
async fn lists_filter_and_parts_come_only_when_asked_for() {
    let amazon = Amazon::new(150).await;
    let after = format!("createdAfter={}", iso(start() - Duration::days(61)));
    let all = amazon.search_all(&format!("{after}&{EVERYTHING}")).await;
    assert_eq!(all.len(), 150);
    for (filter, path) in [
        ("fulfillmentStatuses=UNSHIPPED,PARTIALLY_SHIPPED", "/fulfillment/fulfillmentStatus"),
        ("fulfilledBy=AMAZON", "/fulfillment/fulfilledBy"),
        ("marketplaceIds=A1PA6795UKMFR9,A13V1IB3VIYZZH", "/salesChannel/marketplaceId"),
    ] {
        let found = amazon.search_all(&format!("{after}&{EVERYTHING}&{filter}")).await;
        let wanted: Vec<&str> = filter.split_once('=').unwrap().1.split(',').collect();
        let expected = all.iter().filter(|o| wanted.contains(&o.pointer(path).unwrap().as_str().unwrap())).count();
        assert!(expected > 0 && found.len() == expected, "{filter}: {} of {expected}", found.len());
    }
    let bare = amazon.search_all(&after).await;
    for order in &bare {
        for part in ["buyer", "recipient", "proceeds", "payment", "tax", "fulfillment", "packages"] {
            assert!(order.get(part).is_none(), "{part}");
        }
        for item in order["orderItems"].as_array().unwrap() {
            for part in ["proceeds", "promotion", "cancellation", "fulfillment", "tax", "expense"] {
                assert!(item.get(part).is_none(), "{part}");
            }
        }
    }
    let id = bare[0]["orderId"].as_str().unwrap();
    let one = amazon.get(&format!("/orders/2026-01-01/orders/{id}?{EVERYTHING}")).await.json();
    assert!(all.contains(&one["order"]));
}

#[tokio::test]
async fn orders_can_be_made_and_changed_by_hand() {
    let amazon = Amazon::new(5).await;
    let patch =
        json!({"recipient": {"deliveryAddress": {"addressLine1": "1 Handmade Passage"}}, "programs": ["PRIME"]});
    let template = Template {
        story: Some(Story::Waiting),
        by_marketplace: Some(false),
        created: Some(start() - Duration::hours(2)),
        patch: Some(patch),
        ..Template::default()
    };
    let id = amazon.shop.add_order(template);
    let target = format!("/orders/2026-01-01/orders/{id}?{EVERYTHING}");
    let order = amazon.get(&target).await.json()["order"].clone();
    assert_eq!(order["recipient"]["deliveryAddress"]["addressLine1"], json!("1 Handmade Passage"));
    assert_eq!(order["fulfillment"]["fulfillmentStatus"], json!("UNSHIPPED"));
    amazon.clock.pass(Duration::minutes(10));
    let now = iso(start() + Duration::minutes(10));
    assert!(amazon.shop.change_order(&id, json!({"programs": null})));
    let order = amazon.get(&target).await.json()["order"].clone();
    assert_eq!((order.get("programs"), order["lastUpdatedTime"].as_str()), (None, Some(now.as_str())));
    amazon.clock.pass(Duration::minutes(10));
    assert!(amazon.shop.let_happen(&id, Step::Cancelled));
    let order = amazon.get(&target).await.json()["order"].clone();
    assert_eq!(order["fulfillment"]["fulfillmentStatus"], json!("CANCELLED"));
    assert!(order.get("recipient").is_none());
    assert!(!amazon.shop.change_order("026-0000000-0000000", json!({})));
    let named = Template { patch: Some(json!({"orderId": "026-7777777-7777777"})), ..Template::default() };
    assert_eq!(amazon.shop.add_order(named), "026-7777777-7777777");
    assert_eq!(amazon.get("/orders/2026-01-01/orders/026-7777777-7777777").await.status, 200);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let query = format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61)));
    let one = Amazon::new(60).await.search(&query).await;
    let same = Amazon::new(60).await.search(&query).await;
    assert_eq!(
        (one.body.clone(), one.header("x-amzn-requestid")),
        (same.body.clone(), same.header("x-amzn-requestid"))
    );
    let mut other = world(60);
    other.seed = 43;
    let settings = AmazonSettings { enforce_plans: false, ..AmazonSettings::default() };
    assert_ne!(Amazon::with(other, settings).await.search(&query).await.body, one.body);
}

#[tokio::test]
async fn the_clock_hears_while_a_request_is_served() {
    let amazon = Amazon::new(5).await;
    let before = amazon.clock.guards();
    assert_eq!(amazon.search(&format!("createdAfter={}", iso(start() - Duration::days(61)))).await.status, 200);
    // The guard goes with the sent body, which the server may drop a moment after the client has read it.
    for _ in 0..100 {
        if amazon.clock.guards().0 == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(amazon.clock.guards(), (0, before.1 + 1));
}

#[tokio::test]
async fn the_world_shows_what_amazon_shows() {
    let amazon = Amazon::new(1200).await;
    let all = amazon.search_all(&format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61)))).await;
    amazon.clock.set(start() - Duration::days(20));
    amazon.renew().await;
    let query = format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61)));
    let earlier = amazon.search_all(&query).await;
    let text = serde_json::Value::Array(all.iter().chain(&earlier).cloned().collect()).to_string();
    for sign in [
        "\"PENDING\"",
        "\"PENDING_AVAILABILITY\"",
        "\"UNSHIPPED\"",
        "\"PARTIALLY_SHIPPED\"",
        "\"SHIPPED\"",
        "\"CANCELLED\"",
        "\"UNFULFILLABLE\"",
        "\"AMAZON\"",
        "\"MERCHANT\"",
        "\"PRIME\"",
        "\"AMAZON_BUSINESS\"",
        "\"FBM_SHIP_PLUS\"",
        "\"IN_STORE_PICK_UP\"",
        "\"INVOICE_BY_AMAZON\"",
        "\"PREORDER\"",
        "\"A_PROGRAM_OF_TOMORROW\"",
        "\"buyerPurchaseOrderNumber\"",
        "\"GIFT_WRAP\"",
        "\"giftMessage\"",
        "\"DISCOUNT\"",
        "\"SHIPPING\"",
        "\"MARKETPLACE_FACILITATOR\"",
        "\"iossNumber\"",
        "\"UOSS\"",
        "\"GB_VOEC\"",
        "\"JE_VOEC\"",
        "\"cancellationRequest\"",
        "\"cancellationExecution\"",
        "\"DELIVERED\"",
        "\"IN_TRANSIT\"",
        "\"UNDELIVERABLE\"",
        "\"packageReferenceId\":\"2\"",
        "\"REPLACEMENT_ORIGINAL_ID\"",
        "\"PICKUP_POINT\"",
        "\"addressLine1\":\"\"",
        "\"customizedUrl\"",
        "\"Amazon.de\"",
        "\"Amazon.fr\"",
        "\"Amazon.it\"",
        "\"Amazon.es\"",
        "\"Amazon.ie\"",
        "\"countryCode\":\"JE\"",
    ] {
        assert!(text.contains(sign), "{sign}");
    }
    assert!(all.iter().any(|order| order["orderItems"].as_array().unwrap().len() > 1));
    assert!(all.iter().any(|order| order["orderItems"][0]["quantityOrdered"].as_u64() > Some(1)));
    let mails: Vec<&str> = all.iter().filter_map(|order| order["buyer"]["buyerEmail"].as_str()).collect();
    assert!(mails.iter().collect::<HashSet<_>>().len() < mails.len() - 30, "some buyers return");
}

#[tokio::test]
async fn the_parts_of_an_order_add_up() {
    let amazon = Amazon::new(400).await;
    let minor = |money: &serde_json::Value| -> i64 {
        let text = money["amount"].as_str().unwrap();
        assert_eq!(text.split_once('.').unwrap().1.len(), 2);
        text.replace('.', "").parse().unwrap()
    };
    let mut taxed = 0;
    for order in amazon.search_all(&format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61)))).await {
        let Some(proceeds) = order.get("proceeds") else { continue };
        let sum = |parts: &serde_json::Value| -> i64 {
            parts["breakdowns"].as_array().unwrap().iter().map(|part| minor(&part["subtotal"])).sum()
        };
        assert_eq!(minor(&proceeds["grandTotal"]), sum(proceeds));
        let mut lines = 0;
        for item in order["orderItems"].as_array().unwrap() {
            let total = minor(&item["proceeds"]["proceedsTotal"]);
            assert_eq!(total, sum(&item["proceeds"]));
            lines += total;
            for part in item["proceeds"]["breakdowns"].as_array().unwrap() {
                let details = part["detailedBreakdowns"].as_array().into_iter().flatten();
                let detailed: i64 = details.map(|detail| minor(&detail["value"])).sum();
                assert!(part.get("detailedBreakdowns").is_none() || detailed == minor(&part["subtotal"]));
                taxed += i32::from(part["type"] == json!("TAX") && minor(&part["subtotal"]) > 0);
            }
        }
        assert_eq!(minor(&proceeds["grandTotal"]), lines);
    }
    assert!(taxed > 20, "{taxed}");
}
