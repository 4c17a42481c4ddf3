//! What eBay refuses, how it pages, what it leaves out.

use std::collections::HashSet;

use chrono::Duration;
use ordersync_simulator::people::Place;
use ordersync_simulator::{EbaySettings, Step, Story, Template};
use serde_json::{Value, json};

use crate::wire::{Ebay, REFRESH, basic, call, iso, modified, start, world};

const SCOPE: &str = "https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope%2F";

fn minor(amount: &Value) -> i64 {
    let text = amount["value"].as_str().unwrap();
    let (whole, cents) = text.trim_start_matches('-').split_once('.').unwrap();
    assert!(matches!(cents.len(), 1 | 2), "{text}");
    let minor = whole.parse::<i64>().unwrap() * 100 + format!("{cents:0<2}").parse::<i64>().unwrap();
    if text.starts_with('-') { -minor } else { minor }
}

#[tokio::test]
async fn tokens_are_given_for_the_right_credentials_only() {
    let ebay = Ebay::new(1).await;
    let good = format!("grant_type=refresh_token&refresh_token={REFRESH}");
    for (authorization, form, status, error) in [
        ("Basic d3Jvbmc6cGFpcg==".to_owned(), good.clone(), 401, "invalid_client"),
        ("Bearer x".to_owned(), good.clone(), 401, "invalid_client"),
        (basic(), "grant_type=refresh_token&refresh_token=other".to_owned(), 400, "invalid_grant"),
        (basic(), format!("grant_type=client_credentials&refresh_token={REFRESH}"), 400, "unsupported_grant_type"),
        (basic(), "grant_type=refresh_token".to_owned(), 400, "invalid_request"),
        (basic(), format!("{good}&scope={SCOPE}sell.finances"), 400, "invalid_scope"),
    ] {
        let answer = ebay.token(&authorization, &form).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (status, Some(error)), "{form}");
    }
    let answer = ebay.token(&basic(), &format!("{good}&scope={SCOPE}sell.fulfillment.readonly")).await.json();
    assert_eq!((&answer["expires_in"], &answer["token_type"]), (&json!(7200), &json!("User Access Token")));
    assert!(answer.get("refresh_token").is_none());
    // A token without a scope for orders is good, but not for orders.
    ebay.renew(&format!("&scope={SCOPE}commerce.identity.readonly")).await;
    let refused = ebay.list("").await;
    assert_eq!((refused.status, refused.json()["errors"][0]["errorId"].as_u64()), (403, Some(1100)));
    ebay.renew(&format!("&scope={SCOPE}sell.fulfillment.readonly%20{SCOPE}commerce.identity.readonly")).await;
    assert_eq!(ebay.list("").await.status, 200);
    ebay.clock.pass(Duration::seconds(7199));
    assert_eq!(ebay.list("").await.status, 200);
    ebay.clock.pass(Duration::seconds(1));
    let refused = ebay.list("").await;
    assert_eq!((refused.status, refused.json()["errors"][0]["errorId"].as_u64()), (401, Some(1001)));
    let bare = call(ebay.running.address(), "GET", "/sell/fulfillment/v1/order", &[], "").await.unwrap();
    assert_eq!(bare.status, 401);
}

#[tokio::test]
async fn what_the_real_service_refuses_is_refused() {
    let ebay = Ebay::new(20).await;
    for (target, status, id) in [
        ("order?limit=201", 400, 31100),
        ("order?offset=x", 400, 31000),
        ("order?fieldGroups=ALL", 400, 32800),
        ("order?filter=price:%5B1..2%5D", 400, 30700),
        ("order?filter=creationdate:[2026-01-01T00:00:00.000Z..]", 400, 30800),
        ("order?filter=creationdate:%255B2026-01-01T00:00:00.000Z..%255D", 400, 30800),
        ("order?filter=orderfulfillmentstatus:%7BFULFILLED%7D", 400, 30800),
        ("order?filter=creationdate:%5B2026-01-01T00:00:00Z..%5D", 400, 30810),
        ("order?filter=creationdate:%5B..2026-01-01T00:00:00.000Z%5D", 400, 30820),
        ("order?filter=creationdate:%5B2024-01-01T00:00:00.000Z..%5D", 400, 30830),
        ("order?filter=creationdate:%5B2026-01-02T00:00:00.000Z..2026-01-01T00:00:00.000Z%5D", 400, 30840),
        ("order?filter=creationdate:%5B2026-01-02T00:00:00.000Z..2027-01-01T00:00:00.000Z%5D", 400, 30850),
        ("order/nonsense", 400, 32100),
        ("order/12-34567-89012?fieldGroups=ALL", 400, 32800),
        ("order/12-34567-89012/shipping_fulfillment", 404, 2002),
        ("payment_dispute", 404, 2002),
    ] {
        let answer = ebay.get(&format!("/sell/fulfillment/v1/{target}")).await;
        let error = answer.json()["errors"][0].clone();
        assert_eq!((answer.status, error["errorId"].as_u64()), (status, Some(id)), "{target}");
        assert!(error["message"].as_str().unwrap().len() <= 50 && error["longMessage"].as_str().unwrap().len() <= 200);
    }
    assert_eq!(ebay.get("/sell/fulfillment/v1/order/12-34567-89012").await.status, 404);
    let many = vec!["12-34567-89012"; 51].join(",");
    let answer = ebay.list(&format!("orderIds={many}&limit=999")).await;
    assert_eq!((answer.status, answer.json()["errors"][0]["errorId"].as_u64()), (400, Some(30900)));
}

