//! The one secret that everything else hangs on.

use std::fmt;

use ordersync_types::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{KekId, VaultError, random};

/// The root secret: 32 random bytes from the key source, never in a database, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RootSecret([u8; 32]);

/// Characters of a root secret as text.
const HEX_CHARS: usize = 64;

impl RootSecret {
    /// A new secret from the kernel's random generator.
    ///
    /// # Errors
    /// [`VaultError::NoRandom`].
    pub fn generate() -> Result<Self, VaultError> {
        let mut secret = Self([0; 32]);
        random::fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Reads 64 hexadecimal digits, with or without a line end after them.
    ///
    /// # Errors
    /// [`VaultError::RootLength`], [`VaultError::RootCharacter`] or [`VaultError::RootAllZero`]. Never repeat.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let digits = text.strip_suffix('\n').unwrap_or(text);
        let digits = digits.strip_suffix('\r').unwrap_or(digits);
        let found = digits.chars().count();
        if found != HEX_CHARS {
            return Err(VaultError::RootLength { found });
        }
        let mut secret = Self([0; 32]);
        let mut characters = digits.chars().zip(1..);
        for byte in &mut secret.0 {
            for (character, position) in characters.by_ref().take(2) {
                let digit = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                *byte = (*byte << 4) | digit.ok_or(VaultError::RootCharacter { position })?;
            }
        }
        if bool::from(secret.0.ct_eq(&[0; 32])) {
            return Err(VaultError::RootAllZero);
        }
        Ok(secret)
    }

    /// The secret as 64 lower-case hexadecimal digits, for the key file and the recovery file.
    pub fn to_hex(&self) -> Secret<String> {
        const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let mut text = String::with_capacity(HEX_CHARS);
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
        text.extend(digits.filter_map(|digit| DIGITS.get(usize::from(digit))));
        Secret::new(text)
    }

    /// The secret's name, safe to show and to store.
    pub fn id(&self) -> KekId {
        let hash = Sha256::new().chain_update(b"kid").chain_update(self.as_bytes()).finalize();
        let mut id = [0; 4];
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        KekId::from_bytes(id)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootSecret({})", self.id())
    }
}
