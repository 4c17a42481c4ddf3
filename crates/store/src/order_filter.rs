//! Which orders to read.

use ordersync_types::{AccountId, OrderId, SellerId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::entity::{account, orders};
use crate::time::to_ms;

/// Which orders to list. Every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// With this status by name.
    pub status: Option<String>,
    /// Changed at the marketplace at or after this moment.
    pub updated_since: Option<Timestamp>,
    /// With one of these ids.
    pub ids: Option<Vec<OrderId>>,
    /// With exactly this number; in no order then.
    pub vendor_order_id: Option<String>,
    /// After this order in the list's own order (newest first), for the next page.
    pub before: Option<OrderId>,
    /// At most this many.
    pub limit: u64,
}

/// Newest first, but for those of one number.
pub(crate) fn filtered(seller: SellerId, filter: &OrderFilter) -> sea_orm::Select<orders::Entity> {
    let mut query =
        orders::Entity::find().filter(orders::Column::SellerId.eq(i64::from(seller.number()))).limit(filter.limit);
    if let Some(account) = filter.account {
        query = query.filter(orders::Column::AccountId.eq(account.as_uuid()));
    }
    if let Some(status) = &filter.status {
        query = query.filter(orders::Column::Status.eq(status.as_str()));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(orders::Column::UpdatedAt.gte(to_ms(since)));
    }
    if let Some(ids) = &filter.ids {
        query = query.filter(orders::Column::OrderId.is_in(ids.iter().map(|id| id.as_uuid())));
    }
    if let Some(number) = &filter.vendor_order_id {
        query = query.filter(orders::Column::VendorOrderId.eq(number.as_str()));
        if filter.account.is_none() {
            // The index on numbers begins with the account.
            let accounts = account::Entity::find().select_only().column(account::Column::AccountId).into_query();
            query = query.filter(orders::Column::AccountId.in_subquery(accounts));
        }
    } else {
        // Asked for its few orders of one number in this order, SQLite reads all that there are.
        query = query.order_by_desc(orders::Column::OrderId);
    }
    if let Some(before) = filter.before {
        query = query.filter(orders::Column::OrderId.lt(before.as_uuid()));
    }
    query
}
