//! Files with labels or packing slips that a person asked for and keeps where the daemon cannot delete them.

use chrono::Duration;
use ordersync_store::LabelCopyRow;
use ordersync_types::{
    EventId, FieldState, KeyId, OrderId, Pii, RecordError, RecordField, SealedRecord, SellerId, ShipmentRef,
};
use ordersync_vault::{CellPlace, KeyClass, ScopeId};
use uuid::Uuid;

use crate::fulfilment::LABEL_DAYS;
use crate::key_ring::{FIRST, KeyWish};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// How long after its labels are due a copy is still asked about.
const ASKED_FOR: Duration = Duration::days(35);

/// A copy whose labels are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCopy {
    /// Its id.
    pub id: Uuid,
    /// Where it is.
    pub path: Pii<String>,
    /// SHA-256 of what was written, in hexadecimal.
    pub sha256: Pii<String>,
}

/// What is sealed of a copy: a path may hold a buyer's name, and a hash of an address can be guessed at.
struct Whereabouts {
    path: FieldState,
    sha256: FieldState,
}

impl SealedRecord for Whereabouts {
    const NAME: &'static str = "label_copy";
    const FIELDS: &'static [&'static str] = &["path", "sha256"];

    fn fields(&self) -> Vec<RecordField<'_>> {
        vec![RecordField::borrowed(0, "", &self.path), RecordField::borrowed(1, "", &self.sha256)]
    }

    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
        let mut found = Self { path: FieldState::NotSent, sha256: FieldState::NotSent };
        for field in fields {
            match field.index {
                0 => found.path = field.state.into_owned(),
                1 => found.sha256 = field.state.into_owned(),
                index => return Err(RecordError::NewerField { record: Self::NAME, index }),
            }
        }
        Ok(found)
    }
}

impl Core {
    /// Notes that somebody keeps a file with these labels, or with packing slips of these orders. It should be gone when
    /// the first label, or the first address, is due; slips after 21 days at the latest.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when nothing of it is held; else what store and vault say.
    pub async fn note_label_copy(
        &self,
        seller: SellerId,
        references: &[ShipmentRef],
        orders: &[OrderId],
        path: Pii<String>,
        sha256: &str,
        actor: &Actor,
    ) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let shipments = self.store.shipments(seller, references).await?;
        let ids: Vec<_> = shipments.iter().map(|shipment| shipment.shipment_id).collect();
        let labels = self.store.labels(seller, &ids).await?;
        let recipients = self.store.recipients(seller, orders).await?;
        // A delivery brings an address forward after this was noted: no slip is kept for longer than a label either.
        let as_labels = now.checked_add_signed(Duration::days(LABEL_DAYS)).unwrap_or(now);
        let slips = recipients.iter().map(|one| one.purge_after.min(as_labels));
        let due = labels.iter().map(|label| label.purge_after).chain(slips);
        let Some(due_at) = due.min() else {
            if references.is_empty() && !orders.is_empty() {
                // Slips of orders whose addresses are gone hold neither note nor message.
                return Ok(());
            }
            let message = "nothing of it is held: no label, and no address".to_owned();
            return Err(CoreError::Refused { message, hint: "make it first".to_owned() });
        };
        let copy_id = EventId::new(now).as_uuid();
        let purge_after = due_at.checked_add_signed(ASKED_FOR).unwrap_or(due_at);
        let scope = ScopeId::from_uuid(copy_id);
        let wish = KeyWish { class: KeyClass::Label, scope, generation: FIRST, expires_at: Some(purge_after) };
        let made = self.keys.make(&self.store, seller, now, &[wish]).await?;
        let key = made.get(KeyClass::Label, scope).ok_or(CoreError::Stopped("making the copy's key"))?;
        let record = Whereabouts { path: FieldState::Value(path), sha256: FieldState::value(sha256) };
        let row = LabelCopyRow {
            seller,
            copy_id,
            owner: actor.to_string(),
            made_at: now,
            due_at,
            key_id: key.key_id(),
            row_version: 1,
            purge_after,
            sealed: key.seal(place(seller, copy_id), &record)?,
        };
        self.store.add_label_copy(&row, made.sequence).await?;
        let detail = format!("{} labels, slips of {} orders", references.len(), orders.len());
        let entry = audit_entry(seller, now, actor, "label.copy", "label_copy", &copy_id, detail);
        Ok(self.store.write_audit(&[entry]).await?)
    }

    /// This person's copies whose labels are due.
    ///
    /// # Errors
    /// What store and vault say.
    pub async fn label_copies_due(&self, seller: SellerId, actor: &Actor) -> Result<Vec<LabelCopy>, CoreError> {
        let _busy = self.clock.busy();
        let rows = self.store.label_copies_due(seller, &actor.to_string(), self.clock.now()).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let mut copies = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(Some(key)) = keys.get(&row.key_id) else { continue };
            let found: Whereabouts = key.open(place(seller, row.copy_id), &row.sealed)?;
            let (FieldState::Value(path), FieldState::Value(sha256)) = (found.path, found.sha256) else { continue };
            copies.push(LabelCopy { id: row.copy_id, path, sha256 });
        }
        Ok(copies)
    }

    /// Forgets a copy of this person's that is gone, or that is not what was written any more.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when it is not this person's; else what the store says.
    pub async fn forget_label_copy(
        &self,
        seller: SellerId,
        copy: Uuid,
        outcome: &str,
        actor: &Actor,
    ) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let mine = self.store.label_copies_due(seller, &actor.to_string(), now).await?;
        let Some(row) = mine.into_iter().find(|row| row.copy_id == copy) else {
            let message = "there is no such copy of yours".to_owned();
            return Err(CoreError::Refused { message, hint: String::new() });
        };
        let sequence = self.store.destroy_keys(&[row.key_id], now, "copy gone").await?;
        self.store.remove_label_copies(seller, &[copy], sequence).await?;
        let entry = audit_entry(seller, now, actor, "label.copy_gone", "label_copy", &copy, outcome.to_owned());
        Ok(self.store.write_audit(&[entry]).await?)
    }
}

fn place(seller: SellerId, copy: Uuid) -> CellPlace {
    CellPlace { seller, primary_key: *copy.as_bytes(), row_version: 1 }
}
