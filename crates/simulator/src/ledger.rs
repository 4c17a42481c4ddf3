//! The book of orders both stand-ins keep: what happened when, found by id, by time of arrival and by time of change.

use std::collections::{BTreeSet, HashMap};

use chrono::Duration;
use ordersync_types::Timestamp;
use serde_json::Value;

use crate::draw::Draw;
use crate::people::Place;
use crate::story::{Event, Step, Story};

/// What a world is made from. The same settings give the same orders, byte for byte.
#[derive(Debug, Clone)]
pub struct WorldSettings {
    /// Everything random follows from it.
    pub seed: u64,
    /// How many orders arrive.
    pub orders: u64,
    /// When the first arrives.
    pub first: Timestamp,
    /// When the last arrives.
    pub last: Timestamp,
    /// Of a hundred orders, how many come from a buyer who ordered before.
    pub returning_percent: u64,
    /// Whether orders are dispatched (and delivered, and refunded) by themselves. Off, they wait for ever once paid.
    pub dispatched: bool,
}

impl WorldSettings {
    /// `orders` orders arriving evenly from `first` to `last`, 12 of 100 from returning buyers, dispatched by themselves.
    pub const fn new(seed: u64, orders: u64, first: Timestamp, last: Timestamp) -> Self {
        Self { seed, orders, first, last, returning_percent: 12, dispatched: true }
    }

    /// When order `number` arrives: evenly spread, shaken by up to a third of the spacing, the first and last exactly.
    pub(crate) fn arrival(&self, number: u64) -> Timestamp {
        let gaps = i64::try_from(self.orders.saturating_sub(1)).unwrap_or(i64::MAX).max(1);
        let span = (self.last - self.first).num_milliseconds().max(0);
        let at = i64::try_from(number).unwrap_or(i64::MAX).min(gaps);
        let even = i64::try_from(i128::from(span) * i128::from(at) / i128::from(gaps)).unwrap_or(span);
        let shake = span / gaps / 3;
        let inside = at > 0 && at < gaps;
        let moved = if inside { Draw::of(self.seed, "arrival", number).between(-shake, shake) } else { 0 };
        whole_ms(self.first + Duration::milliseconds(even + moved))
    }

    /// Which buyer order `number` belongs to: its own number, or an earlier one.
    pub(crate) fn buyer(&self, number: u64) -> u64 {
        let mut at = number;
        loop {
            let mut draw = Draw::of(self.seed, "buyer", at);
            if at == 0 || !draw.percent(self.returning_percent) {
                return at;
            }
            at = draw.below(at);
        }
    }
}

/// The moment without what lies below a millisecond: the marketplaces write no more, and what they write must compare equal.
pub(crate) fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// How an order made by hand differs from the next one the world would have made. `Default` changes nothing.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// When it was placed; without it, now.
    pub created: Option<Timestamp>,
    /// What happens to it.
    pub story: Option<Story>,
    /// Where its parcel goes.
    pub place: Option<Place>,
    /// Whether the marketplace dispatches it (Amazon: FBA; eBay: fulfilled by eBay).
    pub by_marketplace: Option<bool>,
    /// RFC 7396 merge patch over the order as it would be sent, before fields are withheld. An `orderId` in it names the order.
    pub patch: Option<Value>,
}

/// One order of the book.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) number: u64,
    pub(crate) created: Timestamp,
    pub(crate) template: Template,
    pub(crate) events: Vec<Event>,
    pub(crate) patches: Vec<(Timestamp, Value)>,
}

impl Entry {
    /// When `step` happened, if it had by `now`.
    pub(crate) fn passed(&self, step: Step, now: Timestamp) -> Option<Timestamp> {
        self.events.iter().find(|event| event.step == step && event.at <= now).map(|event| event.at)
    }

    /// The last change that the marketplace counts as an update, by `now`.
    pub(crate) fn last_updated(&self, now: Timestamp) -> Timestamp {
        let events = self.events.iter().filter(|event| event.noted).map(|event| event.at);
        let patches = self.patches.iter().map(|(at, _)| *at);
        events.chain(patches).filter(|at| *at <= now).max().unwrap_or(self.created)
    }

