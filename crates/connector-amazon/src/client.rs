//! The two operations: a request goes out, the bytes of the answer come back.

use std::fmt;

use bytes::Bytes;
use chrono::SecondsFormat;
use ordersync_connector_api::{ConnectorError, Window};
use ordersync_http_client::{DateSeen, HttpClient, Operation, RatePlan, Request};
use ordersync_types::{Timestamp, VendorOrderId};

use crate::error::operation_error;
use crate::token::TokenSource;

/// `searchOrders`: 0.0056 requests a second, 20 at once. Answers 403 to a token that has run out.
///
/// Source: `orders_2026-01-01`, usage plan of `searchOrders`, model of 2026-08-05.
pub const SEARCH_ORDERS: Operation = Operation::new("searchOrders", RatePlan::new(20, 178_572)).renewing_on_forbidden();

/// `getOrder`: 0.5 requests a second, 30 at once. Answers 403 to a token that has run out.
///
/// Source: `orders_2026-01-01`, usage plan of `getOrder`, model of 2026-08-05.
pub const GET_ORDER: Operation = Operation::new("getOrder", RatePlan::new(30, 2_000)).renewing_on_forbidden();

/// The parts of an order that every reading asks for. Payment, expense and Easy Ship's parts are not needed here.
pub(crate) const PARTS: [&str; 8] =
    ["FULFILLMENT", "CANCELLATION", "PROCEEDS", "TAX", "PROMOTION", "PACKAGES", "BUYER", "RECIPIENT"];

/// The most orders Amazon puts on a page.
pub(crate) const PAGE_SIZE: u32 = 100;

/// One account's way to Amazon.
pub(crate) struct Client {
    http: HttpClient,
    tokens: TokenSource,
    orders_url: String,
    /// Comma-joined ids; `None`: all of the region.
    marketplace_ids: Option<String>,
}

impl Client {
    pub(crate) fn new(http: HttpClient, tokens: TokenSource, api_url: &str, marketplace_ids: &[&str]) -> Self {
        Self {
            http,
            tokens,
            orders_url: format!("{api_url}/orders/2026-01-01/orders"),
            marketplace_ids: Some(marketplace_ids.join(",")).filter(|ids| !ids.is_empty()),
        }
    }

    /// One page of the orders that changed within `window`. A page token goes with exactly the parameters of the
    /// page before.
    pub(crate) async fn search_orders(
        &self,
        window: Window,
        parts: &[&str],
        page_size: u32,
        token: Option<&str>,
    ) -> Result<Bytes, ConnectorError> {
        let mut request = Request::get(SEARCH_ORDERS, self.orders_url.as_str())
            .query("lastUpdatedAfter", &time_text(window.from))
            .query("lastUpdatedBefore", &time_text(window.to));
        if let Some(ids) = &self.marketplace_ids {
            request = request.query("marketplaceIds", ids);
        }
        request = request.query("maxResultsPerPage", &page_size.to_string());
        if !parts.is_empty() {
            request = request.query("includedData", &parts.join(","));
        }
        if let Some(token) = token {
            request = request.query("paginationToken", token);
        }
        self.send(&request).await
    }

    /// One order by its number.
    pub(crate) async fn get_order(&self, id: &VendorOrderId, parts: &[&str]) -> Result<Bytes, ConnectorError> {
        let mut request = Request::get(GET_ORDER, self.orders_url.as_str()).segment(id.as_str());
        if !parts.is_empty() {
            request = request.query("includedData", &parts.join(","));
        }
        self.send(&request).await
    }

    /// What Amazon's answers said of the time.
    pub(crate) fn date_seen(&self) -> Vec<DateSeen> {
        self.http.date_seen()
    }

    async fn send(&self, request: &Request) -> Result<Bytes, ConnectorError> {
        let answer = self.http.send_authorised(request, &self.tokens.for_request()).await;
        answer.map(|answer| answer.body).map_err(operation_error)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({:?})", self.http)
    }
}

/// ISO 8601 in UTC, with milliseconds where there are any. Parts of a millisecond are cut off: at the start of a
/// window that reads more, and at its end the answer's own bound says how far it reached.
fn time_text(time: Timestamp) -> String {
    let format = if time.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    time.to_rfc3339_opts(format, true)
}
