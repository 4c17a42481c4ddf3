//! Keys and the recovery file.

use ordersync_web::Role;
use serde_json::json;

use crate::world::{World, mixed_orders, redacted};

#[tokio::test]
async fn the_keys_are_counted_and_the_recovery_file_comes_as_bytes() {
    let world = World::with_orders(mixed_orders()).await;
    let export = world.post(Role::Admin, "/v1/keys/escrow", json!({ "passphrase": "correct horse battery" })).await;
    assert_eq!((export.status, export.text.as_str()), (200, "recovery file under 21 characters"));
    assert_eq!(export.headers["content-type"], "application/octet-stream");
    let (message, hint, code) =
        world.post(Role::Admin, "/v1/keys/escrow", json!({ "passphrase": "short" })).await.failure(422);
    assert_eq!(
        (message.as_str(), hint.as_str(), code),
        ("the passphrase is too short", "use at least 12 characters", 1)
    );

    let test = |file: &str| json!({ "file": file, "passphrase": "correct horse battery" });
    world.post(Role::Admin, "/v1/keys/escrow/test", test("something else")).await.failure(422);
    let tested = world.post(Role::Admin, "/v1/keys/escrow/test", test(&export.text)).await.json();
    assert_eq!(tested["root_id"], world.core.keys.id().to_string());
    insta::assert_json_snapshot!("keys", redacted(world.get(Role::Admin, "/v1/keys/status").await.json()));
}
