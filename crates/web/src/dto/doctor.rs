//! What `doctor` and `version` answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoctorState {
    /// As it should be.
    Ok,
    /// Works, but somebody should look at it.
    Warn,
    /// Does not work, or a promise is not kept.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoctorRow {
    /// What was looked at, in a few words, for example `key store`.
    pub name: String,
    /// How it stands.
    pub state: DoctorState,
    /// What was found. Never a secret, never a person.
    pub message: String,
    /// What to do about it; empty when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// What `GET /v1/doctor` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoctorReport {
    /// The worst state of all rows.
    pub worst: DoctorState,
    /// Everything that was looked at: the process's own rows first.
    pub rows: Vec<DoctorRow>,
}

/// What `GET /v1/version` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// Always `ordersync`.
    pub program: String,
    /// The program's version.
    pub version: String,
    /// The version of this interface: 1.
    pub api: u32,
}
