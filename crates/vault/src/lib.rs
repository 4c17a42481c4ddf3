#![doc = include_str!("../README.md")]

mod cell;
mod cipher;
mod class;
mod data_key;
mod document;
mod encoding;
mod error;
pub mod escrow;
mod ids;
mod key_row;
mod parts;
mod random;
mod root;
mod search;
mod tree;
mod uses;

pub use cell::{CellPlace, Sealed, SealedColumn};
pub use class::{KeyClass, KeyState};
pub use data_key::DataKey;
pub use document::{DOCUMENT_MAX_BYTES, document_uses};
pub use encoding::{EncodingFault, RECORD_MAX_BYTES};
pub use error::VaultError;
pub use ids::{KekId, KekIdError, ScopeId, SubjectKey};
pub use key_row::{KeyIdentity, KeyRow};
pub use root::RootSecret;
pub use search::{SearchField, SearchKey, found, normalised};
pub use tree::KeyTree;
pub use uses::{DATA_KEY_USES_RESERVED, KEK_USE_ALARM, KEK_USE_BLOCK, KEK_USE_LIMIT, KekUses};
