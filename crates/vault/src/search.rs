//! Blind indexes: finding a buyer by name or postcode without a clear column.

use std::fmt;

use hmac::{Hmac, Mac};
use ordersync_types::Pii;
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

/// A field that can be searched. Low-entropy fields (country, title) never get an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// A recipient's or buyer's name.
    Name,
    /// A postcode.
    Postcode,
}

impl SearchField {
    /// All fields in the order of their codes.
    pub const ALL: [Self; 2] = [Self::Name, Self::Postcode];

    /// The number stored beside each tag: 1 or 2, never given to another field.
    pub const fn code(self) -> i64 {
        match self {
            Self::Name => 1,
            Self::Postcode => 2,
        }
    }

    /// The field with this code; `None` when a newer program wrote it.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    /// Bits of a tag, few enough that one tag stands for several values: fits some 20,000 buyers.
    pub const fn default_bits(self) -> u32 {
        match self {
            Self::Name => 10,
            Self::Postcode => 8,
        }
    }
}

/// The key of one blind index, wiped when dropped.
///
/// Tags are truncated on purpose, so a match is only a candidate: open it and compare [`normalised`] values
/// before anything is shown. A tag is personal data and goes with its cell.
#[derive(Clone)]
pub struct SearchKey {
    field: SearchField,
    bits: u32,
    hmac: Hmac<Sha256>,
}

impl SearchKey {
    pub(crate) fn new(field: SearchField, hmac: Hmac<Sha256>) -> Self {
        Self { field, bits: field.default_bits(), hmac }
    }

    /// The same key with tags of `bits` bits (kept within 1 to 32). All tags of a generation must have the same
    /// number.
    #[must_use]
    pub fn with_bits(self, bits: u32) -> Self {
        Self { bits: bits.clamp(1, 32), ..self }
    }

    /// The tags to store for a value, ascending and without repeats; none when it has no visible character.
    ///
    /// A name gives one tag for the whole, one for each word and one for each part of a hyphenated word.
    pub fn tags(&self, value: &Pii<String>) -> Vec<i64> {
        let whole = normalised(self.field, value);
        let mut tags: Vec<i64> = self.whole_tag(&whole).into_iter().collect();
        if self.field == SearchField::Name {
            for word in whole.expose().split(' ') {
                tags.extend(self.word_tag(word));
                tags.extend(word.split('-').filter_map(|part| self.word_tag(part)));
            }
        }
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The tags that a stored value must *all* have to hold every word of what was typed; none when nothing was
    /// typed. For a postcode there is one.
    pub fn query_tags(&self, typed: &Pii<String>) -> Vec<i64> {
        let whole = normalised(self.field, typed);
        let mut tags: Vec<i64> = match self.field {
            SearchField::Name => whole.expose().split(' ').filter_map(|word| self.word_tag(word)).collect(),
            SearchField::Postcode => self.whole_tag(&whole).into_iter().collect(),
        };
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The one tag of exactly this value; `None` when it has no visible character.
    pub fn exact_tag(&self, value: &Pii<String>) -> Option<i64> {
        self.whole_tag(&normalised(self.field, value))
    }

    fn whole_tag(&self, normalised: &Pii<String>) -> Option<i64> {
        self.word_tag(normalised.expose())
    }

    fn word_tag(&self, word: &str) -> Option<i64> {
        // A hyphen alone is no word.
        if word.chars().all(|c| c == '-') {
            return None;
        }
        let whole: [u8; 32] = self.hmac.clone().chain_update(word.as_bytes()).finalize().into_bytes().into();
        let first = whole.first_chunk().map_or(0, |first| u32::from_be_bytes(*first));
        Some(i64::from(first >> (32 - self.bits)))
    }
}

impl fmt::Debug for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SearchKey").field("field", &self.field).field("bits", &self.bits).finish_non_exhaustive()
    }
}

/// The form in which two values of a field are the same.
///
/// Name: Unicode NFKC, case folded, white space collapsed to single spaces, every hyphen and apostrophe its plain
/// ASCII form. Postcode: NFKC, upper case, without white space.
pub fn normalised(field: SearchField, value: &Pii<String>) -> Pii<String> {
    match field {
        SearchField::Name => normalised_name(value.expose()),
        SearchField::Postcode => {
            let compatible = value.expose().nfkc().flat_map(char::to_uppercase);
            Pii::new(compatible.filter(|c| !c.is_whitespace()).collect())
        }
    }
}

/// Whether a stored value is what was typed: a name that holds every word typed (or part of a hyphenated word), or
/// exactly that postcode. Nothing typed finds nothing.
pub fn found(field: SearchField, stored: &Pii<String>, typed: &Pii<String>) -> bool {
    let (stored, typed) = (normalised(field, stored), normalised(field, typed));
    if typed.expose().is_empty() {
        return false;
    }
    match field {
        SearchField::Postcode => stored == typed,
        SearchField::Name => typed.expose().split(' ').all(|wanted| {
            stored.expose().split(' ').any(|word| word == wanted || word.split('-').any(|part| part == wanted))
        }),
    }
}

fn normalised_name(name: &str) -> Pii<String> {
    // Marks first: NFKC would make a space of a free-standing accent.
    let plain = name.chars().map(plain_mark).nfkc().map(plain_mark);
    // Down, up and down again, character by character: so `ß` and `ẞ` meet `ss`, and a final sigma any other.
    let folded = plain.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let folded = Pii::new(folded.nfkc().collect::<String>());
    let mut single_spaced = String::with_capacity(folded.expose().len());
    for word in folded.expose().split_whitespace() {
        if !single_spaced.is_empty() {
            single_spaced.push(' ');
        }
        single_spaced.push_str(word);
    }
    Pii::new(single_spaced)
}

fn plain_mark(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{0060}' | '\u{00B4}' => '\'',
        other => other,
    }
}
