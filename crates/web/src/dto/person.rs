//! A recipient or a buyer in an answer. The texts are wiped when dropped and masked in `Debug`.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroize;

/// Whether a record is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    /// Its fields follow.
    Present,
    /// There never was one.
    Never,
    /// Its time is over.
    Purged,
    /// It is not for this role, or no longer: `note` says why. Nothing was opened.
    NotForRole,
}

/// A recipient or a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonRecord {
    /// Whether it is there.
    pub state: RecordState,
    /// When it will be gone, or when it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge_at: Option<DateTime<Utc>>,
    /// Why it is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its fields in a fixed order, those of the whole record first; empty unless present.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<PersonField>,
}

impl PersonRecord {
    /// The value of a field of the whole record, when there is one.
    pub fn value(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|one| one.field == field && one.line.is_none()).and_then(|one| one.value.as_deref())
    }
}

/// One field of a recipient or a buyer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonField {
    /// The field's name, for example `postcode`.
    pub field: String,
    /// The marketplace's id of the order line it belongs to, for gift messages and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// `value`, `not_sent`, `withheld_role` (the seller's application lacks a role) or `withheld_age`.
    pub state: String,
    /// The text, possibly empty, when `state` is `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Drop for PersonField {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl fmt::Debug for PersonField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonField({} {})", self.field, self.state)
    }
}
