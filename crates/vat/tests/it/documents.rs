//! Documents of an order: sales in parts, delivery, wrapping, cancelled pieces, refunds, credit notes.

use ordersync_vat::VatCategory::{Exempt, Reduced, Standard, Zero};
use ordersync_vat::{
    BookedAs, CreditWish, MissingFact, PricedLine, Scheme, Supply, VatCategory, left_of, pending, pieces_booked,
};

use crate::shop::{Account, day, dispatch, priced, refund, shown};

const BOOK: VatCategory = Zero;
const GADGET: VatCategory = Standard;

fn account(lines: Vec<(PricedLine, VatCategory)>) -> Account {
    Account::new(lines)
}

/// Two books and a gadget with delivery of 3.00.
fn mixed() -> Account {
    account(vec![(priced("1", 2, 2_000, 200, 0), BOOK), (priced("2", 1, 1_000, 100, 0), GADGET)])
}

fn wish(lines: &[(&str, i64)], delivery: i64, goodwill: i64) -> CreditWish {
    let lines = lines.iter().map(|(id, amount)| ((*id).to_owned(), *amount)).collect();
    CreditWish { reference: "R9".to_owned(), lines, delivery, goodwill }
}

fn fact<T: std::fmt::Debug>(result: Result<T, ordersync_vat::Missing>) -> MissingFact {
    result.unwrap_err().fact
}

/// An order, its dispatches, what stands on their documents, what it shows.
type Row<'t> = (Account, &'t [&'t [(&'t str, i64)]], &'t [&'t str], &'t str);

fn check(table: Vec<Row<'_>>) {
    for (mut account, dispatches, documents, what) in table {
        for (index, (pieces, expected)) in dispatches.iter().zip(documents).enumerate() {
            let content = account.dispatch(&dispatch(10 + u32::try_from(index).unwrap(), pieces));
            assert_eq!(
                content.map(|content| shown(&content)).unwrap_or_else(|m| m.fact.name().to_owned()),
                *expected,
                "{what}"
            );
        }
    }
}

#[test]
fn a_sale_may_leave_in_parts() {
    let three = || account(vec![(priced("1", 3, 1_000, 0, 0), GADGET)]);
    let sent = || account(vec![(priced("1", 3, 1_000, 450, 0), GADGET)]);
    check(vec![
        (three(), &[&[("1", 3)]], &["3x1=1000@20"], "at once"),
        (three(), &[&[("1", 1)], &[("1", 1)], &[("1", 1)]], &["1x1=333@20", "1x1=334@20", "1x1=333@20"], "one by one"),
        (three(), &[&[("1", 2)], &[("1", 1)]], &["2x1=667@20", "1x1=333@20"], "two and one"),
        (three(), &[&[("1", 1), ("1", 1)], &[("1", 1)]], &["2x1=667@20", "1x1=333@20"], "two parcels of one dispatch"),
        (three(), &[&[("1", 4)]], &["order"], "more than were sold"),
        (three(), &[&[("1", 2)], &[("1", 2)]], &["2x1=667@20", "order"], "more than are left"),
        (three(), &[&[("1", 2), ("1", 2)]], &["order"], "more than were sold, in two parcels"),
        (three(), &[&[("1", 0)]], &["order"], "no piece"),
        (three(), &[&[("1", -1)]], &["order"], "fewer than none"),
        (three(), &[&[]], &["order"], "nothing at all"),
        (three(), &[&[("9", 1)]], &["order"], "a line that is not there"),
        (sent(), &[&[("1", 1)], &[("1", 2)]], &["1x1=333@20 delivery=450@20", "2x1=667@20"], "delivery on the first"),
        (
            account(vec![(priced("1", 3, 1, 0, 0), GADGET)]),
            &[&[("1", 1)], &[("1", 1)], &[("1", 1)]],
            &["1x1=0@20", "1x1=1@20", "1x1=0@20"],
            "a penny for three: pieces of nothing have left too",
        ),
        (
            account(vec![(priced("1", 2, 0, 0, 399), GADGET)]),
            &[&[("1", 1)], &[("1", 1)]],
            &["1x1=0@20 wrapping1=399@20", "1x1=0@20"],
            "a gift is wrapped once",
        ),
        (
            account(vec![(priced("1", 2, 900, 0, 399), BOOK)]),
            &[&[("1", 1)], &[("1", 1)]],
            &["1x1=450@0 wrapping1=399@20", "1x1=450@0"],
            "wrapping of books is standard-rated (F1)",
        ),
    ]);
}

