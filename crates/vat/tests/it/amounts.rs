//! What the buyer paid for what: readings of breakdowns, and refunds.

use ordersync_order::AmountKind::{
    CashOnDelivery, Delivery, DeliveryTip, Discount as Off, Goods, Handling, ImportCharges, MarketplaceCharge, Tax,
};
use ordersync_order::{Amount, AmountKind, CollectedTax, Discount, FundedBy, OrderFacts, RawCode};
use ordersync_types::{Currency, Money};
use ordersync_vat::{DiscountsNotStated, SellerTaxProfile, price, refunds};

use crate::shop::{amount, amount_of, gbp, line, made, order, profile};

/// An order of one line of two pieces with this total and breakdown.
fn of(total: i64, amounts: Vec<Amount>) -> OrderFacts {
    let mut facts = order("GB", "ZX1 1AA");
    facts.lines = vec![line("1", 2, total)];
    facts.lines[0].amounts = amounts;
    facts.grand_total = Some(gbp(total));
    facts
}

fn and(mut facts: OrderFacts, other: OrderFacts) -> OrderFacts {
    let total = facts.grand_total.unwrap().checked_add(other.grand_total.unwrap()).unwrap();
    facts.grand_total = Some(total);
    facts.lines.extend(other.lines);
    facts
}

fn with(mut facts: OrderFacts, change: impl FnOnce(&mut OrderFacts)) -> OrderFacts {
    change(&mut facts);
    facts
}

fn remitted(facts: OrderFacts, minor: i64) -> OrderFacts {
    with(facts, |facts| facts.lines[0].collected_tax.push(collected(gbp(minor))))
}

fn collected(money: Money) -> CollectedTax {
    let by = Some(RawCode::new("EBAY"));
    CollectedTax { kind: Some(RawCode::new("VAT")), money: Some(money), remitted_by: by, model: None, scheme: None }
}

fn discount(funded_by: FundedBy, minor: Option<i64>) -> Discount {
    Discount { funded_by, money: minor.map(gbp), promotion: Some(RawCode::new("SPRING")) }
}

/// `goods+delivery+wrapping tax stated` for each line, or `missing fact: reason`.
fn read(facts: &OrderFacts, profile: &SellerTaxProfile) -> String {
    match price(facts, profile) {
        Ok(priced) => {
            let lines = priced.lines.iter();
            let lines = lines.map(|l| format!("{}+{}+{} tax {}", l.goods, l.delivery, l.wrapping, l.stated_tax));
            lines.collect::<Vec<_>>().join(", ")
        }
        Err(missing) => format!("missing {}: {}", missing.fact.name(), missing.reason),
    }
}

/// Each row: the order, what it is read as (or how the missing fact begins), what it shows.
fn check(table: Vec<(OrderFacts, &str, &str)>) {
    for (facts, expected, what) in table {
        let found = read(&facts, &profile());
        let fits = if expected.starts_with("missing") { found.contains(expected) } else { found == expected };
        assert!(fits, "{what}: {found}");
    }
}

