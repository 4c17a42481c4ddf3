//! What people of the shop type about an order. The texts are wrapped at once and wiped when dropped.

use chrono::{DateTime, Utc};
use ordersync_types::Pii;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /v1/orders/{reference}/hold` and `/notes`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderText {
    /// Why it is held, or the note: 1 to 500 characters. It is sealed.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub text: Pii<String>,
}

/// The body of `PUT /v1/orders/{reference}/address`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeAddress {
    /// Who gets it.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub name: Pii<String>,
    /// The company; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub company: Pii<String>,
    /// First line of the address.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub line1: Pii<String>,
    /// Second line; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub line2: Pii<String>,
    /// Third line; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub line3: Pii<String>,
    /// Town.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub city: Pii<String>,
    /// County, state or province; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub region: Pii<String>,
    /// Postcode; may be empty where there are none.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub postcode: Pii<String>,
    /// Two capitals of ISO 3166-1.
    pub country: String,
}

/// A note on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteView {
    /// `note`, or `hold` for why it is held.
    pub kind: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// What it says.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub text: Pii<String>,
}

/// A person's copy of labels that should not be there any more.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LabelCopyView {
    /// Its id.
    pub id: String,
    /// Where it is.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub path: Pii<String>,
    /// SHA-256 of what was written, in hexadecimal; empty when the writing was cut off.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub sha256: Pii<String>,
}

/// What `GET /v1/label-copies` answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LabelCopies {
    /// The caller's own copies whose labels are due.
    pub copies: Vec<LabelCopyView>,
}

/// The body of `POST /v1/label-copies`: a file that the caller is about to write, or has written, and keeps.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteLabelCopy {
    /// The labels in it.
    #[serde(default)]
    pub references: Vec<String>,
    /// The orders whose packing slips are in it: our id or the marketplace's number.
    #[serde(default)]
    pub orders: Vec<String>,
    /// Where it is.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub path: Pii<String>,
    /// SHA-256 of it, in hexadecimal; without it the file is not written yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The id under which it was noted before it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// What `POST /v1/label-copies` answers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LabelCopyNoted {
    /// Its id; `None` when nobody stands in it.
    pub id: Option<String>,
}

/// The body of `POST /v1/label-copies/{id}/gone`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyGone {
    /// `deleted`, `changed`, `missing` or `not_written`.
    pub outcome: String,
}
