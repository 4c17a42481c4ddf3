//! End-to-end tests, one module per part of the product.

#![expect(clippy::expect_used, clippy::panic, reason = "a test ends at the first thing that is not as it should be")]

mod faults;
mod intake;
mod kill;
mod kill_between_steps;
mod kill_checks;
mod kill_demo_purge;
mod kill_installation;
mod kill_invoices;
mod kill_labels;
mod kill_retention;
mod minimisation;
mod packing;
mod setting;
mod takeover;
mod test_command;
