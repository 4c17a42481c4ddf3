//! What is true of this shop's orders.

use std::sync::PoisonError;

use ordersync_types::Timestamp;
use serde_json::Value;

use super::plan::Way;
use super::render_way::PREMISES;
use super::serve::rendered;
use super::state::State;
use super::visible::age;
use super::{EbayShop, PERSONAL_PATHS_EBAY};
use crate::ledger::Entry;
use crate::truth::{GroundTruth, OrderTruth, personal_values};

impl EbayShop {
    /// What is true now of every order that has arrived. Empty in fast mode.
    pub fn ground_truth(&self) -> GroundTruth {
        let now = self.now();
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        GroundTruth { orders: ledger.arrived(now).map(|entry| self.order_truth(entry, now)).collect() }
    }

    fn order_truth(&self, entry: &Entry, now: Timestamp) -> OrderTruth {
        let plan = self.plan(entry);
        let state = State::at(entry, now);
        let whole: Vec<Value> = entry.moments(now).map(|at| rendered(&plan, entry, at, true)).collect();
        let mut shown = whole.clone();
        shown.iter_mut().zip(entry.moments(now)).for_each(|(order, at)| age(order, entry.created, at));
        let estimated = plan.way != Way::Digital;
        OrderTruth {
            shop: "ebay",
            order: entry.id.clone(),
            marketplace: plan.site.id.to_owned(),
            merchant_fulfilled: plan.way != Way::ByEbay,
            buyer: self.world.buyer(entry.number),
            created: entry.created,
            last_updated: state.last_modified,
            status: state.fulfillment_status().to_owned(),
            promised: estimated.then_some(plan.deliver_by),
            dispatched: state.dispatched,
            delivered: state.delivered,
            delivered_reported: None,
            cancelled: state.cancelled,
            personal: personal_values(&entry.id, &whole, &shown, &PERSONAL_PATHS_EBAY, &OPEN),
        }
    }
}

/// Texts of firms that stand where a buyer's would.
const OPEN: [&str; 11] = {
    let [a, b, c, d, e, f, g, h, i] = PREMISES;
    [a, b, c, d, e, f, g, h, i, "Assay Authentication Ltd", "Fetchers Stores"]
};
