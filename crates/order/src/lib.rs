//! The normalised order: what a marketplace said, in the field's own words, whichever marketplace said it.
//!
//! An [`Order`] has two halves that never mix: [`OrderFacts`], which say nothing about a person and are stored
//! open, and [`People`], which the vault seals. This crate does no I/O, reads no clock and cannot panic.

mod amounts;
mod code;
mod facts;
mod people;
mod review;
mod status;
mod territory;

pub use amounts::{Amount, AmountKind, Discount, FundedBy, Refund};
pub use code::RawCode;
pub use facts::{
    Cancellation, CancellationState, CollectedTax, Completeness, DeliverTo, Destination, FulfilledBy, OrderFacts,
    OrderLine, Programme, TimeWindow,
};
pub use people::{Buyer, LineNote, People, Recipient};
pub use review::{Aspect, Review};
pub use status::{OrderStatus, PaymentStatus, Transition, transition};
pub use territory::Territory;

/// One order as a marketplace stated it at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What is stored open: nothing in here says anything about a person.
    pub facts: OrderFacts,
    /// What is sealed.
    pub people: People,
}
