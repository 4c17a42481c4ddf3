//! Who sees which personal field, and when.

use chrono::Duration;
use ordersync_simulator::people::Place;
use ordersync_simulator::{AmazonSettings, Roles, Step, Story, Template};
use serde_json::Value;

use crate::wire::{Amazon, EVERYTHING, start, world};

fn template(story: Story, by_marketplace: bool) -> Template {
    Template {
        story: Some(story),
        by_marketplace: Some(by_marketplace),
        place: Some(Place::GreatBritain),
        created: Some(start() - Duration::hours(3)),
        patch: None,
    }
}

async fn order(amazon: &Amazon, id: &str) -> Value {
    amazon.get(&format!("/orders/2026-01-01/orders/{id}?{EVERYTHING}")).await.json()["order"].clone()
}

fn has(order: &Value, path: &str) -> bool {
    order.pointer(path).is_some_and(|value| value.as_str().is_some_and(|text| !text.is_empty()))
}

const NAME: &str = "/buyer/buyerName";
const EMAIL: &str = "/buyer/buyerEmail";
const RECIPIENT: &str = "/recipient/deliveryAddress/name";
const POSTCODE: &str = "/recipient/deliveryAddress/postalCode";
const PHONE: &str = "/recipient/deliveryAddress/phone";
const TOWN: &str = "/recipient/deliveryAddress/city";

#[tokio::test]
async fn fields_follow_role_and_dispatcher() {
    let settings = |roles| AmazonSettings { roles, enforce_plans: false, ..AmazonSettings::default() };
    let (none, all) = (Roles { orders: true, delivery: false, tax: false }, Roles::ALL);
    let (delivery, tax) = (Roles { delivery: true, ..none }, Roles { tax: true, ..none });
    for (roles, fba, seen, absent) in [
        (all, false, vec![NAME, EMAIL, RECIPIENT, POSTCODE, PHONE, TOWN], vec![]),
        (delivery, false, vec![NAME, EMAIL, RECIPIENT, POSTCODE, PHONE, TOWN], vec![]),
        (tax, false, vec![NAME, TOWN], vec![EMAIL, RECIPIENT, POSTCODE, PHONE]),
        (none, false, vec![TOWN], vec![NAME, EMAIL, RECIPIENT, POSTCODE, PHONE]),
        (all, true, vec![NAME, RECIPIENT, POSTCODE, TOWN], vec![EMAIL, PHONE]),
        (delivery, true, vec![TOWN], vec![NAME, EMAIL, RECIPIENT, POSTCODE, PHONE]),
        (tax, true, vec![NAME, RECIPIENT, POSTCODE, TOWN], vec![EMAIL, PHONE]),
        (none, true, vec![TOWN], vec![NAME, EMAIL, RECIPIENT, POSTCODE, PHONE]),
    ] {
        let amazon = Amazon::with(world(0), settings(roles)).await;
        for _ in 0..12 {
            let id = amazon.shop.add_order(template(Story::Waiting, fba));
            let order = order(&amazon, &id).await;
            if order["fulfillment"]["fulfillmentStatus"] == "UNFULFILLABLE" {
                assert!(!has(&order, NAME) && order.get("recipient").is_none());
                continue;
            }
            for path in &seen {
                assert!(has(&order, path), "{roles:?} {fba} {path}");
            }
            for path in &absent {
                assert!(!has(&order, path), "{roles:?} {fba} {path}");
            }
            assert!(roles.tax || order.get("tax").is_none());
            let gifts = order.to_string().contains("giftMessage");
            assert!((roles.delivery && !fba) || !gifts);
        }
    }
    let nobody = Roles { orders: false, delivery: false, tax: false };
    let amazon = Amazon::with(world(3), settings(nobody)).await;
    assert_eq!(amazon.search("createdAfter=2026-02-01T00:00:00Z").await.status, 403);
    amazon.shop.change_settings(|settings| settings.roles = Roles::ALL);
    assert_eq!(amazon.search("createdAfter=2026-02-01T00:00:00Z").await.status, 200);
}

