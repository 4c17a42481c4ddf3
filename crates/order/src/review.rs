//! What a person must look at, and what it holds up until then.

use serde::{Deserialize, Serialize};

use crate::RawCode;

/// What a review holds: never more than the aspect it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Holds the label.
    Shipping,
    /// Holds the invoice, never label or dispatch.
    Tax,
    /// Holds nothing.
    Info,
}

/// One thing in an order that this program does not understand or that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// What it holds up.
    pub aspect: Aspect,
    /// The vendor's field path, for example `fulfillment.fulfillmentStatus`.
    pub field: String,
    /// What is the matter, in words for the seller.
    pub reason: String,
    /// The vendor's code that is unknown, when that is the matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<RawCode>,
}

impl Review {
    /// A value this program does not know, kept with its code.
    pub fn unknown_value(aspect: Aspect, field: &str, code: RawCode) -> Self {
        Self {
            aspect,
            field: field.to_owned(),
            reason: "a value this program does not know".to_owned(),
            code: Some(code),
        }
    }

    /// Something else to look at.
    pub fn new(aspect: Aspect, field: &str, reason: &str) -> Self {
        Self { aspect, field: field.to_owned(), reason: reason.to_owned(), code: None }
    }
}
