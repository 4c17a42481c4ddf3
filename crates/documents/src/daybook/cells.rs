//! A row of the daybook as cells, the same for every format.

use std::borrow::Cow;

use chrono::NaiveDate;
use ordersync_core::invoicing::{DaybookRow, DaybookSterling, ExportError};
use ordersync_types::{Currency, Money};
use ordersync_vat::BuyerKind;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'r> {
    /// Nothing is known, or nothing is to be said.
    Empty,
    /// A word of ours.
    Word(&'static str),
    /// What somebody else may have written: never to be read as a formula.
    Text(Cow<'r, str>),
    /// A day.
    Day(NaiveDate),
    /// An amount, which its column or another names the currency of.
    Amount(Money),
    /// A number that is no amount: digits, and a point or none.
    Number(Cow<'r, str>),
    /// How many.
    Count(u64),
}

impl<'r> Cell<'r> {
    fn text(text: &'r str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(Cow::Borrowed(text)) }
    }

    fn optional(text: Option<&'r String>) -> Self {
        text.map_or(Self::Empty, |text| Self::text(text))
    }

    /// As a number when it is one, so that what came from outside is a text after all.
    fn number(text: Cow<'r, str>) -> Self {
        let is_number = text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && text.bytes().filter(|byte| *byte == b'.').count() <= 1
            && !text.ends_with('.');
        if is_number { Self::Number(text) } else { Self::Text(text) }
    }
}

/// Columns with their widths in a workbook, in characters.
pub(super) const COLUMNS: [(&str, u16); 30] = [
    ("document_no", 18),
    ("kind", 9),
    ("issue_date", 12),
    ("tax_point", 12),
    ("tax_point_rule", 14),
    ("channel", 18),
    ("channel_order_id", 24),
    ("channel_document_no", 20),
    ("settlement_id", 14),
    ("buyer_kind", 11),
    ("buyer_vat_no", 18),
    ("ship_from", 10),
    ("ship_to", 10),
    ("vat_country", 11),
    ("scheme", 11),
    ("vat_category", 12),
    ("rate", 7),
    ("currency", 9),
    ("net", 12),
    ("vat", 12),
    ("gross", 12),
    ("fx_rate", 10),
    ("fx_source", 24),
    ("gbp_net", 12),
    ("gbp_vat", 12),
    ("gbp_gross", 12),
    ("original_document_no", 20),
    ("tax_status", 11),
    ("note", 40),
    ("party", 60),
];

/// The columns that a daybook has: the last one only when personal columns were asked for.
pub(super) fn columns(with_parties: bool) -> &'static [(&'static str, u16)] {
    let [without @ .., _] = &COLUMNS;
    if with_parties { &COLUMNS } else { without }
}

/// The cells of a row, in the order of [`COLUMNS`].
///
/// # Errors
/// The row has an amount without a currency.
pub(super) fn of_row(row: &DaybookRow, with_parties: bool) -> Result<Vec<Cell<'_>>, ExportError> {
    let word = |word: Option<&'static str>| word.map_or(Cell::Empty, Cell::Word);
    let day = |day: Option<NaiveDate>| day.map_or(Cell::Empty, Cell::Day);
    let party = row.party.as_ref().filter(|_| with_parties);
    let buyer = row.business.map(|is| if is { BuyerKind::Business } else { BuyerKind::Consumer });
    let [net, vat, gross] =
        [amount(row.net, row.currency)?, amount(row.vat, row.currency)?, amount(row.gross, row.currency)?];
    let Pounds { rate, source, net: gbp_net, vat: gbp_vat, gross: gbp_gross } = pounds(row);
    let mut cells = vec![
        Cell::optional(row.document_no.as_ref()),
        Cell::Word(row.kind.name()),
        day(row.issue_date),
        Cell::Day(row.tax_point),
        Cell::Word(row.tax_point_rule.name()),
        Cell::text(&row.channel),
        Cell::text(&row.channel_order_id),
        Cell::Empty,
        Cell::Empty,
        word(buyer.map(BuyerKind::name)),
        party.and_then(|party| party.vat_number.as_ref()).map_or(Cell::Empty, |number| Cell::text(number.expose())),
        Cell::optional(row.ship_from.as_ref()),
        Cell::optional(row.ship_to.as_ref()),
        Cell::optional(row.vat_country.as_ref()),
        word(row.scheme.map(ordersync_vat::Scheme::name)),
        word(row.supply.map(ordersync_vat::Supply::code)),
        row.rate.map_or(Cell::Empty, |rate| Cell::Number(Cow::Owned(rate.to_string()))),
        word(row.currency.map(Currency::code)),
        net,
        vat,
        gross,
        rate,
        source,
        gbp_net,
        gbp_vat,
        gbp_gross,
        Cell::optional(row.original_document_no.as_ref()),
        Cell::Word(status(row.is_final())),
        Cell::optional(row.note.as_ref()),
    ];
    if with_parties {
        cells.push(party.map_or(Cell::Empty, |party| Cell::text(party.name_and_address.expose())));
    }
    Ok(cells)
}

/// The word for whether a row can change.
pub(super) fn status(is_final: bool) -> &'static str {
    if is_final { "final" } else { "awaiting" }
}

fn amount(minor: Option<i64>, currency: Option<Currency>) -> Result<Cell<'static>, ExportError> {
    match (minor, currency) {
        (None, _) => Ok(Cell::Empty),
        (Some(minor), Some(currency)) => Ok(Cell::Amount(Money::new(minor, currency))),
        (Some(_), None) => Err(ExportError("a row has an amount and no currency".to_owned())),
    }
}

/// Sterling columns.
struct Pounds<'r> {
    rate: Cell<'r>,
    source: Cell<'r>,
    net: Cell<'r>,
    vat: Cell<'r>,
    gross: Cell<'r>,
}

fn pounds(row: &DaybookRow) -> Pounds<'_> {
    let pence = |minor: i64| Cell::Amount(Money::new(minor, Currency::GBP));
    let known = |minor: Option<i64>| minor.map_or(Cell::Empty, pence);
    let empty = || Cell::Empty;
    match &row.sterling {
        DaybookSterling::Same => {
            Pounds { rate: empty(), source: empty(), net: known(row.net), vat: known(row.vat), gross: known(row.gross) }
        }
        DaybookSterling::Converted { rate, source, net, vat, gross } => Pounds {
            rate: Cell::number(Cow::Borrowed(rate)),
            source: Cell::text(source),
            net: pence(*net),
            vat: pence(*vat),
            gross: pence(*gross),
        },
        DaybookSterling::Unknown(why) => {
            Pounds { rate: empty(), source: Cell::text(why), net: empty(), vat: empty(), gross: empty() }
        }
    }
}
