//! Opening sealed records: the one place, and the audit entry beside it.

use std::fmt;

use ordersync_order::{Buyer, Recipient};
use ordersync_store::{AuditEntry, OrderSummary};
use ordersync_types::{OrderId, SealedRecord, SellerId, Timestamp};
use ordersync_vault::CellPlace;
use uuid::Uuid;

use crate::{Core, CoreError};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// A user of the operating system, by name or number.
    pub fn user(name: &str) -> Self {
        Self(format!("user:{name}"))
    }

    /// A job of the daemon itself.
    pub fn system(job: &str) -> Self {
        Self(format!("system:{job}"))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A record that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened<R> {
    /// Here it is.
    Present(R),
    /// There never was one.
    Never,
    /// Its time is over, whether or not the purge has reached it: it is neither shown nor used.
    Purged,
}

impl Core {
    /// Opens an order's recipient, with an audit entry naming the fields that were there.
    ///
    /// # Errors
    /// [`CoreError::KeyAbsent`] when its key row is missing; else what store or vault say.
    pub async fn open_recipient(&self, order: &OrderSummary, actor: &Actor) -> Result<Opened<Recipient>, CoreError> {
        if order.delivery_purged_at.is_some() {
            return Ok(Opened::Purged);
        }
        let Some(row) = self.store.recipients(order.seller, &[order.order_id]).await?.pop() else {
            return Ok(Opened::Never);
        };
        let now = self.clock.now();
        if row.purge_after <= now {
            return Ok(Opened::Purged);
        }
        let mut keys = self.keys.open_keys(&self.store, &[row.key_id]).await?;
        let Some(Some(key)) = keys.remove(&row.key_id) else { return Ok(Opened::Purged) };
        let place = CellPlace {
            seller: order.seller,
            primary_key: *order.order_id.as_uuid().as_bytes(),
            row_version: row.row_version,
        };
        let record: Recipient = key.open(place, &row.sealed)?;
        self.audit_opening(order.seller, order.order_id, now, actor, &record).await?;
        Ok(Opened::Present(record))
    }

    /// Opens an order's buyer, with an audit entry naming the fields that were there.
    ///
    /// # Errors
    /// As [`Self::open_recipient`].
    pub async fn open_buyer(&self, order: &OrderSummary, actor: &Actor) -> Result<Opened<Buyer>, CoreError> {
        let Some(buyer) = order.buyer_id else {
            return Ok(if order.delivery_purged_at.is_some() { Opened::Purged } else { Opened::Never });
        };
        let Some(row) = self.store.buyer(order.seller, buyer).await? else { return Ok(Opened::Purged) };
        let now = self.clock.now();
        if row.purge_after <= now {
            return Ok(Opened::Purged);
        }
        let mut keys = self.keys.open_keys(&self.store, &[row.key_id]).await?;
        let Some(Some(key)) = keys.remove(&row.key_id) else { return Ok(Opened::Purged) };
        let place =
            CellPlace { seller: order.seller, primary_key: *buyer.as_uuid().as_bytes(), row_version: row.row_version };
        let record: Buyer = key.open(place, &row.sealed)?;
        self.audit_opening(order.seller, order.order_id, now, actor, &record).await?;
        Ok(Opened::Present(record))
    }

    async fn audit_opening<R: SealedRecord>(
        &self,
        seller: SellerId,
        order: OrderId,
        now: Timestamp,
        actor: &Actor,
        record: &R,
    ) -> Result<(), CoreError> {
        let fields = record.fields();
        let mut names: Vec<&str> = fields.iter().filter_map(|field| R::FIELDS.get(field.index)).copied().collect();
        names.dedup();
        let action = format!("{}.open", R::NAME);
        let entry = audit_entry(seller, now, actor, &action, "order", &order, names.join(" "));
        Ok(self.store.write_audit(&[entry]).await?)
    }
}

/// An audit entry made now.
pub(crate) fn audit_entry(
    seller: SellerId,
    at: Timestamp,
    actor: &Actor,
    action: &str,
    subject_kind: &str,
    subject_id: &dyn fmt::Display,
    detail: String,
) -> AuditEntry {
    AuditEntry {
        entry_id: audit_id(at),
        seller,
        at,
        actor: actor.to_string(),
        action: action.to_owned(),
        subject_kind: subject_kind.to_owned(),
        subject_id: subject_id.to_string(),
        detail,
    }
}

fn audit_id(at: Timestamp) -> Uuid {
    ordersync_types::EventId::new(at).as_uuid()
}
