//! Where goods go, as far as tax and customs care, without a postcode.

use std::fmt;

use ordersync_types::Country;
use serde::{Deserialize, Serialize};

/// The customs and tax territory of a destination, stored open in place of the postcode.
///
/// `GB` here means Great Britain alone; Northern Ireland is `NI`. The Isle of Man, Jersey and Guernsey are
/// `IM`, `JE` and `GG`, told by their postcode whatever country code a buyer chose, since Jersey and Guernsey are
/// outside the United Kingdom's VAT area. Elsewhere it is the country's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Territory(&'static str);

impl Territory {
    /// Great Britain: England, Scotland and Wales.
    pub const GREAT_BRITAIN: Self = Self("GB");
    /// Northern Ireland.
    pub const NORTHERN_IRELAND: Self = Self("NI");
    /// The Isle of Man.
    pub const ISLE_OF_MAN: Self = Self("IM");
    /// Jersey.
    pub const JERSEY: Self = Self("JE");
    /// Guernsey, Alderney and Sark.
    pub const GUERNSEY: Self = Self("GG");

    /// The territory of an address. `postcode` is looked at only within the British Isles.
    ///
    /// Source: Royal Mail postcode areas BT (Northern Ireland), IM, JE and GY.
    pub fn of(country: Country, postcode: &str) -> Self {
        match country.code() {
            "GB" | "IM" | "JE" | "GG" => {}
            "NI" => return Self(NICARAGUA),
            elsewhere => return Self(elsewhere),
        }
        let area: String = postcode
            .trim_start()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        match area.as_str() {
            "BT" => Self::NORTHERN_IRELAND,
            "IM" => Self::ISLE_OF_MAN,
            "JE" => Self::JERSEY,
            "GY" => Self::GUERNSEY,
            _ => Self(country.code()),
        }
    }

    /// The territory with this code.
    ///
    /// # Errors
    /// The code is neither `NI` nor a country's.
    pub fn parse(code: &str) -> Result<Self, ordersync_types::CountryError> {
        if code == Self::NORTHERN_IRELAND.0 {
            // `NI` is Nicaragua in ISO 3166; its territory code is `NIC`, so that the two are never mixed up.
            return Ok(Self::NORTHERN_IRELAND);
        }
        if code == NICARAGUA {
            return Ok(Self(NICARAGUA));
        }
        code.parse().map(|country: Country| Self(country.code()))
    }

    /// `GB`, `NI`, `IM`, `JE`, `GG` or a country's code (`NIC` for Nicaragua).
    pub fn code(self) -> &'static str {
        self.0
    }
}

/// Nicaragua's ISO code is `NI`, which stands for Northern Ireland here.
const NICARAGUA: &str = "NIC";

impl Serialize for Territory {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Territory {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_postcode_decides_within_the_british_isles_only() {
        for (country, postcode, territory) in [
            ("GB", "ZX1 1AA", "GB"),
            ("GB", "bt1 1aa", "NI"),
            ("GB", " JE2 3AB", "JE"),
            ("GB", "GY1 1AA", "GG"),
            ("GB", "IM1 1AA", "IM"),
            ("JE", "JE2 3AB", "JE"),
            ("GG", "", "GG"),
            ("GB", "", "GB"),
            ("GB", "B1 1AA", "GB"),
            ("IE", "BT1 1AA", "IE"),
            ("DE", "10115", "DE"),
            ("NI", "11001", "NIC"),
        ] {
            let found = Territory::of(country.parse().unwrap(), postcode);
            assert_eq!(found.code(), territory, "{country} {postcode}");
            assert_eq!(Territory::parse(found.code()), Ok(found));
        }
    }
}
