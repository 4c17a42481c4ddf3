//! Labels: what is told and written down, what is never bought twice, and what is gone on day 21.

use chrono::Duration;
use ordersync_core::fulfilment::{Again, DispatchWish, FulfilmentSettings, LabelOutcome, LabelWish, Pieces};
use ordersync_core::{
    Actor, CoreError, DisclosureFilter, KeyRing, LabelState, NewLabelCopy, ShipmentState, TypedAddress,
};
use ordersync_courier_api::Repeats;
use ordersync_order::{OrderStatus, Programme, Recipient};
use ordersync_testkit::{SampleOrder, last_page};
use ordersync_types::{Clock, FieldState, OrderId, Pii, ShipmentRef};

use crate::setting::{SELLER, Setting, at, start};
use crate::shop::{Shop, asked_to_cancel, of, packer, settings};

fn one() -> Vec<ordersync_order::Order> {
    vec![SampleOrder::new(4, start()).build()]
}

#[tokio::test]
async fn a_label_holds_what_the_service_needs_and_the_disclosure_names_it() {
    for shop in Shop::each(one).await {
        let id = shop.ids().await[0];
        let reference = shop.made(id).await;
        let told = shop.courier.told();
        let fields: Vec<&str> = told[0].to.told().map(|field| field.name()).collect();
        assert_eq!(fields, ["name", "company", "address_line1", "address_line2", "city", "postcode"]);
        let filter = DisclosureFilter { order: Some(id), limit: 10, ..DisclosureFilter::default() };
        let handed = shop.core().store.disclosures(SELLER, &filter).await.unwrap();
        assert_eq!(handed.len(), 1);
        assert_eq!(handed[0].fields, "name company address_line1 address_line2 city postcode country");
        assert_eq!((handed[0].recipient.as_str(), handed[0].purpose.as_str()), ("scripted", "label (usual)"));
        // Neither phone, e-mail nor note of this order, which has every field, is in the label.
        let order = SampleOrder::new(4, start()).build();
        let recipient = order.people.recipient.unwrap();
        let text = String::from_utf8(shop.bytes(reference).await.unwrap()).unwrap();
        assert!(text.contains(recipient.name.get().unwrap().expose().as_str()));
        for hidden in [&recipient.phone, &recipient.email, &recipient.buyer_note, &recipient.region] {
            assert!(!text.contains(hidden.get().unwrap().expose().as_str()));
        }
    }
}

