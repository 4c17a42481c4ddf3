//! The test kit's own tests.
#![cfg(test)]

mod clock;
mod clock_guards;
mod clock_stress;
mod connector;
mod order;
mod server;
