//! The port's methods.

use async_trait::async_trait;
use chrono::TimeDelta;
use ordersync_connector_api::{
    AccountCheck, AccountCredential, ConnectorError, ConnectorInfo, ErrorKind, MarketplaceConnector, NextPage,
    OrderPage, PageToken, RejectedOrder, Retry, Window, WindowRules,
};
use ordersync_http_client::HttpClient;
use ordersync_order::Order;
use ordersync_types::{ConnectorId, SharedClock, Timestamp, VendorOrderId};

use crate::client::Client;
use crate::config::EbayConfig;
use crate::normalise::{self, OrdersRead, PageUnreadable};
use crate::window::Place;

/// Lag and overlap are our own choice: eBay says nothing of how soon a change is listed. A place in a window hardly
/// ages, because it is made of times and counts alone. Source of the history: Sell Fulfillment v1.20.7, `getOrders`.
const WINDOWS: WindowRules =
    WindowRules { lag_seconds: 120, overlap_seconds: 1_800, page_token_seconds: 7 * 86_400, history_days: 730 };
/// How far back [`EbayConnector::check`] looks for an order.
const PROBE: TimeDelta = TimeDelta::days(30);
/// From when on the seller is told that the consent ends.
const CONSENT_ENDS_SOON: TimeDelta = TimeDelta::days(60);
/// How far our clock may be from eBay's before it is worth a word.
const CLOCK_OFF: TimeDelta = TimeDelta::seconds(60);

/// The orders of one seller's eBay account.
pub struct EbayConnector {
    info: ConnectorInfo,
    page_size: u32,
    client: Client,
    clock: SharedClock,
}

impl EbayConnector {
    /// A connector for one account: `client_id` is the App ID, `client_secret` the Cert ID.
    ///
    /// `http` must be allowed to talk to [`EbayConfig::api_base`] and [`EbayConfig::token_url`]; its account is whose
    /// budget is used.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]: a setting is out of its range.
    #[expect(clippy::result_large_err, reason = "the port's own error, made once at the start")]
    pub fn new(
        config: &EbayConfig,
        credential: AccountCredential,
        http: HttpClient,
        clock: SharedClock,
    ) -> Result<Self, ConnectorError> {
        config.check().map_err(|reason| ConnectorError::new(ErrorKind::Config, Retry::Never, "settings", reason))?;
        let info = ConnectorInfo {
            id: ConnectorId("ebay"),
            name: "eBay",
            windows: WINDOWS,
            personal_days_after_delivery: config.personal_days_after_delivery,
            fact_months_after_change: None,
            keeps_people_of_open_orders_only: false,
        };
        let client = Client::new(config, credential, http, clock.clone());
        Ok(Self { info, page_size: config.page_size, client, clock })
    }

    async fn read(&self, place: Place, limit: u32) -> Result<(OrdersRead, u64), ConnectorError> {
        let (from, to) = place.bounds().ok_or_else(|| {
            ConnectorError::new(ErrorKind::Config, Retry::Never, "getOrders", "the window's times are out of range")
        })?;
        let response = self.client.orders((&from, &to), place.offset, limit).await?;
        let read = normalise::page(&response.body, self.clock.now()).map_err(|e| unreadable("getOrders", e))?;
        if read.offset.is_some_and(|offset| offset != place.offset) {
            return Err(malformed("eBay answered with another page than the one asked for"));
        }
        let total = read.total.ok_or_else(|| malformed("the answer does not say how many orders there are"))?;
        Ok((read, total))
    }
}

#[async_trait]
impl MarketplaceConnector for EbayConnector {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    /// A window of too many orders is cut before its first page is given out: that costs requests and no orders.
    async fn poll_orders(&self, window: Window, place: Option<&PageToken>) -> Result<OrderPage, ConnectorError> {
        let mut place = match place {
            None => Place::start(window),
            Some(token) => Place::parse(token.as_str(), window).map_err(|_| {
                let message = "the place is none of this window";
                ConnectorError::new(ErrorKind::StalePage, Retry::Never, "getOrders", message)
            })?,
        };
        let (read, total) = loop {
            let (read, total) = self.read(place, self.page_size).await?;
            match place.halved(total) {
                Some(half) => place = half,
                None => break (read, total),
            }
        };
        // an order listed twice takes one place; going on too early reads some again, going on too late skips some
        let distinct = u64::try_from(read.orders.len() + read.rejected.len()).unwrap_or(u64::MAX);
        let next = place
            .after(window, distinct.min(u64::from(self.page_size)), total)
            .map_err(|_| malformed("the page is empty although eBay counts more orders"))?;
        let bound = if next.is_none() { place.bound() } else { None };
        // a place says all that is needed to go on, however much later: what has left the window meanwhile shows in
        // the total
        let next = next.map(|next| NextPage { token: PageToken::new(next.to_string()), survives_restart: true });
        Ok(OrderPage { orders: read.orders, rejected: read.rejected, next, bound })
    }

    async fn fetch_order(&self, id: &VendorOrderId) -> Result<Result<Order, RejectedOrder>, ConnectorError> {
        let response = self.client.order(id).await?;
        normalise::order(&response.body, self.clock.now()).map_err(|error| unreadable("getOrder", error))
    }

    /// Asks for one order. Which seller the consent is of cannot be told: that needs another scope.
    async fn check(&self) -> Result<AccountCheck, ConnectorError> {
        let to = self.clock.now() - TimeDelta::seconds(i64::from(WINDOWS.lag_seconds));
        let place = Place::start(Window { from: to - PROBE, to });
        let (read, total) = self.read(place, 1).await?;
        let mut findings = Vec::new();
        if total == 0 {
            findings.push(
                "eBay shows no order changed in the last 30 days. It lists checked-out orders only: if there should be \
                 some, the consent may be of another seller's account"
                    .to_owned(),
            );
        }
        findings.extend(
            read.rejected
                .iter()
                .map(|rejected| format!("an order cannot be read: field {}: {}", rejected.field, rejected.reason)),
        );
        let now = self.clock.now();
        if let Some(ends) = self.client.tokens.consent_ends().await
            && ends - now < CONSENT_ENDS_SOON
        {
            findings.push(format!("the seller's consent ends on {}: renew it before then", ends.format("%Y-%m-%d")));
        }
        findings.extend(self.clock_difference(now));
        Ok(AccountCheck { orders_seen: u32::try_from(read.listed).unwrap_or(u32::MAX), findings })
    }
}

impl EbayConnector {
    fn clock_difference(&self, now: Timestamp) -> Option<String> {
        let newest = self.client.http().date_seen().into_iter().max_by_key(|seen| seen.local)?;
        let off = newest.local - newest.server;
        let recent = now - newest.local < TimeDelta::minutes(5);
        (recent && off.abs() > CLOCK_OFF).then(|| {
            format!("this machine's clock is {} seconds away from eBay's: set it right", off.num_seconds().abs())
        })
    }
}

fn malformed(message: &str) -> ConnectorError {
    ConnectorError::new(ErrorKind::Malformed, Retry::Backoff, "getOrders", message)
}

fn unreadable(operation: &'static str, error: PageUnreadable) -> ConnectorError {
    let message = error.to_string();
    let mut unreadable = ConnectorError::new(ErrorKind::Malformed, Retry::Backoff, operation, message);
    unreadable.source = Some(Box::new(error));
    unreadable
}
