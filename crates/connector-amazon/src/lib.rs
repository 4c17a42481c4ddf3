//! Amazon as a marketplace: Selling Partner API, Orders **2026-01-01**, with tokens of Login with Amazon.
//!
//! * Contract: [`orders_2026-01-01`](https://github.com/amzn/selling-partner-api-models), model of 2026-08-05.
//! * [Migration from v0](https://developer-docs.amazon.com/sp-api/docs/orders-api-migration-guide): no operation of
//!   v0 is read here, so there are no restricted tokens. Personal fields depend on the app's roles alone.
//! * [Usage plans](https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits): `searchOrders` gives
//!   one call in three minutes, so one call covers all marketplaces of a region and all parts of the orders.
//!
//! Rooms: `config` (settings, marketplaces), `client` and `token` (requests), `dto` (Amazon's names), `page` and
//! `normalise` (bytes to orders; pure), `fields` (which field is personal), `outage` (a part that Amazon refuses),
//! `error` (Amazon's codes).
//!
//! People are kept only of orders that the seller packs and that have not left; of all others only the facts.

mod account_check;
mod client;
mod config;
mod diagnosis;
mod dto;
mod error;
mod fields;
mod normalise;
mod outage;
mod page;
mod place;
mod token;

use std::sync::Arc;

use async_trait::async_trait;
use ordersync_connector_api::{
    AccountCheck, AccountCredential, ConnectorError, ConnectorInfo, ErrorKind, MarketplaceConnector, NextPage,
    OrderPage, PageToken, RejectedOrder, Retry, Window, WindowRules,
};
use ordersync_http_client::{BudgetLedger, HttpClient};
use ordersync_order::Order;
use ordersync_types::{ConnectorId, SharedClock, VendorOrderId};

pub use client::{GET_ORDER, SEARCH_ORDERS};
pub use config::{AmazonConfig, ConfigError, MARKETPLACES, Marketplace, Region};
pub use fields::{DROPPED, OPEN_FIELDS, PERSONAL_FIELDS, UNREAD_FIELDS};
pub use page::{SearchAnswer, Unreadable, read_get_answer, read_search_answer};

use client::{Client, PAGE_SIZE, PARTS};
use error::{is_invalid_input, unreadable};
use place::Reading;

/// What core may know of Amazon without asking.
pub const INFO: ConnectorInfo = ConnectorInfo {
    id: ConnectorId("amazon"),
    name: "Amazon",
    windows: WindowRules {
        // lastUpdatedBefore must lie two minutes back when the request arrives; the rest is for a clock that is not
        // quite right
        lag_seconds: 150,
        overlap_seconds: 600,
        // "Orders API migration guide", read 2026-11
        page_token_seconds: 24 * 3600,
        // orders older than two years are not returned (but in Japan, Australia and Singapore)
        history_days: 730,
    },
    // Data Protection Policy: personal data at most 30 days after delivery, other data at most 18 months
    personal_days_after_delivery: 30,
    fact_months_after_change: Some(18),
    keeps_people_of_open_orders_only: true,
};

/// One Amazon account in one region.
#[derive(Debug)]
pub struct AmazonConnector {
    client: Client,
    clock: SharedClock,
}

impl AmazonConnector {
    /// A connector with a client of its own. `account` names whose budgets in `ledger` it uses: our account id,
    /// never a credential.
    ///
    /// # Errors
    /// [`ConfigError`]: a setting is wrong.
    pub fn new(
        config: &AmazonConfig,
        account: impl Into<Arc<str>>,
        credential: AccountCredential,
        ledger: Arc<dyn BudgetLedger>,
        clock: SharedClock,
    ) -> Result<Self, ConfigError> {
        let settings = config.client_settings(account)?;
        let http = HttpClient::new(settings, clock.clone(), ledger).map_err(ConfigError::from)?;
        Self::with_client(config, credential, http, clock)
    }

