//! What of an order a caller may see: by role, by who dispatches, by status, by age, and by `includedData`.

use chrono::Duration;
use ordersync_types::Timestamp;
use serde_json::Value;

use super::plan::Plan;
use super::settings::AmazonSettings;
use super::state::State;
use crate::fields::remove;

/// Parts of an order that a caller asks for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Included {
    Buyer,
    Recipient,
    Proceeds,
    Expense,
    Promotion,
    Cancellation,
    Fulfillment,
    Packages,
    Tax,
    Payment,
    FulfillmentOrders,
}

impl Included {
    pub(super) const ALL: [Self; 11] = [
        Self::Buyer,
        Self::Recipient,
        Self::Proceeds,
        Self::Expense,
        Self::Promotion,
        Self::Cancellation,
        Self::Fulfillment,
        Self::Packages,
        Self::Tax,
        Self::Payment,
        Self::FulfillmentOrders,
    ];

    /// What a poll asks for: no more than dispatch, tax and the order's own page need.
    pub(super) const POLLED: [Self; 8] = [
        Self::Buyer,
        Self::Recipient,
        Self::Proceeds,
        Self::Promotion,
        Self::Cancellation,
        Self::Fulfillment,
        Self::Packages,
        Self::Tax,
    ];

    /// The name in `includedData`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Buyer => "BUYER",
            Self::Recipient => "RECIPIENT",
            Self::Proceeds => "PROCEEDS",
            Self::Expense => "EXPENSE",
            Self::Promotion => "PROMOTION",
            Self::Cancellation => "CANCELLATION",
            Self::Fulfillment => "FULFILLMENT",
            Self::Packages => "PACKAGES",
            Self::Tax => "TAX",
            Self::Payment => "PAYMENT",
            Self::FulfillmentOrders => "FULFILLMENT_ORDERS",
        }
    }

    /// The fields it stands for.
    const fn paths(self) -> &'static [&'static str] {
        match self {
            Self::Buyer => &["buyer"],
            Self::Recipient => &["recipient"],
            Self::Proceeds => &["proceeds", "orderItems[].proceeds"],
            Self::Expense => &["orderItems[].expense"],
            Self::Promotion => &["orderItems[].promotion"],
            Self::Cancellation => &["orderItems[].cancellation"],
            Self::Fulfillment => &["fulfillment", "orderItems[].fulfillment"],
            Self::Packages => &["packages"],
            Self::Tax => &["tax", "orderItems[].tax"],
            Self::Payment => &["payment"],
            Self::FulfillmentOrders => &["fulfillmentOrders"],
        }
    }
}

/// Takes away what was not asked for.
pub(super) fn project(order: &mut Value, included: &[Included]) {
    for part in Included::ALL.into_iter().filter(|part| !included.contains(part)) {
        for path in part.paths() {
            remove(order, path);
        }
    }
}

/// Personal fields of the address (developer guide, "Access orders PII"); town, region and country are not among them.
const ADDRESS: [&str; 10] = [
    "recipient.deliveryAddress.name",
    "recipient.deliveryAddress.companyName",
    "recipient.deliveryAddress.addressLine1",
    "recipient.deliveryAddress.addressLine2",
    "recipient.deliveryAddress.addressLine3",
    "recipient.deliveryAddress.postalCode",
    "recipient.deliveryAddress.phone",
    "recipient.deliveryAddress.extendedFields",
    "recipient.deliveryAddress.addressType",
    "recipient.deliveryPreference",
];

/// Takes away what Amazon does not show at `now` to an application with these roles.
pub(super) fn withhold(order: &mut Value, plan: &Plan, state: &State, settings: &AmazonSettings, now: Timestamp) {
    let (roles, status) = (settings.roles, state.status(plan));
    let unpaid = matches!(status, "PENDING" | "PENDING_AVAILABILITY");
    let closed = !matches!(status, "UNSHIPPED" | "PARTIALLY_SHIPPED" | "SHIPPED");
    if unpaid {
        for path in
            ["proceeds", "payment", "orderItems[].proceeds", "orderItems[].product.price", "orderItems[].promotion"]
        {
            remove(order, path);
        }
    }
    if closed {
        for path in ["recipient", "tax"] {
            remove(order, path);
        }
    }
    let delivers = roles.delivery && !plan.by_amazon && !closed;
    let taxes = roles.tax && !closed;
    if !delivers {
        for path in [
            "buyer.buyerEmail",
            "orderItems[].fulfillment.packing.giftOption.giftMessage",
            "orderItems[].product.customization",
            "recipient.deliveryAddress.phone",
        ] {
            remove(order, path);
        }
    }
    if !delivers && !taxes {
        remove(order, "buyer.buyerName");
    }
    let forgotten = settings
        .address_days
        .is_some_and(|days| state.delivered.is_some_and(|delivered| now > delivered + Duration::days(days)));
    let addressed = !forgotten && (delivers || (taxes && plan.by_amazon));
    if !addressed {
        ADDRESS.iter().for_each(|path| remove(order, path));
    }
    if state.dispatched.is_some() && now > plan.deliver_by {
        remove(order, "recipient.deliveryAddress.phone");
    }
    if !taxes {
        remove(order, "tax");
    }
    if closed {
        for path in ["buyer.buyerCompanyName", "buyer.buyerPurchaseOrderNumber"] {
            remove(order, path);
        }
    }
}
