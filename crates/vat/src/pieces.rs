//! Which pieces of a line stand on which document, so that each piece's price is invoiced once.

use crate::limits::{sum, too_large};
use crate::rounding::share;
use crate::sale::{Booked, BookedAs};
use crate::{Missing, PricedLine};

/// Pieces from the first to before the last, and the place of their document.
type Stretch = (i64, i64, usize);

/// The price of so many more pieces of a line.
///
/// A piece's price is the difference of two shares, so that all pieces together have all of the line's price. Pieces are
/// counted through in the order of the documents; where one was reversed, its pieces are the next to be taken, so that the
/// document in its place has the same price to the penny.
pub(crate) fn price_of_next(line: &PricedLine, pieces: i64, booked: &[Booked]) -> Result<i64, Missing> {
    let mut taken: Vec<Stretch> = Vec::new();
    for (place, document) in booked.iter().enumerate() {
        match document.booked_as {
            BookedAs::Sale => {
                take(&mut taken, document.content.pieces_of(&line.vendor_line_id), place);
            }
            BookedAs::Credit { of, reversal: true } => taken.retain(|(_, _, place)| *place != of),
            BookedAs::Credit { reversal: false, .. } => {}
        }
    }
    let until = |piece: i64| share(line.goods, piece, line.quantity).ok_or_else(too_large);
    let mut price = 0;
    for (first, end) in take(&mut taken, pieces, booked.len()) {
        price = sum([price, until(end)? - until(first)?]);
    }
    Ok(price)
}

/// Takes the first pieces that are free, in one or several stretches.
fn take(taken: &mut Vec<Stretch>, pieces: i64, place: usize) -> Vec<(i64, i64)> {
    taken.sort_unstable();
    let (mut found, mut first, mut left) = (Vec::new(), 0_i64, pieces);
    for next in taken.iter().map(|(first, ..)| *first).chain([i64::MAX]) {
        let end = first.saturating_add(left).min(next);
        if left > 0 && end > first {
            found.push((first, end));
            left -= end - first;
        }
        let after = taken.iter().filter(|(start, ..)| *start == next).map(|(_, end, _)| *end).max();
        first = after.unwrap_or(first);
    }
    taken.extend(found.iter().map(|(first, end)| (*first, *end, place)));
    found
}
