//! What is stored of the orders and buyers of a page.

use ordersync_types::{AccountId, BuyerId, KeyId, OrderId, SellerId, Timestamp, VendorOrderId};
use ordersync_vault::SubjectKey;
use sea_orm::sea_query::ArrayType;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::sql::{RowsOfEach, statement};
use crate::time::{from_ms, from_ms_option};
use crate::{Databases, StoreError};

/// What is stored of an order, as far as intake must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOrder {
    /// Our id.
    pub order_id: OrderId,
    /// The marketplace's number.
    pub vendor_order_id: String,
    /// The status by name, and its code when unknown.
    pub status: (String, Option<String>),
    /// The change that the stored facts are of.
    pub updated_at: Timestamp,
    /// When it arrived.
    pub first_read_at: Timestamp,
    /// Digest of the stored facts.
    pub digest: Vec<u8>,
    /// When it left.
    pub dispatched_at: Option<Timestamp>,
    /// When it was delivered.
    pub delivered_at: Option<Timestamp>,
    /// Whether it was dispatched before go-live.
    pub history: bool,
    /// Its buyer, while the buyer's record is held.
    pub buyer_id: Option<BuyerId>,
    /// When its delivery data was purged: a tombstone, nothing personal comes in again.
    pub delivery_purged_at: Option<Timestamp>,
    /// Its sealed recipient: key, version, digest of the content, purge time.
    pub recipient: Option<KnownRecord>,
}

/// A stored sealed record without its cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRecord {
    /// The key that opens it.
    pub key_id: KeyId,
    /// Its version.
    pub row_version: i64,
    /// Keyed digest of its content.
    pub digest: Vec<u8>,
    /// When it is to be purged.
    pub purge_after: Timestamp,
    /// Whether a person typed it here.
    pub typed: bool,
}

/// What is stored of a buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBuyer {
    /// The buyer.
    pub buyer_id: BuyerId,
    /// What the buyer is found again by.
    pub subject: SubjectKey,
    /// The sealed record.
    pub record: KnownRecord,
}

pub(crate) const ORDERS_BY_NUMBER: RowsOfEach = RowsOfEach {
    table: "orders",
    condition: "seller_id = $1 AND account_id = $2",
    parameters: 2,
    column: "vendor_order_id",
    of: ArrayType::String,
};
const BUYERS_BY_SUBJECT: RowsOfEach =
    RowsOfEach { table: "buyer", condition: "seller_id = $1", parameters: 1, column: "subject", of: ArrayType::Bytes };

impl Databases {
    /// What is stored of these orders. The numbers must be different.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn known_orders(
        &self,
        seller: SellerId,
        account: AccountId,
        ids: &[VendorOrderId],
    ) -> Result<Vec<KnownOrder>, StoreError> {
        let mut known = Vec::new();
        for chunk in ids.chunks(200) {
            let list = chunk.iter().map(|id| id.as_str().into()).collect();
            let (from, list) = ORDERS_BY_NUMBER.from(self.data.backend, list);
            let sql = format!(
                "SELECT found.order_id, found.vendor_order_id, found.status, found.status_code, found.updated_at, \
                 found.first_read_at, found.digest, found.dispatched_at, found.delivered_at, found.history, \
                 found.buyer_id, found.delivery_purged_at, \
                 r.key_id, r.row_version, r.digest AS recipient_digest, r.purge_after, r.typed_at \
                 FROM {from} LEFT JOIN recipient r ON r.seller_id = found.seller_id AND r.order_id = found.order_id"
            );
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into(), account.as_uuid().into()];
            values.extend(list);
            let statement = statement(self.data.backend, sql, values);
            for row in KnownOrderRow::find_by_statement(statement).all(&self.data.read).await? {
                known.push(row.into_known()?);
            }
        }
        Ok(known)
    }

    /// What is stored of these buyers. The subjects must be different.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn known_buyers(&self, seller: SellerId, subjects: &[SubjectKey]) -> Result<Vec<KnownBuyer>, StoreError> {
        let mut known = Vec::new();
        for chunk in subjects.chunks(200) {
            let list = chunk.iter().map(|subject| subject.as_bytes().to_vec().into()).collect();
            let (from, list) = BUYERS_BY_SUBJECT.from(self.data.backend, list);
            let sql = format!("SELECT buyer_id, subject, key_id, row_version, digest, purge_after FROM {from}");
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(list);
            let statement = statement(self.data.backend, sql, values);
            for row in KnownBuyerRow::find_by_statement(statement).all(&self.data.read).await? {
                known.push(row.into_known()?);
            }
        }
        Ok(known)
    }
}

#[derive(FromQueryResult)]
struct KnownOrderRow {
    order_id: Uuid,
    vendor_order_id: String,
    status: String,
    status_code: Option<String>,
    updated_at: i64,
    first_read_at: i64,
    digest: Vec<u8>,
    dispatched_at: Option<i64>,
    delivered_at: Option<i64>,
    history: i64,
    buyer_id: Option<Uuid>,
    delivery_purged_at: Option<i64>,
    key_id: Option<i64>,
    row_version: Option<i64>,
    recipient_digest: Option<Vec<u8>>,
    purge_after: Option<i64>,
    typed_at: Option<i64>,
}

impl KnownOrderRow {
    fn into_known(self) -> Result<KnownOrder, StoreError> {
        let recipient = match (self.key_id, self.row_version, self.recipient_digest, self.purge_after) {
            (Some(key_id), Some(row_version), Some(digest), Some(purge_after)) => {
                let record = known_record(key_id, row_version, digest, purge_after)?;
                Some(KnownRecord { typed: self.typed_at.is_some(), ..record })
            }
            _ => None,
        };
        Ok(KnownOrder {
            order_id: OrderId::from_uuid(self.order_id),
            vendor_order_id: self.vendor_order_id,
            status: (self.status, self.status_code),
            updated_at: from_ms(self.updated_at)?,
            first_read_at: from_ms(self.first_read_at)?,
            digest: self.digest,
            dispatched_at: from_ms_option(self.dispatched_at)?,
            delivered_at: from_ms_option(self.delivered_at)?,
            history: self.history != 0,
            buyer_id: self.buyer_id.map(BuyerId::from_uuid),
            delivery_purged_at: from_ms_option(self.delivery_purged_at)?,
            recipient,
        })
    }
}

#[derive(FromQueryResult)]
struct KnownBuyerRow {
    buyer_id: Uuid,
    subject: Vec<u8>,
    key_id: i64,
    row_version: i64,
    digest: Vec<u8>,
    purge_after: i64,
}

impl KnownBuyerRow {
    fn into_known(self) -> Result<KnownBuyer, StoreError> {
        Ok(KnownBuyer {
            buyer_id: BuyerId::from_uuid(self.buyer_id),
            subject: subject_from(self.subject)?,
            record: known_record(self.key_id, self.row_version, self.digest, self.purge_after)?,
        })
    }
}

fn known_record(key_id: i64, row_version: i64, digest: Vec<u8>, purge_after: i64) -> Result<KnownRecord, StoreError> {
    let key_id = KeyId::from_number(key_id).map_err(|error| StoreError::damaged("key_id", error.to_string()))?;
    Ok(KnownRecord { key_id, row_version, digest, purge_after: from_ms(purge_after)?, typed: false })
}

fn subject_from(bytes: Vec<u8>) -> Result<SubjectKey, StoreError> {
    bytes.try_into().map(SubjectKey::from_bytes).map_err(|_| StoreError::damaged("subject", "not 16 bytes"))
}
