//! Where the objects of the joined document lie: all that is kept of it.

use super::syntax::put;

/// The catalog's number.
pub(super) const CATALOG: u32 = 1;
/// The number of the page tree's root.
pub(super) const ROOT: u32 = 2;

/// What a table of objects can say: ten digits (ISO 32000-1, 7.5.4).
const MOST_BYTES: u64 = 9_999_999_999;
/// The most objects that readers are known to take (ISO 32000-1, annex C).
const MOST_OBJECTS: usize = 8_388_607;

/// Offsets of objects by their number, and how long the document is.
#[derive(Debug)]
pub(super) struct Places {
    /// Bytes that were handed on.
    handed_on: u64,
    /// Where objects begin; object 1 comes first.
    offsets: Vec<u64>,
}

impl Default for Places {
    fn default() -> Self {
        Self { handed_on: 0, offsets: vec![0; 2] }
    }
}

impl Places {
    /// Whether so many more objects and bytes have a place.
    pub(super) fn has_room(&self, objects: usize, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.offsets.len().saturating_add(objects) <= MOST_OBJECTS && self.handed_on.saturating_add(bytes) <= MOST_BYTES
    }

    /// A number for an object that is written later.
    pub(super) fn reserve(&mut self) -> u32 {
        self.offsets.push(0);
        // never out of range: has_room was asked
        u32::try_from(self.offsets.len()).unwrap_or(u32::MAX)
    }

    /// Writes an object under its number to the end of what is handed on next.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, number: u32, body: &[u8]) {
        let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        if let Some(offset) = place.and_then(|place| self.offsets.get_mut(place)) {
            *offset = self.handed_on.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
        }
        put(out, format_args!("{number} 0 obj\n"));
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    }

    /// Counts bytes that are handed on.
    pub(super) fn hand_on(&mut self, out: &[u8]) {
        self.handed_on = self.handed_on.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
    }

    /// Writes the table of all objects and the end of the document.
    pub(super) fn write_table(&self, out: &mut Vec<u8>) {
        let start = self.handed_on.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
        let size = self.offsets.len() + 1;
        put(out, format_args!("xref\n0 {size}\n0000000000 65535 f \n"));
        for offset in &self.offsets {
            put(out, format_args!("{offset:010} 00000 n \n"));
        }
        put(out, format_args!("trailer\n<</Size {size}/Root {CATALOG} 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    }
}
