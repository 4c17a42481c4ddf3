//! Money as whole minor units of one currency. No floating point anywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency, three capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Pound sterling.
    pub const GBP: Self = Self(iso_currency::Currency::GBP);
    /// Euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// The three capitals.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 2 for GBP, 0 for JPY, 3 for BHD (ISO 4217 list one).
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code).map(Self).ok_or(MoneyError::UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount could not be read, or two amounts could not be put together. Never repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not one of ISO 4217's codes.
    #[error("not an ISO 4217 currency code")]
    UnknownCurrency,
    /// Not `-?digits[.digits]`.
    #[error("not a decimal number")]
    NotDecimal,
    /// A part of a minor unit: rounding would be a guess.
    #[error("more decimal places than the currency has")]
    TooPrecise,
    /// Beyond 64 bits of minor units.
    #[error("amount out of range")]
    OutOfRange,
    /// Pounds and euros do not add up.
    #[error("amounts in {0} and {1} cannot be put together")]
    MixedCurrencies(Currency, Currency),
}

/// An amount of money: `minor` units (pence, cents) of one `currency`. May be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// Which currency they are of.
    pub currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a vendor's decimal string, for example `12.34`, `5.0`, `-3` or `0.000`.
    ///
    /// Zeros beyond the currency's exponent are dropped; any other digit there is an error, never rounded.
    ///
    /// # Errors
    /// [`MoneyError::NotDecimal`], [`MoneyError::TooPrecise`] or [`MoneyError::OutOfRange`].
    pub fn parse(decimal: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, digits) = match decimal.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, decimal),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyError::NotDecimal);
        }
        let exponent = currency.exponent() as usize;
        let (kept, beyond) = fraction.split_at(exponent.min(fraction.len()));
        if beyond.bytes().any(|b| b != b'0') {
            return Err(MoneyError::TooPrecise);
        }
        let padding = std::iter::repeat_n(b'0', exponent - kept.len());
        let mut minor: i64 = 0;
        for digit in whole.bytes().chain(kept.bytes()).chain(padding) {
            let digit = i64::from(digit - b'0');
            let digit = if negative { -digit } else { digit };
            minor = minor.checked_mul(10).and_then(|m| m.checked_add(digit)).ok_or(MoneyError::OutOfRange)?;
        }
        Ok(Self::new(minor, currency))
    }

    /// The sum of both.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`] or [`MoneyError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_add)
    }

    /// This less `other`.
    ///
    /// # Errors
    /// [`MoneyError::MixedCurrencies`] or [`MoneyError::OutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combined(other, i64::checked_sub)
    }

    /// The same amount with its sign turned.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`] for the smallest 64-bit number.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.minor.checked_neg().map(|minor| Self::new(minor, self.currency)).ok_or(MoneyError::OutOfRange)
    }

    /// The sum of `amounts`, nothing when there are none.
    ///
    /// # Errors
    /// As [`Money::checked_add`].
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    fn combined(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        let minor = operation(self.minor, other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The decimal string without the currency, for example `12.34` or `-0.05`.
    pub fn decimal(self) -> String {
        let exponent = self.currency.exponent() as usize;
        let digits = format!("{:0width$}", self.minor.unsigned_abs(), width = exponent + 1);
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let point = if exponent == 0 { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn decimal_strings_are_read_by_the_currencys_exponent() {
        for (text, code, minor) in [
            ("12.34", "GBP", 1234),
            ("5.0", "GBP", 500),
            ("5", "EUR", 500),
            ("-3.50", "EUR", -350),
            ("0.000", "GBP", 0),
            ("1200", "JPY", 1200),
            ("1200.00", "JPY", 1200),
            ("1.234", "BHD", 1234),
            ("-0.01", "GBP", -1),
            ("92233720368547758.07", "GBP", i64::MAX),
            ("-92233720368547758.08", "GBP", i64::MIN),
        ] {
            assert_eq!(Money::parse(text, currency(code)), Ok(Money::new(minor, currency(code))), "{text} {code}");
        }
        for (text, code, error) in [
            ("", "GBP", MoneyError::NotDecimal),
            ("-", "GBP", MoneyError::NotDecimal),
            (".5", "GBP", MoneyError::NotDecimal),
            ("5.", "GBP", MoneyError::NotDecimal),
            ("1,50", "GBP", MoneyError::NotDecimal),
            ("1e3", "GBP", MoneyError::NotDecimal),
            ("+1", "GBP", MoneyError::NotDecimal),
            (" 1", "GBP", MoneyError::NotDecimal),
            ("NaN", "GBP", MoneyError::NotDecimal),
            ("0.005", "GBP", MoneyError::TooPrecise),
            ("10.5", "JPY", MoneyError::TooPrecise),
            ("92233720368547758.08", "GBP", MoneyError::OutOfRange),
        ] {
            assert_eq!(Money::parse(text, currency(code)), Err(error), "{text} {code}");
        }
        assert_eq!("gbp".parse::<Currency>(), Err(MoneyError::UnknownCurrency));
    }

    #[test]
    fn currencies_do_not_mix() {
        let (pounds, euros) = (Money::new(1, Currency::GBP), Money::new(1, Currency::EUR));
        assert_eq!(pounds.checked_add(euros), Err(MoneyError::MixedCurrencies(Currency::GBP, Currency::EUR)));
        assert_eq!(Money::sum(Currency::GBP, [pounds, pounds]), Ok(Money::new(2, Currency::GBP)));
        assert_eq!(Money::new(i64::MAX, Currency::GBP).checked_add(pounds), Err(MoneyError::OutOfRange));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(minor in any::<i64>(), code in prop::sample::select(vec!["GBP", "JPY", "BHD"])) {
            let money = Money::new(minor, currency(code));
            prop_assert_eq!(Money::parse(&money.decimal(), money.currency), Ok(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn reading_never_panics(text in ".{0,40}") {
            if let Ok(money) = Money::parse(&text, Currency::GBP) {
                prop_assert!(text.bytes().all(|b| b.is_ascii_digit() || b"-.".contains(&b)), "{}", money);
            }
        }

        #[test]
        fn taking_away_undoes_adding(a in any::<i64>(), b in any::<i64>()) {
            let (a, b) = (Money::new(a, Currency::GBP), Money::new(b, Currency::GBP));
            if let Ok(sum) = a.checked_add(b) {
                prop_assert_eq!(sum.checked_sub(b), Ok(a));
            }
        }
    }
}
