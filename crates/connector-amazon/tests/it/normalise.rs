//! Invented orders and what becomes of them.

use ordersync_order::{Aspect, OrderStatus, People};
use ordersync_types::{FieldState, Withheld};

use crate::tell::{fixture, fixtures, read, told};

fn check(name: &str) {
    let order = read(&fixture(name)).unwrap_or_else(|rejected| panic!("{name}: {rejected:?}"));
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!(name, told(&order));
    });
}

macro_rules! fixture_tests {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { check(stringify!($name)); })+

        #[test]
        fn every_fixture_is_checked() {
            let mut checked = vec![$(stringify!($name)),+];
            checked.sort_unstable();
            assert_eq!(fixtures(), checked);
        }
    };
}

fixture_tests!(
    address_incomplete,
    bare,
    business_unshipped_de,
    cancellations,
    cancelled,
    consumer_unshipped,
    fba_shipped,
    import_scheme_ie,
    packer_not_stated,
    partly_shipped_replacement,
    pending,
    preorder,
    programmes_br,
    role_missing,
    shipped_and_delivered,
    unfulfillable_elsewhere,
    unknown_values,
);

/// Personal data comes in only with an order that the seller still has to pack.
#[test]
fn only_orders_that_wait_for_the_seller_bring_people_in() {
    for name in fixtures() {
        let order = read(&fixture(&name)).unwrap();
        let waits = order.facts.is_merchant_fulfilled()
            && matches!(
                order.facts.status,
                OrderStatus::Unshipped | OrderStatus::PartiallyShipped | OrderStatus::Unknown(_)
            );
        if waits {
            assert!(order.people.recipient.is_some(), "{name}");
        } else {
            assert_eq!(order.people, People::default(), "{name}");
        }
    }
}

/// The same order in every state: people are there in the two states in which there is something to pack.
#[test]
fn people_go_with_the_state() {
    let template = fixture("consumer_unshipped");
    for (status, fulfilled_by, kept) in [
        ("PENDING_AVAILABILITY", "MERCHANT", false),
        ("PENDING", "MERCHANT", false),
        ("UNSHIPPED", "MERCHANT", true),
        ("PARTIALLY_SHIPPED", "MERCHANT", true),
        ("SHIPPED", "MERCHANT", false),
        ("CANCELLED", "MERCHANT", false),
        ("UNFULFILLABLE", "MERCHANT", false),
        ("UNSHIPPED", "AMAZON", false),
        ("SHIPPED", "AMAZON", false),
        ("UNSHIPPED", "SOMEBODY_ELSE", false),
    ] {
        let text = template.replace("\"UNSHIPPED\"", &format!("\"{status}\"")).replace("MERCHANT", fulfilled_by);
        let order = read(&text).unwrap();
        assert_eq!(order.people.recipient.is_some(), kept, "{status} {fulfilled_by}");
        assert_eq!(order.people.buyer.is_some(), kept, "{status} {fulfilled_by}");
        assert_eq!(order.people.buyer_key.is_some(), kept, "{status} {fulfilled_by}");
    }
}

#[test]
fn a_missing_role_is_told_from_an_empty_address() {
    let order = read(&fixture("role_missing")).unwrap();
    let recipient = order.people.recipient.unwrap();
    assert_eq!(recipient.name, FieldState::Withheld(Withheld::Role));
    assert_eq!(recipient.address_line1, FieldState::Withheld(Withheld::Role));
    assert!(recipient.city.is_given());
    let holding: Vec<_> = order.facts.reviews.iter().filter(|review| review.aspect == Aspect::Shipping).collect();
    assert_eq!(holding.len(), 1);
    assert!(holding[0].reason.contains("Direct-to-Consumer"));
    // the street in the second line is a street
    let order = read(&fixture("consumer_unshipped")).unwrap();
    assert_eq!(order.people.recipient.unwrap().address_line1, FieldState::value(""));
    assert!(order.facts.reviews.iter().all(|review| review.aspect == Aspect::Info));
}

#[test]
fn the_buyer_is_known_by_the_relay_address_in_small_letters() {
    let order = read(&fixture("consumer_unshipped")).unwrap();
    assert_eq!(order.people.buyer_key.unwrap().expose(), "q7zk2m1tv9x4b8c@marketplace.amazon.example");
    let text = fixture("consumer_unshipped").replace("buyerEmail", "formerlyBuyerEmail");
    assert!(read(&text).unwrap().people.buyer_key.is_none());
}

#[test]
fn the_territory_is_told_by_the_postcode_and_uk_is_gb() {
    for (name, country, territory) in [
        ("shipped_and_delivered", "GB", "NI"),
        ("partly_shipped_replacement", "GB", "JE"),
        ("consumer_unshipped", "GB", "GB"),
        ("import_scheme_ie", "IE", "IE"),
    ] {
        let destination = read(&fixture(name)).unwrap().facts.destination.unwrap();
        assert_eq!((destination.country.code(), destination.territory.code()), (country, territory), "{name}");
    }
    let unknown = read(&fixture("unknown_values")).unwrap();
    assert_eq!(unknown.facts.destination, None);
    assert!(unknown.people.recipient.unwrap().country.is_given());
}

