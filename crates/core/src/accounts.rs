//! Adding and removing accounts, and handing their credentials to a connector.

use ordersync_connector_api::AccountCredential;
use ordersync_store::{Account, AccountInvoicing, AccountState, SealedCredential};
use ordersync_types::{AccountId, KeyId, SellerId, Timestamp};
use ordersync_vault::{CellPlace, KeyClass, ScopeId, VaultError};

use crate::key_ring::{FIRST, KeyWish};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// An account to add.
#[derive(Debug)]
pub struct NewAccount {
    /// Whose.
    pub seller: SellerId,
    /// What people call it; must be unique.
    pub label: String,
    /// The connector's name.
    pub connector: String,
    /// The connector's own settings as JSON, without secrets.
    pub settings: String,
    /// Orders dispatched before this moment are history, not work.
    pub go_live_at: Timestamp,
    /// Days before go-live that the first window reaches back, 0 to 90.
    pub first_window_days: u32,
    /// Who issues its invoices, from when, and where its stock is.
    pub invoicing: AccountInvoicing,
    /// What it signs in with.
    pub credential: AccountCredential,
}

impl Core {
    /// Adds an account; its credential is sealed under a channel key of its own.
    ///
    /// # Errors
    /// A label that is taken; else what store and vault say.
    pub async fn add_account(&self, new: NewAccount, actor: &Actor) -> Result<Account, CoreError> {
        let now = self.clock.now();
        let account = Account {
            seller: new.seller,
            account: AccountId::new(now),
            label: new.label,
            connector: new.connector,
            settings: new.settings,
            state: AccountState::Active,
            state_reason: None,
            go_live_at: new.go_live_at,
            first_window_days: new.first_window_days.min(90),
            added_at: now,
            invoicing: new.invoicing,
        };
        let scope = ScopeId::from_uuid(account.account.as_uuid());
        let wish = KeyWish { class: KeyClass::Channel, scope, generation: FIRST, expires_at: None };
        let made = self.keys.make(&self.store, new.seller, now, &[wish]).await?;
        let key = made.get(KeyClass::Channel, scope).ok_or(CoreError::Stopped("making the account's key"))?;
        let credential = SealedCredential {
            key_id: key.key_id(),
            row_version: 1,
            sealed: key.seal(credential_place(&account, 1), &new.credential)?,
            written_at: now,
        };
        self.store.add_account(&account, &credential, made.sequence).await?;
        self.audit_account(&account, actor, "account.add").await?;
        Ok(account)
    }

    /// What an account signs in with.
    ///
    /// # Errors
    /// [`CoreError::NoSuchAccount`] when it has none; else what store and vault say.
    pub async fn credential(&self, account: &Account) -> Result<AccountCredential, CoreError> {
        let _busy = self.clock.busy();
        let missing = || CoreError::NoSuchAccount(account.label.clone());
        let stored = self.store.credential(account.seller, account.account).await?.ok_or_else(missing)?;
        let mut keys = self.keys.open_keys(&self.store, &[stored.key_id]).await?;
        let key = keys.remove(&stored.key_id).flatten();
        let key = key.ok_or(VaultError::DestroyedKey { key_id: stored.key_id })?;
        Ok(key.open(credential_place(account, stored.row_version), &stored.sealed)?)
    }

    /// Puts another credential in place of an account's, under a channel key of its own: the old one is destroyed. An
    /// account that waited for it is read again.
    ///
    /// # Errors
    /// [`CoreError::NoSuchAccount`] when it has none; else what store and vault say. Repeating is safe.
    pub async fn replace_credential(
        &self,
        account: &Account,
        credential: &AccountCredential,
        actor: &Actor,
    ) -> Result<(), CoreError> {
        let now = self.clock.now();
        let missing = || CoreError::NoSuchAccount(account.label.clone());
        let stored = self.store.credential(account.seller, account.account).await?.ok_or_else(missing)?;
        let old = self.store.keys_by_id(&[stored.key_id]).await?;
        let generation = old.get(&stored.key_id).ok_or(CoreError::KeyAbsent(stored.key_id))?.generation + 1;
        let scope = ScopeId::from_uuid(account.account.as_uuid());
        let wish = KeyWish { class: KeyClass::Channel, scope, generation, expires_at: None };
        let made = self.keys.make(&self.store, account.seller, now, &[wish]).await?;
        let key = made.get(KeyClass::Channel, scope).ok_or(CoreError::Stopped("making the account's key"))?;
        let row_version = stored.row_version + 1;
        let sealed = key.seal(credential_place(account, row_version), credential)?;
        let row = SealedCredential { key_id: key.key_id(), row_version, sealed, written_at: now };
        self.store.replace_credential(account.seller, account.account, &row, made.sequence).await?;
        self.store.destroy_keys(&[stored.key_id], now, "credential replaced").await?;
        self.store.physical_step().await?;
        self.follow_copies().await;
        self.audit_account(account, actor, "account.credentials").await?;
        if account.state == AccountState::NeedsConsent {
            self.resume_account(account, actor).await?;
        }
        Ok(())
    }

    /// Removes an account: its channel key first, then the credential. Its orders stay until their time. Nothing is
    /// destroyed unless the data can be written, and one that was cut off says that it must be repeated.
    ///
    /// # Errors
    /// What the store says. Repeating is safe.
    pub async fn remove_account(&self, account: &Account, actor: &Actor) -> Result<(), CoreError> {
        let reason = format!("its removal was cut off: `ordersync account remove {}` finishes it", account.label);
        let state = AccountState::NeedsConsent;
        self.store.set_account_state(account.seller, account.account, state, Some(&reason)).await?;
        let scope = ScopeId::from_uuid(account.account.as_uuid());
        let rows = self.store.keys_of_scopes(account.seller, KeyClass::Channel, &[scope]).await?;
        let ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        self.store.destroy_keys(&ids, self.clock.now(), "account removed").await?;
        self.hand_over_parcels(account).await?;
        self.store.remove_account(account.seller, account.account).await?;
        self.follow_copies().await;
        self.audit_account(account, actor, "account.remove").await
    }

    /// Lets an account that waited for its credentials be read again, now that the marketplace takes them.
    ///
    /// # Errors
    /// What the store says. Repeating is safe.
    pub async fn resume_account(&self, account: &Account, actor: &Actor) -> Result<(), CoreError> {
        self.store.set_account_state(account.seller, account.account, AccountState::Active, None).await?;
        self.audit_account(account, actor, "account.resume").await
    }

    /// The account with this label.
    ///
    /// # Errors
    /// [`CoreError::NoSuchAccount`]; else what the store says.
    pub async fn account(&self, label: &str) -> Result<Account, CoreError> {
        let accounts = self.store.accounts().await?;
        accounts.into_iter().find(|account| account.label == label).ok_or(CoreError::NoSuchAccount(label.to_owned()))
    }

    async fn audit_account(&self, account: &Account, actor: &Actor, action: &str) -> Result<(), CoreError> {
        let detail = format!("{} {}", account.connector, account.label);
        let now = self.clock.now();
        let entry = audit_entry(account.seller, now, actor, action, "account", &account.account, detail);
        Ok(self.store.write_audit(&[entry]).await?)
    }
}

fn credential_place(account: &Account, row_version: i64) -> CellPlace {
    CellPlace { seller: account.seller, primary_key: *account.account.as_uuid().as_bytes(), row_version }
}
