//! Tokens of the HTTP interface.

use ordersync_types::{Secret, Timestamp};
use serde::{Deserialize, Serialize};

/// The body of `POST /v1/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What people call it: 1 to 40 of a-z 0-9 -.
    pub label: String,
    /// `admin`, `seller`, `accountant` or `packer`; never more than the caller's own.
    pub role: String,
    /// It is refused from this moment on, a year away at most.
    pub expires_at: Timestamp,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
pub struct TokenCreated {
    /// The token. It is not kept: this is the only time that it can be seen.
    #[serde(with = "crate::secret_text")]
    pub token: Secret<String>,
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// Its end.
    pub expires_at: Timestamp,
}

/// What `GET /v1/tokens` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// All tokens, the newest first.
    pub tokens: Vec<TokenView>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its label.
    pub label: String,
    /// Its role.
    pub role: String,
    /// `holds`, `expired` or `revoked`.
    pub state: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// Its end.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}
