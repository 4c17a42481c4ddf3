//! Reads the parts of a workbook, which is a ZIP file without comments (APPNOTE 6.3, sections 4.3.12 and 4.3.16).

use std::collections::BTreeMap;
use std::io::Read;

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Every part as text, by its name.
pub(crate) fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let end = bytes.len() - 22;
    assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
    let (count, mut at) = (number(bytes, end + 10, 2), number(bytes, end + 16, 4));
    let mut parts = BTreeMap::new();
    for _ in 0..count {
        assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
        let (method, packed) = (number(bytes, at + 10, 2), number(bytes, at + 20, 4));
        let names = [28, 30, 32].map(|place| number(bytes, at + place, 2));
        let name = String::from_utf8(bytes[at + 46..at + 46 + names[0]].to_vec()).unwrap();
        let local = number(bytes, at + 42, 4);
        let from = local + 30 + number(bytes, local + 26, 2) + number(bytes, local + 28, 2);
        let content = &bytes[from..from + packed];
        let mut text = String::new();
        match method {
            0 => text.push_str(std::str::from_utf8(content).unwrap()),
            _ => {
                flate2::read::DeflateDecoder::new(content).read_to_string(&mut text).unwrap();
            }
        }
        parts.insert(name, text);
        at += 46 + names.iter().sum::<usize>();
    }
    parts
}
