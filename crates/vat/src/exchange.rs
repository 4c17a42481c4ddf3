//! Sterling amounts of documents in another currency, by HMRC's monthly rates.

use std::fmt;
use std::str::FromStr;

use ordersync_types::{Currency, Money};

/// Units of a currency for one pound, as HMRC publishes it: up to 10 places after the point.
///
/// Source: VAT Notice 700 s.7.7 (HMRC's period rate, of the month of the tax point); facts K2, K3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeRate {
    /// The rate times 10 to the power of `places`.
    units: i64,
    places: u32,
}

/// A text is no exchange rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a decimal number above 0 with at most 10 places, for example 1.1527")]
pub struct ExchangeRateError;

impl ExchangeRate {
    const MOST_PLACES: usize = 10;

    /// What an amount is in pence, half a penny rounded away from zero. `None` beyond 64 bits.
    pub fn pence(self, amount: Money) -> Option<Money> {
        let scale = 10_i128.checked_pow(self.places)?;
        let pound = 10_i128.checked_pow(Currency::GBP.exponent())?;
        let dividend = i128::from(amount.minor).checked_mul(scale)?.checked_mul(pound)?;
        let divisor = i128::from(self.units).checked_mul(10_i128.checked_pow(amount.currency.exponent())?)?;
        let size = dividend.abs().checked_mul(2)?.checked_add(divisor)? / divisor.checked_mul(2)?;
        let signed = if dividend < 0 { -size } else { size };
        i64::try_from(signed).ok().map(|minor| Money::new(minor, Currency::GBP))
    }
}

impl FromStr for ExchangeRate {
    type Err = ExchangeRateError;

    fn from_str(text: &str) -> Result<Self, ExchangeRateError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > Self::MOST_PLACES {
            return Err(ExchangeRateError);
        }
        let units: i64 = format!("{whole}{fraction}").parse().map_err(|_| ExchangeRateError)?;
        let places = u32::try_from(fraction.len()).map_err(|_| ExchangeRateError)?;
        if units == 0 { Err(ExchangeRateError) } else { Ok(Self { units, places }) }
    }
}

impl fmt::Display for ExchangeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::try_from(self.places).unwrap_or_default();
        let digits = format!("{:0width$}", self.units, width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        if fraction.is_empty() { f.write_str(whole) } else { write!(f, "{whole}.{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_amounts_become_pence() {
        let euros: Currency = "EUR".parse().unwrap();
        let yen: Currency = "JPY".parse().unwrap();
        for (rate, amount, pence) in [
            ("1.1527", Money::new(11_527, euros), 10_000),
            ("1.1527", Money::new(100, euros), 87),
            ("1.1527", Money::new(-100, euros), -87),
            ("1.1527", Money::new(0, euros), 0),
            ("198.43", Money::new(19_843, yen), 10_000),
            ("2", Money::new(1, euros), 1),
            ("2", Money::new(-1, euros), -1),
        ] {
            let rate: ExchangeRate = rate.parse().unwrap();
            assert_eq!(rate.pence(amount), Some(Money::new(pence, Currency::GBP)), "{amount} at {rate}");
        }
        let tiny: ExchangeRate = "0.0000000001".parse().unwrap();
        assert_eq!(tiny.pence(Money::new(i64::MAX, euros)), None);
    }

    #[test]
    fn rates_are_decimal_numbers_above_zero() {
        for text in ["1.1527", "0.5", "131", "198.4300"] {
            assert_eq!(text.parse::<ExchangeRate>().unwrap().to_string(), text);
        }
        for text in ["", "0", "0.00", "-1.2", "1,15", "1e3", ".5", "1.23456789012", "99999999999999999999", "NaN"] {
            assert!(text.parse::<ExchangeRate>().is_err(), "{text}");
        }
    }
}
