//! The store's part of retention: what is due, removing rows whose keys are gone, and wiping what the files keep.

use std::time::Duration;

use ordersync_types::{BuyerId, KeyId, OrderId, SellerId, ShipmentId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::accounts::seller_from;
use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms};
use crate::{Database, Databases, StoreError};

/// A sealed record that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRecipient<Id> {
    /// Whose data.
    pub seller: SellerId,
    /// The order, or the buyer.
    pub id: Id,
    /// The key that dies with it.
    pub key_id: KeyId,
    /// When it was due.
    pub purge_after: Timestamp,
}

/// What the physical step did to one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicalStep {
    /// What was done, for the proof.
    pub what: &'static str,
    /// Whether the files hold nothing old any more, as far as the database can tell.
    pub clean: bool,
}

#[derive(FromQueryResult)]
struct DueRow {
    seller_id: i64,
    id: Uuid,
    key_id: i64,
    purge_after: i64,
}

impl Databases {
    /// Recipients due at or before `cutoff`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn due_recipients(
        &self,
        cutoff: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueRecipient<OrderId>>, StoreError> {
        let sql = "SELECT seller_id, order_id AS id, key_id, purge_after FROM recipient \
                   WHERE purge_after <= $1 ORDER BY purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        rows.into_iter().map(|row| row.due(OrderId::from_uuid(row.id))).collect()
    }