/// Required by the contract, or money that is none: the order is set aside with the place and without the value.
#[test]
fn a_broken_field_is_named_without_its_value() {
    for (from, to, field, reason) in [
        ("\"orderId\": \"203-1000001-2000001\",", "", "orderId", "missing"),
        ("\"203-1000001-2000001\"", "203", "orderId", "not a text"),
        ("\"203-1000001-2000001\"", "\"no order\"", "orderId", "not an order number of"),
        ("2026-10-05T09:15:02.417Z", "yesterday", "createdTime", "not an ISO 8601 time"),
        ("\"lastUpdatedTime\"", "\"changed\"", "lastUpdatedTime", "missing"),
        ("\"salesChannel\"", "\"shop\"", "salesChannel", "missing"),
        ("\"channelName\"", "\"channel\"", "salesChannel.channelName", "missing"),
        ("\"orderItems\"", "\"items\"", "orderItems", "missing"),
        ("\"orderItemId\"", "\"itemId\"", "orderItems[0].orderItemId", "missing"),
        ("00123456789012", "", "orderItems[0].orderItemId", "not an id of"),
        (
            "\"quantityOrdered\": 2,\n      \"measurement\"",
            "\"quantityOrdered\": -2,\n      \"measurement\"",
            "orderItems[0].quantityOrdered",
            "not a whole number",
        ),
        (
            "\"quantityOrdered\": 2,\n      \"measurement\"",
            "\"quantityOrdered\": \"Odalys\",\n      \"measurement\"",
            "orderItems[0].quantityOrdered",
            "not a whole number",
        ),
        ("\"fulfillmentStatus\"", "\"state\"", "fulfillment.fulfillmentStatus", "missing"),
        (
            "\"amount\": \"17.99\"",
            "\"amount\": \"17,99\"",
            "orderItems[0].product.price.unitPrice.amount",
            "not a decimal",
        ),
        ("\"amount\": \"17.99\"", "\"amount\": 17.99", "orderItems[0].product.price.unitPrice.amount", "not a text"),
        (
            "\"amount\": \"17.99\"",
            "\"amount\": \"17.999\"",
            "orderItems[0].product.price.unitPrice.amount",
            "more decimal",
        ),
        (
            "\"amount\": \"4.49\",\n          \"currencyCode\": \"GBP\"",
            "\"amount\": \"4.49\",\n          \"currencyCode\": \"Odalys Fennimore\"",
            "proceeds.breakdowns[1].subtotal.currencyCode",
            "not an ISO 4217",
        ),
        (
            "\"buyerName\": \"Odalys Fennimore\"",
            "\"buyerName\": {\"Odalys\": \"Fennimore\"}",
            "buyer.buyerName",
            "not a text",
        ),
        ("\"recipient\": {", "\"recipient\": 7, \"formerly\": {", "recipient", "not an object"),
        ("\"orderItems\": [", "\"orderItems\": \"Odalys, expected u32\", \"formerly\": [", "orderItems", "not a list"),
    ] {
        let text = fixture("consumer_unshipped");
        assert!(text.contains(from), "{from}");
        let rejected = read(&text.replacen(from, to, 1)).err().unwrap_or_else(|| panic!("{to} was taken"));
        assert_eq!(rejected.field, field, "{to}");
        assert!(rejected.reason.starts_with(reason), "{to}: {}", rejected.reason);
        assert!(!format!("{rejected:?}").contains("Odalys"), "{rejected:?}");
        if !field.starts_with("orderId") {
            assert_eq!(rejected.vendor_order_id.unwrap().as_str(), "203-1000001-2000001");
        }
        if field != "lastUpdatedTime" {
            assert!(rejected.updated_at.is_some(), "{field}");
        }
    }
    let twice = fixture("cancellations").replace("81234567890124", "81234567890123");
    assert_eq!(read(&twice).unwrap_err().field, "orderItems[1].orderItemId");
    for whole in ["null", "[]", "7", "\"Odalys\""] {
        assert_eq!(read(whole).unwrap_err().field, "order", "{whole}");
    }
}

#[test]
fn null_and_absent_are_the_same_for_what_is_optional() {
    let mut order: serde_json::Value = serde_json::from_str(&fixture("bare")).unwrap();
    let bare = told(&read(&order.to_string()).unwrap());
    for name in ["programs", "associatedOrders", "buyer", "recipient", "proceeds", "tax", "fulfillment", "packages"] {
        order[name] = serde_json::Value::Null;
    }
    for name in ["programs", "proceeds", "promotion", "cancellation", "fulfillment", "tax", "measurement"] {
        order["orderItems"][0][name] = serde_json::Value::Null;
    }
    assert_eq!(told(&read(&order.to_string()).unwrap()), bare);
}

#[test]
fn a_long_text_is_cut_at_a_character() {
    let title = "é".repeat(501);
    let text = fixture("consumer_unshipped").replace("Beeswax candle, pair | hand-dipped", &title);
    let order = read(&text).unwrap();
    assert_eq!(order.facts.lines[0].title.as_deref(), Some("é".repeat(500).as_str()));
    assert!(order.facts.reviews.iter().any(|review| review.field == "orderItems[0].product.title"));
    let text = fixture("consumer_unshipped").replace("Beeswax candle, pair | hand-dipped", &"é".repeat(500));
    let order = read(&text).unwrap();
    assert_eq!(order.facts.lines[0].title.as_deref(), Some("é".repeat(500).as_str()));
    assert!(order.facts.reviews.iter().all(|review| review.field != "orderItems[0].product.title"));
}
