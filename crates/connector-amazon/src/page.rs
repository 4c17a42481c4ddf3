//! Bytes of an answer to orders: each order is read by itself, and one that cannot be read is set aside with the
//! field that spoils it, never with its value.

use std::borrow::Cow;
use std::collections::HashMap;

use ordersync_connector_api::RejectedOrder;
use ordersync_order::Order;
use ordersync_types::{Timestamp, VendorOrderId};
use serde_json::value::RawValue;

use crate::diagnosis::explain;
use crate::dto;
use crate::normalise::{normalise, parse_time};

/// One answer of `searchOrders`.
#[derive(Clone, PartialEq, Eq)]
pub struct SearchAnswer<T> {
    /// What was read of the orders, each order number once.
    pub read: Vec<T>,
    /// The orders that could not be read.
    pub rejected: Vec<RejectedOrder>,
    /// Amazon's token of the next page; none on the last one.
    pub next_token: Option<String>,
    /// Up to which change the answer is complete: `lastUpdatedBefore`.
    pub bound: Option<Timestamp>,
}

/// The number of an order and its last change.
pub(crate) struct OrderHead {
    pub(crate) id: VendorOrderId,
    pub(crate) updated_at: Option<Timestamp>,
}

/// The answer as a whole is not what the contract says: cut off, no JSON, or without its list of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be read: {0}")]
pub struct Unreadable(&'static str);

/// Reads an answer of `searchOrders`.
///
/// Every order in it comes out, as an order or as a rejection; of two with the same number, the newer.
///
/// # Errors
/// [`Unreadable`] when the answer around the orders is broken; ask again.
pub fn read_search_answer(body: &[u8]) -> Result<SearchAnswer<Order>, Unreadable> {
    search_answer(body, read_order, |order| (&order.facts.vendor_order_id, Some(order.facts.updated_at)))
}

/// Reads an answer of `searchOrders` for the numbers of its orders alone.
pub(crate) fn read_search_heads(body: &[u8]) -> Result<SearchAnswer<OrderHead>, Unreadable> {
    search_answer(body, read_head, |head| (&head.id, head.updated_at))
}

/// Reads an answer of `getOrder`.
///
/// # Errors
/// [`Unreadable`] when the answer around the order is broken; ask again.
pub fn read_get_answer(body: &[u8]) -> Result<Result<Order, RejectedOrder>, Unreadable> {
    let text = String::from_utf8_lossy(body);
    let answer: dto::GetOrderResponse<'_> = envelope(&text)?;
    Ok(unless_mangled(answer.order, matches!(text, Cow::Owned(_))).and_then(read_order))
}

fn search_answer<T>(
    body: &[u8],
    read_one: impl Fn(&RawValue) -> Result<T, RejectedOrder>,
    key_of: impl Fn(&T) -> (&VendorOrderId, Option<Timestamp>),
) -> Result<SearchAnswer<T>, Unreadable> {
    let text = String::from_utf8_lossy(body);
    let answer: dto::SearchOrdersResponse<'_> = envelope(&text)?;
    let bound = match &answer.last_updated_before {
        Some(bound) => Some(parse_time(bound).ok_or(Unreadable("lastUpdatedBefore is not an ISO 8601 time"))?),
        None => None,
    };
    let next_token = answer.pagination.and_then(|pagination| pagination.next_token);
    // not UTF-8: the text now holds replacement characters that Amazon did not send
    let mended = matches!(text, Cow::Owned(_));
    let mut newest = HashMap::with_capacity(answer.orders.len());
    let mut entries = Vec::with_capacity(answer.orders.len());
    for raw in answer.orders {
        let entry = unless_mangled(raw, mended).and_then(&read_one);
        add_newest(&mut entries, &mut newest, entry, &key_of);
    }
    let (mut read, mut rejected) = (Vec::with_capacity(entries.len()), Vec::new());
    for entry in entries {
        match entry {
            Ok(order) => read.push(order),
            Err(order) => rejected.push(order),
        }
    }
    let next_token = next_token.filter(|token| !token.is_empty()).map(|token| token.to_string());
    Ok(SearchAnswer { read, rejected, next_token, bound })
}

fn envelope<'t, T: serde::Deserialize<'t>>(text: &'t str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| {
        Unreadable(match error.classify() {
            serde_json::error::Category::Eof => "it ends in the middle",
            serde_json::error::Category::Syntax => "it is not JSON",
            serde_json::error::Category::Data => "it is not the object that the contract describes",
            serde_json::error::Category::Io => "it could not be read to its end",
        })
    })
}

