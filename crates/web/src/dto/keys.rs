//! Keys and the recovery file.

use chrono::{DateTime, Utc};
use ordersync_types::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What `GET /v1/keys/status` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeysStatus {
    /// The id of the root secret in use; safe to show.
    pub root_id: String,
    /// When it was first used.
    pub root_since: Option<DateTime<Utc>>,
    /// Uses of its key-encryption key counted as done, in blocks of 65,536.
    pub uses_reserved: i64,
    /// Data keys by class and state.
    pub counts: Vec<KeyCount>,
    /// The key store's sequence number.
    pub sequence: i64,
    /// The sequence number that the data relies on; never above the other.
    pub relied_on: i64,
    /// When a recovery file was last tested with success; `None`: never.
    pub escrow_tested_at: Option<DateTime<Utc>>,
}

/// How many data keys of one class are in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyCount {
    /// `delivery`, `contact`, `channel`, ...; `class-N` when a newer program wrote it.
    pub class: String,
    /// `active`, `retired` or `destroyed`.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// The body of `POST /v1/keys/escrow`; the answer is the recovery file's bytes (`application/octet-stream`).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscrowExport {
    /// What the recovery file is sealed with.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub passphrase: Secret<String>,
}

/// The body of `POST /v1/keys/escrow/test`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscrowTest {
    /// The recovery file's text, as `POST /v1/keys/escrow` gave it.
    pub file: String,
    /// What it is sealed with.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub passphrase: Secret<String>,
}

/// What `POST /v1/keys/escrow/test` answers: the file opens and holds the root secret in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EscrowTested {
    /// The id of the root secret in the file.
    pub root_id: String,
    /// When the success was recorded.
    pub tested_at: DateTime<Utc>,
}
