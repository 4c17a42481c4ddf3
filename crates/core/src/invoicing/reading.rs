//! Everything that an order's documents follow from, read for many orders at once.

use std::collections::{HashMap, HashSet};

use ordersync_store::{Account, InvoiceIssuer, StoredOrder};
use ordersync_types::{AccountId, OrderId, SellerId};
use ordersync_vat::{DeclaredCategory, GoodsNotListed, VatCategory};

use super::draft::{Case, Elsewhere, Plan};
use super::party::KnownBuyer;
use super::products::product_key;
use super::settings::InvoicingSettings;
use crate::{Actor, Core, CoreError};

static NO_CATEGORIES: std::sync::LazyLock<HashMap<String, DeclaredCategory>> = std::sync::LazyLock::new(HashMap::new);

impl Core {
    /// What is to be issued for each order: everything is read for all of them at once.
    pub(super) async fn plans(
        &self,
        seller: SellerId,
        settings: &InvoicingSettings,
        orders: &HashMap<OrderId, StoredOrder>,
        accounts: &HashMap<AccountId, Account>,
        typed: Option<&KnownBuyer>,
        actor: &Actor,
    ) -> Result<Vec<(OrderId, Plan)>, CoreError> {
        let mut ids: Vec<OrderId> = orders.keys().copied().collect();
        ids.sort_unstable();
        let shipments = self.store.shipments_of(seller, &ids).await?;
        let documents = self.store.invoices_of(seller, &ids).await?;
        let categories = self.categories(seller, settings, orders, accounts).await?;
        let rates = self.store.exchange_rates().await?;
        let rates = rates.into_iter().map(|row| {
            let source = format!("{} {}", row.source, row.month);
            ((row.currency, row.month), (row.rate, source))
        });
        let rates: HashMap<(String, String), (String, String)> = rates.collect();
        // Who bought is looked at for those alone that are invoiced here.
        let by_us = |order: &&StoredOrder| {
            let issuer = accounts.get(&order.summary.account).and_then(|account| account.invoicing.issuer);
            issuer == Some(InvoiceIssuer::Us) && !order.summary.history
        };
        let opened: Vec<&StoredOrder> = orders.values().filter(by_us).collect();
        let buyers = if settings.business.is_some() && typed.is_none() {
            self.buyers_of(seller, &opened, actor).await?
        } else {
            HashMap::new()
        };
        let elsewhere = self.elsewhere(seller, orders, accounts).await?;
        let noted = self.store.uninvoiced(seller, &ids).await?;
        let businesses: HashSet<OrderId> =
            noted.iter().filter(|one| one.business == Some(true)).map(|one| one.order).collect();
        let mut plans = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(order) = orders.get(&id) else { continue };
            let Some(account) = accounts.get(&order.summary.account) else { continue };
            let of_order = documents.partition_point(|row| row.order < id);
            let after = documents.partition_point(|row| row.order <= id);
            let facts = order.facts()?;
            let of_shipments: Vec<_> =
                shipments.iter().filter(|shipment| shipment.lines.iter().any(|line| line.order == id)).collect();
            let case = Case {
                order,
                facts: &facts,
                account,
                shipments: &of_shipments,
                documents: documents.get(of_order..after).unwrap_or_default(),
                buyer: typed.or_else(|| buyers.get(&id)),
                was_business: businesses.contains(&id),
                elsewhere: elsewhere.get(&id),
                business: settings.business(),
                categories: categories.get(&id).unwrap_or(&NO_CATEGORIES),
                rates: &rates,
                now: self.clock.now(),
            };
            plans.push((id, case.plan()?));
        }
        Ok(plans)
    }

    /// Orders that another account invoices or has invoiced: each sale is declared once.
    async fn elsewhere(
        &self,
        seller: SellerId,
        orders: &HashMap<OrderId, StoredOrder>,
        accounts: &HashMap<AccountId, Account>,
    ) -> Result<HashMap<OrderId, Elsewhere>, CoreError> {
        let older = self.older_readers(seller, orders.values()).await?;
        let mut found: HashMap<OrderId, Elsewhere> =
            older.into_iter().map(|(order, label)| (order, Elsewhere { label, documents: None })).collect();
        let numbers: Vec<&str> = orders.values().map(|order| order.summary.vendor_order_id.as_str()).collect();
        let documents = self.store.invoiced_numbers(seller, &numbers).await?;
        for (id, order) in orders {
            let connector = |account: &AccountId| accounts.get(account).map(|account| account.connector.as_str());
            let same = documents.iter().filter(|(number, other, account, _)| {
                *number == order.summary.vendor_order_id
                    && other != id
                    && connector(account) == connector(&order.summary.account)
            });
            for (_, _, account, gross) in same {
                let label = accounts.get(account).map(|account| account.label.clone()).unwrap_or_default();
                let one = found.entry(*id).or_insert(Elsewhere { label, documents: None });
                one.documents = Some(one.documents.unwrap_or(0) + gross);
            }
        }
        Ok(found)
    }

    /// VAT categories of the orders' lines: product rows, and the seller's declaration where there is none.
    async fn categories(
        &self,
        seller: SellerId,
        settings: &InvoicingSettings,
        orders: &HashMap<OrderId, StoredOrder>,
        accounts: &HashMap<AccountId, Account>,
    ) -> Result<HashMap<OrderId, HashMap<String, DeclaredCategory>>, CoreError> {
        let connector = |order: &StoredOrder| {
            accounts.get(&order.summary.account).map(|account| account.connector.as_str()).unwrap_or_default()
        };
        let mut keys: Vec<String> = orders
            .values()
            .flat_map(|order| order.lines.iter().filter_map(|line| product_key(connector(order), line)))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let known: HashMap<String, VatCategory> = self
            .store
            .products(seller, &keys)
            .await?
            .into_iter()
            .filter_map(|row| row.vat.as_deref().and_then(VatCategory::from_name).map(|vat| (row.key, vat)))
            .collect();
        let unlisted = settings.business.as_ref().map(|business| business.tax.goods_not_listed);
        let mut found = HashMap::with_capacity(orders.len());
        for (id, order) in orders {
            let mut of_lines = HashMap::with_capacity(order.lines.len());
            for line in &order.lines {
                let key = product_key(connector(order), line);
                let listed = key.as_ref().and_then(|key| known.get(key).map(|vat| (key, *vat)));
                let declared = match (listed, unlisted) {
                    (Some((key, category)), _) => DeclaredCategory { category, basis: format!("product {key}") },
                    (None, Some(GoodsNotListed::Standard)) => DeclaredCategory {
                        category: VatCategory::Standard,
                        basis: "the seller declares goods not listed as standard-rated".to_owned(),
                    },
                    (None, Some(GoodsNotListed::Ask) | None) => continue,
                };
                of_lines.insert(line.vendor_line_id.clone(), declared);
            }
            found.insert(*id, of_lines);
        }
        Ok(found)
    }
}