#[test]
fn breakdowns_are_read_in_the_one_way_that_adds_up() {
    let goods = |minor| amount(Goods, minor);
    let sent = |minor| amount(Delivery, minor);
    check(vec![
        (of(1_200, vec![]), "1200+0+0 tax 0", "no breakdown: all of it is goods"),
        (of(0, vec![]), "0+0+0 tax 0", "a gift"),
        (of(1_200, vec![goods(1_200)]), "1200+0+0 tax 0", "eBay: goods alone"),
        (of(1_500, vec![goods(1_200), sent(300)]), "1200+300+0 tax 0", "delivery"),
        (of(1_550, vec![goods(1_200), sent(300), amount(Handling, 50)]), "1200+350+0 tax 0", "handling is delivery"),
        (of(1_600, vec![goods(1_200), amount(AmountKind::GiftWrap, 400)]), "1200+0+400 tax 0", "wrapping"),
        (of(1_200, vec![goods(1_200), amount_of(Tax, Goods, 200)]), "1200+0+0 tax 200", "tax in the price"),
        (of(1_200, vec![goods(1_000), amount_of(Tax, Goods, 200)]), "1200+0+0 tax 200", "tax on top of the price"),
        (of(1_200, vec![goods(1_000), amount(Tax, 200)]), "1200+0+0 tax 200", "tax on top, of what is not stated"),
        (
            of(1_500, vec![goods(1_000), sent(250), amount_of(Tax, Goods, 200), amount_of(Tax, Delivery, 50)]),
            "1200+300+0 tax 250",
            "tax on top of goods and of delivery",
        ),
        (
            of(480, vec![goods(0), amount(AmountKind::GiftWrap, 400), amount_of(Tax, AmountKind::GiftWrap, 80)]),
            "0+0+480 tax 80",
            "tax on top of wrapping",
        ),
        (of(1_200, vec![goods(1_200), amount_of(Tax, Goods, 0)]), "1200+0+0 tax 0", "no tax: every reading agrees"),
        (of(1_000, vec![goods(1_200), amount_of(Off, Goods, -200)]), "1000+0+0 tax 0", "a discount below nothing"),
        (of(1_000, vec![goods(1_200), amount_of(Off, Goods, 200)]), "1000+0+0 tax 0", "a discount above nothing"),
        (of(1_000, vec![goods(1_200), amount(Off, -200)]), "1000+0+0 tax 0", "a discount of what is not stated"),
        (of(1_200, vec![goods(1_200), sent(300), amount_of(Off, Delivery, -300)]), "1200+0+0 tax 0", "free delivery"),
        (
            of(
                1_080,
                vec![goods(1_000), amount_of(Off, Goods, 100), amount_of(Tax, Goods, 200), amount_of(Tax, Off, 20)],
            ),
            "1080+0+0 tax 180",
            "v0: all without tax, the discount's tax is taken away with it",
        ),
        (
            of(
                1_080,
                vec![goods(1_200), amount_of(Off, Goods, -120), amount_of(Tax, Goods, 200), amount_of(Tax, Off, -20)],
            ),
            "1080+0+0 tax 180",
            "all with tax",
        ),
        (
            of(
                1_280,
                vec![
                    goods(1_000),
                    sent(100),
                    amount_of(Off, Delivery, 50),
                    amount_of(Tax, Goods, 200),
                    amount_of(Tax, Delivery, 20),
                    amount_of(Tax, Off, -10),
                ],
            ),
            "missing amounts: line 1 has a total of 12.80 GBP, but its amounts add up to",
            "none agrees",
        ),
        (
            of(
                1_260,
                vec![
                    goods(1_000),
                    sent(100),
                    amount_of(Off, Delivery, 50),
                    amount_of(Tax, Goods, 200),
                    amount_of(Tax, Delivery, 20),
                    amount_of(Tax, Off, 10),
                ],
            ),
            "1200+60+0 tax 210",
            "the tax of a discount on delivery",
        ),
    ]);
}

#[test]
fn breakdowns_that_do_not_add_up_are_not_used() {
    let goods = |minor| amount(Goods, minor);
    check(vec![
        (
            of(1_250, vec![goods(1_000), amount_of(Tax, Goods, 200)]),
            "missing amounts: line 1 has a total of 12.50 GBP, but its amounts add up to 10.00 GBP or 12.00 GBP",
            "both sums are stated",
        ),
        (of(1_001, vec![goods(1_000)]), "missing amounts: line 1 has a total of 10.01 GBP", "a penny off"),
        (
            of(
                1_300,
                vec![goods(1_000), amount(Delivery, 200), amount_of(Off, Delivery, 100), amount_of(Tax, Goods, 200)],
            ),
            "missing amounts: the amounts of line 1 can be read in two ways: goods 10.00 GBP, delivery 3.00 GBP, wrapping \
             0.00 GBP, tax 2.00 GBP; or goods 12.00 GBP, delivery 1.00 GBP",
            "two readings differ",
        ),
        (
            and(
                of(1_200, vec![goods(1_200), amount_of(Tax, Goods, 200)]),
                of(1_200, vec![goods(1_000), amount_of(Tax, Goods, 200)]),
            ),
            "missing amounts: each line's amounts add up to its total, but not if all lines are read in the same way",
            "a marketplace has one custom",
        ),
        (
            and(
                of(
                    1_300,
                    vec![
                        goods(1_000),
                        amount(Delivery, 200),
                        amount_of(Off, Delivery, 100),
                        amount_of(Tax, Goods, 200),
                    ],
                ),
                of(1_200, vec![goods(1_000), amount_of(Tax, Goods, 200)]),
            ),
            "1200+100+0 tax 200, 1200+0+0 tax 200",
            "another line tells which of two readings it is",
        ),
        (
            of(
                1_080,
                vec![
                    goods(1_000),
                    amount(Delivery, 100),
                    amount_of(Off, Goods, 150),
                    amount_of(Off, Delivery, 50),
                    amount_of(Tax, Goods, 220),
                    amount_of(Tax, Off, 40),
                ],
            ),
            "missing amounts: which discount of line 1 its tax is on is not stated",
            "a discount's tax on one of two discounts",
        ),
    ]);
}

