//! What holds for every order.

use std::collections::HashMap;

use ordersync_order::{Amount, AmountKind, CollectedTax, Discount, FundedBy, RawCode, Refund};
use ordersync_types::{Currency, Money};
use ordersync_vat::rounding::{share, spread, vat_in};
use ordersync_vat::{
    Booked, BookedAs, CreditWish, Dispatch, KnownRefund, PricedLine, Rate, VatCategory, credit, left_of, pending,
    price, refunds, reversal,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::shop::{Account, at, check_sums, day, line, order, priced, profile, refund};

/// A basket: for each line pieces, goods, delivery, wrapping, category.
fn basket() -> impl Strategy<Value = Vec<(PricedLine, VatCategory)>> {
    let amount = || prop_oneof![Just(0), 1..20_i64, 1..100_000_i64];
    let category = prop::sample::select(VatCategory::ALL.to_vec());
    let line = (1..6_i64, amount(), amount(), prop_oneof![3 => Just(0), 1 => amount()], category);
    vec(line, 1..5).prop_map(|lines| {
        let numbered = lines.into_iter().enumerate();
        let line = |(index, (quantity, goods, delivery, wrapping, category)): (usize, (_, i64, _, _, _))| {
            // Goods of nothing at several rates give delivery nothing to be shared by: that is a missing fact.
            (priced(&(index + 1).to_string(), quantity, goods.max(quantity), delivery, wrapping), category)
        };
        numbered.map(line).collect()
    })
}

#[derive(Debug, Clone)]
enum Step {
    /// So many pieces of each line leave.
    Dispatch([i64; 4]),
    /// Money goes back, for a line or for all.
    Refund(Option<usize>, i64),
    /// A credit note for a line, delivery or goodwill.
    Credit(usize, i64),
}

fn step() -> impl Strategy<Value = Step> {
    let amount = || prop_oneof![1..20_i64, 1..60_000_i64];
    prop_oneof![
        4 => [0..4_i64, 0..4_i64, 0..4_i64, 0..4_i64].prop_map(Step::Dispatch),
        2 => (prop::option::of(0..4_usize), amount()).prop_map(|(line, amount)| Step::Refund(line, amount)),
        2 => (0..6_usize, amount()).prop_map(|(what, amount)| Step::Credit(what, amount)),
    ]
}

/// What leaves at most, given what has left.
fn leaving(account: &Account, pieces: &[i64]) -> Vec<(String, i64)> {
    let lines = account.priced.lines.iter().zip(pieces);
    let left = |line: &PricedLine| {
        let booked = ordersync_vat::pieces_booked(&account.booked, &line.vendor_line_id);
        let cancelled = account.cancelled.get(&line.vendor_line_id).copied().unwrap_or(0);
        line.quantity - cancelled - booked
    };
    lines.map(|(line, pieces)| (line.vendor_line_id.clone(), left(line).min(*pieces))).filter(|(_, n)| *n > 0).collect()
}

fn wish(account: &Account, what: usize, amount: i64) -> CreditWish {
    let mut wish = CreditWish { reference: format!("credit {}", account.booked.len()), ..CreditWish::default() };
    match account.priced.lines.get(what) {
        Some(line) => wish.lines.push((line.vendor_line_id.clone(), amount)),
        None if what.is_multiple_of(2) => wish.delivery = amount,
        None => wish.goodwill = amount,
    }
    wish
}

/// Credits what is left of every document, as goodwill.
fn credit_all(account: &mut Account) {
    let (_, gross) = account.balance();
    if gross > 0 {
        let goodwill = gross;
        let wish = CreditWish { reference: "all".to_owned(), goodwill, ..CreditWish::default() };
        account.credit(&wish).unwrap();
    }
    let groups = (0..account.booked.len()).filter(|place| account.booked[*place].booked_as == BookedAs::Sale);
    for group in groups.flat_map(|place| left_of(&account.booked, place)) {
        assert_eq!((group.net, group.vat, group.gross), (0, 0, 0));
    }
    assert_eq!(account.balance(), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn documents_add_up_to_what_was_invoiceable(
        lines in basket(),
        steps in vec(step(), 0..12),
        cancelled in [0..3_i64, 0..3_i64, 0..3_i64, 0..3_i64],
        some_cancelled in any::<bool>(),
    ) {
        let mut account = Account::new(lines);
        let mut never = 0;
        if some_cancelled {
            for (line, pieces) in account.priced.lines.iter().zip(cancelled) {
                let pieces = pieces.min(line.quantity);
                account.cancelled.insert(line.vendor_line_id.clone(), pieces);
                never += line.goods - share(line.goods, line.quantity - pieces, line.quantity).unwrap();
                never += if pieces == line.quantity { line.wrapping } else { 0 };
            }
        }
        let (mut taken_off, mut credited) = (0, 0);
        let finish = std::iter::repeat_n(Step::Dispatch([9; 4]), 1);
        for (index, step) in steps.into_iter().chain(finish).enumerate() {
            let now = at("2026-11-01T00:00:00Z") + chrono::Duration::hours(i64::try_from(index).unwrap());
            match step {
                Step::Dispatch(pieces) => {
                    let pieces = leaving(&account, &pieces);
                    if pieces.is_empty() { continue }
                    let content = account.dispatch(&Dispatch { at: now, pieces }).unwrap();
                    taken_off += content.refunds.iter().map(|used| used.amount).sum::<i64>();
                }
                // Money back and cancelled pieces together are a doubt, which other tests look at.
                Step::Refund(_, _) if some_cancelled => {}
                Step::Refund(line, amount) => {
                    let line = line.and_then(|line| account.priced.lines.get(line));
                    let parts: Vec<_> = line.map(|line| (line.vendor_line_id.as_str(), amount)).into_iter().collect();
                    let rest = if parts.is_empty() { amount } else { 0 };
                    let mut refund = refund(&format!("refund {index}"), 1, &parts, rest);
                    refund.at = Some(now);
                    account.refunds.push(refund);
                }
                Step::Credit(what, amount) => {
                    let wish = wish(&account, what, amount);
                    let before = account.balance();
                    match account.credit(&wish) {
                        Ok(notes) => {
                            let of_notes: i64 = notes.iter().map(|(_, content)| content.gross().minor).sum();
                            prop_assert_eq!(of_notes, amount);
                            let uses = notes.iter().flat_map(|(_, content)| &content.refunds);
                            prop_assert_eq!(uses.map(|used| used.amount).sum::<i64>(), amount);
                            credited += amount;
                        }
                        Err(_) => prop_assert_eq!(account.balance(), before),
                    }
                }
            }
        }
        let anything_left = account.booked.iter().any(|document| document.booked_as == BookedAs::Sale);
        let invoiceable = if anything_left { account.priced.total() - never - taken_off } else { 0 };
        prop_assert_eq!(account.balance().1, invoiceable - credited);
        let all_refunds: i64 = account.refunds.iter().map(KnownRefund::total).sum();
        let open: i64 = pending(&account.refunds, &account.booked).iter().map(KnownRefund::total).sum();
        prop_assert_eq!(all_refunds, taken_off + open, "each refund is used once");
        credit_all(&mut account);
    }

    #[test]
    fn a_document_written_anew_changes_no_gross_total(
        lines in basket(),
        pieces in vec([0..4_i64, 0..4_i64, 0..4_i64, 0..4_i64], 1..4),
        anew in 0..3_usize,
        back in 0..5_000_i64,
    ) {
        let mut account = Account::new(lines);
        if back > 0 {
            account.refunds.push(refund("R1", 1, &[], back));
        }
        let mut left: HashMap<usize, Dispatch> = HashMap::new();
        for pieces in pieces.into_iter().chain([[9; 4]]) {
            let pieces = leaving(&account, &pieces);
            if pieces.is_empty() { continue }
            let dispatch = Dispatch { at: at("2026-11-02T00:00:00Z"), pieces };
            left.insert(account.booked.len(), dispatch.clone());
            account.dispatch(&dispatch).unwrap();
        }
        let (_, before) = account.balance();
        let Some(dispatch) = left.get(&anew) else { return Ok(()) };
        account.reverse(anew).unwrap();
        account.dispatch(dispatch).unwrap();
        prop_assert_eq!(account.priced.total() - back.min(account.priced.total()), before);
        let (_, after) = account.balance();
        let used: i64 = account.refunds.iter().map(KnownRefund::total).sum::<i64>()
            - pending(&account.refunds, &account.booked).iter().map(KnownRefund::total).sum::<i64>();
        prop_assert_eq!(after, account.priced.total() - used);
    }

    #[test]
    fn the_price_of_cancelled_pieces_lowers_nothing(
        lines in basket(),
        cancelled in [0..3_i64, 0..3_i64, 0..3_i64, 0..3_i64],
        pieces in vec([0..4_i64, 0..4_i64, 0..4_i64, 0..4_i64], 0..3),
        on_the_order in any::<bool>(),
        with_delivery in any::<bool>(),
    ) {
        let mut account = Account::new(lines);
        let (mut never, mut delivery_back) = (0, 0);
        for (line, pieces) in account.priced.lines.iter().zip(cancelled) {
            let pieces = pieces.min(line.quantity);
            let whole = pieces == line.quantity;
            let goods = line.goods - share(line.goods, line.quantity - pieces, line.quantity).unwrap();
            let price = goods + if whole { line.wrapping } else { 0 };
            let delivery = if whole && with_delivery && price > 0 { line.delivery } else { 0 };
            account.cancelled.insert(line.vendor_line_id.clone(), pieces);
            never += price;
            delivery_back += delivery;
            if price > 0 && !on_the_order {
                let parts = [(line.vendor_line_id.as_str(), price + delivery)];
                account.refunds.push(refund(&format!("R{}", line.vendor_line_id), 1, &parts, 0));
            }
        }
        if on_the_order && never > 0 {
            account.refunds.push(refund("R", 1, &[], never + delivery_back));
        }
        for pieces in pieces.into_iter().chain([[9; 4]]) {
            let pieces = leaving(&account, &pieces);
            if pieces.is_empty() { continue }
            account.dispatch(&Dispatch { at: at("2026-11-02T00:00:00Z"), pieces }).unwrap();
        }
        if account.booked.is_empty() { return Ok(()) }
        let open: i64 = account.sale().open_refunds(&account.booked).unwrap().iter().map(KnownRefund::total).sum();
        prop_assert_eq!(account.balance().1 - open, account.priced.total() - never - delivery_back);
    }

    #[test]
    fn roundings_never_panic(total in any::<i64>(), weights in vec(any::<i64>(), 0..6), points in any::<u16>()) {
        if let Some(rate) = Rate::basis_points(points) {
            let vat = vat_in(total, rate);
            prop_assert!(vat.unsigned_abs() <= total.unsigned_abs());
            prop_assert!(vat == 0 || (vat < 0) == (total < 0));
        }
        if let Some(parts) = spread(total, &weights) {
            prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
        }
        let positive: Vec<i64> = weights.iter().map(|weight| weight.saturating_abs()).collect();
        if let Some(parts) = spread(total, &positive) {
            prop_assert!(parts.iter().zip(&positive).all(|(part, weight)| *weight > 0 || *part == 0));
        }
        if let [part, whole, ..] = weights.as_slice()
            && let Some(found) = share(total, *part, *whole) {
            prop_assert!(found.unsigned_abs() <= total.unsigned_abs());
        }
    }
}

/// Numbers that hurt.
fn wild() -> impl Strategy<Value = i64> {
    let largest = 10_000_000_000_000_i64;
    prop_oneof![
        any::<i64>(),
        prop::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, 2, i64::MAX, largest, largest + 1, -largest]),
        -1_000..1_000_i64,
    ]
}

