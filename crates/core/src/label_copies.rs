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
    /// SHA-256 of what was written, in hexadecimal; `None` when the writing was cut off.
    pub sha256: Option<Pii<String>>,
}

/// A file that somebody is about to write, or has written.
#[derive(Debug)]
pub struct NewLabelCopy<'a> {
    /// The labels in it.
    pub labels: &'a [ShipmentRef],
    /// The orders whose packing slips are in it.
    pub slips: &'a [OrderId],
    /// Where it is.
    pub path: Pii<String>,
    /// SHA-256 of it in hexadecimal; `None` before it is written.
    pub sha256: Option<&'a str>,
    /// What was noted before it was written.
    pub replaces: Option<Uuid>,
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
    /// Notes that somebody keeps a file with labels, or with packing slips of orders. It should be gone when the first
    /// label, or the first address, is due; slips after 21 days at the latest. `None`: nobody stands in it any more.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when nothing of it is held; else what store and vault say.
    pub async fn note_label_copy(
        &self,
        seller: SellerId,
        new: NewLabelCopy<'_>,
        actor: &Actor,
    ) -> Result<Option<Uuid>, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let NewLabelCopy { labels: references, slips: orders, path, sha256, replaces } = new;
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
                return Ok(None);
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
        let sha256 = sha256.map_or(FieldState::NotSent, FieldState::value);
        let record = Whereabouts { path: FieldState::Value(path), sha256 };
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
        if let Some(before) = replaces {
            self.drop_label_copy(seller, before, actor).await?;
        } else {
            let detail = format!("{} labels, slips of {} orders", references.len(), orders.len());
            let entry = audit_entry(seller, now, actor, "label.copy", "label_copy", &copy_id, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(Some(copy_id))
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
            let FieldState::Value(path) = found.path else { continue };
            copies.push(LabelCopy { id: row.copy_id, path, sha256: found.sha256.get().cloned() });
        }
        // One that was cut off may lie where a whole one does, which can be deleted.
        copies.sort_by_key(|copy| copy.sha256.is_none());
        Ok(copies)
    }

    /// Forgets a copy of this person's that is gone, was not written, or is not what was written any more.
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
        self.drop_label_copy(seller, copy, actor).await?;
        let now = self.clock.now();
        let entry = audit_entry(seller, now, actor, "label.copy_gone", "label_copy", &copy, outcome.to_owned());
        Ok(self.store.write_audit(&[entry]).await?)
    }

    async fn drop_label_copy(&self, seller: SellerId, copy: Uuid, actor: &Actor) -> Result<(), CoreError> {
        let Some(row) = self.store.label_copy(seller, &actor.to_string(), copy).await? else {
            let message = "there is no such copy of yours".to_owned();
            return Err(CoreError::Refused { message, hint: String::new() });
        };
        let sequence = self.store.destroy_keys(&[row.key_id], self.clock.now(), "copy gone").await?;
        Ok(self.store.remove_label_copies(seller, &[copy], sequence).await?)
    }
}

fn place(seller: SellerId, copy: Uuid) -> CellPlace {
    CellPlace { seller, primary_key: *copy.as_bytes(), row_version: 1 }
}