#[test]
fn totals_and_currencies_must_agree() {
    let goods = |minor| amount(Goods, minor);
    check(vec![
        (
            with(of(1_200, vec![]), |facts| facts.lines[0].total = None),
            "missing amounts: the buyer paid 12.00 GBP in all, but the lines add up to 0.00 GBP (a line has no total)",
            "a line without a total",
        ),
        (with(of(1_200, vec![]), |facts| facts.grand_total = None), "missing amounts: what the buyer paid", "no total"),
        (
            with(of(1_200, vec![]), |facts| facts.currency = None),
            "missing amounts: the marketplace gives no",
            "no price",
        ),
        (
            with(of(1_200, vec![]), |facts| facts.grand_total = Some(gbp(1_201))),
            "missing amounts: the buyer paid 12.01 GBP in all, but the lines add up to 12.00 GBP",
            "both sums are stated",
        ),
        (
            with(of(1_200, vec![]), |facts| facts.grand_total = Some(Money::new(1_200, Currency::EUR))),
            "missing amounts: the buyer paid 12.00 EUR",
            "another currency in all",
        ),
        (
            with(of(1_200, vec![]), |facts| facts.lines[0].total = Some(Money::new(1_200, Currency::EUR))),
            "missing amounts: amounts in GBP and EUR",
            "another currency of a line",
        ),
        (
            of(1_200, vec![Amount::new(Goods, Money::new(1_200, Currency::EUR))]),
            "missing amounts: amounts in GBP and EUR",
            "another currency of an amount",
        ),
        (
            with(of(1_200, vec![goods(1_200)]), |facts| {
                facts.lines[0].collected_tax.push(collected(Money::new(200, Currency::EUR)));
            }),
            "missing amounts: amounts in GBP and EUR",
            "another currency of tax",
        ),
        (of(-100, vec![]), "missing amounts: an amount of line 1 is below nothing", "below nothing"),
        (
            of(700, vec![goods(1_200), amount(Delivery, -500)]),
            "missing amounts: an amount of line 1 is below nothing",
            "delivery below nothing",
        ),
        (
            with(of(500, vec![]), |facts| facts.lines[0].quantity = 0),
            "missing amounts: line 1 has a price, and no pieces",
            "a price of nothing",
        ),
        (with(of(0, vec![]), |facts| facts.lines[0].quantity = 0), "0+0+0 tax 0", "cancelled before it had a price"),
    ]);
}

#[test]
fn amounts_that_are_no_price_of_goods_need_a_person() {
    let goods = |minor| amount(Goods, minor);
    let other = || AmountKind::Other(RawCode::new("NEW"));
    let order_wide = |kind, minor| with(of(500, vec![]), |facts| facts.amounts.push(amount(kind, minor)));
    check(vec![
        (
            of(600, vec![goods(500), amount(CashOnDelivery, 100)]),
            "missing amounts: line 1 has 1.00 GBP of a fee",
            "COD",
        ),
        (of(600, vec![goods(500), amount(DeliveryTip, 100)]), "missing amounts: line 1 has 1.00 GBP of a tip", "a tip"),
        (of(600, vec![goods(500), amount(other(), 100)]), "missing amounts: line 1 has 1.00 GBP of NEW", "unknown"),
        (of(500, vec![goods(500), amount(other(), 0)]), "500+0+0 tax 0", "nothing of an unknown kind"),
        (
            of(600, vec![goods(500), amount(AmountKind::Fee, 100)]),
            "missing amounts: line 1 has 1.00 GBP of a fee",
            "fee",
        ),
        (of(600, vec![goods(500), amount(AmountKind::Adjustment, 100)]), "missing amounts: line 1", "adjustment"),
        (of(500, vec![goods(600), amount_of(Off, other(), -100)]), "missing amounts: line 1", "off the unknown"),
        (of(600, vec![goods(500), amount_of(Tax, CashOnDelivery, 100)]), "missing amounts: line 1", "tax of COD"),
        (of(600, vec![goods(500), amount_of(Tax, ImportCharges, 100)]), "missing amounts: line 1", "tax of charges"),
        (of(620, vec![goods(500), amount(ImportCharges, 120)]), "500+0+0 tax 0", "import charges are not turnover"),
        (
            of(620, vec![goods(500), amount_of(MarketplaceCharge, Delivery, 100), amount(MarketplaceCharge, 20)]),
            "500+0+0 tax 0",
            "buyer protection and eBay's own delivery are not turnover",
        ),
        (
            order_wide(AmountKind::Adjustment, 100),
            "missing amounts: the order has 1.00 GBP of an adjustment",
            "order-wide",
        ),
        (order_wide(DeliveryTip, 100), "missing amounts: the order has 1.00 GBP of a tip", "Amazon's tip"),
        (order_wide(AmountKind::Fee, 0), "500+0+0 tax 0", "nothing of it"),
        (order_wide(Goods, 499), "500+0+0 tax 0", "the lines tell, not the order's own breakdown"),
    ]);
}

