//! Reading orders: open facts, and sealed records for core to open.

use std::collections::BTreeMap;

use ordersync_types::{AccountId, BuyerId, KeyId, OrderId, SellerId, Timestamp};
use ordersync_vault::{Sealed, SubjectKey};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement, Value};
use uuid::Uuid;

use crate::accounts::seller_from;
use crate::bulk::placeholders;
use crate::entity::{order_line, orders};
use crate::order_filter::{OrderFilter, filtered};
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms};
use crate::{
    BuyerColumn, BuyerRow, Databases, EventRow, LineDetail, NewJob, OrderDetail, RecipientColumn, RecipientRow,
    StoreError,
};

/// One order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is a column; the column registry says what it holds")]
pub struct OrderSummary {
    pub seller: SellerId,
    pub order_id: OrderId,
    pub account: AccountId,
    pub vendor_order_id: String,
    pub marketplace: String,
    pub status: String,
    pub status_code: Option<String>,
    pub fulfilled_by: String,
    pub completeness: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub first_read_at: Timestamp,
    pub read_at: Timestamp,
    pub ship_by: Option<Timestamp>,
    pub deliver_by: Option<Timestamp>,
    pub dispatched_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub history: bool,
    pub country: Option<String>,
    pub territory: Option<String>,
    pub currency: Option<String>,
    pub grand_total_minor: Option<i64>,
    pub shipping_reviews: i64,
    pub tax_reviews: i64,
    pub buyer_id: Option<BuyerId>,
    pub delivery_purged_at: Option<Timestamp>,
}

/// One order with its detail and lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// Its columns.
    pub summary: OrderSummary,
    /// Its detail.
    pub detail: OrderDetail,
    /// Its lines in the marketplace's order.
    pub lines: Vec<StoredLine>,
}

/// One stored line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is a column; the column registry says what it holds")]
pub struct StoredLine {
    pub vendor_line_id: String,
    pub sku: Option<String>,
    pub vendor_item_id: Option<String>,
    pub title: Option<String>,
    pub quantity: i64,
    pub quantity_dispatched: Option<i64>,
    pub total_minor: Option<i64>,
    pub detail: LineDetail,
}

/// Rows by table, for load tests and `doctor`.
pub type TableCounts = BTreeMap<&'static str, i64>;

impl OrderSummary {
    fn from_model(model: &orders::Model) -> Result<Self, StoreError> {
        Ok(Self {
            seller: seller_from(model.seller_id)?,
            order_id: OrderId::from_uuid(model.order_id),
            account: AccountId::from_uuid(model.account_id),
            vendor_order_id: model.vendor_order_id.clone(),
            marketplace: model.marketplace.clone(),
            status: model.status.clone(),
            status_code: model.status_code.clone(),
            fulfilled_by: model.fulfilled_by.clone(),
            completeness: model.completeness.clone(),
            created_at: from_ms(model.created_at)?,
            updated_at: from_ms(model.updated_at)?,
            first_read_at: from_ms(model.first_read_at)?,
            read_at: from_ms(model.read_at)?,
            ship_by: from_ms_option(model.ship_by)?,
            deliver_by: from_ms_option(model.deliver_by)?,
            dispatched_at: from_ms_option(model.dispatched_at)?,
            delivered_at: from_ms_option(model.delivered_at)?,
            history: model.history != 0,
            country: model.country.clone(),
            territory: model.territory.clone(),
            currency: model.currency.clone(),
            grand_total_minor: model.grand_total_minor,
            shipping_reviews: model.shipping_reviews,
            tax_reviews: model.tax_reviews,
            buyer_id: model.buyer_id.map(BuyerId::from_uuid),
            delivery_purged_at: from_ms_option(model.delivery_purged_at)?,
        })
    }
}

