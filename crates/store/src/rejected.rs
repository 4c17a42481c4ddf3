//! Orders that could not be read: kept with their reason until they can.

use std::collections::HashSet;

use ordersync_types::{AccountId, SellerId, Timestamp, VendorOrderId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Value};

use crate::batch::Batch;
use crate::bulk::{filled_list, placeholders};
use crate::entity::rejected_order;
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms, to_ms_option};
use crate::{Databases, StoreError};

/// An order that could not be read. Carries no value of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// Its number at the marketplace, or `unreadable:FIELD` when even that could not be read.
    pub vendor_order_id: String,
    /// When the marketplace last changed it.
    pub updated_at: Option<Timestamp>,
    /// The vendor's path of the offending field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// The program's version that could not read it.
    pub program_version: String,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// When it is to be read again.
    pub try_after: Timestamp,
    /// How often it was read.
    pub tries: i64,
}

/// Adds what a page changes here: orders that could not be read, and those that now could.
pub(crate) fn add_rejected(
    batch: &mut Batch,
    (seller, account, at): (SellerId, AccountId, Timestamp),
    rejected: &[RejectedRow],
    accepted: &[VendorOrderId],
) {
    let (seller, account) = (i64::from(seller.number()), account.as_uuid());
    for row in rejected {
        let sql = "INSERT INTO rejected_order (seller_id, account_id, vendor_order_id, updated_at, field, reason, \
                   program_version, first_seen_at, last_seen_at, try_after, tries) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) \
                   ON CONFLICT (seller_id, account_id, vendor_order_id) DO UPDATE SET \
                   updated_at = excluded.updated_at, field = excluded.field, reason = excluded.reason, \
                   program_version = excluded.program_version, last_seen_at = excluded.last_seen_at, \
                   try_after = excluded.try_after, tries = rejected_order.tries + 1";
        let values: [Value; 10] = [
            seller.into(),
            account.into(),
            row.vendor_order_id.as_str().into(),
            to_ms_option(row.updated_at).into(),
            row.field.as_str().into(),
            row.reason.as_str().into(),
            row.program_version.as_str().into(),
            to_ms(row.first_seen_at).into(),
            to_ms(at).into(),
            to_ms(row.try_after).into(),
        ];
        batch.add(sql, values);
    }
    for chunk in accepted.chunks(200) {
        let list = filled_list(chunk.iter().map(|id| id.as_str().into()).collect());
        let sql = format!(
            "DELETE FROM rejected_order WHERE seller_id = $1 AND account_id = $2 AND vendor_order_id IN ({})",
            placeholders(3, list.len())
        );
        let mut values: Vec<Value> = vec![seller.into(), account.into()];
        values.extend(list);
        batch.add(sql, values);
    }
}

impl Databases {
    /// Those of the orders that are rejected ones of the account, by number.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn rejected_among(
        &self,
        seller: SellerId,
        account: AccountId,
        ids: &[VendorOrderId],
    ) -> Result<HashSet<String>, StoreError> {
        let mut rejected = HashSet::new();
        for chunk in ids.chunks(200) {
            let list = filled_list(chunk.iter().map(|id| id.as_str().into()).collect());
            let sql = format!(
                "SELECT vendor_order_id FROM rejected_order WHERE seller_id = $1 AND account_id = $2 \
                 AND vendor_order_id IN ({})",
                placeholders(3, list.len())
            );
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into(), account.as_uuid().into()];
            values.extend(list);
            for row in self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await? {
                rejected.insert(row.try_get_by_index(0)?);
            }
        }
        Ok(rejected)
    }

    /// Forgets a rejected order that the marketplace no longer knows.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn drop_rejected(&self, seller: SellerId, account: AccountId, id: &str) -> Result<(), StoreError> {
        let key = (i64::from(seller.number()), account.as_uuid(), id.to_owned());
        rejected_order::Entity::delete_by_id(key).exec(&self.data.write).await?;
        Ok(())
    }

    /// The rejected orders of an account, longest waiting first; with `due_at`, only those to be read again by then
    /// or that another version of the program rejected.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn rejected_orders(
        &self,
        seller: SellerId,
        account: AccountId,
        due: Option<(Timestamp, &str)>,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        let mut query = rejected_order::Entity::find()
            .filter(rejected_order::Column::SellerId.eq(i64::from(seller.number())))
            .filter(rejected_order::Column::AccountId.eq(account.as_uuid()))
            .order_by_asc(rejected_order::Column::FirstSeenAt);
        if let Some((at, version)) = due {
            let again = Condition::any()
                .add(rejected_order::Column::TryAfter.lte(to_ms(at)))
                .add(rejected_order::Column::ProgramVersion.ne(version));
            query = query.filter(again);
        }
        query
            .all(&self.data.read)
            .await?
            .into_iter()
            .map(|model| {
                Ok(RejectedRow {
                    vendor_order_id: model.vendor_order_id,
                    updated_at: from_ms_option(model.updated_at)?,
                    field: model.field,
                    reason: model.reason,
                    program_version: model.program_version,
                    first_seen_at: from_ms(model.first_seen_at)?,
                    try_after: from_ms(model.try_after)?,
                    tries: model.tries,
                })
            })
            .collect()
    }
}
