//! Rows of dots as the text of a `^GFA` field, with repeated digits and rows shortened.

use std::iter::repeat_n;

/// Repeats of one digit that a letter can stand for: `g` to `z` for 20 to 400, `G` to `Y` for 1 to 19.
const MOST_REPEATS: usize = 400;

/// Appends the rows: digits with their number of repeats before them, `,` for white to the row's end, `!` for black to
/// its end, `:` for the row above once more.
pub(super) fn encode(rows: &[&[u8]], out: &mut String) {
    let mut above: Option<&[u8]> = None;
    for row in rows {
        if above == Some(row) {
            out.push(':');
        } else {
            encode_row(row, out);
        }
        above = Some(row);
    }
}

fn encode_row(row: &[u8], out: &mut String) {
    let mut runs = Runs::default();
    for nibble in row.iter().flat_map(|byte| [byte >> 4, byte & 0xF]) {
        if runs.nibble != nibble {
            runs.flush(out);
        }
        runs.nibble = nibble;
        runs.length += 1;
    }
    match runs.nibble {
        0x0 => out.push(','),
        0xF => out.push('!'),
        _ => runs.flush(out),
    }
}

/// A digit and how often it came so far.
#[derive(Default)]
struct Runs {
    nibble: u8,
    length: usize,
}

impl Runs {
    fn flush(&mut self, out: &mut String) {
        let Some(digit) = char::from_digit(u32::from(self.nibble), 16) else { return };
        let digit = digit.to_ascii_uppercase();
        let mut left = std::mem::take(&mut self.length);
        while left > 0 {
            let now = left.min(MOST_REPEATS);
            left -= now;
            if now < 3 {
                out.extend(repeat_n(digit, now));
                continue;
            }
            out.extend(letter(b'g', now / 20));
            out.extend(letter(b'G', now % 20));
            out.push(digit);
        }
    }
}

/// The letter for a number of repeats: the first letter stands for 1; none for 0.
fn letter(first: u8, number: usize) -> Option<char> {
    let number = u8::try_from(number).ok()?.checked_sub(1)?;
    Some(char::from(first + number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(rows: &[&[u8]]) -> String {
        let mut out = String::new();
        encode(rows, &mut out);
        out
    }

    #[test]
    fn rows_are_shortened_as_the_programming_guide_says() {
        assert_eq!(encoded(&[&[0x00, 0x00], &[0xFF, 0xFF], &[0x12, 0x30], &[0x12, 0x3F]]), ",!123,123!");
        assert_eq!(encoded(&[&[0x01, 0x23], &[0x01, 0x23], &[0x01, 0x23]]), "0123::");
        assert_eq!(encoded(&[&[0x00, 0x05]]), "I05");
        assert_eq!(encoded(&[&[0xAA, 0xAA, 0xAA, 0xA5]]), "MA5");
        assert_eq!(encoded(&[&[[0x77; 21].as_slice(), &[0x01]].concat()]), "hH701");
        assert_eq!(encoded(&[&[[0x77; 210].as_slice(), &[0x01]].concat()]), "z7g701");
    }
}
