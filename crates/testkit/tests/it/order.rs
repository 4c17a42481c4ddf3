//! Sample orders: alike for a number, full where they must be, and searchable.

use std::collections::HashSet;

use ordersync_connector_api::OrderPage;
use ordersync_connector_api::contract_suite::a_page_is_well_formed;
use ordersync_order::{AmountKind, Buyer, FulfilledBy, OrderStatus, PaymentStatus, Recipient};
use ordersync_testkit::{SampleOrder, last_page, sample_order};
use ordersync_types::{FieldState, Money, SealedRecord};

use crate::clock::{HOUR, at};

fn texts(fields: Vec<ordersync_types::RecordField>) -> Vec<String> {
    fields.iter().filter_map(|field| field.state.get()).map(|value| value.expose().clone()).collect()
}

#[test]
fn a_number_gives_the_same_order_and_another_number_another() {
    assert_eq!(sample_order(7, at(0)), sample_order(7, at(0)));
    let ids: HashSet<_> = (0..2_000).map(|n| sample_order(n, at(0)).facts.vendor_order_id).collect();
    assert_eq!(ids.len(), 2_000);
}

#[test]
fn samples_keep_the_contract_of_a_page() {
    let page: OrderPage = last_page((0..300).map(|n| sample_order(n, at(0))).collect(), at(0));
    a_page_is_well_formed(&page);
    for order in page.orders {
        let facts = order.facts;
        let sum = |all: &mut dyn Iterator<Item = Money>| all.map(|money| money.minor).sum::<i64>();
        let lines = sum(&mut facts.lines.iter().filter_map(|line| line.total));
        assert_eq!(facts.grand_total.unwrap().minor, lines);
        assert!((1..=3).contains(&facts.lines.len()));
        // Delivery stands on the first line, and once more for the whole order.
        let amounts = facts.lines.iter().flat_map(|line| &line.amounts);
        let mut delivery = amounts.filter(|amount| amount.kind == AmountKind::Delivery).map(|amount| amount.money);
        assert_eq!(facts.amounts[0].money.minor, sum(&mut delivery));
        for line in &facts.lines {
            let goods = line.unit_price.unwrap().minor * i64::from(line.quantity);
            assert_eq!(line.amounts[0].money.minor, goods);
            assert_eq!(line.total.unwrap().minor, sum(&mut line.amounts.iter().map(|amount| amount.money)));
        }
    }
}

#[test]
fn every_fourth_order_has_every_field_and_the_others_have_gaps() {
    let full = sample_order(8, at(0));
    let (recipient, buyer) = (full.people.recipient.unwrap(), full.people.buyer.unwrap());
    let named = |fields: Vec<ordersync_types::RecordField>| -> HashSet<usize> {
        fields.iter().filter(|field| field.state.is_given()).map(|field| field.index).collect()
    };
    assert_eq!(named(recipient.fields()).len(), Recipient::FIELDS.len());
    assert_eq!(named(buyer.fields()).len(), Buyer::FIELDS.len());
    assert_eq!(recipient.gift_message.len(), full.facts.lines.len());
    assert_eq!(recipient.gift_message[0].vendor_line_id, full.facts.lines[0].vendor_line_id.as_str());

    let usual = sample_order(5, at(0)).people.recipient.unwrap();
    assert_eq!(usual.address_line2, FieldState::value(""));
    assert_eq!(usual.address_line3, FieldState::NotSent);
    assert!(matches!(usual.company, FieldState::Withheld(_)));
    assert!(usual.name.is_given() && usual.postcode.is_given());
    assert!((0..4).any(|n| sample_order(n, at(0)).people.recipient.is_some_and(|r| r.gift_message.is_empty())));
}

#[test]
fn personal_values_are_long_unique_and_exactly_those_of_the_order() {
    let mut seen = HashSet::new();
    for number in (0..1_200).chain([9_999, 10_000, 123_456, 359_999]) {
        let sample = SampleOrder::new(number, at(0)).with_every_field();
        let people = sample.build().people;
        let mut inside = texts(people.recipient.unwrap().fields());
        inside.extend(texts(people.buyer.unwrap().fields()));
        inside.push(people.buyer_key.unwrap().expose().clone());
        inside.retain(|text| text != "GB");
        let values = sample.personal_values();
        assert_eq!(values, inside);
        for value in values {
            assert!(value.len() >= 8, "{value}");
            assert!(seen.insert(value.clone()), "twice: {value}");
        }
    }
    let usual = SampleOrder::new(5, at(0)).personal_values();
    assert!(usual.len() > 15 && usual.iter().all(|value| value.len() >= 8), "{usual:?}");
}

#[test]
fn the_knobs_do_what_they_say() {
    let shipped = SampleOrder::new(1, at(0)).status(OrderStatus::Shipped).build().facts;
    assert_eq!((shipped.dispatched_at, shipped.delivered_at), (Some(at(-60)), None));
    let delivered = SampleOrder::new(1, at(0)).status(OrderStatus::Delivered).build().facts;
    assert_eq!(delivered.delivered_at, Some(at(0)));
    let pending = SampleOrder::new(1, at(0)).status(OrderStatus::Pending).build().facts;
    assert_eq!(pending.payment, PaymentStatus::Pending);
    assert_eq!(SampleOrder::new(1, at(0)).fba().build().facts.fulfilled_by, FulfilledBy::Fba);
    assert_eq!(SampleOrder::new(1, at(0)).lines(7).build().facts.lines.len(), 7);
    assert_eq!(SampleOrder::new(1, at(0)).ebay().build().facts.marketplace.as_str(), "EBAY_GB");

    let old = SampleOrder::new(1, at(0)).updated_at(at(-9 * HOUR)).build().facts;
    assert_eq!((old.created_at, old.updated_at), (at(-9 * HOUR), at(-9 * HOUR)));
    let new = SampleOrder::new(1, at(0)).created_at(at(HOUR)).build().facts;
    assert_eq!((new.created_at, new.updated_at), (at(HOUR), at(HOUR)));
}

#[test]
fn orders_of_one_buyer_share_the_buyer_and_nothing_else() {
    let one = SampleOrder::new(4, at(0)).buyer(77).build().people;
    let other = SampleOrder::new(8, at(0)).buyer(77).build().people;
    assert_eq!((&one.buyer_key, &one.buyer), (&other.buyer_key, &other.buyer));
    assert_ne!(one.recipient, other.recipient);
    assert_ne!(one.buyer_key, sample_order(4, at(0)).people.buyer_key);
    assert_eq!(SampleOrder::new(4, at(0)).without_buyer_key().build().people.buyer_key, None);

    let nobody = SampleOrder::new(4, at(0)).without_people();
    assert_eq!(nobody.build().people, ordersync_order::People::default());
    assert_eq!(nobody.personal_values(), Vec::<String>::new());
}