#[test]
fn delivery_takes_the_liability_of_the_goods() {
    let free = |category| (priced("2", 1, 0, 0, 0), category);
    check(vec![
        (mixed(), &[&[("1", 2), ("2", 1)]], &["2x1=2000@0 1x2=1000@20 delivery=200@0 delivery=100@20"], "F2: by value"),
        (
            mixed(),
            &[&[("2", 1)], &[("1", 2)]],
            &["1x2=1000@20 delivery=200@0 delivery=100@20", "2x1=2000@0"],
            "F2: of the whole order, on the first document",
        ),
        (
            account(vec![(priced("1", 1, 1_000, 300, 0), BOOK)]),
            &[&[("1", 1)]],
            &["1x1=1000@0 delivery=300@0"],
            "F1: of books alone",
        ),
        (
            account(vec![(priced("1", 1, 1_000, 300, 0), BOOK), free(GADGET)]),
            &[&[("1", 1), ("2", 1)]],
            &["1x1=1000@0 1x2=0@20 delivery=300@0"],
            "F2: a gift has no value",
        ),
        (
            account(vec![(priced("1", 1, 0, 300, 0), BOOK), free(GADGET)]),
            &[&[("1", 1), ("2", 1)]],
            &["amounts"],
            "no value to share it by",
        ),
        (
            account(vec![(priced("1", 1, 0, 300, 0), GADGET), free(GADGET)]),
            &[&[("1", 1), ("2", 1)]],
            &["1x1=0@20 1x2=0@20 delivery=300@20"],
            "gifts of one rate",
        ),
        (
            account(vec![
                (priced("1", 1, 100, 100, 0), GADGET),
                (priced("2", 1, 100, 0, 0), Reduced),
                (priced("3", 1, 100, 0, 0), Zero),
                (priced("4", 1, 100, 0, 0), Exempt),
            ]),
            &[&[("1", 1)]],
            &["1x1=100@20 delivery=25@20 delivery=25@5 delivery=25@0 delivery=25@0"],
            "four categories",
        ),
    ]);
    let content = mixed().dispatch(&dispatch(10, &[("1", 2), ("2", 1)])).unwrap();
    let groups: Vec<_> = content.groups.iter().map(|g| (g.supply, g.net, g.vat, g.gross)).collect();
    assert_eq!(groups, [(Supply::Standard, 917, 183, 1_100), (Supply::Zero, 2_200, 0, 2_200)]);
}

#[test]
fn a_category_is_needed_for_what_is_on_the_document() {
    let unlisted = |delivery| {
        let mut account =
            account(vec![(priced("1", 1, 500, delivery, 0), GADGET), (priced("2", 1, 500, 0, 0), GADGET)]);
        account.categories.remove("2");
        account
    };
    check(vec![
        (unlisted(0), &[&[("1", 1)]], &["1x1=500@20"], "the other line has not left"),
        (unlisted(0), &[&[("2", 1)]], &["product"], "its own category"),
        (unlisted(100), &[&[("1", 1)]], &["product"], "delivery is shared with the other line"),
    ]);
    let under = |scheme, pieces: &[(&str, i64)]| {
        let mut account = unlisted(100);
        account.treatment.scheme = scheme;
        account.dispatch(&dispatch(10, pieces)).map(|content| (shown(&content), content.groups[0].supply))
    };
    for (scheme, supply) in [
        (Scheme::Export, Supply::Export),
        (Scheme::MarketplaceDeemed, Supply::Zero),
        (Scheme::NotRegistered, Supply::OutsideScope),
    ] {
        let expected = "1x2=500@0 delivery=100@0".to_owned();
        assert_eq!(under(scheme, &[("2", 1)]).unwrap(), (expected, supply));
    }
}

