//! Sealed labels, and copies of labels that a person keeps outside.

use ordersync_types::{KeyId, SellerId, ShipmentId, Timestamp};
use ordersync_vault::Sealed;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::accounts::seller_from;
use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, LabelColumn, LabelCopyColumn, StoreError};

/// One sealed label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRow {
    /// Whose.
    pub shipment: ShipmentId,
    /// The label key that seals it.
    pub key_id: KeyId,
    /// 1: a label is never changed.
    pub row_version: i64,
    /// When it is to be purged.
    pub purge_after: Timestamp,
    /// The cell.
    pub sealed: Sealed<LabelColumn>,
}

/// A file with labels that a person asked for and keeps where the daemon cannot delete it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCopyRow {
    /// Whose.
    pub seller: SellerId,
    /// Its id, which is the scope of its key.
    pub copy_id: Uuid,
    /// Who made it: `user:NAME`.
    pub owner: String,
    /// When.
    pub made_at: Timestamp,
    /// When the first label in it is due: from then on it should not be there.
    pub due_at: Timestamp,
    /// The label key that seals where it is.
    pub key_id: KeyId,
    /// 1.
    pub row_version: i64,
    /// When the note of it goes, whatever its owner did.
    pub purge_after: Timestamp,
    /// Path and hash.
    pub sealed: Sealed<LabelCopyColumn>,
}

#[derive(FromQueryResult)]
struct LabelRead {
    shipment_id: Uuid,
    key_id: i64,
    row_version: i64,
    purge_after: i64,
    sealed: Vec<u8>,
}

#[derive(FromQueryResult)]
struct CopyRead {
    seller_id: i64,
    copy_id: Uuid,
    owner: String,
    made_at: i64,
    due_at: i64,
    key_id: i64,
    row_version: i64,
    purge_after: i64,
    sealed: Vec<u8>,
}

impl CopyRead {
    fn read(self) -> Result<LabelCopyRow, StoreError> {
        Ok(LabelCopyRow {
            seller: seller_from(self.seller_id)?,
            copy_id: self.copy_id,
            owner: self.owner,
            made_at: from_ms(self.made_at)?,
            due_at: from_ms(self.due_at)?,
            key_id: key_from(self.key_id)?,
            row_version: self.row_version,
            purge_after: from_ms(self.purge_after)?,
            sealed: Sealed::from_bytes(self.sealed),
        })
    }
}

fn key_from(number: i64) -> Result<KeyId, StoreError> {
    KeyId::from_number(number).map_err(|error| StoreError::damaged("key_id", error.to_string()))
}

impl Databases {
    /// The sealed labels of these shipments, in no promised order; a shipment without one is not told.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn labels(&self, seller: SellerId, shipments: &[ShipmentId]) -> Result<Vec<LabelRow>, StoreError> {
        let mut labels = Vec::with_capacity(shipments.len());
        for chunk in shipments.chunks(100) {
            let sql = format!(
                "SELECT shipment_id, key_id, row_version, purge_after, sealed FROM label \
                 WHERE seller_id = $1 AND shipment_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|id| Value::from(id.as_uuid())));
            let statement = statement(self.data.backend, sql, values);
            for row in LabelRead::find_by_statement(statement).all(&self.data.read).await? {
                labels.push(LabelRow {
                    shipment: ShipmentId::from_uuid(row.shipment_id),
                    key_id: key_from(row.key_id)?,
                    row_version: row.row_version,
                    purge_after: from_ms(row.purge_after)?,
                    sealed: Sealed::from_bytes(row.sealed),
                });
            }
        }
        Ok(labels)
    }

    /// Notes a copy outside.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_label_copy(&self, copy: &LabelCopyRow, keys_sequence: i64) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let sql = "INSERT INTO label_copy \
                   (seller_id, copy_id, owner, made_at, due_at, key_id, row_version, purge_after, sealed) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let values: [Value; 9] = [
            i64::from(copy.seller.number()).into(),
            copy.copy_id.into(),
            copy.owner.as_str().into(),
            to_ms(copy.made_at).into(),
            to_ms(copy.due_at).into(),
            copy.key_id.number().into(),
            copy.row_version.into(),
            to_ms(copy.purge_after).into(),
            copy.sealed.as_bytes().to_vec().into(),
        ];
        transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A person's copies outside that should not be there any more, oldest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn label_copies_due(
        &self,
        seller: SellerId,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<LabelCopyRow>, StoreError> {
        let sql = "SELECT * FROM label_copy WHERE seller_id = $1 AND owner = $2 AND due_at <= $3 \
                   ORDER BY due_at LIMIT 200";
        let values: [Value; 3] = [i64::from(seller.number()).into(), owner.into(), to_ms(now).into()];
        let rows = CopyRead::find_by_statement(statement(self.data.backend, sql, values)).all(&self.data.read).await?;
        rows.into_iter().map(CopyRead::read).collect()
    }

    /// A person's copy outside, due or not.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn label_copy(
        &self,
        seller: SellerId,
        owner: &str,
        copy: Uuid,
    ) -> Result<Option<LabelCopyRow>, StoreError> {
        let sql = "SELECT * FROM label_copy WHERE seller_id = $1 AND copy_id = $2 AND owner = $3";
        let values: [Value; 3] = [i64::from(seller.number()).into(), copy.into(), owner.into()];
        let found = CopyRead::find_by_statement(statement(self.data.backend, sql, values)).one(&self.data.read).await?;
        found.map(CopyRead::read).transpose()
    }

    /// How many copies outside hold labels that are due.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn label_copies_outside(&self, now: Timestamp) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) FROM label_copy WHERE due_at <= $1";
        let row = self.data.read.query_one_raw(statement(self.data.backend, sql, [to_ms(now).into()])).await?;
        row.map_or(Ok(0), |row| Ok(row.try_get_by_index(0)?))
    }

    /// Removes notes of copies outside whose keys are destroyed.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_label_copies(
        &self,
        seller: SellerId,
        copies: &[Uuid],
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        self.remove_sealed("label_copy", "copy_id", seller, copies, keys_sequence).await
    }

    /// Removes rows of sealed records that nothing else hangs on.
    pub(crate) async fn remove_sealed(
        &self,
        table: &str,
        column: &str,
        seller: SellerId,
        ids: &[Uuid],
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        for chunk in ids.chunks(200) {
            let list = placeholders(2, chunk.len());
            let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND {column} IN ({list})");
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|id| Value::from(*id)));
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }
}
