//! Invented people, field by field. Nobody here exists: words are made of syllables, postcodes lie in areas that Royal
//! Mail does not use, telephone numbers come from Ofcom's range for drama, and mail goes to `.example`.

use ordersync_order::{Buyer, Recipient};
use ordersync_types::{FieldState, Pii, RecordField, SealedRecord, Withheld};

/// How much of a record is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fullness {
    /// Every field has a value.
    Every,
    /// What a marketplace usually sends: the second address line empty, some fields not sent, one withheld.
    Usual,
}

/// Fields that belong to an order line.
const LINE_FIELDS: [&str; 5] = ["gift_message", "gift_sender", "gift_email", "customisation_url", "tax_reference"];
/// What a usual recipient and a usual buyer have.
const USUAL: [&str; 15] = [
    "marketplace_name",
    "name",
    "email",
    "phone",
    "address_line1",
    "city",
    "region",
    "postcode",
    "country",
    "tax_city",
    "tax_postcode",
    "tax_country",
    "delivery_instructions",
    "gift_message",
    "gift_sender",
];
/// Each field of each record of each person has its own range of words: 64 fields to a person.
const FIELDS_PER_PERSON: u64 = 64;
/// Where the buyer's fields begin within those; the recipient's stand before.
const BUYER_FIELDS: u64 = 32;
/// The number of the buyer key's word, beyond both records.
const KEY_WORD: u64 = 63;

/// The recipient of an order, with what belongs to `lines`.
pub(crate) fn recipient(person: u64, lines: &[String], fullness: Fullness) -> Recipient {
    record(person, 0, lines, fullness)
}

/// The buyer with this number: the same at each call.
pub(crate) fn buyer(person: u64, fullness: Fullness) -> Buyer {
    record(person, BUYER_FIELDS, &[], fullness)
}

/// What the marketplace knows the buyer by.
pub(crate) fn buyer_key(person: u64) -> Pii<String> {
    Pii::new(key_text(person))
}

fn key_text(person: u64) -> String {
    format!("{}@marketplace.example", word(person, KEY_WORD).to_lowercase())
}

/// All values of the recipient of order `person` and of buyer `buyer`, the key included, but for country codes.
pub(crate) fn values(person: u64, buyer: u64, lines: &[String], fullness: Fullness, with_key: bool) -> Vec<String> {
    let recipient = texts(Recipient::FIELDS, person, 0, lines, fullness);
    let bought = texts(Buyer::FIELDS, buyer, BUYER_FIELDS, &[], fullness);
    let given = recipient.into_iter().chain(bought).filter_map(|field| match field.text {
        Some(text) if !text.is_empty() && !field.name.ends_with("country") => Some(text),
        Some(_) | None => None,
    });
    given.chain(with_key.then(|| key_text(buyer))).collect()
}

struct Text {
    index: usize,
    name: &'static str,
    of: String,
    /// `None`: withheld.
    text: Option<String>,
}

#[expect(clippy::expect_used, reason = "the fields are the record's own, so it rebuilds")]
fn record<R: SealedRecord>(person: u64, first: u64, lines: &[String], fullness: Fullness) -> R {
    let fields = texts(R::FIELDS, person, first, lines, fullness).into_iter().map(|field| {
        let state = field.text.map_or(FieldState::Withheld(Withheld::Role), FieldState::value);
        RecordField::owned(field.index, field.of, state)
    });
    R::rebuild(fields.collect()).expect("a record rebuilds from its own fields")
}

fn texts(names: &'static [&'static str], person: u64, first: u64, lines: &[String], fullness: Fullness) -> Vec<Text> {
    let mut texts = Vec::new();
    for ((index, name), number) in names.iter().copied().enumerate().zip(first..) {
        if LINE_FIELDS.contains(&name) {
            // the last line of a usual order is no gift
            let gifts = if fullness == Fullness::Every { lines.len() } else { lines.len().saturating_sub(1) };
            for (line, vendor_line_id) in (0_u64..).zip(lines.iter().take(gifts)) {
                if fullness == Fullness::Every || USUAL.contains(&name) {
                    let text = Some(format!("{} {line}", text_of(name, person, number)));
                    texts.push(Text { index, name, of: vendor_line_id.clone(), text });
                }
            }
            continue;
        }
        let text = match (fullness, name) {
            (Fullness::Every, _) => Some(text_of(name, person, number)),
            (Fullness::Usual, "address_line2") => Some(String::new()),
            (Fullness::Usual, "company") => None,
            (Fullness::Usual, _) if USUAL.contains(&name) => Some(text_of(name, person, number)),
            (Fullness::Usual, _) => continue,
        };
        texts.push(Text { index, name, of: String::new(), text });
    }
    texts
}

/// The value of a field. A field this list does not know gets a word: it is filled in all the same.
fn text_of(name: &str, person: u64, field: u64) -> String {
    let word = word(person, field);
    let small = word.to_lowercase();
    match name {
        "name" | "tax_name" => format!("Zoë {word}"),
        "marketplace_name" => format!("{small}-shops"),
        "email" | "gift_email" => format!("{small}@mail.example"),
        "phone" => format!("+44 7700 900{:03} ext. {field:02}{:04}", person % 1_000, person / 1_000),
        "company" => format!("{word} Joinery Ltd"),
        "tax_number" => format!("VAT:GB000{:09}", person % 1_000_000_000),
        "address_line1" => format!("{} {word} Street", 1 + person % 90),
        "address_line2" => format!("Flat {word}"),
        "address_line3" => format!("{word} Court"),
        "postcode" | "tax_postcode" => postcode(person, field),
        "country" | "tax_country" => "GB".to_owned(),
        "gift_message" => format!("Happy birthday, dear {word} 🎁 from line"),
        "customisation_url" => format!("https://custom.example/design/{small}/"),
        "tax_reference" => format!("IM372{small}"),
        "purchase_order_number" => format!("PO-{small}"),
        _ => word,
    }
}

/// Eight characters: an area that nobody uses, another for each field, and 360 000 codes in it.
fn postcode(person: u64, field: u64) -> String {
    const UNITS: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";
    let letter = |at: u64| usize::try_from(at % 20).ok().and_then(|at| UNITS.get(at)).map_or('A', |l| char::from(*l));
    let (unit, rest) = (person % 400, person / 400);
    format!("Q{}{} {}{}{}", letter(field), 10 + rest / 10 % 90, rest % 10, letter(unit), letter(unit / 20))
}

/// Twelve letters, another word for each person below 2^30 and each field.
fn word(person: u64, field: u64) -> String {
    const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvw";
    const VOWELS: &[u8; 4] = b"aeio";
    // an odd factor only reorders the 36-bit numbers, so that neighbours do not look alike
    let mut left = (person * FIELDS_PER_PERSON + field).wrapping_mul(0x9_E377_9B97) % (1 << 36);
    let mut word = String::with_capacity(12);
    for _ in 0..6 {
        let at = usize::try_from(left % 64).unwrap_or_default();
        let (consonant, vowel) = (CONSONANTS.get(at / 4), VOWELS.get(at % 4));
        word.extend(consonant.into_iter().chain(vowel).map(|letter| char::from(*letter)));
        left /= 64;
    }
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}
