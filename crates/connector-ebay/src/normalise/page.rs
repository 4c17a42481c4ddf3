//! An answer's bytes to orders: a malformed order spoils nothing but itself.

use std::collections::HashMap;

use ordersync_connector_api::RejectedOrder;
use ordersync_order::Order;
use ordersync_types::{Timestamp, VendorOrderId};
use serde_json::Value;

use super::reading::{Rejection, parse_time};
use crate::dto;

/// Longest field path that is passed on, in characters.
const PATH_CHARS: usize = 200;

/// The orders of one answer of `getOrders`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrdersRead {
    /// Orders in the window by eBay's count at this moment.
    pub total: Option<u64>,
    /// The place in the window that eBay says this page begins at.
    pub offset: Option<u64>,
    /// How many orders the page held, those that could not be read and those listed twice included.
    pub listed: usize,
    /// The orders that could be read, each number once: of two with the same number the one changed later.
    pub orders: Vec<Order>,
    /// The orders that could not.
    pub rejected: Vec<RejectedOrder>,
}

/// An answer is no page of orders at all: cut short, not JSON, or of another shape. Holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer of {length} bytes is not a page of orders: {reason}")]
pub struct PageUnreadable {
    /// Bytes of the answer.
    pub length: usize,
    /// What kind of trouble.
    pub reason: &'static str,
}

impl PageUnreadable {
    fn new(body: &[u8], error: &serde_json::Error) -> Self {
        let reason = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Syntax => "it is not JSON",
            serde_json::error::Category::Data => "its fields have other types than the contract's",
            serde_json::error::Category::Io => "it could not be read",
        };
        Self { length: body.len(), reason }
    }
}

/// Reads a page of `getOrders`. `read_at`: when the answer came.
///
/// # Errors
/// [`PageUnreadable`] when the answer is no page; asking again may help. A single bad order is no error.
pub fn page(body: &[u8], read_at: Timestamp) -> Result<OrdersRead, PageUnreadable> {
    let search: dto::OrderSearch<'_> =
        serde_json::from_slice(body).map_err(|error| PageUnreadable::new(body, &error))?;
    let listed = search.orders.len();
    let mut read = OrdersRead { total: search.total, offset: search.offset, listed, ..OrdersRead::default() };
    read.orders.reserve(listed);
    for reading in keep_newest(search.orders.iter().map(|raw| one(raw.get(), read_at)).collect()) {
        match reading {
            Ok(order) => read.orders.push(order),
            Err(rejected) => read.rejected.push(rejected),
        }
    }
    Ok(read)
}

/// Reads one order, the answer of `getOrder`.
///
/// # Errors
/// [`PageUnreadable`] when the answer is not JSON; a JSON text that is no order is `Ok(Err(rejected))`.
pub fn order(body: &[u8], read_at: Timestamp) -> Result<Result<Order, RejectedOrder>, PageUnreadable> {
    let raw: &serde_json::value::RawValue =
        serde_json::from_slice(body).map_err(|error| PageUnreadable::new(body, &error))?;
    Ok(one(raw.get(), read_at))
}

fn one(raw: &str, read_at: Timestamp) -> Result<Order, RejectedOrder> {
    let read = serde_json::from_str::<dto::Order<'_>>(raw);
    let rejection = match read {
        Ok(order) => match super::normalise(&order, read_at) {
            Ok(order) => return Ok(order),
            Err(rejection) => rejection,
        },
        Err(_) => diagnosis(raw),
    };
    let (vendor_order_id, updated_at) = head(raw);
    Err(RejectedOrder { vendor_order_id, updated_at, field: rejection.field, reason: rejection.reason })
}

/// What can be told of an order that cannot be read.
fn head(raw: &str) -> (Option<VendorOrderId>, Option<Timestamp>) {
    let value: Value = serde_json::from_str(raw).unwrap_or(Value::Null);
    let field = |name| value.get(name).and_then(Value::as_str);
    (field("orderId").and_then(|id| id.parse().ok()), field("lastModifiedDate").and_then(parse_time))
}

/// Reads the order once more, slowly, to name the field that is of another type than the contract's.
fn diagnosis(raw: &str) -> Rejection {
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    let Err(error) = serde_path_to_error::deserialize::<_, dto::Order<'_>>(&mut deserializer) else {
        return Rejection { field: "order".to_owned(), reason: "cannot be read".to_owned() };
    };
    let path = error.path().to_string();
    // names in the path are ours or the contract's, but whatever eBay sends must not get into a column this way
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "_.[]?".contains(*c);
    let field: String = path.chars().filter(is_plain).take(PATH_CHARS).collect();
    let field = if field.is_empty() || field == "." { "order".to_owned() } else { field };
    Rejection { field, reason: expectation(&error.into_inner().to_string()).to_owned() }
}

/// What was expected, without what was found: the library's text quotes the value in front of the last `expected`.
fn expectation(text: &str) -> &'static str {
    let expected = text.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    if text.starts_with("duplicate field") {
        return "stands in the order twice";
    }
    for (start, reason) in [
        ("a string", "not a text"),
        ("a borrowed string", "not a text"),
        ("u32", "not a whole number from 0 to 4294967295"),
        ("a boolean", "neither true nor false"),
        ("a sequence", "not an array"),
        ("struct", "not an object"),
    ] {
        if expected.starts_with(start) {
            return reason;
        }
    }
    "cannot be read"
}

/// Of several readings with the same number the one changed last, whether it could be read or not. One that does
/// not say when it was changed counts as the last: it might be.
fn keep_newest(readings: Vec<Result<Order, RejectedOrder>>) -> Vec<Result<Order, RejectedOrder>> {
    let mut kept: Vec<Result<Order, RejectedOrder>> = Vec::with_capacity(readings.len());
    let mut places: HashMap<VendorOrderId, usize> = HashMap::with_capacity(readings.len());
    for reading in readings {
        let known = number(&reading).and_then(|number| places.get(number)).and_then(|place| kept.get_mut(*place));
        match known {
            Some(known) if is_newer(&reading, known) => *known = reading,
            Some(_) => {}
            None => {
                if let Some(number) = number(&reading) {
                    places.insert(number.clone(), kept.len());
                }
                kept.push(reading);
            }
        }
    }
    kept
}

fn number(reading: &Result<Order, RejectedOrder>) -> Option<&VendorOrderId> {
    reading
        .as_ref()
        .map_or_else(|rejected| rejected.vendor_order_id.as_ref(), |order| Some(&order.facts.vendor_order_id))
}

fn is_newer(reading: &Result<Order, RejectedOrder>, known: &Result<Order, RejectedOrder>) -> bool {
    let changed = |reading: &Result<Order, RejectedOrder>| {
        let at = reading.as_ref().map_or_else(|rejected| rejected.updated_at, |order| Some(order.facts.updated_at));
        (at.is_none(), at)
    };
    let (newer, older) = (changed(reading), changed(known));
    newer > older || (newer == older && reading.is_ok() && known.is_err())
}
