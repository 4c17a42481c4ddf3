//! Core on real databases, against a scripted marketplace and a clock that is moved by hand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod canaries;
mod cancelled_lines;
mod clock_trust;
mod copies;
mod crashes;
mod credentials;
mod doubles;
mod invoice_doubts;
mod invoice_numbers;
mod invoices;
mod invoicing;
mod labels;
mod people;
mod plans;
mod policies;
mod purge_failures;
mod setting;
mod shipping_stops;
mod shop;
mod windows;
