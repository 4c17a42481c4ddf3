//! Tests of the VAT rules.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod amounts;
mod documents;
mod properties;
mod rounding;
mod shop;
mod treatment;
mod years;
