//! Making data keys in batches and opening them again. There is no cache: one query a batch, then dropped.

use std::collections::{HashMap, HashSet};

use ordersync_store::{Databases, KekRow, StoreError};
use ordersync_types::{KeyId, SellerId, Timestamp};
use ordersync_vault::{
    DataKey, KekId, KekUses, KeyClass, KeyIdentity, KeyRow, KeyState, KeyTree, RootSecret, ScopeId, VaultError,
};
use tokio::sync::Mutex;

use crate::{CoreError, canary};

/// The generation of a new scope's key.
pub(crate) const FIRST: i64 = 1;

/// A key that is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyWish {
    pub(crate) class: KeyClass,
    pub(crate) scope: ScopeId,
    /// [`FIRST`], or one more than that of the key it takes the place of.
    pub(crate) generation: i64,
    pub(crate) expires_at: Option<Timestamp>,
}

/// Keys ready for sealing, and the key store's sequence number that their cells rely on.
#[derive(Debug)]
pub(crate) struct MadeKeys {
    keys: HashMap<(KeyClass, ScopeId), DataKey>,
    pub(crate) sequence: i64,
}

impl MadeKeys {
    /// The key of a scope; `None` when the scope's key is destroyed, so that nothing may be sealed for it.
    pub(crate) fn get(&self, class: KeyClass, scope: ScopeId) -> Option<&DataKey> {
        self.keys.get(&(class, scope))
    }
}

/// The key tree of the root secret, and the uses of its key-encryption key that this process may still take.
#[derive(Debug)]
pub struct KeyRing {
    tree: KeyTree,
    uses: Mutex<KekUses>,
}

impl KeyRing {
    /// Checks that the root secret belongs to these databases, that the key store is not an old copy, and that the
    /// canary of every class opens.
    /// Writes nothing.
    ///
    /// # Errors
    /// [`CoreError::NoRootSecret`], [`CoreError::WrongRoot`], [`CoreError::OldKeyStore`]: never repeat. Else what
    /// the database says.
    pub async fn open(store: &Databases, root: &RootSecret) -> Result<Self, CoreError> {
        let ring = Self::unlock(store, root).await?;
        canary::check(&ring, store).await?;
        Ok(ring)
    }

