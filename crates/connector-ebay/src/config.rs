//! The connector's section of the configuration.

use ordersync_http_client::RatePlan;
use serde::Deserialize;

/// Reads orders and nothing else. Source: eBay, "OAuth scopes", read 2026-11.
const READ_ORDERS: &str = "https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly";
/// The most orders on a page; a larger `limit` is refused with 31100. Source: Sell Fulfillment v1.20.7, `getOrders`.
const MOST_ORDERS: u32 = 200;

/// Which of eBay's two worlds: each has its own keysets, sellers and orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real orders.
    #[default]
    Production,
    /// eBay's test world.
    Sandbox,
}

impl Environment {
    /// The host of the Fulfillment API.
    pub const fn api_base(self) -> &'static str {
        match self {
            Self::Production => "https://api.ebay.com",
            Self::Sandbox => "https://api.sandbox.ebay.com",
        }
    }

    /// Where a refresh token is exchanged for an access token.
    pub const fn token_url(self) -> &'static str {
        match self {
            Self::Production => "https://api.ebay.com/identity/v1/oauth2/token",
            Self::Sandbox => "https://api.sandbox.ebay.com/identity/v1/oauth2/token",
        }
    }
}

/// How to talk to eBay for one account. Every field may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EbayConfig {
    /// `production` or `sandbox`.
    pub environment: Environment,
    /// Another host in place of [`Environment::api_base`], such as `http://127.0.0.1:8080`. No path.
    pub api_base: Option<String>,
    /// Another address in place of [`Environment::token_url`].
    pub token_url: Option<String>,
    /// What to ask for with each access token: the seller must have consented to all of it. An empty list asks for
    /// everything consented.
    pub scopes: Vec<String>,
    /// Orders on a page, 1 to 200.
    pub page_size: u32,
    /// Requests at once.
    pub budget_burst: u32,
    /// Seconds until one more request may go out.
    ///
    /// eBay publishes no rate per second, only a number of calls a day for an application with all its sellers:
    /// 5,000 for new ones, 100,000 seen at an approved one (getRateLimits, 2026-09). 18 seconds are 4,800 a day.
    pub budget_interval_seconds: u64,
    /// How long after delivery personal data may be kept, in days. eBay's licence names no number, only "no longer
    /// needed" (API License Agreement with Data Protection Addendum of 2025-09); 30 is our own choice.
    pub personal_days_after_delivery: u32,
}

impl Default for EbayConfig {
    fn default() -> Self {
        Self {
            environment: Environment::Production,
            api_base: None,
            token_url: None,
            scopes: vec![READ_ORDERS.to_owned()],
            page_size: MOST_ORDERS,
            budget_burst: 200,
            budget_interval_seconds: 18,
            personal_days_after_delivery: 30,
        }
    }
}

impl EbayConfig {
    /// The host of the Fulfillment API, to be allowed to the HTTP client.
    pub fn api_base(&self) -> &str {
        self.api_base.as_deref().unwrap_or(self.environment.api_base())
    }

    /// Where access tokens come from, to be allowed to the HTTP client.
    pub fn token_url(&self) -> &str {
        self.token_url.as_deref().unwrap_or(self.environment.token_url())
    }

    pub(crate) fn plan(&self) -> RatePlan {
        RatePlan::new(self.budget_burst, self.budget_interval_seconds.saturating_mul(1_000))
    }

    /// Says which setting is out of its range.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if !(1..=MOST_ORDERS).contains(&self.page_size) {
            return Err("page_size must be 1 to 200");
        }
        if self.budget_burst == 0 || self.budget_interval_seconds == 0 {
            return Err("budget_burst and budget_interval_seconds must be at least 1");
        }
        if self.scopes.iter().any(|scope| scope.is_empty() || scope.contains(char::is_whitespace)) {
            return Err(
                "each of scopes must be one scope, such as https://api.ebay.com/oauth/api_scope/sell.fulfillment",
            );
        }
        if self.api_base().contains(['?', '#']) || self.token_url().contains(['?', '#']) {
            return Err("api_base and token_url must have no query");
        }
        Ok(())
    }
}
