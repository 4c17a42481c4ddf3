//! Documents as they are shown to people.

use ordersync_web::dto::{InvoiceDetail, InvoiceView, MoneyView, WaitingInvoice};

use super::print::{moment, moment_or_dash, table};

fn amount(money: Option<&MoneyView>) -> String {
    money.map_or_else(|| "-".to_owned(), |money| format!("{} {}", money.decimal, money.currency))
}

pub(super) fn documents_text(invoices: &[InvoiceView]) -> String {
    let rows = invoices.iter().map(|invoice| {
        vec![
            invoice.number.clone().unwrap_or_else(|| "(record)".to_owned()),
            invoice.kind.clone(),
            invoice.form.clone(),
            invoice.issued_on.to_string(),
            invoice.tax_point.to_string(),
            invoice.order.clone(),
            amount(invoice.net.as_ref()),
            amount(invoice.vat.as_ref()),
            amount(invoice.gross.as_ref()),
            invoice.original.clone().unwrap_or_default(),
        ]
    });
    let heads = ["NUMBER", "KIND", "FORM", "ISSUED", "TAX POINT", "ORDER", "NET", "VAT", "GROSS", "TAKES BACK"];
    table(&heads, &rows.collect::<Vec<_>>())
}

/// What has left and has no document.
pub(super) fn waiting_text(waiting: &[WaitingInvoice]) -> String {
    let rows = waiting.iter().map(|one| {
        vec![
            one.order.clone(),
            one.account.clone(),
            moment_or_dash(one.dispatched_at),
            if one.business == Some(true) { "business" } else { "" }.to_owned(),
            amount(one.gross.as_ref()),
            one.reason.clone(),
        ]
    });
    table(&["ORDER", "ACCOUNT", "LEFT", "BUYER", "AMOUNT", "WHY"], &rows.collect::<Vec<_>>())
}

pub(super) fn detail_text(detail: &InvoiceDetail) -> String {
    let invoice = &detail.invoice;
    let mut text = documents_text(std::slice::from_ref(invoice));
    text.push('\n');
    let lines = detail.lines.iter().map(|line| {
        vec![
            line.quantity.to_string(),
            line.sku.clone().unwrap_or_default(),
            line.description.clone(),
            format!("{} {} %", line.supply, line.rate),
            line.net.decimal.clone(),
            line.vat.decimal.clone(),
            line.gross.decimal.clone(),
            line.basis.clone(),
        ]
    });
    let heads = ["PIECES", "SKU", "WHAT", "VAT", "NET", "VAT", "GROSS", "BECAUSE"];
    text.push_str(&table(&heads, &lines.collect::<Vec<_>>()));
    text.push_str(&format!("\nTreated so: {} ({})\n", detail.treatment, detail.source));
    for note in &detail.notes {
        text.push_str(&format!("On it: {note}\n"));
    }
    if let Some(reason) = &detail.reason {
        text.push_str(&format!("Reason: {reason}\n"));
    }
    if !detail.credited_by.is_empty() {
        text.push_str(&format!("Credit notes: {}\n", detail.credited_by.join(", ")));
    }
    text.push_str(&format!("Issued by {}, kept until {}\n", detail.issued_by, moment(invoice.kept_until)));
    text
}
