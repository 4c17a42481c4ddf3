//! Canary cells: a known text for each class whose records this program keeps, opened at every start and hourly. A root
//! secret, a key row or a format that no longer fits is found here, before an order is lost to it, and without opening
//! anybody's record.

use std::sync::PoisonError;

use ordersync_store::{
    ChannelCanary, ContactCanary, Databases, DeliveryCanary, InvoiceCanary, LabelCanary, StoreError,
};
use ordersync_types::{FieldState, RecordError, RecordField, SealedRecord, SellerId, Timestamp};
use ordersync_vault::{CellPlace, KeyClass, ScopeId, SealedColumn, VaultError};
use uuid::Uuid;

use crate::key_ring::{FIRST, KeyRing, KeyWish};
use crate::{Core, CoreError};

/// The installation itself, in place of a seller: no record of a person is under it.
const INSTALLATION: SellerId = SellerId::new(0);
const TEXT: &str = "this text can be read while keys and formats fit";

struct Canary;

impl SealedRecord for Canary {
    const NAME: &'static str = "canary";
    const FIELDS: &'static [&'static str] = &["text"];

    fn fields(&self) -> Vec<RecordField<'_>> {
        vec![RecordField::owned(0, "", FieldState::value(TEXT))]
    }

    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
        if fields == Self.fields() {
            return Ok(Self);
        }
        Err(RecordError::Misplaced { record: Self::NAME, field: "text", reason: "not the text that was sealed" })
    }
}

impl Core {
    /// Opens the canary of every class, and remembers how that went for [`Self::canary_fault`].
    ///
    /// # Errors
    /// As the vault says why one does not open, or what the store says. Nothing is written.
    pub async fn check_canaries(&self) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        let checked = check(&self.keys, &self.store).await;
        let fault = checked.as_ref().err().map(ToString::to_string);
        *self.canary_fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        checked
    }

    /// Why a canary did not open when they were last tried; `None`: all did.
    pub fn canary_fault(&self) -> Option<String> {
        self.canary_fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes those that are missing. Only `init` does.
pub(crate) async fn introduce(ring: &KeyRing, store: &Databases, now: Timestamp) -> Result<(), CoreError> {
    add::<LabelCanary>(ring, store, now).await?;
    add::<DeliveryCanary>(ring, store, now).await?;
    add::<ContactCanary>(ring, store, now).await?;
    add::<InvoiceCanary>(ring, store, now).await?;
    add::<ChannelCanary>(ring, store, now).await
}

pub(crate) async fn check(ring: &KeyRing, store: &Databases) -> Result<(), CoreError> {
    open::<LabelCanary>(ring, store).await?;
    open::<DeliveryCanary>(ring, store).await?;
    open::<ContactCanary>(ring, store).await?;
    open::<InvoiceCanary>(ring, store).await?;
    open::<ChannelCanary>(ring, store).await
}

async fn add<C: SealedColumn>(ring: &KeyRing, store: &Databases, now: Timestamp) -> Result<(), CoreError> {
    if store.canary::<C>().await?.is_some() {
        return Ok(());
    }
    let wish = KeyWish { class: C::CLASS, scope: scope(C::CLASS), generation: FIRST, expires_at: None };
    let made = ring.make(store, INSTALLATION, now, &[wish]).await?;
    let Some(key) = made.get(C::CLASS, wish.scope) else { return Err(missing(C::CLASS)) };
    store.add_canary::<C>(key.key_id(), key.seal(place(C::CLASS), &Canary)?, made.sequence).await?;
    Ok(())
}

async fn open<C: SealedColumn>(ring: &KeyRing, store: &Databases) -> Result<(), CoreError> {
    let Some((key_id, sealed)) = store.canary::<C>().await? else { return Err(missing(C::CLASS)) };
    let mut keys = ring.open_keys(store, &[key_id]).await?;
    let key = keys.remove(&key_id).flatten().ok_or(VaultError::DestroyedKey { key_id })?;
    let Canary = key.open(place(C::CLASS), &sealed)?;
    Ok(())
}

fn missing(class: KeyClass) -> CoreError {
    StoreError::Damaged { field: "canary", reason: format!("there is none for {} keys: run init again", class.name()) }
        .into()
}

fn scope(class: KeyClass) -> ScopeId {
    ScopeId::from_uuid(Uuid::from_u128(u128::try_from(class.code()).unwrap_or_default()))
}

fn place(class: KeyClass) -> CellPlace {
    CellPlace { seller: INSTALLATION, primary_key: *scope(class).as_bytes(), row_version: 1 }
}
