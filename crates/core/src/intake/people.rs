//! The personal half of a page: which records are new, changed or only later due, under which keys they are sealed.

use std::collections::{HashMap, HashSet};

use ordersync_order::{Buyer, Recipient};
use ordersync_store::{Account, BuyerRow, KnownBuyer, RecipientRow};
use ordersync_types::{BuyerId, KeyId, OrderId, SealedRecord, Timestamp};
use ordersync_vault::{CellPlace, DATA_KEY_USES_RESERVED, DataKey, KeyClass, ScopeId, Sealed, SubjectKey};

use super::Arrival;
use super::rows::AccountRules;
use crate::key_ring::{FIRST, KeyWish};
use crate::open::{Actor, audit_entry};
use crate::retention::delivery_purge_after;
use crate::{Core, CoreError};

/// A record that is to be sealed.
struct Pending<Id, R> {
    id: Id,
    scope: ScopeId,
    record: R,
    digest: [u8; 16],
    row_version: i64,
    purge_after: Timestamp,
    /// The key it is sealed with already; `None`: a new one is made.
    key_id: Option<KeyId>,
}

/// What a page does to people.
#[derive(Default)]
pub(super) struct PeoplePlan {
    pub(super) recipients: Vec<RecipientRow>,
    pub(super) recipient_purges: Vec<(OrderId, Timestamp)>,
    pub(super) buyers: Vec<BuyerRow>,
    pub(super) buyer_purges: Vec<(BuyerId, Timestamp)>,
    pub(super) keys_sequence: i64,
    buyer_ids: HashMap<OrderId, BuyerId>,
    touched: HashSet<OrderId>,
    pending_recipients: Vec<Pending<OrderId, Recipient>>,
    pending_buyers: Vec<Pending<(BuyerId, SubjectKey), Buyer>>,
    merged: u64,
}

impl PeoplePlan {
    /// Decides what is to be sealed. Records that are held are opened only when their content changed.
    pub(super) async fn make(
        core: &Core,
        account: &Account,
        arrivals: &mut [Arrival],
        rules: &AccountRules,
        now: Timestamp,
    ) -> Result<Self, CoreError> {
        let mut plan = Self::default();
        let mut changed: Vec<(OrderId, Recipient, Timestamp)> = Vec::new();
        for arrival in arrivals.iter_mut() {
            let purge_after = arrival.purge_after(rules);
            let recipient = arrival.take_recipient();
            let held = arrival.known.as_ref().and_then(|known| known.recipient.as_ref());
            if let Some(held) = held
                && held.purge_after != purge_after
            {
                plan.recipient_purges.push((arrival.order_id, purge_after));
                plan.touched.insert(arrival.order_id);
            }
            let Some(recipient) = recipient else { continue };
            let scope = ScopeId::from_uuid(arrival.order_id.as_uuid());
            let digest = core.keys.tree().record_digest(scope, &recipient)?;
            match held {
                Some(held) if held.digest == digest => {}
                // What a person typed, no reading overwrites.
                Some(held) if held.typed => {}
                Some(_) => changed.push((arrival.order_id, recipient, purge_after)),
                None => plan.pending_recipients.push(Pending {
                    id: arrival.order_id,
                    scope,
                    record: recipient,
                    digest,
                    row_version: 1,
                    purge_after,
                    key_id: None,
                }),
            }
        }
        plan.merge_recipients(core, account, &changed).await?;
        plan.plan_buyers(core, account, arrivals, rules, now).await?;
        Ok(plan)
    }

    /// The buyer that an order is to name.
    pub(super) fn buyer_of(&self, order: OrderId) -> Option<BuyerId> {
        self.buyer_ids.get(&order).copied()
    }

    /// True when something personal of the order changes.
    pub(super) fn touches(&self, order: OrderId) -> bool {
        self.touched.contains(&order) || self.recipients.iter().any(|row| row.order_id == order)
    }

    /// A gap in a newer reading never overwrites a value: what is held is opened and brought up to date.
    async fn merge_recipients(
        &mut self,
        core: &Core,
        account: &Account,
        changed: &[(OrderId, Recipient, Timestamp)],
    ) -> Result<(), CoreError> {
        if changed.is_empty() {
            return Ok(());
        }
        let ids: Vec<OrderId> = changed.iter().map(|(order_id, ..)| *order_id).collect();
        let rows = core.store.recipients(account.seller, &ids).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = core.keys.open_keys(&core.store, &key_ids).await?;
        let rows: HashMap<OrderId, RecipientRow> = rows.into_iter().map(|row| (row.order_id, row)).collect();
        for (order_id, newer, purge_after) in changed {
            let Some(row) = rows.get(order_id) else { continue };
            // A key that is gone makes the row unreadable: its purge has begun, so nothing comes in again.
            let Some(Some(key)) = keys.get(&row.key_id) else { continue };
            let place = CellPlace {
                seller: account.seller,
                primary_key: *order_id.as_uuid().as_bytes(),
                row_version: row.row_version,
            };
            let held: Recipient = key.open(place, &row.sealed)?;
            self.merged += 1;
            let record = held.updated_by(newer);
            let scope = ScopeId::from_uuid(order_id.as_uuid());
            let digest = core.keys.tree().record_digest(scope, &record)?;
            if digest == row.digest {
                continue;
            }
            self.pending_recipients.push(Pending {
                id: *order_id,
                scope,
                record,
                digest,
                row_version: row.row_version + 1,
                purge_after: *purge_after,
                key_id: Some(row.key_id),
            });
        }
        Ok(())
    }

