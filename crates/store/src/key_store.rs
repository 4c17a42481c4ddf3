//! The key store's queries: key-encryption keys, data keys, and the sequence number.

use std::collections::HashMap;

use ordersync_types::{KeyId, SellerId, Timestamp};
use ordersync_vault::{DATA_KEY_USES_RESERVED, KEK_USE_BLOCK, KekId, KeyClass, KeyRow, KeyState, ScopeId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value};

use crate::accounts::seller_from;
use crate::batch::Batch;
use crate::bulk::{BulkInsert, Shared, filled_list, placeholders};
use crate::entity::{data_key, key_encryption_key};
use crate::error::is_unique_violation;
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms, to_ms_option};
use crate::{Databases, StoreError};

/// What the key store knows of a root secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KekRow {
    /// The root secret's id.
    pub kek_id: KekId,
    /// Tells this root secret from every other.
    pub root_check: [u8; 16],
    /// Uses of its key-encryption key counted as done.
    pub uses_reserved: i64,
    /// When it was first used.
    pub created_at: Timestamp,
}

/// What became of keys that were to be written.
#[derive(Debug)]
pub struct KeysWritten {
    /// The key store's sequence number after it; data written with these keys must store it.
    pub sequence: i64,
    /// Rows that were there already under a scope we wanted to write, to be used instead of ours.
    pub existing: Vec<KeyRow>,
}

const INSERT_KEYS: BulkInsert = BulkInsert {
    table: "data_key",
    shared: &["seller_id", "kek_id", "kek_generation", "uses_reserved", "state"],
    columns: &["key_id", "class", "scope", "generation", "wrapped", "check_value", "created_at", "expires_at"],
    tail: "ON CONFLICT (seller_id, scope, class, generation) DO NOTHING",
};

const RAISE_RELIED_ON: &str = "UPDATE installation SET value = $1 WHERE name = 'keys_sequence' AND value < $2";

