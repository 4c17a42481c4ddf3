//! Invented buyers and recipients. Nobody here exists: names are made of syllables, towns are not on a map, postcodes lie in
//! areas nobody uses, telephone numbers come from the ranges Ofcom keeps free for drama, and mail goes to `.example`.

mod places;
mod texts;
mod words;

pub use places::{Place, PostalAddress};
pub use texts::Sayings;
pub use words::Script;

use crate::draw::Draw;

/// A source of invented people: the same seed and number always give the same person.
#[derive(Debug, Clone, Copy)]
pub struct People {
    seed: u64,
}

/// One invented person, with everything a marketplace may know.
///
/// Every text is at least 8 bytes long and holds a part drawn for this person, so that a byte search for it means something;
/// only the all-digit postcodes of the continent (see [`Place`]) are shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Full name, in one of several scripts.
    pub name: String,
    /// The firm's name, for buyers of a firm.
    pub company: String,
    /// Where parcels go.
    pub address: PostalAddress,
    /// Another address of the same person, for a change before dispatch.
    pub second_address: PostalAddress,
    /// Telephone number, written in one of the usual ways, from Ofcom's numbers for drama (`07700 900xxx`, `01632 960xxx`, ...).
    pub phone: String,
    /// The name they chose on a marketplace.
    pub username: String,
    /// The part of a relay address before the `@`: hexadecimal.
    pub relay: String,
    /// A tax number of the form of their country that no authority has given out.
    pub tax_id: String,
}

impl People {
    /// The people of the world with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Person `number`, who lives in `place`.
    pub fn person(&self, number: u64, place: Place) -> Person {
        let mut draw = Draw::of(self.seed, "person", number);
        let script = place.script(&mut draw);
        let name = words::full_name(&mut draw, script);
        let firm = words::word(&mut draw, Script::Latin, 4);
        Person {
            name,
            company: format!("{firm} {}", firm_kind(place)),
            address: places::address(&mut draw, place),
            second_address: places::address(&mut draw, place),
            phone: phone(&mut draw),
            username: username(&mut draw),
            relay: draw.letters("0123456789abcdef", 18),
            tax_id: tax_id(&mut draw, place),
        }
    }

    /// What the buyer of order `number` wrote: gift message, note, delivery instructions, purchase order number.
    pub fn sayings(&self, number: u64) -> Sayings {
        Sayings::draw(&mut Draw::of(self.seed, "sayings", number))
    }
}

impl Person {
    /// The relay address Amazon shows in place of the real one.
    pub fn amazon_email(&self) -> String {
        format!("{}@marketplace.amazon.example", self.relay)
    }

    /// The relay address eBay shows in place of the real one.
    pub fn ebay_email(&self) -> String {
        format!("{}@members.ebay.example", self.relay)
    }
}

const fn firm_kind(place: Place) -> &'static str {
    match place {
        Place::Germany | Place::Austria => "Werkzeug GmbH",
        Place::France | Place::Reunion => "Outillage SARL",
        Place::Italy => "Utensili S.r.l.",
        Place::Spain | Place::Canaries => "Suministros S.L.",
        Place::UnitedStates => "Supplies LLC",
        Place::GreatBritain | Place::NorthernIreland | Place::Jersey | Place::Guernsey | Place::IsleOfMan => {
            "Joinery Ltd"
        }
        Place::Ireland => "Instruments Ltd",
    }
}

/// Ofcom, "Telephone numbers for use in TV and radio drama programmes": area code and the digits before the last three.
const DRAMA_RANGES: [(&str, &str); 16] = [
    ("7700", "900"),
    ("1632", "960"),
    ("113", "4960"),
    ("114", "4960"),
    ("115", "4960"),
    ("116", "4960"),
    ("117", "4960"),
    ("118", "4960"),
    ("121", "4960"),
    ("131", "4960"),
    ("141", "4960"),
    ("151", "4960"),
    ("161", "4960"),
    ("20", "79460"),
    ("191", "4980"),
    ("29", "20180"),
];

fn phone(draw: &mut Draw) -> String {
    let at = usize::try_from(draw.below(16)).unwrap_or(0);
    let (area, middle) = DRAMA_RANGES.get(at).copied().unwrap_or(("7700", "900"));
    let last = draw.digits(3);
    match draw.below(4) {
        0 => format!("+44 {area} {middle}{last}"),
        1 => format!("0{area} {middle} {last}"),
        2 => format!("+44{area}{middle}{last}"),
        _ => format!("0{area}{middle}{last}"),
    }
}

