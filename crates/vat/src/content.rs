//! What stands on a document: lines, VAT by rate, totals. Once issued it never changes.

use ordersync_types::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::limits::{below_nothing, sum, too_large, within_limits};
use crate::rounding::{spread, vat_in};
use crate::{Missing, Rate, Supply};

/// What a document line is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOf {
    /// Pieces of an order line, by the marketplace's id of it.
    Goods(String),
    /// Gift wrapping of an order line.
    Wrapping(String),
    /// Delivery and handling.
    Delivery,
    /// A lower price for the order as a whole.
    Goodwill,
}

impl LineOf {
    /// True for what belongs to an order line: its goods and their wrapping.
    pub(crate) fn is_of(&self, vendor_line_id: &str) -> bool {
        matches!(self, Self::Goods(id) | Self::Wrapping(id) if id == vendor_line_id)
    }
}

/// One line of a document. Amounts are minor units and never below nothing, on credit notes too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// What it is for.
    pub of: LineOf,
    /// The seller's stock-keeping unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// In words.
    pub description: String,
    /// Pieces; 1 for delivery and the like.
    pub quantity: i64,
    /// What it is for VAT.
    pub supply: Supply,
    /// The rate that was used.
    pub rate: Rate,
    /// Why that category, in words: a product row or the seller's declaration.
    pub basis: String,
    /// Without VAT.
    pub net: i64,
    /// The VAT.
    pub vat: i64,
    /// With VAT.
    pub gross: i64,
}

/// All that a document has of one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatGroup {
    /// What it is for VAT.
    pub supply: Supply,
    /// The rate.
    pub rate: Rate,
    /// Without VAT.
    pub net: i64,
    /// The VAT.
    pub vat: i64,
    /// With VAT.
    pub gross: i64,
}

/// Lines and totals of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The currency of every amount.
    pub currency: Currency,
    /// The lines.
    pub lines: Vec<DocumentLine>,
    /// VAT by what and rate, in their order.
    pub groups: Vec<VatGroup>,
    /// Refunds that it takes into account: those that lowered an invoice before its issue, or what a credit note is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<RefundUse>,
}

/// A part of a refund that a document takes into account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundUse {
    /// Which refund.
    pub reference: String,
    /// The order line that the part is for; `None`: the order as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Minor units.
    pub amount: i64,
}

/// A line before VAT is worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrossLine {
    /// What it is for.
    pub of: LineOf,
    /// The seller's stock-keeping unit.
    pub sku: Option<String>,
    /// In words.
    pub description: String,
    /// Pieces.
    pub quantity: i64,
    /// What it is for VAT.
    pub supply: Supply,
    /// The rate.
    pub rate: Rate,
    /// Why that category.
    pub basis: String,
    /// With VAT.
    pub gross: i64,
}

impl Content {
    /// Works VAT out: lines are grouped by rate, the VAT of a group is taken from its gross, and its net is spread over its
    /// lines so that all adds up (fact C6). A line of nothing stays: a piece that was given away, or whose price went back
    /// before it left, has left all the same.
    ///
    /// # Errors
    /// [`MissingFact::Amounts`](crate::MissingFact::Amounts) when an amount is below nothing or out of range.
    pub fn of_gross(currency: Currency, lines: Vec<GrossLine>, refunds: Vec<RefundUse>) -> Result<Self, Missing> {
        within_limits(lines.iter().map(|line| line.gross))?;
        let mut groups: Vec<VatGroup> = Vec::new();
        for line in &lines {
            match groups.iter_mut().find(|group| (group.supply, group.rate) == (line.supply, line.rate)) {
                Some(group) => group.gross = group.gross.checked_add(line.gross).ok_or_else(too_large)?,
                None => {
                    let (supply, rate, gross) = (line.supply, line.rate, line.gross);
                    groups.push(VatGroup { supply, rate, net: 0, vat: 0, gross });
                }
            }
        }
        groups.sort_by_key(|group| (std::cmp::Reverse(group.rate), group.supply));
        for group in &mut groups {
            group.vat = vat_in(group.gross, group.rate);
            group.net = group.gross - group.vat;
        }
        Self::spread_over_lines(currency, lines, groups, refunds)
    }

    /// As [`Self::of_gross`] with the VAT of each group already known, as a credit note has it.
    pub(crate) fn spread_over_lines(
        currency: Currency,
        lines: Vec<GrossLine>,
        groups: Vec<VatGroup>,
        refunds: Vec<RefundUse>,
    ) -> Result<Self, Missing> {
        let mut done: Vec<(usize, DocumentLine)> = Vec::with_capacity(lines.len());
        for group in &groups {
            let of_group: Vec<(usize, &GrossLine)> = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| (line.supply, line.rate) == (group.supply, group.rate))
                .collect();
            let weights: Vec<i64> = of_group.iter().map(|(_, line)| line.gross).collect();
            let nets = spread(group.net, &weights).ok_or_else(below_nothing)?;
            for ((place, line), net) in of_group.into_iter().zip(nets) {
                done.push((
                    place,
                    DocumentLine {
                        of: line.of.clone(),
                        sku: line.sku.clone(),
                        description: line.description.clone(),
                        quantity: line.quantity,
                        supply: line.supply,
                        rate: line.rate,
                        basis: line.basis.clone(),
                        net,
                        vat: line.gross - net,
                        gross: line.gross,
                    },
                ));
            }
        }
        done.sort_by_key(|(place, _)| *place);
        let lines = done.into_iter().map(|(_, line)| line).collect();
        Ok(Self { currency, lines, groups, refunds })
    }

    /// All without VAT.
    pub fn net(&self) -> Money {
        self.sum(|group| group.net)
    }

    /// All VAT.
    pub fn vat(&self) -> Money {
        self.sum(|group| group.vat)
    }

    /// All with VAT.
    pub fn gross(&self) -> Money {
        self.sum(|group| group.gross)
    }

    fn sum(&self, part: impl Fn(&VatGroup) -> i64) -> Money {
        Money::new(sum(self.groups.iter().map(part)), self.currency)
    }

    /// Pieces of an order line on it.
    pub fn pieces_of(&self, vendor_line_id: &str) -> i64 {
        let is_it = |line: &&DocumentLine| matches!(&line.of, LineOf::Goods(id) if id == vendor_line_id);
        sum(self.lines.iter().filter(is_it).map(|line| line.quantity))
    }
}
