//! What the buyer paid for what: the marketplace's breakdowns, read only when they agree to the penny.

use std::fmt;

use ordersync_order::{Amount, Discount, FundedBy, OrderFacts};
use ordersync_types::{Currency, Money, MoneyError};

use crate::limits::{sum, within_limits};
use crate::reading::{Parts, is_plain, read_lines};
use crate::rounding::spread;
use crate::{DiscountsNotStated, Missing, MissingFact, SellerTaxProfile};

/// An order in money: VAT-inclusive amounts of its lines, in minor units of one currency. None is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedOrder {
    /// The currency.
    pub currency: Currency,
    /// The lines in the marketplace's order.
    pub lines: Vec<PricedLine>,
}

/// One line in money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricedLine {
    /// The marketplace's id of the line.
    pub vendor_line_id: String,
    /// Pieces that the amounts are for.
    pub quantity: i64,
    /// The goods, after the seller's discounts, with what the marketplace adds for its own ones.
    pub goods: i64,
    /// Delivery and handling.
    pub delivery: i64,
    /// Gift wrapping, a supply of its own.
    pub wrapping: i64,
    /// The tax in all of this that the marketplace states; 0 when it states none, which says nothing.
    pub stated_tax: i64,
}

impl PricedLine {
    fn gross(&self) -> i64 {
        sum([self.goods, self.delivery, self.wrapping])
    }
}

impl PricedOrder {
    /// What may be invoiced if all of it leaves and nothing goes back: what the buyer paid, less what the marketplace
    /// collects for itself, with the marketplace's own discounts.
    pub fn total(&self) -> i64 {
        sum(self.lines.iter().map(PricedLine::gross))
    }

    /// As it stands in the record of a sale whose tax the marketplace remits: without the tax that it states and that the
    /// buyer paid to it. Where it states as its own what it collects, that is out of the amounts already.
    #[must_use]
    pub fn without_stated_tax(&self) -> Self {
        let mut net = self.clone();
        for line in &mut net.lines {
            let mut left = std::mem::take(&mut line.stated_tax);
            for part in [&mut line.goods, &mut line.delivery, &mut line.wrapping] {
                let less = left.min(*part).max(0);
                *part -= less;
                left -= less;
            }
        }
        net
    }
}

/// Reads an order's amounts.
///
/// Neither marketplace says of each amount whether VAT is in it and which sign a discount has (facts, Amazon 2026-01-01
/// "proceeds", UNCONFIRMED). So every reading is tried on all lines, because a marketplace has one custom and not one for
/// each line, and the amounts are used only if those that give each line its stated total all give the same amounts.
///
/// # Errors
/// [`Missing`] with both sums when none agrees or two differ, for an amount of a kind that is neither goods, delivery nor
/// wrapping, for one out of range, and for a discount whose payer must be known and is not.
pub fn price(facts: &OrderFacts, profile: &SellerTaxProfile) -> Result<PricedOrder, Missing> {
    let currency = facts.currency.ok_or_else(|| amounts_missing("the marketplace gives no price"))?;
    let total = facts.grand_total.ok_or_else(|| amounts_missing("what the buyer paid in all is not stated"))?;
    for amount in facts.amounts.iter().filter(|amount| amount.money.minor != 0) {
        if !is_plain(&amount.kind) {
            return Err(unplaced("the order", amount));
        }
    }
    if facts.collected_tax.iter().filter_map(|tax| tax.money).any(|tax| tax.minor != 0) {
        return Err(amounts_missing(
            "the marketplace collects tax on the order, and does not say on which of its lines",
        ));
    }
    all_in(currency, facts)?;
    let line_totals = facts.lines.iter().filter_map(|line| line.total);
    let of_lines = Money::sum(currency, line_totals).map_err(not_addable)?;
    if of_lines != total {
        let unstated = facts.lines.iter().any(|line| line.total.is_none());
        let hint = if unstated { " (a line has no total)" } else { "" };
        let reason = format!("the buyer paid {total} in all, but the lines add up to {of_lines}{hint}");
        return Err(Missing::new(MissingFact::Amounts, reason));
    }
    let mut lines = Vec::with_capacity(facts.lines.len());
    for (line, parts) in facts.lines.iter().zip(read_lines(&facts.lines, currency)?) {
        let Parts { goods, delivery, wrapping, tax: stated_tax, .. } = parts;
        let goods = goods.saturating_add(added_by_marketplace(&line.discounts, profile)?);
        let (vendor_line_id, quantity) = (line.vendor_line_id.as_str().to_owned(), i64::from(line.quantity));
        lines.push(PricedLine { vendor_line_id, quantity, goods, delivery, wrapping, stated_tax });
    }
    let of_order = added_by_marketplace(&facts.discounts, profile)?;
    let weights: Vec<i64> = lines.iter().map(|line| line.goods.max(0)).collect();
    let shares = spread(of_order, &weights)
        .ok_or_else(|| amounts_missing("the marketplace adds a discount, and no line has a price to add it to"))?;
    for (line, share) in lines.iter_mut().zip(shares) {
        line.goods = line.goods.saturating_add(share);
    }
    for line in &lines {
        within_limits([line.goods, line.delivery, line.wrapping, line.stated_tax])?;
        let id = &line.vendor_line_id;
        if line.goods < 0 || line.delivery < 0 || line.wrapping < 0 {
            return Err(amounts_missing(&format!("an amount of line {id} is below nothing")));
        }
        if line.quantity == 0 && line.gross() != 0 {
            return Err(amounts_missing(&format!("line {id} has a price, and no pieces that it is for")));
        }
    }
    Ok(PricedOrder { currency, lines })
}

