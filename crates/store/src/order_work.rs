//! What people of the shop say of an order: holds and notes.

use ordersync_types::{KeyId, OrderId, SellerId, Timestamp};
use ordersync_vault::Sealed;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, NoteColumn, StoreError};

/// An order that a person holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Which order.
    pub order: OrderId,
    /// Since when.
    pub held_at: Timestamp,
    /// By whom: `user:NAME`.
    pub held_by: String,
}

/// A sealed note on an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRow {
    /// Its id, which is the scope of its key.
    pub note_id: Uuid,
    /// Which order.
    pub order: OrderId,
    /// `note`, or `hold` for why it is held.
    pub kind: String,
    /// When.
    pub written_at: Timestamp,
    /// By whom: `user:NAME`.
    pub written_by: String,
    /// The delivery key that seals it.
    pub key_id: KeyId,
    /// 1: a note is never changed.
    pub row_version: i64,
    /// When it is to be purged; it goes with the order's delivery data if that is sooner.
    pub purge_after: Timestamp,
    /// The cell.
    pub sealed: Sealed<NoteColumn>,
}

#[derive(FromQueryResult)]
struct NoteRead {
    note_id: Uuid,
    order_id: Uuid,
    kind: String,
    written_at: i64,
    written_by: String,
    key_id: i64,
    row_version: i64,
    purge_after: i64,
    sealed: Vec<u8>,
}

impl Databases {
    /// Holds an order back; one that is held already keeps its first moment.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn hold_order(&self, seller: SellerId, hold: &HoldRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO order_hold (seller_id, order_id, held_at, held_by) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (seller_id, order_id) DO NOTHING";
        let values: [Value; 4] = [
            i64::from(seller.number()).into(),
            hold.order.as_uuid().into(),
            to_ms(hold.held_at).into(),
            hold.held_by.as_str().into(),
        ];
        self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(())
    }

    /// Lets an order go on. False when nobody held it.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn release_order(&self, seller: SellerId, order: OrderId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM order_hold WHERE seller_id = $1 AND order_id = $2";
        let values: [Value; 2] = [i64::from(seller.number()).into(), order.as_uuid().into()];
        let done = self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(done.rows_affected() == 1)
    }

    /// All orders that a person holds back.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn holds(&self, seller: SellerId) -> Result<Vec<HoldRow>, StoreError> {
        let sql = "SELECT order_id, held_at, held_by FROM order_hold WHERE seller_id = $1";
        let values: [Value; 1] = [i64::from(seller.number()).into()];
        let rows = self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await?;
        rows.iter()
            .map(|row| {
                Ok(HoldRow {
                    order: OrderId::from_uuid(row.try_get_by_index(0)?),
                    held_at: from_ms(row.try_get_by_index(1)?)?,
                    held_by: row.try_get_by_index(2)?,
                })
            })
            .collect()
    }

    /// Stores a note.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_note(&self, seller: SellerId, note: &NoteRow, keys_sequence: i64) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let sql = "INSERT INTO order_note \
                   (seller_id, note_id, order_id, kind, written_at, written_by, key_id, row_version, purge_after, sealed) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values: [Value; 10] = [
            i64::from(seller.number()).into(),
            note.note_id.into(),
            note.order.as_uuid().into(),
            note.kind.as_str().into(),
            to_ms(note.written_at).into(),
            note.written_by.as_str().into(),
            note.key_id.number().into(),
            note.row_version.into(),
            to_ms(note.purge_after).into(),
            note.sealed.as_bytes().to_vec().into(),
        ];
        transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The notes on these orders, oldest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn notes(&self, seller: SellerId, orders: &[OrderId]) -> Result<Vec<NoteRow>, StoreError> {
        let mut notes = Vec::new();
        for chunk in orders.chunks(500) {
            let sql = format!(
                "SELECT note_id, order_id, kind, written_at, written_by, key_id, row_version, purge_after, sealed \
                 FROM order_note WHERE order_id IN ({}) AND +seller_id = ${} ORDER BY note_id",
                placeholders(1, chunk.len()),
                chunk.len() + 1
            );
            // The sign keeps SQLite from reading all notes of the seller by the primary key.
            let mut values: Vec<Value> = chunk.iter().map(|order| Value::from(order.as_uuid())).collect();
            values.push(i64::from(seller.number()).into());
            let statement = statement(self.data.backend, sql, values);
            for row in NoteRead::find_by_statement(statement).all(&self.data.read).await? {
                let key_id = KeyId::from_number(row.key_id);
                notes.push(NoteRow {
                    note_id: row.note_id,
                    order: OrderId::from_uuid(row.order_id),
                    kind: row.kind,
                    written_at: from_ms(row.written_at)?,
                    written_by: row.written_by,
                    key_id: key_id.map_err(|error| StoreError::damaged("key_id", error.to_string()))?,
                    row_version: row.row_version,
                    purge_after: from_ms(row.purge_after)?,
                    sealed: Sealed::from_bytes(row.sealed),
                });
            }
        }
        Ok(notes)
    }

    /// Removes notes whose keys are destroyed.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_notes(&self, seller: SellerId, notes: &[Uuid], keys_sequence: i64) -> Result<(), StoreError> {
        self.remove_sealed("order_note", "note_id", seller, notes, keys_sequence).await
    }
}
