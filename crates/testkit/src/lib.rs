#![doc = include_str!("../README.md")]

mod clock;
mod connector;
mod courier;
mod order;
mod people;
mod server;

pub use clock::{StepObserver, SteppedClock, SteppedSettings};
pub use connector::{PollCall, ScriptedConnector, last_page, page, scripted_info};
pub use courier::{PausedCall, ScriptedCourier};
pub use order::{SampleOrder, sample_order};
pub use server::{Asked, Delivery, ScriptedReply, ScriptedServer};