/// Amounts of one currency, none of them so large that a sum could leave 64 bits.
fn all_in(currency: Currency, facts: &OrderFacts) -> Result<(), Missing> {
    let of_lines = facts.lines.iter().flat_map(|line| {
        let amounts = line.amounts.iter().map(|amount| amount.money);
        let taxes = line.collected_tax.iter().filter_map(|tax| tax.money);
        line.total.into_iter().chain(amounts).chain(taxes)
    });
    let discounts = facts.discounts.iter().chain(facts.lines.iter().flat_map(|line| &line.discounts));
    for money in of_lines.chain(discounts.filter_map(|discount| discount.money)) {
        if money.currency != currency {
            return Err(not_addable(MoneyError::MixedCurrencies(currency, money.currency)));
        }
        within_limits([money.minor])?;
    }
    Ok(())
}

/// What the marketplace pays on top of the buyer, where that counts.
fn added_by_marketplace(discounts: &[Discount], profile: &SellerTaxProfile) -> Result<i64, Missing> {
    let mut added: i64 = 0;
    for discount in discounts {
        let name = || discount.promotion.as_ref().map_or("without a name", |code| code.as_str()).to_owned();
        match discount.funded_by {
            FundedBy::Seller => {}
            FundedBy::NotStated => {
                if profile.discounts_not_stated == DiscountsNotStated::Ask {
                    let reason = format!("who pays for the discount {} is not stated", name());
                    return Err(Missing::new(MissingFact::Discount, reason));
                }
            }
            FundedBy::Marketplace => {
                if !profile.marketplace_discounts_count {
                    continue;
                }
                let Some(money) = discount.money.filter(|money| money.minor >= 0) else {
                    let reason = format!("how much the marketplace pays for the discount {} is not stated", name());
                    return Err(Missing::new(MissingFact::Discount, reason));
                };
                added = added.saturating_add(money.minor);
            }
        }
    }
    Ok(added)
}

pub(crate) fn unplaced(of: &str, amount: &Amount) -> Missing {
    let kind = amount.kind.name();
    let reason = format!("{of} has {} of {kind}: whether that is a price of goods must be said", amount.money);
    Missing::new(MissingFact::Amounts, reason)
}

pub(crate) fn amounts_missing(reason: &str) -> Missing {
    Missing::new(MissingFact::Amounts, reason)
}

fn not_addable(error: impl fmt::Display) -> Missing {
    Missing::new(MissingFact::Amounts, error.to_string())
}
