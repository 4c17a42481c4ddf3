//! A data key ready for use.

use std::fmt;

use ordersync_types::{KeyId, SellerId};

use crate::cell::{CellPlace, SealedColumn};
use crate::cipher::{Cipher, KEY_BYTES};
use crate::{KeyClass, KeyIdentity, KeyState, ScopeId, VaultError};

/// A data key with its key schedule, wiped when dropped. Seals and opens cells of its class, scope and seller.
///
/// Hold it for one operation, then drop it: there is no cache of data keys, so that a destroyed key is gone.
pub struct DataKey {
    identity: KeyIdentity,
    state: KeyState,
    pub(crate) cipher: Cipher,
}

impl DataKey {
    pub(crate) fn new(identity: KeyIdentity, state: KeyState, key: &[u8; KEY_BYTES]) -> Self {
        Self { identity, state, cipher: Cipher::new(key) }
    }

    /// Who the key is.
    pub fn identity(&self) -> &KeyIdentity {
        &self.identity
    }

    /// The key's number.
    pub fn key_id(&self) -> KeyId {
        self.identity.key_id
    }

    /// What its cells hold.
    pub fn class(&self) -> KeyClass {
        self.identity.class
    }

    /// What it dies with.
    pub fn scope(&self) -> ScopeId {
        self.identity.scope
    }

    /// Whose data.
    pub fn seller(&self) -> SellerId {
        self.identity.seller
    }

    /// Whether this key may touch that column of that row at all.
    pub(crate) fn check_place<C: SealedColumn>(&self, place: CellPlace) -> Result<(), VaultError> {
        if self.identity.class != C::CLASS {
            return Err(VaultError::WrongClass {
                table: C::TABLE,
                column: C::COLUMN,
                wanted: C::CLASS,
                given: self.identity.class,
            });
        }
        if self.identity.seller != place.seller {
            return Err(VaultError::WrongSeller { key_id: self.identity.key_id });
        }
        Ok(())
    }

    /// Whether this key still seals.
    pub(crate) fn check_seals(&self) -> Result<(), VaultError> {
        match self.state {
            KeyState::Active => Ok(()),
            KeyState::Retired => Err(VaultError::RetiredKey { key_id: self.identity.key_id }),
            KeyState::Destroyed => Err(VaultError::DestroyedKey { key_id: self.identity.key_id }),
        }
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("identity", &self.identity).finish_non_exhaustive()
    }
}