#[test]
fn tax_that_the_marketplace_remits_is_not_turnover() {
    let goods = |minor| vec![amount(Goods, minor)];
    check(vec![
        (remitted(of(1_200, goods(1_000)), 200), "1000+0+0 tax 0", "in the total (eBay with TAX_BREAKDOWN)"),
        (remitted(of(1_000, goods(1_000)), 200), "1000+0+0 tax 0", "not in the total"),
        (remitted(of(1_100, goods(1_000)), 200), "missing amounts: line 1 has a total of 11.00 GBP", "neither"),
        (
            remitted(of(1_200, vec![]), 200),
            "missing amounts: the amounts of line 1 can be read in two ways: goods 12.00 GBP, delivery 0.00 GBP, \
             wrapping 0.00 GBP, tax 0.00 GBP; or goods 10.00 GBP",
            "no breakdown: in the total or not?",
        ),
        (remitted(of(1_200, vec![]), 0), "1200+0+0 tax 0", "no breakdown and no tax"),
        (
            and(remitted(of(1_200, goods(1_000)), 200), remitted(of(600, vec![]), 100)),
            "1000+0+0 tax 0, 500+0+0 tax 0",
            "another line tells that it is in the total",
        ),
        (
            with(of(1_200, goods(1_200)), |facts| facts.collected_tax.push(collected(gbp(200)))),
            "missing amounts: the marketplace collects tax on the order",
            "order-wide: on which line?",
        ),
    ]);
    let amazon = vec![amount(Goods, 1_000), amount(Delivery, 100), amount_of(Tax, Goods, 220)];
    let priced = price(&of(1_320, amazon), &profile()).unwrap();
    assert_eq!((priced.total(), priced.without_stated_tax().total()), (1_320, 1_100));
}

#[test]
fn discounts_count_by_who_pays_for_them() {
    use FundedBy::{Marketplace, NotStated, Seller};
    let of_line = |by, minor| with(of(900, vec![]), |facts| facts.lines[0].discounts.push(discount(by, minor)));
    let of_order = |by, minor, first, second| {
        with(and(of(first, vec![]), of(second, vec![])), |facts| facts.discounts.push(discount(by, minor)))
    };
    let not_counted = || SellerTaxProfile { marketplace_discounts_count: false, ..profile() };
    let asks = || SellerTaxProfile { discounts_not_stated: DiscountsNotStated::Ask, ..profile() };
    for (facts, profile, expected, what) in [
        (of_line(Seller, Some(100)), profile(), "900+0+0 tax 0", "the seller's lowers turnover (F4)"),
        (of_line(Marketplace, Some(100)), profile(), "1000+0+0 tax 0", "F5: third-party consideration"),
        (of_line(Marketplace, Some(100)), not_counted(), "900+0+0 tax 0", "F5: not by the setting"),
        (of_line(Marketplace, None), profile(), "missing discount: how much", "how much is not stated"),
        (of_line(Marketplace, None), not_counted(), "900+0+0 tax 0", "then it matters to nobody"),
        (of_line(Marketplace, Some(-100)), profile(), "missing discount: how much", "below nothing"),
        (of_line(NotStated, None), profile(), "900+0+0 tax 0", "the default: the seller's"),
        (of_line(NotStated, Some(100)), profile(), "900+0+0 tax 0", "the default: the seller's"),
        (of_line(NotStated, None), asks(), "missing discount: who pays for the discount SPRING", "by the setting"),
        (of_line(Seller, None), asks(), "900+0+0 tax 0", "the seller's is stated"),
        (of_order(Marketplace, Some(100), 600, 300), profile(), "667+0+0 tax 0, 333+0+0 tax 0", "spread by value"),
        (of_order(Marketplace, Some(100), 0, 0), profile(), "missing amounts: the marketplace adds", "on nothing"),
        (of_order(Marketplace, Some(100), 600, 300), not_counted(), "600+0+0 tax 0, 300+0+0 tax 0", "by the setting"),
        (of_order(NotStated, Some(100), 600, 300), asks(), "missing discount: who pays", "order-wide"),
    ] {
        let found = read(&facts, &profile);
        assert!(found.starts_with(expected), "{what}: {found}");
    }
}

