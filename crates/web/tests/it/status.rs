//! The day's work and retention.

use std::time::Duration;

use ordersync_connector_api::{ConnectorError, ErrorKind, Retry};
use ordersync_web::Role;
use ordersync_web::dto::StatusView;
use serde_json::json;

use crate::world::{World, mixed_orders, number, redacted};

#[tokio::test]
async fn the_day_shows_what_to_dispatch_what_waits_and_what_is_late() {
    let world = World::with_orders(mixed_orders()).await;
    let answer = world.get(Role::Packer, "/v1/status").await;
    insta::assert_json_snapshot!("status", redacted(answer.json()));
    let status: StatusView = serde_json::from_str(&answer.text).unwrap();
    assert!(status.late && !status.broken);
    let numbers: Vec<&str> = status.to_label.iter().map(|order| order.number.as_str()).collect();
    assert_eq!(numbers, [number(4)]);
    let elsewhere: Vec<&str> = status.label_elsewhere.iter().map(|held| held.order.number.as_str()).collect();
    assert_eq!(elsewhere, [number(1)], "Prime takes no label of ours");
    assert_eq!((status.to_label_count, status.held_count, status.late_count), (1, 3, 2));
    assert_eq!((status.tax_review_count, status.packed_elsewhere_count), (1, 1));
}

#[tokio::test]
async fn an_empty_shop_is_neither_late_nor_broken() {
    let world = World::new().await;
    let status: StatusView = serde_json::from_str(&world.get(Role::Seller, "/v1/status").await.text).unwrap();
    assert!(!status.late && !status.broken && status.attention.is_empty() && !status.keys.escrow_tested);
}

#[tokio::test]
async fn refused_credentials_break_the_day_until_a_check_succeeds() {
    let world = World::with_orders(Vec::new()).await;
    let refused = || ConnectorError::new(ErrorKind::Auth, Retry::Never, "token", "access was taken away");
    world.process.connector.push_error(refused());
    let synced = world.post(Role::Seller, "/v1/sync", json!({ "account": "shop-uk" })).await.json();
    assert_eq!((&synced["ok"], &synced["accounts"][0]["result"]), (&json!(false), &json!("failed")));
    let status: StatusView = serde_json::from_str(&world.get(Role::Seller, "/v1/status").await.text).unwrap();
    assert!(status.broken && status.accounts[0].state == "needs_consent", "{status:?}");

    world.process.connector.push_check(Err(refused()));
    let (message, _, code) = world.post(Role::Seller, "/v1/accounts/shop-uk/check", json!({})).await.failure(422);
    assert!(message.contains("access was taken away") && code == 1);
    let checked = world.post(Role::Seller, "/v1/accounts/shop-uk/check", json!({})).await.json();
    assert_eq!(checked["resumed"], true);
    let status: StatusView = serde_json::from_str(&world.get(Role::Seller, "/v1/status").await.text).unwrap();
    assert_eq!(status.accounts[0].state, "active");
}

#[tokio::test]
async fn retention_plans_purges_and_reports() {
    let world = World::with_orders(mixed_orders()).await;
    let plan = world.get(Role::Seller, "/v1/retention/plan").await.json();
    assert_eq!(plan["classes"][0]["due"], 0);
    world.clock.advance_by(Duration::from_secs(120 * 86_400));
    let status: StatusView = serde_json::from_str(&world.get(Role::Seller, "/v1/status").await.text).unwrap();
    assert!(status.broken && status.retention.overdue, "{:?}", status.attention);

    let dry = world.post(Role::Seller, "/v1/retention/run", json!({ "dry_run": true })).await.json();
    let delivery = |answer: &serde_json::Value| {
        let classes = answer["classes"].as_array().unwrap().clone();
        classes.into_iter().find(|class| class["class"] == "delivery").unwrap()
    };
    let due = delivery(&dry)["due"].as_i64().unwrap();
    assert!(due > 0, "{dry}");
    let again = world.get(Role::Seller, "/v1/retention/plan").await.json();
    assert_eq!(delivery(&again)["due"], due, "a dry run removes nothing");

    let proof = world.post(Role::Seller, "/v1/retention/run", json!({})).await.json();
    assert_eq!(proof["clean"], true);
    assert_eq!(delivery(&proof)["destroyed"], due);
    let report = world.get(Role::Seller, "/v1/retention/report").await.json();
    assert!(report["runs"].as_array().unwrap().iter().all(|run| run["state"] == "done"), "{report}");
    let order = world.get(Role::Seller, &format!("/v1/orders/{}", number(4))).await.json();
    assert_eq!(order["recipient"]["state"], "purged");
    assert!(order["recipient"]["purge_at"].as_str().unwrap().starts_with("2027-03-02"), "{}", order["recipient"]);
    let status: StatusView = serde_json::from_str(&world.get(Role::Seller, "/v1/status").await.text).unwrap();
    assert!(!status.retention.overdue && status.retention.newest_run.is_some());
}

