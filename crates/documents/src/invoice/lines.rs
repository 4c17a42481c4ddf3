//! The table of lines.

use ordersync_render::{Align, RenderError};
use ordersync_types::{Currency, Money};
use ordersync_vat::DocumentLine;

use super::{Shown, amounts, rate_words};
use crate::layout::{Cell, Column, Row, Ruler, Style, row, titles};

const TEXT: Column = Column { field: "description", title: "Description", x: 15.0, width: 68.0, align: Align::Left };
const QUANTITY: Column = Column { field: "quantity", title: "Qty", x: 84.0, width: 12.0, align: Align::Right };
const PRICE: Column = Column { field: "unit price", title: "Unit price", x: 98.0, width: 27.0, align: Align::Right };
const RATE: Column = Column { field: "VAT rate", title: "VAT rate", x: 127.0, width: 21.0, align: Align::Right };
const NET: Column = Column { field: "net amount", title: "Net", x: 150.0, width: 24.0, align: Align::Right };
const VAT: Column = Column { field: "VAT", title: "VAT", x: 176.0, width: 19.0, align: Align::Right };

/// Without the unit price and the net amount there is more room.
const WIDE_TEXT: Column = Column { width: 92.0, ..TEXT };
const WIDE_QUANTITY: Column = Column { x: 108.0, ..QUANTITY };
const WIDE_RATE: Column = Column { x: 124.0, width: 36.0, ..RATE };
const GROSS: Column = Column { field: "amount", title: "Amount", x: 162.0, width: 33.0, align: Align::Right };

/// Columns of amounts name the currency.
const PRICED: [&str; 4] = [PRICE.field, NET.field, VAT.field, GROSS.field];

fn columns(shown: Shown) -> Vec<Column> {
    match shown {
        Shown::Net => vec![TEXT, QUANTITY, PRICE, RATE, NET, VAT],
        Shown::Gross => vec![WIDE_TEXT, WIDE_QUANTITY, WIDE_RATE, GROSS],
        Shown::Nothing => vec![WIDE_TEXT, WIDE_QUANTITY, GROSS],
    }
}

/// The titles of the columns.
pub(super) fn titles_row(ruler: &Ruler<'_>, currency: Currency, shown: Shown) -> Result<Row, RenderError> {
    let mut cells = Vec::new();
    for column in columns(shown) {
        let priced = PRICED.contains(&column.field);
        let mark = if priced { format!(" {}", amounts::mark(currency)) } else { String::new() };
        let title = format!("{}{mark}", column.title);
        let mut cell = Cell::new(column).add(ruler, column.field, Style::SMALL_STRONG, &title)?;
        let below = match (column.field, shown) {
            ("unit price", _) => "without VAT",
            ("amount", Shown::Gross) => "VAT included",
            _ => "",
        };
        cell = cell.add(ruler, column.field, Style::SMALL, below)?;
        cells.push(cell);
    }
    Ok(titles(cells))
}

/// A line of the document.
pub(super) fn row_of(
    ruler: &Ruler<'_>,
    line: &DocumentLine,
    currency: Currency,
    shown: Shown,
) -> Result<Row, RenderError> {
    let amount = |minor| Money::new(minor, currency).decimal();
    let mut cells = Vec::new();
    for column in columns(shown) {
        let text = match column.field {
            "description" => {
                cells.push(described(ruler, Cell::new(column), line)?);
                continue;
            }
            "quantity" => line.quantity.to_string(),
            "unit price" => amounts::unit_price(line.net, line.quantity, currency).unwrap_or_default(),
            "net amount" => amount(line.net),
            "VAT" => amount(line.vat),
            "amount" => amount(line.gross),
            _ => {
                // "zero-rated" is not broken at its hyphen
                let words = rate_words(line.supply, line.rate).replace(", ", ",\n");
                cells.push(Cell::new(column).add(ruler, column.field, Style::SMALL, &words)?);
                continue;
            }
        };
        let (style, words) = amounts::whole(ruler, column.field, &text, Style::SMALL, column.width)?;
        cells.push(Cell::new(column).with_lines(style, vec![words]));
    }
    Ok(row(cells))
}

fn described(ruler: &Ruler<'_>, cell: Cell, line: &DocumentLine) -> Result<Cell, RenderError> {
    let cell = cell.add(ruler, "description", Style::SMALL, &line.description)?;
    match &line.sku {
        Some(sku) => cell.add(ruler, "SKU", Style::TINY, &format!("SKU {sku}")),
        None => Ok(cell),
    }
}
