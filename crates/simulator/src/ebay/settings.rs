//! What this stand-in eBay is like.

/// Settings of a stand-in eBay.
#[derive(Debug, Clone)]
pub struct EbaySettings {
    /// App ID that the token endpoint accepts.
    pub client_id: String,
    /// Cert ID that the token endpoint accepts.
    pub client_secret: String,
    /// Refresh token that the token endpoint accepts.
    pub refresh_token: String,
    /// Scopes the seller consented to.
    pub scopes: Vec<String>,
    /// Calls a day (UTC) for orders, all sellers of the keyset together; `None`: no end.
    pub daily_quota: Option<u64>,
    /// Whether marking an order dispatched moves its `lastModifiedDate`. eBay does not say.
    pub dispatch_is_update: bool,
}

/// Read and write orders.
pub(super) const FULFILLMENT: &str = "https://api.ebay.com/oauth/api_scope/sell.fulfillment";
/// Read orders.
pub(super) const FULFILLMENT_READ: &str = "https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly";
/// Which seller a token belongs to.
const IDENTITY: &str = "https://api.ebay.com/oauth/api_scope/commerce.identity.readonly";

impl Default for EbaySettings {
    fn default() -> Self {
        Self {
            client_id: "Example-OrderSyn-PRD-simulated".to_owned(),
            client_secret: "PRD-simulated-cert".to_owned(),
            refresh_token: "v^1.1#i^1#simulated-refresh".to_owned(),
            scopes: [FULFILLMENT, FULFILLMENT_READ, IDENTITY].map(str::to_owned).to_vec(),
            daily_quota: None,
            dispatch_is_update: true,
        }
    }
}
