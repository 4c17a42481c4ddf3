//! End-to-end tests, one module per part of the product.

#![expect(clippy::expect_used, reason = "a test ends at the first thing that is not as it should be")]

mod intake;
mod setting;
mod test_command;
