//! Invoices, their numbers, and exports.

use chrono::{DateTime, NaiveDate, Utc};
use ordersync_types::Pii;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::MoneyView;

/// The query of `GET /v1/invoices`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct InvoiceQuery {
    /// First tax point, for example 2026-11-01.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last tax point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// `invoice`, `credit`, `receipt` or `none` (records of sales without a document).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only of this account, by label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only of this order, by our id or the marketplace's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Only those after this place: `next` of the answer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many, 1 to 500; 100 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What `GET /v1/invoices` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceList {
    /// Documents by tax point; those of one order by issue.
    pub invoices: Vec<InvoiceView>,
    /// Sales of the order that have no document, when an order was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<WaitingInvoice>,
    /// The place to go on after; `None` at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One document in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceView {
    /// Its number; records have none.
    pub number: Option<String>,
    /// `invoice`, `credit`, `receipt` or `none`.
    pub kind: String,
    /// `full`, `simplified` or `receipt`.
    pub form: String,
    /// Day of issue.
    pub issued_on: NaiveDate,
    /// Tax point.
    pub tax_point: NaiveDate,
    /// `dispatch`, `payment` or `refund`.
    pub tax_point_rule: String,
    /// The account's label.
    pub account: String,
    /// The marketplace's order number.
    pub order: String,
    /// `b2c` or `b2b`.
    pub buyer: String,
    /// `uk`, `export`, `mp_deemed` or `none`.
    pub scheme: String,
    /// Without VAT.
    pub net: Option<MoneyView>,
    /// The VAT.
    pub vat: Option<MoneyView>,
    /// With VAT; credit notes too are above nothing here.
    pub gross: Option<MoneyView>,
    /// On credit notes: what it takes back.
    pub original: Option<String>,
    /// The day on which it may be deleted.
    pub kept_until: DateTime<Utc>,
}

/// What `GET /v1/invoices/{number}` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceDetail {
    /// The document.
    #[serde(flatten)]
    pub invoice: InvoiceView,
    /// Why it is treated so, in words.
    pub treatment: String,
    /// Where that stands.
    pub source: String,
    /// Its lines.
    pub lines: Vec<InvoiceLineView>,
    /// By rate.
    pub rates: Vec<InvoiceRateView>,
    /// Words of the law on it.
    pub notes: Vec<String>,
    /// On credit notes: why.
    pub reason: Option<String>,
    /// Credit notes for it.
    pub credited_by: Vec<String>,
    /// SHA-256 of its PDF, hexadecimal.
    pub sha256: Option<String>,
    /// Who issued it.
    pub issued_by: String,
}

/// One line of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceLineView {
    /// In words.
    pub description: String,
    /// The SKU.
    pub sku: Option<String>,
    /// Pieces.
    pub quantity: i64,
    /// Percent, for example `20`.
    pub rate: String,
    /// `standard`, `reduced`, `zero`, `exempt`, `export` or `outside_scope`.
    pub supply: String,
    /// Why.
    pub basis: String,
    /// Without VAT.
    pub net: MoneyView,
    /// The VAT.
    pub vat: MoneyView,
    /// With VAT.
    pub gross: MoneyView,
}

/// What a document has of one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceRateView {
    /// As of a line.
    pub supply: String,
    /// Percent.
    pub rate: String,
    /// Without VAT.
    pub net: MoneyView,
    /// The VAT.
    pub vat: MoneyView,
    /// With VAT.
    pub gross: MoneyView,
}

/// What `GET /v1/invoices/waiting` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingInvoices {
    /// Sales that have left and have no document, by tax point; at most 500.
    pub waiting: Vec<WaitingInvoice>,
    /// How many wait for a person, by the missing fact.
    pub counts: Vec<(String, i64)>,
}