#[test]
fn cancelled_pieces_are_never_invoiced() {
    let cancelled = |mut account: Account, id: &str, pieces| {
        account.cancelled.insert(id.to_owned(), pieces);
        account
    };
    let back = |mut account: Account, refunds: &[ordersync_vat::KnownRefund]| {
        account.refunds.extend_from_slice(refunds);
        account
    };
    let three = || cancelled(account(vec![(priced("1", 3, 1_000, 0, 0), GADGET)]), "1", 1);
    let whole = || cancelled(mixed(), "2", 1);
    let kept = "2x1=2000@0 delivery=300@0";
    check(vec![
        (three(), &[&[("1", 3)]], &["order"], "it has left, and was cancelled"),
        (three(), &[&[("1", 2)]], &["2x1=667@20"], "the rest"),
        (three(), &[&[("1", 1)], &[("1", 1)]], &["1x1=333@20", "1x1=334@20"], "the rest, one by one"),
        (back(three(), &[refund("R1", 5, &[("1", 333)], 0)]), &[&[("1", 2)]], &["2x1=667@20"], "its price went back"),
        (
            back(three(), &[refund("R1", 5, &[("1", 133)], 0), refund("R2", 6, &[("1", 200)], 0)]),
            &[&[("1", 2)]],
            &["2x1=667@20"],
            "its price went back in two refunds",
        ),
        (back(three(), &[refund("R1", 5, &[], 333)]), &[&[("1", 2)]], &["2x1=667@20"], "its price, on the order"),
        (back(three(), &[refund("R1", 5, &[("1", 300)], 0)]), &[&[("1", 2)]], &["refund"], "is that its price?"),
        (back(three(), &[refund("R1", 5, &[], 300)]), &[&[("1", 2)]], &["refund"], "is that its price, on the order?"),
        (
            back(three(), &[refund("R1", 5, &[("1", 333)], 0), refund("R2", 6, &[("1", 67)], 0)]),
            &[&[("1", 2)]],
            &["2x1=600@20"],
            "its price, and something else",
        ),
        (
            back(three(), &[refund("R1", 5, &[("1", 333)], 0), refund("R2", 6, &[], 67)]),
            &[&[("1", 2)]],
            &["2x1=600@20"],
            "its price, and something on the order",
        ),
        (whole(), &[&[("1", 2)]], &[kept], "a whole line: delivery stays, at the rate of what is left"),
        (back(whole(), &[refund("R1", 5, &[("2", 1_000)], 0)]), &[&[("1", 2)]], &[kept], "a line's goods went back"),
        (
            back(whole(), &[refund("R1", 5, &[("2", 1_100)], 0)]),
            &[&[("1", 2)]],
            &["2x1=1913@0 delivery=287@0"],
            "a line's goods and delivery went back: the delivery lowers the document",
        ),
        (
            cancelled(mixed(), "1", -5),
            &[&[("1", 2)]],
            &["2x1=2000@0 delivery=200@0 delivery=100@20"],
            "fewer than none",
        ),
        (cancelled(mixed(), "1", 99), &[&[("1", 1)]], &["order"], "more than there are"),
    ]);
}

#[test]
fn the_price_of_cancelled_pieces_is_not_credited() {
    let mut order = account(vec![(priced("1", 3, 900, 0, 0), GADGET)]);
    order.dispatch(&dispatch(10, &[("1", 2)])).unwrap();
    order.cancelled.insert("1".to_owned(), 1);
    order.refunds = vec![refund("R1", 12, &[("1", 300)], 0), refund("R2", 13, &[("1", 50)], 0)];
    let open = order.sale().open_refunds(&order.booked).unwrap();
    assert_eq!(open, [refund("R2", 13, &[("1", 50)], 0)]);
    assert_eq!(pending(&order.refunds, &order.booked).len(), 2);

    // A piece that was cancelled and left nevertheless stands on a document: its price is credited.
    let mut order = account(vec![(priced("1", 1, 900, 0, 0), GADGET)]);
    order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    order.cancelled.insert("1".to_owned(), 1);
    order.refunds = vec![refund("R1", 12, &[("1", 900)], 0)];
    assert_eq!(order.sale().open_refunds(&order.booked).unwrap(), order.refunds);

    // Wrapping of a line that was cancelled as a whole is none either.
    let mut order = account(vec![(priced("1", 1, 900, 0, 100), GADGET), (priced("2", 1, 900, 0, 0), GADGET)]);
    order.cancelled.insert("1".to_owned(), 1);
    order.refunds = vec![refund("R1", 5, &[("1", 1_000)], 0)];
    assert_eq!(shown(&order.dispatch(&dispatch(10, &[("2", 1)])).unwrap()), "1x2=900@20");
    assert_eq!(order.sale().open_refunds(&order.booked).unwrap(), []);
}