#[tokio::test]
async fn pieces_are_packed_once_unless_somebody_says_why() {
    for shop in Shop::each(one).await {
        let id = shop.ids().await[0];
        // Two people press the same button.
        let core = shop.core();
        let (one, other) = (of(id), of(id));
        let (buttons, more) = (packer(), Actor::user("other"));
        let (one, other) = tokio::join!(
            core.create_labels(SELLER, std::slice::from_ref(&one), &buttons),
            core.create_labels(SELLER, std::slice::from_ref(&other), &more)
        );
        let made: Vec<LabelOutcome> = [one.unwrap().remove(0), other.unwrap().remove(0)].into();
        assert_eq!(made.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{made:?}");
        let refused = shop.label(of(id)).await.unwrap_err();
        assert!(refused.message.contains("another shipment"), "{refused:?}");
        assert_eq!(shop.courier.told().len(), 1, "the courier was asked once");
        let again = LabelWish { again: Some(Again::Lost), ..of(id) };
        let second = shop.label(again).await.unwrap().reference;
        assert_eq!(shop.core().store.shipment(SELLER, &second).await.unwrap().unwrap().again.as_deref(), Some("lost"));
    }
}

#[tokio::test]
async fn an_order_is_split_and_its_pieces_are_counted() {
    let orders = || {
        let mut order = SampleOrder::new(5, start()).build();
        order.facts.lines.truncate(1);
        order.facts.lines[0].quantity = 5;
        order.facts.lines[0].quantity_dispatched = Some(0);
        vec![order]
    };
    for shop in Shop::each(orders).await {
        let id = shop.ids().await[0];
        let line = orders().remove(0).facts.lines[0].vendor_line_id.to_string();
        let part = |quantity| LabelWish {
            pieces: Some(vec![Pieces { vendor_line_id: line.clone(), quantity }]),
            parcels: 2,
            ..of(id)
        };
        let first = shop.label(part(2)).await.unwrap().reference;
        assert_eq!(shop.courier.told()[0].parcels.len(), 2);
        let refused = shop.label(part(4)).await.unwrap_err();
        assert!(refused.message.contains("has 3 pieces left"), "{}", refused.message);
        for wrong in [0, -1] {
            assert!(shop.label(part(wrong)).await.is_err());
        }
        shop.label(part(3)).await.unwrap();
        assert!(shop.label(of(id)).await.is_err(), "all five are packed");
        // A voided label frees its pieces.
        shop.core().void_label(SELLER, &first, &packer()).await.unwrap();
        assert_eq!(shop.state(first).await, (ShipmentState::Cancelled, LabelState::Voided));
        shop.label(part(2)).await.unwrap();
        let keys = "SELECT COUNT(*) FROM data_key WHERE class = 1 AND state = 'destroyed'";
        assert_eq!(shop.core().store.number(true, keys).await, 1, "a voided label's key is destroyed at once");
    }
}

#[tokio::test]
async fn a_slip_says_what_is_in_its_own_parcel() {
    let orders = || {
        let mut order = SampleOrder::new(2, start()).build();
        order.people.recipient.as_mut().unwrap().gift_message.clear();
        order.facts.lines[0].quantity = 5;
        for line in &mut order.facts.lines {
            line.quantity_dispatched = Some(0);
        }
        vec![order]
    };
    for shop in Shop::each(orders).await {
        let id = shop.ids().await[0];
        let slips = || async {
            let filter = ordersync_core::OrderFilter { limit: 1, ..Default::default() };
            let order = shop.core().store.full_orders(SELLER, &filter).await.unwrap();
            shop.core().packing_slips(SELLER, &order, false, &packer()).await.unwrap()
        };
        let whole = slips().await;
        assert_eq!((whole.len(), whole[0].lines[0].quantity, whole[0].reference), (1, 5, None));
        assert!(whole[0].lines.len() > 1 && whole[0].total.is_some());
        let line = orders().remove(0).facts.lines[0].vendor_line_id.to_string();
        let two = LabelWish { pieces: Some(vec![Pieces { vendor_line_id: line, quantity: 2 }]), ..of(id) };
        let first = shop.label(two).await.unwrap().reference;
        // Ids of one moment have no order.
        shop.advance(Duration::seconds(1)).await;
        let rest = shop.made(id).await;
        let both = slips().await;
        let told: Vec<_> = both.iter().map(|slip| (slip.reference, slip.lines[0].quantity)).collect();
        assert_eq!(told, [(Some(first), 2), (Some(rest), 3)]);
        assert!(both.iter().all(|slip| slip.total.is_none() && slip.lines[0].price.is_none()), "no price of a part");
        assert_eq!((both[0].lines.len(), both[1].lines.len()), (1, whole[0].lines.len()));
        shop.core().void_label(SELLER, &first, &packer()).await.unwrap();
        let left = slips().await;
        assert_eq!((left.len(), left[0].reference), (1, Some(rest)), "no slip of a parcel that was voided");
    }
}

#[tokio::test]
async fn orders_to_one_address_share_a_parcel_and_others_do_not() {
    let orders = || {
        let first = SampleOrder::new(4, start()).build();
        let mut second = SampleOrder::new(8, start()).build();
        second.people.recipient = first.people.recipient.clone();
        second.facts.destination = first.facts.destination;
        vec![first, second, SampleOrder::new(12, start()).build()]
    };
    for shop in Shop::each(orders).await {
        let ids = shop.ids().await;
        let together = |orders: Vec<OrderId>| LabelWish { orders, parcels: 1, ..LabelWish::default() };
        let refused = shop.label(together(vec![ids[0], ids[2]])).await.unwrap_err();
        assert!(refused.message.contains("another address"), "{}", refused.message);
        let made = shop.label(together(vec![ids[0], ids[1]])).await.unwrap();
        assert_eq!(made.orders.len(), 2);
        assert_eq!(shop.courier.told().len(), 1);
        let filter = DisclosureFilter { order: Some(ids[1]), limit: 5, ..DisclosureFilter::default() };
        assert_eq!(shop.core().store.disclosures(SELLER, &filter).await.unwrap().len(), 1);
        assert!(shop.label(of(ids[1])).await.is_err(), "it is packed");
    }
}

#[tokio::test]
async fn what_is_not_ours_to_label_says_why() {
    type Change = fn(&mut ordersync_order::Order);
    let cases: [(&str, Change); 8] = [
        ("Prime", |order| order.facts.programmes.push(Programme::Prime)),
        ("Ship+", |order| order.facts.programmes.push(Programme::ShipPlus)),
        ("fetches it", |order| order.facts.programmes.push(Programme::InStorePickup)),
        ("provides its label", |order| order.facts.programmes.push(Programme::MarketplaceLabel)),
        ("not released", |order| order.facts.status = OrderStatus::Pending),
        ("pre-order", |order| order.facts.status = OrderStatus::PreOrder),
        ("marketplace packs it", |order| order.facts.fulfilled_by = ordersync_order::FulfilledBy::Fba),
        ("cancel is open", asked_to_cancel),
    ];
    let orders = || {
        cases.iter().zip(1..).map(|((_, change), number)| {
            let mut order = SampleOrder::new(number, start()).build();
            change(&mut order);
            order
        })
    };
    let setting = Setting::new(ordersync_store::testing::FreshDatabases::sqlite()).await;
    let shop = Shop::with(setting, orders().collect(), Repeats::ByKey).await;
    let stored = shop.setting.orders().await;
    for ((reason, _), order) in cases.iter().zip(orders()) {
        let number = order.facts.vendor_order_id.as_str();
        let id = stored.iter().find(|stored| stored.vendor_order_id == number).unwrap().order_id;
        let refused = shop.label(of(id)).await.unwrap_err();
        assert!(refused.message.contains(reason), "{reason}: {}", refused.message);
    }
    assert!(shop.courier.told().is_empty());
}

#[tokio::test]
async fn a_reprint_gives_the_same_bytes_until_day_21_and_then_names_the_rule() {
    for shop in Shop::each(one).await {
        let id = shop.ids().await[0];
        let made_at = shop.setting.clock.now();
        let reference = shop.made(id).await;
        let first = shop.bytes(reference).await.unwrap();
        for days in [10, 10] {
            shop.advance(Duration::days(days)).await;
            shop.core().run_retention().await.unwrap();
            assert_eq!(shop.refusal(reference).await, None);
            assert_eq!(shop.bytes(reference).await.as_ref(), Some(&first));
        }
        shop.setting.clock.advance_to(made_at + Duration::days(21) - Duration::minutes(1));
        shop.core().run_retention().await.unwrap();
        assert_eq!(shop.bytes(reference).await.as_ref(), Some(&first), "20 d 23 h 59 m");
        shop.setting.clock.advance_to(made_at + Duration::days(21) + Duration::minutes(1));
        // The purge has not reached it yet, and still nobody can read it.
        assert_eq!(shop.bytes(reference).await, None, "21 d 0 h 1 m");
        assert!(shop.refusal(reference).await.unwrap().contains("kept for 21 days"));
        let report = shop.core().run_retention().await.unwrap().unwrap();
        let labels = report.classes.iter().find(|class| class.class.name() == "label").unwrap();
        assert_eq!((labels.due, labels.destroyed), (1, 1));
        assert_eq!(shop.state(reference).await, (ShipmentState::Labelled, LabelState::Purged));
        assert_eq!(shop.courier.told().len(), 1, "nobody was asked again");
        // A parcel may leave after its label is purged.
        let wish = DispatchWish { target: reference.to_string(), carrier: None, service: None, tracking: None };
        assert!(shop.core().dispatch(SELLER, &wish, &packer()).await.unwrap().recorded);
        // A new label is possible while the address is lawfully held.
        shop.label(LabelWish { again: Some(Again::Lost), ..of(id) }).await.unwrap();
        shop.advance(Duration::days(60)).await;
        shop.core().run_retention().await.unwrap();
        let refused = shop.label(LabelWish { again: Some(Again::Lost), ..of(id) }).await.unwrap_err();
        assert!(refused.message.contains("the address was deleted on"), "{}", refused.message);
    }
}

#[tokio::test]
async fn the_proof_counts_copies_outside_and_names_what_no_purge_reaches() {
    for shop in Shop::each(one).await {
        let reference = shop.made(shop.ids().await[0]).await;
        let path = Pii::new("/home/packer/label.pdf".to_owned());
        let new = NewLabelCopy { labels: &[reference], slips: &[], path, sha256: Some("00"), replaces: None };
        shop.core().note_label_copy(SELLER, new, &packer()).await.unwrap();
        shop.advance(Duration::days(21) + Duration::minutes(1)).await;
        let report = shop.core().run_retention().await.unwrap().unwrap();
        assert_eq!(report.copies_outside, Some(1));
        let run = shop.core().store.retention_runs(9).await.unwrap().into_iter().find(|run| run.class == "label");
        let run = run.unwrap();
        assert_eq!(run.outside, Some(1));
        let physical = run.physical.unwrap();
        let beyond = shop.core().beyond_reach();
        if shop.core().store.keys.kind() == "postgres" {
            assert!(physical.contains("write-ahead log up to 0/"), "{physical}");
            assert!(beyond.contains("write-ahead log"), "{beyond}");
        } else {
            assert!(physical.contains("copied back and emptied"), "{physical}");
            assert!(!beyond.contains("write-ahead log"), "{beyond}");
        }
    }
}

#[tokio::test]
async fn a_copy_is_noted_before_it_is_written_and_again_when_it_is() {
    for shop in Shop::each(one).await {
        let core = shop.core();
        let labels = [shop.made(shop.ids().await[0]).await];
        let new = |sha256, replaces| NewLabelCopy {
            labels: &labels,
            slips: &[],
            path: Pii::new("/home/packer/label.pdf".to_owned()),
            sha256,
            replaces,
        };
        let cut_off = core.note_label_copy(SELLER, new(None, None), &packer()).await.unwrap();
        let begun = core.note_label_copy(SELLER, new(None, None), &packer()).await.unwrap();
        let whole = core.note_label_copy(SELLER, new(Some("00"), begun), &packer()).await.unwrap();
        assert!(core.forget_label_copy(SELLER, whole.unwrap(), "missing", &Actor::user("seller")).await.is_err());
        shop.advance(Duration::days(21) + Duration::minutes(1)).await;
        let due = core.label_copies_due(SELLER, &packer()).await.unwrap();
        let due: Vec<_> = due.iter().map(|copy| (Some(copy.id), copy.sha256.is_some())).collect();
        assert_eq!(due, [(whole, true), (cut_off, false)], "what can be deleted first");
        core.forget_label_copy(SELLER, cut_off.unwrap(), "missing", &packer()).await.unwrap();
        assert_eq!(shop.setting.count("label_copy").await, 1);
    }
}

#[tokio::test]
async fn a_copy_of_packing_slips_is_due_as_a_label_is() {
    for shop in Shop::each(one).await {
        let order = shop.ids().await[0];
        let path = || Pii::new("/home/packer/slips.pdf".to_owned());
        let note = |orders: Vec<OrderId>| {
            let core = shop.core().clone();
            async move {
                let new =
                    NewLabelCopy { labels: &[], slips: &orders, path: path(), sha256: Some("00"), replaces: None };
                core.note_label_copy(SELLER, new, &packer()).await
            }
        };
        note(vec![order]).await.unwrap();
        assert!(note(Vec::new()).await.is_err());
        assert!(shop.core().label_copies_due(SELLER, &packer()).await.unwrap().is_empty());
        shop.advance(Duration::days(21) + Duration::minutes(1)).await;
        let due = shop.core().label_copies_due(SELLER, &packer()).await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].path, path());
        let others = shop.core().label_copies_due(SELLER, &Actor::user("seller")).await.unwrap();
        assert!(others.is_empty(), "it is the packer's");
    }
}

