//! Tokens of the HTTP interface.

use chrono::{DateTime, Utc};
use ordersync_types::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /v1/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What people call it: 1 to 40 of a-z 0-9 -.
    pub label: String,
    /// `admin`, `seller`, `accountant` or `packer`; never more than the caller's own.
    pub role: String,
    /// It is refused from this moment on, a year away at most.
    pub expires_at: DateTime<Utc>,
}

/// What `POST /v1/tokens` answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenCreated {
    /// The token. It is not kept: this is the only time that it can be seen.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password)]
    pub token: Secret<String>,
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// Its end.
    pub expires_at: DateTime<Utc>,
}

/// What `GET /v1/tokens` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenList {
    /// All tokens, the newest first.
    pub tokens: Vec<TokenView>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// `holds`, `expired` or `revoked`.
    pub state: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// Its end.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
}
