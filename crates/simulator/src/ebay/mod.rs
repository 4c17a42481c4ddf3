//! A stand-in eBay: Sell Fulfillment v1 (getOrders, getOrder) and its OAuth.

mod amounts;
mod errors;
mod list;
mod malformed;
mod personal;
mod plan;
mod query;
mod render;
mod render_line;
mod render_way;
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

pub use personal::PERSONAL_PATHS_EBAY;
pub use settings::EbaySettings;

use crate::counters::{Counters, Tally};
use crate::faults::FaultDesk;
use crate::ledger::{Entry, Ledger, Template, WorldSettings, whole_ms};
use crate::story::{Event, Step};
use list::FastBook;
use token::AccessTokens;

/// A stand-in eBay with its orders.
pub struct EbayShop {
    clock: SharedClock,
    world: WorldSettings,
    settings: RwLock<EbaySettings>,
    ledger: RwLock<Ledger>,
    tokens: Mutex<AccessTokens>,
    /// The day (days since 1970, UTC) and the calls made on it.
    today: Mutex<(i64, u64)>,
    faults: FaultDesk,
    tally: Tally,
    fast: Option<FastBook>,
}

impl EbayShop {
    /// A shop whose orders arrive and change as `clock` goes on.
    pub fn new(clock: SharedClock, world: WorldSettings, settings: EbaySettings) -> Arc<Self> {
        let mut shop = Self::empty(clock, world, settings);
        let mut ledger = Ledger::default();
        for number in 0..shop.world.orders {
            ledger.add(shop.entry(number, shop.world.arrival(number), Template::default()));
        }
        shop.ledger = RwLock::new(ledger);
        Arc::new(shop)
    }

    /// A shop for load tests: `orders` orders that never change, one every 30 s back from now, the newest three minutes old,
    /// rendered (with a tax breakdown) before this returns. Tokens and quota are not enforced; dates, limit and offset are.
    pub fn fast(clock: SharedClock, seed: u64, orders: u64) -> Arc<Self> {
        let newest = whole_ms(clock.now()) - Duration::minutes(3);
        let span = i64::try_from(orders.saturating_sub(1)).unwrap_or(0).saturating_mul(30);
        let world = WorldSettings::new(seed, orders, newest - Duration::seconds(span), newest);
        let mut shop = Self::empty(clock, world, EbaySettings::default());
        let template = Template { by_marketplace: Some(false), ..Template::default() };
        let mut rendered = Vec::new();
        let mut created = shop.world.first;
        for number in 0..orders {
            let mut entry = shop.entry(number, created, template.clone());
            let event = |step| Event { at: created, step, noted: true };
            entry.events = vec![event(Step::Placed), event(Step::Paid)];
            let mut order = shop.shown(&entry, newest, true);
            visible::listed(&mut order);
            rendered.push((created, order.to_string().into()));
            created += Duration::seconds(30);
        }
        shop.fast = Some(FastBook { orders: rendered });
        Arc::new(shop)
    }

    fn empty(clock: SharedClock, world: WorldSettings, settings: EbaySettings) -> Self {
        Self {
            clock,
            world,
            settings: RwLock::new(settings),
            ledger: RwLock::default(),
            tokens: Mutex::default(),
            today: Mutex::default(),
            faults: FaultDesk::default(),
            tally: Tally::default(),
            fast: None,
        }
    }

    fn entry(&self, number: u64, created: Timestamp, template: Template) -> Entry {
        let patched = template.patch.as_ref().and_then(|patch| patch.get("orderId")).and_then(Value::as_str);
        let id = patched.map_or_else(|| plan::order_id(&self.world, number), str::to_owned);
        let noted = self.settings.read().unwrap_or_else(PoisonError::into_inner).dispatch_is_update;
        let events = plan::events(&self.world, noted, number, created, &template);
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

    /// Lays an RFC 7396 merge patch over an order from now on: a modification. False when there is no such order.
    pub fn change_order(&self, id: &str, patch: Value) -> bool {
        self.ledger_mut().change(id, patch, self.now())
    }

    /// Lets a step happen to an order now. False when there is no such order.
    pub fn let_happen(&self, id: &str, step: Step) -> bool {
        let dispatch = self.settings.read().unwrap_or_else(PoisonError::into_inner).dispatch_is_update;
        let noted = plan::is_update(step, dispatch);
        self.ledger_mut().happen(id, Event { at: self.now(), step, noted })
    }

    /// Changes what the stand-in is like while it serves.
    pub fn change_settings(&self, change: impl FnOnce(&mut EbaySettings)) {
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

    /// How many requests for orders found the day's quota used up.
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

impl fmt::Debug for EbayShop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EbayShop").field("world", &self.world).finish_non_exhaustive()
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
