//! Whether documents are still what was issued.

use chrono::NaiveDate;
use ordersync_store::{InvoiceFilter, InvoiceRow};
use ordersync_types::{InvoiceId, SellerId};

use super::DocumentKind;
use super::stored::{StoredContent, kind_of};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// Documents that are looked at together.
const PAGE: u32 = 200;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Documents that were laid out again.
    pub documents: u64,
    /// Records, whose sums were looked at.
    pub records: u64,
    /// What is wrong.
    pub faults: Vec<InvoiceFault>,
    /// Numbers without a document or a void record: (kind, first, last).
    pub missing: Vec<(String, i64, i64)>,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceFault {
    /// Its number; the order's for a record.
    pub number: String,
    /// What.
    pub reason: String,
}

impl Core {
    /// Lays out every document of a period again, compares it with what was issued, and counts the numbers of all series.
    /// `progress` is told how many were looked at.
    ///
    /// # Errors
    /// What store and vault say. A document that is wrong is a fault in the report.
    pub async fn verify_invoices(
        &self,
        seller: SellerId,
        period: (Option<NaiveDate>, Option<NaiveDate>),
        actor: &Actor,
        mut progress: impl FnMut(u64),
    ) -> Result<VerifyReport, CoreError> {
        let _busy = self.clock.busy();
        let mut report = VerifyReport::default();
        let mut after = None;
        loop {
            let filter = InvoiceFilter { from: period.0, to: period.1, after, limit: PAGE, ..InvoiceFilter::default() };
            let page = self.store.invoices(seller, &filter).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.tax_point, last.invoice_id));
            let ids: Vec<InvoiceId> = page.iter().map(|row| row.invoice_id).collect();
            let parties = self.open_parties(seller, &ids).await?;
            for row in &page {
                let fault = self.fault_of(row, parties.get(&row.invoice_id));
                let number = row.number.clone().unwrap_or_else(|| format!("record of {}", row.vendor_order_id));
                report.faults.extend(fault.map(|reason| InvoiceFault { number, reason }));
                match kind_of(row) {
                    DocumentKind::Record => report.records += 1,
                    DocumentKind::Invoice | DocumentKind::Credit | DocumentKind::Receipt => report.documents += 1,
                }
            }
            progress(report.documents + report.records);
        }
        report.missing = self.store.missing_numbers(seller).await?;
        let detail = format!("{} documents, {} faults", report.documents, report.faults.len());
        let now = self.clock.now();
        let entry = audit_entry(seller, now, actor, "invoice.verify", "invoices", &report.documents, detail);
        self.store.write_audit(&[entry]).await?;
        Ok(report)
    }

    fn fault_of(&self, row: &InvoiceRow, party: Option<&super::InvoiceParty>) -> Option<String> {
        if let Some(fault) = sums(row) {
            return Some(fault);
        }
        if kind_of(row) == DocumentKind::Record {
            return None;
        }
        match self.checked_pdf(row, party) {
            Ok(_) => None,
            Err(CoreError::Refused { message, .. }) => Some(message),
            Err(other) => Some(other.to_string()),
        }
    }
}

/// Columns, rates and content must say the same.
fn sums(row: &InvoiceRow) -> Option<String> {
    let Ok(stored) = StoredContent::parse(&row.content) else { return Some("its content cannot be read".to_owned()) };
    let content = &stored.content;
    let columns = (row.net_minor, row.vat_minor, row.gross_minor);
    if columns != (content.net().minor, content.vat().minor, content.gross().minor) {
        return Some("its totals are not those of its lines".to_owned());
    }
    let rates: Vec<(&str, i64, i64, i64, i64)> = row
        .rates
        .iter()
        .map(|rate| (rate.supply.as_str(), rate.rate, rate.net_minor, rate.vat_minor, rate.gross_minor))
        .collect();
    let groups: Vec<(&str, i64, i64, i64, i64)> = content
        .groups
        .iter()
        .map(|group| (group.supply.name(), i64::from(group.rate.points()), group.net, group.vat, group.gross))
        .collect();
    if rates != groups {
        return Some("its rates in the daybook are not those of the document".to_owned());
    }
    if row.currency != content.currency.code() {
        return Some("its currency is not that of the document".to_owned());
    }
    None
}
