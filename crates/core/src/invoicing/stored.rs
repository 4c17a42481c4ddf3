//! What is stored of a document besides its columns, and an order's documents as the account that credit notes follow from.

use std::collections::HashMap;

use chrono::NaiveDate;
use ordersync_store::InvoiceRow;
use ordersync_types::InvoiceId;
use ordersync_vat::{Booked, BookedAs, Content, Treatment};
use serde::{Deserialize, Serialize};

use super::{DocumentKind, Sterling, Supplier};

/// What stands on a document, without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredContent {
    /// Who issued it, as it was then.
    pub supplier: Supplier,
    /// Where it was sold.
    pub channel: String,
    /// When it was ordered, in the seller's zone.
    pub ordered_on: NaiveDate,
    /// How the sale was treated, with reason and source.
    pub treatment: Treatment,
    /// Lines and totals.
    pub content: Content,
    /// Words of the law.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// VAT in sterling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sterling: Option<Sterling>,
    /// On credit notes: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// On credit notes: when what it takes back was issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_issued_on: Option<NaiveDate>,
}

impl StoredContent {
    /// Reads it.
    ///
    /// # Errors
    /// The text is not what this program writes.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

/// An order's documents, each at its place in the order's sequence. A record of a refund is a credit as well.
pub(super) fn booked(documents: &[InvoiceRow]) -> Result<Vec<Booked>, serde_json::Error> {
    let places: HashMap<InvoiceId, usize> =
        documents.iter().enumerate().map(|(place, row)| (row.invoice_id, place)).collect();
    documents
        .iter()
        .map(|row| {
            let content = StoredContent::parse(&row.content)?.content;
            let booked_as = match row.original.and_then(|original| places.get(&original)) {
                Some(of) => BookedAs::Credit { of: *of, reversal: row.reversal },
                None => BookedAs::Sale,
            };
            Ok(Booked { booked_as, content })
        })
        .collect()
}

/// The kind of a stored document.
pub(super) fn kind_of(row: &InvoiceRow) -> DocumentKind {
    DocumentKind::from_name(&row.kind).unwrap_or(DocumentKind::Record)
}
