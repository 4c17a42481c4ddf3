//! How far an order has come at a moment.

use ordersync_types::Timestamp;

use crate::ledger::Entry;
use crate::story::Step;

/// An order's changing part at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) paid: Option<Timestamp>,
    pub(super) address_changed: Option<Timestamp>,
    pub(super) cancel_asked: Option<Timestamp>,
    pub(super) cancelled: Option<Timestamp>,
    pub(super) part_dispatched: Option<Timestamp>,
    pub(super) dispatched: Option<Timestamp>,
    pub(super) delivered: Option<Timestamp>,
    pub(super) part_refunded: Option<Timestamp>,
    pub(super) refunded: Option<Timestamp>,
    pub(super) last_modified: Timestamp,
}

impl State {
    pub(super) fn at(entry: &Entry, now: Timestamp) -> Self {
        let passed = |step| entry.passed(step, now);
        let (paid, cancelled) = (passed(Step::Paid), passed(Step::Cancelled));
        Self {
            paid,
            address_changed: passed(Step::AddressChanged),
            cancel_asked: passed(Step::CancelAsked),
            cancelled,
            part_dispatched: passed(Step::PartDispatched),
            dispatched: passed(Step::Dispatched),
            delivered: passed(Step::Delivered),
            part_refunded: passed(Step::PartRefunded),
            // A cancelled order's money goes back at once.
            refunded: passed(Step::Refunded).or(cancelled.filter(|_| paid.is_some())),
            last_modified: entry.last_updated(now),
        }
    }

    pub(super) const fn fulfillment_status(&self) -> &'static str {
        if self.dispatched.is_some() {
            "FULFILLED"
        } else if self.part_dispatched.is_some() {
            "IN_PROGRESS"
        } else {
            "NOT_STARTED"
        }
    }

    pub(super) const fn payment_status(&self) -> &'static str {
        if self.refunded.is_some() {
            "FULLY_REFUNDED"
        } else if self.part_refunded.is_some() {
            "PARTIALLY_REFUNDED"
        } else if self.paid.is_some() {
            "PAID"
        } else if self.cancelled.is_some() {
            "FAILED"
        } else {
            "PENDING"
        }
    }

    pub(super) const fn cancel_state(&self) -> &'static str {
        if self.cancelled.is_some() {
            "CANCELED"
        } else if self.cancel_asked.is_some() && self.dispatched.is_none() {
            "IN_PROGRESS"
        } else {
            "NONE_REQUESTED"
        }
    }
}
