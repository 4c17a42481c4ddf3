//! What is true of this shop's orders.

use std::sync::PoisonError;

use ordersync_types::Timestamp;

use super::serve::rendered;
use super::state::State;
use super::visible::withhold;
use super::{AmazonShop, PERSONAL_PATHS_AMAZON};
use crate::ledger::Entry;
use crate::truth::{GroundTruth, OrderTruth, personal_values};

impl AmazonShop {
    /// What is true now of every order that has arrived. Empty in fast mode.
    pub fn ground_truth(&self) -> GroundTruth {
        let now = self.now();
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        GroundTruth { orders: ledger.arrived(now).map(|entry| self.order_truth(entry, now)).collect() }
    }

    fn order_truth(&self, entry: &Entry, now: Timestamp) -> OrderTruth {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        let plan = self.plan(entry, &settings);
        let state = State::at(entry, now);
        let (mut whole, mut shown) = (Vec::new(), Vec::new());
        for at in entry.moments(now) {
            let order = rendered(&plan, entry, &settings, at);
            let mut seen = order.clone();
            withhold(&mut seen, &plan, &State::at(entry, at), &settings, at);
            whole.push(order);
            shown.push(seen);
        }
        let latest = rendered(&plan, entry, &settings, now);
        let text = |path: &str| crate::fields::texts(&latest, path).first().copied().unwrap_or_default().to_owned();
        let tells = crate::fields::texts(&latest, "packages[].packageStatus.status").contains(&"DELIVERED");
        let promised = crate::fields::texts(&latest, "fulfillment.deliverByWindow.latestDateTime");
        OrderTruth {
            shop: "amazon",
            order: entry.id.clone(),
            marketplace: text("salesChannel.marketplaceId"),
            merchant_fulfilled: text("fulfillment.fulfilledBy") == "MERCHANT",
            buyer: self.world.buyer(entry.number),
            created: entry.created,
            last_updated: state.last_updated,
            status: text("fulfillment.fulfillmentStatus"),
            promised: promised.first().and_then(|time| time.parse().ok()),
            dispatched: state.dispatched,
            delivered: state.delivered,
            delivered_reported: state.delivered.filter(|_| tells),
            cancelled: state.cancelled,
            personal: personal_values(&entry.id, &whole, &shown, &PERSONAL_PATHS_AMAZON, &[]),
        }
    }
}
