//! What of a person is kept, and what never overwrites what.

use chrono::Duration;
use ordersync_core::{Actor, Opened};
use ordersync_order::OrderStatus;
use ordersync_testkit::{SampleOrder, last_page, sample_order};
use ordersync_types::{Clock, FieldState, Withheld};

use crate::setting::{SELLER, Setting, at, start};

fn opened<R: std::fmt::Debug>(opened: Opened<R>) -> R {
    let Opened::Present(record) = opened else { unreachable!("it can be opened: {opened:?}") };
    record
}

#[tokio::test]
async fn a_gap_never_overwrites_a_value_and_a_change_does() {
    for setting in Setting::each().await {
        let first = sample_order(1, start());
        let name = first.people.recipient.as_ref().unwrap().name.clone();
        setting.connector.push_page(last_page(vec![first.clone()], start()));
        setting.sync().await.unwrap();

        let mut second = first.clone();
        second.facts.updated_at = first.facts.updated_at + Duration::minutes(1);
        let recipient = second.people.recipient.as_mut().unwrap();
        recipient.name = FieldState::Withheld(Withheld::Age);
        recipient.city = FieldState::value("Wexcombe-under-Mire 4711");
        setting.connector.push_page(last_page(vec![second.clone()], start()));
        let report = setting.sync().await.unwrap();
        assert_eq!(report.counts.changed, 1, "{}", setting.fresh.kind);
        let held = opened(setting.recipient().await);
        assert_eq!(held.name, name);
        assert_eq!(held.city, FieldState::value("Wexcombe-under-Mire 4711"));

        // The first reading again: older than what is stored, so it is dropped whole.
        setting.connector.push_page(last_page(vec![first], start()));
        let report = setting.sync().await.unwrap();
        assert_eq!((report.counts.stale, report.counts.changed), (1, 0));
        assert_eq!(opened(setting.recipient().await).city, FieldState::value("Wexcombe-under-Mire 4711"));
        assert_eq!(setting.count("recipient").await, 1);
        let merges = "SELECT COUNT(*) FROM audit_entry WHERE action = 'people.merge'";
        assert_eq!(setting.core.store.number(false, merges).await, 1, "one entry for the batch that opened records");
    }
}

#[tokio::test]
async fn history_brings_facts_and_no_person() {
    for setting in Setting::each().await {
        let before = at("2026-06-01T00:00:00Z");
        let mut old = SampleOrder::new(1, before).status(OrderStatus::Shipped).build();
        old.facts.dispatched_at = Some(before);
        let mut waiting = SampleOrder::new(2, before).build();
        waiting.facts.status = OrderStatus::Unshipped;
        setting.connector.push_page(last_page(vec![old, waiting], start()));
        setting.sync().await.unwrap();
        let orders = setting.orders().await;
        let history: Vec<bool> = orders.iter().map(|order| order.history).collect();
        assert_eq!(history.iter().filter(|history| **history).count(), 1, "{}", setting.fresh.kind);
        assert_eq!(setting.count("recipient").await, 1, "an older order that is still to be packed is work");
    }
}

#[tokio::test]
async fn a_buyer_goes_with_the_last_of_their_orders() {
    for setting in Setting::each().await {
        let one = SampleOrder::new(1, start()).buyer(9).build();
        let two = SampleOrder::new(2, start()).buyer(9).build();
        let mut later = SampleOrder::new(3, start()).buyer(9).build();
        later.facts.deliver_by.latest = Some(start() + Duration::days(40));
        setting.connector.push_page(last_page(vec![one, two, later], start()));
        setting.sync().await.unwrap();
        assert_eq!((setting.count("buyer").await, setting.count("recipient").await), (1, 3), "{}", setting.fresh.kind);
        let orders = setting.orders().await;
        setting.clock.advance_to(start() + Duration::days(69));
        setting.core.run_retention().await.unwrap();
        assert_eq!((setting.count("buyer").await, setting.count("recipient").await), (1, 1));
        let actor = Actor::user("seller");
        let last = setting.orders().await.into_iter().find(|order| order.delivery_purged_at.is_none()).unwrap();
        opened(setting.core.open_buyer(&last, &actor).await.unwrap());
        setting.clock.advance_to(start() + Duration::days(71));
        setting.core.run_retention().await.unwrap();
        assert_eq!((setting.count("buyer").await, setting.count("recipient").await), (0, 0));
        for order in &orders {
            assert!(!matches!(setting.core.open_buyer(order, &actor).await.unwrap(), Opened::Present(_)));
        }
        // A new order of the same buyer begins a new record, under a key of its own.
        let mut new = SampleOrder::new(4, setting.clock.now()).buyer(9).build();
        new.facts.deliver_by.latest = Some(setting.clock.now() + Duration::days(3));
        setting.connector.push_page(last_page(vec![new], setting.clock.now()));
        setting.sync().await.unwrap();
        assert_eq!(setting.count("buyer").await, 1);
        let scopes = "SELECT COUNT(DISTINCT scope) FROM data_key WHERE class = 3 AND seller_id <> 0";
        assert_eq!(setting.core.store.number(true, scopes).await, 2);
    }
}

