//! Requests that nobody honest sends.

use ordersync_web::{Caller, LocalApi, Role};
use serde_json::json;

use crate::world::{World, account};

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_by_field_and_line_without_its_value() {
    let world = World::new().await;
    let secret = "canary-in-a-wrong-place";
    for (body, told) in [
        (format!("{{\n\"label\": [\"{secret}\"]}}"), "field `label`, line 2 column 9: expected a string"),
        (format!("{{\"label\": \"{secret}\""), "the body ends too early: line 1 column 35"),
        (secret.to_owned(), "the body is not JSON: line 1 column 1"),
        ("{}{}".to_owned(), "line 1 column 2: the field `label` is missing"),
        (format!("{{\"first_window_days\": \"{secret}, expected nothing\"}}"), "expected u32"),
        (
            format!("{{\"first_window_days\": -1, \"x\": \"{secret}\"}}"),
            "field `first_window_days`, line 1 column 24: expected u32",
        ),
        (
            format!("{{\"go_live_at\": \"{secret}\"}}"),
            "field `go_live_at`, line 1 column 40: not a value that can stand there",
        ),
    ] {
        let answer = world.ask(Role::Admin, "POST", "/v1/accounts", Some(body.into_bytes())).await;
        let (message, _, code) = answer.failure(400);
        assert!(message.contains(told) && code == 2, "{message}");
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
    let unknown = json!({ "dry_run": true, "really": true });
    world.post(Role::Admin, "/v1/retention/run", unknown).await.failure(400);
}

#[tokio::test]
async fn a_huge_or_deep_or_binary_body_is_refused() {
    let world = World::new().await;
    let mut huge = account("shop-uk");
    huge["settings"] = json!({ "x": "y".repeat(1024 * 1024) });
    assert_eq!(world.post(Role::Admin, "/v1/accounts", huge).await.failure(413).2, 2);
    let deep = "[".repeat(100_000).into_bytes();
    world.ask(Role::Admin, "POST", "/v1/sync", Some(deep)).await.failure(400);
    world.ask(Role::Admin, "POST", "/v1/sync", Some(vec![0, 0xFF, 0xFE])).await.failure(400);
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let world = World::new().await;
    for query in
        ["limit=abc", "limit=-1", "since=yesterday", "what=ever", "limit=1&limit=2", "limit=99999999999999999999"]
    {
        assert_eq!(world.get(Role::Admin, &format!("/v1/orders?{query}")).await.failure(400).2, 2, "{query}");
    }
    for query in ["limit=0", "limit=501", "status=sent", "before=x", "status=%27%20OR%201=1"] {
        assert_eq!(world.get(Role::Admin, &format!("/v1/orders?{query}")).await.failure(422).2, 2, "{query}");
    }
    world.get(Role::Admin, "/v1/orders?account=nobody").await.failure(404);
    let injected = world.get(Role::Admin, "/v1/orders?number=%27%20OR%201%3D1--").await.json();
    assert_eq!(injected["orders"], json!([]));
}

#[tokio::test]
async fn a_path_that_is_none_never_reaches_the_router() {
    let world = World::new().await;
    let caller = Caller { user: "ada".to_owned(), uid: Some(1), role: Role::Admin };
    let local = LocalApi::new(&world.api, caller);
    for (method, path) in [("GET", "no slash \n"), ("G ET", "/v1/status")] {
        assert!(local.call(method, path, None).await.is_err(), "{method} {path}");
    }
}