impl Databases {
    /// Orders by filter, newest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn list_orders(&self, seller: SellerId, filter: &OrderFilter) -> Result<Vec<OrderSummary>, StoreError> {
        let models = filtered(seller, filter).all(&self.data.read).await?;
        models.iter().map(OrderSummary::from_model).collect()
    }

    /// Orders by filter with detail and lines, newest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn full_orders(&self, seller: SellerId, filter: &OrderFilter) -> Result<Vec<StoredOrder>, StoreError> {
        let models = filtered(seller, filter).all(&self.data.read).await?;
        let ids: Vec<Uuid> = models.iter().map(|model| model.order_id).collect();
        let mut lines: BTreeMap<Uuid, Vec<StoredLine>> = BTreeMap::new();
        for chunk in ids.chunks(500) {
            let rows = order_line::Entity::find()
                .filter(order_line::Column::SellerId.eq(i64::from(seller.number())))
                .filter(order_line::Column::OrderId.is_in(chunk.iter().copied()))
                .order_by_asc(order_line::Column::Position)
                .all(&self.data.read)
                .await?;
            for row in rows {
                lines.entry(row.order_id).or_default().push(stored_line(row)?);
            }
        }
        models
            .iter()
            .map(|model| {
                let detail = serde_json::from_str(&model.detail)
                    .map_err(|error| StoreError::damaged("orders.detail", error.to_string()))?;
                let lines = lines.remove(&model.order_id).unwrap_or_default();
                Ok(StoredOrder { summary: OrderSummary::from_model(model)?, detail, lines })
            })
            .collect()
    }

    /// An order's sealed recipient; `None` when there never was one or it was purged.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn recipients(&self, seller: SellerId, orders: &[OrderId]) -> Result<Vec<RecipientRow>, StoreError> {
        let mut found = Vec::with_capacity(orders.len());
        for chunk in orders.chunks(500) {
            let sql = format!(
                "SELECT order_id, key_id, row_version, digest, purge_after, sealed \
                 FROM recipient WHERE seller_id = $1 AND order_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(chunk.iter().map(|id| Value::from(id.as_uuid())));
            let statement = statement(self.data.backend, sql, values);
            for SealedRecipient { order_id, cell: row } in
                SealedRecipient::find_by_statement(statement).all(&self.data.read).await?
            {
                found.push(RecipientRow {
                    order_id: OrderId::from_uuid(order_id),
                    key_id: row.key_id()?,
                    row_version: row.row_version,
                    digest: row.digest()?,
                    purge_after: from_ms(row.purge_after)?,
                    sealed: Sealed::<RecipientColumn>::from_bytes(row.sealed),
                });
            }
        }
        Ok(found)
    }

    /// Puts an address that a person typed in place of an order's recipient, and asks for new search tags. The old one's
    /// delivery key must be destroyed next.
    ///
    /// # Errors
    /// What the driver says; nothing is changed then.
    pub async fn type_recipient(
        &self,
        seller: SellerId,
        row: &RecipientRow,
        typed_at: Timestamp,
        tags: &NewJob,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let sql = "INSERT INTO recipient \
                   (seller_id, order_id, key_id, row_version, digest, purge_after, sealed, typed_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (seller_id, order_id) DO UPDATE SET \
                   row_version = excluded.row_version, digest = excluded.digest, sealed = excluded.sealed, \
                   typed_at = excluded.typed_at, key_id = excluded.key_id";
        let values: [Value; 8] = [
            i64::from(seller.number()).into(),
            row.order_id.as_uuid().into(),
            row.key_id.number().into(),
            row.row_version.into(),
            row.digest.to_vec().into(),
            to_ms(row.purge_after).into(),
            row.sealed.as_bytes().to_vec().into(),
            to_ms(typed_at).into(),
        ];
        transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        let seller_id = i64::from(seller.number());
        let sql = "DELETE FROM search_tag WHERE seller_id = $1 AND order_id = $2";
        let values: [Value; 2] = [seller_id.into(), row.order_id.as_uuid().into()];
        transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        crate::jobs::add_job(&transaction, seller, tags).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A sealed buyer; `None` when there is none or it was purged.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn buyer(&self, seller: SellerId, buyer: BuyerId) -> Result<Option<BuyerRow>, StoreError> {
        let sql = "SELECT subject, key_id, row_version, digest, purge_after, sealed FROM buyer \
                   WHERE seller_id = $1 AND buyer_id = $2";
        let values: [Value; 2] = [i64::from(seller.number()).into(), buyer.as_uuid().into()];
        let statement = statement(self.data.backend, sql, values);
        let found = SealedBuyer::find_by_statement(statement).one(&self.data.read).await?;
        let Some(SealedBuyer { subject, cell: row }) = found else { return Ok(None) };
        let subject = subject.try_into().map_err(|_| StoreError::damaged("buyer.subject", "not 16 bytes"))?;
        Ok(Some(BuyerRow {
            buyer_id: buyer,
            subject: SubjectKey::from_bytes(subject),
            key_id: row.key_id()?,
            row_version: row.row_version,
            digest: row.digest()?,
            purge_after: from_ms(row.purge_after)?,
            sealed: Sealed::<BuyerColumn>::from_bytes(row.sealed),
        }))
    }

    /// What changed of an order since it arrived, oldest first: (when, kind, more about it).
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn order_events(
        &self,
        seller: SellerId,
        order: OrderId,
    ) -> Result<Vec<(Timestamp, String, String)>, StoreError> {
        let sql = "SELECT at, kind, detail FROM order_event WHERE seller_id = $1 AND order_id = $2 ORDER BY event_id";
        let values: [Value; 2] = [i64::from(seller.number()).into(), order.as_uuid().into()];
        let rows = self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await?;
        rows.iter()
            .map(|row| Ok((from_ms(row.try_get_by_index(0)?)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?)))
            .collect()
    }

    /// How many orders there are by status and by marketplace: (marketplace, status, count).
    ///
    /// # Errors
    /// What the driver says.
    pub async fn order_counts(&self, seller: SellerId) -> Result<Vec<(String, String, i64)>, StoreError> {
        let sql = "SELECT marketplace, status, COUNT(*) FROM orders WHERE seller_id = $1 \
                   GROUP BY marketplace, status ORDER BY marketplace, status";
        let values: [Value; 1] = [i64::from(seller.number()).into()];
        let rows = self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await?;
        rows.iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?)))
            .collect()
    }

    /// Rows by table, of both databases.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn table_counts(&self) -> Result<TableCounts, StoreError> {
        let mut counts = TableCounts::new();
        for table in crate::registry::registry() {
            let database = if table.in_keys { &self.keys } else { &self.data };
            let sql = format!("SELECT COUNT(*) FROM {}", table.table);
            let row = database.read.query_one_raw(Statement::from_string(database.backend, sql)).await?;
            let count = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            counts.insert(table.table, count);
        }
        Ok(counts)
    }
}

