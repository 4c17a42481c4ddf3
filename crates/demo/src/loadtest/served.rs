//! What a stand-in serves, counted over the wire by reading all of it once: the measure for what must be stored.

use std::collections::HashSet;

use bytes::Bytes;
use chrono::{SecondsFormat, TimeDelta};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use ordersync_daemon::failure::Failure;
use ordersync_http_client::unix::with_query;
use ordersync_types::Timestamp;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::failed;
use crate::shops::Marketplace;

/// A page is half a megabyte.
const LARGEST_PAGE: usize = 64 << 20;
/// How far back orders are looked for: as far as eBay lists them (two years).
const REACH: TimeDelta = TimeDelta::days(729);

/// What one stand-in serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Served {
    /// Orders.
    pub(crate) orders: i64,
    /// Their lines.
    pub(crate) lines: i64,
    /// Orders with something that belongs into a recipient's record.
    pub(crate) recipients: i64,
    /// Buyers, each once, with something that belongs into a buyer's record.
    pub(crate) buyers: i64,
    /// When the newest order last changed.
    pub(crate) newest: Option<Timestamp>,
    /// When the oldest order last changed.
    pub(crate) oldest: Option<Timestamp>,
}

/// How a marketplace writes its orders.
struct Shape {
    lines: &'static str,
    number: &'static str,
    updated: &'static str,
    buyer: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

fn shape(marketplace: Marketplace) -> Shape {
    match marketplace {
        Marketplace::Amazon => Shape {
            lines: "orderItems",
            number: "orderId",
            updated: "lastUpdatedTime",
            buyer: "buyer.buyerEmail",
            fields: ordersync_connector_amazon::PERSONAL_FIELDS,
        },
        Marketplace::Ebay => Shape {
            lines: "lineItems",
            number: "orderId",
            updated: "lastModifiedDate",
            buyer: "buyer.username",
            fields: ordersync_connector_ebay::PERSONAL_FIELDS,
        },
    }
}

/// Reads all orders of a stand-in that enforces neither tokens nor plans.
///
/// # Errors
/// It cannot be reached, or refuses.
pub(crate) async fn count(marketplace: Marketplace, url: &str, now: Timestamp) -> Result<Served, Failure> {
    let mut line = Line::connect(url).await?;
    let (mut tally, mut place) =
        (Tally { shape: shape(marketplace), served: Served::default(), buyers: HashSet::new() }, None);
    loop {
        let path = page_path(marketplace, now, place.as_deref());
        let page = line.get(&path).await?;
        let orders = page.get("orders").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        orders.iter().for_each(|order| tally.add(order));
        place = match marketplace {
            Marketplace::Amazon => page.pointer("/pagination/nextToken").and_then(Value::as_str).map(str::to_owned),
            Marketplace::Ebay if page.get("next").is_some() => Some(tally.served.orders.to_string()),
            Marketplace::Ebay => None,
        };
        if place.is_none() {
            return Ok(Served { buyers: i64::try_from(tally.buyers.len()).unwrap_or(i64::MAX), ..tally.served });
        }
    }
}

fn page_path(marketplace: Marketplace, now: Timestamp, place: Option<&str>) -> String {
    let from = (now - REACH).to_rfc3339_opts(SecondsFormat::Millis, true);
    match marketplace {
        Marketplace::Amazon => {
            let included = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX";
            let mut query =
                vec![("lastUpdatedAfter", from.as_str()), ("maxResultsPerPage", "100"), ("includedData", included)];
            query.extend(place.map(|token| ("paginationToken", token)));
            with_query("/orders/2026-01-01/orders", &query)
        }
        Marketplace::Ebay => {
            let filter = format!("lastmodifieddate:[{from}..{}]", now.to_rfc3339_opts(SecondsFormat::Millis, true));
            let offset = place.unwrap_or("0");
            with_query("/sell/fulfillment/v1/order", &[("filter", &filter), ("limit", "200"), ("offset", offset)])
        }
    }
}

struct Tally {
    shape: Shape,
    served: Served,
    buyers: HashSet<String>,
}

impl Tally {
    fn add(&mut self, order: &Value) {
        let Shape { lines, number, updated, buyer, fields } = &self.shape;
        let holds = |record: &str| {
            let mut paths = fields.iter().filter(|(_, field)| field.starts_with(record)).map(|(path, _)| *path);
            paths.any(|path| first_text(order, path).is_some())
        };
        self.served.orders += 1;
        let count = order.get(lines).and_then(Value::as_array).map_or(0, Vec::len);
        self.served.lines += i64::try_from(count).unwrap_or(0);
        self.served.recipients += i64::from(holds("recipient."));
        if holds("buyer.") {
            // An order without a buyer's id stands alone.
            let id = first_text(order, buyer).or_else(|| first_text(order, number)).unwrap_or_default();
            self.buyers.insert(id.to_lowercase());
        }
        let at = first_text(order, updated).and_then(|text| text.parse::<Timestamp>().ok());
        self.served.newest = self.served.newest.max(at);
        self.served.oldest = self.served.oldest.map_or(at, |oldest| at.map(|at| at.min(oldest)));
    }
}

/// The first text at a path such as `lineItems[].giftDetails.message` that is not empty.
fn first_text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, each) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
    let found = value.get(name)?;
    let inside = |one: &'a Value| match rest {
        Some(rest) => first_text(one, rest),
        None => one.as_str().filter(|text| !text.is_empty()),
    };
    if each { found.as_array()?.iter().find_map(inside) } else { inside(found) }
}

