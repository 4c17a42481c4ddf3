//! Reading accounts now.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /v1/sync`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncNow {
    /// The label of the account to read; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// What `POST /v1/sync` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncAll {
    /// True when every account was read to its end.
    pub ok: bool,
    /// One entry an account.
    pub accounts: Vec<SyncOutcome>,
}

/// What reading one account did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncOutcome {
    /// The account's label.
    pub account: String,
    /// How it ended.
    #[serde(flatten)]
    pub result: SyncResult,
}

/// How reading an account ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum SyncResult {
    /// Read to the end of its window.
    Done {
        /// Pages stored.
        pages: u64,
        /// Orders seen for the first time.
        new: u64,
        /// Orders with a change.
        changed: u64,
        /// Orders read again without a change.
        unchanged: u64,
        /// Orders that could not be read.
        rejected: u64,
        /// Everything up to here is stored.
        caught_up_to: Option<DateTime<Utc>>,
    },
    /// It failed; what was stored before stays stored.
    Failed {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: String,
        /// True when it goes on by itself later (exit code 75 when nothing else failed).
        retry: bool,
    },
    /// It is not read: removed, or waiting for a person.
    Skipped {
        /// Why.
        message: String,
        /// What to do about it.
        hint: String,
    },
}