#[tokio::test]
async fn pages_come_newest_first_with_links_that_must_not_be_followed() {
    let ebay = Ebay::new(130).await;
    let filter = modified(start() - Duration::days(61), start());
    let page = ebay.list(&format!("{filter}&limit=50&offset=50&fieldGroups=TAX_BREAKDOWN")).await.json();
    assert_eq!((&page["limit"], &page["offset"], &page["total"]), (&json!(50), &json!(50), &json!(130)));
    for (link, offset) in [("next", 100), ("prev", 0), ("href", 50)] {
        let link = page[link].as_str().unwrap();
        assert!(
            link.starts_with("https://api.ebay.example/") && link.ends_with(&format!("&offset={offset}")),
            "{link}"
        );
        assert!(!link.contains("TAX_BREAKDOWN") && link.contains("filter=lastmodifieddate:%5B"));
    }
    let all = ebay.list_all(&filter).await;
    let dates: Vec<&str> = all.iter().map(|order| order["creationDate"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|one, next| one >= next) && dates.len() == 130);
    let last = ebay.list(&format!("{filter}&limit=200")).await.json();
    assert!(last.get("next").is_none() && last.get("prev").is_none());
    // A live set: an order that arrives shifts the pages of an open window.
    let open = format!("filter=creationdate:%5B{}..%5D", iso(start() - Duration::days(61)));
    let before = ebay.list(&format!("{open}&limit=10")).await.json();
    ebay.shop.add_order(Template::default());
    let after = ebay.list(&format!("{open}&limit=10&offset=1")).await.json();
    assert_eq!(before["orders"][0]["orderId"], after["orders"][0]["orderId"]);
    assert_eq!(after["total"], json!(131));
}

#[tokio::test]
async fn windows_include_both_bounds_and_status_pairs_filter() {
    let ebay = Ebay::new(80).await;
    for order in ebay.shop.ground_truth().orders.iter().take(30) {
        let found = ebay.list_all(&modified(order.last_updated, order.last_updated)).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["orderId"], json!(order.order));
    }
    let count = async |filter: &str| ebay.list_all(&format!("filter=orderfulfillmentstatus:{filter}")).await.len();
    let (open, closed) = (count("%7BNOT_STARTED%7CIN_PROGRESS%7D").await, count("%7BFULFILLED%7CIN_PROGRESS%7D").await);
    assert!(open > 3 && closed > 30 && open + closed >= 80, "{open} {closed}");
    let ids: Vec<String> = ebay.shop.ground_truth().orders.iter().take(3).map(|order| order.order.clone()).collect();
    let query = format!("orderIds={},99-00000-00000&filter=nonsense&fieldGroups=nonsense&limit=0", ids.join(","));
    let page = ebay.list(&query).await.json();
    let found: HashSet<&str> =
        page["orders"].as_array().unwrap().iter().map(|order| order["orderId"].as_str().unwrap()).collect();
    assert_eq!(found, ids.iter().map(String::as_str).collect());
}

