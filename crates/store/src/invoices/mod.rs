//! Invoices, credit notes, receipts and records of sales, their numbers and their parties. A row that was written never
//! changes: triggers see to that.

mod daybook;
mod purge;
mod read;
mod series;
mod write;

use chrono::NaiveDate;
use ordersync_types::{AccountId, InvoiceId, KeyId, OrderId, SellerId, ShipmentId, Timestamp};
use ordersync_vault::Sealed;

use crate::{InvoicePartyColumn, StoreError};

pub use daybook::{DaybookLine, DaybookMark};
pub use read::{InvoiceFilter, InvoicePlace};
pub use series::{InvoiceSeries, SeriesUse, VoidRow};
pub use write::InvoicesWritten;

/// One document as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    /// Whose.
    pub seller: SellerId,
    /// Its id.
    pub invoice_id: InvoiceId,
    /// The order.
    pub order: OrderId,
    /// Its place among the documents of the order, from 0: two writers cannot both have it.
    pub sequence: i64,
    /// The account it was sold on.
    pub account: AccountId,
    /// The marketplace's order number.
    pub vendor_order_id: String,
    /// The shipment that left, when it is ours.
    pub shipment: Option<ShipmentId>,
    /// `invoice`, `credit`, `receipt` or `none` (a record).
    pub kind: String,
    /// `full`, `simplified` or `receipt`.
    pub form: String,
    /// Its number; records have none.
    pub number: Option<String>,
    /// The number within its series.
    pub series_number: Option<i64>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The day of that in the seller's zone.
    pub issue_date: NaiveDate,
    /// The tax point.
    pub tax_point: NaiveDate,
    /// What made it.
    pub tax_point_rule: String,
    /// True for a business.
    pub business: bool,
    /// Territory that the goods left from.
    pub ship_from: String,
    /// Territory that they went to.
    pub ship_to: String,
    /// Whose VAT it is.
    pub vat_country: String,
    /// Under which rules.
    pub scheme: String,
    /// ISO 4217.
    pub currency: String,
    /// Without VAT, minor units, never below nothing.
    pub net_minor: i64,
    /// The VAT.
    pub vat_minor: i64,
    /// With VAT.
    pub gross_minor: i64,
    /// On credit notes: what it takes back.
    pub original: Option<InvoiceId>,
    /// And its number.
    pub original_number: Option<String>,
    /// True for a credit note that takes all back, because another document takes the place.
    pub reversal: bool,
    /// Everything else that it says, as JSON without a person.
    pub content: String,
    /// The version of its layout.
    pub template: i64,
    /// SHA-256 of its PDF as it was first laid out; records have none.
    pub sha256: Option<[u8; 32]>,
    /// When it may go.
    pub purge_after: Timestamp,
    /// Who issued it: `user:NAME` or `system:JOB`.
    pub issued_by: String,
    /// The exchange rate of the document, where its currency is not sterling and one was known.
    pub rate_used: Option<RateUsed>,
    /// VAT by rate, in its order.
    pub rates: Vec<InvoiceRate>,
}

/// What a document has of one rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRate {
    /// What it is for VAT.
    pub supply: String,
    /// Basis points.
    pub rate: i64,
    /// Without VAT, minor units.
    pub net_minor: i64,
    /// The VAT.
    pub vat_minor: i64,
    /// With VAT.
    pub gross_minor: i64,
}

/// Who a document is made out to, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoicePartyRow {
    /// The document.
    pub invoice_id: InvoiceId,
    /// The invoice key.
    pub key_id: KeyId,
    /// 1: it never changes.
    pub row_version: i64,
    /// When it goes.
    pub purge_after: Timestamp,
    /// The cell.
    pub sealed: Sealed<InvoicePartyColumn>,
}

/// The day of a stored text.
fn day_from(field: &'static str, text: &str) -> Result<NaiveDate, StoreError> {
    text.parse().map_err(|_| StoreError::damaged(field, "not a day such as 2026-11-28"))
}

/// An exchange rate that a document was issued with: it stays, whatever is imported later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateUsed {
    /// Units of the document's currency for one pound.
    pub rate: String,
    /// Whose, and of when, for example `HMRC 2026-11`.
    pub source: String,
}

impl RateUsed {
    fn read(rate: Option<String>, source: Option<String>) -> Option<Self> {
        Some(Self { rate: rate?, source: source? })
    }
}
