//! Invented addresses: streets and towns that do not exist, postcodes of the right form in areas nobody uses.

use super::words::{Script, word};
use crate::draw::Draw;

/// Where a parcel goes. The United Kingdom's parts are apart, because VAT tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// England, Scotland or Wales: postcode areas such as `ZX` that Royal Mail does not use.
    GreatBritain,
    /// Northern Ireland: `BT` with a district above those in use.
    NorthernIreland,
    /// Jersey, `JE`.
    Jersey,
    /// Guernsey, `GY`.
    Guernsey,
    /// Isle of Man, `IM`.
    IsleOfMan,
    /// Germany: five digits beginning with the unused `00`.
    Germany,
    /// France: the unused department 96.
    France,
    /// Réunion: country code `FR`, department 974, outside the EU's VAT area.
    Reunion,
    /// Italy: the unused zone 99.
    Italy,
    /// Spain: the unused province 53.
    Spain,
    /// Canary Islands: country code `ES`, province 35, outside the EU's VAT area.
    Canaries,
    /// Ireland: an Eircode with an unused routing key.
    Ireland,
    /// Austria: four digits beginning with the unused 0.
    Austria,
    /// The United States: a ZIP+4 with the unused prefix 002.
    UnitedStates,
}

impl Place {
    /// ISO 3166-1 alpha-2 code that the marketplaces write for the place.
    pub const fn country(self) -> &'static str {
        match self {
            Self::GreatBritain | Self::NorthernIreland => "GB",
            Self::Jersey => "JE",
            Self::Guernsey => "GG",
            Self::IsleOfMan => "IM",
            Self::Germany => "DE",
            Self::France | Self::Reunion => "FR",
            Self::Italy => "IT",
            Self::Spain | Self::Canaries => "ES",
            Self::Ireland => "IE",
            Self::Austria => "AT",
            Self::UnitedStates => "US",
        }
    }

    /// The script most people there write.
    pub(crate) fn script(self, draw: &mut Draw) -> Script {
        let home = match self {
            Self::GreatBritain | Self::NorthernIreland | Self::Jersey | Self::Guernsey | Self::IsleOfMan => {
                Script::Latin
            }
            Self::UnitedStates => Script::Latin,
            Self::Germany | Self::France | Self::Reunion | Self::Italy | Self::Spain => Script::LatinMarked,
            Self::Canaries | Self::Ireland | Self::Austria => Script::LatinMarked,
        };
        let others = [
            (70, home),
            (12, Script::Latin),
            (8, Script::LatinMarked),
            (3, Script::Greek),
            (4, Script::Cyrillic),
            (2, Script::Arabic),
            (1, Script::Han),
        ];
        draw.weighted(&others, home)
    }
}

/// An invented postal address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalAddress {
    /// Street and number.
    pub line1: String,
    /// Flat or building.
    pub line2: Option<String>,
    /// Care of, or a district.
    pub line3: Option<String>,
    /// Town.
    pub town: String,
    /// County, province or state, where the place has one. Not personal: a short list of invented names.
    pub region: Option<String>,
    /// Postcode of the right form, in an area nobody uses.
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
}

const COUNTIES: [&str; 6] = ["West Marrowshire", "Thrumshire", "Northmere", "Vale of Orrin", "Saltmarsh", "Ebbershire"];
const PROVINCES: [&str; 5] = ["VX", "QZ", "Orvalle", "Montefiore Alto", "Ribalta"];

