//! How long what is kept, as the configuration says, and what becomes of what is held when it says something else: a longer
//! time never reaches back, and a shorter one reaches back once a person has seen what would go.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use ordersync_store::{Account, Covers, Forward, OrderFilter, RetentionPolicy, StoredOrder};
use ordersync_types::{BuyerId, OrderId, SellerId, Timestamp};

use super::delivery_purge_after;
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// The class of labels.
pub const LABELS: &str = "label";
/// Orders read at a time.
const PAGE: u64 = 500;

/// What the classes of delivery data begin with.
const DELIVERY: &str = "delivery/";
/// The setting, of an account whose connector has it, by which its delivery data is kept for days of its own.
const OWN_DAYS: &str = "personal_days_after_delivery";

/// The class of the delivery data of a connector's orders.
pub fn delivery_of(connector: &str) -> String {
    format!("{DELIVERY}{connector}")
}

/// Whether an account has a number of its own, so that what the configuration says does not concern it.
pub(crate) fn has_own_days(account: &Account) -> bool {
    let settings: Option<serde_json::Value> = serde_json::from_str(&account.settings).ok();
    settings.is_some_and(|settings| settings.get(OWN_DAYS).is_some())
}

/// A shorter time that does not reach what is held yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// [`LABELS`], or a [`delivery_of`].
    pub class: String,
    /// Days that what is held is kept.
    pub from: u32,
    /// Days that the configuration says, and that what comes in is kept.
    pub to: u32,
    /// Records that would go earlier.
    pub shorter: i64,
    /// Those of them that would be due at once.
    pub due_at_once: i64,
}

/// What the configuration said since when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies(HashMap<String, Vec<RetentionPolicy>>);

impl Policies {
    fn of(all: Vec<RetentionPolicy>) -> Self {
        let mut by_class: HashMap<String, Vec<RetentionPolicy>> = HashMap::new();
        for policy in all {
            by_class.entry(policy.class.clone()).or_default().push(policy);
        }
        Self(by_class)
    }

    fn of_class(&self, class: &str) -> &[RetentionPolicy] {
        self.0.get(class).map_or(&[], Vec::as_slice)
    }

    fn newest(&self, class: &str) -> Option<&RetentionPolicy> {
        self.of_class(class).last()
    }

    /// Days that something which is held since then is kept: as was said then, or less if a later word covers it. `None`
    /// when nothing was ever said.
    pub fn days(&self, class: &str, held_since: Timestamp) -> Option<u32> {
        let (before, after): (Vec<_>, Vec<_>) =
            self.of_class(class).iter().partition(|policy| policy.since <= held_since);
        let then = before.last().or(after.first())?.days;
        Some(
            after
                .iter()
                .filter(|policy| policy.covers_held != Covers::Nothing)
                .map(|policy| policy.days)
                .fold(then, u32::min),
        )
    }

    /// The longest that anything may be held, and what the configuration says now, where that is shorter: until all that
    /// is held was changed, not only said to be.
    fn shortened(&self, class: &str) -> Option<(u32, u32)> {
        let newest = self.newest(class).filter(|newest| newest.covers_held != Covers::Done)?;
        let mut longest = newest.days;
        for policy in self.of_class(class) {
            // What was changed once is no longer than that.
            longest = if policy.covers_held == Covers::Done { policy.days } else { longest.max(policy.days) };
        }
        (newest.days < longest).then_some((longest, newest.days))
    }
}

impl Core {
    /// What the configuration said since when.
    pub fn policies(&self) -> Arc<Policies> {
        self.policies.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how long what is kept from now on: (class, days). A longer time is logged; a shorter one waits, for what is
    /// held already, until [`Self::shorten_held`].
    ///
    /// # Errors
    /// What the store says.
    pub async fn note_policies(&self, said: &[(String, u32)]) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let known = Policies::of(self.store.retention_policies().await?);
        for (class, days) in said {
            let before = known.newest(class);
            if before.is_some_and(|before| before.days == *days) {
                continue;
            }
            // The first word holds for all that is held.
            let since = if before.is_some() { now } else { Timestamp::UNIX_EPOCH };
            let policy = RetentionPolicy { class: class.clone(), since, days: *days, covers_held: Covers::Nothing };
            self.store.write_retention_policy(&policy).await?;
            let Some(before) = before else { continue };
            let detail = format!("{class}: {} days -> {days} days", before.days);
            let action = if *days > before.days {
                tracing::warn!(class, from = before.days, to = days, "kept for longer, what comes in from now on");
                "retention.loosened"
            } else {
                tracing::info!(class, from = before.days, to = days, "kept for less; what is held waits for a word");
                "retention.tightened"
            };
            let actor = Actor::system("configuration");
            let entry = audit_entry(SellerId::new(0), now, &actor, action, "class", class, detail);
            self.store.write_audit(&[entry]).await?;
        }
        self.read_policies().await
    }

