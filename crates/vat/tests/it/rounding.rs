//! The three roundings, as tables with their sources.

use ordersync_types::Currency;
use ordersync_vat::rounding::{share, spread, vat_in};
use ordersync_vat::{Content, GrossLine, LineOf, Rate, Supply};

use crate::shop::check_sums;

fn rate(points: u16) -> Rate {
    Rate::basis_points(points).unwrap()
}

#[test]
fn vat_is_its_fraction_of_the_gross_amount_to_the_nearest_penny() {
    for (gross, points, vat, source) in [
        (120, 2_000, 20, "facts E2: 1/6"),
        (600, 2_000, 100, "facts E2: 1/6"),
        (105, 500, 5, "facts E2: 1/21"),
        (2_100, 500, 100, "facts E2: 1/21"),
        (999, 0, 0, "VATA 1994 s.30: no VAT on zero-rated goods"),
        (0, 2_000, 0, "nothing has no VAT"),
        (1, 2_000, 0, "VATREC12020: 0.17 p is nearer to 0"),
        (2, 2_000, 0, "VATREC12020: 0.33 p"),
        (3, 2_000, 1, "VATREC12020: half a penny goes up, never down (facts C2)"),
        (9, 2_000, 2, "VATREC12020: 1.5 p goes up"),
        (4, 2_000, 1, "VATREC12020: 0.67 p"),
        (10, 500, 0, "VATREC12020: 0.476 p"),
        (11, 500, 1, "VATREC12020: 0.524 p"),
        (31, 500, 1, "VATREC12020: 1.476 p"),
        (32, 500, 2, "VATREC12020: 1.524 p"),
        (1_999, 2_000, 333, "VATREC12020: 333.17 p"),
        (999, 2_000, 167, "VATREC12020: 166.5 p goes up"),
        (-999, 2_000, -167, "half away from zero: what is taken back is what was charged"),
        (-3, 2_000, -1, "half away from zero"),
        (-1, 2_000, 0, "0.17 p below nothing"),
        (-105, 500, -5, "facts E2: 1/21"),
        (1_208_350, 2_000, 201_392, "complaint 1: 50 lines of 241.67 as one gross amount, 201391.67 p"),
        (24_167, 2_000, 4_028, "complaint 1: one line of 241.67 gross, 4027.83 p"),
        (1_450_020, 2_000, 241_670, "complaint 1: 12083.50 net with VAT of 2416.70 on the total, read back"),
        (1_450_000, 2_000, 241_667, "complaint 1: with VAT of 2416.50 by line, read back"),
        (7_164, 2_000, 1_194, "complaint 3: 36 pieces of 1.99 are 71.64, with VAT of 11.94 and not 11.88"),
        (199, 2_000, 33, "complaint 3: one piece of 1.99, 33.17 p"),
        (3_800, 2_000, 633, "complaint 4: ten pieces for 38.00, 633.33 p"),
        (380, 2_000, 63, "complaint 4: one of ten, 63.33 p"),
        (400, 2_000, 67, "complaint 6: 4.00 stays 4.00, 66.67 p"),
        (i64::MAX, 2_000, i64::MAX / 6, "never a panic"),
        (i64::MIN, 10_000, i64::MIN / 2, "never a panic"),
        (i64::MAX, 0, 0, "never a panic"),
    ] {
        let found = vat_in(gross, rate(points));
        assert!(
            (found - vat).abs() <= i64::from(gross.abs_diff(0) > 1 << 60),
            "{gross} at {points}: {found}, {source}"
        );
    }
}

