//! What happens to an order, and when: a schedule fixed at the order's birth, of which "now" shows the part already passed.

use chrono::Duration;
use ordersync_types::Timestamp;
use serde::Deserialize;

use crate::draw::Draw;

/// The course an order takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Story {
    /// Paid, dispatched, delivered.
    Plain,
    /// Paid, and never dispatched by anyone.
    Waiting,
    /// Dispatched in two parcels, a day or two apart.
    TwoParcels,
    /// The recipient's address changes before dispatch.
    AddressChanged,
    /// Never paid, then cancelled.
    Unpaid,
    /// Cancelled by the seller after payment.
    CancelledBySeller,
    /// The buyer asks to cancel; the seller dispatches all the same.
    CancelRefused,
    /// The buyer asks to cancel, and the order is cancelled.
    CancelGranted,
    /// The parcel cannot be delivered.
    Undeliverable,
    /// Delivered, then part of the money goes back.
    PartRefunded,
    /// Delivered, then all of the money goes back.
    Refunded,
    /// Ordered days before it can be paid for.
    Preorder,
}

/// Something that happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The buyer ordered.
    Placed,
    /// A pre-order's release date came near: payment is being authorised.
    Released,
    /// Payment stands; the order may be dispatched.
    Paid,
    /// The recipient's address changed.
    AddressChanged,
    /// The buyer asked to cancel.
    CancelAsked,
    /// The order is cancelled.
    Cancelled,
    /// The first of two parcels left.
    PartDispatched,
    /// The only or last parcel left.
    Dispatched,
    /// The carrier has scanned the parcel.
    InTransit,
    /// The last parcel arrived.
    Delivered,
    /// The parcel could not be delivered.
    Undeliverable,
    /// Part of the money went back to the buyer.
    PartRefunded,
    /// All the money went back to the buyer.
    Refunded,
}

/// A step, its time, and whether the marketplace counts it as an update of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) step: Step,
    pub(crate) noted: bool,
}

/// The shares of the stories, in a thousand orders.
const SHARES: [(u64, Story); 12] = [
    (620, Story::Plain),
    (40, Story::Waiting),
    (80, Story::TwoParcels),
    (50, Story::AddressChanged),
    (35, Story::Unpaid),
    (20, Story::CancelledBySeller),
    (20, Story::CancelRefused),
    (25, Story::CancelGranted),
    (20, Story::Undeliverable),
    (40, Story::PartRefunded),
    (30, Story::Refunded),
    (20, Story::Preorder),
];

impl Story {
    pub(crate) fn draw(draw: &mut Draw) -> Self {
        draw.weighted(&SHARES, Self::Plain)
    }

    /// The events of an order placed at `created`, oldest first; `unpaid_minutes` is how long payment may take.
    pub(crate) fn events(self, draw: &mut Draw, created: Timestamp, unpaid_minutes: i64) -> Vec<Event> {
        let mut at = created;
        let mut events = vec![(at, Step::Placed)];
        let mut next = |minutes_low: i64, minutes_high: i64, step: Step| {
            let seconds = draw.between(minutes_low * 60, minutes_high * 60);
            at += Duration::seconds(seconds) + Duration::milliseconds(draw.between(1, 999));
            events.push((at, step));
        };
        match self {
            Self::Unpaid => next(60, 600, Step::Cancelled),
            Self::Preorder => {
                next(3 * DAY, 10 * DAY, Step::Released);
                next(5, 60, Step::Paid);
            }
            Self::Plain | Self::Waiting | Self::TwoParcels | Self::AddressChanged | Self::CancelledBySeller => {
                next(0, unpaid_minutes, Step::Paid);
            }
            Self::CancelRefused | Self::CancelGranted | Self::Undeliverable | Self::PartRefunded | Self::Refunded => {
                next(0, unpaid_minutes, Step::Paid);
            }
        }
        match self {
            Self::Unpaid | Self::Waiting => {}
            Self::CancelledBySeller => next(30, 900, Step::Cancelled),
            Self::CancelGranted => {
                next(10, 400, Step::CancelAsked);
                next(20, 900, Step::Cancelled);
            }
            Self::CancelRefused => {
                next(10, 120, Step::CancelAsked);
                delivered(&mut next);
            }
            Self::AddressChanged => {
                next(10, 120, Step::AddressChanged);
                delivered(&mut next);
            }
            Self::TwoParcels => {
                next(120, 1200, Step::PartDispatched);
                delivered(&mut next);
            }
            Self::Undeliverable => {
                next(180, 2400, Step::Dispatched);
                next(300, 900, Step::InTransit);
                next(2 * DAY, 6 * DAY, Step::Undeliverable);
            }
            Self::PartRefunded => {
                delivered(&mut next);
                next(DAY, 9 * DAY, Step::PartRefunded);
            }
            Self::Refunded => {
                delivered(&mut next);
                next(3 * DAY, 14 * DAY, Step::Refunded);
            }
            Self::Plain | Self::Preorder => delivered(&mut next),
        }
        events.into_iter().map(|(at, step)| Event { at, step, noted: true }).collect()
    }
}

/// Minutes in a day.
const DAY: i64 = 24 * 60;

fn delivered(next: &mut impl FnMut(i64, i64, Step)) {
    next(180, 2400, Step::Dispatched);
    next(240, 900, Step::InTransit);
    next(DAY, 4 * DAY, Step::Delivered);
}

impl Step {
    /// True for what only a seller's dispatch brings about.
    pub(crate) const fn follows_dispatch(self) -> bool {
        match self {
            Self::PartDispatched | Self::Dispatched | Self::InTransit | Self::Delivered | Self::Undeliverable => true,
            Self::PartRefunded | Self::Refunded => true,
            Self::Placed | Self::Released | Self::Paid | Self::AddressChanged | Self::CancelAsked | Self::Cancelled => {
                false
            }
        }
    }
}
