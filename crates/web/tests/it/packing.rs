//! Labels, dispatch, holds, notes and addresses over the API.

use std::sync::Arc;

use ordersync_core::SenderProfile;
use ordersync_core::fulfilment::FulfilmentSettings;
use ordersync_testkit::ScriptedCourier;
use ordersync_types::Country;
use ordersync_web::Role;
use serde_json::{Value, json};

use crate::world::{World, mixed_orders, number};

pub(crate) async fn bench() -> (World, Arc<ScriptedCourier>) {
    let world = World::with_orders(mixed_orders()).await;
    let courier = Arc::new(ScriptedCourier::by_key());
    world.core.set_fulfilment(FulfilmentSettings {
        couriers: vec![courier.clone()],
        sender: Some(SenderProfile {
            name: "Example Goods".to_owned(),
            lines: vec!["1 Invented Street".to_owned()],
            postcode: "ZZ99 9ZZ".to_owned(),
            country: Country::GB,
        }),
        paper: None,
        media: "pdf/a6".parse().unwrap(),
        label_days: 21,
    });
    (world, courier)
}

async fn label(world: &World, more: &[(&str, Value)]) -> Value {
    let mut label = json!({ "orders": [number(4)] });
    for (field, value) in more {
        label[*field] = value.clone();
    }
    let answer = world.post(Role::Packer, "/v1/labels", json!({ "labels": [label] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["results"][0].clone()
}

#[tokio::test]
async fn what_can_be_labelled_is_listed_labelled_once_and_told() {
    let (world, courier) = bench().await;
    let ready = world.get(Role::Packer, "/v1/labels/ready").await.json();
    assert_eq!(ready["orders"].as_array().unwrap().len(), 1, "{ready}");
    assert_eq!(ready["orders"][0]["number"], number(4));
    let list = world.get(Role::Packer, "/v1/picklist").await.json();
    assert!(list["rows"].as_array().is_some_and(|rows| !rows.is_empty()));

    let made = label(&world, &[]).await;
    let reference = made["label"]["reference"].as_str().unwrap().to_owned();
    assert!(made["label"]["purge_at"].as_str().unwrap().starts_with("2026-11-23"), "{made}");
    let again = label(&world, &[]).await;
    assert!(again["refused"]["message"].as_str().unwrap().contains("another shipment"), "{again}");
    assert_eq!(courier.told().len(), 1);
    let told = world.get(Role::Seller, &format!("/v1/disclosures?order={}", number(4))).await.json();
    assert_eq!(told["disclosures"][0]["fields"][0], "name", "{told}");
    let waiting = world.get(Role::Packer, "/v1/status").await.json();
    assert_eq!(waiting["labelled"][0]["reference"], reference);

    let parcels = json!({ "parcels": [{ "target": reference, "tracking": "T1" }, { "target": "nobody" }] });
    let sent = world.post(Role::Packer, "/v1/dispatch", parcels).await.json();
    assert_eq!((&sent["results"][0]["recorded"], &sent["results"][1]["recorded"]), (&json!(true), &json!(false)));
    assert!(sent["results"][1]["refused"]["message"].as_str().unwrap().contains("no shipment and no order"), "{sent}");
    world.post(Role::Packer, &format!("/v1/labels/{reference}/void"), json!({})).await.failure(409);
}

#[tokio::test]
async fn a_label_by_itself_is_handed_out_as_it_is_held() {
    // Nobody lays paper out here: what comes can only be the courier's own bytes.
    let (world, _courier) = bench().await;
    let reference = label(&world, &[]).await["label"]["reference"].as_str().unwrap().to_owned();
    let file = world.post(Role::Packer, "/v1/labels/file", json!({ "references": [reference] })).await;
    assert_eq!(file.status, 200, "{}", file.text);
    let text = file.text;
    assert!(text.starts_with(&format!("%PDF-1.7 {reference}\n")), "{text}");
    let again = world.post(Role::Packer, "/v1/labels/file", json!({ "references": [reference] })).await;
    assert_eq!(again.text, text);
}

#[tokio::test]
async fn what_is_wrong_with_a_wish_is_said_of_it_alone() {
    let (world, _courier) = bench().await;
    for (more, reason) in [
        (vec![("parcels", json!(0))], "parcels: must be 1 to 99"),
        (vec![("orders", json!(["nobody-0"]))], "there is no order nobody-0"),
        (vec![("lines", json!([{ "line": "x", "quantity": 1 }]))], "0 pieces left"),
        (vec![("orders", json!([number(1)]))], "Prime"),
    ] {
        let refused = label(&world, &more).await;
        assert!(refused["refused"]["message"].as_str().unwrap().contains(reason), "{reason}: {refused}");
    }
    for body in [
        json!({ "labels": [] }),
        json!({ "labels": [{ "orders": [number(4)] }], "format": "png" }),
        json!({ "labels": [{ "orders": [number(4)] }], "size": "a5" }),
        // What could not be printed as asked is not made.
        json!({ "labels": [{ "orders": [number(4)] }], "label_printer": true }),
        json!({ "labels": [{ "orders": [number(4)] }], "per_sheet": 3 }),
        json!({ "labels": [{ "orders": [number(4)] }], "per_sheet": 2, "format": "zpl203" }),
        json!({ "labels": [{ "orders": [number(4)] }], "per_sheet": 2, "size": "a4" }),
        json!({ "labels": [{ "orders": [number(4)] }], "per_sheet": 4, "size": "100x150" }),
    ] {
        world.post(Role::Packer, "/v1/labels", body).await.failure(422);
    }
    world.post(Role::Packer, "/v1/labels/file", json!({ "references": ["^XZ"] })).await.failure(422);
    for per_sheet in [0, 1, 3, 5] {
        let body = json!({ "references": ["000000000000"], "per_sheet": per_sheet });
        world.post(Role::Packer, "/v1/labels/file", body).await.failure(422);
    }
    let unknown = json!({ "references": ["000000000000"] });
    let (message, _, _) = world.post(Role::Packer, "/v1/labels/file", unknown).await.failure(409);
    assert!(message.contains("there is no shipment"), "{message}");
}

#[tokio::test]
async fn a_held_order_gets_no_label_and_its_note_is_seen_with_its_people_only() {
    let (world, _courier) = bench().await;
    let path = |what: &str| format!("/v1/orders/{}/{what}", number(4));
    world.post(Role::Packer, &path("hold"), json!({ "text": " " })).await.failure(422);
    let held = world.post(Role::Packer, &path("hold"), json!({ "text": "ask Ada Example" })).await;
    assert!(held.status == 200 && !held.text.contains("Ada"));
    assert!(label(&world, &[]).await["refused"]["message"].as_str().unwrap().contains("holds it back"));
    let order = world.get(Role::Packer, &format!("/v1/orders/{}", number(4))).await.json();
    assert_eq!(order["notes"][0]["text"], "ask Ada Example");
    let order = world.get(Role::Accountant, &format!("/v1/orders/{}", number(4))).await.json();
    assert_eq!(order["notes"], json!([]));
    world.post(Role::Packer, &path("release"), json!({})).await;
    world.post(Role::Packer, &path("release"), json!({})).await.failure(409);
}

#[tokio::test]
async fn a_typed_address_is_checked_field_by_field() {
    let (world, courier) = bench().await;
    let path = format!("/v1/orders/{}/address", number(4));
    let address = |changes: &[(&str, &str)]| {
        let mut body = json!({
            "name": "Grace Invented", "company": "", "line1": "2 Other Lane", "line2": "", "line3": "",
            "city": "Elsewick", "region": "", "postcode": "ZZ2 2ZZ", "country": "GB",
        });
        for (field, value) in changes {
            body[*field] = json!(value);
        }
        Some(body.to_string().into_bytes())
    };
    for (field, value) in [("name", " "), ("line1", ""), ("city", ""), ("country", "UK"), ("line2", &"x".repeat(201))] {
        let refused = world.ask(Role::Packer, "PUT", &path, address(&[(field, value)])).await;
        let (message, _, _) = refused.failure(422);
        assert!(message.starts_with(field), "{message}");
    }
    let typed = world.ask(Role::Packer, "PUT", &path, address(&[])).await;
    assert!(typed.status == 200 && !typed.text.contains("Grace"), "{}", typed.text);
    label(&world, &[]).await;
    let told = courier.told().remove(0);
    assert!(told.to.told().count() > 3);
    let values: Vec<&str> =
        told.to.told().filter_map(|field| told.to.get(field)).map(|value| value.expose().as_str()).collect();
    assert!(values.contains(&"Elsewick") && values.contains(&"2 Other Lane"), "the typed address is told");
}

#[tokio::test]
async fn a_packer_prints_and_types_nobody_whose_order_left_long_ago() {
    let (world, _courier) = bench().await;
    let (old, lately) = (number(6), number(8));
    let slips = |order: &str| json!({ "orders": [order] });
    for (role, refused) in [(Role::Packer, true), (Role::Seller, false)] {
        let address = json!({
            "name": "Grace Invented", "company": "", "line1": "2 Other Lane", "line2": "", "line3": "",
            "city": "Elsewick", "region": "", "postcode": "ZZ2 2ZZ", "country": "GB",
        });
        let body = Some(address.to_string().into_bytes());
        let typed = world.ask(role, "PUT", &format!("/v1/orders/{old}/address"), body).await;
        assert_eq!(typed.status == 403, refused, "{role:?}: {}", typed.text);
        let printed = world.post(role, "/v1/packing-slips", slips(&old)).await;
        assert_eq!(printed.status == 403, refused, "{role:?}: {}", printed.text);
    }
    let again = |order: &str| json!({ "labels": [{ "orders": [order], "again": "lost" }] });
    let refused = world.post(Role::Packer, "/v1/labels", again(&old)).await.json();
    let message = refused["results"][0]["refused"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("left in the last 7 days"), "{message}");
    let made = world.post(Role::Packer, "/v1/labels", again(&lately)).await.json();
    let file = json!({ "references": [made["results"][0]["label"]["reference"]] });
    assert_ne!(world.post(Role::Packer, "/v1/labels/file", file.clone()).await.status, 403, "{made}");
    world.process.clock.advance_by(std::time::Duration::from_secs(8 * 86_400));
    world.post(Role::Packer, "/v1/labels/file", file.clone()).await.failure(403);
    assert_ne!(world.post(Role::Seller, "/v1/labels/file", file).await.status, 403);
}
