//! The ways in which breakdowns can be understood that their vendor has not explained.

use ordersync_order::{Amount, AmountKind, OrderLine};
use ordersync_types::{Currency, Money};

use crate::Missing;
use crate::amounts::{amounts_missing, unplaced};
use crate::limits::sum;

/// A line's amounts under one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Parts {
    pub(crate) goods: i64,
    pub(crate) delivery: i64,
    pub(crate) wrapping: i64,
    /// What the marketplace collects for itself: charges and import charges.
    charges: i64,
    pub(crate) tax: i64,
    /// Which amount a discount's tax is on had to be guessed: good for the sum, not for use.
    guessed: bool,
}

impl Parts {
    fn sum(&self) -> i64 {
        sum([self.goods, self.delivery, self.wrapping, self.charges])
    }

    fn in_words(&self, money: impl Fn(i64) -> String) -> String {
        let Self { goods, delivery, wrapping, tax, .. } = *self;
        let [goods, delivery, wrapping, tax] = [goods, delivery, wrapping, tax].map(money);
        format!("goods {goods}, delivery {delivery}, wrapping {wrapping}, tax {tax}")
    }
}

/// One way to understand breakdowns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    /// Tax comes on top of the amounts that it is on; else it is in them.
    tax_on_top: bool,
    /// Discounts are taken away whatever their sign; else they are added with it.
    discount_taken_away: bool,
    /// The total holds the tax that the marketplace remits.
    remitted_in_total: bool,
}

impl Reading {
    fn every() -> impl Iterator<Item = Self> {
        (0_u8..8).map(|bits| Self {
            tax_on_top: bits & 4 != 0,
            discount_taken_away: bits & 2 != 0,
            remitted_in_total: bits & 1 != 0,
        })
    }

    /// With its sign, so that it can be added.
    fn discount(self, minor: i64) -> i64 {
        if self.discount_taken_away { minor.saturating_abs().saturating_neg() } else { minor }
    }

    /// What the amounts of the line add up to, and what they are.
    fn of(self, line: &OrderLine) -> (i64, Parts) {
        let remitted = if self.remitted_in_total { remitted(line) } else { 0 };
        let parts = if line.amounts.is_empty() {
            // No breakdown: all of it is goods.
            Parts { goods: total(line).saturating_sub(remitted), ..Parts::default() }
        } else {
            read(line, self)
        };
        (parts.sum().saturating_add(remitted), parts)
    }
}

/// The lines' amounts under the one reading that gives every line its total, or under several that give the same.
pub(crate) fn read_lines(lines: &[OrderLine], currency: Currency) -> Result<Vec<Parts>, Missing> {
    for line in lines {
        if let Some(amount) = line.amounts.iter().find(|amount| amount.money.minor != 0 && !is_placed(amount)) {
            return Err(unplaced(&format!("line {}", line.vendor_line_id), amount));
        }
    }
    let mut agreeing: Vec<Vec<Parts>> = Vec::new();
    for reading in Reading::every() {
        let read: Vec<(i64, Parts)> = lines.iter().map(|line| reading.of(line)).collect();
        let agrees = lines.iter().zip(&read).all(|(line, (sum, _))| *sum == total(line));
        let parts: Vec<Parts> = read.into_iter().map(|(_, parts)| parts).collect();
        if agrees && !agreeing.contains(&parts) {
            agreeing.push(parts);
        }
    }
    let money = |minor: i64| Money::new(minor, currency).to_string();
    match agreeing.as_slice() {
        [] => Err(none_agrees(lines, money)),
        [only] => match lines.iter().zip(only).find(|(_, parts)| parts.guessed) {
            None => Ok(only.clone()),
            Some((line, _)) => {
                let id = &line.vendor_line_id;
                Err(amounts_missing(&format!("which discount of line {id} its tax is on is not stated")))
            }
        },
        [one, other, ..] => {
            let differ = lines.iter().zip(one.iter().zip(other)).find(|(_, (one, other))| one != other);
            Err(amounts_missing(&differ.map_or_else(String::new, |(line, (one, other))| {
                let (id, one, other) = (&line.vendor_line_id, one.in_words(money), other.in_words(money));
                format!("the amounts of line {id} can be read in two ways: {one}; or {other}")
            })))
        }
    }
}

