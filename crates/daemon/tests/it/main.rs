//! Tests of the daemon and the command line. Those of commands run the real program in a folder of their own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod commands;
mod config;
mod home;
mod key_sources;
mod ledger;
mod serving;
mod simulated;
mod terminal;
