//! Millimetres, points, dots, and the few conversions between floats and integers.

/// Millimetres of an inch.
pub(crate) const MM_PER_INCH: f32 = 25.4;
/// Millimetres of a point.
pub(crate) const MM_PER_POINT: f32 = MM_PER_INCH / 72.0;

/// The nearest integer; what is beyond its range becomes the range's end, and what is no number becomes 0.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is what is wanted")]
pub(crate) fn whole(value: f32) -> i32 {
    value.round() as i32
}

/// As [`whole`], for a count: nothing below 0.
pub(crate) fn count(value: f32) -> usize {
    usize::try_from(whole(value)).unwrap_or(0)
}

/// A count or dot number as a float. Exact below 2^24, which is 2 km of dots.
#[expect(clippy::cast_precision_loss, reason = "counts on a page are far below 2^24")]
pub(crate) fn float(count: usize) -> f32 {
    count as f32
}