    /// Buyers due at or before `cutoff`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn due_buyers(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<DueRecipient<BuyerId>>, StoreError> {
        let sql = "SELECT seller_id, buyer_id AS id, key_id, purge_after FROM buyer \
                   WHERE purge_after <= $1 ORDER BY purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        rows.into_iter().map(|row| row.due(BuyerId::from_uuid(row.id))).collect()
    }

    /// Labels due at or before `cutoff`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn due_labels(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<DueRecipient<ShipmentId>>, StoreError> {
        let sql = "SELECT seller_id, shipment_id AS id, key_id, purge_after FROM label \
                   WHERE purge_after <= $1 ORDER BY purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        rows.into_iter().map(|row| row.due(ShipmentId::from_uuid(row.id))).collect()
    }

    /// Notes on orders due at or before `cutoff`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn due_notes(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<DueRecipient<Uuid>>, StoreError> {
        let sql = "SELECT seller_id, note_id AS id, key_id, purge_after FROM order_note \
                   WHERE purge_after <= $1 ORDER BY purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        rows.into_iter().map(|row| row.due(row.id)).collect()
    }

    /// Notes of copies outside due at or before `cutoff`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn due_label_copies(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<DueRecipient<Uuid>>, StoreError> {
        let sql = "SELECT seller_id, copy_id AS id, key_id, purge_after FROM label_copy \
                   WHERE purge_after <= $1 ORDER BY purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        rows.into_iter().map(|row| row.due(row.id)).collect()
    }

    async fn due(&self, sql: &str, cutoff: Timestamp, limit: u32) -> Result<Vec<DueRow>, StoreError> {
        let values: [Value; 2] = [to_ms(cutoff).into(), i64::from(limit).into()];
        let statement = statement(self.data.backend, sql, values);
        Ok(DueRow::find_by_statement(statement).all(&self.data.read).await?)
    }

    /// Removes recipients whose delivery keys are destroyed, with their search tags, and leaves the tombstone on the
    /// order.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_recipients(
        &self,
        seller: SellerId,
        orders: &[OrderId],
        at: Timestamp,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        for chunk in orders.chunks(200) {
            let ids = chunk.iter().map(|order| Value::from(order.as_uuid()));
            for table in ["recipient", "search_tag"] {
                let list = placeholders(2, chunk.len());
                let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND order_id IN ({list})");
                let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
                values.extend(ids.clone());
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
            let list = placeholders(3, chunk.len());
            let sql = format!(
                "UPDATE orders SET delivery_purged_at = $1 \
                 WHERE seller_id = $2 AND delivery_purged_at IS NULL AND order_id IN ({list})"
            );
            let mut values: Vec<Value> = vec![to_ms(at).into(), i64::from(seller.number()).into()];
            values.extend(ids);
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes buyers whose contact keys are destroyed, and cuts their orders off from them.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_buyers(
        &self,
        seller: SellerId,
        buyers: &[BuyerId],
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        for chunk in buyers.chunks(200) {
            let list = placeholders(2, chunk.len());
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(chunk.iter().map(|buyer| Value::from(buyer.as_uuid())));
            for sql in [
                format!("DELETE FROM buyer WHERE seller_id = $1 AND buyer_id IN ({list})"),
                format!("UPDATE orders SET buyer_id = NULL WHERE seller_id = $1 AND buyer_id IN ({list})"),
            ] {
                let statement = statement(self.data.backend, sql, values.clone());
                transaction.execute_raw(statement).await?;
            }
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes the facts of orders whose time is over (Amazon: 18 months after the last change), at most `limit`;
    /// tells how many. An order whose recipient is still held stays.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_due_facts(&self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let sql = "SELECT o.seller_id, o.order_id AS id, 0 AS key_id, o.facts_purge_after AS purge_after \
                   FROM orders o WHERE o.facts_purge_after <= $1 AND NOT EXISTS (SELECT 1 FROM recipient r \
                   WHERE r.seller_id = o.seller_id AND r.order_id = o.order_id) ORDER BY o.facts_purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        let transaction = self.data.begin().await?;
        for row in &rows {
            for sql in [
                "DELETE FROM shipment_line WHERE shipment_id IN \
                 (SELECT shipment_id FROM shipment WHERE seller_id = $1 AND recipient_order_id = $2)",
                "DELETE FROM shipment WHERE seller_id = $1 AND recipient_order_id = $2",
            ] {
                let values: [Value; 2] = [row.seller_id.into(), row.id.into()];
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
            for table in ["order_line", "order_event", "search_tag", "order_hold", "orders"] {
                let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND order_id = $2");
                let values: [Value; 2] = [row.seller_id.into(), row.id.into()];
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
        }
        transaction.commit().await?;
        u64::try_from(rows.len()).map_err(|_| StoreError::damaged("orders", "too many rows"))
    }

    /// How many records are due, and the earliest due moment of what is held: (class, due, held, earliest).
    ///
    /// # Errors
    /// What the driver says.
    pub async fn retention_state(
        &self,
        cutoff: Timestamp,
    ) -> Result<Vec<(&'static str, i64, i64, Option<Timestamp>)>, StoreError> {
        let mut state = Vec::new();
        for (class, table, column) in [
            ("label", "label", "purge_after"),
            ("label_copy", "label_copy", "purge_after"),
            ("note", "order_note", "purge_after"),
            ("delivery", "recipient", "purge_after"),
            ("contact", "buyer", "purge_after"),
            ("facts", "orders", "facts_purge_after"),
        ] {
            let sql = format!(
                "SELECT (SELECT COUNT(*) FROM {table} WHERE {column} <= $1), (SELECT COUNT(*) FROM {table}), \
                 (SELECT MIN({column}) FROM {table} WHERE {column} IS NOT NULL)"
            );
            let statement = statement(self.data.backend, sql, [to_ms(cutoff).into()]);
            let Some(row) = self.data.read.query_one_raw(statement).await? else { continue };
            let earliest = from_ms_option(row.try_get_by_index(2)?)?;
            state.push((class, row.try_get_by_index(0)?, row.try_get_by_index(1)?, earliest));
        }
        Ok(state)
    }

    /// Wipes what the files of both databases still keep of removed rows.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn physical_step(&self) -> Result<(PhysicalStep, PhysicalStep), StoreError> {
        let keys = self.keys.wipe(&["data_key"]).await?;
        let data = self
            .data
            .wipe(&["label", "label_copy", "order_note", "recipient", "buyer", "search_tag", "orders"])
            .await?;
        Ok((data, keys))
    }
}

impl DueRow {
    fn due<Id>(&self, id: Id) -> Result<DueRecipient<Id>, StoreError> {
        Ok(DueRecipient {
            seller: seller_from(self.seller_id)?,
            id,
            key_id: KeyId::from_number(self.key_id)
                .map_err(|error| StoreError::damaged("key_id", error.to_string()))?,
            purge_after: from_ms(self.purge_after)?,
        })
    }
}

impl Database {
    /// SQLite: copies the write-ahead log back and empties it, again while a reader stands in the way. PostgreSQL:
    /// vacuums the tables; what its write-ahead log keeps is ciphertext whose key is gone.
    async fn wipe(&self, tables: &[&str]) -> Result<PhysicalStep, StoreError> {
        if self.kind() == "postgres" {
            for table in tables {
                self.write.execute_unprepared(&format!("VACUUM {table}")).await?;
            }
            return Ok(PhysicalStep {
                what: "vacuumed; the write-ahead log keeps ciphertext without its key",
                clean: true,
            });
        }
        for _ in 0..50 {
            let statement = Statement::from_string(self.backend, "PRAGMA wal_checkpoint(TRUNCATE)");
            let row = self.write.query_one_raw(statement).await?;
            let busy: i64 = row.map_or(Ok(1), |row| row.try_get_by_index(0))?;
            if busy == 0 {
                return Ok(PhysicalStep { what: "write-ahead log copied back and emptied", clean: true });
            }
            // Readers are short; this waits for one to end, which takes real time.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(PhysicalStep { what: "write-ahead log not emptied: a reader stood in the way", clean: false })
    }
}
