//! The connector's tests: normalising against fixtures and the contract, and polling against a scripted eBay.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test fails by panicking and says in a line what it left out"
)]

mod contract;
mod ebay;
mod fixtures;
mod hostile;
mod pages;
mod polling;
mod refusals;
mod stand_in;
mod traps;
