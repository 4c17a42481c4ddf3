//! Orders that break the contract, each in one way.

use serde_json::{Value, json};

use crate::draw::Draw;
use crate::fields::{merge, remove};

/// Breaks `order` in a way drawn from `draw`.
pub(super) fn spoil(order: &mut Value, draw: &mut Draw) {
    let item = |change: Value, order: &mut Value| {
        if let Some(first) = order.get_mut("orderItems").and_then(|items| items.get_mut(0)) {
            merge(first, &change);
        }
    };
    match draw.below(8) {
        0 => remove(order, "createdTime"),
        1 => merge(order, &json!({"lastUpdatedTime": "the day before yesterday"})),
        2 => item(json!({"quantityOrdered": "three"}), order),
        3 => item(json!({"orderItemId": null}), order),
        4 => item(json!({"product": {"price": {"unitPrice": {"amount": "12,34", "currencyCode": "GBP"}}}}), order),
        5 => item(json!({"product": {"price": {"unitPrice": {"amount": "12.34", "currencyCode": "QQQ"}}}}), order),
        6 => merge(order, &json!({"orderItems": {"not": "a list"}})),
        _ => merge(order, &json!({"salesChannel": 7})),
    }
}
