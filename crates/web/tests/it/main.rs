//! The JSON API over a real core on a temporary SQLite: routes, roles, answers, hostile requests, the socket.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test that is wrong about its own answers should fail on the spot"
)]

mod accounts;
mod books;
mod export;
mod hostile;
mod keys;
mod logs;
mod openapi;
mod orders;
mod packing;
mod roles;
mod schema;
mod socket;
mod status;
mod tcp;
mod world;
