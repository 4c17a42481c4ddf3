//! Above the lines: what it is, who issues it, who it is made out to, and its numbers and days.

use ordersync_core::invoicing::{DocumentKind, InvoicePaper, Supplier};
use ordersync_core::paper::PaperError;
use ordersync_render::{Align, RenderError};
use ordersync_types::{Country, Pii};
use ordersync_vat::Form;

use super::{amounts, party, title};
use crate::layout::{Band, Item, LEFT, Row, Ruler, Style, TextItem, WIDTH, day, unprintable};

/// What stands side by side on one line of the head.
pub(super) type Line = Vec<TextItem>;

/// From one line of the head to the next, in mm.
const PITCH: f32 = 4.7;
/// Width of what stands at the left, in mm.
const BLOCK: f32 = 88.0;
/// Left edge and width of the words at the right, and of what they are about.
const LABELS: (f32, f32) = (115.0, 29.0);
const FACTS: (f32, f32) = (146.0, 49.0);
/// The frame around `Duplicate`.
const MARK: (f32, f32) = (42.0, 9.0);
/// From a line's upper edge to its baseline in mm, for each point of its size (0.95 em, as render sets it).
const ASCENT: f32 = 0.95 * 25.4 / 72.0;

/// The rows above the table.
pub(super) fn rows(ruler: &Ruler<'_>, paper: &InvoicePaper) -> Result<Vec<Row>, PaperError> {
    let document = format!("document {}", paper.number);
    let of_document = |error| unprintable(&document, &error);
    let mut rows = vec![Row::of(heading(ruler, paper).map_err(of_document)?)];
    if paper.form == Form::Receipt {
        rows.push(Row::of(Band::space(1.0)));
        let words = match paper.kind {
            DocumentKind::Credit => "This is not a VAT credit note",
            DocumentKind::Invoice | DocumentKind::Receipt | DocumentKind::Record => "This is not a VAT invoice",
        };
        rows.push(Row::text(ruler, "head of the page", Style::TEXT, words).map_err(of_document)?);
    }
    rows.push(Row::of(Band::space(7.0)));
    let mut left = supplier(ruler, &paper.supplier).map_err(of_document)?;
    if let (Form::Full, Some(block)) = (paper.form, &paper.party) {
        left.push(Line::new());
        let words = Pii::new(if paper.kind == DocumentKind::Credit { "Credit to" } else { "Invoice to" }.to_owned());
        left.push(line("head of the page", LEFT, BLOCK, Style::SMALL, words));
        left.extend(party::lines(ruler, block, BLOCK, &document)?);
    }
    let right = facts(ruler, paper).map_err(of_document)?;
    rows.extend(beside(left, right).into_iter().map(Row::of));
    if let Some(reason) = &paper.reason {
        rows.push(Row::of(Band::space(5.0)));
        let words = format!("Reason: {reason}");
        rows.extend(
            Row::text(ruler, "reason", Style::TEXT, &words).map_err(of_document)?.bands.into_iter().map(Row::of),
        );
    }
    rows.push(Row::of(Band::space(7.0)));
    Ok(rows)
}

/// A line with one text.
pub(super) fn line(field: &'static str, x: f32, width: f32, style: Style, words: Pii<String>) -> Line {
    vec![TextItem { field, x, y: 0.0, width, align: Align::Left, style, words }]
}

/// What it is, and that it is a copy.
fn heading(ruler: &Ruler<'_>, paper: &InvoicePaper) -> Result<Band, RenderError> {
    let field = "head of the page";
    let style = Style::HEADING;
    let mut band = Band::space(style.pitch());
    for words in ruler.lines(field, title(paper), style, WIDTH)? {
        let (width, align) = (WIDTH, Align::Left);
        band.items.push(Item::Text(TextItem { field, x: LEFT, y: 0.0, width, align, style, words }));
    }
    if paper.duplicate {
        let (width, height) = MARK;
        let (x, thickness) = (LEFT + WIDTH - width, 0.4);
        let words = Pii::new("Duplicate".to_owned());
        let style = Style::SUM;
        let y = (height - style.pitch()) / 2.0;
        band.items.push(Item::Text(TextItem { field, x, y, width, align: Align::Centre, style, words }));
        let right = x + width - thickness;
        band.items.extend([
            Item::Rule { x, y: 0.0, width, height: thickness },
            Item::Rule { x, y: height - thickness, width, height: thickness },
            Item::Rule { x, y: 0.0, width: thickness, height },
            Item::Rule { x: right, y: 0.0, width: thickness, height },
        ]);
    }
    Ok(band)
}

