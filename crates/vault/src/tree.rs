//! The key tree: everything that is derived from the root secret, and the wrapping of data keys.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use ordersync_types::{AccountId, KeyId, Pii, SealedRecord, SellerId, Timestamp};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::cipher::{Cipher, KEY_BYTES, NONCE_BYTES, TAG_BYTES};
use crate::key_row::{WRAPPED_BYTES, whole_milliseconds};
use crate::parts::Parts;
use crate::{
    DATA_KEY_USES_RESERVED, DataKey, KekId, KeyIdentity, KeyRow, KeyState, RootSecret, ScopeId, SearchField, SearchKey,
    SubjectKey, VaultError, encoding, random,
};

/// The generation of a key-encryption key that is derived from a root secret.
const KEK_GENERATION: i64 = 1;

/// The keys derived from one root secret, ready for use and wiped when dropped.
///
/// The key-encryption key wraps data keys; the others make tags and digests and open nothing.
pub struct KeyTree {
    id: KekId,
    kek: Cipher,
    subject: Hmac<Sha256>,
    digest: Hmac<Sha256>,
    search: Hkdf<Sha256>,
    root_check: [u8; 16],
}

impl KeyTree {
    /// Derives all keys. Takes some microseconds: once per start is enough.
    pub fn derive(root: &RootSecret) -> Self {
        let derived = Hkdf::<Sha256>::new(None, root.as_bytes());
        Self {
            id: root.id(),
            kek: Cipher::new(&expand(&derived, b"wrap/v1")),
            subject: hmac(&expand(&derived, b"subject/v1")),
            digest: hmac(&expand(&derived, b"digest/v1")),
            search: Hkdf::new(None, expand(&derived, b"search/v1").as_slice()),
            root_check: first_16(hmac(&expand(&derived, b"check/v1")).chain_update(b"root")),
        }
    }

    /// The root secret's id.
    pub fn id(&self) -> KekId {
        self.id
    }

    /// 16 bytes that the key store keeps to tell this root secret from every other; they give nothing away.
    pub fn root_check(&self) -> [u8; 16] {
        self.root_check
    }

    /// Compares this tree with what the key store holds. To be called before anything is written.
    ///
    /// # Errors
    /// [`VaultError::WrongRoot`] when the id differs, [`VaultError::RootCheckFailed`] when only the check value
    /// does. Never repeat.
    pub fn verify_root(&self, stored_id: KekId, stored_check: &[u8; 16]) -> Result<(), VaultError> {
        if stored_id != self.id {
            return Err(VaultError::WrongRoot { expected: stored_id, found: self.id });
        }
        if !bool::from(self.root_check.ct_eq(stored_check)) {
            return Err(VaultError::RootCheckFailed { id: self.id });
        }
        Ok(())
    }

    /// A number for a new data key. Draw again when the key store already holds it.
    ///
    /// # Errors
    /// [`VaultError::NoRandom`].
    pub fn draw_key_id(now: Timestamp) -> Result<KeyId, VaultError> {
        let mut random = [0; 4];
        random::fill(&mut random)?;
        Ok(KeyId::new(now, u32::from_be_bytes(random)))
    }

