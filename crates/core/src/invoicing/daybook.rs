//! The daybook: a row for each document and rate, and for each sale that still waits for its document.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;

use chrono::NaiveDate;
use ordersync_types::{Currency, Pii};
use ordersync_vat::{Rate, Scheme, Supply, TaxPointRule};

use super::DocumentKind;

/// One row. Amounts are minor units of its currency; credit notes are below nothing, so that all rows add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaybookRow {
    /// The document's number; `None` for records and for what waits.
    pub document_no: Option<String>,
    /// What it is.
    pub kind: DocumentKind,
    /// Day of issue; `None` for what waits.
    pub issue_date: Option<NaiveDate>,
    /// The tax point.
    pub tax_point: NaiveDate,
    /// What made it.
    pub tax_point_rule: TaxPointRule,
    /// The account's label.
    pub channel: String,
    /// The marketplace's order number.
    pub channel_order_id: String,
    /// True for a business; `None` where it is not known yet.
    pub business: Option<bool>,
    /// Name and address on one line, and the VAT number: only when they were asked for.
    pub party: Option<DaybookParty>,
    /// Territory that the goods left from.
    pub ship_from: Option<String>,
    /// Territory that they went to.
    pub ship_to: Option<String>,
    /// Whose VAT it is.
    pub vat_country: Option<String>,
    /// Under which rules; `None` for what waits.
    pub scheme: Option<Scheme>,
    /// What it is for VAT; `None` for what waits.
    pub supply: Option<Supply>,
    /// The rate; `None` for what waits.
    pub rate: Option<Rate>,
    /// The currency; `None` when the marketplace has not given a price.
    pub currency: Option<Currency>,
    /// Without VAT; `None` for what waits.
    pub net: Option<i64>,
    /// The VAT; `None` for what waits.
    pub vat: Option<i64>,
    /// With VAT.
    pub gross: Option<i64>,
    /// Sterling.
    pub sterling: DaybookSterling,
    /// On credit notes: the number of what it takes back.
    pub original_document_no: Option<String>,
    /// Why it waits, or what else is to be said of the row.
    pub note: Option<String>,
}

impl DaybookRow {
    /// True for a document or record, false for a sale that waits.
    pub fn is_final(&self) -> bool {
        self.issue_date.is_some()
    }
}

/// Sterling amounts of a row, in pence, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DaybookSterling {
    /// The row is in sterling: its own amounts.
    Same,
    /// By a rate.
    Converted {
        /// Units of the row's currency for one pound.
        rate: String,
        /// Whose, and of when, for example `HMRC 2026-11`.
        source: String,
        /// Without VAT.
        net: i64,
        /// The VAT.
        vat: i64,
        /// With VAT.
        gross: i64,
    },
    /// No rate is known: why.
    Unknown(String),
}

/// Personal columns of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaybookParty {
    /// Name and address on one line.
    pub name_and_address: Pii<String>,
    /// VAT number.
    pub vat_number: Option<Pii<String>>,
}

/// Sums of a daybook: what an accountant checks a file against.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DaybookTotals {
    /// By what, whether it is final, and currency.
    pub sums: BTreeMap<TotalOf, DaybookSum>,
    /// Orders that were paid in the period and left after it, or have not left: (currency, orders, minor units).
    pub paid_but_later: Vec<(String, u64, i64)>,
    /// Numbers without a document, with the reason that stands in the void record.
    pub voids: Vec<(String, NaiveDate, String)>,
    /// Numbers that are missing from a series without a void record: there should be none.
    pub gaps: Vec<String>,
}

/// What a sum is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TotalOf {
    /// What.
    pub kind: DocumentKind,
    /// False for what waits.
    pub is_final: bool,
    /// ISO 4217; empty when the marketplace has not given a price.
    pub currency: String,
}

/// Sums of rows. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DaybookSum {
    /// Rows.
    pub rows: u64,
    /// Without VAT.
    pub net: i64,
    /// The VAT.
    pub vat: i64,
    /// With VAT.
    pub gross: i64,
    /// In pence, where known: (net, VAT, gross).
    pub sterling: (i64, i64, i64),
    /// Rows without sterling amounts.
    pub without_sterling: u64,
}

impl DaybookTotals {
    /// Adds a row.
    pub fn add(&mut self, row: &DaybookRow) {
        let currency = row.currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
        let sum = self.sums.entry(TotalOf { kind: row.kind, is_final: row.is_final(), currency }).or_default();
        let (net, vat, gross) = (row.net.unwrap_or(0), row.vat.unwrap_or(0), row.gross.unwrap_or(0));
        sum.rows += 1;
        sum.net = sum.net.saturating_add(net);
        sum.vat = sum.vat.saturating_add(vat);
        sum.gross = sum.gross.saturating_add(gross);
        let pence = match &row.sterling {
            DaybookSterling::Same => Some((net, vat, gross)),
            DaybookSterling::Converted { net, vat, gross, .. } => Some((*net, *vat, *gross)),
            DaybookSterling::Unknown(_) => None,
        };
        match pence {
            Some((net, vat, gross)) => {
                sum.sterling.0 = sum.sterling.0.saturating_add(net);
                sum.sterling.1 = sum.sterling.1.saturating_add(vat);
                sum.sterling.2 = sum.sterling.2.saturating_add(gross);
            }
            None => sum.without_sterling += 1,
        }
    }
}

/// What a file is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// Rows as CSV: no totals in it.
    Csv,
    /// Rows as a workbook, with the totals on a sheet of their own.
    Xlsx,
    /// The totals alone, as CSV.
    Totals,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Totals];

    /// The word in commands and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Totals => "totals",
        }
    }

    /// The format with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What a daybook is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaybookHead {
    /// First day of tax points.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// The business.
    pub seller: String,
    /// True: with the personal columns.
    pub with_parties: bool,
}

/// Writes exports. The same rows give the same bytes.
pub trait Exporter: Send + Sync {
    /// Begins a daybook.
    ///
    /// # Errors
    /// [`ExportError`], when there is no room for a temporary file.
    fn daybook(&self, format: ExportFormat, head: &DaybookHead) -> Result<Box<dyn DaybookWriter>, ExportError>;
}

/// A daybook that grows row by row. What is finished is handed on at once where the format allows it.
pub trait DaybookWriter: Send {
    /// The next bytes, with these rows in them; may be none.
    ///
    /// # Errors
    /// [`ExportError`].
    fn add(&mut self, rows: &[DaybookRow]) -> Result<Vec<u8>, ExportError>;

    /// The rest.
    ///
    /// # Errors
    /// [`ExportError`].
    fn finish(self: Box<Self>, totals: &DaybookTotals) -> Result<ExportRest, ExportError>;
}

/// The rest of an export.
#[derive(Debug)]
pub enum ExportRest {
    /// The last bytes.
    Bytes(Vec<u8>),
    /// All of it, at its start in a file that has no name any more.
    File(File),
}

/// An export could not be written. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportError(pub String);

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExportError {}