fn kind() -> impl Strategy<Value = AmountKind> {
    use AmountKind as K;
    prop::sample::select(vec![
        K::Goods,
        K::Delivery,
        K::GiftWrap,
        K::ImportCharges,
        K::Tax,
        K::Discount,
        K::MarketplaceCharge,
        K::Handling,
    ])
}

fn amounts() -> impl Strategy<Value = Vec<Amount>> {
    let amount = (kind(), prop::option::of(kind()), wild());
    vec(amount.prop_map(|(kind, of, minor)| Amount { kind, of, money: Money::new(minor, Currency::GBP) }), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn pricing_never_panics(
        lines in vec((wild(), amounts(), wild(), wild(), wild(), any::<u32>()), 0..4),
        total in wild(),
        of_order in wild(),
    ) {
        let mut facts = order("GB", "");
        let money = |minor| Money::new(minor, Currency::GBP);
        let discount = |minor| Discount { funded_by: FundedBy::Marketplace, money: Some(money(minor)), promotion: None };
        let refund = |minor| Refund { money: money(minor), at: None, reference: None, status: None };
        for (index, (total, amounts, tax, funded, back, quantity)) in lines.iter().enumerate() {
            let mut line = line(&index.to_string(), *quantity, *total);
            line.amounts.clone_from(amounts);
            line.discounts = vec![discount(*funded)];
            line.refunds = vec![refund(*back), refund(*back)];
            line.collected_tax = vec![CollectedTax {
                kind: None,
                money: Some(money(*tax)),
                remitted_by: Some(RawCode::new("EBAY")),
                model: None,
                scheme: None,
            }];
            facts.lines.push(line);
        }
        facts.refunds = vec![refund(of_order), refund(total)];
        let sum = lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.0));
        for grand_total in [total, sum] {
            facts.grand_total = Some(money(grand_total));
            facts.discounts = vec![discount(of_order)];
            if let Ok(priced) = price(&facts, &profile()) {
                prop_assert!(priced.lines.iter().all(|line| line.goods >= 0 && line.delivery >= 0 && line.wrapping >= 0));
                prop_assert!(priced.without_stated_tax().total() <= priced.total());
            }
        }
        if let Ok(known) = refunds(&facts) {
            prop_assert!(known.iter().all(|refund| refund.total() > 0));
        }
    }

    #[test]
    fn documents_never_panic(
        lines in vec((wild(), wild(), wild(), wild(), wild(), prop::sample::select(VatCategory::ALL.to_vec())), 1..4),
        parts in vec((0..4_usize, wild(), wild()), 0..4),
        pieces in vec((0..4_usize, wild()), 0..5),
        cancelled in vec((0..4_usize, wild()), 0..3),
        wishes in vec((0..4_usize, wild(), wild(), wild()), 0..3),
    ) {
        let numbered = lines.into_iter().enumerate().map(|(index, (quantity, goods, delivery, wrapping, tax, category))| {
            let mut line = priced(&index.to_string(), quantity, goods, delivery, wrapping);
            line.stated_tax = if tax % 2 == 0 { tax } else { 0 };
            (line, category)
        });
        let mut account = Account::new(numbered.collect());
        let without = account.priced.without_stated_tax();
        prop_assert!(without.lines.iter().all(|line| line.stated_tax == 0));
        account.priced.total();
        account.cancelled = cancelled.into_iter().map(|(line, pieces)| (line.to_string(), pieces)).collect();
        account.refunds = parts.iter().map(|(line, part, rest)| refund("R", 1, &[(&line.to_string(), *part)], *rest)).collect();
        for chunk in pieces.chunks(2) {
            let pieces = chunk.iter().map(|(line, pieces)| (line.to_string(), *pieces)).collect();
            let dispatch = Dispatch { at: at("2026-11-02T00:00:00Z"), pieces };
            if let Ok(content) = account.sale().content(&dispatch, day("2026-11-02"), &account.booked) {
                check_sums(&content);
                account.booked.push(Booked { booked_as: BookedAs::Sale, content });
            }
        }
        for (line, part, delivery, goodwill) in wishes {
            let wish = CreditWish { reference: "R".to_owned(), lines: vec![(line.to_string(), part)], delivery, goodwill };
            for (of, content) in credit(&account.booked, &wish).unwrap_or_default() {
                check_sums(&content);
                account.booked.push(Booked { booked_as: BookedAs::Credit { of, reversal: false }, content });
            }
        }
        // What stands at rest may be damaged.
        for (index, document) in account.booked.clone().iter_mut().enumerate() {
            left_of(&account.booked, index);
            reversal(&account.booked, index).ok();
            for (group, (_, net, vat)) in document.content.groups.iter_mut().zip(&parts) {
                (group.net, group.vat, group.gross) = (*net, *vat, *net);
            }
            for (line, (_, gross, quantity)) in document.content.lines.iter_mut().zip(&parts) {
                (line.gross, line.quantity) = (*gross, *quantity);
            }
            account.booked.push(document.clone());
            document.booked_as = BookedAs::Credit { of: index, reversal: index % 2 == 0 };
            account.booked.push(document.clone());
            document.content.gross();
            pending(&account.refunds, &account.booked);
            left_of(&account.booked, index);
            credit(&account.booked, &CreditWish { goodwill: 100, ..CreditWish::default() }).ok();
            let dispatch = Dispatch { at: at("2026-11-02T00:00:00Z"), pieces: vec![("0".to_owned(), 1)] };
            account.sale().content(&dispatch, day("2026-11-02"), &account.booked).ok();
        }
    }
}