#[tokio::test]
async fn a_label_that_was_kept_for_less_says_for_how_long() {
    let setting = Setting::new(ordersync_store::testing::FreshDatabases::sqlite()).await;
    let shop = Shop::with(setting, one(), Repeats::ByKey).await;
    shop.core().set_fulfilment(FulfilmentSettings { label_days: 7, ..settings(&shop.courier) });
    let reference = shop.made(shop.ids().await[0]).await;
    shop.advance(Duration::days(7)).await;
    assert!(shop.refusal(reference).await.unwrap().contains("kept for 7 days"));
}

#[tokio::test]
async fn an_unclear_outcome_is_settled_as_the_courier_allows() {
    for (repeats, state, asked) in [
        (Repeats::ByKey, ShipmentState::Labelled, 2),
        (Repeats::ByLookUp, ShipmentState::Labelled, 1),
        (Repeats::Never, ShipmentState::Unknown, 1),
    ] {
        for setting in Setting::each().await {
            let shop = Shop::with(setting, one(), repeats).await;
            let id = shop.ids().await[0];
            shop.courier.push_failure(true);
            let refused = shop.label(of(id)).await.unwrap_err();
            assert!(refused.unclear, "{refused:?}");
            // As if the process had died before it could write the outcome down.
            shop.core().store.run_raw(false, "UPDATE shipment SET state = 'requested', failure = NULL").await;
            assert_eq!(shop.core().recover_labels(SELLER).await.unwrap(), 0, "it may be under way still");
            shop.advance(Duration::minutes(6)).await;
            let shop = shop.restarted().await;
            assert_eq!(shop.core().recover_labels(SELLER).await.unwrap(), 1);
            let shipment = shop.core().store.shipments_of(SELLER, &[id]).await.unwrap().remove(0);
            assert_eq!((shipment.state, shop.courier.told().len()), (state, asked), "{repeats:?}");
            assert!(shop.label(of(id)).await.is_err(), "no second label for the same pieces");
            let references: Vec<ShipmentRef> = shop.courier.told().iter().map(|told| told.reference).collect();
            assert!(references.iter().all(|reference| *reference == shipment.reference));
        }
    }
}

