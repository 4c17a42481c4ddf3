//! Lists, one order, search, reading again.

use ordersync_connector_api::{OrderPage, RejectedOrder};
use ordersync_testkit::SampleOrder;
use ordersync_web::Role;
use ordersync_web::dto::{OrderList, OrderView, RecordState};
use serde_json::json;

use crate::world::{World, mixed_orders, now, number, redacted};

#[tokio::test]
async fn a_list_is_paged_newest_first_and_holds_facts_only() {
    let world = World::with_orders(mixed_orders()).await;
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let answer = world.get(Role::Accountant, &format!("/v1/orders?limit=4{before}")).await;
        let page: OrderList = serde_json::from_str(&answer.text).unwrap();
        seen.extend(page.orders.iter().map(|order| order.id.clone()));
        let Some(next) = page.next else { break };
        before = format!("&before={next}");
    }
    assert_eq!(seen.len(), 9);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, none twice");
    for (query, count) in [
        ("status=unshipped", 5),
        ("status=cancelled", 1),
        ("account=shop-uk&status=shipped", 2),
        ("since=2026-10-30T00:00:00Z", 8),
        (&format!("number={}", number(4)), 1),
        ("number=026-0000000-0000000", 0),
    ] {
        let page = world.get(Role::Packer, &format!("/v1/orders?{query}")).await.json();
        assert_eq!(page["orders"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn an_order_is_shown_by_our_id_and_by_its_number() {
    let world = World::with_orders(mixed_orders()).await;
    let answer = world.get(Role::Seller, &format!("/v1/orders/{}", number(4))).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    insta::assert_json_snapshot!("order", redacted(answer.json()));
    let order: OrderView = serde_json::from_str(&answer.text).unwrap();
    let by_id: OrderView =
        serde_json::from_str(&world.get(Role::Seller, &format!("/v1/orders/{}", order.summary.id)).await.text).unwrap();
    assert_eq!(by_id, order);

    let sample = SampleOrder::new(4, now()).build();
    let name = sample.people.recipient.as_ref().unwrap().name.get().unwrap().expose().clone();
    assert_eq!(order.recipient.value("name"), Some(name.as_str()));
    assert_eq!(order.recipient.state, RecordState::Present);
    assert!(order.recipient.purge_at.is_some() && order.buyer.purge_at.is_some());
    assert!(order.recipient.fields.iter().any(|field| field.field == "gift_message" && field.line.is_some()));
}

#[tokio::test]
async fn people_are_for_those_who_need_them() {
    let world = World::with_orders(mixed_orders()).await;
    // (role, order, whether its people are shown): 4 is open, 8 left yesterday, 6 left ten days ago, 9 is cancelled.
    for (role, sample, shown) in [
        (Role::Packer, 4, true),
        (Role::Packer, 8, true),
        (Role::Packer, 6, false),
        (Role::Packer, 9, false),
        (Role::Seller, 6, true),
        (Role::Admin, 6, true),
        (Role::Accountant, 4, false),
    ] {
        let answer = world.get(role, &format!("/v1/orders/{}", number(sample))).await;
        let order: OrderView = serde_json::from_str(&answer.text).unwrap();
        let wanted = if shown { RecordState::Present } else { RecordState::NotForRole };
        assert_eq!((order.recipient.state, order.buyer.state), (wanted, wanted), "{role} {sample}");
        if !shown {
            assert!(order.recipient.note.is_some());
            for value in SampleOrder::new(sample, now()).personal_values() {
                assert!(!answer.text.contains(&value), "{role} {sample}");
            }
        }
    }
}

#[tokio::test]
async fn an_order_without_people_never_had_any() {
    let world = World::with_orders(vec![SampleOrder::new(3, now()).without_people().build()]).await;
    let order = world.get(Role::Seller, &format!("/v1/orders/{}", number(3))).await.json();
    assert_eq!((&order["recipient"], &order["buyer"]), (&json!({ "state": "never" }), &json!({ "state": "never" })));
}

#[tokio::test]
async fn unknown_and_unreadable_references_are_told_apart() {
    let world = World::new().await;
    for path in ["/v1/orders/026-0000000-0000000", "/v1/orders/01890000-0000-7000-8000-000000000000"] {
        assert_eq!(world.get(Role::Seller, path).await.failure(404).2, 1);
    }
    for path in ["/v1/orders/a%20b", "/v1/orders/..%2F..%2Fetc%2Fpasswd", "/v1/orders/%FF"] {
        assert_eq!(world.get(Role::Seller, path).await.failure(400).2, 2, "{path}");
    }
}

#[tokio::test]
async fn a_search_finds_by_name_and_only_what_the_role_may_see() {
    let world = World::with_orders(mixed_orders()).await;
    world.core.fill_search_tags(100).await.unwrap();
    let name = |sample| {
        let order = SampleOrder::new(sample, now()).build();
        order.people.recipient.unwrap().name.get().unwrap().expose().clone()
    };
    for (role, sample, found) in [(Role::Packer, 4, 1), (Role::Packer, 6, 0), (Role::Seller, 6, 1)] {
        let answer = world.post(role, "/v1/orders/find", json!({ "text": name(sample) })).await;
        let orders = answer.json()["orders"].as_array().unwrap().clone();
        assert_eq!(orders.len(), found, "{role} {sample}");
        assert!(!answer.text.contains(&name(sample)), "a search answers with facts");
    }
    for text in ["", " x ", &"x".repeat(201)] {
        world.post(Role::Packer, "/v1/orders/find", json!({ "text": text })).await.failure(422);
    }
}

#[tokio::test]
async fn rejected_orders_are_listed_and_read_again() {
    let world = World::with_orders(Vec::new()).await;
    let (good, bad, lost) = (SampleOrder::new(11, now()), SampleOrder::new(12, now()), SampleOrder::new(13, now()));
    let reject = |order: &SampleOrder| RejectedOrder {
        vendor_order_id: Some(order.vendor_order_id()),
        updated_at: Some(now()),
        field: "orderItems[0].quantity".to_owned(),
        reason: "missing".to_owned(),
    };
    let rejected = vec![reject(&good), reject(&bad), reject(&lost)];
    let connector = &world.process.connector;
    connector.push_page(OrderPage { orders: Vec::new(), rejected, next: None, bound: Some(now()) });
    world.post(Role::Seller, "/v1/sync", json!({})).await;
    insta::assert_json_snapshot!("rejected", redacted(world.get(Role::Packer, "/v1/rejected").await.json()));

    connector.put_order(good.build());
    connector.put_rejected(bad.vendor_order_id(), reject(&bad));
    let one = world.post(Role::Packer, "/v1/orders/retry", json!({ "order": good.vendor_order_id() })).await;
    assert_eq!(one.json(), json!({ "tried": 1, "accepted": 1, "gone": 0, "rejected": 0 }));
    let all = world.post(Role::Packer, "/v1/orders/retry", json!({})).await;
    assert_eq!(all.json(), json!({ "tried": 2, "accepted": 0, "gone": 1, "rejected": 1 }));
    assert_eq!(world.get(Role::Packer, "/v1/rejected").await.json()["rejected"].as_array().unwrap().len(), 1);

    let new = SampleOrder::new(14, now());
    connector.put_order(new.build());
    let order = json!({ "order": new.vendor_order_id() });
    world.post(Role::Packer, "/v1/orders/retry", order).await.failure(404);
    let order = json!({ "order": new.vendor_order_id(), "account": "shop-uk" });
    assert_eq!(world.post(Role::Packer, "/v1/orders/retry", order).await.json()["accepted"], 1);
}