#[test]
fn a_refund_before_dispatch_lowers_the_document() {
    let with = |refunds: &[ordersync_vat::KnownRefund]| {
        let mut order = account(vec![(priced("1", 2, 1_001, 0, 0), GADGET), (priced("2", 1, 999, 0, 0), BOOK)]);
        order.refunds = refunds.to_vec();
        order
    };
    let undated = ordersync_vat::KnownRefund { at: None, ..refund("R1", 1, &[], 200) };
    let all: &[&[(&str, i64)]] = &[&[("1", 2), ("2", 1)]];
    let parts: &[&[(&str, i64)]] = &[&[("1", 1)], &[("1", 1)], &[("2", 1)]];
    check(vec![
        (with(&[refund("R1", 5, &[("1", 200)], 0)]), all, &["2x1=801@20 1x2=999@0"], "off its line"),
        (with(&[refund("R1", 5, &[], 200)]), all, &["2x1=901@20 1x2=899@0"], "off all, by value"),
        (with(&[refund("R1", 11, &[], 200)]), all, &["2x1=1001@20 1x2=999@0"], "after the dispatch"),
        (with(&[undated]), all, &["2x1=1001@20 1x2=999@0"], "undated: not known to be before"),
        (with(&[refund("R1", 5, &[], 9_999)]), all, &["2x1=0@20 1x2=0@0"], "more than there is"),
        (
            with(&[refund("R1", 5, &[("1", 501)], 0)]),
            parts,
            &["1x1=0@20", "1x1=500@20", "1x2=999@0"],
            "the first piece is paid back, and has left all the same",
        ),
        (
            with(&[refund("R1", 5, &[("1", 600)], 0)]),
            parts,
            &["1x1=0@20", "1x1=401@20", "1x2=999@0"],
            "what does not fit stays for the next",
        ),
        (
            with(&[refund("R1", 5, &[("2", 99)], 0)]),
            parts,
            &["1x1=501@20", "1x1=500@20", "1x2=900@0"],
            "a line that leaves later",
        ),
        (
            with(&[refund("R1", 11, &[], 100)]),
            parts,
            &["1x1=501@20", "1x1=400@20", "1x2=999@0"],
            "between two dispatches",
        ),
        (
            with(&[refund("R1", 5, &[("1", 200)], 100), refund("R2", 6, &[("2", 99)], 0)]),
            all,
            &["2x1=756@20 1x2=845@0"],
            "several, oldest first",
        ),
    ]);
    let mut order = account(vec![(priced("1", 1, 500, 100, 50), BOOK)]);
    order.refunds = vec![refund("R1", 5, &[("1", 540)], 0)];
    let content = order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    assert_eq!(shown(&content), "1x1=0@0 wrapping1=10@20 delivery=100@0", "wrapping belongs to its line");
    assert_eq!(content.refunds.len(), 1);
    assert_eq!((content.refunds[0].line.as_deref(), content.refunds[0].amount), (Some("1"), 540));
    assert_eq!(pending(&order.refunds, &order.booked), []);
}

#[test]
fn delivery_and_wrapping_that_went_back_are_not_invoiced_again() {
    let mut order = account(vec![(priced("1", 2, 0, 100, 50), GADGET)]);
    order.refunds = vec![refund("R1", 5, &[], 150)];
    assert_eq!(shown(&order.dispatch(&dispatch(10, &[("1", 1)])).unwrap()), "1x1=0@20 wrapping1=0@20 delivery=0@20");
    assert_eq!(shown(&order.dispatch(&dispatch(11, &[("1", 1)])).unwrap()), "1x1=0@20");
}

