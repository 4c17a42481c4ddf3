//! VAT registration numbers of the United Kingdom.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A VAT registration number with `GB` in front, or `XI` for goods of Northern Ireland: 9 digits with a check sum,
/// 12 with a branch, `GD` or `HA` and 3 digits for government and health.
///
/// A number that passes may still belong to nobody. Source of the rule: weights 8 to 2 and two check digits, modulo 97,
/// plain or (since 2010) less 55 (facts, document-libraries "VAT numbers").
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VatNumber(String);

/// Why a text is no VAT number of the United Kingdom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VatNumberError {
    /// Neither `GB` nor `XI` in front.
    #[error("must begin with GB, or XI for goods of Northern Ireland")]
    Prefix,
    /// Not the digits that one has.
    #[error("must have 9 digits, 12 with a branch, or GD or HA and 3 digits")]
    Shape,
    /// A digit is wrong.
    #[error("the check digits do not fit: a digit is mistyped")]
    CheckDigits,
}

impl VatNumber {
    /// The number without spaces, for example `GB123456782`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands on documents: `GB 123 4567 82`.
    pub fn printed(&self) -> String {
        let (prefix, rest) = self.0.split_at(2);
        let parts: Vec<&str> = match rest.len() {
            9 => vec![cut(rest, 0, 3), cut(rest, 3, 7), cut(rest, 7, 9)],
            12 => vec![cut(rest, 0, 3), cut(rest, 3, 7), cut(rest, 7, 9), cut(rest, 9, 12)],
            _ => vec![rest],
        };
        std::iter::once(prefix).chain(parts).collect::<Vec<_>>().join(" ")
    }
}

fn cut(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

impl FromStr for VatNumber {
    type Err = VatNumberError;

    fn from_str(text: &str) -> Result<Self, VatNumberError> {
        let number: String =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
        let rest = number.strip_prefix("GB").or_else(|| number.strip_prefix("XI")).ok_or(VatNumberError::Prefix)?;
        for (prefix, from, to) in [("GD", 0, 499), ("HA", 500, 999)] {
            let Some(digits) = rest.strip_prefix(prefix) else { continue };
            let is_number = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
            let in_range = digits.parse::<u16>().is_ok_and(|value| (from..=to).contains(&value));
            return if is_number && in_range { Ok(Self(number)) } else { Err(VatNumberError::Shape) };
        }
        if !matches!(rest.len(), 9 | 12) || !rest.bytes().all(|b| b.is_ascii_digit()) {
            return Err(VatNumberError::Shape);
        }
        if checks(rest) { Ok(Self(number)) } else { Err(VatNumberError::CheckDigits) }
    }
}

fn checks(digits: &str) -> bool {
    const WEIGHTS: [u32; 9] = [8, 7, 6, 5, 4, 3, 2, 10, 1];
    let values = || digits.chars().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = values().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let first_three = values().take(3).fold(0, |number, digit| number * 10 + digit);
    match sum % 97 {
        0 => true,
        42 | 55 => first_three >= 100,
        _ => false,
    }
}

impl TryFrom<String> for VatNumber {
    type Error = VatNumberError;

    fn try_from(text: String) -> Result<Self, VatNumberError> {
        text.parse()
    }
}

impl From<VatNumber> for String {
    fn from(number: VatNumber) -> Self {
        number.0
    }
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_their_check_digits() {
        for (text, found) in [
            ("GB 123 4567 82", Ok("GB123456782")),
            ("gb123456782", Ok("GB123456782")),
            ("GB999999973", Ok("GB999999973")),
            ("XI 123 4567 82", Ok("XI123456782")),
            ("GB 123 4567 82 001", Ok("GB123456782001")),
            ("GBGD001", Ok("GBGD001")),
            ("GBHA599", Ok("GBHA599")),
            ("GBGD500", Err(VatNumberError::Shape)),
            ("GBHA499", Err(VatNumberError::Shape)),
            ("GBGD1", Err(VatNumberError::Shape)),
            ("GB123456783", Err(VatNumberError::CheckDigits)),
            ("GB213456782", Err(VatNumberError::CheckDigits)),
            ("GB12345678", Err(VatNumberError::Shape)),
            ("GB12345678A", Err(VatNumberError::Shape)),
            ("DE123456789", Err(VatNumberError::Prefix)),
            ("123456782", Err(VatNumberError::Prefix)),
            ("", Err(VatNumberError::Prefix)),
            ("GBé23456782", Err(VatNumberError::Shape)),
        ] {
            assert_eq!(text.parse::<VatNumber>().as_ref().map(VatNumber::as_str), found.as_ref().copied(), "{text}");
        }
        let printed = |text: &str| text.parse::<VatNumber>().unwrap().printed();
        assert_eq!(printed("gb123456782"), "GB 123 4567 82");
        assert_eq!(printed("gb123456782001"), "GB 123 4567 82 001");
        assert_eq!(printed("gbgd001"), "GB GD001");
    }
}
