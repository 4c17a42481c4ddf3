//! What stands on an invoice, a receipt or a credit note when it is laid out: facts as stored, and the party as opened.

use chrono::NaiveDate;
use ordersync_store::RateUsed;
use ordersync_types::{Country, Currency, Money, Pii};
use ordersync_vat::{Content, ExchangeRate, Form};
use serde::{Deserialize, Serialize};

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An invoice.
    Invoice,
    /// What takes some of an invoice or receipt back.
    Credit,
    /// A receipt: no VAT invoice.
    Receipt,
    /// The record of a sale that nobody is given a document for; it has no number.
    Record,
}

impl DocumentKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Invoice, Self::Credit, Self::Receipt, Self::Record];

    /// The word at rest, in lists and in the daybook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Credit => "credit",
            Self::Receipt => "receipt",
            Self::Record => "none",
        }
    }

    /// The kind with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who issues it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplier {
    /// The business's name, 1 to 60 characters.
    pub name: String,
    /// Its address, 1 to 4 lines, town included.
    pub lines: Vec<String>,
    /// Postcode; may be empty.
    #[serde(default)]
    pub postcode: String,
    /// Country.
    pub country: Country,
    /// The VAT number as it is printed; `None`: not registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<String>,
}

/// Who it is made out to, as opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyBlock {
    /// Name, company and address, a line each, in their order.
    pub lines: Vec<Pii<String>>,
    /// The buyer's VAT number.
    pub vat_number: Option<Pii<String>>,
    /// The buyer's own order number.
    pub purchase_order: Option<Pii<String>>,
}

/// One document to be laid out. The same gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoicePaper {
    /// The version of the layout, which is stored with the document: 1.
    pub template: u32,
    /// What it is; never a record.
    pub kind: DocumentKind,
    /// What it says of the law.
    pub form: Form,
    /// Its number.
    pub number: String,
    /// Day of issue.
    pub issued_on: NaiveDate,
    /// The tax point.
    pub tax_point: NaiveDate,
    /// Who issues it.
    pub supplier: Supplier,
    /// Who it is made out to; on full documents only.
    pub party: Option<PartyBlock>,
    /// Where it was sold, for example `Amazon`.
    pub channel: String,
    /// The marketplace's order number.
    pub order_number: String,
    /// When it was ordered, in the seller's zone.
    pub ordered_on: NaiveDate,
    /// Lines and totals.
    pub content: Content,
    /// Words of the law that the document needs, for example that goods are exported.
    pub notes: Vec<String>,
    /// Sterling amounts of a document in another currency that has VAT.
    pub sterling: Option<Sterling>,
    /// On credit notes: number and day of what it takes back.
    pub original: Option<(String, NaiveDate)>,
    /// On credit notes: why.
    pub reason: Option<String>,
    /// True for a copy that is given out again, which says so. The stored hash is of the first.
    pub duplicate: bool,
}

/// VAT in sterling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sterling {
    /// Units of the document's currency for one pound.
    pub rate: String,
    /// Whose rate, and of when, for example `HMRC 2026-11`.
    pub source: String,
    /// Without VAT.
    pub net: Money,
    /// The VAT.
    pub vat: Money,
}

impl Sterling {
    /// A document's amounts by a rate. Each VAT rate's amounts are converted by themselves and added up, so that the daybook,
    /// which has a row for each, has the same sums as the document. `None` for a rate that is no number.
    pub(super) fn of(used: RateUsed, content: &Content) -> Option<Self> {
        let rate: ExchangeRate = used.rate.parse().ok()?;
        let (mut net, mut vat) = (0_i64, 0_i64);
        for group in &content.groups {
            net = net.checked_add(rate.pence(Money::new(group.net, content.currency))?.minor)?;
            vat = vat.checked_add(rate.pence(Money::new(group.vat, content.currency))?.minor)?;
        }
        let pounds = |minor| Money::new(minor, Currency::GBP);
        Some(Self { rate: used.rate, source: used.source, net: pounds(net), vat: pounds(vat) })
    }

    /// Its rate alone.
    pub(super) fn rate_used(&self) -> RateUsed {
        RateUsed { rate: self.rate.clone(), source: self.source.clone() }
    }
}
