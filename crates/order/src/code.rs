//! Vendor codes kept verbatim.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A vendor's own code, kept so that an unknown value is neither an error nor a guess.
///
/// 1 to 64 of `A-Z a-z 0-9 _ . : -`. Anything else is not a code but perhaps somebody's words: only its length is
/// kept, so that no name can reach an open column by way of a field that ought to hold a code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawCode(String);

impl RawCode {
    /// Longest code kept, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Keeps `text` when it looks like a code, else `unreadable:LENGTH`.
    pub fn new(text: &str) -> Self {
        let is_code = (1..=Self::MAX_CHARS).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b));
        if is_code { Self(text.to_owned()) } else { Self(format!("unreadable:{}", text.chars().count())) }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RawCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_codes() {
        for (text, kept) in [
            ("UNSHIPPED", "UNSHIPPED"),
            ("UK_RoyalMail.48:x-1", "UK_RoyalMail.48:x-1"),
            ("Ada Example", "unreadable:11"),
            ("", "unreadable:0"),
            ("Ωmega", "unreadable:5"),
        ] {
            assert_eq!(RawCode::new(text).as_str(), kept);
        }
        assert_eq!(RawCode::new(&"x".repeat(65)).as_str(), "unreadable:65");
    }
}
