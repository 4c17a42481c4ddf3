//! VAT rates of the United Kingdom, each from a day on, and what a supply is for VAT.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A VAT rate in basis points: 2000 is 20 %. At most 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Rate(u16);

/// A number is no VAT rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a VAT rate is at most 10,000 basis points")]
pub struct RateError;

impl TryFrom<u16> for Rate {
    type Error = RateError;

    fn try_from(points: u16) -> Result<Self, RateError> {
        Self::basis_points(points).ok_or(RateError)
    }
}

impl From<Rate> for u16 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl Rate {
    /// No VAT.
    pub const ZERO: Self = Self(0);

    /// So many basis points; `None` above 100 %.
    pub const fn basis_points(points: u16) -> Option<Self> {
        if points <= 10_000 { Some(Self(points)) } else { None }
    }

    /// Basis points, 0 to 10,000.
    pub const fn points(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Rate {
    /// Percent without needless zeros: `20`, `5`, `12.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}"),
            tens if tens % 10 == 0 => write!(f, "{whole}.{}", tens / 10),
            _ => write!(f, "{whole}.{part:02}"),
        }
    }
}

/// The VAT category of goods as the seller declares it, for sales within the United Kingdom.
///
/// Source: VATA 1994 s.2 (standard), s.29A and Sch. 7A (reduced), s.30 and Sch. 8 (zero), s.31 and Sch. 9 (exempt).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VatCategory {
    /// Most goods.
    Standard,
    /// Child car seats, domestic fuel and the like.
    Reduced,
    /// Books, most food, children's clothes.
    Zero,
    /// No VAT, and none to be reclaimed on it.
    Exempt,
}

impl VatCategory {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Reduced, Self::Zero, Self::Exempt];

    /// The word in files and at rest.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Reduced => "reduced",
            Self::Zero => "zero",
            Self::Exempt => "exempt",
        }
    }

    /// The category with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    /// The rate on a day; `None` before the days this program knows.
    ///
    /// Source: Finance (No. 2) Act 2010 s.3 (20 % since 4 January 2011); VATA 1994 s.29A (5 %, since 1 September 1997
    /// for what was reduced then).
    pub fn rate_on(self, day: NaiveDate) -> Option<Rate> {
        let (since, rate) = match self {
            Self::Standard => (NaiveDate::from_ymd_opt(2011, 1, 4)?, Rate(2_000)),
            Self::Reduced => (NaiveDate::from_ymd_opt(1997, 9, 1)?, Rate(500)),
            Self::Zero | Self::Exempt => (NaiveDate::from_ymd_opt(1973, 4, 1)?, Rate::ZERO),
        };
        (day >= since).then_some(rate)
    }
}

/// What a part of a document is for VAT.
///
/// Codes: UNCL5305 as EN 16931 uses it, which accountants' programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// Taxed at the standard rate.
    Standard,
    /// Taxed at the reduced rate.
    Reduced,
    /// Zero-rated goods, or a zero-rated supply to a marketplace.
    Zero,
    /// Exempt goods.
    Exempt,
    /// Zero-rated because the goods leave the United Kingdom.
    Export,
    /// Not within VAT: the seller is not registered.
    OutsideScope,
}

impl Supply {
    /// `S`, `Z`, `E`, `G` or `O`; the standard and the reduced rate share `S`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Standard | Self::Reduced => "S",
            Self::Zero => "Z",
            Self::Exempt => "E",
            Self::Export => "G",
            Self::OutsideScope => "O",
        }
    }

    /// The word at rest and on documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Reduced => "reduced",
            Self::Zero => "zero",
            Self::Exempt => "exempt",
            Self::Export => "export",
            Self::OutsideScope => "outside_scope",
        }
    }

    /// The supply with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Standard, Self::Reduced, Self::Zero, Self::Exempt, Self::Export, Self::OutsideScope]
            .into_iter()
            .find(|supply| supply.name() == name)
    }
}

impl From<VatCategory> for Supply {
    fn from(category: VatCategory) -> Self {
        match category {
            VatCategory::Standard => Self::Standard,
            VatCategory::Reduced => Self::Reduced,
            VatCategory::Zero => Self::Zero,
            VatCategory::Exempt => Self::Exempt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_read_as_percent() {
        for (points, text) in [(2_000, "20"), (500, "5"), (0, "0"), (1_250, "12.5"), (175, "1.75"), (10_000, "100")] {
            assert_eq!(Rate::basis_points(points).unwrap().to_string(), text);
        }
        assert_eq!(Rate::basis_points(10_001), None);
    }

    #[test]
    fn a_rate_holds_from_its_day_on() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(VatCategory::Standard.rate_on(day(2011, 1, 3)), None);
        assert_eq!(VatCategory::Standard.rate_on(day(2011, 1, 4)), Rate::basis_points(2_000));
        assert_eq!(VatCategory::Reduced.rate_on(day(2026, 11, 28)), Rate::basis_points(500));
        assert_eq!(VatCategory::Exempt.rate_on(day(2026, 11, 28)), Some(Rate::ZERO));
    }

    #[test]
    fn names_read_back() {
        for category in VatCategory::ALL {
            assert_eq!(VatCategory::from_name(category.name()), Some(category));
            assert_eq!(Supply::from_name(Supply::from(category).name()), Some(Supply::from(category)));
        }
        assert_eq!(VatCategory::from_name("20"), None);
        assert_eq!(Supply::from_name("Standard"), None);
    }
}