    /// Reads them again: another daemon may have been told.
    pub(crate) async fn read_policies(&self) -> Result<(), CoreError> {
        let policies = Arc::new(Policies::of(self.store.retention_policies().await?));
        *self.policies.write().unwrap_or_else(PoisonError::into_inner) = policies;
        Ok(())
    }

    /// Shorter times that do not reach what is held yet, and how much of it there is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn policy_changes(&self, seller: SellerId) -> Result<Vec<PolicyChange>, CoreError> {
        let _busy = self.clock.busy();
        let (policies, now) = (self.policies(), self.clock.now());
        let mut changes = Vec::new();
        for class in policies.0.keys() {
            let Some((from, to)) = policies.shortened(class) else { continue };
            let (shorter, due_at_once) = if class == LABELS {
                self.store.labels_kept_longer(to, now).await?
            } else {
                let mut counts = (0, 0);
                self.each_shorter(seller, class, to, |_, forward| {
                    for (_, at) in &forward.recipients {
                        counts.0 += 1;
                        counts.1 += i64::from(*at <= now);
                    }
                })
                .await?;
                counts
            };
            changes.push(PolicyChange { class: class.clone(), from, to, shorter, due_at_once });
        }
        changes.retain(|change| change.shorter > 0);
        changes.sort_by(|one, other| one.class.cmp(&other.class));
        Ok(changes)
    }

    /// Keeps what is held no longer than the configuration says. What is due by that goes with the next run.
    ///
    /// # Errors
    /// What the store says. May be repeated.
    pub async fn shorten_held(&self, seller: SellerId, actor: &Actor) -> Result<Vec<PolicyChange>, CoreError> {
        let _busy = self.clock.busy();
        let changes = self.policy_changes(seller).await?;
        let (policies, now) = (self.policies(), self.clock.now());
        for change in &changes {
            let Some(newest) = policies.newest(&change.class) else { continue };
            // First the word, so that no reading meanwhile goes by the older one.
            let said = RetentionPolicy { covers_held: Covers::Said, ..newest.clone() };
            self.store.write_retention_policy(&said).await?;
            self.read_policies().await?;
            if change.class == LABELS {
                self.store.shorten_labels(change.from, change.to).await?;
            } else {
                self.shorten_delivery(seller, &change.class, change.to).await?;
            }
            self.store.write_retention_policy(&RetentionPolicy { covers_held: Covers::Done, ..said }).await?;
            self.read_policies().await?;
            let detail = format!("{} days, {} records earlier", change.to, change.shorter);
            let entry = audit_entry(seller, now, actor, "retention.shortened", "class", &change.class, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(changes)
    }

    async fn shorten_delivery(&self, seller: SellerId, class: &str, days: u32) -> Result<(), CoreError> {
        let mut of_buyers: HashMap<BuyerId, Timestamp> = HashMap::new();
        let mut recipients = Vec::new();
        self.each_shorter(seller, class, days, |orders, mut forward| {
            recipients.append(&mut forward.recipients);
            for (buyer, at) in orders {
                of_buyers.entry(buyer).and_modify(|latest| *latest = at.max(*latest)).or_insert(at);
            }
        })
        .await?;
        for some in recipients.chunks(200) {
            self.store.bring_forward(seller, &Forward { recipients: some.to_vec(), buyers: Vec::new() }).await?;
        }
        let buyers: Vec<(BuyerId, Timestamp)> = of_buyers.into_iter().collect();
        for some in buyers.chunks(200) {
            self.store.bring_forward(seller, &Forward { recipients: Vec::new(), buyers: some.to_vec() }).await?;
        }
        Ok(())
    }

    /// Goes through the orders of a connector: when the data of each buyer's orders would go, and those recipients that
    /// would go earlier than they do.
    async fn each_shorter(
        &self,
        seller: SellerId,
        class: &str,
        days: u32,
        mut take: impl FnMut(Vec<(BuyerId, Timestamp)>, Forward) + Send,
    ) -> Result<(), CoreError> {
        let connector = class.strip_prefix(DELIVERY).unwrap_or_default();
        let read = self.store.accounts().await?;
        let read = read.iter().filter(|account| account.connector == connector && !has_own_days(account));
        // The orders of an account that was removed stay until their time.
        let removed = self.store.removed_accounts(seller, connector).await?;
        for account in read.map(|account| account.account).chain(removed) {
            let mut filter = OrderFilter { account: Some(account), limit: PAGE, ..OrderFilter::default() };
            loop {
                let page = self.store.full_orders(seller, &filter).await?;
                let Some(last) = page.last() else { break };
                filter.before = Some(last.summary.order_id);
                let ids: Vec<OrderId> = page.iter().map(|order| order.summary.order_id).collect();
                let held = self.store.recipients(seller, &ids).await?;
                let held: HashMap<OrderId, Timestamp> =
                    held.into_iter().map(|row| (row.order_id, row.purge_after)).collect();
                let (mut of_buyers, mut forward) = (Vec::new(), Forward::default());
                for order in page.iter().filter(|order| order.summary.delivery_purged_at.is_none()) {
                    let at = goes_after(order, days);
                    of_buyers.extend(order.summary.buyer_id.map(|buyer| (buyer, at)));
                    if held.get(&order.summary.order_id).is_some_and(|held| at < *held) {
                        forward.recipients.push((order.summary.order_id, at));
                    }
                }
                take(of_buyers, forward);
            }
        }
        Ok(())
    }
}

fn goes_after(order: &StoredOrder, days: u32) -> Timestamp {
    let summary = &order.summary;
    let promised = order.detail.deliver_by.latest;
    delivery_purge_after(summary.created_at, promised, summary.dispatched_at, summary.delivered_at, days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + chrono::Duration::days(day)
    }

    fn said(words: &[(i64, u32, bool)]) -> Policies {
        let policy = |(day, days, covers_held): &(i64, u32, bool)| RetentionPolicy {
            class: LABELS.to_owned(),
            since: at(*day),
            days: *days,
            covers_held: if *covers_held { Covers::Said } else { Covers::Nothing },
        };
        Policies::of(words.iter().map(policy).collect())
    }

    #[test]
    fn a_longer_time_never_reaches_back_and_a_shorter_one_when_it_is_said() {
        for (words, held_since, days) in [
            (&[][..], 5, None),
            (&[(0, 21, false)][..], 5, Some(21)),
            (&[(0, 7, false), (10, 21, false)][..], 5, Some(7)),
            (&[(0, 7, false), (10, 21, false)][..], 10, Some(21)),
            (&[(0, 21, false), (10, 7, false)][..], 5, Some(21)),
            (&[(0, 21, false), (10, 7, true)][..], 5, Some(7)),
            (&[(0, 21, false), (10, 7, false)][..], 12, Some(7)),
            // Shorter for a while, and not said of what was held: that stays as it was.
            (&[(0, 21, false), (10, 7, false), (20, 14, true)][..], 5, Some(14)),
            (&[(0, 21, false), (10, 7, false), (20, 14, true)][..], 15, Some(7)),
        ] {
            assert_eq!(said(words).days(LABELS, at(held_since)), days, "{words:?} on day {held_since}");
        }
        assert_eq!(said(&[(0, 21, false), (10, 7, false)]).shortened(LABELS), Some((21, 7)));
        // Said, and cut off before everything was changed: it can be repeated.
        let mut cut_off = said(&[(0, 21, false), (10, 7, true)]);
        assert_eq!(cut_off.shortened(LABELS), Some((21, 7)));
        cut_off.0.get_mut(LABELS).unwrap()[1].covers_held = Covers::Done;
        assert_eq!(cut_off.shortened(LABELS), None);
        assert_eq!(said(&[(0, 7, false), (10, 21, false)]).shortened(LABELS), None);
        // A longer word after a shorter one: what was held before the shorter one is still kept for longer.
        assert_eq!(said(&[(0, 21, false), (10, 7, false), (20, 14, false)]).shortened(LABELS), Some((21, 14)));
    }
}
