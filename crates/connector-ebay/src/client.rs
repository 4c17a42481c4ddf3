//! The two endpoints this connector reads.

use ordersync_connector_api::{AccountCredential, ConnectorError};
use ordersync_http_client::{HttpClient, Operation, Request, Response};
use ordersync_types::{SharedClock, VendorOrderId};

use crate::config::EbayConfig;
use crate::error;
use crate::token::{Bearer, Tokens};

/// The path of the API. Source: Sell Fulfillment API v1.20.7.
const ORDERS: &str = "/sell/fulfillment/v1/order";
/// eBay counts all calls of the API together.
const BUDGET: &str = "sell.fulfillment";

/// Sends requests and gives back the bytes of answers.
pub(crate) struct Client {
    http: HttpClient,
    pub(crate) tokens: Tokens,
    /// The address of the orders.
    orders: String,
    get_orders: Operation,
    get_order: Operation,
}

impl Client {
    pub(crate) fn new(
        config: &EbayConfig,
        credential: AccountCredential,
        http: HttpClient,
        clock: SharedClock,
    ) -> Self {
        Self {
            orders: format!("{}{ORDERS}", config.api_base().trim_end_matches('/')),
            get_orders: Operation::new("getOrders", config.plan()).sharing(BUDGET),
            get_order: Operation::new("getOrder", config.plan()).sharing(BUDGET),
            tokens: Tokens::new(config, credential, http.clone(), clock),
            http,
        }
    }

    /// The orders last modified between two moments, both included, as eBay's filter wants them written.
    ///
    /// The address is put together here, and `next` of an answer is never followed: it was seen without
    /// `fieldGroups`, and without that the totals leave out the tax that eBay collects. In the filter only the
    /// brackets are escaped, as eBay's own examples do it.
    pub(crate) async fn orders(
        &self,
        (from, to): (&str, &str),
        offset: u64,
        limit: u32,
    ) -> Result<Response, ConnectorError> {
        let filter = format!("lastmodifieddate:%5B{from}..{to}%5D");
        let url = format!("{}?filter={filter}&fieldGroups=TAX_BREAKDOWN&limit={limit}&offset={offset}", self.orders);
        self.send(&Request::get(self.get_orders, url)).await
    }

    /// One order, with what the list leaves out: `cancelRequests` and `taxIdentifier`.
    pub(crate) async fn order(&self, id: &VendorOrderId) -> Result<Response, ConnectorError> {
        let request = Request::get(self.get_order, self.orders.as_str()).segment(id.as_str());
        self.send(&request.query("fieldGroups", "TAX_BREAKDOWN")).await
    }

    async fn send(&self, request: &Request) -> Result<Response, ConnectorError> {
        self.http.send_authorised(request, &Bearer::new(&self.tokens)).await.map_err(error::of_http)
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.http
    }
}
