//! Documents whose six years are over.

use ordersync_types::{SellerId, Timestamp};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, StoreError};

impl Databases {
    /// Removes sealed parties whose keys are destroyed. The triggers let them go because the purge names their documents.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub(crate) async fn remove_invoice_parties(
        &self,
        seller: SellerId,
        invoices: &[Uuid],
        at: Timestamp,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        self.remove_named(seller, invoices, at, &["invoice_party"], Some(keys_sequence)).await
    }

    /// Removes documents that are due at or before `cutoff`, at most `limit`, with their rates; tells how many. One whose
    /// party is still held stays.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_due_invoices(&self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let sql = "SELECT i.seller_id, i.invoice_id FROM invoice i WHERE i.purge_after <= $1 AND NOT EXISTS \
                   (SELECT 1 FROM invoice_party p WHERE p.seller_id = i.seller_id AND p.invoice_id = i.invoice_id) \
                   ORDER BY i.purge_after LIMIT $2";
        let values: [Value; 2] = [to_ms(cutoff).into(), i64::from(limit).into()];
        let rows = self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await?;
        let mut by_seller: Vec<(i64, Vec<Uuid>)> = Vec::new();
        for row in rows {
            let (seller, id): (i64, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            match by_seller.iter_mut().find(|(known, _)| *known == seller) {
                Some((_, ids)) => ids.push(id),
                None => by_seller.push((seller, vec![id])),
            }
        }
        let mut removed: u64 = 0;
        for (seller, ids) in by_seller {
            let seller = crate::accounts::seller_from(seller)?;
            self.remove_named(seller, &ids, cutoff, &["invoice_rate", "invoice"], None).await?;
            removed += u64::try_from(ids.len()).unwrap_or_default();
        }
        Ok(removed)
    }

    async fn remove_named(
        &self,
        seller: SellerId,
        invoices: &[Uuid],
        cutoff: Timestamp,
        tables: &[&str],
        keys_sequence: Option<i64>,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let backend = self.data.backend;
        let seller_id = i64::from(seller.number());
        for id in invoices {
            let sql = "INSERT INTO invoice_purge (seller_id, invoice_id, cutoff) VALUES ($1, $2, $3)";
            let values: [Value; 3] = [seller_id.into(), (*id).into(), to_ms(cutoff).into()];
            transaction.execute_raw(statement(backend, sql, values)).await?;
        }
        for chunk in invoices.chunks(200) {
            for table in tables.iter().chain(&["invoice_purge"]) {
                let list = placeholders(2, chunk.len());
                let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND invoice_id IN ({list})");
                let mut values: Vec<Value> = vec![seller_id.into()];
                values.extend(chunk.iter().map(|id| Value::from(*id)));
                transaction.execute_raw(statement(backend, sql, values)).await?;
            }
        }
        if let Some(sequence) = keys_sequence {
            crate::key_store::raise_relied_on(&transaction, sequence).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
