//! Every endpoint against every role, and what happens outside the table.

use ordersync_web::{Endpoint, Role};
use serde_json::json;

use crate::world::World;

/// The table as it was decided, written down a second time on purpose: `a`dmin, `s`eller, acc`o`untant, `p`acker.
const TABLE: [(&str, &str, &str); 60] = [
    ("GET", "/v1/version", "asop"),
    ("GET", "/v1/openapi.json", "asop"),
    ("GET", "/v1/status", "asop"),
    ("GET", "/v1/doctor", "as"),
    ("GET", "/v1/accounts", "as"),
    ("POST", "/v1/accounts", "as"),
    ("POST", "/v1/accounts/{label}/check", "as"),
    ("PUT", "/v1/accounts/{label}/credentials", "as"),
    ("PUT", "/v1/accounts/{label}/invoices", "as"),
    ("DELETE", "/v1/accounts/{label}", "as"),
    ("POST", "/v1/sync", "as"),
    ("GET", "/v1/orders", "asop"),
    ("POST", "/v1/orders/find", "asp"),
    ("GET", "/v1/orders/export", "aso"),
    ("POST", "/v1/orders/retry", "asp"),
    ("GET", "/v1/orders/{reference}", "asop"),
    ("POST", "/v1/orders/{reference}/hold", "asp"),
    ("POST", "/v1/orders/{reference}/release", "asp"),
    ("POST", "/v1/orders/{reference}/notes", "asp"),
    ("PUT", "/v1/orders/{reference}/address", "asp"),
    ("GET", "/v1/labels/ready", "asp"),
    ("POST", "/v1/labels", "asp"),
    ("POST", "/v1/labels/file", "asp"),
    ("POST", "/v1/labels/{reference}/void", "asp"),
    ("GET", "/v1/label-copies", "asp"),
    ("POST", "/v1/label-copies", "asp"),
    ("POST", "/v1/label-copies/{id}/gone", "asp"),
    ("GET", "/v1/shipments", "asop"),
    ("POST", "/v1/dispatch", "asp"),
    ("GET", "/v1/picklist", "asp"),
    ("GET", "/v1/picklist/file", "asp"),
    ("POST", "/v1/packing-slips", "asp"),
    ("GET", "/v1/disclosures", "as"),
    ("GET", "/v1/rejected", "asop"),
    ("GET", "/v1/products", "asop"),
    ("POST", "/v1/products", "aso"),
    ("GET", "/v1/exchange-rates", "aso"),
    ("POST", "/v1/exchange-rates", "aso"),
    ("GET", "/v1/invoices", "aso"),
    ("GET", "/v1/invoices/waiting", "aso"),
    ("GET", "/v1/invoices/{number}", "aso"),
    ("GET", "/v1/invoices/{number}/pdf", "aso"),
    ("POST", "/v1/invoices/issue", "aso"),
    ("POST", "/v1/invoices/{number}/credit", "aso"),
    ("POST", "/v1/invoices/void", "aso"),
    ("POST", "/v1/invoices/verify", "aso"),
    ("GET", "/v1/invoice-series", "aso"),
    ("PUT", "/v1/invoice-series/{kind}", "as"),
    ("GET", "/v1/exports/daybook", "aso"),
    ("GET", "/v1/exports/pulls", "as"),
    ("GET", "/v1/tokens", "as"),
    ("POST", "/v1/tokens", "as"),
    ("DELETE", "/v1/tokens/{label}", "as"),
    ("GET", "/v1/retention/plan", "as"),
    ("POST", "/v1/retention/run", "as"),
    ("POST", "/v1/retention/shorten", "a"),
    ("GET", "/v1/retention/report", "as"),
    ("GET", "/v1/keys/status", "a"),
    ("POST", "/v1/keys/escrow", "a"),
    ("POST", "/v1/keys/escrow/test", "a"),
];

fn letter(role: Role) -> char {
    match role {
        Role::Admin => 'a',
        Role::Seller => 's',
        Role::Accountant => 'o',
        Role::Packer => 'p',
    }
}

#[tokio::test]
async fn every_role_gets_what_the_table_gives_and_nothing_else() {
    let world = World::new().await;
    assert_eq!(Endpoint::ALL.len(), TABLE.len());
    for (method, path, roles) in TABLE {
        assert!(Endpoint::ALL.iter().any(|one| one.method().as_str() == method && one.path() == path), "{path}");
        let real = path.replace("{label}", "no-such-shop").replace("{reference}", "026-0000000-0000000");
        for role in Role::ALL {
            let answer = world.ask(role, method, &real, None).await;
            let allowed = roles.contains(letter(role));
            assert_eq!(answer.status != 403, allowed, "{role} {method} {path}: {}", answer.text);
            assert_ne!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.headers["cache-control"], "no-store");
            if !allowed {
                let (message, hint, code) = answer.failure(403);
                assert_eq!((message, code), (format!("the role {role} may not do this"), 1));
                assert!(hint.contains("admin"), "{hint}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_in_the_table_is_told_so_in_json() {
    let world = World::new().await;
    for path in ["/", "/v1", "/v1/", "/v1/orders/", "/v2/status", "/v1/orders/a/b", "/v1/../etc/passwd"] {
        let answer = world.get(Role::Admin, path).await;
        assert_eq!(answer.failure(404).2, 2, "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    for (method, path) in
        [("POST", "/v1/status"), ("DELETE", "/v1/orders"), ("GET", "/v1/orders/find"), ("PUT", "/v1/sync")]
    {
        let answer = world.ask(Role::Admin, method, path, None).await;
        assert_eq!(answer.failure(405).2, 2, "{method} {path}");
        assert!(answer.headers.contains_key("allow"), "{method} {path}");
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_without_its_words_and_the_next_request_is_served() {
    let world = World::new().await;
    *world.process.panics.lock().unwrap() = true;
    let answer = world.get(Role::Admin, "/v1/doctor").await;
    assert_eq!(answer.failure(500).2, 1);
    assert!(!answer.text.contains("Ada"));
    *world.process.panics.lock().unwrap() = false;
    let report = world.get(Role::Admin, "/v1/doctor").await.json();
    assert_eq!(report["worst"], "warn", "no recovery file was tested: {report}");
    assert_eq!(report["rows"][0], json!({ "name": "process", "state": "ok", "message": "all well" }));
}

#[tokio::test]
async fn a_request_in_service_is_busy_unless_the_daemon_s_tasks_do_the_work() {
    let world = World::with_orders(Vec::new()).await;
    world.post(Role::Seller, "/v1/accounts/shop-uk/check", json!({})).await;
    assert_eq!(*world.process.busy.lock().unwrap(), [0, 1], "reading accounts, then a check");
    assert_eq!(world.clock.busy_tasks(), 0);
}
