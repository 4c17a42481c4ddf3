//! How often a key has been used, counted so that a crash can only count too many.

use crate::VaultError;

/// Uses of a data key that are reserved when its row is inserted.
pub const DATA_KEY_USES_RESERVED: i64 = 256;
/// Uses of the key-encryption key that are reserved at once, in the key store, before any of them is taken.
pub const KEK_USE_BLOCK: i64 = 65_536;
/// From here on a new root secret should be made.
pub const KEK_USE_ALARM: i64 = 1 << 28;
/// The key-encryption key is not used beyond this. NIST SP 800-38D, section 8.3, allows 2^32 encryptions with
/// random 96-bit nonces.
pub const KEK_USE_LIMIT: i64 = 1 << 30;

/// The uses of the key-encryption key that this process may still take.
///
/// Before uses are taken that are not covered, the caller raises the stored total by [`KEK_USE_BLOCK`] in a
/// durable transaction and hands the new total to [`KekUses::granted`]. What was left of the block before is
/// given up: a crash, a restart or a second daemon counts too many, never too few.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KekUses {
    used: i64,
    reserved: i64,
}

impl KekUses {
    /// No block yet: nothing may be taken.
    pub const fn none() -> Self {
        Self { used: 0, reserved: 0 }
    }

    /// The block that was reserved when the stored total became `total`.
    ///
    /// # Errors
    /// [`VaultError::UseLimit`] when `total` is beyond [`KEK_USE_LIMIT`]; never repeat with this root secret.
    pub fn granted(total: i64) -> Result<Self, VaultError> {
        if total > KEK_USE_LIMIT {
            return Err(VaultError::UseLimit { total, limit: KEK_USE_LIMIT });
        }
        Ok(Self { used: total.saturating_sub(KEK_USE_BLOCK).max(0), reserved: total.max(0) })
    }

    /// Uses left in the block.
    pub const fn left(&self) -> i64 {
        self.reserved - self.used
    }

    /// False when the next block must be reserved before `uses` more are taken.
    pub const fn covers(&self, uses: i64) -> bool {
        uses <= self.left()
    }

    /// Takes `uses` out of the block; a negative number takes nothing.
    ///
    /// # Errors
    /// [`VaultError::UsesNotReserved`], and nothing is taken: reserve a block, then repeat.
    pub fn take(&mut self, uses: i64) -> Result<(), VaultError> {
        if !self.covers(uses) {
            return Err(VaultError::UsesNotReserved { wanted: uses, left: self.left() });
        }
        self.used += uses.max(0);
        Ok(())
    }

    /// True when the stored total has come so far that the seller should be told to make a new root secret.
    pub const fn alarm(&self) -> bool {
        self.reserved >= KEK_USE_ALARM
    }
}
