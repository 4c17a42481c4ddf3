//! Whether the amounts of an order agree with one another. Every doubt is a `tax` review and nothing is corrected.

use ordersync_order::{Amount, AmountKind, Aspect, OrderLine, Review};
use ordersync_types::Money;

use super::amounts::OrderAmounts;
use super::reading::{Path, Reading, Rejection};
use crate::dto::Order;

pub(super) fn check(
    order: &Order<'_>,
    amounts: &OrderAmounts,
    lines: &[OrderLine],
    reading: &mut Reading,
) -> Result<(), Rejection> {
    let fee_basis = reading.money(&order.total_fee_basis_amount, Path::ORDER.at("totalFeeBasisAmount"))?;
    one_currency(reading);
    converted(reading);
    collected_tax_is_named(order, lines, reading);
    let Some(total) = amounts.grand_total else {
        let reason = "eBay does not say what the buyer pays in all";
        reading.review(Aspect::Tax, Path::ORDER.at("pricingSummary").at("total"), reason);
        return Ok(());
    };
    if let Some(sum) = sum_of_lines(total, lines)
        && sum != total
        && !adjustment(&amounts.amounts).is_some_and(|adjustment| sum.checked_add(adjustment) == Ok(total))
    {
        disagree("pricingSummary.total", "the order's total", total, "the sum of its lines", sum, reading);
    }
    if let Some(basis) = fee_basis.filter(|basis| basis.currency == total.currency && *basis != total) {
        let basis_name = "the amount eBay takes its fees on";
        disagree("totalFeeBasisAmount", "the order's total", total, basis_name, basis, reading);
    }
    Ok(())
}

/// `None` when a line has no total, or one in another currency.
fn sum_of_lines(total: Money, lines: &[OrderLine]) -> Option<Money> {
    let mut sum = Money::zero(total.currency);
    for line in lines {
        sum = sum.checked_add(line.total?).ok()?;
    }
    Some(sum)
}

/// An adjustment belongs to the order; whether it is in the lines' totals too is not said.
fn adjustment(amounts: &[Amount]) -> Option<Money> {
    amounts.iter().find(|amount| amount.kind == AmountKind::Adjustment).map(|amount| amount.money)
}

fn disagree(field: &str, one: &str, this: Money, other: &str, that: Money, reading: &mut Reading) {
    let reason = format!("{one} is {this}, but {other} is {that}");
    reading.reviews.push(Review::new(Aspect::Tax, field, &reason));
}

fn one_currency(reading: &mut Reading) {
    if let (Some(field), Some(currency)) = (reading.other_currency.take(), reading.currency) {
        let reason = format!("not in {currency} as the order's other amounts");
        reading.reviews.push(Review::new(Aspect::Tax, &field, &reason));
    }
}

/// VAT is owed on what the buyer paid, in the buyer's currency, at a rate the tax office names, and eBay's rate is
/// another: so a person must look, and finds the amount paid here.
fn converted(reading: &mut Reading) {
    let Some(conversion) = reading.conversion.take() else { return };
    let paid = conversion.paid.map_or_else(|| "another currency".to_owned(), |paid| paid.to_string());
    let reason = format!("converted by eBay into the currency it pays the seller in; the buyer paid {paid} here");
    reading.reviews.push(Review::new(Aspect::Tax, &conversion.field, &reason));
}

fn collected_tax_is_named(order: &Order<'_>, lines: &[OrderLine], reading: &mut Reading) {
    if order.ebay_collect_and_remit_tax == Some(true) && lines.iter().all(|line| line.collected_tax.is_empty()) {
        let reason = "eBay says that it collects tax on this order, but names none on any line";
        reading.review(Aspect::Tax, Path::ORDER.at("ebayCollectAndRemitTax"), reason);
    }
}
