//! What must not leave: what nobody may label again, record as sent, or print once it was voided.

use chrono::Duration;
use ordersync_core::fulfilment::{DispatchWish, LabelWish};
use ordersync_core::{CoreError, LabelState, ShipmentState};
use ordersync_courier_api::Repeats;
use ordersync_order::{FulfilledBy, Order, OrderStatus, PaymentStatus, Programme, RawCode};
use ordersync_store::testing::FreshDatabases;
use ordersync_testkit::{SampleOrder, last_page};
use ordersync_types::{OrderId, Pii};

use crate::setting::{SELLER, Setting, start};
use crate::shop::{Shop, asked_to_cancel, of, packer};

type Change = fn(&mut Order);

/// A shop with an order for each change, and its id.
async fn shop_of(status: OrderStatus, changes: &[Change]) -> (Shop, Vec<OrderId>) {
    let orders: Vec<Order> = (1..)
        .filter(|number| number % 5 != 1)
        .zip(changes)
        .map(|(number, change)| {
            let mut order = SampleOrder::new(number, start()).status(status.clone()).build();
            change(&mut order);
            order
        })
        .collect();
    let numbers: Vec<String> = orders.iter().map(|order| order.facts.vendor_order_id.to_string()).collect();
    let setting = Setting::new(FreshDatabases::sqlite()).await;
    let shop = Shop::with(setting, orders, Repeats::ByKey).await;
    let stored = shop.setting.orders().await;
    let id = |number: &String| stored.iter().find(|order| order.vendor_order_id == *number).unwrap().order_id;
    let ids = numbers.iter().map(id).collect();
    (shop, ids)
}

fn sent(target: impl ToString) -> DispatchWish {
    DispatchWish { target: target.to_string(), carrier: None, service: None, tracking: None }
}

#[tokio::test]
async fn only_what_left_from_here_is_packed_once_more() {
    let cases: [(&str, Change); 10] = [
        ("", |_| ()),
        ("not open (cancelled)", |order| order.facts.status = OrderStatus::Cancelled),
        ("not open (unfulfillable)", |order| order.facts.status = OrderStatus::Unfulfillable),
        ("marketplace packs it", |order| order.facts.fulfilled_by = FulfilledBy::Fba),
        ("does not say who packs it", |order| order.facts.fulfilled_by = FulfilledBy::NotStated),
        ("Prime", |order| order.facts.programmes.push(Programme::Prime)),
        ("Ship+", |order| order.facts.lines[0].programmes.push(Programme::ShipPlus)),
        ("cancel is open", asked_to_cancel),
        ("all of the money went back", |order| order.facts.payment = PaymentStatus::FullyRefunded),
        ("before this installation", |order| order.facts.dispatched_at = Some(start() - Duration::days(20))),
    ];
    let changes: Vec<Change> = cases.iter().map(|(_, change)| *change).collect();
    let (shop, ids) = shop_of(OrderStatus::Shipped, &changes).await;
    for ((reason, _), id) in cases.into_iter().zip(&ids) {
        let outcome = shop.label(LabelWish { again: Some("lost".to_owned()), ..of(*id) }).await;
        match outcome {
            Ok(_) => assert_eq!(reason, "", "a label was made"),
            Err(refused) => {
                assert!(!reason.is_empty() && refused.message.contains(reason), "{reason}: {refused:?}");
                assert!(!refused.hint.contains("--again"), "{reason}: {refused:?}");
            }
        }
    }
    assert_eq!(shop.courier.told().len(), 1);
    // One that is held here does not go again either.
    let order = shop.setting.orders().await.into_iter().find(|order| order.order_id == ids[0]).unwrap();
    shop.core().hold_order(&order, &Pii::new("asks for another colour".to_owned()), &packer()).await.unwrap();
    let refused = shop.label(LabelWish { again: Some("lost".to_owned()), ..of(ids[0]) }).await.unwrap_err();
    assert!(refused.message.contains("holds it back"), "{refused:?}");
}

