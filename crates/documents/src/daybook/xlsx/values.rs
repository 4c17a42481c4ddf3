//! Cells as values of a workbook: numbers as numbers, days as days, and everything else as text.

use std::borrow::Cow;

use chrono::NaiveDate;
use ordersync_types::Money;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::Cell;

/// The most UTF-16 units of a cell ("Excel specifications and limits", Microsoft, read November 2026).
const MOST_UNITS: usize = 32_767;
/// Ends a text that has more.
const CUT: &str = " … (cut: the CSV file has all of it)";

/// Decimals of 15 digits come back from a float as they were (IEEE 754 binary64), and spreadsheets keep no more.
const EXACT: u64 = 999_999_999_999_999;

/// How cells look.
pub(super) struct Formats {
    title: Format,
    day: Format,
    /// By the digits that a currency has after the point.
    amounts: [Format; 5],
}

impl Formats {
    pub(super) fn new() -> Self {
        let amount = |places: &str| Format::new().set_num_format(format!("#,##0{places}"));
        Self {
            title: Format::new().set_bold(),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            amounts: ["", ".0", ".00", ".000", ".0000"].map(amount),
        }
    }

    /// The titles of columns.
    pub(super) fn title(&self) -> &Format {
        &self.title
    }

    /// Writes a cell.
    ///
    /// # Errors
    /// What the library says.
    pub(super) fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            Cell::Word(word) => {
                sheet.write_string(row, column, *word)?;
            }
            Cell::Text(text) => {
                sheet.write_string(row, column, fitting(text))?;
            }
            Cell::Day(day) => {
                sheet.write_number_with_format(row, column, serial(*day), &self.day)?;
            }
            Cell::Amount(amount) => self.amount(sheet, row, column, *amount)?,
            Cell::Number(number) => match number.parse::<f64>() {
                Ok(value) => {
                    sheet.write_number(row, column, value)?;
                }
                Err(_) => {
                    sheet.write_string(row, column, number.as_ref())?;
                }
            },
            Cell::Count(count) => match exact(*count) {
                Some(value) => {
                    sheet.write_number(row, column, value)?;
                }
                None => {
                    sheet.write_string(row, column, count.to_string())?;
                }
            },
        }
        Ok(())
    }

    fn amount(&self, sheet: &mut Worksheet, row: u32, column: u16, amount: Money) -> Result<(), XlsxError> {
        let places = usize::try_from(amount.currency.exponent()).unwrap_or(usize::MAX);
        match (self.amounts.get(places), value(amount)) {
            (Some(format), Some(value)) => sheet.write_number_with_format(row, column, value, format)?,
            _ => sheet.write_string(row, column, amount.decimal())?,
        };
        Ok(())
    }
}

/// The float that is nearest to the amount, which prints as the amount; `None` where it would not.
#[expect(clippy::float_arithmetic, reason = "a workbook knows only floats: one division, rounded to the nearest")]
fn value(amount: Money) -> Option<f64> {
    let scale = match amount.currency.exponent() {
        0 => 1.0,
        1 => 10.0,
        2 => 100.0,
        3 => 1_000.0,
        4 => 10_000.0,
        _ => return None,
    };
    // a division of two exact floats is rounded once
    let size = exact(amount.minor.unsigned_abs())? / scale;
    Some(if amount.minor < 0 { -size } else { size })
}

/// A whole number as a float; `None` where it would be rounded.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53, and nothing above is cast")]
fn exact(number: u64) -> Option<f64> {
    (number <= EXACT).then_some(number as f64)
}

/// Days since 30 December 1899, as workbooks count them from 1 March 1900 on.
fn serial(day: NaiveDate) -> f64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    let days = day.signed_duration_since(first).num_days();
    f64::from(i32::try_from(days).unwrap_or(0))
}

/// A text as long as a cell may be; what is cut says so.
fn fitting(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST_UNITS || text.encode_utf16().count() <= MOST_UNITS {
        return Cow::Borrowed(text);
    }
    let mut left = MOST_UNITS - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|character| {
        let fits = character.len_utf16() <= left;
        left = left.saturating_sub(character.len_utf16());
        fits
    });
    Cow::Owned(kept.chain(CUT.chars()).collect())
}
