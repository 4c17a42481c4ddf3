//! The daemon and the command line: configuration, wiring, scheduling, signals.
//!
//! The only crate that names a marketplace's adapter.

mod account_settings;
pub mod cli;
pub mod config;
pub mod connectors;
mod doctor;
mod environment;
pub mod escrow;
pub mod failure;
mod files;
pub mod key_source;
mod ledger;
pub mod logging;
pub mod runtime;
mod unix_names;

pub use ledger::StoreLedger;
