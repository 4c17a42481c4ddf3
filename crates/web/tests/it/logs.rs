//! No personal value and no credential in any log line, at trace level, whatever is asked.

use ordersync_testkit::SampleOrder;
use ordersync_web::Role;
use serde_json::json;

use crate::world::{World, account, log_text, now, number};

#[tokio::test]
async fn the_log_holds_no_person_and_no_credential() {
    let samples: Vec<SampleOrder> = (900..908).map(|number| SampleOrder::new(number, now())).collect();
    let world = World::with_orders(samples.iter().map(SampleOrder::build).collect()).await;
    world.core.fill_search_tags(100).await.unwrap();
    let mut values: Vec<String> = samples.iter().flat_map(SampleOrder::personal_values).collect();
    assert!(values.len() > 100);
    let mut shown = 0;
    for sample in 900..908 {
        for role in Role::ALL {
            let answer = world.get(role, &format!("/v1/orders/{}", number(sample))).await;
            shown += usize::from(values.iter().any(|value| answer.text.contains(value)));
        }
        let name = samples[0].build().people.recipient.unwrap().name.get().unwrap().expose().clone();
        world.post(Role::Packer, "/v1/orders/find", json!({ "text": name })).await;
        // A name where none belongs: in a URL, in a broken body, in a body of another kind.
        let typed = name.replace(' ', "%20");
        world.get(Role::Packer, &format!("/v1/orders/{typed}")).await;
        world.get(Role::Packer, &format!("/v1/orders?number={typed}&what={typed}")).await;
        world.ask(Role::Packer, "POST", "/v1/orders/find", Some(format!("{{\"text\": \"{name}").into_bytes())).await;
        world.ask(Role::Packer, "POST", "/v1/orders/retry", Some(format!("{{\"{name}\": 1}}").into_bytes())).await;
    }
    assert_eq!(shown, 8 * 3, "admin, seller and packer saw the people of every order");
    world.post(Role::Seller, "/v1/accounts", account("another")).await;
    world.post(Role::Admin, "/v1/keys/escrow", json!({ "passphrase": "passphrase-canary" })).await;
    values.extend(["canary".to_owned()]);
    let log = log_text();
    assert!(log.contains("endpoint=FindOrders") && log.contains("status=200"), "the log is kept");
    for value in values {
        assert!(!log.contains(&value), "a value of {} bytes is in the log", value.len());
    }
}