#[tokio::test]
async fn a_labelled_parcel_of_an_order_that_was_cancelled_is_to_be_taken_out_and_is_not_late() {
    let (world, _courier) = crate::packing::bench().await;
    let labels = json!({ "labels": [{ "orders": [number(4)] }] });
    world.post(Role::Packer, "/v1/labels", labels).await;
    let mut order = mixed_orders().into_iter().find(|order| order.facts.vendor_order_id.as_str() == number(4)).unwrap();
    order.facts.status = ordersync_order::OrderStatus::Cancelled;
    order.facts.updated_at += chrono::Duration::hours(1);
    world.receive(vec![order]).await;
    let status: StatusView = serde_json::from_str(&world.get(Role::Packer, "/v1/status").await.text).unwrap();
    assert_eq!(
        (status.labelled_count, status.labelled.len(), status.stopped.len()),
        (0, 0, 1),
        "{:?}",
        status.labelled
    );
    let parcel = &status.stopped[0];
    assert!(!parcel.late && parcel.failure.as_ref().unwrap().contains("cancelled"), "{parcel:?}");
}

#[tokio::test]
async fn a_parcel_or_an_unconfirmed_order_past_its_date_is_late_and_no_label_without_an_answer_is_hidden() {
    let (world, courier) = crate::packing::bench().await;
    let day =
        async || -> StatusView { serde_json::from_str(&world.get(Role::Packer, "/v1/status").await.text).unwrap() };
    let late = day().await.late_count;
    let labels = json!({ "labels": [{ "orders": [number(4)] }] });
    let made = world.post(Role::Packer, "/v1/labels", labels.clone()).await.json();
    let reference = made["results"][0]["label"]["reference"].as_str().unwrap().to_owned();
    let packed = day().await;
    assert_eq!((packed.late_count, packed.labelled_count, packed.to_label_count), (late, 1, 0), "it was late before");
    assert!(packed.labelled[0].late && packed.labelled[0].ship_by.is_some(), "{:?}", packed.labelled);
    world.post(Role::Packer, "/v1/dispatch", json!({ "parcels": [{ "target": reference }] })).await;
    let sent = day().await;
    assert_eq!((sent.late_count, sent.labelled_count, sent.to_confirm_count), (late, 0, 1));
    assert!(sent.to_confirm[0].late && sent.to_confirm[0].number == number(4));

    // One that nobody answers: not told while it may be under way, then listed.
    let again = json!({ "labels": [{ "orders": [number(4)], "again": "lost" }] });
    let call = courier.pause_next();
    let (core, asked) = (world.core.clone(), serde_json::to_vec(&again).unwrap());
    let asking = world.ask(Role::Packer, "POST", "/v1/labels", Some(asked));
    let cut = async {
        call.came.await.unwrap();
        assert_eq!(day().await.unanswered.len(), 0);
    };
    tokio::select! {
        _ = asking => unreachable!("the courier waits"),
        () = cut => {}
    }
    world.clock.advance_by(Duration::from_secs(301));
    let status = day().await;
    assert_eq!((status.unanswered.len(), status.unknown.len()), (1, 0));
    tokio::time::timeout(Duration::from_secs(5), core.labels_left_unanswered()).await.unwrap();
    assert_eq!(core.recover_labels(ordersync_types::SellerId::new(1)).await.unwrap(), 1);
    assert!(!core.has_unanswered_labels(ordersync_types::SellerId::new(1)).await.unwrap());
    let status = day().await;
    assert_eq!((status.unanswered.len(), status.labelled_count), (0, 1));
}
