//! Canary cells: one known record for each class of keys.

use ordersync_types::KeyId;
use ordersync_vault::{Sealed, SealedColumn};
use sea_orm::{ConnectionTrait, Value};

use crate::sql::statement;
use crate::{Databases, StoreError};

impl Databases {
    /// The canary of the column's class, with its key; `None` before `init` made it.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn canary<C: SealedColumn>(&self) -> Result<Option<(KeyId, Sealed<C>)>, StoreError> {
        let sql = "SELECT key_id, sealed FROM canary WHERE class = $1";
        let statement = statement(self.data.backend, sql, [C::CLASS.code().into()]);
        let Some(row) = self.data.read.query_one_raw(statement).await? else { return Ok(None) };
        let key_id = KeyId::from_number(row.try_get_by_index(0)?);
        let key_id = key_id.map_err(|error| StoreError::damaged("canary.key_id", error.to_string()))?;
        Ok(Some((key_id, Sealed::from_bytes(row.try_get_by_index(1)?))))
    }

    /// Adds the canary of the column's class. Only `init` does.
    ///
    /// # Errors
    /// What the driver says; nothing is written then.
    pub async fn add_canary<C: SealedColumn>(
        &self,
        key_id: KeyId,
        sealed: Sealed<C>,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let sql = "INSERT INTO canary (class, key_id, sealed) VALUES ($1, $2, $3)";
        let values: [Value; 3] = [C::CLASS.code().into(), key_id.number().into(), sealed.into_bytes().into()];
        transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }
}
