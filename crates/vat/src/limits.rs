//! How large numbers may be, so that their sums and products stay far within 64 bits.

use crate::{Missing, MissingFact};

/// The largest amount in minor units and the largest number of pieces: 10^13, which is 100 thousand million pounds. Half a
/// million of them still add up within 64 bits.
pub(crate) const LARGEST: i64 = 10_000_000_000_000;

/// Refuses amounts beyond [`LARGEST`], of either sign.
pub(crate) fn within_limits(amounts: impl IntoIterator<Item = i64>) -> Result<(), Missing> {
    let fits = |amount: i64| (-LARGEST..=LARGEST).contains(&amount);
    if amounts.into_iter().all(fits) { Ok(()) } else { Err(too_large()) }
}

/// The sum, or the nearest to it that fits 64 bits; within the limits it is always the sum.
pub(crate) fn sum(amounts: impl IntoIterator<Item = i64>) -> i64 {
    amounts.into_iter().fold(0, i64::saturating_add)
}

pub(crate) fn too_large() -> Missing {
    Missing::new(MissingFact::Amounts, "an amount is out of range")
}

pub(crate) fn below_nothing() -> Missing {
    Missing::new(MissingFact::Amounts, "a line of the document would be below nothing")
}
