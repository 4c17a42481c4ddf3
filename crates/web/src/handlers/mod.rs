//! One file per group of endpoints: parse, decide, write.

pub(crate) mod accounts;
pub(crate) mod daybook;
pub(crate) mod find;
pub(crate) mod invoices;
pub(crate) mod keys;
pub(crate) mod labels;
pub(crate) mod order_work;
pub(crate) mod orders;
pub(crate) mod packing;
pub(crate) mod products;
pub(crate) mod retention;
pub(crate) mod retry;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod system;
pub(crate) mod tokens;

use std::collections::HashMap;

use ordersync_core::{Account, OrderSummary};
use ordersync_types::{AccountId, Currency, Money};

use crate::api::Api;
use crate::dto::{MoneyView, OrderSummaryView};
use crate::error::WebError;

/// The labels of all accounts, for lists of orders.
pub(crate) struct Labels(HashMap<AccountId, String>);

impl Labels {
    pub(crate) async fn read(api: &Api) -> Result<Self, WebError> {
        let accounts = api.core.store.accounts().await.map_err(WebError::database)?;
        Ok(Self::of(&accounts))
    }

    pub(crate) fn of(accounts: &[Account]) -> Self {
        Self(accounts.iter().map(|account| (account.account, account.label.clone())).collect())
    }

    /// The label; the id of an account that was removed.
    pub(crate) fn label(&self, account: AccountId) -> String {
        self.0.get(&account).cloned().unwrap_or_else(|| account.to_string())
    }
}

/// An amount from its columns; nothing when the currency is not one we know, which never happens to what we stored.
pub(crate) fn money(minor: Option<i64>, currency: Option<&str>) -> Option<Money> {
    let currency: Currency = currency?.parse().ok()?;
    minor.map(|minor| Money::new(minor, currency))
}

pub(crate) fn summary_view(order: &OrderSummary, labels: &Labels) -> OrderSummaryView {
    OrderSummaryView {
        id: order.order_id.to_string(),
        account: labels.label(order.account),
        number: order.vendor_order_id.clone(),
        marketplace: order.marketplace.clone(),
        status: order.status.clone(),
        status_code: order.status_code.clone(),
        fulfilled_by: order.fulfilled_by.clone(),
        completeness: order.completeness.clone(),
        created_at: order.created_at,
        updated_at: order.updated_at,
        read_at: order.read_at,
        ship_by: order.ship_by,
        deliver_by: order.deliver_by,
        dispatched_at: order.dispatched_at,
        delivered_at: order.delivered_at,
        history: order.history,
        country: order.country.clone(),
        territory: order.territory.clone(),
        grand_total: money(order.grand_total_minor, order.currency.as_deref()).map(MoneyView::from),
        shipping_reviews: order.shipping_reviews,
        tax_reviews: order.tax_reviews,
        delivery_purged_at: order.delivery_purged_at,
    }
}