#[test]
fn a_whole_is_spread_by_largest_remainder() {
    for (total, weights, parts, source) in [
        (100, vec![1, 1, 1], Some(vec![34, 33, 33]), "a tie: the earlier first"),
        (101, vec![1, 1, 1], Some(vec![34, 34, 33]), "a tie of two: the earlier two"),
        (10, vec![1, 2, 1], Some(vec![3, 5, 2]), "2.5, 5, 2.5: the earlier first"),
        (10, vec![1, 1, 4], Some(vec![2, 2, 6]), "1.67, 1.67, 6.67: two left, the earlier first"),
        (5, vec![3, 7], Some(vec![2, 3]), "1.5 and 3.5: a tie"),
        (7, vec![999, 1], Some(vec![7, 0]), "6.993 and 0.007"),
        (1, vec![1, 1_000], Some(vec![0, 1]), "the larger remainder, not the earlier"),
        (0, vec![5, 5], Some(vec![0, 0]), "nothing"),
        (0, vec![], Some(vec![]), "nothing over nobody"),
        (0, vec![0, 0], Some(vec![0, 0]), "nothing over nothing"),
        (1, vec![], None, "something over nobody"),
        (1, vec![0, 0], None, "something over nothing"),
        (1, vec![2, -1], None, "a weight below nothing"),
        (-100, vec![1, 1, 1], Some(vec![-34, -33, -33]), "as its opposite"),
        (500, vec![0, 3, 0], Some(vec![0, 500, 0]), "what has no weight gets nothing"),
        (333, vec![200, 200], Some(vec![167, 166]), "complaint 6: 3.33 net over two of 2.00"),
        (i64::MAX, vec![i64::MAX, i64::MAX], Some(vec![i64::MAX / 2 + 1, i64::MAX / 2]), "never a panic"),
        (i64::MIN, vec![i64::MAX], Some(vec![i64::MIN]), "never a panic"),
    ] {
        assert_eq!(spread(total, &weights), parts, "{total} over {weights:?}: {source}");
    }
}

#[test]
fn pieces_have_shares_that_add_up() {
    for (total, part, whole, found, source) in [
        (1_000, 1, 3, Some(333), "333.33"),
        (1_000, 2, 3, Some(667), "666.67: so the second piece is 334"),
        (1_000, 3, 3, Some(1_000), "all pieces have all of it"),
        (1_001, 1, 2, Some(501), "half a penny away from zero"),
        (-1_001, 1, 2, Some(-501), "half a penny away from zero"),
        (1, 1, 3, Some(0), "0.33"),
        (1, 2, 3, Some(1), "0.67: the penny goes with the second piece"),
        (3_800, 1, 10, Some(380), "complaint 4: the paid total rules"),
        (3_799, 10, 10, Some(3_799), "complaint 4: never from a unit price"),
        (500, 0, 3, Some(0), "no piece"),
        (500, 4, 3, None, "more pieces than there are"),
        (500, -1, 3, None, "fewer than none"),
        (500, 0, 0, None, "of nothing"),
        (i64::MIN, i64::MAX, i64::MAX, Some(i64::MIN), "never a panic"),
    ] {
        assert_eq!(share(total, part, whole), found, "{part} of {whole} of {total}: {source}");
    }
}

#[test]
fn documents_round_once_for_each_rate() {
    // (lines of gross and rate), (VAT of each group, the highest rate first), nets of the lines, source
    for (lines, vats, nets, source) in [
        (vec![(24_167, 2_000); 50], vec![201_392], None, "complaint 1: by line it would be 2014.00"),
        (vec![(199, 2_000); 36], vec![1_194], None, "complaint 3: by line it would be 11.88"),
        (vec![(200, 2_000), (200, 2_000)], vec![67], Some(vec![167, 166]), "complaint 6: 4.00 stays 4.00"),
        (vec![(100, 2_000); 3], vec![50], Some(vec![84, 83, 83]), "C6: 2.50 over three lines"),
        (vec![(105, 500), (600, 2_000), (99, 0)], vec![100, 5, 0], Some(vec![100, 500, 99]), "C6: by rate"),
        (vec![(3, 2_000), (3, 2_000)], vec![1], Some(vec![3, 2]), "C6: not a half penny up for each line"),
        (vec![(0, 2_000), (600, 2_000)], vec![100], Some(vec![0, 500]), "a piece given away stays on the document"),
        (vec![(1, 500); 10], vec![0], Some(vec![1; 10]), "0.476 p"),
        (vec![(1, 500); 11], vec![1], None, "0.524 p"),
    ] {
        let gross: i64 = lines.iter().map(|(gross, _)| gross).sum();
        let lines = lines.into_iter().enumerate().map(|(index, (gross, points))| GrossLine {
            of: LineOf::Goods(index.to_string()),
            sku: None,
            description: "A thing".to_owned(),
            quantity: 1,
            supply: Supply::Standard,
            rate: rate(points),
            basis: "a test".to_owned(),
            gross,
        });
        let content = Content::of_gross(Currency::GBP, lines.collect(), Vec::new()).unwrap();
        check_sums(&content);
        assert_eq!(content.gross().minor, gross, "{source}");
        assert_eq!(content.groups.iter().map(|group| group.vat).collect::<Vec<_>>(), vats, "{source}");
        let found: Vec<i64> = content.lines.iter().map(|line| line.net).collect();
        assert!(nets.is_none_or(|nets| nets == found), "{found:?}: {source}");
    }
}
