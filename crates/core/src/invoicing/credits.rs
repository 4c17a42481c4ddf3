//! What a credit note takes over from the document that it is for: pure.

use chrono_tz::Tz;
use ordersync_store::InvoiceRow;
use ordersync_vat::{BuyerKind, Content, Form, KnownRefund, Missing, MissingFact, TaxPoint, local_day};

use super::draft::{Draft, Original};
use super::stored::StoredContent;
use super::{DocumentKind, Sterling};

/// What a credit note says of the document that it takes back.
pub(super) fn original_of(row: &InvoiceRow) -> Original {
    Original {
        id: row.invoice_id,
        number: row.number.clone(),
        issued_on: row.issue_date,
        purge_after: row.purge_after,
        has_party: row.form == Form::Full.name(),
    }
}

/// A credit note on a stored document: its form, buyer and treatment are the document's.
pub(super) fn credit_draft(
    of: &InvoiceRow,
    original: Original,
    content: Content,
    tax_point: TaxPoint,
    reason: String,
) -> Result<Draft, Missing> {
    let unreadable = || Missing::new(MissingFact::Order, "the document that it takes back cannot be read");
    let stored = StoredContent::parse(&of.content).map_err(|_| unreadable())?;
    let kind = if of.kind == DocumentKind::Record.name() { DocumentKind::Record } else { DocumentKind::Credit };
    // At the rate of what it takes back.
    let rate_used = of.rate_used.clone();
    let sterling = stored.sterling.and_then(|sterling| Sterling::of(sterling.rate_used(), &content));
    Ok(Draft {
        sequence: 0,
        kind,
        form: Form::from_name(&of.form).ok_or_else(unreadable)?,
        tax_point,
        shipment: None,
        buyer: if of.business { BuyerKind::Business } else { BuyerKind::Consumer },
        party: None,
        treatment: stored.treatment,
        content,
        sterling,
        rate_used,
        reason: Some(reason),
        original: Some(original),
        reversal: false,
    })
}

pub(super) fn reason_of(refund: &KnownRefund, zone: Tz) -> String {
    match refund.at {
        Some(at) => format!("Refund of {}", local_day(at, zone).format("%-d %B %Y")),
        None => "Refund".to_owned(),
    }
}
