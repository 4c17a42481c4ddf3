//! Amounts of an eBay order: in the currency the seller is paid in, and in that of the listing where the two differ.

use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde_json::{Value, json};

use super::plan::{Line, Plan};

/// Minor units in both currencies. Sums of converted parts are the converted sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    paid: i64,
    listed: i64,
}

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { paid: self.paid + other.paid, listed: self.listed + other.listed }
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self { paid: -self.paid, listed: -self.listed }
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Self::add)
    }
}

/// Pence for a euro, where the seller is paid in pounds.
const PENCE_PER_EURO: i64 = 86;

impl Amount {
    fn listed(plan: &Plan, minor: i64) -> Self {
        let paid = if plan.converted { minor * PENCE_PER_EURO / 100 } else { minor };
        Self { paid, listed: minor }
    }

    const fn share(self, thousandths: i64) -> Self {
        Self { paid: self.paid * thousandths / 1000, listed: self.listed * thousandths / 1000 }
    }

    pub(super) fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// In eBay's form: a decimal string of one or two places.
    pub(super) fn json(self, plan: &Plan) -> Value {
        if plan.converted {
            return json!({
                "value": decimal(self.paid),
                "currency": "GBP",
                "convertedFromValue": decimal(self.listed),
                "convertedFromCurrency": plan.site.currency,
            });
        }
        json!({"value": decimal(self.paid), "currency": plan.site.currency})
    }
}

/// eBay writes `5.0` and `12.34`: never without a place, never `5.00`.
fn decimal(minor: i64) -> String {
    let text = crate::goods::decimal(minor);
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

/// The parts of one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    /// Quantity times price, before discount.
    pub(super) cost: Amount,
    pub(super) discount: Amount,
    /// Delivery before its discount.
    pub(super) shipping: Amount,
    pub(super) shipping_discount: Amount,
    /// What eBay collects on top.
    pub(super) tax: Amount,
}

impl Parts {
    pub(super) fn of(plan: &Plan, line: &Line) -> Self {
        let amount = |minor| Amount::listed(plan, minor);
        let cost = line.good.price * line.quantity;
        let taxed = cost - line.discount + line.shipping - line.shipping_discount;
        let percent = plan.collected.map_or(0, |collected| collected.percent);
        Self {
            cost: amount(cost),
            discount: amount(line.discount),
            shipping: amount(line.shipping),
            shipping_discount: amount(line.shipping_discount),
            tax: amount((taxed * percent + 50) / 100),
        }
    }

    /// What the line comes to without what eBay collects.
    pub(super) fn net(self) -> Amount {
        self.cost - self.discount + self.shipping - self.shipping_discount
    }

    /// What the line comes to: with a tax breakdown, what eBay collects is in it.
    pub(super) fn total(self, breakdown: bool) -> Amount {
        if breakdown { self.net() + self.tax } else { self.net() }
    }
}

/// The sums of an order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    pub(super) cost: Amount,
    pub(super) discount: Amount,
    pub(super) shipping: Amount,
    pub(super) shipping_discount: Amount,
    pub(super) net: Amount,
    pub(super) tax: Amount,
}

impl Totals {
    pub(super) fn of(plan: &Plan) -> Self {
        let parts: Vec<Parts> = plan.lines.iter().map(|line| Parts::of(plan, line)).collect();
        let sum = |part: fn(&Parts) -> Amount| parts.iter().map(part).sum();
        Self {
            cost: sum(|parts| parts.cost),
            discount: sum(|parts| parts.discount),
            shipping: sum(|parts| parts.shipping),
            shipping_discount: sum(|parts| parts.shipping_discount),
            net: sum(|parts| parts.net()),
            tax: sum(|parts| parts.tax),
        }
    }

    /// What the buyer paid, on which fees are counted.
    pub(super) fn basis(self) -> Amount {
        self.net + self.tax
    }

    /// eBay's fees.
    pub(super) fn fee(self) -> Amount {
        self.basis().share(128)
    }

    /// What the seller gets: net of fees, as production answers show.
    pub(super) fn due(self) -> Amount {
        self.net - self.fee()
    }
}

/// Half of a line, for a partial refund.
pub(super) const fn half(amount: Amount) -> Amount {
    amount.share(500)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_one_or_two_places() {
        for (minor, text) in [(0, "0.0"), (500, "5.0"), (1234, "12.34"), (1230, "12.3"), (-50, "-0.5"), (7, "0.07")] {
            assert_eq!(decimal(minor), text);
        }
    }
}
