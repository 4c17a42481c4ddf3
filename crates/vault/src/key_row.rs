//! A row of the key store as data; the store writes and reads it, this crate says what it means.

use std::fmt;

use ordersync_types::{KeyId, SellerId, Timestamp};
use zeroize::Zeroize;

use crate::cipher::{KEY_BYTES, NONCE_BYTES, TAG_BYTES};
use crate::parts::Parts;
use crate::{KekId, KeyClass, KeyState, ScopeId};

/// Bytes of a wrapped key: nonce, ciphertext, tag.
pub(crate) const WRAPPED_BYTES: usize = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// Who a data key is: fixed for its life and bound into its row and into every cell it seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyIdentity {
    /// The key's number, unique in the installation.
    pub key_id: KeyId,
    /// What its cells hold.
    pub class: KeyClass,
    /// What it dies with.
    pub scope: ScopeId,
    /// Whose data.
    pub seller: SellerId,
    /// 1 for the first key of a scope; one more for each key that follows it.
    pub generation: i64,
}

/// A row of the key store.
///
/// `key_id`, `class`, `scope`, `seller`, `generation`, `kek_id`, `kek_generation` and `created_at` are
/// authenticated with the wrapped key: change one, and the row does not unwrap. The other fields are not.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The key's number, unique in the installation.
    pub key_id: KeyId,
    /// What its cells hold.
    pub class: KeyClass,
    /// What it dies with.
    pub scope: ScopeId,
    /// Whose data.
    pub seller: SellerId,
    /// 1 for the first key of a scope; one more for each key that follows it.
    pub generation: i64,
    /// The root secret whose key-encryption key wrapped it.
    pub kek_id: KekId,
    /// The generation of that key-encryption key: always 1 for one derived from a root secret.
    pub kek_generation: i64,
    /// Nonce (12), encrypted key (32), tag (16); `None` once destroyed.
    pub wrapped: Option<Vec<u8>>,
    /// Proves after unwrapping that key, id and scope belong together.
    pub check: [u8; 16],
    /// Encryptions counted as done, always at least as many as really were.
    pub uses_reserved: i64,
    /// When the key was made, whole milliseconds.
    pub created_at: Timestamp,
    /// When the key is to be destroyed at the latest, whole milliseconds; `None` while that hangs on an event.
    pub expires_at: Option<Timestamp>,
    /// What has become of it.
    pub state: KeyState,
    /// When it was destroyed, whole milliseconds.
    pub destroyed_at: Option<Timestamp>,
    /// Why it was destroyed: a short code, never a text that could name a person.
    pub reason: Option<String>,
}

impl KeyRow {
    /// Who the key is.
    pub fn identity(&self) -> KeyIdentity {
        KeyIdentity {
            key_id: self.key_id,
            class: self.class,
            scope: self.scope,
            seller: self.seller,
            generation: self.generation,
        }
    }

    /// Turns the row into its own tombstone: wipes the wrapped key and notes when and why (a short code).
    /// A row that is a tombstone already keeps its first date and reason.
    pub fn destroy(&mut self, now: Timestamp, reason: &str) {
        if let Some(mut wrapped) = self.wrapped.take() {
            wrapped.zeroize();
        }
        if self.state != KeyState::Destroyed {
            self.state = KeyState::Destroyed;
            self.destroyed_at = Some(whole_milliseconds(now));
            self.reason = Some(reason.to_owned());
        }
    }

    /// What is authenticated together with the wrapped key.
    pub(crate) fn wrap_aad(&self) -> Parts {
        let mut parts = Parts::new("keywrap/1");
        parts.add_number(self.key_id.number());
        parts.add_number(self.class.code());
        parts.add(self.scope.as_bytes());
        parts.add_seller(self.seller);
        parts.add_number(self.generation);
        parts.add(self.kek_id.as_bytes());
        parts.add_number(self.kek_generation);
        parts.add_number(self.created_at.timestamp_millis());
        parts
    }
}

impl fmt::Debug for KeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRow")
            .field("key_id", &self.key_id)
            .field("class", &self.class)
            .field("scope", &self.scope)
            .field("seller", &self.seller)
            .field("generation", &self.generation)
            .field("kek_id", &self.kek_id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// The moment as the database keeps it.
pub(crate) fn whole_milliseconds(moment: Timestamp) -> Timestamp {
    Timestamp::from_timestamp_millis(moment.timestamp_millis()).unwrap_or(moment)
}