impl Databases {
    /// The root secrets that the key store knows. Empty before `init` finished.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn keks(&self) -> Result<Vec<KekRow>, StoreError> {
        let damaged = |reason: &str| StoreError::damaged("key_encryption_key", reason);
        key_encryption_key::Entity::find()
            .all(&self.keys.read)
            .await?
            .into_iter()
            .map(|model| {
                Ok(KekRow {
                    kek_id: model.kek_id.parse().map_err(|_| damaged("kek_id"))?,
                    root_check: model.check_value.try_into().map_err(|_| damaged("check_value"))?,
                    uses_reserved: model.uses_reserved,
                    created_at: from_ms(model.created_at)?,
                })
            })
            .collect()
    }

    /// Adds a root secret to the key store. Only `init` does.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_kek(&self, row: &KekRow) -> Result<(), StoreError> {
        let row = key_encryption_key::ActiveModel {
            kek_id: Set(row.kek_id.to_string()),
            generation: Set(1),
            check_value: Set(row.root_check.to_vec()),
            uses_reserved: Set(row.uses_reserved),
            state: Set("active".to_owned()),
            created_at: Set(to_ms(row.created_at)),
        };
        key_encryption_key::Entity::insert(row).exec_without_returning(&self.keys.write).await?;
        Ok(())
    }

    /// Reserves the next block of uses of a key-encryption key, durably, and tells the new total.
    ///
    /// # Errors
    /// What the driver says; a key store that does not know the root secret is damaged.
    pub async fn reserve_kek_uses(&self, kek: KekId) -> Result<i64, StoreError> {
        let sql = "UPDATE key_encryption_key SET uses_reserved = uses_reserved + $1 WHERE kek_id = $2 \
                   RETURNING uses_reserved";
        let values = [KEK_USE_BLOCK.into(), kek.to_string().into()];
        let row = self.keys.write.query_one_raw(statement(self.keys.backend, sql, values)).await?;
        let row = row.ok_or_else(|| StoreError::damaged("key_encryption_key", "the root secret is not in it"))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// The keys of these scopes in one class, all generations and states.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn keys_of_scopes(
        &self,
        seller: SellerId,
        class: KeyClass,
        scopes: &[ScopeId],
    ) -> Result<Vec<KeyRow>, StoreError> {
        keys_of_scopes(&self.keys.read, seller, class, scopes).await
    }

    /// The keys with these numbers, by number. A number that is not in the answer has no row: never read that as
    /// purged.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn keys_by_id(&self, ids: &[KeyId]) -> Result<HashMap<KeyId, KeyRow>, StoreError> {
        let numbers: Vec<i64> = ids.iter().map(|id| id.number()).collect();
        let mut rows = HashMap::with_capacity(ids.len());
        for chunk in numbers.chunks(500) {
            let models = data_key::Entity::find()
                .filter(data_key::Column::KeyId.is_in(chunk.iter().copied()))
                .all(&self.keys.read)
                .await?;
            for model in models {
                let row = key_row(model)?;
                rows.insert(row.key_id, row);
            }
        }
        Ok(rows)
    }

    /// Writes new keys durably. Where a scope has a key of that generation already (an orphan of a crash, or
    /// another daemon's), that one is told instead.
    ///
    /// # Errors
    /// [`StoreError::KeyIdTaken`]: draw other numbers and repeat. Else what the driver says; nothing is written.
    pub async fn write_keys(&self, rows: &[KeyRow]) -> Result<KeysWritten, StoreError> {
        let transaction = self.keys.begin().await?;
        let mut written = 0;
        for group in rows.chunk_by(|one, next| alike(one) == alike(next)) {
            let Some(first) = group.first() else { continue };
            let values = group.iter().flat_map(key_values).collect();
            match INSERT_KEYS.run(&transaction, &key_shared(first), values).await {
                Ok(more) => written += more,
                Err(StoreError::Database(error)) if is_unique_violation(&error) => {
                    transaction.rollback().await?;
                    return Err(StoreError::KeyIdTaken);
                }
                Err(error) => return Err(error),
            }
        }
        let mut existing = Vec::new();
        if usize::try_from(written).unwrap_or(usize::MAX) < rows.len() {
            let ours: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
            for class in KeyClass::ALL {
                let of_class = rows.iter().filter(|row| row.class == class);
                let scopes: Vec<ScopeId> = of_class.clone().map(|row| row.scope).collect();
                let Some(seller) = of_class.map(|row| row.seller).next() else { continue };
                let held = keys_of_scopes(&transaction, seller, class, &scopes).await?;
                existing.extend(held.into_iter().filter(|row| !ours.contains(&row.key_id)));
            }
        }
        let sequence = raise_sequence(&transaction).await?;
        transaction.commit().await?;
        Ok(KeysWritten { sequence, existing })
    }

    /// Reserves the next block of uses of these keys, durably, before they are used.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn reserve_key_uses(&self, ids: &[KeyId]) -> Result<(), StoreError> {
        for id in ids {
            let sql = "UPDATE data_key SET uses_reserved = uses_reserved + $1 WHERE key_id = $2";
            let values = [DATA_KEY_USES_RESERVED.into(), id.number().into()];
            self.keys.write.execute_raw(statement(self.keys.backend, sql, values)).await?;
        }
        Ok(())
    }

    /// Destroys keys: the row keeps id, class, scope, times and reason; the wrapped key is overwritten, then
    /// removed. A key that is destroyed already stays as it is. Tells the new sequence number.
    ///
    /// # Errors
    /// What the driver says; nothing is destroyed then.
    pub async fn destroy_keys(&self, ids: &[KeyId], at: Timestamp, reason: &str) -> Result<i64, StoreError> {
        let transaction = self.keys.begin().await?;
        for chunk in ids.chunks(500) {
            let numbers = filled_list(chunk.iter().map(|id| id.number().into()).collect());
            let list = placeholders(1, numbers.len());
            let overwrite = format!(
                "UPDATE data_key SET wrapped = {} WHERE wrapped IS NOT NULL AND key_id IN ({list})",
                if self.keys.kind() == "sqlite" { "zeroblob(60)" } else { "decode(repeat('00', 60), 'hex')" }
            );
            transaction.execute_raw(statement(self.keys.backend, overwrite, numbers.clone())).await?;
            let list = placeholders(3, numbers.len());
            let tombstone = format!(
                "UPDATE data_key SET wrapped = NULL, state = 'destroyed', destroyed_at = $1, reason = $2 \
                 WHERE state <> 'destroyed' AND key_id IN ({list})"
            );
            let mut values: Vec<Value> = vec![to_ms(at).into(), reason.into()];
            values.extend(numbers);
            transaction.execute_raw(statement(self.keys.backend, tombstone, values)).await?;
        }
        let sequence = raise_sequence(&transaction).await?;
        transaction.commit().await?;
        Ok(sequence)
    }

    /// The key store's sequence number, and the highest one that data relied on: (keys, data).
    ///
    /// A key store that is behind is an old copy.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn key_sequences(&self) -> Result<(i64, i64), StoreError> {
        let keys = scalar(&self.keys.read, "SELECT value FROM key_store_state WHERE name = 'sequence'").await?;
        let data = scalar(&self.data.read, "SELECT value FROM installation WHERE name = 'keys_sequence'").await?;
        Ok((keys, data))
    }

    /// How many data keys the sellers have by class and state: (class, state, count).
    ///
    /// # Errors
    /// What the driver says.
    pub async fn key_counts(&self) -> Result<Vec<(i64, String, i64)>, StoreError> {
        let sql = "SELECT class, state, COUNT(*) FROM data_key WHERE seller_id <> 0 GROUP BY class, state \
                   ORDER BY class, state";
        let rows = self.keys.read.query_all_raw(Statement::from_string(self.keys.backend, sql)).await?;
        rows.iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?)))
            .collect()
    }
}

