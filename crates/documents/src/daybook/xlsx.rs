//! A workbook: rows go to a file as they come, and the file is packed at the end.
//!
//! Texts are written where they stand and not gathered in one table, so that memory does not grow with the rows. There is
//! no formula in it: what looks like one is a text.

mod values;

use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use ordersync_core::invoicing::{DaybookHead, DaybookRow, DaybookTotals, DaybookWriter, ExportError, ExportRest};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use self::values::Formats;
use super::cells::{self, Cell};
use super::totals;

/// Rows on one sheet, its titles not counted. A sheet can have 1,048,576.
const ROWS_PER_SHEET: u32 = 1_000_000;

/// A daybook that becomes a workbook.
pub(super) struct Book {
    workbook: Workbook,
    formats: Formats,
    temporary: PathBuf,
    with_parties: bool,
    rows_per_sheet: u32,
    /// Sheets of rows.
    sheets: usize,
    /// Rows on the last of them.
    rows: u32,
}

impl Book {
    /// # Errors
    /// There can be no file in the folder.
    pub(super) fn new(temporary: &Path, head: &DaybookHead) -> Result<Self, ExportError> {
        Self::of_sheets(temporary, head, ROWS_PER_SHEET)
    }

    fn of_sheets(temporary: &Path, head: &DaybookHead, rows_per_sheet: u32) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(temporary).map_err(|error| failed(&error))?;
        workbook.set_properties(&properties(head));
        let mut book = Self {
            workbook,
            formats: Formats::new(),
            temporary: temporary.to_path_buf(),
            with_parties: head.with_parties,
            rows_per_sheet,
            sheets: 0,
            rows: 0,
        };
        book.begin_sheet()?;
        Ok(book)
    }

    fn begin_sheet(&mut self) -> Result<(), ExportError> {
        self.sheets += 1;
        self.rows = 0;
        let name = if self.sheets == 1 { "Daybook".to_owned() } else { format!("Daybook {}", self.sheets) };
        self.sheet(&name, cells::columns(self.with_parties))
    }

    /// A sheet with the titles of its columns, which stay in sight.
    fn sheet(&mut self, name: &str, columns: &[(&'static str, u16)]) -> Result<(), ExportError> {
        let begun = || -> Result<(), XlsxError> {
            let sheet = self.workbook.add_worksheet_with_constant_memory()?;
            sheet.set_name(name)?.set_freeze_panes(1, 0)?;
            for ((title, width), column) in columns.iter().zip(0_u16..) {
                sheet.set_column_width(column, *width)?;
                sheet.write_string_with_format(0, column, *title, self.formats.title())?;
            }
            Ok(())
        };
        unbroken(begun)
    }

    fn add_rows(&mut self, rows: &[DaybookRow]) -> Result<(), ExportError> {
        let mut rows = rows.iter();
        while !rows.as_slice().is_empty() {
            if self.rows >= self.rows_per_sheet {
                self.begin_sheet()?;
            }
            let room = usize::try_from(self.rows_per_sheet - self.rows).unwrap_or(usize::MAX);
            let with_parties = self.with_parties;
            let page: Result<Vec<_>, _> =
                rows.by_ref().take(room).map(|row| cells::of_row(row, with_parties)).collect();
            self.rows = write(&mut self.workbook, &self.formats, self.sheets - 1, self.rows, &page?)?;
        }
        Ok(())
    }
}

impl DaybookWriter for Book {
    fn add(&mut self, rows: &[DaybookRow]) -> Result<Vec<u8>, ExportError> {
        self.add_rows(rows)?;
        Ok(Vec::new())
    }

    fn finish(mut self: Box<Self>, totals: &DaybookTotals) -> Result<ExportRest, ExportError> {
        self.sheet("Totals", &totals::COLUMNS)?;
        let rows = totals::rows(totals)?;
        write(&mut self.workbook, &self.formats, self.sheets, 0, &rows)?;
        let no_file = |error: std::io::Error| failed(&XlsxError::IoError(error));
        let mut file = tempfile::tempfile_in(&self.temporary).map_err(no_file)?;
        let mut buffered = std::io::BufWriter::new(&file);
        unbroken(|| self.workbook.save_to_writer(&mut buffered))?;
        buffered.flush().map_err(no_file)?;
        drop(buffered);
        file.rewind().map_err(no_file)?;
        Ok(ExportRest::File(file))
    }
}

/// Writes rows below those that are there. Answers how many there are then.
fn write(
    workbook: &mut Workbook,
    formats: &Formats,
    sheet: usize,
    rows_before: u32,
    rows: &[Vec<Cell<'_>>],
) -> Result<u32, ExportError> {
    let mut last = rows_before;
    let written = || -> Result<(), XlsxError> {
        let sheet: &mut Worksheet = workbook.worksheet_from_index(sheet)?;
        for row in rows {
            last += 1;
            for (cell, column) in row.iter().zip(0_u16..) {
                formats.write(sheet, last, column, cell)?;
            }
        }
        Ok(())
    };
    unbroken(written)?;
    Ok(last)
}

/// The library panics where its temporary file cannot be written, for example on a full disk.
fn unbroken(work: impl FnOnce() -> Result<(), XlsxError>) -> Result<(), ExportError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(|error| failed(&error)),
        Err(_) => Err(ExportError("the workbook's temporary file could not be written: is the disk full?".to_owned())),
    }
}