#[tokio::test]
async fn a_clear_failure_leaves_the_pieces_free() {
    for shop in Shop::each(one).await {
        let id = shop.ids().await[0];
        shop.courier.push_failure(false);
        let refused = shop.label(of(id)).await.unwrap_err();
        assert!(!refused.unclear && refused.message.contains("the line went dead"));
        shop.made(id).await;
    }
}

#[tokio::test]
async fn a_typed_address_destroys_the_old_one_and_makes_its_labels_stale() {
    for shop in Shop::each(one).await {
        let order = shop.setting.only_order().await;
        let reference = shop.made(order.order_id).await;
        let typed = TypedAddress {
            recipient: Recipient {
                name: FieldState::value("Grace Invented"),
                address_line1: FieldState::value("2 Other Lane"),
                city: FieldState::value("Elsewick"),
                postcode: FieldState::value("ZZ2 2ZZ"),
                ..Recipient::default()
            },
            country: "IE".parse().unwrap(),
        };
        shop.core().type_address(&order, &typed, &packer()).await.unwrap();
        let keys = "SELECT COUNT(*) FROM data_key WHERE class = 2 AND seller_id <> 0 AND state = ";
        assert_eq!(shop.core().store.number(true, &format!("{keys} 'destroyed'")).await, 1);
        assert!(shop.refusal(reference).await.unwrap().contains("the address has changed"));
        shop.core().void_label(SELLER, &reference, &packer()).await.unwrap();
        shop.made(order.order_id).await;
        let told = shop.courier.told().pop().unwrap();
        assert_eq!(told.to.country.code(), "IE");
        assert_eq!(told.to.get(ordersync_courier_api::DestinationField::City).unwrap().expose(), "Elsewick");
        // A newer reading with another address changes nothing.
        let mut newer = SampleOrder::new(4, start() + Duration::hours(1)).build();
        newer.people.recipient.as_mut().unwrap().city = FieldState::value("Wrongham");
        shop.setting.connector.push_page(last_page(vec![newer], start() + Duration::hours(1)));
        shop.setting.clock.advance_to(start() + Duration::hours(2));
        shop.setting.sync().await.unwrap();
        let ordersync_core::Opened::Present(held) = shop.setting.recipient().await else { panic!("it is held") };
        assert_eq!(held.city, FieldState::value("Elsewick"));
        assert!(held.gift_message.iter().any(|note| note.text.is_given()), "what is no address stays");
    }
}

