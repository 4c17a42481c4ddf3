//! Invoices, receipts and credit notes, A4: version 1 of the layout. What is laid out was decided and stored elsewhere;
//! nothing is added up here.
//!
//! Source of what stands on a form: VAT Regulations 1995 reg. 14(1) (full), 16A (simplified), 15C (credit notes); a copy
//! is marked as a duplicate (HMRC, VAT record keeping).

mod amounts;
mod head;
mod lines;
mod party;
mod totals;

use ordersync_core::invoicing::{DocumentKind, InvoicePaper};
use ordersync_core::paper::PaperError;
use ordersync_render::{Document, Fonts, RenderError};
use ordersync_types::{Currency, Pii};
use ordersync_vat::{Form, Rate, Supply};

use crate::layout::{Band, Row, Ruler, Sheet, Style, unprintable};

/// The version of the layout that is written here.
const TEMPLATE: u32 = 1;

/// What the table of lines shows of VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Amounts without VAT, and the VAT.
    Net,
    /// Amounts with VAT, and the rate.
    Gross,
    /// Nothing of VAT.
    Nothing,
}

impl Shown {
    fn on(paper: &InvoicePaper) -> Self {
        match paper.form {
            Form::Full => Self::Net,
            Form::Receipt if paper.content.groups.iter().all(|group| group.supply == Supply::OutsideScope) => {
                Self::Nothing
            }
            Form::Simplified | Form::Receipt => Self::Gross,
        }
    }
}

/// Writes the PDF.
pub(crate) fn write(fonts: &Fonts, paper: &InvoicePaper) -> Result<Pii<Vec<u8>>, PaperError> {
    check(paper)?;
    let ruler = Ruler::new(fonts);
    let place = format!("document {}", paper.number);
    let of_document = |error| unprintable(&place, &error);
    let shown = Shown::on(paper);
    let mut rows = head::rows(&ruler, paper)?;
    let titles = lines::titles_row(&ruler, paper.content.currency, shown).map_err(of_document)?;
    rows.push(titles.clone());
    for (line, number) in paper.content.lines.iter().zip(1_usize..) {
        let row = lines::row_of(&ruler, line, paper.content.currency, shown);
        rows.push(row.map_err(|error| unprintable(&format!("{place}, line {number}"), &error))?);
    }
    rows.push(totals::row(&ruler, paper, shown).map_err(of_document)?);
    rows.extend(notes(&ruler, &paper.notes).map_err(of_document)?);
    let name = format!("{} {}", title(paper), paper.number);
    let mut goes_on = Row::text(&ruler, "number", Style::STRONG, &format!("{name}, continued")).map_err(of_document)?;
    goes_on.bands.push(Band::space(3.0));
    let foot = if paper.duplicate { format!("Duplicate – {name}") } else { name };
    let mut document = Document::new(fonts);
    Sheet { rows, goes_on, titles, foot }.draw(&mut document).map_err(of_document)?;
    document.pdf().map_err(of_document)
}

/// What no document may be without. Whoever issues it has looked at all of it before; a mistake there must not be printed.
fn check(paper: &InvoicePaper) -> Result<(), PaperError> {
    let refused = |field: &str, reason: String| Err(PaperError { field: field.to_owned(), reason });
    if paper.template != TEMPLATE {
        let reason = format!("this program has no layout {}; it was issued by a newer one", paper.template);
        return refused("template", reason);
    }
    if paper.kind == DocumentKind::Record {
        return refused("kind", "a record is not given to anybody".to_owned());
    }
    if paper.kind == DocumentKind::Credit && paper.original.is_none() {
        return refused("original", "a credit note names what it takes back (reg. 15C)".to_owned());
    }
    if paper.form != Form::Receipt && paper.supplier.vat_number.is_none() {
        return refused("supplier", "only who has a VAT number may issue a VAT invoice".to_owned());
    }
    if paper.form == Form::Full && paper.party.is_none() {
        return refused("party", "a full VAT invoice names who it is made out to (reg. 14(1)(e))".to_owned());
    }
    let content = &paper.content;
    let is_in_sterling = content.currency == Currency::GBP || content.vat().minor == 0 || paper.sterling.is_some();
    if paper.form == Form::Full && paper.kind != DocumentKind::Credit && !is_in_sterling {
        return refused("sterling", "a full VAT invoice states its VAT in sterling (reg. 14(1)(l))".to_owned());
    }
    Ok(())
}

fn title(paper: &InvoicePaper) -> &'static str {
    match (paper.kind, paper.form) {
        (DocumentKind::Credit, _) => "Credit note",
        (_, Form::Receipt) | (DocumentKind::Receipt, _) => "Receipt",
        (DocumentKind::Invoice | DocumentKind::Record, Form::Full | Form::Simplified) => "VAT invoice",
    }
}

/// The rate as people read it. What has no VAT says why.
fn rate_words(supply: Supply, rate: Rate) -> String {
    match supply {
        Supply::Standard | Supply::Reduced => format!("{rate}%"),
        Supply::Zero => "Zero-rated".to_owned(),
        Supply::Exempt => "Exempt".to_owned(),
        Supply::Export => "Export, zero-rated".to_owned(),
        Supply::OutsideScope => "Outside the scope".to_owned(),
    }
}

fn notes(ruler: &Ruler<'_>, notes: &[String]) -> Result<Vec<Row>, RenderError> {
    let mut rows = Vec::with_capacity(notes.len());
    for (note, number) in notes.iter().zip(0_usize..) {
        let mut row = Row::text(ruler, "note", Style::SMALL, note)?;
        row.bands.insert(0, Band::space(if number == 0 { 8.0 } else { 1.5 }));
        rows.push(row);
    }
    Ok(rows)
}
