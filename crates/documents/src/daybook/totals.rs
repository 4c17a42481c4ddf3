//! Totals as cells.

use std::borrow::Cow;

use ordersync_core::invoicing::{DaybookTotals, ExportError};
use ordersync_types::{Currency, Money};

use super::cells::{Cell, status};

/// Columns with their widths in a workbook, in characters.
pub(super) const COLUMNS: [(&str, u16); 13] = [
    ("what", 12),
    ("kind", 9),
    ("tax_status", 11),
    ("currency", 9),
    ("rows", 9),
    ("net", 14),
    ("vat", 14),
    ("gross", 14),
    ("gbp_net", 14),
    ("gbp_vat", 14),
    ("gbp_gross", 14),
    ("rows_without_gbp", 17),
    ("detail", 60),
];

/// What stands beside orders that were paid in the period and belong to a later one.
const LATER: &str = "paid in the period, dispatched after it or not yet";

/// The rows: sums (`sum`), orders of a later period (`paid_later`), numbers without a document (`void`), numbers that
/// are missing (`gap`).
///
/// # Errors
/// A currency is none.
pub(super) fn rows(totals: &DaybookTotals) -> Result<Vec<Vec<Cell<'_>>>, ExportError> {
    let mut rows = Vec::new();
    for (of, sum) in &totals.sums {
        let own = |minor| amount(&of.currency, minor);
        let pence = |minor| Cell::Amount(Money::new(minor, Currency::GBP));
        let (net, vat, gross) = sum.sterling;
        rows.push(vec![
            Cell::Word("sum"),
            Cell::Word(of.kind.name()),
            Cell::Word(status(of.is_final)),
            currency(&of.currency),
            Cell::Count(sum.rows),
            own(sum.net)?,
            own(sum.vat)?,
            own(sum.gross)?,
            pence(net),
            pence(vat),
            pence(gross),
            Cell::Count(sum.without_sterling),
            Cell::Empty,
        ]);
    }
    for (code, orders, minor) in &totals.paid_but_later {
        let mut row = beginning("paid_later", LATER.into());
        for (place, cell) in [(3, currency(code)), (4, Cell::Count(*orders)), (7, amount(code, *minor)?)] {
            if let Some(empty) = row.get_mut(place) {
                *empty = cell;
            }
        }
        rows.push(row);
    }
    for (number, day, reason) in &totals.voids {
        rows.push(beginning("void", format!("{number}, {day}: {reason}").into()));
    }
    for number in &totals.gaps {
        rows.push(beginning("gap", number.as_str().into()));
    }
    Ok(rows)
}

/// A row with nothing between what it is and the words on it.
fn beginning<'t>(what: &'static str, detail: Cow<'t, str>) -> Vec<Cell<'t>> {
    let mut row = vec![Cell::Word(what)];
    row.resize(COLUMNS.len() - 1, Cell::Empty);
    row.push(Cell::Text(detail));
    row
}

fn currency(code: &str) -> Cell<'_> {
    if code.is_empty() { Cell::Empty } else { Cell::Text(Cow::Borrowed(code)) }
}

/// Nothing where no price is known.
fn amount(code: &str, minor: i64) -> Result<Cell<'static>, ExportError> {
    if code.is_empty() {
        return Ok(Cell::Empty);
    }
    let currency: Currency = code.parse().map_err(|_| ExportError("a sum is of no currency".to_owned()))?;
    Ok(Cell::Amount(Money::new(minor, currency)))
}
