//! The kernel's random generator, the only outside thing this crate asks.

use crate::VaultError;

/// Fills `bytes` from the kernel's random generator.
///
/// Nonces and keys come from here each time and never from a counter or a seeded generator: a machine restored
/// from a snapshot would repeat those.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|_| VaultError::NoRandom)
}
