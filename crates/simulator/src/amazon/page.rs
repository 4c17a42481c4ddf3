//! A page of orders as bytes: one shape, whether its orders are rendered now or were before.

use bytes::{BufMut, Bytes, BytesMut};
use ordersync_types::Timestamp;

use super::search::Search;
use super::token::PageToken;
use crate::goods::iso;

/// The answer to a search: `orders`, then a token when there is more, then the effective upper bound.
pub(super) fn body<'a>(
    search: &Search,
    orders: impl Iterator<Item = &'a [u8]>,
    next: Option<&PageToken>,
    seed: u64,
) -> Bytes {
    let mut bytes = BytesMut::with_capacity(160 * 1024);
    bytes.put_slice(b"{\"orders\":[");
    for (at, order) in orders.enumerate() {
        if at > 0 {
            bytes.put_u8(b',');
        }
        bytes.put_slice(order);
    }
    bytes.put_slice(b"]");
    let bound = if search.by_creation { "createdBefore" } else { "lastUpdatedBefore" };
    let token = next.map(|token| format!(",\"pagination\":{{\"nextToken\":\"{}\"}}", token.write(seed)));
    let tail = format!("{},\"{bound}\":\"{}\"}}", token.unwrap_or_default(), iso(search.before));
    bytes.put_slice(tail.as_bytes());
    bytes.freeze()
}

/// The token for the page after `last`.
pub(super) fn next(search: &Search, last: Option<(Timestamp, String)>, now: Timestamp, nonce: u64) -> PageToken {
    PageToken { digest: search.digest, issued: now, bound: search.before, cursor: last, nonce }
}

/// Orders rendered to bytes before the clock starts, oldest first, each at its own time.
#[derive(Debug)]
pub(super) struct FastBook {
    pub(super) orders: Vec<(Timestamp, Bytes)>,
}

impl FastBook {
    /// The page and how many orders it holds.
    pub(super) fn page(&self, search: &Search, seed: u64, now: Timestamp, nonce: u64) -> (Bytes, usize) {
        let from = match &search.cursor {
            Some((cursor, _)) => self.orders.partition_point(|(at, _)| at <= cursor),
            None => self.orders.partition_point(|(at, _)| *at < search.after),
        };
        let until = self.orders.partition_point(|(at, _)| *at <= search.before);
        let window = self.orders.get(from..until).unwrap_or_default();
        let page = window.get(..search.page_size).unwrap_or(window);
        let more = page.len() < window.len();
        let last = page.last().filter(|_| more).map(|(at, _)| (*at, String::new()));
        let token = last.map(|last| next(search, Some(last), now, nonce));
        (body(search, page.iter().map(|(_, order)| order.as_ref()), token.as_ref(), seed), page.len())
    }
}