#[tokio::test]
async fn a_tax_breakdown_changes_totals_and_sums_agree() {
    let ebay = Ebay::new(300).await;
    let filter = modified(start() - Duration::days(61), start());
    let (plain, broken) =
        (ebay.list_all(&filter).await, ebay.list_all(&format!("{filter}&fieldGroups=TAX_BREAKDOWN")).await);
    let (mut collected, mut converted) = (0, 0);
    for (plain, broken) in plain.iter().zip(&broken) {
        let mut tax = 0;
        for (line, with) in plain["lineItems"].as_array().unwrap().iter().zip(broken["lineItems"].as_array().unwrap()) {
            assert_eq!(line["taxes"], json!([]));
            let own: i64 =
                line["ebayCollectAndRemitTaxes"].as_array().into_iter().flatten().map(|t| minor(&t["amount"])).sum();
            let shown: i64 = with["taxes"].as_array().unwrap().iter().map(|t| minor(&t["amount"])).sum();
            assert_eq!(own, shown);
            assert_eq!(minor(&with["total"]), minor(&line["total"]) + own);
            tax += own;
        }
        let pricing = &plain["pricingSummary"];
        let part = |name: &str| pricing.get(name).map_or(0, minor);
        let sum = part("priceSubtotal") + part("priceDiscount") + part("deliveryCost") + part("deliveryDiscount");
        assert_eq!(part("total"), sum);
        let lines: i64 = plain["lineItems"].as_array().unwrap().iter().map(|line| minor(&line["total"])).sum();
        assert_eq!(sum, lines);
        assert_eq!(minor(&broken["pricingSummary"]["total"]), sum + tax);
        assert_eq!(minor(&plain["totalFeeBasisAmount"]), sum + tax);
        assert_eq!(
            plain.get("ebayCollectAndRemitTax").is_some(),
            plain["lineItems"][0].get("ebayCollectAndRemitTaxes").is_some()
        );
        collected += i32::from(tax > 0);
        converted += i32::from(pricing["total"].get("convertedFromValue").is_some());
    }
    assert!(collected > 20 && converted > 10, "{collected} {converted}");
}

