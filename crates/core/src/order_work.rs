//! What people of the shop do to an order: hold it, write a note, correct its address.

use chrono::Duration;
use ordersync_order::Recipient;
use ordersync_store::{HoldRow, JobKind, NewJob, NoteRow, OrderSummary, RecipientRow};
use ordersync_types::{
    Country, EventId, FieldState, JobId, KeyId, OrderId, Pii, RecordError, RecordField, SealedRecord, SellerId,
    Timestamp,
};
use ordersync_vault::{CellPlace, KeyClass, ScopeId};
use uuid::Uuid;

use crate::key_ring::{FIRST, KeyWish};
use crate::open::{OpenedRecipient, audit_entry};
use crate::retention::delivery_purge_after;
use crate::{Actor, Core, CoreError};

/// A note goes at the latest after this many days (retention schedule, class `note`).
const NOTE_DAYS: i64 = 90;
/// Days after delivery for which an address that a person typed is kept: as the marketplaces' own.
const TYPED_DAYS: u32 = 30;

/// What a note is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoteKind {
    /// For whoever works on the order.
    Note,
    /// Why it is held.
    Hold,
}

impl NoteKind {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Hold => "hold",
        }
    }
}

/// A note that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderNote {
    /// Which order.
    pub order: OrderId,
    /// What it is for.
    pub kind: NoteKind,
    /// When.
    pub written_at: Timestamp,
    /// By whom.
    pub written_by: String,
    /// What it says.
    pub text: Pii<String>,
}

/// An address that a person types in place of the marketplace's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedAddress {
    /// Name, lines, town, region, postcode; what is not given is empty.
    pub recipient: Recipient,
    /// The country.
    pub country: Country,
}

/// What is sealed of a note.
struct NoteText(FieldState);

impl SealedRecord for NoteText {
    const NAME: &'static str = "note";
    const FIELDS: &'static [&'static str] = &["text"];

    fn fields(&self) -> Vec<RecordField<'_>> {
        vec![RecordField::borrowed(0, "", &self.0)]
    }

    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
        let text = fields.into_iter().find(|field| field.index == 0).map(|field| field.state.into_owned());
        Ok(Self(text.unwrap_or_default()))
    }
}

impl Core {
    /// Holds an order back, with a reason that is sealed.
    ///
    /// # Errors
    /// As [`Self::write_note`].
    pub async fn hold_order(&self, order: &OrderSummary, reason: &Pii<String>, actor: &Actor) -> Result<(), CoreError> {
        let now = self.clock.now();
        self.write_note(order, NoteKind::Hold, reason, actor).await?;
        let hold = HoldRow { order: order.order_id, held_at: now, held_by: actor.to_string() };
        self.store.hold_order(order.seller, &hold).await?;
        self.audit_order(order, actor, "order.hold", String::new()).await
    }

    /// Lets an order go on.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when nobody held it; else what the store says.
    pub async fn release_order(&self, order: &OrderSummary, actor: &Actor) -> Result<(), CoreError> {
        if !self.store.release_order(order.seller, order.order_id).await? {
            let message = format!("nobody holds {} here", order.vendor_order_id);
            let hint = "`ordersync today` says what it waits for".to_owned();
            return Err(CoreError::Refused { message, hint });
        }
        self.audit_order(order, actor, "order.release", String::new()).await
    }

