//! The port to a courier: what its services need to be told, what a consignment is, what a label is, and what can go
//! wrong.
//!
//! A courier never sees an order. Core builds a [`Consignment`] from the [`Needs`] of the service that was chosen: what
//! a service does not need is not in it. Whether to ask, and whether to ask again after an unclear outcome, core
//! decides by [`CourierInfo::repeats`].

mod consignment;
#[cfg(feature = "contract-suite")]
pub mod contract_suite;
mod error;
mod label;
mod needs;

use async_trait::async_trait;
use ordersync_types::{Country, ShipmentRef};

pub use consignment::{Consignment, Customs, CustomsItem, Destination, Parcel, SenderProfile};
pub use error::{CourierError, ErrorKind, Problem, Retry};
pub use label::{CourierKeys, Label, LabelFormat, LabelMedia, LabelSize};
pub use needs::{DestinationField, Need, Needs};

/// The name of a courier, for example `local`: open, so that a new courier is one new crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CourierId(pub &'static str);

/// What core may know of a courier without asking it. Plain data.
#[derive(Debug, Clone, Copy)]
pub struct CourierInfo {
    /// `local`, ...
    pub id: CourierId,
    /// The courier's name as people write it.
    pub name: &'static str,
    /// What may be done when it is unclear whether a label was made.
    pub repeats: Repeats,
    /// Whether making a label costs money.
    pub sells_postage: bool,
}

/// What may be done when it is unclear whether a label was made: the answer was lost, or the process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeats {
    /// Asking again with the same reference gives the same label.
    ByKey,
    /// Look first, by [`FindsLabels`]; ask again only when there is none.
    ByLookUp,
    /// Neither: a person must look at the courier's own pages.
    Never,
}

/// One service of a courier. Plain data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The code that people type: `a-z`, `0-9` and `-`.
    pub code: &'static str,
    /// What stands on the label and in lists.
    pub name: &'static str,
}

/// Where a parcel goes from and to: what needs and customs hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lane {
    /// Where it leaves.
    pub from: Country,
    /// Where it goes.
    pub to: Country,
}

/// A person, or a rule that a person set up, wants this label and its price. Only core's fulfilment makes one, and no
/// other path of the program holds one: so nothing buys postage by accident.
#[derive(Debug)]
pub struct Confirmed(());

impl Confirmed {
    /// Says that this label is wanted. To be called in core's fulfilment only.
    #[must_use]
    pub fn by_a_person() -> Self {
        Self(())
    }
}

/// What a courier can do besides making labels. An ability that is missing is `None`, never an empty body.
#[derive(Default, Clone, Copy)]
pub struct Abilities<'a> {
    /// Looks a label up by our reference.
    pub finds: Option<&'a dyn FindsLabels>,
    /// Takes a label back.
    pub voids: Option<&'a dyn VoidsLabels>,
}

/// One courier, with the seller's account at it where it needs one.
#[async_trait]
pub trait CourierAdapter: Send + Sync {
    /// What this courier is.
    fn info(&self) -> &CourierInfo;

    /// Its services, the usual one first; at least one.
    fn services(&self) -> &[Service];

    /// What a service must be told of a recipient on this lane.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`]: there is no such service, or it does not go there. Never repeat.
    fn needs(&self, service: &str, lane: Lane) -> Result<Needs, CourierError>;

    /// What is wrong with a consignment, without asking anybody; empty when nothing is.
    fn check(&self, consignment: &Consignment) -> Vec<Problem>;

    /// Makes the label of a consignment: one document with a page (or ZPL format) for each parcel.
    ///
    /// # Errors
    /// See [`CourierError::retry`] and [`CourierError::unclear`]. Nothing was made unless the outcome is unclear.
    async fn create_label(&self, consignment: &Consignment, confirmed: Confirmed) -> Result<Label, CourierError>;

    /// What else it can do.
    fn abilities(&self) -> Abilities<'_>;
}

/// A courier that can be asked whether a label was made.
#[async_trait]
pub trait FindsLabels: Send + Sync {
    /// The label made under our reference; `None`: there is none, so that asking for one is safe.
    ///
    /// # Errors
    /// As [`CourierAdapter::create_label`].
    async fn find_label(&self, reference: &ShipmentRef) -> Result<Option<Label>, CourierError>;
}

/// A courier that takes labels back.
#[async_trait]
pub trait VoidsLabels: Send + Sync {
    /// Takes a label back.
    ///
    /// # Errors
    /// As [`CourierAdapter::create_label`].
    async fn void_label(&self, keys: &CourierKeys) -> Result<(), CourierError>;
}

impl std::fmt::Debug for Abilities<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Abilities").field("finds", &self.finds.is_some()).field("voids", &self.voids.is_some()).finish()
    }
}
