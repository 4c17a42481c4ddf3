//! Who pulled exports.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What `GET /v1/exports/pulls` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportPulls {
    /// Newest first; at most 200.
    pub pulls: Vec<ExportPull>,
}

/// One export that somebody pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportPull {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, as the audit names them: `user:NAME`.
    pub by: String,
    /// Which: period and format, as the audit has it.
    pub what: String,
}
