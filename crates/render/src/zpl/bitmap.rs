//! Black and white dots.

use zeroize::Zeroizing;

/// Rows of dots, eight to a byte, the first in the highest bit. Wiped when dropped: letters can be read from it.
pub(super) struct Bitmap {
    bytes_per_row: usize,
    dots: Zeroizing<Vec<u8>>,
}

/// The part of a bitmap that has black dots.
pub(super) struct Cropped<'b> {
    /// Dots left out on the left: a multiple of 8.
    pub(super) x: usize,
    /// Rows left out above.
    pub(super) y: usize,
    pub(super) bytes_per_row: usize,
    /// From the first to the last row with ink.
    pub(super) rows: Vec<&'b [u8]>,
}

impl Bitmap {
    /// A white bitmap, at least `width` dots wide.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let bytes_per_row = width.div_ceil(8).max(1);
        Self { bytes_per_row, dots: Zeroizing::new(vec![0; bytes_per_row * height]) }
    }

    /// Makes a dot black; one outside is left out.
    pub(super) fn blacken(&mut self, x: usize, y: usize) {
        let column = x / 8;
        if column < self.bytes_per_row
            && let Some(byte) = self.dots.get_mut(y * self.bytes_per_row + column)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// Makes a column of dots black.
    pub(super) fn blacken_column(&mut self, x: usize) {
        for row in self.dots.chunks_exact_mut(self.bytes_per_row) {
            if let Some(byte) = row.get_mut(x / 8) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }

    /// The part with ink; `None` when all is white.
    pub(super) fn ink(&self) -> Option<Cropped<'_>> {
        let is_inked = |row: &&[u8]| row.iter().any(|byte| *byte != 0);
        let rows: Vec<&[u8]> = self.dots.chunks_exact(self.bytes_per_row).collect();
        let y = rows.iter().position(is_inked)?;
        let end = rows.iter().rposition(is_inked)? + 1;
        let rows = rows.get(y..end)?;
        let first = rows.iter().filter_map(|row| row.iter().position(|byte| *byte != 0)).min()?;
        let last = rows.iter().filter_map(|row| row.iter().rposition(|byte| *byte != 0)).max()?;
        let rows = rows.iter().filter_map(|row| row.get(first..=last)).collect();
        Some(Cropped { x: first * 8, y, bytes_per_row: last - first + 1, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_cropped_to_whole_bytes() {
        let mut bitmap = Bitmap::new(40, 6);
        assert!(bitmap.ink().is_none());
        bitmap.blacken(9, 1);
        bitmap.blacken(23, 3);
        bitmap.blacken(40, 2);
        bitmap.blacken(0, 6);
        let ink = bitmap.ink().unwrap();
        assert_eq!((ink.x, ink.y, ink.bytes_per_row), (8, 1, 2));
        assert_eq!(ink.rows, [[0x40, 0], [0, 0], [0, 1]]);
    }
}