fn username(draw: &mut Draw) -> String {
    let stem = words::word(draw, Script::Latin, 3).to_lowercase();
    format!("{stem}{}{}", draw.pick(&["_", "-", "."]), draw.digits(4))
}

/// Forms of tax numbers, with leading zeros that no authority gives out.
fn tax_id(draw: &mut Draw, place: Place) -> String {
    match place {
        Place::Germany => format!("DE000{}", draw.digits(6)),
        Place::France | Place::Reunion => format!("FR00000{}", draw.digits(6)),
        Place::Italy => format!("ZZQ{}00A00Z{}Q", draw.letters("BCDFGHJKLMNPQRSTVWXYZ", 3), draw.digits(3)),
        Place::Spain | Place::Canaries => format!("00{}{}", draw.digits(6), draw.letter("TRWAGMYFPDXBNJZSQVHLCKE")),
        Place::Ireland => format!("IE0{}{}A", draw.digits(6), draw.letter("TWAGMFPDXB")),
        Place::Austria => format!("ATU00{}", draw.digits(6)),
        Place::UnitedStates => format!("00-{}", draw.digits(7)),
        Place::GreatBritain | Place::NorthernIreland | Place::Jersey | Place::Guernsey | Place::IsleOfMan => {
            format!("GB000{}", draw.digits(6))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const PLACES: [Place; 14] = [
        Place::GreatBritain,
        Place::NorthernIreland,
        Place::Jersey,
        Place::Guernsey,
        Place::IsleOfMan,
        Place::Germany,
        Place::France,
        Place::Reunion,
        Place::Italy,
        Place::Spain,
        Place::Canaries,
        Place::Ireland,
        Place::Austria,
        Place::UnitedStates,
    ];

    fn texts(person: &Person) -> Vec<&str> {
        let mut all: Vec<&str> =
            vec![&person.name, &person.company, &person.phone, &person.username, &person.relay, &person.tax_id];
        for address in [&person.address, &person.second_address] {
            all.extend([address.line1.as_str(), address.town.as_str()]);
            all.extend(address.line2.as_deref());
            all.extend(address.line3.as_deref());
        }
        all
    }

    #[test]
    fn every_text_is_long_enough_to_search_for_and_nearly_always_its_own() {
        let people = People::new(11);
        for place in PLACES {
            let mut names = HashSet::new();
            for number in 0..400 {
                let person = people.person(number, place);
                for text in texts(&person) {
                    assert!(text.len() >= 8, "{place:?}: {text}");
                }
                names.insert(person.name.clone());
                assert_eq!(person, people.person(number, place));
            }
            assert_eq!(names.len(), 400, "{place:?}");
        }
    }

    #[test]
    fn postcodes_have_the_form_of_their_country() {
        let people = People::new(5);
        let shape = |text: &str| -> String {
            text.chars()
                .map(|c| match c {
                    '0'..='9' => '9',
                    'A'..='Z' => 'A',
                    other => other,
                })
                .collect()
        };
        for (place, starts, form) in [
            (Place::NorthernIreland, "BT", "AA99 9AA"),
            (Place::Jersey, "JE", "AA99 9AA"),
            (Place::Guernsey, "GY", "AA99 9AA"),
            (Place::IsleOfMan, "IM", "AA99 9AA"),
            (Place::GreatBritain, "", "AA99 9AA"),
            (Place::Germany, "00", "99999"),
            (Place::France, "96", "99999"),
            (Place::Reunion, "974", "99999"),
            (Place::Canaries, "35", "99999"),
            (Place::Austria, "0", "9999"),
            (Place::UnitedStates, "002", "99999-9999"),
        ] {
            for number in 0..50 {
                let code = people.person(number, place).address.postcode;
                assert!(code.starts_with(starts) && shape(&code) == form, "{place:?}: {code}");
            }
        }
        assert!((0..50).all(|n| people.person(n, Place::Ireland).address.postcode.len() == 8));
    }

    #[test]
    fn telephone_numbers_come_from_the_ranges_for_drama() {
        let people = People::new(9);
        for number in 0..500 {
            let person = people.person(number, Place::GreatBritain);
            let digits: String = person.phone.chars().filter(char::is_ascii_digit).collect();
            let national = digits.strip_prefix("44").or_else(|| digits.strip_prefix('0')).unwrap();
            assert!(DRAMA_RANGES.iter().any(|(area, middle)| national.starts_with(&format!("{area}{middle}"))));
            assert_eq!(national.len(), 10, "{}", person.phone);
        }
    }
}