    /// As [`Self::open`] after an upgrade of the schema: classes of keys that the older program did not have get their
    /// canary first.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn upgraded(store: &Databases, root: &RootSecret, now: Timestamp) -> Result<Self, CoreError> {
        let ring = Self::unlock(store, root).await?;
        canary::introduce(&ring, store, now).await?;
        canary::check(&ring, store).await?;
        Ok(ring)
    }

    async fn unlock(store: &Databases, root: &RootSecret) -> Result<Self, CoreError> {
        let tree = KeyTree::derive(root);
        let keks = store.keks().await?;
        if keks.is_empty() {
            return Err(CoreError::NoRootSecret);
        }
        let Some(kek) = keks.iter().find(|kek| kek.kek_id == tree.id()) else {
            let expected: Vec<KekId> = keks.iter().map(|kek| kek.kek_id).collect();
            return Err(CoreError::WrongRoot { found: tree.id(), expected });
        };
        tree.verify_root(kek.kek_id, &kek.root_check)?;
        let (keys, data) = store.key_sequences().await?;
        if keys < data {
            return Err(CoreError::OldKeyStore { keys, data });
        }
        Ok(Self { tree, uses: Mutex::new(KekUses::none()) })
    }

    /// Introduces a root secret to an empty key store. Only `init` does.
    ///
    /// # Errors
    /// [`CoreError::WrongRoot`] when the key store knows another one already; else what the database says.
    pub async fn introduce(store: &Databases, root: &RootSecret, now: Timestamp) -> Result<Self, CoreError> {
        let tree = KeyTree::derive(root);
        if store.keks().await?.is_empty() {
            let row = KekRow { kek_id: tree.id(), root_check: tree.root_check(), uses_reserved: 0, created_at: now };
            store.add_kek(&row).await?;
        }
        let ring = Self::unlock(store, root).await?;
        canary::introduce(&ring, store, now).await?;
        Ok(ring)
    }

    /// The key tree, for subjects, digests and search tags.
    pub(crate) fn tree(&self) -> &KeyTree {
        &self.tree
    }

    /// The root secret's id.
    pub fn id(&self) -> KekId {
        self.tree.id()
    }

    /// Makes the keys that are wished for, durable before this returns. Where a scope has one already, that one is
    /// taken; where that one is destroyed, there is none.
    pub(crate) async fn make(
        &self,
        store: &Databases,
        seller: SellerId,
        now: Timestamp,
        wishes: &[KeyWish],
    ) -> Result<MadeKeys, CoreError> {
        if wishes.is_empty() {
            let (sequence, _) = store.key_sequences().await?;
            return Ok(MadeKeys { keys: HashMap::new(), sequence });
        }
        // A number may be taken in spite of its 22 random bits; three draws in a row are as good as impossible.
        for _ in 0..3 {
            let (mut keys, rows) = self.draw(store, seller, now, wishes).await?;
            let written = match store.write_keys(&rows).await {
                Ok(written) => written,
                Err(StoreError::KeyIdTaken) => continue,
                Err(error) => return Err(error.into()),
            };
            for row in written.existing {
                let place = (row.class, row.scope);
                let wished = wishes.iter().any(|wish| {
                    wish.class == row.class && wish.scope == row.scope && wish.generation == row.generation
                });
                if !wished {
                    continue;
                }
                if row.state == KeyState::Destroyed {
                    keys.remove(&place);
                } else {
                    keys.insert(place, self.tree.unwrap(&row)?);
                }
            }
            return Ok(MadeKeys { keys, sequence: written.sequence });
        }
        Err(StoreError::KeyIdTaken.into())
    }

    async fn draw(
        &self,
        store: &Databases,
        seller: SellerId,
        now: Timestamp,
        wishes: &[KeyWish],
    ) -> Result<(HashMap<(KeyClass, ScopeId), DataKey>, Vec<KeyRow>), CoreError> {
        self.take_uses(store, wishes.len()).await?;
        let mut taken: HashSet<KeyId> = HashSet::with_capacity(wishes.len());
        let mut keys = HashMap::with_capacity(wishes.len());
        let mut rows = Vec::with_capacity(wishes.len());
        for wish in wishes {
            let key_id = loop {
                let drawn = KeyTree::draw_key_id(now)?;
                if taken.insert(drawn) {
                    break drawn;
                }
            };
            let KeyWish { class, scope, generation, expires_at } = *wish;
            let identity = KeyIdentity { key_id, class, scope, seller, generation };
            let (key, row) = self.tree.new_data_key(identity, now, expires_at)?;
            keys.insert((class, scope), key);
            rows.push(row);
        }
        Ok((keys, rows))
    }

    async fn take_uses(&self, store: &Databases, count: usize) -> Result<(), CoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut uses = self.uses.lock().await;
        if !uses.covers(count) {
            *uses = KekUses::granted(store.reserve_kek_uses(self.tree.id()).await?)?;
            if uses.alarm() {
                tracing::warn!("the root secret has wrapped very many keys: plan a rotation");
            }
        }
        uses.take(count)?;
        Ok(())
    }

    /// The keys with these numbers, ready for use; a destroyed one is `None`.
    ///
    /// # Errors
    /// [`CoreError::KeyAbsent`] when a row is missing: that is never read as purged.
    pub(crate) async fn open_keys(
        &self,
        store: &Databases,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, Option<DataKey>>, CoreError> {
        let rows = store.keys_by_id(ids).await?;
        let mut keys = HashMap::with_capacity(ids.len());
        for id in ids {
            let row = rows.get(id).ok_or(CoreError::KeyAbsent(*id))?;
            let key = match self.tree.unwrap(row) {
                Ok(key) => Some(key),
                Err(VaultError::DestroyedKey { .. }) => None,
                Err(error) => return Err(error.into()),
            };
            keys.insert(*id, key);
        }
        Ok(keys)
    }
}
