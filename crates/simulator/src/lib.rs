//! Stand-in Amazon and eBay, strict to the contracts, with invented people and faults.
//!
//! Anyone without a seller's account runs, tests and measures the product against these. They refuse what the real services
//! refuse, and their orders arrive and change while they run: the state of every order is a pure function of the seed, the
//! order's number and the clock. Nothing here shares a type with the connectors, so that one mistake is not made twice.
//!
//! ```text
//! let shop = AmazonShop::new(clock.clone(), WorldSettings::new(7, 500, first, last), AmazonSettings::default());
//! let running = StandIn::new(clock).amazon(shop.clone()).start().await?;
//! // point a connector at running.base_url()
//! ```

mod amazon;
mod ask;
mod budget;
mod control;
mod counters;
mod draw;
mod ebay;
mod faults;
mod fields;
mod goods;
mod ledger;
pub mod people;
mod reply;
mod server;
mod story;
mod truth;

pub use amazon::{AmazonSettings, AmazonShop, PERSONAL_PATHS_AMAZON, Roles};
pub use budget::UsagePlan;
pub use counters::Counters;
pub use ebay::{EbaySettings, EbayShop, PERSONAL_PATHS_EBAY};
pub use faults::{Fault, FaultDesk, FaultRates};
pub use ledger::{Template, WorldSettings};
pub use server::{Running, StandIn};
pub use story::{Step, Story};
pub use truth::{GroundTruth, OrderTruth, PersonalValue};