/// An address in `place`. Every text in it but the region and the country holds a part drawn for it.
pub(crate) fn address(draw: &mut Draw, place: Place) -> PostalAddress {
    let street = word(draw, Script::Latin, 4);
    let number = draw.between(1, 240);
    let line1 = match place {
        Place::Germany | Place::Austria => format!("{street}straße {number}{}", draw.letter("abcdef")),
        Place::France | Place::Reunion => format!("{number} rue de {street}"),
        Place::Italy => format!("Via {street} {number}"),
        Place::Spain | Place::Canaries => {
            format!("Calle {street} {number}, {}º {}", draw.between(1, 8), draw.letter("ABC"))
        }
        Place::GreatBritain
        | Place::NorthernIreland
        | Place::Jersey
        | Place::Guernsey
        | Place::IsleOfMan
        | Place::Ireland
        | Place::UnitedStates => format!("{number} {street} {}", draw.pick(&["Lane", "Road", "Close", "Mews", "Hill"])),
    };
    let house = word(draw, Script::Latin, 4);
    let line2 = draw.percent(35).then(|| format!("Flat {}, {house} House", draw.between(1, 40)));
    let line3 = draw.percent(6).then(|| format!("c/o {} Works", word(draw, Script::Latin, 4)));
    let region = match place {
        Place::GreatBritain | Place::NorthernIreland => draw.percent(50).then(|| draw.pick(&COUNTIES).to_owned()),
        Place::Italy | Place::Spain | Place::Canaries | Place::UnitedStates => Some(draw.pick(&PROVINCES).to_owned()),
        Place::Jersey | Place::Guernsey | Place::IsleOfMan | Place::Germany => None,
        Place::France | Place::Reunion | Place::Ireland | Place::Austria => None,
    };
    PostalAddress {
        line1,
        line2,
        line3,
        town: town(draw, place),
        region,
        postcode: postcode(draw, place),
        country: place.country(),
    }
}

/// A town in the manner of the place, for example `Wexcombe-under-Mire` with an invented first part.
fn town(draw: &mut Draw, place: Place) -> String {
    let stem = word(draw, Script::Latin, 4);
    match place {
        Place::Germany | Place::Austria => format!("{stem}hausen"),
        Place::France | Place::Reunion => format!("{stem}-sur-Aigue"),
        Place::Italy => format!("{stem} Superiore"),
        Place::Spain | Place::Canaries => format!("{stem} del Río"),
        Place::Ireland => format!("Bally{}", stem.to_lowercase()),
        Place::UnitedStates => format!("{stem} Falls"),
        Place::GreatBritain | Place::NorthernIreland | Place::Jersey | Place::Guernsey | Place::IsleOfMan => {
            let end = ["combe-under-Mire", "thorpe-on-Drift", "ford St Aldo", "wick-next-Fen", "den Parva"];
            format!("{stem}{}", draw.pick(&end))
        }
    }
}

/// The inward half: a digit and two letters. Royal Mail never ends one in C, I, K, M, O or V.
fn inward(draw: &mut Draw) -> String {
    format!("{}{}", draw.digits(1), draw.letters("ABDEFGHJLNPQRSTUWXYZ", 2))
}

fn postcode(draw: &mut Draw, place: Place) -> String {
    let district = |draw: &mut Draw, low, high| draw.between(low, high).to_string();
    match place {
        Place::GreatBritain => {
            let area = draw.pick(&["ZX", "ZW", "ZR", "ZT", "YB", "YD", "WX", "JX", "UX", "XZ"]);
            format!("{area}{} {}", district(draw, 10, 99), inward(draw))
        }
        Place::NorthernIreland => format!("BT{} {}", district(draw, 95, 98), inward(draw)),
        Place::Jersey => format!("JE{} {}", district(draw, 20, 98), inward(draw)),
        Place::Guernsey => format!("GY{} {}", district(draw, 20, 98), inward(draw)),
        Place::IsleOfMan => format!("IM{} {}", district(draw, 20, 79), inward(draw)),
        Place::Germany => format!("00{}", draw.digits(3)),
        Place::France => format!("96{}", draw.digits(3)),
        Place::Reunion => format!("974{}", draw.digits(2)),
        Place::Italy => format!("99{}", draw.digits(3)),
        Place::Spain => format!("53{}", draw.digits(3)),
        Place::Canaries => format!("35{}", draw.digits(3)),
        Place::Ireland => {
            let key = format!("{}{}", draw.letter("GJLMSUZ"), draw.between(96, 99));
            format!("{key} {}{}", draw.letters("ACDEFHKNPRTVWXY", 1), draw.letters("ACDEFHKNPRTVWXY0123456789", 3))
        }
        Place::Austria => format!("0{}", draw.digits(3)),
        Place::UnitedStates => format!("002{}-{}", draw.digits(2), draw.digits(4)),
    }
}