#[tokio::test]
async fn delivery_moves_the_purge_forward() {
    for setting in Setting::each().await {
        let mut order = sample_order(1, start());
        order.facts.deliver_by.latest = Some(start() + Duration::days(20));
        setting.connector.push_page(last_page(vec![order.clone()], start()));
        setting.sync().await.unwrap();
        let purge = "SELECT purge_after FROM recipient";
        let promised = setting.core.store.number(false, purge).await;
        assert_eq!(promised, (start() + Duration::days(50)).timestamp_millis());
        order.facts.status = OrderStatus::Delivered;
        order.facts.delivered_at = Some(start() + Duration::days(2));
        order.facts.updated_at = start() + Duration::days(2);
        order.people = ordersync_order::People::default();
        setting.clock.advance_to(start() + Duration::days(3));
        setting.connector.push_page(last_page(vec![order], setting.clock.now()));
        setting.sync().await.unwrap();
        assert_eq!(
            setting.core.store.number(false, purge).await,
            (start() + Duration::days(32)).timestamp_millis(),
            "{}",
            setting.fresh.kind
        );
    }
}

#[tokio::test]
async fn a_refund_or_a_return_after_delivery_keeps_no_address_for_longer() {
    use ordersync_order::{PaymentStatus, Refund};
    for setting in Setting::each().await {
        let mut order = sample_order(1, start());
        order.facts.status = OrderStatus::Unshipped;
        setting.connector.push_page(last_page(vec![order.clone()], start()));
        setting.sync().await.unwrap();
        order.facts.status = OrderStatus::Delivered;
        order.facts.delivered_at = Some(start() + Duration::days(2));
        order.facts.updated_at = start() + Duration::days(2);
        setting.clock.advance_to(start() + Duration::days(3));
        setting.connector.push_page(last_page(vec![order.clone()], setting.clock.now()));
        setting.sync().await.unwrap();
        let purge = "SELECT purge_after FROM recipient";
        let delivered = setting.core.store.number(false, purge).await;
        assert_eq!(delivered, (start() + Duration::days(32)).timestamp_millis(), "{}", setting.fresh.kind);
        // Weeks later the money goes back, and the order is told once more as not delivered.
        order.facts.updated_at = start() + Duration::days(25);
        order.facts.payment = PaymentStatus::FullyRefunded;
        let money = order.facts.grand_total.unwrap();
        let at = Some(start() + Duration::days(25));
        order.facts.refunds.push(Refund { money, at, reference: None, status: None });
        order.facts.delivered_at = None;
        setting.clock.advance_to(start() + Duration::days(26));
        setting.connector.push_page(last_page(vec![order], setting.clock.now()));
        setting.sync().await.unwrap();
        assert_eq!(setting.core.store.number(false, purge).await, delivered);
        setting.clock.advance_to(start() + Duration::days(33));
        setting.core.run_retention().await.unwrap();
        assert_eq!(setting.count("recipient").await, 0);
    }
}

#[tokio::test]
async fn a_search_opens_nothing_that_its_caller_may_not_see() {
    for setting in Setting::each().await {
        let order = sample_order(1, start());
        let name = order.people.recipient.as_ref().unwrap().name.get().unwrap().clone();
        setting.connector.push_page(last_page(vec![order], start()));
        setting.sync().await.unwrap();
        setting.core.fill_search_tags(100).await.unwrap();
        let openings = "SELECT COUNT(*) FROM audit_entry WHERE action = 'recipient.open'";
        let actor = Actor::user("packer");
        for (visible, found) in [(false, 0), (true, 1)] {
            let orders = setting.core.find_orders(SELLER, &name, &actor, |_| visible).await.unwrap();
            assert_eq!(orders.len(), found);
            let opened = setting.core.store.number(false, openings).await;
            assert_eq!(opened, i64::try_from(found).unwrap(), "{}", setting.fresh.kind);
        }
    }
}
