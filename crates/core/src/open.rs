//! Opening sealed records: the one place, and the audit entry beside it.

use std::collections::HashMap;
use std::fmt;

use ordersync_order::{Buyer, Recipient};
use ordersync_store::{AuditEntry, OrderSummary};
use ordersync_types::{KeyId, OrderId, SealedRecord, SellerId, Timestamp};
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

    /// A program with a token, by the token's label.
    pub fn token(label: &str) -> Self {
        Self(format!("token:{label}"))
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

/// A recipient of a batch that was opened. An order that never had one is not in the batch's answer.
#[derive(Debug)]
pub(crate) enum OpenedRecipient {
    /// Here it is.
    Present(Box<Recipient>),
    /// It was, or is to be, deleted at this moment.
    Purged(Timestamp),
}

impl Core {
    /// Opens the recipients of many orders, each with an audit entry naming the fields that were there.
    pub(crate) async fn open_recipients(
        &self,
        seller: SellerId,
        orders: &[&OrderSummary],
        actor: &Actor,
    ) -> Result<HashMap<OrderId, OpenedRecipient>, CoreError> {
        let now = self.clock.now();
        let mut opened = HashMap::with_capacity(orders.len());
        for order in orders {
            if let Some(at) = order.delivery_purged_at {
                opened.insert(order.order_id, OpenedRecipient::Purged(at));
            }
        }
        let ids: Vec<OrderId> = orders.iter().map(|order| order.order_id).collect();
        let rows = self.store.recipients(seller, &ids).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let key = keys.get(&row.key_id).and_then(Option::as_ref).filter(|_| row.purge_after > now);
            let Some(key) = key else {
                opened.insert(row.order_id, OpenedRecipient::Purged(row.purge_after));
                continue;
            };
            let primary_key = *row.order_id.as_uuid().as_bytes();
            let place = CellPlace { seller, primary_key, row_version: row.row_version };
            let record: Recipient = key.open(place, &row.sealed)?;
            entries.push(opening_entry(seller, row.order_id, now, actor, &record));
            opened.insert(row.order_id, OpenedRecipient::Present(Box::new(record)));
        }
        self.store.write_audit(&entries).await?;
        Ok(opened)
    }

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
        Ok(self.store.write_audit(&[opening_entry(seller, order, now, actor, record)]).await?)
    }
}

/// That a record of an order was opened, with the fields that were there.
fn opening_entry<R: SealedRecord>(
    seller: SellerId,
    order: OrderId,
    now: Timestamp,
    actor: &Actor,
    record: &R,
) -> AuditEntry {
    let fields = record.fields();
    let mut names: Vec<&str> = fields.iter().filter_map(|field| R::FIELDS.get(field.index)).copied().collect();
    names.dedup();
    audit_entry(seller, now, actor, &format!("{}.open", R::NAME), "order", &order, names.join(" "))
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