#[tokio::test]
async fn unpaid_and_cancelled_orders_have_no_address_and_unpaid_ones_no_price() {
    let amazon = Amazon::new(0).await;
    let unpaid = amazon.shop.add_order(Template { created: Some(start()), ..template(Story::Unpaid, false) });
    let pre = amazon.shop.add_order(Template { created: Some(start()), ..template(Story::Preorder, false) });
    for (id, status) in [(&unpaid, "PENDING"), (&pre, "PENDING_AVAILABILITY")] {
        let order = order(&amazon, id).await;
        assert_eq!(order["fulfillment"]["fulfillmentStatus"].as_str(), Some(status));
        assert!(order.get("recipient").is_none() && order.get("proceeds").is_none());
        assert!(!has(&order, NAME) && !has(&order, EMAIL));
        assert!(order.pointer("/orderItems/0/product/price").is_none());
    }
    amazon.clock.pass(Duration::days(1));
    amazon.renew().await;
    let order = order(&amazon, &unpaid).await;
    assert_eq!(order["fulfillment"]["fulfillmentStatus"].as_str(), Some("CANCELLED"));
    assert!(order.get("recipient").is_none() && !has(&order, NAME));
    assert!(order.pointer("/orderItems/0/cancellation/cancellationExecution/cancelledBy").is_some());
}

#[tokio::test]
async fn an_order_lives_its_life() {
    let amazon = Amazon::new(0).await;
    let id = amazon.shop.add_order(template(Story::Waiting, false));
    let patched = order(&amazon, &id).await;
    let was = patched["recipient"]["deliveryAddress"]["addressLine1"].clone();
    let step = async |step, status: &str| {
        amazon.clock.pass(Duration::hours(5));
        amazon.renew().await;
        assert!(amazon.shop.let_happen(&id, step));
        let order = order(&amazon, &id).await;
        assert_eq!(order["fulfillment"]["fulfillmentStatus"].as_str(), Some(status), "{step:?}");
        order
    };
    let moved = step(Step::AddressChanged, "UNSHIPPED").await;
    assert_ne!(moved["recipient"]["deliveryAddress"]["addressLine1"], was);
    let asked = step(Step::CancelAsked, "UNSHIPPED").await;
    assert!(asked.pointer("/orderItems/0/cancellation/cancellationRequest/requester").is_some());
    let part = step(Step::PartDispatched, "PARTIALLY_SHIPPED").await;
    assert_eq!(part["packages"].as_array().unwrap().len(), 1);
    let sent = step(Step::Dispatched, "SHIPPED").await;
    assert_eq!(sent["packages"].as_array().unwrap().len(), 2);
    let delivered = step(Step::Delivered, "SHIPPED").await;
    assert!(has(&delivered, RECIPIENT));
    let times: Vec<&str> =
        [&moved, &asked, &part, &sent, &delivered].iter().map(|o| o["lastUpdatedTime"].as_str().unwrap()).collect();
    assert!(times.is_sorted() && times.first() < times.last());
    amazon.clock.pass(Duration::days(31));
    amazon.renew().await;
    let old = order(&amazon, &id).await;
    assert!(
        !has(&old, RECIPIENT) && !has(&old, PHONE) && has(&old, TOWN),
        "thirty days after delivery the address is gone"
    );
}

#[tokio::test]
async fn the_telephone_number_ends_with_the_promised_day() {
    let amazon = Amazon::new(0).await;
    let id = amazon.shop.add_order(template(Story::Waiting, false));
    assert!(has(&order(&amazon, &id).await, PHONE));
    assert!(amazon.shop.let_happen(&id, Step::Dispatched));
    assert!(has(&order(&amazon, &id).await, PHONE));
    amazon.clock.pass(Duration::days(14));
    amazon.renew().await;
    let late = order(&amazon, &id).await;
    assert!(!has(&late, PHONE) && has(&late, RECIPIENT));
}