/// Stores the highest key sequence number that this data transaction relied on.
pub(crate) async fn raise_relied_on<C: ConnectionTrait>(connection: &C, sequence: i64) -> Result<(), StoreError> {
    let values = [sequence.into(), sequence.into()];
    connection.execute_raw(statement(connection.get_database_backend(), RAISE_RELIED_ON, values)).await?;
    Ok(())
}

/// Adds what [`raise_relied_on`] does.
pub(crate) fn add_relied_on(batch: &mut Batch, sequence: i64) {
    batch.add(RAISE_RELIED_ON, [sequence.into(), sequence.into()]);
}

async fn raise_sequence<C: ConnectionTrait>(connection: &C) -> Result<i64, StoreError> {
    scalar(connection, "UPDATE key_store_state SET value = value + 1 WHERE name = 'sequence' RETURNING value").await
}

async fn scalar<C: ConnectionTrait>(connection: &C, sql: &str) -> Result<i64, StoreError> {
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| StoreError::damaged("key sequence", "the row is missing"))?;
    Ok(row.try_get_by_index(0)?)
}

async fn keys_of_scopes<C: ConnectionTrait>(
    connection: &C,
    seller: SellerId,
    class: KeyClass,
    scopes: &[ScopeId],
) -> Result<Vec<KeyRow>, StoreError> {
    let mut rows = Vec::new();
    for chunk in scopes.chunks(200) {
        let list = filled_list(chunk.iter().map(|scope| scope.as_bytes().to_vec().into()).collect());
        let sql = format!(
            "SELECT * FROM data_key WHERE seller_id = $1 AND class = $2 AND scope IN ({})",
            placeholders(3, list.len())
        );
        let mut values: Vec<Value> = vec![i64::from(seller.number()).into(), class.code().into()];
        values.extend(list);
        let statement = statement(connection.get_database_backend(), sql, values);
        for model in data_key::Entity::find().from_raw_sql(statement).all(connection).await? {
            rows.push(key_row(model)?);
        }
    }
    Ok(rows)
}

/// What [`INSERT_KEYS`] writes but once for a group of rows.
fn alike(row: &KeyRow) -> (SellerId, KekId, i64, i64, KeyState) {
    (row.seller, row.kek_id, row.kek_generation, row.uses_reserved, row.state)
}

fn key_shared(row: &KeyRow) -> [Shared; 5] {
    [
        Shared::Int(i64::from(row.seller.number())),
        Shared::Name(row.kek_id.to_string()),
        Shared::Int(row.kek_generation),
        Shared::Int(row.uses_reserved),
        Shared::Name(row.state.name().to_owned()),
    ]
}

fn key_values(row: &KeyRow) -> [Value; 8] {
    [
        row.key_id.number().into(),
        row.class.code().into(),
        row.scope.as_bytes().to_vec().into(),
        row.generation.into(),
        row.wrapped.clone().into(),
        row.check.to_vec().into(),
        to_ms(row.created_at).into(),
        to_ms_option(row.expires_at).into(),
    ]
}

fn key_row(model: data_key::Model) -> Result<KeyRow, StoreError> {
    let damaged = |reason: &str| StoreError::damaged("data_key", reason);
    Ok(KeyRow {
        key_id: KeyId::from_number(model.key_id).map_err(|_| damaged("key_id"))?,
        class: KeyClass::from_code(model.class).ok_or_else(|| damaged("class"))?,
        scope: ScopeId::from_bytes(model.scope.try_into().map_err(|_| damaged("scope"))?),
        seller: seller_from(model.seller_id)?,
        generation: model.generation,
        kek_id: model.kek_id.parse().map_err(|_| damaged("kek_id"))?,
        kek_generation: model.kek_generation,
        wrapped: model.wrapped,
        check: model.check_value.try_into().map_err(|_| damaged("check_value"))?,
        uses_reserved: model.uses_reserved,
        created_at: from_ms(model.created_at)?,
        expires_at: from_ms_option(model.expires_at)?,
        state: KeyState::ALL.into_iter().find(|state| state.name() == model.state).ok_or_else(|| damaged("state"))?,
        destroyed_at: from_ms_option(model.destroyed_at)?,
        reason: model.reason,
    })
}
