//! CSV: UTF-8, comma, CRLF (RFC 4180). A text that a spreadsheet would read as a formula has an apostrophe in front.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};
use ordersync_core::invoicing::{DaybookHead, DaybookRow, DaybookTotals, DaybookWriter, ExportError, ExportRest};

use super::cells::{self, Cell};
use super::totals;

/// Room for a row, so that the buffer of some thousand rows is not copied again and again.
const ROW_BYTES: usize = 256;

/// What begins a formula in one spreadsheet or another, also in full width; tab and line ends come before one.
///
/// Source: OWASP, "CSV Injection" (read November 2026); facts, accounting-exports, "General for every CSV".
const BEGINS_FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];

/// Skipped by spreadsheets before they look at the first character, besides what Unicode calls white space.
const NOT_SEEN: [char; 4] = ['\0', '\u{200B}', '\u{2060}', '\u{FEFF}'];

/// Rows of a daybook.
pub(super) struct Rows {
    with_parties: bool,
    /// Whether the titles of the columns are out.
    begun: bool,
}

impl Rows {
    pub(super) fn new(head: &DaybookHead) -> Self {
        Self { with_parties: head.with_parties, begun: false }
    }
}

impl DaybookWriter for Rows {
    fn add(&mut self, rows: &[DaybookRow]) -> Result<Vec<u8>, ExportError> {
        let mut writer = writer(rows.len() + 1);
        if !std::mem::replace(&mut self.begun, true) {
            let titles = cells::columns(self.with_parties).iter().map(|(title, _)| title);
            writer.write_record(titles).map_err(|error| failed(&error))?;
        }
        for row in rows {
            write(&mut writer, &cells::of_row(row, self.with_parties)?)?;
        }
        bytes(writer)
    }

    fn finish(mut self: Box<Self>, _: &DaybookTotals) -> Result<ExportRest, ExportError> {
        let rest = if self.begun { Vec::new() } else { self.add(&[])? };
        Ok(ExportRest::Bytes(rest))
    }
}

/// The totals of a daybook. Its rows leave no trace but in them.
pub(super) struct Totals;

impl DaybookWriter for Totals {
    fn add(&mut self, _: &[DaybookRow]) -> Result<Vec<u8>, ExportError> {
        Ok(Vec::new())
    }

    fn finish(self: Box<Self>, totals: &DaybookTotals) -> Result<ExportRest, ExportError> {
        let rows = totals::rows(totals)?;
        let mut writer = writer(rows.len() + 1);
        let titles = totals::COLUMNS.iter().map(|(title, _)| title);
        writer.write_record(titles).map_err(|error| failed(&error))?;
        for row in &rows {
            write(&mut writer, row)?;
        }
        bytes(writer).map(ExportRest::Bytes)
    }
}

fn writer(rows: usize) -> Writer<Vec<u8>> {
    let buffer = Vec::with_capacity(rows.saturating_mul(ROW_BYTES));
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(buffer)
}

fn bytes(writer: Writer<Vec<u8>>) -> Result<Vec<u8>, ExportError> {
    writer.into_inner().map_err(|_| ExportError("the rows could not be put together".to_owned()))
}

fn failed(error: &csv::Error) -> ExportError {
    ExportError(format!("a row could not be written as CSV: {error}"))
}

fn write(writer: &mut Writer<Vec<u8>>, cells: &[Cell<'_>]) -> Result<(), ExportError> {
    for cell in cells {
        let written = match cell {
            Cell::Empty => writer.write_field(""),
            Cell::Word(word) => writer.write_field(word),
            Cell::Text(text) => writer.write_field(harmless(text).as_bytes()),
            Cell::Day(day) => writer.write_field(day.to_string()),
            Cell::Amount(amount) => writer.write_field(amount.decimal()),
            Cell::Number(number) => writer.write_field(number.as_bytes()),
            Cell::Count(count) => writer.write_field(count.to_string()),
        };
        written.map_err(|error| failed(&error))?;
    }
    writer.write_record(None::<&[u8]>).map_err(|error| failed(&error))
}

/// The text, with an apostrophe in front when a spreadsheet would read it as a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    let seen = text.trim_start_matches(|c: char| c.is_whitespace() || NOT_SEEN.contains(&c));
    if text.starts_with(BEGINS_FORMULA) || seen.starts_with(BEGINS_FORMULA) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
