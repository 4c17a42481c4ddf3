//! The Amazon connector: orders out of invented answers, requests against a scripted server.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking and says in a line what it left out"
)]

mod contract;
mod fields;
mod normalise;
mod refusals;
mod requests;
mod robustness;
mod server;
mod stand_in;
mod tell;
