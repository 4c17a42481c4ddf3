//! Who a document is made out to, letter by letter: a name that would come out wrong is refused.

use ordersync_core::invoicing::PartyBlock;
use ordersync_core::paper::PaperError;
use ordersync_types::Pii;

use super::head::{Line, line};
use crate::layout::{LEFT, Ruler, Style, unprintable};

/// The block's lines in a column of some width. `document`: what it is called in errors.
///
/// # Errors
/// A character that cannot be printed, with the line that it is in.
pub(super) fn lines(
    ruler: &Ruler<'_>,
    party: &PartyBlock,
    width: f32,
    document: &str,
) -> Result<Vec<Line>, PaperError> {
    let mut block = Vec::new();
    for (text, number) in party.lines.iter().zip(1_usize..) {
        let style = if number == 1 { Style::STRONG } else { Style::TEXT };
        let place = format!("{document}, invoice to, line {number}");
        block.extend(exact(ruler, "name or address", text.expose(), style, width, &place)?);
    }
    if block.is_empty() {
        let reason = "a full VAT invoice names who it is made out to (reg. 14(1)(e))".to_owned();
        return Err(PaperError { field: "party".to_owned(), reason });
    }
    let numbers = [
        ("buyer's VAT number", "VAT number", &party.vat_number),
        ("purchase order", "Purchase order", &party.purchase_order),
    ];
    for (field, label, value) in numbers {
        if let Some(value) = value {
            let text = Pii::new(format!("{label} {}", value.expose()));
            block.extend(exact(ruler, field, text.expose(), Style::TEXT, width, document)?);
        }
    }
    Ok(block)
}

fn exact(
    ruler: &Ruler<'_>,
    field: &'static str,
    text: &str,
    style: Style,
    width: f32,
    place: &str,
) -> Result<Vec<Line>, PaperError> {
    let lines = ruler.exact_lines(field, text, style, width).map_err(|error| unprintable(place, &error))?;
    Ok(lines.into_iter().map(|words| line(field, LEFT, width, style, words)).collect())
}
