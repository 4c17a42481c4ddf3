//! Everything that can go wrong here, each by its own name.

use ordersync_types::{KeyId, RecordError};

use crate::{EncodingFault, KekId, KeyClass};

/// Sealing or opening failed. No variant holds a value, a key or a part of one.
///
/// Only [`VaultError::NoRandom`] is worth repeating; all others stay until a row, a secret or the program
/// changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The kernel gave no random bytes. Nothing was sealed; the call may be repeated.
    #[error("the kernel's random generator gave nothing")]
    NoRandom,

    /// The root secret's text has the wrong length (line end not counted).
    #[error("the root secret has {found} characters instead of 64")]
    RootLength {
        /// Characters found.
        found: usize,
    },
    /// The root secret's text holds something else than `0-9`, `a-f` or `A-F`.
    #[error("the root secret's character {position} is not a hexadecimal digit")]
    RootCharacter {
        /// The first such character, counted from 1.
        position: usize,
    },
    /// 64 zeros are a placeholder, not a secret.
    #[error("the root secret is all zeros")]
    RootAllZero,
    /// The data was sealed under another root secret.
    #[error("the data needs root secret {expected}, but the one given is {found}")]
    WrongRoot {
        /// The id that the key row or the key store names.
        expected: KekId,
        /// The id of the secret in hand.
        found: KekId,
    },
    /// The root secret has the id that was expected, and is another secret all the same (or the stored check
    /// value is damaged).
    #[error("root secret {id} does not give the key store's check value")]
    RootCheckFailed {
        /// The id that both carry.
        id: KekId,
    },
    /// The key row was wrapped by a generation of the key-encryption key that this program does not know.
    #[error("key row {key_id}: generation {found} of the key-encryption key is not known")]
    UnknownKekGeneration {
        /// The row.
        key_id: KeyId,
        /// The generation in the row.
        found: i64,
    },

    /// The key has been destroyed on purpose: its cells read as purged.
    #[error("key {key_id} is destroyed")]
    DestroyedKey {
        /// The key.
        key_id: KeyId,
    },
    /// The key still opens, but a newer generation seals.
    #[error("key {key_id} is retired and seals nothing more")]
    RetiredKey {
        /// The key.
        key_id: KeyId,
    },
    /// The key row was changed, cut, or put together from two.
    #[error("key row {key_id} is damaged: {part}")]
    DamagedKeyRow {
        /// The row.
        key_id: KeyId,
        /// Which part told it.
        part: &'static str,
    },

    /// The cell was sealed under another key than the one in hand.
    #[error("the cell names key {cell}, but key {key} was given")]
    WrongKey {
        /// The id that the cell names.
        cell: KeyId,
        /// The id of the key given.
        key: KeyId,
    },
    /// The column wants keys of another class.
    #[error("column {table}.{column} wants a {wanted} key, but a {given} key was given")]
    WrongClass {
        /// The column's table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The column's class.
        wanted: KeyClass,
        /// The class of the key given.
        given: KeyClass,
    },
    /// The row belongs to another seller than the key.
    #[error("the row belongs to another seller than key {key_id}")]
    WrongSeller {
        /// The key given.
        key_id: KeyId,
    },
    /// The tag does not fit: the bytes were changed, or they belong to another cell or row version.
    #[error("{table}.{column}: changed, or moved from another place")]
    Tampered {
        /// The column's table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The cell ends too early.
    #[error("cut off after {found} bytes")]
    Truncated {
        /// Bytes there are.
        found: usize,
    },
    /// The cell is whole, and more follows.
    #[error("{extra} bytes too many")]
    TrailingBytes {
        /// How many follow.
        extra: usize,
    },
    /// The cell was written by a newer program.
    #[error("format {found} is newer than this program")]
    NewerFormat {
        /// The first byte.
        found: u8,
    },
    /// There never was such a format.
    #[error("format {found} does not exist")]
    UnknownFormat {
        /// The first byte.
        found: u8,
    },
    /// A document was opened as a record, or a record as a document.
    #[error("the cell has format {found} where format {wanted} belongs")]
    OtherFormat {
        /// The first byte.
        found: u8,
        /// The format of what was asked for.
        wanted: u8,
    },
    /// The cell names a cipher that this program does not have.
    #[error("cipher suite {found} is not known")]
    UnknownSuite {
        /// The second byte.
        found: u8,
    },
    /// The cell's key id is not one (the highest bit is set).
    #[error("the cell's key id is not valid")]
    BadKeyId,

    /// The key-encryption key has been used as often as is safe: a new root secret is needed.
    #[error("key-encryption key used up: {total} of {limit} uses")]
    UseLimit {
        /// Uses reserved so far.
        total: i64,
        /// The most there may be.
        limit: i64,
    },
    /// Uses were taken that were not reserved durably before: the caller's order is wrong.
    #[error("{wanted} uses of the key-encryption key wanted, {left} reserved")]
    UsesNotReserved {
        /// Uses wanted.
        wanted: i64,
        /// Uses left in the block.
        left: i64,
    },

    /// The record or document is longer than may be sealed.
    #[error("{found} bytes are more than the {limit} that may be sealed")]
    TooLong {
        /// Bytes there are.
        found: usize,
        /// The most there may be.
        limit: usize,
    },
    /// The opened bytes, or the fields handed over, are no canonical record.
    #[error("record {record}: {fault}")]
    Encoding {
        /// The record's name.
        record: &'static str,
        /// What is wrong.
        fault: EncodingFault,
    },
    /// The fields were read but do not make up the record.
    #[error(transparent)]
    Record(#[from] RecordError),
}