#[test]
fn refunds_are_known_once() {
    let of = |order: Vec<ordersync_order::Refund>, lines: Vec<Vec<ordersync_order::Refund>>| {
        let mut facts = crate::shop::order("GB", "");
        facts.refunds = order;
        facts.lines = lines
            .into_iter()
            .enumerate()
            .map(|(i, r)| {
                let mut line = line(&(i + 1).to_string(), 1, 0);
                line.refunds = r;
                line
            })
            .collect();
        facts
    };
    let status = |status: &str| {
        let mut refund = made(500, Some("R1"));
        refund.status = Some(RawCode::new(status));
        refund
    };
    let euros = ordersync_order::Refund { money: Money::new(1, Currency::EUR), ..made(0, None) };
    for (facts, expected, what) in [
        (of(vec![], vec![]), "", "none"),
        (of(vec![made(500, Some("R1"))], vec![]), "R1:500", "on the order"),
        (of(vec![made(-500, Some("R1"))], vec![]), "R1:500", "whatever its sign"),
        (of(vec![made(0, Some("R1"))], vec![]), "", "nothing went back"),
        (of(vec![status("PENDING")], vec![]), "", "not made yet"),
        (of(vec![status("FAILED")], vec![]), "", "never made"),
        (of(vec![made(500, Some("R1"))], vec![vec![made(500, Some("R1"))]]), "R1:0 1=500", "the same twice"),
        (of(vec![made(700, Some("R1"))], vec![vec![made(500, Some("R1"))]]), "R1:200 1=500", "the rest is order-wide"),
        (of(vec![made(400, Some("R1"))], vec![vec![made(500, Some("R1"))]]), "refund", "more on the lines"),
        (of(vec![made(500, Some("R1"))], vec![vec![made(500, Some("L1"))]]), "L1:0 1=500", "the same sum"),
        (of(vec![made(500, Some("R1"))], vec![vec![made(400, Some("L1"))]]), "refund", "the same or not?"),
        (
            of(vec![made(500, Some("R1"))], vec![vec![made(500, Some("R1"))], vec![made(300, Some("L2"))]]),
            "L2:0 2=300 R1:0 1=500",
            "another one on a line",
        ),
        (of(vec![made(500, Some("R1")), made(200, Some("R1"))], vec![]), "R1:700", "two payments, one reference"),
        (of(vec![], vec![vec![made(300, Some("R1")), made(200, Some("R1"))]]), "R1:0 1=500", "each line once"),
        (of(vec![], vec![vec![made(300, Some("R1"))], vec![made(200, Some("R1"))]]), "R1:0 1=300 2=200", "two lines"),
        (
            of(vec![made(500, None), made(300, None)], vec![]),
            "at:1793872800000:300:300 at:1793872800000:500:500",
            "dated",
        ),
        (of(vec![euros], vec![]), "refund", "another currency"),
        (of(vec![made(i64::MIN, Some("R1"))], vec![]), "refund", "out of range"),
        (of(vec![made(i64::MAX, Some("R1"))], vec![vec![made(i64::MAX, None)]]), "refund", "out of range"),
    ] {
        let found = match refunds(&facts) {
            Ok(known) => {
                let shown = known.iter().map(|refund| {
                    let lines = refund.lines.iter().map(|(id, part)| format!(" {id}={part}"));
                    format!("{}:{}{}", refund.reference, refund.rest, lines.collect::<String>())
                });
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(missing) => missing.fact.name().to_owned(),
        };
        assert_eq!(found, expected, "{what}");
    }
}
