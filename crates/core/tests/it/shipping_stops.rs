//! What must not leave: what nobody may label again, record as sent, or print once it was voided.

use chrono::Duration;
use ordersync_core::fulfilment::{Again, DispatchWish, LabelWish, Pieces};
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
        let outcome = shop.label(LabelWish { again: Some(Again::Lost), ..of(*id) }).await;
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
    let refused = shop.label(LabelWish { again: Some(Again::Lost), ..of(ids[0]) }).await.unwrap_err();
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

#[tokio::test]
async fn a_void_that_was_cut_off_leaves_no_label_to_print_and_can_be_repeated() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let reference = shop.made(shop.ids().await[0]).await;
        // As if the process had died before the key was destroyed.
        shop.core().store.run_raw(false, "UPDATE shipment SET state = 'cancelled', failure = 'voided'").await;
        assert!(shop.refusal(reference).await.unwrap().contains("was voided"));
        assert_eq!(shop.bytes(reference).await, None);
        shop.core().void_label(SELLER, &reference, &packer()).await.unwrap();
        assert_eq!(shop.state(reference).await, (ShipmentState::Cancelled, LabelState::Voided));
        let keys = "SELECT COUNT(*) FROM data_key WHERE class = 1 AND seller_id <> 0 AND state = 'active'";
        assert_eq!(shop.core().store.number(true, keys).await, 0);
        assert!(shop.core().void_label(SELLER, &reference, &packer()).await.is_err());
    }
}

#[tokio::test]
async fn an_order_packed_once_more_is_not_packed_a_third_time() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let id = shop.ids().await[0];
        let again = || LabelWish { again: Some(Again::Damaged), ..of(id) };
        let ready = || async { shop.core().ready_orders(SELLER).await.unwrap().len() };
        let first = shop.made(id).await;
        shop.label(again()).await.unwrap();
        shop.core().void_label(SELLER, &first, &packer()).await.unwrap();
        assert_eq!(ready().await, 0, "the second label holds its pieces now");
        assert!(shop.label(of(id)).await.is_err());
    }
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let id = shop.ids().await[0];
        let made = shop.label(LabelWish { again: Some(Again::Damaged), ..of(id) }).await.unwrap().reference;
        assert_eq!(shop.core().store.shipment(SELLER, &made).await.unwrap().unwrap().again, None, "it was the first");
        assert_eq!(shop.core().ready_orders(SELLER).await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_parcel_with_an_old_address_does_not_leave() {
    let orders = || {
        let first = SampleOrder::new(4, start()).build();
        let mut second = SampleOrder::new(8, start()).build();
        second.people.recipient = first.people.recipient.clone();
        vec![first, second]
    };
    for shop in Shop::each(orders).await {
        let ids = shop.ids().await;
        let together = LabelWish { orders: ids.clone(), parcels: 1, ..LabelWish::default() };
        let reference = shop.label(together).await.unwrap().reference;
        assert_eq!(shop.refusal(reference).await, None);
        let mut moved = orders().remove(1);
        moved.facts.updated_at += Duration::hours(1);
        moved.people.recipient.as_mut().unwrap().address_line1 = ordersync_types::FieldState::value("9 Other Lane");
        shop.setting.connector.push_page(last_page(vec![moved], start() + Duration::hours(1)));
        shop.setting.clock.advance_to(start() + Duration::hours(2));
        shop.setting.sync().await.unwrap();
        assert!(shop.refusal(reference).await.unwrap().contains("the address has changed"), "of the second order");
        let refused = shop.core().dispatch(SELLER, &sent(reference), &packer()).await.unwrap_err();
        assert!(refused.to_string().contains("the address has changed"), "{refused}");
    }
}

#[tokio::test]
async fn a_tracking_number_that_comes_after_the_scan_is_kept() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let id = shop.ids().await[0];
        assert!(shop.core().dispatch(SELLER, &sent(id), &packer()).await.unwrap().recorded);
        let with = |tracking: &str| DispatchWish { tracking: Some(tracking.to_owned()), ..sent(id) };
        let noted = shop.core().dispatch(SELLER, &with("TT1"), &packer()).await.unwrap();
        assert_eq!((noted.recorded, noted.shipment.tracking.as_deref()), (true, Some("TT1")));
        assert!(!shop.core().dispatch(SELLER, &with("TT1"), &packer()).await.unwrap().recorded, "it is there");
        assert!(!shop.core().dispatch(SELLER, &sent(id), &packer()).await.unwrap().recorded);
        let other = shop.core().dispatch(SELLER, &with("TT2"), &packer()).await.unwrap_err();
        assert!(other.to_string().contains("TT1 already"), "{other}");
        let held = shop.core().store.shipment(SELLER, &noted.shipment.reference).await.unwrap().unwrap();
        assert_eq!(held.tracking.as_deref(), Some("TT1"));
    }
}

#[tokio::test]
async fn pieces_are_recorded_as_sent_once_whoever_is_first() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build()]).await {
        let id = shop.ids().await[0];
        let (one, other, wish) = (packer(), packer(), sent(id));
        let core = shop.core();
        let (one, other) = tokio::join!(core.dispatch(SELLER, &wish, &one), core.dispatch(SELLER, &wish, &other));
        let recorded = [one, other].iter().filter(|done| done.as_ref().is_ok_and(|done| done.recorded)).count();
        assert_eq!((recorded, shop.setting.count("shipment").await), (1, 1));
    }
}

#[tokio::test]
async fn what_is_named_twice_is_refused_by_itself() {
    for shop in Shop::each(|| vec![SampleOrder::new(4, start()).build(), SampleOrder::new(8, start()).build()]).await {
        let ids = shop.ids().await;
        let line = SampleOrder::new(4, start()).build().facts.lines[0].vendor_line_id.to_string();
        let piece = || Pieces { vendor_line_id: line.clone(), quantity: 1 };
        let wishes = [
            LabelWish { orders: vec![ids[0], ids[0]], ..of(ids[0]) },
            LabelWish { pieces: Some(vec![piece(), piece()]), ..of(ids[0]) },
            of(ids[1]),
        ];
        let outcomes = shop.core().create_labels(SELLER, &wishes, &packer()).await.unwrap();
        for twice in &outcomes[..2] {
            assert!(twice.as_ref().unwrap_err().message.contains("named twice"), "{twice:?}");
        }
        assert!(outcomes[2].is_ok());
    }
}

#[tokio::test]
async fn an_address_typed_while_a_page_is_under_way_stands() {
    let setting = Setting::new(FreshDatabases::sqlite()).await;
    let shop = Shop::with(setting, vec![SampleOrder::new(4, start()).build()], Repeats::ByKey).await;
    // A person types an address between the page's reading and its writing.
    let typed = "CREATE TRIGGER typed BEFORE UPDATE ON orders BEGIN \
                 UPDATE recipient SET row_version = row_version + 1, typed_at = 1, key_id = 7; END";
    shop.core().store.run_raw(false, typed).await;
    let mut newer = SampleOrder::new(4, start() + Duration::hours(1)).build();
    newer.people.recipient.as_mut().unwrap().city = ordersync_types::FieldState::value("Wrongham");
    shop.setting.connector.push_page(last_page(vec![newer], start() + Duration::hours(1)));
    shop.setting.clock.advance_to(start() + Duration::hours(2));
    shop.setting.sync().await.unwrap();
    assert_eq!(shop.core().store.number(false, "SELECT key_id FROM recipient").await, 7);
}
