//! A page of orders as bytes: one shape, whether its orders are rendered now or were before.

use bytes::{BufMut, Bytes, BytesMut};
use ordersync_types::Timestamp;

use super::query::Page;
use super::render::FOREIGN_HOST;

/// The answer to getOrders. Its links lead to another host and forget the field group, as production answers do.
pub(super) fn body<'a>(
    query: &str,
    limit: usize,
    offset: usize,
    total: usize,
    orders: impl Iterator<Item = &'a [u8]>,
) -> Bytes {
    let kept: Vec<&str> = query.split('&').filter(|part| part.starts_with("filter=")).collect();
    let link = |offset: usize| {
        let mut parts = kept.clone();
        let (limit, offset) = (format!("limit={limit}"), format!("offset={offset}"));
        parts.extend([limit.as_str(), offset.as_str()]);
        // Filters come encoded, so that a link holds nothing JSON would have to escape.
        let query: String = parts.join("&").chars().filter(|c| !matches!(c, '"' | '\\')).collect();
        format!("{FOREIGN_HOST}/sell/fulfillment/v1/order?{query}")
    };
    let mut head = format!("{{\"href\":\"{}\",\"total\":{total},\"limit\":{limit},\"offset\":{offset},", link(offset));
    if offset + limit < total {
        head.push_str(&format!("\"next\":\"{}\",", link(offset + limit)));
    }
    if offset > 0 {
        head.push_str(&format!("\"prev\":\"{}\",", link(offset.saturating_sub(limit))));
    }
    let mut bytes = BytesMut::with_capacity(512 * 1024);
    bytes.put_slice(head.as_bytes());
    bytes.put_slice(b"\"orders\":[");
    for (at, order) in orders.enumerate() {
        if at > 0 {
            bytes.put_u8(b',');
        }
        bytes.put_slice(order);
    }
    bytes.put_slice(b"]}");
    bytes.freeze()
}

/// Orders rendered to bytes before the clock starts, oldest first, each at its own time.
#[derive(Debug)]
pub(super) struct FastBook {
    pub(super) orders: Vec<(Timestamp, Bytes)>,
}

impl FastBook {
    /// The page, newest order first, and how many orders it holds.
    pub(super) fn page(&self, query: &str, page: &Page) -> (Bytes, usize) {
        let from = self.orders.partition_point(|(at, _)| *at < page.filter.from);
        let until = self.orders.partition_point(|(at, _)| *at <= page.filter.to);
        let window = self.orders.get(from..until).unwrap_or_default();
        let shown = window.iter().rev().skip(page.offset).take(page.limit);
        let count = shown.clone().count();
        (body(query, page.limit, page.offset, window.len(), shown.map(|(_, order)| order.as_ref())), count)
    }
}
