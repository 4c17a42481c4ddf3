//! What a failure looks like.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every answer with a status of 400 or above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong, for a person and for the command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// What is wrong and where, in a sentence.
    pub message: String,
    /// What to do about it, in a sentence; may be empty.
    pub hint: String,
    /// The exit code of the command: 1 failed, 2 usage, 75 try again, 78 configuration.
    pub code: u8,
}
