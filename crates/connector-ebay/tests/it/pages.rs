//! Pages: a malformed order spoils nothing but itself, and is told by name without its values.

use ordersync_connector_ebay::normalise;
use serde_json::{Value, json};

use crate::fixtures::{fixture, read_at, try_normalise};

fn numbered(id: &str, modified: &str) -> Value {
    let mut order = fixture("two_lines_with_discounts");
    order["orderId"] = json!(id);
    order["lastModifiedDate"] = json!(modified);
    order
}

fn page(orders: Value) -> normalise::OrdersRead {
    let body = json!({ "href": "x", "total": 9, "limit": 200, "offset": 0, "orders": orders, "warnings": [] });
    normalise::page(body.to_string().as_bytes(), read_at()).unwrap()
}

#[test]
fn one_malformed_order_spoils_nothing_else() {
    let mut bad = numbered("00-00000-00002", "2026-02-24T00:00:00.000Z");
    bad["lineItems"][1]["total"]["value"] = json!("twelve pounds from Ada");
    let read = page(json!([
        numbered("00-00000-00001", "2026-02-24T00:00:00.000Z"),
        bad,
        "no order at all",
        numbered("00-00000-00003", "2026-02-24T00:00:00.000Z"),
    ]));
    assert_eq!((read.orders.len(), read.rejected.len(), read.listed), (2, 2, 4));
    let rejected = &read.rejected[0];
    assert_eq!(rejected.vendor_order_id.as_ref().unwrap().as_str(), "00-00000-00002");
    assert_eq!(rejected.updated_at, Some("2026-02-24T00:00:00Z".parse().unwrap()));
    assert_eq!(
        (rejected.field.as_str(), rejected.reason.as_str()),
        ("lineItems[1].total.value", "not a decimal number")
    );
    assert_eq!((read.rejected[1].field.as_str(), read.rejected[1].reason.as_str()), ("order", "not an object"));
}

/// A change to the fixture, the field it is rejected for, and the reason.
#[test]
fn a_rejection_names_field_and_reason_and_no_value() {
    let cases: [(&str, Value, &str, &str); 15] = [
        ("/orderId", Value::Null, "orderId", "missing"),
        ("/orderId", json!("Ada Quillfeather"), "orderId", "a character outside A-Z a-z 0-9 . _ ! -"),
        (
            "/creationDate",
            json!("Ada's birthday"),
            "creationDate",
            "not a date and time such as 2026-01-31T12:00:00.000Z",
        ),
        ("/lastModifiedDate", Value::Null, "lastModifiedDate", "missing"),
        ("/lineItems", json!([]), "lineItems", "an order without a line"),
        ("/lineItems", json!("Ada"), "lineItems", "not an array"),
        ("/lineItems/0/quantity", Value::Null, "lineItems[0].quantity", "missing"),
        ("/lineItems/0/quantity", json!(-1), "lineItems[0].quantity", "not a whole number from 0 to 4294967295"),
        ("/lineItems/1/lineItemId", json!("10061234567890"), "lineItems[1].lineItemId", "occurs twice in the order"),
        ("/lineItems/1/lineItemId", json!("Ada Q"), "lineItems[1].lineItemId", "not 1 to 64 of A-Z a-z 0-9 _ . : -"),
        ("/lineItems/1/title", json!(["Ada"]), "lineItems[1].title", "not a text"),
        (
            "/pricingSummary/total/currency",
            json!("ADA"),
            "pricingSummary.total.currency",
            "not an ISO 4217 currency code",
        ),
        ("/pricingSummary/total/currency", Value::Null, "pricingSummary.total.currency", "missing"),
        (
            "/pricingSummary/total/value",
            json!("1.005"),
            "pricingSummary.total.value",
            "more decimal places than the currency has",
        ),
        ("/buyer/username", json!({ "name": "Ada, expected a boolean" }), "buyer.username", "not a text"),
    ];
    for (pointer, value, field, reason) in cases {
        let mut order = fixture("two_lines_with_discounts");
        *order.pointer_mut(pointer).unwrap() = value;
        let rejected = try_normalise(&order).unwrap_err();
        assert_eq!((rejected.field.as_str(), rejected.reason.as_str()), (field, reason), "{pointer}");
        assert!(!format!("{rejected:?}").contains("Ada"), "{pointer}");
    }
}

#[test]
fn a_field_that_stands_there_twice_is_not_guessed() {
    let body = br#"{"orderId":"1","orderId":"2"}"#;
    let rejected = normalise::order(body, read_at()).unwrap().unwrap_err();
    assert_eq!(rejected.reason, "stands in the order twice");
}

#[test]
fn of_two_readings_of_an_order_the_newer_is_kept() {
    let (older, newer) = ("2026-02-24T00:00:00.000Z", "2026-02-25T00:00:00.000Z");
    for dates in [[older, newer], [newer, older]] {
        let read = page(json!([numbered("00-00000-00001", dates[0]), numbered("00-00000-00001", dates[1])]));
        assert_eq!((read.orders.len(), read.listed), (1, 2));
        assert_eq!(read.orders[0].facts.updated_at, newer.parse::<ordersync_types::Timestamp>().unwrap());
    }
    let mut bad = numbered("00-00000-00001", newer);
    bad["lineItems"][0]["quantity"] = json!("many");
    let read = page(json!([numbered("00-00000-00001", older), bad.clone()]));
    assert_eq!((read.orders.len(), read.rejected.len()), (0, 1), "the newer state cannot be read");
    bad["lastModifiedDate"] = json!(older);
    let read = page(json!([bad, numbered("00-00000-00001", older)]));
    assert_eq!((read.orders.len(), read.rejected.len()), (1, 0), "the same state, once readable");
}

#[test]
fn an_answer_that_is_no_page_is_refused_without_its_content() {
    for (body, reason) in [
        ("", "it ends too early"),
        (r#"{"total":1,"orders":[{"orderId":"Ada"#, "it ends too early"),
        ("<html>Ada</html>", "it is not JSON"),
        (r#"{"orders":"Ada"}"#, "its fields have other types than the contract's"),
    ] {
        let error = normalise::page(body.as_bytes(), read_at()).unwrap_err();
        assert_eq!(error.reason, reason);
        assert!(!format!("{error} {error:?}").contains("Ada"));
    }
    let empty = normalise::page(br#"{"total":0}"#, read_at()).unwrap();
    assert_eq!((empty.total, empty.listed), (Some(0), 0));
}
