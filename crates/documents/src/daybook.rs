//! The daybook for whoever keeps the books: rows as CSV or as a workbook, and the totals that a file is checked against.
//!
//! Columns: facts, accounting-exports section 12, with a note last. Amounts are decimals with as many digits as their
//! currency has, credit notes below nothing; dates are days (ISO 8601).

mod cells;
mod csv;
mod totals;
mod xlsx;

use std::path::PathBuf;

use ordersync_core::invoicing::{DaybookHead, DaybookWriter, ExportError, ExportFormat, Exporter};

/// Writes daybooks. Workbooks are gathered in files without a name in one folder, and never in memory.
#[derive(Debug, Clone)]
pub struct Exports {
    temporary: PathBuf,
}

impl Exports {
    /// `temporary`: an existing folder that only this program may read. A workbook needs some 1.2 kB for each row there
    /// while it is written.
    pub fn new(temporary: PathBuf) -> Self {
        Self { temporary }
    }
}

impl Exporter for Exports {
    fn daybook(&self, format: ExportFormat, head: &DaybookHead) -> Result<Box<dyn DaybookWriter>, ExportError> {
        Ok(match format {
            ExportFormat::Csv => Box::new(csv::Rows::new(head)),
            ExportFormat::Xlsx => Box::new(xlsx::Book::new(&self.temporary, head)?),
            ExportFormat::Totals => Box::new(csv::Totals),
        })
    }
}
