//! Keys without data rows: orphans that a crash left, and tombstones of destroyed keys.

use ordersync_types::{KeyId, Timestamp};
use ordersync_vault::KeyClass;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, StoreError};

#[derive(FromQueryResult)]
struct ScopedKeyRow {
    key_id: i64,
    seller_id: i64,
    class: i64,
    scope: Vec<u8>,
}

impl Databases {
    /// Up to `limit` data keys of labels, orders, buyers and invoices with a number above `after`, made before `made_before`, that no
    /// sealed record names: what a crash between the two databases leaves. The keys of the canaries are the
    /// installation's own. Also tells the highest number looked at;
    /// `None` when there was none left to look at.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn orphan_keys(
        &self,
        after: i64,
        made_before: KeyId,
        limit: u32,
    ) -> Result<Option<(i64, Vec<KeyId>)>, StoreError> {
        let sql = "SELECT key_id, seller_id, class, scope FROM data_key WHERE key_id > $1 AND key_id < $2 \
                   AND state = 'active' AND class IN (1, 2, 3, 4) AND seller_id <> 0 ORDER BY key_id LIMIT $3";
        let values: [Value; 3] = [after.into(), made_before.number().into(), i64::from(limit).into()];
        let statement = statement(self.keys.backend, sql, values);
        let rows = ScopedKeyRow::find_by_statement(statement).all(&self.keys.read).await?;
        let highest = rows.last().map(|row| row.key_id);
        let orphans = self.without_data_rows(rows).await?;
        Ok(highest.map(|highest| (highest, orphans)))
    }

    /// How far keys have been looked through for orphans: the highest number seen.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn orphans_checked_to(&self) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM key_store_state WHERE name = 'orphans_checked_to'";
        let row = self.keys.read.query_one_raw(Statement::from_string(self.keys.backend, sql)).await?;
        row.map_or(Ok(0), |row| Ok(row.try_get_by_index(0)?))
    }

    /// Stores it.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn set_orphans_checked_to(&self, number: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO key_store_state (name, value) VALUES ('orphans_checked_to', $1) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let statement = statement(self.keys.backend, sql, [number.into()]);
        self.keys.write.execute_raw(statement).await?;
        Ok(())
    }

    /// Active keys whose scope has a key of a later generation, and that no data row names: a replacement was cut off
    /// before the old key was destroyed.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn replaced_keys(&self) -> Result<Vec<KeyId>, StoreError> {
        let sql = "SELECT older.key_id, older.seller_id, older.class, older.scope FROM data_key newer \
                   JOIN data_key older ON older.seller_id = newer.seller_id AND older.scope = newer.scope \
                   AND older.class = newer.class AND older.generation < newer.generation \
                   WHERE newer.generation > 1 AND newer.state = 'active' AND older.state = 'active'";
        let statement = Statement::from_string(self.keys.backend, sql);
        let rows = ScopedKeyRow::find_by_statement(statement).all(&self.keys.read).await?;
        self.without_data_rows(rows).await
    }

    /// Notes on tombstones that their data rows are gone: from here their own time runs.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn note_rows_gone(&self, keys: &[KeyId], at: Timestamp) -> Result<(), StoreError> {
        for chunk in keys.chunks(500) {
            let sql = format!(
                "UPDATE data_key SET rows_gone_at = $1 WHERE rows_gone_at IS NULL AND state = 'destroyed' \
                 AND key_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut values: Vec<Value> = vec![to_ms(at).into()];
            values.extend(chunk.iter().map(|id| Value::from(id.number())));
            self.keys.write.execute_raw(statement(self.keys.backend, sql, values)).await?;
        }
        Ok(())
    }

    /// Up to `limit` tombstones of which it is not noted that their data rows are gone although they are: a purge was
    /// cut off, or the key was an orphan.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn unnoted_tombstones(&self, limit: u32) -> Result<Vec<KeyId>, StoreError> {
        let sql = "SELECT key_id, seller_id, class, scope FROM data_key WHERE state = 'destroyed' \
                   AND rows_gone_at IS NULL ORDER BY key_id LIMIT $1";
        let statement = statement(self.keys.backend, sql, [i64::from(limit).into()]);
        let rows = ScopedKeyRow::find_by_statement(statement).all(&self.keys.read).await?;
        self.without_data_rows(rows).await
    }

    /// Up to `limit` destroyed keys with a number above `after`, in order.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn destroyed_keys(&self, after: i64, limit: u32) -> Result<Vec<KeyId>, StoreError> {
        let sql = "SELECT key_id FROM data_key WHERE key_id > $1 AND state = 'destroyed' ORDER BY key_id LIMIT $2";
        self.key_numbers(sql, vec![after.into(), i64::from(limit).into()]).await
    }

    /// Those of the keys that have a row here which is not destroyed.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn keys_still_active(&self, ids: &[KeyId]) -> Result<Vec<KeyId>, StoreError> {
        let mut active = Vec::new();
        for chunk in ids.chunks(500) {
            let list = placeholders(1, chunk.len());
            let sql = format!("SELECT key_id FROM data_key WHERE state <> 'destroyed' AND key_id IN ({list})");
            active.extend(self.key_numbers(&sql, chunk.iter().map(|id| id.number().into()).collect()).await?);
        }
        Ok(active)
    }

    async fn key_numbers(&self, sql: &str, values: Vec<Value>) -> Result<Vec<KeyId>, StoreError> {
        let rows = self.keys.read.query_all_raw(statement(self.keys.backend, sql, values)).await?;
        let number = |row: &sea_orm::QueryResult| {
            KeyId::from_number(row.try_get_by_index(0)?)
                .map_err(|error| StoreError::damaged("key_id", error.to_string()))
        };
        rows.iter().map(number).collect()
    }

    /// Removes tombstones whose data rows have been gone since before that moment; tells how many.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn remove_old_tombstones(&self, rows_gone_before: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM data_key WHERE state = 'destroyed' AND rows_gone_at < $1";
        let statement = statement(self.keys.backend, sql, [to_ms(rows_gone_before).into()]);
        Ok(self.keys.write.execute_raw(statement).await?.rows_affected())
    }

    /// Those of the keys that no data row names. Every table is keyed by what is also the scope of its keys.
    async fn without_data_rows(&self, rows: Vec<ScopedKeyRow>) -> Result<Vec<KeyId>, StoreError> {
        let mut without = Vec::new();
        for row in rows {
            let tables: &[(&str, &str)] = match KeyClass::from_code(row.class) {
                Some(KeyClass::Label) => &[("label", "shipment_id"), ("label_copy", "copy_id")],
                Some(KeyClass::Delivery) => &[("recipient", "order_id"), ("order_note", "note_id")],
                Some(KeyClass::Contact) => &[("buyer", "buyer_id")],
                Some(KeyClass::Invoice) => &[("invoice_party", "invoice_id")],
                Some(KeyClass::Channel) => &[("account_credential", "account_id")],
                // No table of this program holds records of this class.
                Some(KeyClass::Staff) | None => continue,
            };
            let scope = Uuid::from_slice(&row.scope).map_err(|_| StoreError::damaged("scope", "not 16 bytes"))?;
            let mut named = false;
            for (table, column) in tables {
                let sql = format!("SELECT 1 FROM {table} WHERE seller_id = $1 AND {column} = $2 AND key_id = $3");
                let values: [Value; 3] = [row.seller_id.into(), scope.into(), row.key_id.into()];
                named |= self.data.read.query_one_raw(statement(self.data.backend, sql, values)).await?.is_some();
            }
            if !named {
                let key_id = KeyId::from_number(row.key_id);
                without.push(key_id.map_err(|error| StoreError::damaged("key_id", error.to_string()))?);
            }
        }
        Ok(without)
    }
}