#[tokio::test]
async fn an_order_that_waits_is_not_recorded_as_sent() {
    let cases: [(&str, Change); 9] = [
        ("", |_| ()),
        // Its label is the marketplace's, and a person puts it on the parcel.
        ("", |order| order.facts.programmes.push(Programme::Prime)),
        ("not released", |order| order.facts.status = OrderStatus::Pending),
        ("payment is not settled", |order| order.facts.payment = PaymentStatus::Pending),
        ("all of the money went back", |order| order.facts.payment = PaymentStatus::FullyRefunded),
        ("marketplace packs it", |order| order.facts.fulfilled_by = FulfilledBy::Marketplace(RawCode::new("X"))),
        ("CANCELLED", |order| order.facts.status = OrderStatus::Cancelled),
        ("CANCEL", asked_to_cancel),
        ("it has left", |order| order.facts.status = OrderStatus::Shipped),
    ];
    let changes: Vec<Change> = cases.iter().map(|(_, change)| *change).collect();
    let (shop, ids) = shop_of(OrderStatus::Unshipped, &changes).await;
    for ((reason, _), id) in cases.into_iter().zip(&ids) {
        let outcome = shop.core().dispatch(SELLER, &sent(id), &packer()).await;
        match outcome {
            Ok(outcome) => assert!(reason.is_empty() && outcome.recorded, "{reason}: {outcome:?}"),
            Err(CoreError::Refused { message, .. }) => {
                assert!(!reason.is_empty() && message.contains(reason), "{reason}: {message}");
            }
            Err(other) => panic!("{reason}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_parcel_whose_order_is_stopped_after_its_label_does_not_leave() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let order = shop.setting.only_order().await;
        let reference = shop.made(order.order_id).await;
        shop.core().hold_order(&order, &Pii::new("wrong colour".to_owned()), &packer()).await.unwrap();
        let refused = shop.core().dispatch(SELLER, &sent(reference), &packer()).await.unwrap_err();
        assert!(refused.to_string().contains("holds it back"), "{refused}");
        shop.core().release_order(&order, &packer()).await.unwrap();
        let mut refunded = SampleOrder::new(4, start() + Duration::hours(1)).build();
        refunded.facts.payment = PaymentStatus::FullyRefunded;
        shop.setting.connector.push_page(last_page(vec![refunded], start() + Duration::hours(1)));
        shop.setting.clock.advance_to(start() + Duration::hours(2));
        shop.setting.sync().await.unwrap();
        let refused = shop.core().dispatch(SELLER, &sent(reference), &packer()).await.unwrap_err();
        assert!(refused.to_string().contains("all of the money went back"), "{refused}");
        assert_eq!(shop.state(reference).await.0, ShipmentState::Labelled);
    }
}

#[tokio::test]
async fn a_label_that_is_voided_while_the_courier_makes_it_is_taken_back() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let id = shop.ids().await[0];
        let call = shop.courier.pause_next();
        let (wishes, actor) = ([of(id)], packer());
        let meanwhile = async {
            call.came.await.unwrap();
            let reference = shop.courier.told()[0].reference;
            for refused in [
                shop.core().void_label(SELLER, &reference, &actor).await.map(|_| ()),
                shop.core().dispatch(SELLER, &sent(reference), &actor).await.map(|_| ()),
            ] {
                assert!(refused.unwrap_err().to_string().contains("is being made"));
            }
            // Nobody thinks any more that an answer comes.
            shop.advance(Duration::minutes(6)).await;
            shop.core().void_label(SELLER, &reference, &actor).await.unwrap();
            call.go.send(()).unwrap();
            reference
        };
        let (made, reference) = tokio::join!(shop.core().create_labels(SELLER, &wishes, &actor), meanwhile);
        let refused = made.unwrap().remove(0).unwrap_err();
        assert!(refused.message.contains("was voided while its label was made"), "{refused:?}");
        assert_eq!(shop.state(reference).await, (ShipmentState::Cancelled, LabelState::None));
        assert_eq!(shop.bytes(reference).await, None);
        let voided = shop.courier.voided();
        assert_eq!(voided.len(), 1, "the courier is told that nobody wants it");
        assert_eq!(voided[0].shipment_id, Some(format!("S-{reference}")));
        shop.made(id).await;
    }
}

#[tokio::test]
async fn a_label_is_voided_once() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let reference = shop.made(shop.ids().await[0]).await;
        let (one, other) = (packer(), packer());
        let core = shop.core();
        let (one, other) =
            tokio::join!(core.void_label(SELLER, &reference, &one), core.void_label(SELLER, &reference, &other));
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|done| **done).count(), 1);
        let entries = "SELECT COUNT(*) FROM audit_entry WHERE action = 'label.void'";
        assert_eq!(shop.core().store.number(false, entries).await, 1);
    }
}