/// A connection to a stand-in.
struct Line {
    sender: http1::SendRequest<Empty<Bytes>>,
    host: String,
    /// Keeps the connection going.
    _tasks: JoinSet<()>,
}

impl Line {
    async fn connect(url: &str) -> Result<Self, Failure> {
        let wrong = |error: &dyn std::fmt::Display| failed(format!("the stand-in at {url} cannot be reached: {error}"));
        let host = url.strip_prefix("http://").ok_or_else(|| wrong(&"its address must begin with http://"))?;
        let host = host.trim_end_matches('/').to_owned();
        let stream = TcpStream::connect(&host).await.map_err(|error| wrong(&error))?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| wrong(&error))?;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { drop(connection.await) });
        Ok(Self { sender, host, _tasks: tasks })
    }

    async fn get(&mut self, path: &str) -> Result<Value, Failure> {
        let request = Request::get(path).header("host", self.host.as_str()).body(Empty::new());
        let request = request.map_err(|error| failed(error.to_string()))?;
        let broken = |error: &dyn std::fmt::Display| failed(format!("the stand-in's answer broke off: {error}"));
        // The connection takes a request only once it is through with the answer before.
        self.sender.ready().await.map_err(|error| broken(&error))?;
        let answer = self.sender.send_request(request).await.map_err(|error| broken(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST_PAGE).collect().await.map_err(|error| broken(&error))?;
        if !status.is_success() {
            return Err(failed(format!("the stand-in refuses with {status}: start it with --fast")));
        }
        serde_json::from_slice(&body.to_bytes()).map_err(|error| broken(&error))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_arrays_to_the_first_text() {
        let order = json!({"a": {"b": [{"c": ""}, {"d": 1}, {"c": "found"}]}, "e": ["x"], "f": null});
        assert_eq!(first_text(&order, "a.b[].c"), Some("found"));
        assert_eq!(first_text(&order, "e[]"), Some("x"));
        for absent in ["a.b.c", "a.b[].d", "f", "g.h[]", "e"] {
            assert_eq!(first_text(&order, absent), None, "{absent}");
        }
    }

    #[test]
    fn orders_of_one_buyer_are_one_buyer() {
        let order = |id: &str, user: &str, updated: &str| {
            json!({
                "orderId": id, "buyer": {"username": user}, "lineItems": [{}, {}], "lastModifiedDate": updated,
            })
        };
        let mut tally = Tally { shape: shape(Marketplace::Ebay), served: Served::default(), buyers: HashSet::new() };
        tally.add(&order("1", "ada", "2026-01-02T00:00:00.000Z"));
        tally.add(&order("2", "ada", "2026-01-01T00:00:00.000Z"));
        assert_eq!(
            (tally.served.orders, tally.served.lines, tally.served.recipients, tally.buyers.len()),
            (2, 4, 0, 1)
        );
        assert_eq!(tally.served.newest, "2026-01-02T00:00:00Z".parse().ok());
        assert_eq!(tally.served.oldest, "2026-01-01T00:00:00Z".parse().ok());
    }
}
