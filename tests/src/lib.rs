//! End-to-end tests of ordersync: the real binary, real sockets, both databases.
//!
//! The tests are modules of `it/main.rs`; this library holds what several of them share. `tests/run` beside it is
//! the project's one test command, `tests/postgres` its two throw-away PostgreSQL clusters.

pub mod canary;