    /// Every moment by `now` at which something about it changed.
    pub(crate) fn moments(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let changes = self.events.iter().map(|event| event.at).chain(self.patches.iter().map(|(at, _)| *at));
        changes.filter(move |at| *at <= now)
    }

    /// The moment just before the last change by `now`, when there was one after the order's birth.
    pub(crate) fn before_last_change(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.last_updated(now);
        (last > self.created).then(|| last - Duration::milliseconds(1))
    }

    /// Lays the patches made by `now` over `order`.
    pub(crate) fn patch(&self, order: &mut Value, now: Timestamp) {
        if let Some(patch) = &self.template.patch {
            crate::fields::merge(order, patch);
        }
        for (_, patch) in self.patches.iter().filter(|(at, _)| *at <= now) {
            crate::fields::merge(order, patch);
        }
    }
}

/// The book.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    arrivals: BTreeSet<(Timestamp, usize)>,
    changes: BTreeSet<(Timestamp, usize)>,
}

impl Ledger {
    pub(crate) fn add(&mut self, entry: Entry) {
        let at = self.entries.len();
        self.arrivals.insert((entry.created, at));
        self.changes.extend(entry.events.iter().filter(|event| event.noted).map(|event| (event.at, at)));
        self.by_id.insert(entry.id.clone(), at);
        self.entries.push(entry);
    }

    /// Changes an order from `now` on. False when there is no such order.
    pub(crate) fn change(&mut self, id: &str, patch: Value, now: Timestamp) -> bool {
        let Some(at) = self.by_id.get(id).copied() else { return false };
        let Some(entry) = self.entries.get_mut(at) else { return false };
        entry.patches.push((now, patch));
        self.changes.insert((now, at));
        true
    }

    /// Lets `event` happen to an order, in place of the same step planned for later; once cancelled, nothing else follows.
    /// False when there is no such order.
    pub(crate) fn happen(&mut self, id: &str, event: Event) -> bool {
        let Some(at) = self.by_id.get(id).copied() else { return false };
        let Some(entry) = self.entries.get_mut(at) else { return false };
        let replaced = |planned: &Event| planned.step == event.step || event.step == Step::Cancelled;
        entry.events.retain(|planned| planned.at <= event.at || !replaced(planned));
        entry.events.push(event);
        if event.noted {
            self.changes.insert((event.at, at));
        }
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The order with this id, if it has arrived by `now`.
    pub(crate) fn find(&self, id: &str, now: Timestamp) -> Option<&Entry> {
        self.by_id.get(id).and_then(|at| self.entries.get(*at)).filter(|entry| entry.created <= now)
    }

    /// Every order that has arrived by `now`, oldest first.
    pub(crate) fn arrived(&self, now: Timestamp) -> impl Iterator<Item = &Entry> {
        self.arrivals.range(..=(now, usize::MAX)).filter_map(|(_, at)| self.entries.get(*at))
    }

    /// Orders placed from `from` to `to`, both included, with that time.
    pub(crate) fn placed(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> Vec<(Timestamp, &Entry)> {
        let to = to.min(now);
        if from > to {
            return Vec::new();
        }
        let range = self.arrivals.range((from, 0)..=(to, usize::MAX));
        range.filter_map(|(time, at)| self.entries.get(*at).map(|entry| (*time, entry))).collect()
    }

    /// Orders whose last update by `now` lies from `from` to `to`, both included, with that time.
    pub(crate) fn updated(&self, from: Timestamp, to: Timestamp, now: Timestamp) -> Vec<(Timestamp, &Entry)> {
        let to = to.min(now);
        if from > to {
            return Vec::new();
        }
        let range = self.changes.range((from, 0)..=(to, usize::MAX));
        range
            .filter_map(|(time, at)| self.entries.get(*at).map(|entry| (*time, entry)))
            .filter(|(time, entry)| entry.created <= now && entry.last_updated(now) == *time)
            .collect()
    }
}
