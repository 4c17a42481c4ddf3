//! What this stand-in Amazon is like.

use crate::budget::UsagePlan;

/// Roles that Amazon granted the application. Without one, its fields are silently absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// An order role, such as "Inventory and Order Tracking". Without any role, order calls are answered with 403.
    pub orders: bool,
    /// "Direct-to-Consumer Delivery (Restricted)": recipient, relay e-mail, gift message of orders the merchant dispatches.
    pub delivery: bool,
    /// "Tax Invoicing (Restricted)" or "Tax Remittance (Restricted)": buyer's name and tax registrations.
    pub tax: bool,
}

impl Roles {
    /// All of them.
    pub const ALL: Self = Self { orders: true, delivery: true, tax: true };
}

/// Settings of a stand-in Amazon.
#[derive(Debug, Clone)]
pub struct AmazonSettings {
    /// `client_id` that the token endpoint accepts.
    pub client_id: String,
    /// `client_secret` that the token endpoint accepts.
    pub client_secret: String,
    /// `refresh_token` that the token endpoint accepts.
    pub refresh_token: String,
    /// What the application may see.
    pub roles: Roles,
    /// searchOrders: 0.0056 a second, burst 20 (contract, read 2026-11).
    pub search_plan: UsagePlan,
    /// getOrder: 0.5 a second, burst 30 (contract, read 2026-11).
    pub get_plan: UsagePlan,
    /// Whether calls above plan are refused with 429. They are counted either way.
    pub enforce_plans: bool,
    /// Days after delivery from which the address is no longer sent; `None`: it always is. Amazon's own number is not public.
    pub address_days: Option<i64>,
    /// Whether discounts are sent as negative amounts, so that a line's parts add up to its total. The contract is silent.
    pub negative_discounts: bool,
    /// Of a hundred orders, how many Amazon dispatches itself (FBA).
    pub fba_percent: u64,
}

impl Default for AmazonSettings {
    fn default() -> Self {
        Self {
            client_id: "amzn1.application-oa2-client.simulated".to_owned(),
            client_secret: "amzn1.oa2-cs.v1.simulated".to_owned(),
            refresh_token: "Atzr|simulated-refresh".to_owned(),
            roles: Roles::ALL,
            search_plan: UsagePlan { micro_per_second: 5_600, burst: 20 },
            get_plan: UsagePlan { micro_per_second: 500_000, burst: 30 },
            enforce_plans: true,
            address_days: Some(30),
            negative_discounts: true,
            fba_percent: 20,
        }
    }
}