fn supplier(ruler: &Ruler<'_>, supplier: &Supplier) -> Result<Vec<Line>, RenderError> {
    let country = country_name(supplier.country);
    let number = supplier.vat_number.as_ref().map(|number| format!("VAT number {number}"));
    let address = supplier.lines.iter().map(String::as_str).chain([supplier.postcode.as_str(), country]);
    let texts = std::iter::once(("seller's name", Style::NAME, supplier.name.as_str()))
        .chain(address.map(|line| ("seller's address", Style::TEXT, line)))
        .chain(number.as_deref().map(|number| ("seller's VAT number", Style::TEXT, number)));
    let mut lines = Vec::new();
    for (field, style, text) in texts {
        let broken = ruler.exact_lines(field, text, style, BLOCK)?;
        lines.extend(broken.into_iter().map(|words| line(field, LEFT, BLOCK, style, words)));
    }
    Ok(lines)
}

/// The name where sellers are, the code elsewhere.
fn country_name(country: Country) -> &'static str {
    match country.code() {
        "GB" => "United Kingdom",
        "IM" => "Isle of Man",
        "JE" => "Jersey",
        "GG" => "Guernsey",
        code => code,
    }
}

/// Numbers and days, each with what it is.
fn facts(ruler: &Ruler<'_>, paper: &InvoicePaper) -> Result<Vec<Line>, RenderError> {
    // there are tax points only where there is VAT
    let supplied = if paper.supplier.vat_number.is_some() { "Tax point" } else { "Date of supply" };
    let mut facts = vec![
        ("number", "Number", paper.number.clone(), Style::STRONG),
        ("date of issue", "Date of issue", day(paper.issued_on), Style::TEXT),
        ("tax point", supplied, day(paper.tax_point), Style::TEXT),
    ];
    if let Some((number, issued_on)) = &paper.original {
        facts.push(("original", "Original", number.clone(), Style::TEXT));
        facts.push(("original", "Original date", day(*issued_on), Style::TEXT));
    }
    facts.extend([
        ("order number", "Order", paper.order_number.clone(), Style::TEXT),
        ("channel", "Sold on", paper.channel.clone(), Style::TEXT),
        ("order date", "Order date", day(paper.ordered_on), Style::TEXT),
    ]);
    let mut lines: Vec<Line> = Vec::new();
    for (field, label, value, style) in facts {
        // numbers and days by which a document is found are not broken
        let values = match field {
            "channel" => ruler.lines(field, &value, style, FACTS.1)?.into_iter().map(|words| (style, words)).collect(),
            _ => vec![amounts::whole(ruler, field, &value, style, FACTS.1)?],
        };
        for ((style, words), number) in values.into_iter().zip(0_usize..) {
            let mut items = Line::new();
            if number == 0 {
                items.extend(line(field, LABELS.0, LABELS.1, Style::TEXT, Pii::new(label.to_owned())));
            }
            items.extend(line(field, FACTS.0, FACTS.1, style, words));
            lines.push(items);
        }
    }
    Ok(lines)
}

/// Two blocks side by side, their lines on common baselines.
fn beside(left: Vec<Line>, right: Vec<Line>) -> Vec<Band> {
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let bands = (0..count).map(|_| {
        let mut band = Band::space(PITCH);
        for mut item in left.next().into_iter().chain(right.next()).flatten() {
            item.y = (Style::NAME.size - item.style.size) * ASCENT;
            band.items.push(Item::Text(item));
        }
        band
    });
    bands.collect()
}
