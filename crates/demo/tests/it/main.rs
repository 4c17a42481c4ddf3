//! The demo and the load test as people start them: the real binaries, real sockets.

#![expect(clippy::unwrap_used, reason = "a test ends at the first thing that is not as it should be")]

mod demo;
mod load;
mod once;
mod people;
mod serving_on;