fn none_agrees(lines: &[OrderLine], money: impl Fn(i64) -> String) -> Missing {
    for line in lines {
        let mut sums: Vec<i64> = Reading::every().map(|reading| reading.of(line).0).collect();
        if sums.contains(&total(line)) {
            continue;
        }
        sums.sort_unstable();
        sums.dedup();
        let (id, total) = (&line.vendor_line_id, money(total(line)));
        let sums: Vec<String> = sums.into_iter().map(&money).collect();
        let sums = sums.join(" or ");
        return amounts_missing(&format!("line {id} has a total of {total}, but its amounts add up to {sums}"));
    }
    amounts_missing("each line's amounts add up to its total, but not if all lines are read in the same way")
}

fn total(line: &OrderLine) -> i64 {
    line.total.map_or(0, |total| total.minor)
}

/// The tax on the line that the marketplace remits.
fn remitted(line: &OrderLine) -> i64 {
    sum(line.collected_tax.iter().filter_map(|tax| tax.money).map(|money| money.minor))
}

fn read(line: &OrderLine, reading: Reading) -> Parts {
    let mut parts = Parts::default();
    for Amount { kind, of, money } in &line.amounts {
        let (minor, mut guessed) = (money.minor, false);
        let (on, signed) = match kind {
            AmountKind::Goods
            | AmountKind::Delivery
            | AmountKind::Handling
            | AmountKind::GiftWrap
            | AmountKind::ImportCharges
            | AmountKind::MarketplaceCharge => (Some(kind), minor),
            AmountKind::Discount => (of.as_ref(), reading.discount(minor)),
            AmountKind::Tax => {
                let of_discount = of.as_ref() == Some(&AmountKind::Discount);
                let signed = if of_discount { reading.discount(minor) } else { minor };
                parts.tax = parts.tax.saturating_add(signed);
                if !reading.tax_on_top || minor == 0 {
                    continue;
                }
                let mut on = of.as_ref();
                if of_discount {
                    (on, guessed) = discounted(line);
                }
                (on, signed)
            }
            // Nothing, or it was refused before.
            AmountKind::CashOnDelivery
            | AmountKind::DeliveryTip
            | AmountKind::Adjustment
            | AmountKind::Fee
            | AmountKind::Other(_) => continue,
        };
        parts.guessed |= guessed;
        let place = match on {
            Some(AmountKind::Delivery | AmountKind::Handling) => &mut parts.delivery,
            Some(AmountKind::GiftWrap) => &mut parts.wrapping,
            Some(AmountKind::ImportCharges | AmountKind::MarketplaceCharge) => &mut parts.charges,
            Some(_) | None => &mut parts.goods,
        };
        *place = place.saturating_add(signed);
    }
    parts
}

/// What the line's discount is on; true as well when there are discounts on several things.
fn discounted(line: &OrderLine) -> (Option<&AmountKind>, bool) {
    let discounts =
        || line.amounts.iter().filter(|amount| amount.kind == AmountKind::Discount && amount.money.minor != 0);
    let first = discounts().next().and_then(|discount| discount.of.as_ref());
    (first, discounts().any(|discount| discount.of.as_ref() != first))
}

/// True when it is known which part of the price, or of the marketplace's own charges, an amount belongs to.
fn is_placed(amount: &Amount) -> bool {
    let is_charge = |kind: &AmountKind| matches!(kind, AmountKind::ImportCharges | AmountKind::MarketplaceCharge);
    match (&amount.kind, &amount.of) {
        (AmountKind::Tax, Some(of)) => is_plain(of) && *of != AmountKind::Tax,
        (AmountKind::Discount, Some(of)) => is_plain(of) && !matches!(of, AmountKind::Tax | AmountKind::Discount),
        (kind, _) => is_plain(kind) || is_charge(kind),
    }
}

/// Kinds whose part of the price is known.
pub(crate) fn is_plain(kind: &AmountKind) -> bool {
    match kind {
        AmountKind::Goods
        | AmountKind::Delivery
        | AmountKind::Handling
        | AmountKind::GiftWrap
        | AmountKind::Tax
        | AmountKind::Discount => true,
        AmountKind::ImportCharges
        | AmountKind::MarketplaceCharge
        | AmountKind::CashOnDelivery
        | AmountKind::DeliveryTip
        | AmountKind::Adjustment
        | AmountKind::Fee
        | AmountKind::Other(_) => false,
    }
}