    /// A connector with a client made from [`AmazonConfig::client_settings`], for settings that differ from the
    /// usual ones.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_client(
        config: &AmazonConfig,
        credential: AccountCredential,
        http: HttpClient,
        clock: SharedClock,
    ) -> Result<Self, ConfigError> {
        let tokens = token::TokenSource::new(http.clone(), config.token_url(), credential, clock.clone());
        let client = Client::new(http, tokens, config.api_url(), &config.marketplace_ids()?);
        Ok(Self { client, clock })
    }

    async fn search_whole(&self, window: Window, token: Option<&str>) -> Result<SearchAnswer<Order>, ConnectorError> {
        let body = self.client.search_orders(window, &PARTS, PAGE_SIZE, token).await?;
        read_search_answer(&body).map_err(|error| unreadable(SEARCH_ORDERS, error))
    }

    /// The first page of a window. A refusal with `InvalidInput` is asked about once more without parts: if that is
    /// refused as well, it was not a part.
    async fn first_page(&self, window: Window) -> Result<(Reading, SearchAnswer<Order>), ConnectorError> {
        match self.search_whole(window, None).await {
            Err(refusal) if is_invalid_input(&refusal) => {
                match outage::search_one_by_one(&self.client, window, None).await {
                    Err(error) if is_invalid_input(&error) => Err(refusal),
                    other => Ok((Reading::OneByOne, other?)),
                }
            }
            other => Ok((Reading::Whole, other?)),
        }
    }

    async fn further_page(
        &self,
        window: Window,
        reading: Reading,
        token: &str,
    ) -> Result<SearchAnswer<Order>, ConnectorError> {
        let answer = match reading {
            Reading::Whole => self.search_whole(window, Some(token)).await,
            Reading::OneByOne => outage::search_one_by_one(&self.client, window, Some(token)).await,
        };
        match answer {
            // nothing but the token differs from the page before, so the token is what Amazon does not take
            Err(error) if is_invalid_input(&error) => Err(ConnectorError {
                kind: ErrorKind::StalePage,
                retry: Retry::Backoff,
                message: "Amazon does not take the page token any more: the window starts again".to_owned(),
                ..error
            }),
            Ok(answer) if answer.next_token.as_deref() == Some(token) => {
                let message = "Amazon names the page just read as the next one";
                Err(ConnectorError::new(ErrorKind::Malformed, Retry::Backoff, SEARCH_ORDERS.name(), message))
            }
            other => other,
        }
    }
}

#[async_trait]
impl MarketplaceConnector for AmazonConnector {
    fn info(&self) -> &ConnectorInfo {
        &INFO
    }

    async fn poll_orders(&self, window: Window, place: Option<&PageToken>) -> Result<OrderPage, ConnectorError> {
        let (reading, answer) = match place {
            None => self.first_page(window).await?,
            Some(place) => {
                let Some((reading, token)) = Reading::of_place(place) else {
                    let message = "the place in the window is not one of this connector: the window starts again";
                    let operation = SEARCH_ORDERS.name();
                    return Err(ConnectorError::new(ErrorKind::StalePage, Retry::Backoff, operation, message));
                };
                (reading, self.further_page(window, reading, token).await?)
            }
        };
        let next = answer.next_token.map(|token| NextPage { token: reading.place(&token), survives_restart: true });
        // what lies past the window was not asked for
        let bound = answer.bound.map(|bound| bound.min(window.to));
        if next.is_none() && bound.is_none() {
            tracing::warn!(operation = SEARCH_ORDERS.name(), "Amazon did not say how far the window is complete");
        }
        Ok(OrderPage { orders: answer.read, rejected: answer.rejected, next, bound })
    }

    async fn fetch_order(&self, id: &VendorOrderId) -> Result<Result<Order, RejectedOrder>, ConnectorError> {
        outage::read_order(&self.client, id).await
    }

    async fn check(&self) -> Result<AccountCheck, ConnectorError> {
        account_check::check(&self.client, self.clock.now()).await
    }
}