#[test]
fn credit_notes_take_back_what_went_back() {
    // Documents: books, gadget and delivery of 3.00 by value, on 10 November.
    for (wishes, notes, what) in [
        (vec![wish(&[("2", 400)], 0, 0)], vec!["1x2=400@20"], "a line"),
        (vec![wish(&[("1", 500), ("2", 400)], 0, 0)], vec!["1x1=500@0 1x2=400@20"], "two lines"),
        (vec![wish(&[], 250, 0)], vec!["delivery=200@0 delivery=50@20"], "delivery"),
        (vec![wish(&[], 0, 330)], vec!["goodwill=110@20 goodwill=220@0"], "goodwill by value"),
        (vec![wish(&[("2", 1_000)], 300, 0)], vec!["1x2=1000@20 delivery=200@0 delivery=100@20"], "line and delivery"),
        (
            vec![wish(&[("2", 1_000)], 100, 0), wish(&[], 200, 2_000)],
            vec!["1x2=1000@20 delivery=100@0", "delivery=100@0 delivery=100@20 goodwill=2000@0"],
            "all of it, in two",
        ),
        (vec![wish(&[], 0, 3_300)], vec!["goodwill=1100@20 goodwill=2200@0"], "all of it"),
        (vec![wish(&[], 0, 3_301)], vec!["refund"], "a penny too much: compensation is no credit note"),
        (vec![wish(&[], 301, 0)], vec!["refund"], "more than delivery"),
        (vec![wish(&[("2", 1_001)], 0, 0)], vec!["refund"], "more than the line"),
        (vec![wish(&[("9", 1)], 0, 0)], vec!["refund"], "a line on no document"),
        (vec![wish(&[("2", 600)], 0, 0), wish(&[("2", 600)], 0, 0)], vec!["1x2=600@20", "refund"], "twice too much"),
        (
            vec![wish(&[], 0, 3_000), wish(&[("2", 500)], 0, 0)],
            vec!["goodwill=1000@20 goodwill=2000@0", "refund"],
            "left",
        ),
        (
            vec![wish(&[], 0, 3_000), wish(&[("2", 100)], 0, 0)],
            vec!["goodwill=1000@20 goodwill=2000@0", "1x2=100@20"],
            "",
        ),
        (vec![wish(&[], 0, 0)], vec![""], "nothing"),
        (vec![wish(&[("2", -100)], 0, 100)], vec!["refund"], "below nothing"),
        (vec![wish(&[], -1, 0)], vec!["refund"], "below nothing"),
        (vec![wish(&[], 0, i64::MAX)], vec!["amounts"], "out of range"),
    ] {
        let mut order = mixed();
        order.dispatch(&dispatch(10, &[("1", 2), ("2", 1)])).unwrap();
        for (wish, expected) in wishes.iter().zip(notes) {
            let found = match order.credit(wish) {
                Ok(notes) => notes.iter().map(|(_, content)| shown(content)).collect::<Vec<_>>().join(" | "),
                Err(missing) => missing.fact.name().to_owned(),
            };
            assert_eq!(found, expected, "{what}");
        }
    }
}

#[test]
fn credit_notes_are_for_the_oldest_document_first() {
    let mut order = account(vec![(priced("1", 2, 1_000, 100, 0), GADGET)]);
    order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    order.dispatch(&dispatch(11, &[("1", 1)])).unwrap();
    let notes = order.credit(&wish(&[("1", 700)], 50, 0)).unwrap();
    let shown: Vec<_> = notes.iter().map(|(of, content)| (*of, shown(content))).collect();
    assert_eq!(shown, [(0, "1x1=500@20 delivery=50@20".to_owned()), (1, "1x1=200@20".to_owned())]);
    assert_eq!(left_of(&order.booked, 0)[0].gross, 50);
    assert_eq!(left_of(&order.booked, 1)[0].gross, 300);
    assert_eq!(left_of(&order.booked, 99), []);
    assert_eq!(pieces_booked(&order.booked, "1"), 2, "a credit note takes no pieces back");
    let (vat, gross) = order.balance();
    assert_eq!((vat, gross), (58, 350));
    order.credit(&wish(&[], 0, 350)).unwrap();
    assert_eq!(order.balance(), (0, 0), "G1: when all is taken back, so is all VAT");
}

