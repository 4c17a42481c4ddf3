//! Amounts as they are printed. `£` stands for pounds sterling, and the ISO code for every other currency.

use ordersync_render::RenderError;
use ordersync_types::{Currency, Money, Pii};

use crate::layout::{Ruler, Style};

/// Digits after the point that a unit price may have.
const PRICE_PLACES: u32 = 4;
/// Amounts that are too wide for their column are set smaller, down to this size in points.
const LEAST_SIZE: f32 = 5.0;

/// What stands in the titles of columns: `£` or `EUR`.
pub(super) fn mark(currency: Currency) -> &'static str {
    if currency == Currency::GBP { "£" } else { currency.code() }
}

/// An amount by itself: `£12.34` or `EUR 12.34`.
pub(super) fn marked(amount: Money) -> String {
    let gap = if amount.currency == Currency::GBP { "" } else { " " };
    format!("{}{gap}{}", mark(amount.currency), amount.decimal())
}

/// The price of one piece: exact, or rounded half up at the fourth digit after the point; without needless zeros, but
/// with all digits that the currency has. `None` for no pieces. `net`: minor units of all pieces.
pub(super) fn unit_price(net: i64, quantity: i64, currency: Currency) -> Option<String> {
    let places = PRICE_PLACES.max(currency.exponent());
    let pieces = i128::from(quantity);
    if pieces <= 0 {
        return None;
    }
    let scaled = i128::from(net).checked_mul(10_i128.checked_pow(places - currency.exponent())?)?;
    let rounded = (scaled.abs() * 2 + pieces) / (pieces * 2);
    let width = usize::try_from(places).ok()?;
    let least = usize::try_from(currency.exponent()).ok()?;
    let digits = format!("{rounded:0width$}", width = width + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len().checked_sub(width)?)?;
    let kept = fraction.trim_end_matches('0').len().max(least);
    let sign = if scaled < 0 { "-" } else { "" };
    Some(match fraction.get(..kept)? {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    })
}

/// A text that is never broken: on one line, set smaller when it is wider than its column.
///
/// # Errors
/// The text has a character that cannot be printed.
pub(super) fn whole(
    ruler: &Ruler<'_>,
    field: &'static str,
    text: &str,
    style: Style,
    width: f32,
) -> Result<(Style, Pii<String>), RenderError> {
    let mut style = style;
    while style.size > LEAST_SIZE && ruler.exact_lines(field, text, style, width)?.len() > 1 {
        style.size -= 0.5;
    }
    Ok((style, Pii::new(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_prices_are_exact_or_rounded_at_the_fourth_digit() {
        let yen: Currency = "JPY".parse().unwrap();
        let dinar: Currency = "BHD".parse().unwrap();
        for (net, quantity, currency, price) in [
            (1234, 1, Currency::GBP, Some("12.34")),
            (1000, 3, Currency::GBP, Some("3.3333")),
            (2000, 3, Currency::GBP, Some("6.6667")),
            (1, 8, Currency::GBP, Some("0.0013")),
            (1, 2, Currency::GBP, Some("0.005")),
            (1250, 100, Currency::GBP, Some("0.125")),
            (5000, 5, Currency::EUR, Some("10.00")),
            (0, 3, Currency::EUR, Some("0.00")),
            (-1000, 3, Currency::EUR, Some("-3.3333")),
            (1000, 1, yen, Some("1000")),
            (1000, 3, yen, Some("333.3333")),
            (10, 4, yen, Some("2.5")),
            (1_001, 2, dinar, Some("0.5005")),
            (i64::MAX, 1, Currency::GBP, Some("92233720368547758.07")),
            (1234, 0, Currency::GBP, None),
            (1234, -1, Currency::GBP, None),
        ] {
            assert_eq!(unit_price(net, quantity, currency).as_deref(), price, "{net} / {quantity} {currency}");
        }
    }

    #[test]
    fn the_currency_is_seen() {
        assert_eq!(marked(Money::new(1234, Currency::GBP)), "£12.34");
        assert_eq!(marked(Money::new(1234, Currency::EUR)), "EUR 12.34");
        assert_eq!(marked(Money::new(1234, "JPY".parse().unwrap())), "JPY 1234");
    }
}
