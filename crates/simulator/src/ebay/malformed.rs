//! Orders that break the contract, each in one way.

use serde_json::{Value, json};

use crate::draw::Draw;
use crate::fields::{merge, remove};

/// Breaks `order` in a way drawn from `draw`.
pub(super) fn spoil(order: &mut Value, draw: &mut Draw) {
    let line = |change: Value, order: &mut Value| {
        if let Some(first) = order.get_mut("lineItems").and_then(|lines| lines.get_mut(0)) {
            merge(first, &change);
        }
    };
    match draw.below(7) {
        0 => remove(order, "creationDate"),
        1 => merge(order, &json!({"lastModifiedDate": "yesterday"})),
        2 => line(json!({"quantity": "three"}), order),
        3 => line(json!({"lineItemId": null}), order),
        4 => line(json!({"total": {"value": "12,34", "currency": "GBP"}}), order),
        5 => line(json!({"total": {"value": "12.34", "currency": "QQQ"}}), order),
        _ => merge(order, &json!({"lineItems": {"not": "a list"}})),
    }
}