impl EventRow {
    /// The kind of an entry that tells a changed status.
    pub const STATUS: &'static str = "status";
    /// The kind of an entry that tells another change.
    pub const CHANGED: &'static str = "changed";
}

fn stored_line(row: order_line::Model) -> Result<StoredLine, StoreError> {
    let detail = serde_json::from_str(&row.detail)
        .map_err(|error| StoreError::damaged("order_line.detail", error.to_string()))?;
    Ok(StoredLine {
        vendor_line_id: row.vendor_line_id,
        sku: row.sku,
        vendor_item_id: row.vendor_item_id,
        title: row.title,
        quantity: row.quantity,
        quantity_dispatched: row.quantity_dispatched,
        total_minor: row.total_minor,
        detail,
    })
}

#[derive(FromQueryResult)]
struct SealedRecipient {
    order_id: Uuid,
    #[sea_orm(nested)]
    cell: SealedRow,
}

#[derive(FromQueryResult)]
struct SealedBuyer {
    subject: Vec<u8>,
    #[sea_orm(nested)]
    cell: SealedRow,
}

#[derive(FromQueryResult)]
struct SealedRow {
    key_id: i64,
    row_version: i64,
    digest: Vec<u8>,
    purge_after: i64,
    sealed: Vec<u8>,
}

impl SealedRow {
    fn key_id(&self) -> Result<KeyId, StoreError> {
        KeyId::from_number(self.key_id).map_err(|error| StoreError::damaged("key_id", error.to_string()))
    }

    fn digest(&self) -> Result<[u8; 16], StoreError> {
        self.digest.clone().try_into().map_err(|_| StoreError::damaged("digest", "not 16 bytes"))
    }
}
