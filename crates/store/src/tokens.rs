//! Tokens of the HTTP interface: their hashes, never themselves.

use ordersync_types::{SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::error::is_unique_violation;
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms};
use crate::{Databases, StoreError};

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its id.
    pub token_id: Uuid,
    /// What people call it; unique.
    pub label: String,
    /// The role's name.
    pub role: String,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// It is refused from this moment on.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}

#[derive(FromQueryResult)]
struct Read {
    token_id: Uuid,
    label: String,
    role: String,
    hash: Vec<u8>,
    created_at: i64,
    created_by: String,
    expires_at: i64,
    revoked_at: Option<i64>,
    revoked_by: Option<String>,
    used_at: Option<i64>,
}

impl Read {
    fn read(self) -> Result<TokenRow, StoreError> {
        Ok(TokenRow {
            token_id: self.token_id,
            label: self.label,
            role: self.role,
            hash: self.hash.try_into().map_err(|_| StoreError::damaged("api_token.hash", "not 32 bytes"))?,
            created_at: from_ms(self.created_at)?,
            created_by: self.created_by,
            expires_at: from_ms(self.expires_at)?,
            revoked_at: from_ms_option(self.revoked_at)?,
            revoked_by: self.revoked_by,
            used_at: from_ms_option(self.used_at)?,
        })
    }
}

const COLUMNS: &str =
    "token_id, label, role, hash, created_at, created_by, expires_at, revoked_at, revoked_by, used_at";

impl Databases {
    /// Stores a token; false when another one has its label.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_token(&self, seller: SellerId, token: &TokenRow) -> Result<bool, StoreError> {
        let sql = "INSERT INTO api_token (seller_id, token_id, label, role, hash, created_at, created_by, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values: [Value; 8] = [
            i64::from(seller.number()).into(),
            token.token_id.into(),
            token.label.as_str().into(),
            token.role.as_str().into(),
            token.hash.to_vec().into(),
            to_ms(token.created_at).into(),
            token.created_by.as_str().into(),
            to_ms(token.expires_at).into(),
        ];
        match self.data.write.execute_raw(statement(self.data.backend, sql, values)).await {
            Ok(_) => Ok(true),
            Err(error) if is_unique_violation(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// All tokens, the newest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn tokens(&self, seller: SellerId) -> Result<Vec<TokenRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM api_token WHERE seller_id = $1 ORDER BY created_at DESC, label");
        let statement = statement(self.data.backend, sql, [i64::from(seller.number()).into()]);
        Read::find_by_statement(statement).all(&self.data.read).await?.into_iter().map(Read::read).collect()
    }

    /// The token with this hash.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn token_of_hash(&self, seller: SellerId, hash: &[u8; 32]) -> Result<Option<TokenRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM api_token WHERE hash = $1 AND seller_id = $2");
        let values: [Value; 2] = [hash.to_vec().into(), i64::from(seller.number()).into()];
        let statement = statement(self.data.backend, sql, values);
        Read::find_by_statement(statement).one(&self.data.read).await?.map(Read::read).transpose()
    }

    /// Revokes a token; false when there is none of this label, or it was revoked before.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn revoke_token(
        &self,
        seller: SellerId,
        label: &str,
        at: Timestamp,
        by: &str,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE api_token SET revoked_at = $1, revoked_by = $2 \
                   WHERE seller_id = $3 AND label = $4 AND revoked_at IS NULL";
        let values: [Value; 4] = [to_ms(at).into(), by.into(), i64::from(seller.number()).into(), label.into()];
        let done = self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn note_token_use(&self, seller: SellerId, token: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE api_token SET used_at = $1 WHERE seller_id = $2 AND token_id = $3";
        let values: [Value; 3] = [to_ms(at).into(), i64::from(seller.number()).into(), token.into()];
        self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(())
    }
}
