//! Looking for values that must not be there: in every file, in every form they could have taken.
#![expect(clippy::panic, reason = "a search that cannot read its files must not report that it found nothing")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A value that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where.
    pub file: PathBuf,
    /// Which of the values, by its place in the list.
    pub value: usize,
    /// In which form.
    pub form: &'static str,
}

/// A set of values to look for, each as UTF-8, UTF-16 (both byte orders), JSON-escaped, percent-encoded and base64 at
/// each of its three alignments.
#[derive(Debug)]
pub struct Canary {
    automaton: AhoCorasick,
    meaning: Vec<(usize, &'static str)>,
}

impl Canary {
    /// Looks for `values`; each should be long enough to occur by no chance (8 bytes).
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut meaning = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            for (form, pattern) in forms(value) {
                patterns.push(pattern);
                meaning.push((index, form));
            }
        }
        let automaton = AhoCorasick::new(patterns).unwrap_or_else(|error| panic!("the patterns: {error}"));
        Self { automaton, meaning }
    }

    /// What `bytes` hold: (value, form).
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<(usize, &'static str)> {
        let matches = self.automaton.find_overlapping_iter(bytes);
        matches.filter_map(|found| self.meaning.get(found.pattern().as_usize()).copied()).collect()
    }

    /// What the files of a folder and of those below it hold; gzip files are looked into as well.
    pub fn search_folder(&self, folder: &Path) -> Vec<Finding> {
        let mut findings = Vec::new();
        for file in files_below(folder) {
            let bytes = match fs::read(&file) {
                Ok(bytes) => bytes,
                // A server that runs removes files of its own while they are listed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => panic!("{}: {error}", file.display()),
            };
            let mut found = self.found_in(&bytes);
            if bytes.starts_with(&[0x1f, 0x8b]) {
                let mut inside = Vec::new();
                if flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut inside).is_ok() {
                    found.extend(self.found_in(&inside));
                }
            }
            findings.extend(found.into_iter().map(|(value, form)| Finding { file: file.clone(), value, form }));
        }
        findings
    }
}

/// Every file in a folder and in those below it.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries.filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
    }
    files.sort();
    files
}

fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16: Vec<u16> = value.encode_utf16().collect();
    let mut forms = vec![
        ("utf-8", value.as_bytes().to_vec()),
        ("utf-16le", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("utf-16be", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("json", json_escaped(value).into_bytes()),
        ("percent", percent_encoded(value).into_bytes()),
    ];
    for skipped in 0..3 {
        forms.push(("base64", base64_inside(value.as_bytes(), skipped)));
    }
    forms.retain(|(form, pattern)| *form == "utf-8" || pattern != value.as_bytes());
    forms
}

fn json_escaped(value: &str) -> String {
    let escape = |unit: u16| match u8::try_from(unit) {
        Ok(b'"') => "\\\"".to_owned(),
        Ok(b'\\') => "\\\\".to_owned(),
        Ok(b'\n') => "\\n".to_owned(),
        Ok(plain @ 0x20..=0x7e) => char::from(plain).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    value.encode_utf16().map(escape).collect()
}

fn percent_encoded(value: &str) -> String {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(encode).collect()
}

/// The part of the base64 text that does not depend on what stands before and after, when `skipped` bytes stand
/// before in the first group of three.
fn base64_inside(value: &[u8], skipped: usize) -> Vec<u8> {
    let mut padded = vec![0; skipped];
    padded.extend_from_slice(value);
    let text = STANDARD_NO_PAD.encode(&padded);
    let start = [0, 2, 3].get(skipped).copied().unwrap_or(0);
    let whole = padded.len() * 8 / 6;
    text.get(start..whole).unwrap_or_default().as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_and_nothing_else() {
        let value = "Zoë Wexcombe-\"Ωmega\"";
        let canary = Canary::new([value, "somebody else entirely"]);
        let utf16: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (form, bytes) in [
            ("utf-8", format!("before {value} after").into_bytes()),
            ("utf-16le", utf16),
            ("json", br#"{"name":"Zo\u00eb Wexcombe-\"\u03a9mega\""}"#.to_vec()),
            ("percent", b"?q=Zo%C3%AB%20Wexcombe-%22%CE%A9mega%22".to_vec()),
            ("base64", STANDARD_NO_PAD.encode(format!("x{value}y")).into_bytes()),
            ("base64", STANDARD_NO_PAD.encode(format!("xy{value}")).into_bytes()),
            ("base64", STANDARD_NO_PAD.encode(format!("{value}xyz")).into_bytes()),
        ] {
            assert_eq!(canary.found_in(&bytes).into_iter().collect::<Vec<_>>(), vec![(0, form)], "{form}");
        }
        assert!(canary.found_in(b"Zoe Wexcombe").is_empty());
    }
}