#[tokio::test]
async fn a_cancelled_order_is_refused_loudly_wherever_it_is_scanned() {
    for shop in Shop::each(one).await {
        let id = shop.ids().await[0];
        let reference = shop.made(id).await;
        let mut cancelled = SampleOrder::new(4, start() + Duration::hours(1)).build();
        cancelled.facts.status = OrderStatus::Cancelled;
        shop.setting.connector.push_page(last_page(vec![cancelled], start() + Duration::hours(1)));
        shop.setting.clock.advance_to(start() + Duration::hours(2));
        shop.setting.sync().await.unwrap();
        let wish = DispatchWish { target: reference.to_string(), carrier: None, service: None, tracking: None };
        let refused = shop.core().dispatch(SELLER, &wish, &packer()).await.unwrap_err();
        assert!(matches!(&refused, CoreError::Refused { message, .. } if message.contains("CANCELLED")), "{refused}");
        assert!(shop.refusal(reference).await.unwrap().contains("CANCELLED"));
    }
}

#[tokio::test]
async fn a_parcel_that_left_by_the_marketplaces_word_no_longer_waits() {
    for shop in Shop::each(one).await {
        let id = shop.ids().await[0];
        let reference = shop.made(id).await;
        let again = LabelWish { again: Some(Again::SparePart), ..of(id) };
        let spare = shop.label(again).await.unwrap().reference;
        assert_eq!(shop.core().follow_dispatches(SELLER).await.unwrap(), 0);
        let shipped = SampleOrder::new(4, start() + Duration::hours(1)).status(OrderStatus::Shipped).build();
        shop.setting.connector.push_page(last_page(vec![shipped], start() + Duration::hours(1)));
        shop.setting.clock.advance_to(start() + Duration::hours(2));
        shop.setting.sync().await.unwrap();
        assert_eq!(shop.core().follow_dispatches(SELLER).await.unwrap(), 1);
        assert_eq!(shop.state(reference).await, (ShipmentState::Dispatched, LabelState::Present));
        assert_eq!(shop.state(spare).await.0, ShipmentState::Labelled, "the spare part has not left");

        assert_eq!(shop.core().follow_deliveries(SELLER).await.unwrap(), 0);
        let arrived = SampleOrder::new(4, start() + Duration::hours(3)).status(OrderStatus::Delivered).build();
        shop.setting.connector.push_page(last_page(vec![arrived], start() + Duration::hours(3)));
        shop.setting.clock.advance_to(start() + Duration::hours(4));
        shop.setting.sync().await.unwrap();
        assert_eq!(shop.core().follow_deliveries(SELLER).await.unwrap(), 1);
        assert_eq!(shop.state(reference).await, (ShipmentState::Delivered, LabelState::Present));
        let wish = DispatchWish { target: reference.to_string(), carrier: None, service: None, tracking: None };
        assert!(!shop.core().dispatch(SELLER, &wish, &packer()).await.unwrap().recorded, "it is there");
        assert!(shop.core().void_label(SELLER, &reference, &packer()).await.is_err());
    }
}