    async fn plan_buyers(
        &mut self,
        core: &Core,
        account: &Account,
        arrivals: &mut [Arrival],
        rules: &AccountRules,
        now: Timestamp,
    ) -> Result<(), CoreError> {
        // One buyer may stand behind several orders of a page: the newest reading counts, the latest date too.
        let mut wanted: HashMap<SubjectKey, (Buyer, Timestamp, Vec<OrderId>)> = HashMap::new();
        for arrival in arrivals {
            let Some(buyer) = arrival.take_buyer() else {
                let held = arrival.known.as_ref().and_then(|known| known.buyer_id);
                self.buyer_ids.extend(held.map(|held| (arrival.order_id, held)));
                continue;
            };
            let subject = core.subject(account, &arrival.order);
            let purge_after = arrival.purge_after(rules);
            match wanted.get_mut(&subject) {
                Some((record, latest, orders)) => {
                    *record = record.updated_by(&buyer);
                    *latest = purge_after.max(*latest);
                    orders.push(arrival.order_id);
                }
                None => {
                    wanted.insert(subject, (buyer, purge_after, vec![arrival.order_id]));
                }
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let subjects: Vec<SubjectKey> = wanted.keys().copied().collect();
        let known = core.store.known_buyers(account.seller, &subjects).await?;
        let known: HashMap<SubjectKey, KnownBuyer> = known.into_iter().map(|buyer| (buyer.subject, buyer)).collect();
        for (subject, (record, purge_after, orders)) in wanted {
            let buyer_id = known.get(&subject).map_or_else(|| BuyerId::new(now), |held| held.buyer_id);
            self.buyer_ids.extend(orders.into_iter().map(|order| (order, buyer_id)));
            match known.get(&subject) {
                None => {
                    let scope = ScopeId::from_uuid(buyer_id.as_uuid());
                    let digest = core.keys.tree().record_digest(scope, &record)?;
                    self.pending_buyers.push(Pending {
                        id: (buyer_id, subject),
                        scope,
                        record,
                        digest,
                        row_version: 1,
                        purge_after,
                        key_id: None,
                    });
                }
                Some(held) => self.plan_known_buyer(core, account, held, record, purge_after).await?,
            }
        }
        Ok(())
    }

    async fn plan_known_buyer(
        &mut self,
        core: &Core,
        account: &Account,
        held: &KnownBuyer,
        newer: Buyer,
        purge_after: Timestamp,
    ) -> Result<(), CoreError> {
        let (buyer_id, scope) = (held.buyer_id, ScopeId::from_uuid(held.buyer_id.as_uuid()));
        let purge_after = purge_after.max(held.record.purge_after);
        if purge_after != held.record.purge_after {
            self.buyer_purges.push((buyer_id, purge_after));
        }
        if core.keys.tree().record_digest(scope, &newer)?.as_slice() == held.record.digest.as_slice() {
            return Ok(());
        }
        let Some(row) = core.store.buyer(account.seller, buyer_id).await? else { return Ok(()) };
        let mut keys = core.keys.open_keys(&core.store, &[row.key_id]).await?;
        let Some(Some(key)) = keys.remove(&row.key_id) else { return Ok(()) };
        let place = CellPlace { seller: account.seller, primary_key: *scope.as_bytes(), row_version: row.row_version };
        let record = key.open::<_, Buyer>(place, &row.sealed)?.updated_by(&newer);
        self.merged += 1;
        let digest = core.keys.tree().record_digest(scope, &record)?;
        if digest != row.digest {
            self.pending_buyers.push(Pending {
                id: (buyer_id, held.subject),
                scope,
                record,
                digest,
                row_version: row.row_version + 1,
                purge_after,
                key_id: Some(row.key_id),
            });
        }
        Ok(())
    }

    /// Makes the keys that are missing and seals everything that is pending.
    pub(super) async fn seal(&mut self, core: &Core, account: &Account, now: Timestamp) -> Result<(), CoreError> {
        let recipients = std::mem::take(&mut self.pending_recipients);
        let buyers = std::mem::take(&mut self.pending_buyers);
        let mut wishes: Vec<KeyWish> = recipients.iter().filter_map(|one| one.wish(KeyClass::Delivery)).collect();
        wishes.extend(buyers.iter().filter_map(|one| one.wish(KeyClass::Contact)));
        let made = core.keys.make(&core.store, account.seller, now, &wishes).await?;
        self.keys_sequence = made.sequence;
        let held: Vec<KeyId> =
            recipients.iter().filter_map(|one| one.key_id).chain(buyers.iter().filter_map(|one| one.key_id)).collect();
        let held = if held.is_empty() { HashMap::new() } else { core.keys.open_keys(&core.store, &held).await? };
        let used_up = recipients.iter().filter_map(Pending::used_up).chain(buyers.iter().filter_map(Pending::used_up));
        core.store.reserve_key_uses(&used_up.collect::<Vec<KeyId>>()).await?;
        let key_of = |key_id: Option<KeyId>, class, scope| match key_id {
            Some(id) => held.get(&id).and_then(Option::as_ref),
            None => made.get(class, scope),
        };
        for one in recipients {
            let primary_key = *one.id.as_uuid().as_bytes();
            let Some(key) = key_of(one.key_id, KeyClass::Delivery, one.scope) else { continue };
            let (order_id, row_version, digest, purge_after) = (one.id, one.row_version, one.digest, one.purge_after);
            let sealed = seal(key, account, primary_key, row_version, &one.record)?;
            let key_id = key.key_id();
            self.recipients.push(RecipientRow { order_id, key_id, row_version, digest, purge_after, sealed });
        }
        for one in buyers {
            let Some(key) = key_of(one.key_id, KeyClass::Contact, one.scope) else { continue };
            let ((buyer_id, subject), row_version) = (one.id, one.row_version);
            let sealed = seal(key, account, *one.scope.as_bytes(), row_version, &one.record)?;
            let (key_id, digest, purge_after) = (key.key_id(), one.digest, one.purge_after);
            self.buyers.push(BuyerRow { buyer_id, subject, key_id, row_version, digest, purge_after, sealed });
        }
        if self.merged > 0 {
            let detail = format!("{} records opened to bring them up to date", self.merged);
            let actor = Actor::system("intake");
            let entry = audit_entry(account.seller, now, &actor, "people.merge", "account", &account.account, detail);
            core.store.write_audit(&[entry]).await?;
        }
        Ok(())
    }
}

fn seal<C: ordersync_vault::SealedColumn, R: SealedRecord>(
    key: &DataKey,
    account: &Account,
    primary_key: [u8; 16],
    row_version: i64,
    record: &R,
) -> Result<Sealed<C>, CoreError> {
    Ok(key.seal(CellPlace { seller: account.seller, primary_key, row_version }, record)?)
}

impl<Id, R> Pending<Id, R> {
    /// The key whose reserved uses this version goes beyond: the next block is reserved before it is used.
    fn used_up(&self) -> Option<KeyId> {
        let first_of_a_block = self.row_version > 1 && self.row_version % DATA_KEY_USES_RESERVED == 1;
        self.key_id.filter(|_| first_of_a_block)
    }

    fn wish(&self, class: KeyClass) -> Option<KeyWish> {
        let expires_at = Some(self.purge_after);
        let wish = KeyWish { class, scope: self.scope, generation: FIRST, expires_at };
        self.key_id.is_none().then_some(wish)
    }
}

impl Arrival {
    /// What personal data may come in: nothing once it was purged, nothing of history.
    fn takes_people(&self) -> bool {
        !self.history && self.known.as_ref().is_none_or(|known| known.delivery_purged_at.is_none())
    }

    fn take_recipient(&mut self) -> Option<Recipient> {
        let takes_people = self.takes_people();
        self.order.people.recipient.take().filter(|recipient| takes_people && !recipient.is_empty())
    }

    fn take_buyer(&mut self) -> Option<Buyer> {
        let takes_people = self.takes_people();
        self.order.people.buyer.take().filter(|buyer| takes_people && !buyer.is_empty())
    }

    fn purge_after(&self, rules: &AccountRules) -> Timestamp {
        let (facts, known) = (&self.order.facts, self.known.as_ref());
        let delivered = match (known.and_then(|known| known.delivered_at), facts.delivered_at) {
            (Some(held), Some(told)) => Some(held.min(told)),
            (held, told) => held.or(told),
        };
        let dispatched = known.and_then(|known| known.dispatched_at).or(facts.dispatched_at);
        let days = rules.days_of(known);
        delivery_purge_after(facts.created_at, facts.deliver_by.latest, dispatched, delivered, days)
    }
}