/// What went wrong, without the library's own words: they may hold a folder or a text.
fn failed(error: &XlsxError) -> ExportError {
    if let XlsxError::TempFileError(_, cause) | XlsxError::IoError(cause) = error {
        return ExportError(format!("the workbook's temporary file could not be written: {}", cause.kind()));
    }
    let packing = if matches!(error, XlsxError::ZipError(_)) { "packed: is the disk full?" } else { "written" };
    ExportError(format!("the workbook could not be {packing}"))
}

/// The last day of the period stands for the day of making, so that the same rows give the same bytes.
fn properties(head: &DaybookHead) -> DocProperties {
    let properties = DocProperties::new()
        .set_title(format!("Sales daybook {} to {}", head.from, head.to))
        .set_company(head.seller.as_str());
    let made = excel_day(head.to).unwrap_or_default();
    properties.set_creation_datetime(&made)
}

fn excel_day(day: NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok()?;
    let (month, day) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    ExcelDateTime::from_ymd(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use ordersync_core::invoicing::{DaybookSterling, DocumentKind};
    use ordersync_vat::TaxPointRule;

    use super::*;

    fn row() -> DaybookRow {
        DaybookRow {
            document_no: None,
            kind: DocumentKind::Record,
            issue_date: None,
            tax_point: NaiveDate::default(),
            tax_point_rule: TaxPointRule::Dispatch,
            channel: "Amazon".to_owned(),
            channel_order_id: "204-1234567-7654321".to_owned(),
            business: None,
            party: None,
            ship_from: None,
            ship_to: None,
            vat_country: None,
            scheme: None,
            supply: None,
            rate: None,
            currency: None,
            net: None,
            vat: None,
            gross: None,
            sterling: DaybookSterling::Unknown(String::new()),
            original_document_no: None,
            note: None,
        }
    }

    #[test]
    fn a_full_sheet_is_followed_by_another() {
        let (from, to) = (NaiveDate::default(), NaiveDate::default());
        let head = DaybookHead { from, to, seller: String::new(), with_parties: false };
        for (rows, names) in [
            (0, vec!["Daybook"]),
            (4, vec!["Daybook"]),
            (5, vec!["Daybook", "Daybook 2"]),
            (8, vec!["Daybook", "Daybook 2"]),
            (9, vec!["Daybook", "Daybook 2", "Daybook 3"]),
        ] {
            let mut book = Book::of_sheets(&std::env::temp_dir(), &head, 4).unwrap();
            book.add_rows(&vec![row(); rows]).unwrap();
            let sheets: Vec<String> = book.workbook.worksheets().iter().map(Worksheet::name).collect();
            assert_eq!(sheets, names, "{rows} rows");
            assert!(matches!(Box::new(book).finish(&DaybookTotals::default()), Ok(ExportRest::File(_))));
        }
    }

    #[test]
    fn a_panic_of_the_library_is_an_error() {
        let error = unbroken(|| panic!("no room")).unwrap_err();
        assert!(error.to_string().contains("disk"), "{error}");
    }
}