/// One sale without a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingInvoice {
    /// The account's label.
    pub account: String,
    /// The marketplace's order number.
    pub order: String,
    /// `person`, `marketplace` or `none`.
    pub state: String,
    /// The missing fact, by name.
    pub fact: Option<String>,
    /// Why, and what to do.
    pub reason: String,
    /// When it left.
    pub dispatched_at: Option<DateTime<Utc>>,
    /// True for a business, when that is known.
    pub business: Option<bool>,
    /// What no document covers.
    pub gross: Option<MoneyView>,
}

/// The body of `POST /v1/invoices/issue`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueInvoice {
    /// An order, by our id or the marketplace's number; or, with `full`, the number of a simplified invoice.
    pub target: String,
    /// Issue a simplified invoice anew, in full.
    #[serde(default)]
    pub full: bool,
    /// Who it is made out to, where that is not held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<TypeParty>,
}

/// A party that a person types.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeParty {
    /// Name; may be empty beside a company.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub name: Pii<String>,
    /// Company; may be empty beside a name.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub company: Pii<String>,
    /// First line of the address.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub line1: Pii<String>,
    /// Second line; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub line2: Pii<String>,
    /// Town.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub city: Pii<String>,
    /// Postcode; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub postcode: Pii<String>,
    /// VAT number; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub vat_number: Pii<String>,
    /// The buyer's own order number; may be empty.
    #[serde(with = "crate::secret_text::personal")]
    #[schema(value_type = String)]
    pub purchase_order: Pii<String>,
    /// Two capitals of ISO 3166-1.
    pub country: String,
}

/// What issuing and crediting answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoicesIssued {
    /// Numbers that were given.
    pub numbers: Vec<String>,
    /// Records without a number.
    pub records: u64,
    /// Orders that got no document: (order number, reason).
    pub not_issued: Vec<(String, String)>,
}

/// The body of `POST /v1/invoices/{number}/credit`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditInvoice {
    /// For lines: (SKU or the line's id, decimal amount in the document's currency).
    #[serde(default)]
    pub lines: Vec<(String, String)>,
    /// For delivery, decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    /// As a lower price for all of it, decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodwill: Option<String>,
    /// Everything that is left of it.
    #[serde(default)]
    pub all: bool,
    /// Why, 1 to 200 characters; stands on the credit note.
    pub reason: String,
}

/// What `GET /v1/invoice-series` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeriesList {
    /// One for each kind.
    pub series: Vec<SeriesView>,
    /// Numbers without a document, each with its reason.
    pub voids: Vec<VoidView>,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeriesView {
    /// `invoice`, `credit` or `receipt`.
    pub kind: String,
    /// What stands in front of the number.
    pub prefix: String,
    /// The next number, as printed.
    pub next: String,
    /// Numbers taken.
    pub taken: i64,
}

/// A number without a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoidView {
    /// The number.
    pub number: String,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The body of `PUT /v1/invoice-series/{kind}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSeries {
    /// 1 to 12 of A-Z 0-9 - /.
    pub prefix: String,
    /// The next number, 1 to 999999999.
    pub next: i64,
}

/// The body of `POST /v1/invoices/void`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidNumber {
    /// The next number of a series, as printed.
    pub number: String,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// The body of `POST /v1/invoices/verify`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyInvoices {
    /// First tax point; the beginning without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last tax point; the end without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// What `POST /v1/invoices/verify` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoicesVerified {
    /// True when nothing is wrong.
    pub ok: bool,
    /// Documents that were laid out again and compared.
    pub documents: u64,
    /// Records whose sums were looked at.
    pub records: u64,
    /// (Number, what is wrong).
    pub faults: Vec<(String, String)>,
    /// Numbers that nothing explains: (kind, first, last).
    pub missing: Vec<(String, i64, i64)>,
}

/// The query of `GET /v1/exports/daybook`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DaybookQuery {
    /// First tax point, for example 2026-11-01.
    pub from: NaiveDate,
    /// Last tax point.
    pub to: NaiveDate,
    /// `csv`, `xlsx` or `totals`; csv without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// With names, addresses and VAT numbers of full invoices. That is written to the audit.
    #[serde(default)]
    pub parties: bool,
}