#[test]
fn refunds_booked_otherwise_than_stated_are_used_up() {
    let mut order = account(vec![(priced("1", 1, 1_000, 0, 0), GADGET)]);
    order.refunds = vec![refund("R9", 12, &[], 400)];
    order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    order.credit(&wish(&[("1", 400)], 0, 0)).unwrap();
    assert_eq!(pending(&order.refunds, &order.booked), [], "an order's refund, booked to a line");

    let mut order = account(vec![(priced("1", 1, 1_000, 0, 0), GADGET)]);
    order.refunds = vec![refund("R9", 12, &[("1", 400)], 100)];
    order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    order.credit(&wish(&[], 0, 300)).unwrap();
    assert_eq!(pending(&order.refunds, &order.booked), [refund("R9", 12, &[("1", 200)], 0)], "a line's, as goodwill");
}

#[test]
fn a_reversed_document_gives_its_place_to_another() {
    let mut order = account(vec![(priced("1", 2, 1_001, 300, 50), GADGET)]);
    order.refunds = vec![refund("R1", 5, &[("1", 101)], 0)];
    let first = order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    let second = order.dispatch(&dispatch(11, &[("1", 1)])).unwrap();
    assert_eq!(
        (shown(&first), shown(&second)),
        ("1x1=400@20 wrapping1=50@20 delivery=300@20".to_owned(), "1x1=500@20".to_owned())
    );
    let before = order.balance();
    order.reverse(0).unwrap();
    assert_eq!(pieces_booked(&order.booked, "1"), 1);
    assert_eq!(pending(&order.refunds, &order.booked), order.refunds);
    let again = order.dispatch(&dispatch(10, &[("1", 1)])).unwrap();
    assert_eq!(again, first, "the same piece, delivery, wrapping and refund");
    assert_eq!(order.balance(), before);
    assert_eq!(fact(order.reverse(0)), MissingFact::Refund, "it was reversed before");
    assert_eq!(fact(order.reverse(2)), MissingFact::Refund, "a credit note is no sale");
    assert_eq!(fact(order.reverse(99)), MissingFact::Refund, "no such document");
    order.credit(&wish(&[("1", 1)], 0, 0)).unwrap();
    assert_eq!(order.booked.last().unwrap().booked_as, BookedAs::Credit { of: 1, reversal: false });
    assert_eq!(fact(order.reverse(1)), MissingFact::Refund, "something of it was taken back");
}

#[test]
fn stated_tax_must_be_ours() {
    let stating = |scheme, taxes: [i64; 2]| {
        let mut order = account(vec![(priced("1", 1, 1_200, 0, 0), GADGET), (priced("2", 1, 1_200, 60, 0), BOOK)]);
        order.treatment.scheme = scheme;
        for (line, tax) in order.priced.lines.iter_mut().zip(taxes) {
            line.stated_tax = tax;
        }
        order.sale().content(&dispatch(10, &[("1", 1)]), day("2026-11-10"), &[]).map_err(|missing| missing.fact)
    };
    for (scheme, taxes, fits, what) in [
        (Scheme::Uk, [200, 0], true, "as ours"),
        (Scheme::Uk, [0, 0], true, "none stated says nothing (J1)"),
        (Scheme::Uk, [201, 0], true, "one rounding"),
        (Scheme::Uk, [199, 0], true, "one rounding"),
        (Scheme::Uk, [202, 0], false, "more than one rounding"),
        (Scheme::Uk, [200, 2], true, "two amounts, two roundings"),
        (Scheme::Uk, [200, 3], false, "more than two roundings"),
        (Scheme::Uk, [0, 200], false, "the other line's: the sum fits, the products do not"),
        (Scheme::Uk, [200, 210], false, "the marketplace taxes the book"),
        (Scheme::Export, [200, 0], false, "no tax on an export"),
        (Scheme::NotRegistered, [200, 0], false, "no tax at all"),
        (Scheme::MarketplaceDeemed, [200, 210], true, "its own tax"),
    ] {
        let found = stating(scheme, taxes);
        assert_eq!(found.is_ok(), fits, "{what}: {found:?}");
        assert!(fits || found == Err(MissingFact::Product), "{what}");
    }
}
