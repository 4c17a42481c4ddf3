//! A stand-in Amazon: Orders API 2026-01-01 (searchOrders, getOrder) and Login with Amazon.

mod amounts;
mod errors;
mod malformed;
mod market;
mod page;
mod personal;
mod plan;
mod render;
mod render_item;
mod search;
mod serve;
mod settings;
mod state;
mod token;
mod truth;
mod visible;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use chrono::Duration;
use ordersync_types::{SharedClock, Timestamp};
use serde_json::Value;

pub use personal::PERSONAL_PATHS_AMAZON;
pub use settings::{AmazonSettings, Roles};

use crate::budget::Bucket;
use crate::counters::{Counters, Tally};
use crate::faults::FaultDesk;
use crate::ledger::{Entry, Ledger, Template, WorldSettings, whole_ms};
use crate::story::{Event, Step};
use page::FastBook;
use token::AccessTokens;
use visible::Included;

/// A stand-in Amazon with its orders.
pub struct AmazonShop {
    clock: SharedClock,
    world: WorldSettings,
    settings: RwLock<AmazonSettings>,
    ledger: RwLock<Ledger>,
    tokens: Mutex<AccessTokens>,
    buckets: Mutex<(Bucket, Bucket)>,
    faults: FaultDesk,
    tally: Tally,
    fast: Option<FastBook>,
}

impl AmazonShop {
    /// A shop whose orders arrive and change as `clock` goes on.
    pub fn new(clock: SharedClock, world: WorldSettings, settings: AmazonSettings) -> Arc<Self> {
        let mut shop = Self::empty(clock, world, settings);
        let mut ledger = Ledger::default();
        for number in 0..shop.world.orders {
            ledger.add(shop.entry(number, shop.world.arrival(number), Template::default()));
        }
        shop.ledger = RwLock::new(ledger);
        Arc::new(shop)
    }

    /// A shop for load tests: `orders` orders that never change, one every 30 s back from now, the newest three minutes old,
    /// rendered before this returns. Tokens, roles and plans are not enforced; whatever is asked for, every order carries all
    /// parts but payment and expense. An order takes some 2.3 KB.
    pub fn fast(clock: SharedClock, seed: u64, orders: u64) -> Arc<Self> {
        let newest = whole_ms(clock.now()) - Duration::minutes(3);
        let span = i64::try_from(orders.saturating_sub(1)).unwrap_or(0).saturating_mul(30);
        let world = WorldSettings::new(seed, orders, newest - Duration::seconds(span), newest);
        let mut shop = Self::empty(clock, world, AmazonSettings { enforce_plans: false, ..AmazonSettings::default() });
        let template = Template { by_marketplace: Some(false), ..Template::default() };
        let mut rendered = Vec::new();
        let mut created = shop.world.first;
        for number in 0..orders {
            let mut entry = shop.entry(number, created, template.clone());
            let event = |step| Event { at: created, step, noted: true };
            entry.events = vec![event(Step::Placed), event(Step::Paid)];
            let order = shop.shown(&entry, newest, &Included::POLLED);
            rendered.push((created, order.to_string().into()));
            created += Duration::seconds(30);
        }
        shop.fast = Some(FastBook { orders: rendered });
        Arc::new(shop)
    }

    fn empty(clock: SharedClock, world: WorldSettings, settings: AmazonSettings) -> Self {
        let now = clock.now();
        let buckets = (Bucket::full(settings.search_plan, now), Bucket::full(settings.get_plan, now));
        Self {
            clock,
            world,
            settings: RwLock::new(settings),
            ledger: RwLock::default(),
            tokens: Mutex::default(),
            buckets: Mutex::new(buckets),
            faults: FaultDesk::default(),
            tally: Tally::default(),
            fast: None,
        }
    }

    fn entry(&self, number: u64, created: Timestamp, template: Template) -> Entry {
        let patched = template.patch.as_ref().and_then(|patch| patch.get("orderId")).and_then(Value::as_str);
        let id = patched.map_or_else(|| plan::order_id(&self.world, number, &template), str::to_owned);
        let events = plan::events(&self.world, number, created, &template);
        Entry { id, number, created, template, events, patches: Vec::new() }
    }

    /// Adds an order made by hand and gives its number. It arrives at the template's time, or now.
    pub fn add_order(&self, template: Template) -> String {
        let created = template.created.map_or_else(|| self.now(), whole_ms);
        let mut ledger = self.ledger_mut();
        // Numbers above the world's own keep apart from it.
        let number = self.world.orders + u64::try_from(ledger.len()).unwrap_or(0);
        let entry = self.entry(number, created, template);
        let id = entry.id.clone();
        ledger.add(entry);
        id
    }

    /// Lays an RFC 7396 merge patch over an order from now on: an update. False when there is no such order.
    pub fn change_order(&self, id: &str, patch: Value) -> bool {
        self.ledger_mut().change(id, patch, self.now())
    }

    /// Lets a step happen to an order now. False when there is no such order.
    pub fn let_happen(&self, id: &str, step: Step) -> bool {
        self.ledger_mut().happen(id, Event { at: self.now(), step, noted: true })
    }

    /// Changes what the stand-in is like while it serves. The buckets keep their plans.
    pub fn change_settings(&self, change: impl FnOnce(&mut AmazonSettings)) {
        change(&mut self.settings.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// All access tokens given out so far are no longer good.
    pub fn expire_tokens(&self) {
        held(&self.tokens).expire_all();
    }

    /// The switchboard of its faults.
    pub const fn faults(&self) -> &FaultDesk {
        &self.faults
    }

    /// What it counted.
    pub fn counters(&self) -> Counters {
        self.tally.read(held(&self.tokens).issued(), self.faults.injected())
    }

    /// How many requests for orders found the usage plan used up.
    pub fn requests_above_plan(&self) -> u64 {
        self.counters().above_plan
    }

    fn now(&self) -> Timestamp {
        whole_ms(self.clock.now())
    }

    fn ledger_mut(&self) -> std::sync::RwLockWriteGuard<'_, Ledger> {
        self.ledger.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for AmazonShop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AmazonShop").field("world", &self.world).finish_non_exhaustive()
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
