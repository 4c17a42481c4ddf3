//! Accounts: what is refused, and what adding and removing does.

use ordersync_connector_api::{ConnectorError, ErrorKind, Retry};
use ordersync_web::Role;
use serde_json::{Value, json};

use crate::world::{World, account, redacted};

async fn with(world: &World, changes: &[(&str, Value)]) -> crate::world::Answer {
    let mut body = account("shop-uk");
    for (field, value) in changes {
        body[*field] = value.clone();
    }
    world.post(Role::Seller, "/v1/accounts", body).await
}

#[tokio::test]
async fn an_account_is_checked_stored_listed_and_removed() {
    let world = World::new().await;
    let added = with(&world, &[]).await;
    assert_eq!(added.status, 201);
    assert_eq!(
        added.json()["check"],
        json!({ "account": "shop-uk", "orders_seen": 0, "findings": [], "resumed": false })
    );
    assert_eq!((world.process.connector.checks(), *world.process.told_of_changes.lock().unwrap()), (1, 1));
    let list = world.get(Role::Admin, "/v1/accounts").await;
    insta::assert_json_snapshot!("accounts", redacted(list.json()));
    assert!(!list.text.contains("canary") && !added.text.contains("canary"), "no credential is ever given back");

    assert_eq!(with(&world, &[]).await.failure(409).2, 1);
    assert_eq!(world.process.connector.checks(), 1, "a label that is taken costs the marketplace nothing");
    let removed = world.ask(Role::Seller, "DELETE", "/v1/accounts/shop-uk", None).await;
    assert_eq!((removed.status, removed.text.as_str()), (204, ""));
    world.ask(Role::Seller, "DELETE", "/v1/accounts/shop-uk", None).await.failure(404);
    assert_eq!(with(&world, &[("skip_check", json!(true))]).await.status, 201, "the label is free again");
    assert_eq!(world.process.connector.checks(), 1);
}

#[tokio::test]
async fn what_cannot_stand_in_an_account_is_refused_before_anybody_is_asked() {
    let world = World::new().await;
    for (field, value) in [
        ("label", json!("")),
        ("label", json!("Shop")),
        ("label", json!("a/b")),
        ("label", json!("x".repeat(41))),
        ("settings", json!("region")),
        ("settings", json!([])),
        ("first_window_days", json!(91)),
        ("client_secret", json!("  ")),
    ] {
        let (message, _, code) = with(&world, &[(field, value)]).await.failure(422);
        assert!(message.starts_with(field) && code == 2, "{message}");
    }
    let (_, hint, code) = with(&world, &[("connector", json!("moonshop"))]).await.failure(422);
    assert_eq!((hint.as_str(), code), ("choose one of: scripted", 78));
    assert_eq!(world.process.connector.checks(), 0);
}

#[tokio::test]
async fn a_production_account_waits_for_a_tested_recovery_file() {
    let world = World::new().await;
    let production = [("settings", json!({ "region": "eu" }))];
    let (message, hint, code) = with(&world, &production).await.failure(409);
    assert!(message.contains("recovery file") && hint.contains("ordersync keys escrow") && code == 1);
    assert_eq!(world.process.connector.checks(), 0);

    let body = json!({ "file": "recovery file", "passphrase": "correct horse battery" });
    assert_eq!(world.post(Role::Admin, "/v1/keys/escrow/test", body).await.status, 200);
    let unchecked = [production[0].clone(), ("skip_check", json!(true))];
    with(&world, &unchecked).await.failure(422);
    assert_eq!(with(&world, &production).await.status, 201);
}

#[tokio::test]
async fn a_check_that_fails_stores_nothing() {
    let world = World::new().await;
    for (kind, retry, status, code) in [
        (ErrorKind::Auth, Retry::Never, 422, 1),
        (ErrorKind::Throttled, Retry::Backoff, 503, 75),
        (ErrorKind::Transport, Retry::Exhausted, 503, 75),
        (ErrorKind::Malformed, Retry::Never, 500, 1),
        (ErrorKind::Config, Retry::Never, 422, 78),
    ] {
        world.process.connector.push_check(Err(ConnectorError::new(kind, retry, "probe", "it says no")));
        let (message, _, found) = with(&world, &[]).await.failure(status);
        assert_eq!((message.as_str(), found), ("probe: it says no", code), "{kind:?}");
    }
    assert_eq!(world.get(Role::Admin, "/v1/accounts").await.json(), json!({ "accounts": [] }));
}

#[tokio::test]
async fn credentials_are_replaced_after_asking_the_marketplace() {
    let world = World::new().await;
    with(&world, &[]).await;
    let path = "/v1/accounts/shop-uk/credentials";
    let body = json!({ "client_id": "id", "client_secret": "canary-secret", "refresh_token": "canary-new" });
    let refused = ConnectorError::new(ErrorKind::Auth, Retry::Never, "token", "it says no");
    world.process.connector.push_check(Err(refused));
    let (_, hint, code) = world.ask(Role::Seller, "PUT", path, Some(body.to_string().into_bytes())).await.failure(422);
    assert!(hint.contains("account credentials") && code == 1, "{hint}");
    let account = world.process.core.account("shop-uk").await.unwrap();
    let held = world.process.core.credential(&account).await.unwrap();
    assert_ne!(held.refresh_token.expose(), "canary-new", "what the marketplace refuses is not stored");

    let replaced = world.ask(Role::Seller, "PUT", path, Some(body.to_string().into_bytes())).await;
    assert_eq!(replaced.status, 200);
    assert!(!replaced.text.contains("canary"));
    let held = world.process.core.credential(&account).await.unwrap();
    assert_eq!(held.refresh_token.expose(), "canary-new");
    let mut empty = body;
    empty["client_id"] = json!(" ");
    world.ask(Role::Seller, "PUT", path, Some(empty.to_string().into_bytes())).await.failure(422);
    world.ask(Role::Packer, "PUT", path, Some(empty.to_string().into_bytes())).await.failure(403);
}
