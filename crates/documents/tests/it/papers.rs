//! Invoices as core hands them over. All people are invented.

use chrono::NaiveDate;
use ordersync_core::invoicing::{DocumentKind, InvoicePaper, PartyBlock, Supplier};
use ordersync_core::paper::{PaperError, PaperRenderer};
use ordersync_types::{Country, Currency, Pii};
use ordersync_vat::{Content, Form, GrossLine, LineOf, Rate, Supply};

use crate::PAPER;

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

pub(crate) fn supplier() -> Supplier {
    Supplier {
        name: "Example Goods Ltd".to_owned(),
        lines: vec!["1 Invented Street".to_owned(), "Wexcombe".to_owned()],
        postcode: "ZZ99 9ZZ".to_owned(),
        country: Country::GB,
        vat_number: Some("GB 999 9999 73".to_owned()),
    }
}

/// A line of goods; `rate`: basis points.
pub(crate) fn goods(number: i64, gross: i64, supply: Supply, rate: u16) -> GrossLine {
    GrossLine {
        of: LineOf::Goods(format!("line-{number}")),
        sku: Some(format!("EX-{number:04}")),
        description: format!("Example mug number {number}, glazed"),
        quantity: number,
        supply,
        rate: Rate::basis_points(rate).unwrap(),
        basis: "an example".to_owned(),
        gross,
    }
}

pub(crate) fn standard(number: i64, gross: i64) -> GrossLine {
    goods(number, gross, Supply::Standard, 2_000)
}

/// A line that is of the order as a whole.
pub(crate) fn delivery(gross: i64) -> GrossLine {
    let description = "Delivery".to_owned();
    GrossLine { of: LineOf::Delivery, sku: None, description, quantity: 1, ..standard(1, gross) }
}

pub(crate) fn content(currency: Currency, lines: Vec<GrossLine>) -> Content {
    Content::of_gross(currency, lines, Vec::new()).unwrap()
}

pub(crate) fn party(lines: &[&str]) -> PartyBlock {
    let personal = |text: &str| Pii::new(text.to_owned());
    PartyBlock {
        lines: lines.iter().copied().map(personal).collect(),
        vat_number: Some(personal("GB 999 0000 15")),
        purchase_order: Some(personal("PO-88")),
    }
}

/// A full invoice in pounds.
pub(crate) fn full(lines: Vec<GrossLine>) -> InvoicePaper {
    InvoicePaper {
        template: 1,
        kind: DocumentKind::Invoice,
        form: Form::Full,
        number: "INV-2026-000042".to_owned(),
        issued_on: day(24),
        tax_point: day(23),
        supplier: supplier(),
        party: Some(party(&["Ada Example", "Sample Trading Ltd", "22 Sample Road", "ZZ98 8ZZ"])),
        channel: "Amazon".to_owned(),
        order_number: "204-1234567-7654321".to_owned(),
        ordered_on: day(22),
        content: content(Currency::GBP, lines),
        notes: Vec::new(),
        sterling: None,
        original: None,
        reason: None,
        duplicate: false,
    }
}

pub(crate) fn simplified(lines: Vec<GrossLine>) -> InvoicePaper {
    InvoicePaper { form: Form::Simplified, party: None, ..full(lines) }
}

/// A receipt of a seller who is not registered.
pub(crate) fn receipt(lines: Vec<GrossLine>) -> InvoicePaper {
    InvoicePaper {
        kind: DocumentKind::Receipt,
        form: Form::Receipt,
        number: "R-2026-000007".to_owned(),
        supplier: Supplier { vat_number: None, ..supplier() },
        ..simplified(lines)
    }
}

pub(crate) fn credit(lines: Vec<GrossLine>) -> InvoicePaper {
    InvoicePaper {
        kind: DocumentKind::Credit,
        number: "CN-2026-000003".to_owned(),
        original: Some(("INV-2026-000042".to_owned(), day(24))),
        reason: Some("one mug came back".to_owned()),
        issued_on: day(28),
        tax_point: day(27),
        ..full(lines)
    }
}

pub(crate) fn printed(paper: &InvoicePaper) -> Vec<u8> {
    PAPER.invoice(paper).unwrap().expose().clone()
}

pub(crate) fn refused(paper: &InvoicePaper) -> PaperError {
    PAPER.invoice(paper).unwrap_err()
}
