//! Core on real databases, against a scripted marketplace and a clock that is moved by hand.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod canaries;
mod crashes;
mod people;
mod plans;
mod setting;
mod windows;