#[tokio::test]
async fn only_get_order_tells_tax_numbers_and_requests_to_cancel() {
    let ebay = Ebay::new(0).await;
    let made = |place, story| Template {
        place: Some(place),
        story: Some(story),
        by_marketplace: Some(false),
        created: Some(start() - Duration::hours(20)),
        patch: None,
    };
    let italian = ebay.shop.add_order(made(Place::Italy, Story::Waiting));
    let asked = ebay.shop.add_order(made(Place::GreatBritain, Story::Waiting));
    assert!(ebay.shop.let_happen(&asked, Step::CancelAsked));
    let one = |id: String| format!("/sell/fulfillment/v1/order/{id}");
    let alone = ebay.get(&one(italian.clone())).await.json();
    assert_eq!(alone["buyer"]["taxIdentifier"]["taxIdentifierType"], json!("CODICE_FISCALE"));
    let alone = ebay.get(&one(asked.clone())).await.json();
    assert_eq!(alone["cancelStatus"]["cancelState"], json!("IN_PROGRESS"));
    assert_eq!(alone["cancelStatus"]["cancelRequests"][0]["cancelRequestState"], json!("REQUESTED"));
    let listed = ebay.list("").await.json();
    for order in listed["orders"].as_array().unwrap() {
        assert!(order["buyer"].get("taxIdentifier").is_none());
        assert_eq!(order["cancelStatus"]["cancelRequests"], json!([]));
    }
    assert!(ebay.shop.let_happen(&asked, Step::Cancelled));
    let gone = ebay.get(&one(asked)).await.json();
    assert_eq!(gone["cancelStatus"]["cancelState"], json!("CANCELED"));
    assert_eq!(gone["orderPaymentStatus"], json!("FULLY_REFUNDED"));
    assert!(!gone["paymentSummary"]["refunds"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn personal_fields_fade_with_age_and_hubs_stand_for_buyers() {
    let ebay = Ebay::new(0).await;
    let made = Template {
        place: Some(Place::UnitedStates),
        story: Some(Story::Waiting),
        created: Some(start()),
        ..Template::default()
    };
    let id = ebay.shop.add_order(made);
    let order = async || ebay.get(&format!("/sell/fulfillment/v1/order/{id}")).await.json();
    let young = order().await;
    let instruction = young["fulfillmentStartInstructions"][0].clone();
    assert_eq!(instruction["ebaySupportedFulfillment"], json!(true));
    let reference = instruction["shippingStep"]["shipToReferenceId"].as_str().unwrap();
    assert!(reference.starts_with("Reference #") && reference.len() == 27);
    let hub = &instruction["shippingStep"]["shipTo"]["contactAddress"];
    assert_eq!(
        (&hub["countryCode"], &instruction["finalDestinationAddress"]["countryCode"]),
        (&json!("GB"), &json!("US"))
    );
    assert!(young["buyer"]["buyerRegistrationAddress"]["email"].is_string());
    ebay.clock.pass(Duration::days(15));
    ebay.renew("").await;
    let older = order().await;
    assert!(older["buyer"]["buyerRegistrationAddress"].get("email").is_none());
    assert!(older["fulfillmentStartInstructions"][0]["shippingStep"]["shipTo"]["fullName"].is_string());
    ebay.clock.pass(Duration::days(76));
    ebay.renew("").await;
    let old = order().await;
    let ship_to = &old["fulfillmentStartInstructions"][0]["shippingStep"]["shipTo"];
    for gone in ["fullName", "primaryPhone", "email"] {
        assert!(ship_to.get(gone).is_none(), "{gone}");
    }
    assert!(ship_to["contactAddress"].get("addressLine1").is_none() && ship_to["contactAddress"]["city"].is_string());
    let home = &old["fulfillmentStartInstructions"][0]["finalDestinationAddress"];
    assert!(home.get("addressLine1").is_none() && home["postalCode"].is_string());
}

#[tokio::test]
async fn the_world_shows_what_ebay_shows() {
    let ebay = Ebay::new(1200).await;
    let all = ebay.list_all(&modified(start() - Duration::days(61), start())).await;
    let text = Value::Array(all.clone()).to_string();
    for sign in [
        "\"SHIP_TO\"",
        "\"DIGITAL\"",
        "\"PREPARE_FOR_PICKUP\"",
        "\"FULFILLED_BY_EBAY\"",
        "\"SELLER_DEFINED\"",
        "\"merchantLocationKey\"",
        "\"finalDestinationAddress\"",
        "\"giftDetails\"",
        "\"primaryPhone\":{}",
        "\"convertedFromValue\"",
        "\"PARTIALLY_REFUNDED\"",
        "\"FULLY_REFUNDED\"",
        "\"PENDING\"",
        "\"FAILED\"",
        "\"CANCELED\"",
        "\"IN_PROGRESS\"",
        "\"EBAY_DE\"",
        "\"EBAY_FR\"",
        "\"EBAY_IT\"",
        "\"EBAY_ES\"",
        "\"EBAY_IE\"",
        "\"IOSS\"",
        "\"STATE_SALES_TAX\"",
        "\"authenticityVerification\"",
        "\"ebayInternationalShipping\"",
        "\"shippingLabelProvidedBy\"",
        "\"linkedOrderLineItems\"",
        "\"ebaySupportedFulfillment\":false",
    ] {
        assert!(text.contains(sign), "{sign}");
    }
    assert!(all.iter().any(|order| order["lineItems"][0].get("sku").is_none()));
    assert!(all.iter().any(|order| order["lineItems"].as_array().unwrap().len() > 1));
    let buyers: HashSet<&str> = all.iter().map(|order| order["buyer"]["username"].as_str().unwrap()).collect();
    assert!(buyers.len() < all.len() - 50, "some buyers return");
}

#[tokio::test]
async fn the_daily_quota_and_quiet_dispatches() {
    let settings = EbaySettings { daily_quota: Some(3), dispatch_is_update: false, ..EbaySettings::default() };
    let ebay = Ebay::with(world(0), settings).await;
    let made = Template {
        story: Some(Story::Waiting),
        created: Some(start() - Duration::hours(5)),
        by_marketplace: Some(false),
        ..Template::default()
    };
    let id = ebay.shop.add_order(made);
    let before = ebay.list(&format!("orderIds={id}")).await.json();
    assert!(ebay.shop.let_happen(&id, Step::Dispatched));
    let after = ebay.list(&format!("orderIds={id}")).await.json();
    assert_eq!(after["orders"][0]["orderFulfillmentStatus"], json!("FULFILLED"));
    assert_eq!(after["orders"][0]["lastModifiedDate"], before["orders"][0]["lastModifiedDate"]);
    assert_eq!(ebay.list(&modified(start(), start())).await.json()["total"], json!(0));
    assert_eq!((ebay.list("").await.status, ebay.shop.requests_above_plan()), (429, 1));
    ebay.clock.pass(Duration::hours(16));
    ebay.renew("").await;
    assert_eq!(ebay.list("").await.status, 200);
}