#[tokio::test]
async fn holds_and_notes_are_sealed_and_go_with_the_address() {
    for shop in Shop::each(one).await {
        let order = shop.setting.only_order().await;
        let reason = Pii::new("waiting for Ada to say which colour".to_owned());
        shop.core().hold_order(&order, &reason, &packer()).await.unwrap();
        let refused = shop.label(of(order.order_id)).await.unwrap_err();
        assert!(refused.message.contains("packer holds it back"), "{}", refused.message);
        let notes = shop.core().open_notes(SELLER, &[order.order_id], &packer()).await.unwrap();
        assert_eq!(notes[0].text, reason);
        shop.core().release_order(&order, &packer()).await.unwrap();
        assert!(shop.core().release_order(&order, &packer()).await.is_err());
        shop.made(order.order_id).await;
        shop.advance(Duration::days(95)).await;
        shop.core().run_retention().await.unwrap();
        for table in ["order_note", "recipient", "label"] {
            assert_eq!(shop.setting.count(table).await, 0, "{table}");
        }
        let active = "SELECT COUNT(*) FROM data_key WHERE class IN (1, 2) AND seller_id <> 0 AND state = 'active'";
        assert_eq!(shop.core().store.number(true, active).await, 0);
    }
}

#[tokio::test]
async fn an_older_installation_gets_the_canary_of_the_new_class() {
    for setting in Setting::each().await {
        setting.core.store.run_raw(false, "DELETE FROM canary WHERE class = 1").await;
        assert!(KeyRing::open(&setting.core.store, &setting.root).await.is_err());
        KeyRing::upgraded(&setting.core.store, &setting.root, at("2026-11-24T00:00:00Z")).await.unwrap();
        KeyRing::open(&setting.core.store, &setting.root).await.unwrap();
    }
}
