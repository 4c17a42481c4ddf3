//! A stored document as paper: from its row alone, so that it can be laid out again years later.

use ordersync_store::InvoiceRow;
use ordersync_vat::Form;

use super::InvoicePaper;
use super::party::InvoiceParty;
use super::stored::{StoredContent, kind_of};
use crate::CoreError;

/// The paper of a stored document.
///
/// # Errors
/// A content that this program did not write.
pub(super) fn paper_of(
    row: &InvoiceRow,
    party: Option<&InvoiceParty>,
    duplicate: bool,
) -> Result<InvoicePaper, CoreError> {
    let stored = StoredContent::parse(&row.content)?;
    let original = row.original_number.clone().zip(stored.original_issued_on);
    Ok(InvoicePaper {
        template: u32::try_from(row.template).unwrap_or(0),
        kind: kind_of(row),
        form: Form::from_name(&row.form).unwrap_or(Form::Receipt),
        number: row.number.clone().unwrap_or_default(),
        issued_on: row.issue_date,
        tax_point: row.tax_point,
        supplier: stored.supplier,
        party: party.map(InvoiceParty::block),
        channel: stored.channel,
        order_number: row.vendor_order_id.clone(),
        ordered_on: stored.ordered_on,
        content: stored.content,
        notes: stored.notes,
        sterling: stored.sterling,
        original,
        reason: stored.reason,
        duplicate,
    })
}