/// An order that holds a replacement character of ours is not used.
fn unless_mangled(raw: &RawValue, mended: bool) -> Result<&RawValue, RejectedOrder> {
    if mended && raw.get().contains(char::REPLACEMENT_CHARACTER) {
        return Err(rejected(raw, "order".to_owned(), "not UTF-8".to_owned()));
    }
    Ok(raw)
}

fn read_order(raw: &RawValue) -> Result<Order, RejectedOrder> {
    match serde_json::from_str::<dto::Order<'_>>(raw.get()) {
        Ok(dto) => normalise(&dto).map_err(|fault| rejected(raw, fault.field, fault.reason.to_owned())),
        Err(_) => {
            // its text may hold the value: read once more for the place alone
            let (field, reason) = explain(raw.get());
            Err(rejected(raw, field, reason))
        }
    }
}

fn read_head(raw: &RawValue) -> Result<OrderHead, RejectedOrder> {
    match head(raw) {
        (Some(id), updated_at) => Ok(OrderHead { id, updated_at }),
        (None, _) => Err(rejected(raw, "orderId".to_owned(), "missing, or not an order number".to_owned())),
    }
}

fn rejected(raw: &RawValue, field: String, reason: String) -> RejectedOrder {
    let (vendor_order_id, updated_at) = head(raw);
    RejectedOrder { vendor_order_id, updated_at, field, reason }
}

/// An order's number and last change, as far as they can be read whatever else is wrong.
fn head(raw: &RawValue) -> (Option<VendorOrderId>, Option<Timestamp>) {
    let Ok(head) = serde_json::from_str::<dto::OrderHead<'_>>(raw.get()) else { return (None, None) };
    let text = |raw: Option<&RawValue>| {
        raw.and_then(|raw| serde_json::from_str::<dto::Text<'_>>(raw.get()).ok().map(|text| text.to_string()))
    };
    let id = text(head.order_id).and_then(|id| id.parse().ok());
    (id, text(head.last_updated_time).and_then(|time| parse_time(&time)))
}

/// Adds an entry, unless a newer one of the same order is there, which may be a rejection as well. An entry without
/// a readable time counts as the newest: it cannot be shown to be older.
fn add_newest<T>(
    entries: &mut Vec<Result<T, RejectedOrder>>,
    places: &mut HashMap<VendorOrderId, usize>,
    entry: Result<T, RejectedOrder>,
    key_of: impl Fn(&T) -> (&VendorOrderId, Option<Timestamp>),
) {
    let key = |entry: &Result<T, RejectedOrder>| match entry {
        Ok(order) => {
            let (id, updated_at) = key_of(order);
            (Some(id.clone()), updated_at)
        }
        Err(order) => (order.vendor_order_id.clone(), order.updated_at),
    };
    let (id, updated_at) = key(&entry);
    let Some(id) = id else {
        entries.push(entry);
        return;
    };
    match places.get(&id).and_then(|place| entries.get_mut(*place)) {
        Some(held) => {
            let age = |updated_at: Option<Timestamp>| (updated_at.is_none(), updated_at);
            if age(updated_at) >= age(key(held).1) {
                *held = entry;
            }
        }
        None => {
            places.insert(id, entries.len());
            entries.push(entry);
        }
    }
}
