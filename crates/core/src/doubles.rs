//! One order under two accounts: an order of an account that was removed goes on under the one that reads it now, and
//! where two accounts read the same seller, the older one's is worked on.

use std::collections::HashMap;

use ordersync_store::{Account, OrderFilter, StoredOrder};
use ordersync_types::{AccountId, OrderId, SellerId, VendorOrderId};

use crate::{Core, CoreError};

/// Who keeps an order from being worked on, whatever the marketplace says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBy {
    /// A person of the shop, by user name.
    Person(String),
    /// Another account that reads the same orders and was added earlier, by label.
    Account(String),
}

impl Core {
    /// The order with this id of ours, or this number of a marketplace. Where several accounts hold the number, that of
    /// an account which is still read; of two that read one seller, the older one's.
    ///
    /// # Errors
    /// [`CoreError::NoSuchOrder`]; [`CoreError::Refused`] when several such accounts have one; else what the store says.
    pub async fn stored_order(
        &self,
        seller: SellerId,
        reference: &str,
        account: Option<AccountId>,
    ) -> Result<StoredOrder, CoreError> {
        let mut filter = OrderFilter { limit: 10, account, ..OrderFilter::default() };
        match reference.parse::<OrderId>() {
            Ok(id) => filter.ids = Some(vec![id]),
            Err(_) => filter.vendor_order_id = Some(reference.to_owned()),
        }
        let mut found = self.store.full_orders(seller, &filter).await?;
        if found.len() > 1 {
            let accounts = self.store.accounts().await?;
            let reader = |order: &StoredOrder| accounts.iter().find(|one| one.account == order.summary.account);
            if found.iter().any(|order| reader(order).is_some()) {
                found.retain(|order| reader(order).is_some());
            }
            // Of two that read one seller the older one's is worked on.
            let is_newer = |order: &StoredOrder| {
                let own = reader(order);
                own.is_some_and(|own| found.iter().filter_map(reader).any(|other| is_older(other, own)))
            };
            let newer: Vec<OrderId> =
                found.iter().filter(|order| is_newer(order)).map(|order| order.summary.order_id).collect();
            found.retain(|order| !newer.contains(&order.summary.order_id));
        }
        match (found.pop(), found.is_empty()) {
            (Some(order), true) => Ok(order),
            (None, _) => Err(CoreError::NoSuchOrder(reference.to_owned())),
            (Some(_), false) => Err(CoreError::Refused {
                message: format!("several accounts have an order {reference}"),
                hint: "use the id that `ordersync orders list` shows".to_owned(),
            }),
        }
    }

    /// Who holds which of these orders back.
    ///
    /// # Errors
    /// What the store says.
    pub async fn held(
        &self,
        seller: SellerId,
        orders: impl IntoIterator<Item = &StoredOrder>,
    ) -> Result<HashMap<OrderId, HeldBy>, CoreError> {
        let older = self.older_readers(seller, orders).await?;
        let mut held: HashMap<OrderId, HeldBy> =
            older.into_iter().map(|(order, label)| (order, HeldBy::Account(label))).collect();
        for hold in self.store.holds(seller).await? {
            let who = hold.held_by.strip_prefix("user:").unwrap_or(&hold.held_by).to_owned();
            held.insert(hold.order, HeldBy::Person(who));
        }
        Ok(held)
    }

    /// Orders that an older account reads as well, with its label.
    pub(crate) async fn older_readers(
        &self,
        seller: SellerId,
        orders: impl IntoIterator<Item = &StoredOrder>,
    ) -> Result<HashMap<OrderId, String>, CoreError> {
        let mut read = HashMap::new();
        let mut of_accounts: HashMap<AccountId, Vec<&StoredOrder>> = HashMap::new();
        for order in orders {
            of_accounts.entry(order.summary.account).or_default().push(order);
        }
        let accounts = self.store.accounts().await?;
        for account in &accounts {
            let Some(orders) = of_accounts.get(&account.account) else { continue };
            let numbers: Vec<&str> = orders.iter().map(|order| order.summary.vendor_order_id.as_str()).collect();
            for older in accounts.iter().filter(|other| is_older(other, account)) {
                let theirs = self.store.numbers_among(seller, older.account, &numbers).await?;
                for order in orders.iter().filter(|order| theirs.contains(&order.summary.vendor_order_id)) {
                    read.insert(order.summary.order_id, older.label.clone());
                }
            }
        }
        Ok(read)
    }

    /// Before an account is removed: its parcels go on with the same orders of an account that reads them too.
    pub(crate) async fn hand_over_parcels(&self, removed: &Account) -> Result<(), CoreError> {
        let others = self.store.accounts().await?;
        let of_same = |other: &&Account| other.connector == removed.connector && other.account != removed.account;
        for other in others.iter().filter(of_same) {
            self.store.hand_over_parcels(removed.seller, removed.account, other.account).await?;
        }
        Ok(())
    }

    /// Orders that accounts removed since had read go on under this account, with their parcels, holds and history.
    pub(crate) async fn adopt_orders(&self, account: &Account, numbers: &[VendorOrderId]) -> Result<u64, CoreError> {
        let mut adopted = 0;
        for removed in self.store.removed_accounts(account.seller, &account.connector).await? {
            adopted += self.store.move_orders(account.seller, removed, account.account, numbers).await?;
        }
        if adopted > 0 {
            tracing::info!(account = %account.label, orders = adopted, "orders of a removed account go on under this one");
        }
        Ok(adopted)
    }
}

/// Ids of accounts are in the order in which they were added.
fn is_older(other: &Account, account: &Account) -> bool {
    other.connector == account.connector && other.account < account.account
}
