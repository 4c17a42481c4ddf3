//! Below the lines: VAT by rate at the left, totals at the right.

use ordersync_core::invoicing::{DocumentKind, InvoicePaper, Sterling};
use ordersync_render::{Align, RenderError};
use ordersync_types::{Currency, Money};
use ordersync_vat::Form;

use super::{Shown, amounts, rate_words};
use crate::layout::{Band, Item, LEFT, Row, Ruler, Style, TextItem};

/// Left edge and width in mm.
type Place = (f32, f32);

/// VAT by rate: the rate, and one or two amounts.
const RATE: Place = (LEFT, 34.0);
const FIRST: Place = (51.0, 24.0);
const SECOND: Place = (77.0, 22.0);
/// The rules of that table.
const BY_RATE: Place = (LEFT, 84.0);

/// Totals: what they are, and how much.
const LABEL: Place = (115.0, 41.0);
const AMOUNT: Place = (153.0, 42.0);
const TOTALS: Place = (115.0, 80.0);

/// Space above a text and below it, in mm.
const PADDING: f32 = 1.0;
/// Thickness of rules in mm.
const THIN: f32 = 0.15;
const THICK: f32 = 0.5;

/// A block that grows downwards.
struct Block<'r, 'f> {
    ruler: &'r Ruler<'f>,
    band: Band,
}

/// A text of a block.
struct Words<'t> {
    field: &'static str,
    place: Place,
    align: Align,
    text: &'t str,
}

impl<'r, 'f> Block<'r, 'f> {
    fn new(ruler: &'r Ruler<'f>) -> Self {
        Self { ruler, band: Band::space(0.0) }
    }

    /// Texts side by side, none of them broken.
    fn texts(&mut self, style: Style, texts: &[Words<'_>]) -> Result<(), RenderError> {
        let y = self.band.height + PADDING;
        for Words { field, place: (x, width), align, text } in texts {
            let (style, words) = amounts::whole(self.ruler, field, text, style, *width)?;
            let item = TextItem { field, x: *x, y, width: *width, align: *align, style, words };
            self.band.items.push(Item::Text(item));
        }
        self.band.height = y + style.pitch() + PADDING;
        Ok(())
    }

    /// A text that goes on on the next line.
    fn wrapped(&mut self, field: &'static str, (x, width): Place, text: &str) -> Result<(), RenderError> {
        let style = Style::SMALL;
        for words in self.ruler.lines(field, text, style, width)? {
            let (y, align) = (self.band.height, Align::Left);
            self.band.items.push(Item::Text(TextItem { field, x, y, width, align, style, words }));
            self.band.height += style.pitch();
        }
        Ok(())
    }

    fn rule(&mut self, (x, width): Place, height: f32) {
        self.band.items.push(Item::Rule { x, y: self.band.height, width, height });
        self.band.height += height;
    }

    /// An amount with what it is.
    fn total(&mut self, style: Style, label: &str, amount: Money) -> Result<(), RenderError> {
        let amount = amounts::marked(amount);
        self.texts(
            style,
            &[
                Words { field: "total", place: LABEL, align: Align::Left, text: label },
                Words { field: "total", place: AMOUNT, align: Align::Right, text: &amount },
            ],
        )
    }
}

/// Both blocks, kept together.
pub(super) fn row(ruler: &Ruler<'_>, paper: &InvoicePaper, shown: Shown) -> Result<Row, RenderError> {
    let mut left = Block::new(ruler);
    by_rate(&mut left, paper, shown)?;
    let mut right = Block::new(ruler);
    totals(&mut right, paper, shown)?;
    let mut band = left.band;
    band.height = band.height.max(right.band.height);
    band.items.extend(right.band.items);
    Ok(Row { bands: vec![Band::space(6.0), band], is_of_table: false })
}

fn by_rate(block: &mut Block<'_, '_>, paper: &InvoicePaper, shown: Shown) -> Result<(), RenderError> {
    let currency = paper.content.currency;
    let mark = amounts::mark(currency);
    let (first, second) = match shown {
        Shown::Net => (format!("Net {mark}"), format!("VAT {mark}")),
        Shown::Gross => (String::new(), format!("With VAT {mark}")),
        Shown::Nothing => return Ok(()),
    };
    let texts = |style: Style, block: &mut Block<'_, '_>, words: [&str; 3]| {
        let [rate, first, second] = words;
        let cell = |field, place, align, text| Words { field, place, align, text };
        let all = [
            cell("VAT rate", RATE, Align::Left, rate),
            cell("net amount", FIRST, Align::Right, first),
            cell("VAT", SECOND, Align::Right, second),
        ];
        block.texts(style, &all)
    };
    texts(Style::SMALL_STRONG, block, ["VAT rate", &first, &second])?;
    block.rule(BY_RATE, THICK);
    for group in &paper.content.groups {
        let amount = |minor| Money::new(minor, currency).decimal();
        let (first, second) = match shown {
            Shown::Net => (amount(group.net), amount(group.vat)),
            Shown::Gross | Shown::Nothing => (String::new(), amount(group.gross)),
        };
        texts(Style::SMALL, block, [&rate_words(group.supply, group.rate), &first, &second])?;
        block.rule(BY_RATE, THIN);
    }
    Ok(())
}

fn totals(block: &mut Block<'_, '_>, paper: &InvoicePaper, shown: Shown) -> Result<(), RenderError> {
    let content = &paper.content;
    if shown == Shown::Net {
        block.total(Style::TEXT, "Total without VAT", content.net())?;
        block.total(Style::TEXT, "Total VAT", content.vat())?;
        block.rule(TOTALS, THICK);
    }
    let label = match (paper.kind, shown) {
        (DocumentKind::Credit, _) => "Total credited",
        (_, Shown::Nothing) => "Total",
        (_, Shown::Net | Shown::Gross) => "Total with VAT",
    };
    block.total(Style::SUM, label, content.gross())?;
    block.rule(TOTALS, THICK);
    if let Some(sterling) = &paper.sterling
        && content.currency != Currency::GBP
        && paper.form != Form::Receipt
    {
        in_sterling(block, sterling, content.currency)?;
    }
    Ok(())
}

/// Source: VAT Regulations 1995 reg. 14(1)(l); facts K1, K4.
fn in_sterling(block: &mut Block<'_, '_>, sterling: &Sterling, currency: Currency) -> Result<(), RenderError> {
    block.band.height += 2.0;
    block.total(Style::TEXT, "Net in sterling", sterling.net)?;
    block.total(Style::STRONG, "VAT in sterling", sterling.vat)?;
    let rate = format!("{} {} for £1, {}", sterling.rate, currency.code(), sterling.source);
    block.wrapped("exchange rate", TOTALS, &rate)
}