    /// Writes a note on an order. It goes with the delivery data, after 90 days at the latest.
    ///
    /// # Errors
    /// [`CoreError::Refused`] for an empty or overlong text and for an order whose delivery data is gone; else what
    /// store and vault say.
    pub async fn write_note(
        &self,
        order: &OrderSummary,
        kind: NoteKind,
        text: &Pii<String>,
        actor: &Actor,
    ) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        let refuse = |message: &str| Err(CoreError::Refused { message: message.to_owned(), hint: String::new() });
        let text = FieldState::Value(text.clone());
        if !text.is_given() {
            return refuse("text: must not be empty");
        }
        if order.delivery_purged_at.is_some() {
            return refuse("the order's delivery data was deleted: nothing personal is written to it any more");
        }
        let now = self.clock.now();
        let latest = now.checked_add_signed(Duration::days(NOTE_DAYS)).unwrap_or(now);
        let held = self.store.recipients(order.seller, &[order.order_id]).await?.pop();
        let purge_after = held.map_or(latest, |held| held.purge_after.min(latest));
        let note_id = EventId::new(now).as_uuid();
        let scope = ScopeId::from_uuid(note_id);
        let wish = KeyWish { class: KeyClass::Delivery, scope, generation: FIRST, expires_at: Some(purge_after) };
        let made = self.keys.make(&self.store, order.seller, now, &[wish]).await?;
        let key = made.get(KeyClass::Delivery, scope).ok_or(CoreError::Stopped("making the note's key"))?;
        let row = NoteRow {
            note_id,
            order: order.order_id,
            kind: kind.name().to_owned(),
            written_at: now,
            written_by: actor.to_string(),
            key_id: key.key_id(),
            row_version: 1,
            purge_after,
            sealed: key.seal(note_place(order.seller, note_id), &NoteText(text))?,
        };
        self.store.add_note(order.seller, &row, made.sequence).await?;
        self.audit_order(order, actor, "order.note", kind.name().to_owned()).await
    }

    /// Opens the notes on these orders, oldest first, with one audit entry.
    ///
    /// # Errors
    /// What store and vault say.
    pub async fn open_notes(
        &self,
        seller: SellerId,
        orders: &[OrderId],
        actor: &Actor,
    ) -> Result<Vec<OrderNote>, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let rows = self.store.notes(seller, orders).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let mut notes = Vec::with_capacity(rows.len());
        for row in rows.into_iter().filter(|row| row.purge_after > now) {
            let Some(Some(key)) = keys.get(&row.key_id) else { continue };
            let NoteText(state) = key.open(note_place(seller, row.note_id), &row.sealed)?;
            let FieldState::Value(text) = state else { continue };
            let kind = if row.kind == NoteKind::Hold.name() { NoteKind::Hold } else { NoteKind::Note };
            let (order, written_at, written_by) = (row.order, row.written_at, row.written_by);
            notes.push(OrderNote { order, kind, written_at, written_by, text });
        }
        if !notes.is_empty() {
            let detail = format!("{} notes opened", notes.len());
            let entry = audit_entry(seller, now, actor, "note.open", "orders", &orders.len(), detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(notes)
    }

    /// Puts an address that a person typed in place of an order's: the old one is destroyed, labels that show it are
    /// stale, and no reading of the marketplace overwrites it. What is no address (gift messages, notes) stays.
    ///
    /// # Errors
    /// [`CoreError::Refused`] for an order whose delivery data was deleted; else what store and vault say. Repeating is
    /// safe.
    pub async fn type_address(
        &self,
        order: &OrderSummary,
        typed: &TypedAddress,
        actor: &Actor,
    ) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let (seller, id) = (order.seller, order.order_id);
        let opened = self.open_recipients(seller, &[order], actor).await?.remove(&id);
        let held = match opened {
            Some(OpenedRecipient::Present(recipient)) => *recipient,
            Some(OpenedRecipient::Purged(at)) => {
                let message = format!("the address was deleted on {}: no new one is taken", at.date_naive());
                return Err(CoreError::Refused { message, hint: "delivery data: 30 days after delivery".to_owned() });
            }
            None => Recipient::default(),
        };
        let record = with_address(held, typed);
        let old = self.store.recipients(seller, &[id]).await?.pop();
        let generation = match &old {
            Some(row) => {
                let rows = self.store.keys_by_id(&[row.key_id]).await?;
                rows.get(&row.key_id).ok_or(CoreError::KeyAbsent(row.key_id))?.generation + 1
            }
            None => FIRST,
        };
        let purge_after = old.as_ref().map_or_else(
            || {
                delivery_purge_after(
                    order.created_at,
                    order.deliver_by,
                    order.dispatched_at,
                    order.delivered_at,
                    TYPED_DAYS,
                )
            },
            |row| row.purge_after,
        );
        let scope = ScopeId::from_uuid(id.as_uuid());
        let wish = KeyWish { class: KeyClass::Delivery, scope, generation, expires_at: Some(purge_after) };
        let made = self.keys.make(&self.store, seller, now, &[wish]).await?;
        let key = made.get(KeyClass::Delivery, scope).ok_or(CoreError::Stopped("making the address's key"))?;
        let row_version = old.as_ref().map_or(1, |row| row.row_version + 1);
        let place = CellPlace { seller, primary_key: *id.as_uuid().as_bytes(), row_version };
        let row = RecipientRow {
            order_id: id,
            key_id: key.key_id(),
            row_version,
            digest: self.keys.tree().record_digest(scope, &record)?,
            purge_after,
            sealed: key.seal(place, &record)?,
        };
        let tags = NewJob { job_id: JobId::new(now), kind: JobKind::FillSearchTags, orders: vec![id], due_at: now };
        self.store.type_recipient(seller, &row, now, &tags, made.sequence).await?;
        if let Some(old) = old {
            self.store.destroy_keys(&[old.key_id], now, "address typed").await?;
            self.follow_copies().await;
        }
        self.audit_order(order, actor, "order.address", "typed by hand; the old one was destroyed".to_owned()).await
    }

    async fn audit_order(
        &self,
        order: &OrderSummary,
        actor: &Actor,
        action: &str,
        detail: String,
    ) -> Result<(), CoreError> {
        let now = self.clock.now();
        let entry = audit_entry(order.seller, now, actor, action, "order", &order.order_id, detail);
        Ok(self.store.write_audit(&[entry]).await?)
    }
}

/// The held record with another address: every field of an address is the typed one, gaps included.
fn with_address(held: Recipient, typed: &TypedAddress) -> Recipient {
    let country = FieldState::value(typed.country.code());
    let typed = typed.recipient.clone();
    Recipient {
        country,
        buyer_note: held.buyer_note,
        delivery_instructions: held.delivery_instructions,
        purchase_order_number: held.purchase_order_number,
        gift_message: held.gift_message,
        gift_sender: held.gift_sender,
        gift_email: held.gift_email,
        customisation_url: held.customisation_url,
        tax_reference: held.tax_reference,
        phone: if typed.phone.is_given() { typed.phone.clone() } else { held.phone },
        email: held.email,
        ..typed
    }
}

fn note_place(seller: SellerId, note: Uuid) -> CellPlace {
    CellPlace { seller, primary_key: *note.as_bytes(), row_version: 1 }
}
