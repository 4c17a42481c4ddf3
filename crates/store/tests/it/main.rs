//! The store on real databases: every test runs on SQLite and, where clusters are given, on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod keys;
mod leases;
mod opening;
mod pages;
mod registry;
mod sample;
