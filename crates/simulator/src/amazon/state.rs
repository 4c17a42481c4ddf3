//! How far an order has come at a moment.

use ordersync_types::Timestamp;

use super::plan::Plan;
use crate::ledger::Entry;
use crate::story::Step;

/// An order's changing part at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) released: Option<Timestamp>,
    pub(super) paid: Option<Timestamp>,
    pub(super) address_changed: Option<Timestamp>,
    pub(super) cancel_asked: Option<Timestamp>,
    pub(super) cancelled: Option<Timestamp>,
    pub(super) part_dispatched: Option<Timestamp>,
    pub(super) dispatched: Option<Timestamp>,
    pub(super) in_transit: Option<Timestamp>,
    pub(super) delivered: Option<Timestamp>,
    pub(super) undeliverable: Option<Timestamp>,
    pub(super) last_updated: Timestamp,
}

impl State {
    pub(super) fn at(entry: &Entry, now: Timestamp) -> Self {
        let passed = |step| entry.passed(step, now);
        Self {
            released: passed(Step::Released),
            paid: passed(Step::Paid),
            address_changed: passed(Step::AddressChanged),
            cancel_asked: passed(Step::CancelAsked),
            cancelled: passed(Step::Cancelled),
            part_dispatched: passed(Step::PartDispatched),
            dispatched: passed(Step::Dispatched),
            in_transit: passed(Step::InTransit),
            delivered: passed(Step::Delivered),
            undeliverable: passed(Step::Undeliverable),
            last_updated: entry.last_updated(now),
        }
    }

    /// The contract's `FulfillmentStatus`.
    pub(super) fn status(&self, plan: &Plan) -> &'static str {
        if self.cancelled.is_some() {
            "CANCELLED"
        } else if plan.unfulfillable {
            "UNFULFILLABLE"
        } else if self.dispatched.is_some() {
            "SHIPPED"
        } else if self.part_dispatched.is_some() {
            "PARTIALLY_SHIPPED"
        } else if self.paid.is_some() {
            "UNSHIPPED"
        } else if plan.story == crate::story::Story::Preorder && self.released.is_none() {
            "PENDING_AVAILABILITY"
        } else {
            "PENDING"
        }
    }
}
