//! Pick lists.

use ordersync_core::paper::{PaperRenderer, PickList, PickRow};
use ordersync_types::Timestamp;

use crate::PAPER;
use crate::pdf_reader::{sizes, texts, unbroken};

/// 24 November 2026, 23:59 in UTC.
fn at() -> Timestamp {
    Timestamp::from_timestamp(1_795_564_740, 0).unwrap()
}

fn row(number: i64) -> PickRow {
    PickRow {
        sku: format!("EX-{number:04}-BLUE"),
        title: format!(
            "Example mug number {number}, hand-painted, with a handle for left-handed and right-handed people"
        ),
        quantity: number + 1,
        orders: vec![(format!("204-0000000-{number:07}"), number), (format!("01-00001-{number:05}"), 1)],
    }
}

#[test]
fn every_product_is_on_it_with_its_orders() {
    let list = PickList { at: at(), orders: 150, rows: (1..=90).map(row).collect() };
    let bytes = PAPER.pick_list(&list).unwrap();
    assert_eq!(bytes, PAPER.pick_list(&list).unwrap(), "the same bytes");
    let texts = texts(&bytes);
    let count = texts.len();
    assert!((5..=10).contains(&count), "{count} pages");
    assert!(texts[0].contains("24 November 2026: 150 orders, 90 products, 4185 pieces"), "{}", texts[0]);
    for (text, number) in texts.iter().zip(1..) {
        assert!(text.contains("SKU Title Pieces Orders"), "titles on page {number}");
        assert!(text.contains(&format!("page {number} of {count}")), "{text}");
        assert!(text.contains("24 November 2026"));
    }
    assert!(sizes(&bytes).iter().all(|size| (size[2] - 595.3).abs() < 0.1 && (size[3] - 841.9).abs() < 0.1));
    let text = unbroken(&bytes);
    for row in list.rows {
        assert!(text.contains(&row.sku), "{}", row.sku);
        for (order, pieces) in row.orders {
            assert!(text.contains(&format!("{order}×{pieces}")), "{order}");
        }
    }
}

#[test]
fn a_product_of_very_many_orders_goes_on_on_the_next_page() {
    let orders: Vec<(String, i64)> = (0..400).map(|number| (format!("204-1234567-{number:07}"), 1)).collect();
    let rows = vec![PickRow { sku: "EX-1".to_owned(), title: "Mug".to_owned(), quantity: 400, orders: orders.clone() }];
    let bytes = PAPER.pick_list(&PickList { at: at(), orders: 400, rows }).unwrap();
    assert!(texts(&bytes).len() > 2);
    let text = unbroken(&bytes);
    assert!(orders.iter().all(|(order, _)| text.contains(order.as_str())));
}

#[test]
fn an_empty_list_says_so() {
    let bytes = PAPER.pick_list(&PickList { at: at(), orders: 0, rows: Vec::new() }).unwrap();
    assert_eq!(
        texts(&bytes),
        [
            "Pick list 24 November 2026: 0 orders, 0 products, 0 pieces There is nothing to fetch. Pick list, 24 November 2026 – page 1 of 1"
        ]
    );
}

#[test]
fn a_title_with_letters_that_no_font_has_stops_no_list() {
    let mut broken = row(7);
    broken.title.push('\u{1F9FF}');
    let bytes = PAPER.pick_list(&PickList { at: at(), orders: 2, rows: vec![row(1), broken.clone()] }).unwrap();
    let text = texts(&bytes).concat();
    assert!(text.contains(&row(1).sku) && text.contains(&broken.sku) && text.contains('\u{25A1}'), "{text}");
}