    /// Makes a random data key and the row that keeps it, with [`DATA_KEY_USES_RESERVED`] uses reserved.
    ///
    /// The row must be durable in the key store before the key seals anything. One use of the key-encryption
    /// key: take it from [`crate::KekUses`] first.
    ///
    /// # Errors
    /// [`VaultError::NoRandom`].
    pub fn new_data_key(
        &self,
        identity: KeyIdentity,
        created_at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<(DataKey, KeyRow), VaultError> {
        let mut random = Zeroizing::new([0; KEY_BYTES + NONCE_BYTES]);
        random::fill(random.as_mut_slice())?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let mut nonce = [0; NONCE_BYTES];
        for (to, from) in key.iter_mut().chain(&mut nonce).zip(random.iter()) {
            *to = *from;
        }
        let mut row = KeyRow {
            key_id: identity.key_id,
            class: identity.class,
            scope: identity.scope,
            seller: identity.seller,
            generation: identity.generation,
            kek_id: self.id,
            kek_generation: KEK_GENERATION,
            wrapped: None,
            check: check_value(&key, &identity),
            uses_reserved: DATA_KEY_USES_RESERVED,
            created_at: whole_milliseconds(created_at),
            expires_at: expires_at.map(whole_milliseconds),
            state: KeyState::Active,
            destroyed_at: None,
            reason: None,
        };
        let data_key = DataKey::new(identity, KeyState::Active, &key);
        // 32 bytes are never too long for the cipher.
        let tag = self
            .kek
            .seal(&nonce, row.wrap_aad().as_bytes(), key.as_mut_slice())
            .map_err(|_| VaultError::TooLong { found: KEY_BYTES, limit: KEY_BYTES })?;
        let mut wrapped = Vec::with_capacity(WRAPPED_BYTES);
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(key.as_slice());
        wrapped.extend_from_slice(&tag);
        row.wrapped = Some(wrapped);
        Ok((data_key, row))
    }

    /// The data key that a row keeps.
    ///
    /// # Errors
    /// [`VaultError::DestroyedKey`] (its cells are purged), [`VaultError::WrongRoot`],
    /// [`VaultError::UnknownKekGeneration`] or [`VaultError::DamagedKeyRow`]. Never repeat.
    pub fn unwrap(&self, row: &KeyRow) -> Result<DataKey, VaultError> {
        let key_id = row.key_id;
        let damaged = |part| VaultError::DamagedKeyRow { key_id, part };
        if row.state == KeyState::Destroyed {
            return Err(VaultError::DestroyedKey { key_id });
        }
        if row.kek_id != self.id {
            return Err(VaultError::WrongRoot { expected: row.kek_id, found: self.id });
        }
        if row.kek_generation != KEK_GENERATION {
            return Err(VaultError::UnknownKekGeneration { key_id, found: row.kek_generation });
        }
        let wrapped = row.wrapped.as_deref().ok_or(damaged("no wrapped key in a row that is not destroyed"))?;
        let whole = wrapped
            .split_first_chunk::<NONCE_BYTES>()
            .and_then(|(nonce, rest)| rest.split_last_chunk::<TAG_BYTES>().map(|(key, tag)| (nonce, key, tag)));
        let (nonce, sealed, tag) = whole.ok_or(damaged("wrapped key of the wrong length"))?;
        let sealed: &[u8; KEY_BYTES] = sealed.try_into().map_err(|_| damaged("wrapped key of the wrong length"))?;
        let mut key = Zeroizing::new(*sealed);
        self.kek
            .open(nonce, row.wrap_aad().as_bytes(), key.as_mut_slice(), tag)
            .map_err(|_| damaged("wrapped key or the fields bound to it"))?;
        let identity = row.identity();
        if !bool::from(check_value(&key, &identity).ct_eq(&row.check)) {
            return Err(damaged("check value"));
        }
        Ok(DataKey::new(identity, row.state, &key))
    }

    /// The tag under which a buyer of one seller on one account is found again.
    ///
    /// `buyer` is whatever the marketplace tells this buyer from others by; it is not normalised, and buyers of
    /// two accounts never match.
    pub fn subject(&self, seller: SellerId, account: AccountId, buyer: &Pii<String>) -> SubjectKey {
        let mut parts = Parts::new("subject/1");
        parts.add_seller(seller);
        parts.add(account.as_uuid().as_bytes());
        let known = parts.as_bytes();
        let value = buyer.expose().as_bytes();
        SubjectKey::from_bytes(first_16(self.subject.clone().chain_update(known).chain_update(value)))
    }

    /// A keyed digest of a record's canonical encoding: equal digests in one scope mean equal content, so nothing
    /// has to be sealed and written again.
    ///
    /// The scope is part of it, so that equal addresses of two orders have unequal digests. A digest is personal
    /// data all the same: it must go with the row that it describes.
    ///
    /// # Errors
    /// [`VaultError::Encoding`] or [`VaultError::TooLong`], as in sealing.
    pub fn record_digest<R: SealedRecord>(&self, scope: ScopeId, record: &R) -> Result<[u8; 16], VaultError> {
        let mut parts = Parts::new("digest/1");
        parts.add(scope.as_bytes());
        parts.add(R::NAME.as_bytes());
        let encoded = encoding::encoded::<R>(&record.fields())?;
        Ok(first_16(self.digest.clone().chain_update(parts.as_bytes()).chain_update(encoded.as_slice())))
    }

    /// The key of one blind index: one per seller, field and generation (1, then one more for each rebuild).
    pub fn search_key(&self, seller: SellerId, field: SearchField, generation: i64) -> SearchKey {
        let mut parts = Parts::new("searchkey/1");
        parts.add_seller(seller);
        parts.add_number(field.code());
        parts.add_number(generation);
        SearchKey::new(field, hmac(&expand(&self.search, parts.as_bytes())))
    }
}

impl fmt::Debug for KeyTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyTree({})", self.id)
    }
}

/// Binds a key to its id and scope, so that a swapped or wrong key is caught before any field is touched.
fn check_value(key: &[u8; KEY_BYTES], identity: &KeyIdentity) -> [u8; 16] {
    let commit = expand(&Hkdf::new(None, key), b"commit/v1");
    let id = identity.key_id.number().to_be_bytes();
    first_16(hmac(&commit).chain_update(id).chain_update(identity.scope.as_bytes()))
}

#[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8,160 bytes, and this asks for 32")]
fn expand(key: &Hkdf<Sha256>, info: &[u8]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut derived = Zeroizing::new([0; KEY_BYTES]);
    key.expand(info, derived.as_mut_slice()).expect("32 bytes are below HKDF's limit");
    derived
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn hmac(key: &[u8; KEY_BYTES]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn first_16(mac: Hmac<Sha256>) -> [u8; 16] {
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(whole) {
        *to = from;
    }
    first
}
