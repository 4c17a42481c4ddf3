//! Proceeds of a line and of an order: parts that add up to the total.

use serde_json::{Value, json};

use super::plan::{Line, Plan};
use crate::goods::{decimal, tax_inside};

/// An amount in Amazon's form.
pub(super) fn money(minor: i64, currency: &str) -> Value {
    json!({"amount": decimal(minor), "currencyCode": currency})
}

/// The parts of one line, in minor units. Where the marketplace collects the tax, parts are net and the tax stands apart;
/// elsewhere prices contain it and the tax part is zero, as sellers report for Europe.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Parts {
    item: i64,
    shipping: i64,
    gift_wrap: i64,
    discount: i64,
    tax_item: i64,
    tax_shipping: i64,
    tax_gift_wrap: i64,
    tax_discount: i64,
}

impl Parts {
    pub(super) fn of(plan: &Plan, line: &Line) -> Self {
        let percent = if plan.scheme.is_some() { plan.market.vat_percent } else { 0 };
        let split = |gross: i64| (gross - tax_inside(gross, percent), tax_inside(gross, percent));
        let (item, tax_item) = split(line.good.price * line.quantity);
        let (shipping, tax_shipping) = split(line.shipping);
        let (gift_wrap, tax_gift_wrap) = split(line.gift_wrap.unwrap_or(0));
        let (discount, tax_discount) = split(line.discount);
        Self { item, shipping, gift_wrap, discount, tax_item, tax_shipping, tax_gift_wrap, tax_discount }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            item: self.item + other.item,
            shipping: self.shipping + other.shipping,
            gift_wrap: self.gift_wrap + other.gift_wrap,
            discount: self.discount + other.discount,
            tax_item: self.tax_item + other.tax_item,
            tax_shipping: self.tax_shipping + other.tax_shipping,
            tax_gift_wrap: self.tax_gift_wrap + other.tax_gift_wrap,
            tax_discount: self.tax_discount + other.tax_discount,
        }
    }

    const fn tax(self) -> i64 {
        self.tax_item + self.tax_shipping + self.tax_gift_wrap - self.tax_discount
    }

    /// What the parts come to.
    pub(super) const fn total(self) -> i64 {
        self.item + self.shipping + self.gift_wrap - self.discount + self.tax()
    }

    /// The parts in Amazon's form; with `detail`, what tax and discount consist of.
    pub(super) fn breakdowns(self, plan: &Plan, detail: bool, negative_discounts: bool) -> Vec<Value> {
        let currency = plan.market.currency;
        let sign = if negative_discounts { -1 } else { 1 };
        let mut list = vec![json!({"type": "ITEM", "subtotal": money(self.item, currency)})];
        for (kind, amount) in [("SHIPPING", self.shipping), ("GIFT_WRAP", self.gift_wrap)] {
            if amount != 0 {
                list.push(json!({"type": kind, "subtotal": money(amount, currency)}));
            }
        }
        if self.discount != 0 {
            let mut part = json!({"type": "DISCOUNT", "subtotal": money(sign * self.discount, currency)});
            if detail {
                let value = money(sign * self.discount, currency);
                crate::fields::merge(&mut part, &json!({"detailedBreakdowns": [{"subtype": "ITEM", "value": value}]}));
            }
            list.push(part);
        }
        if plan.scheme.is_some() || plan.oddity.is_multiple_of(2) {
            let mut part = json!({"type": "TAX", "subtotal": money(self.tax(), currency)});
            if detail {
                let kinds = [
                    ("ITEM", self.tax_item),
                    ("SHIPPING", self.tax_shipping),
                    ("GIFT_WRAP", self.tax_gift_wrap),
                    ("DISCOUNT", sign * self.tax_discount),
                ];
                let shown = kinds.into_iter().filter(|(kind, amount)| *amount != 0 || *kind == "ITEM");
                let details: Vec<Value> =
                    shown.map(|(kind, amount)| json!({"subtype": kind, "value": money(amount, currency)})).collect();
                crate::fields::merge(&mut part, &json!({"detailedBreakdowns": details}));
            }
            list.push(part);
        }
        list
    }
}
