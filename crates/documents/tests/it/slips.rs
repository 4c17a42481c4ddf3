//! Packing slips.

use ordersync_core::paper::{PackingSlip, PaperRenderer, SlipLine};
use ordersync_types::{Currency, Money, Pii, ShipmentRef, Timestamp};

use crate::pdf_reader::{open, sizes, texts, unbroken};
use crate::{PAPER, seller};

fn line(number: i64) -> SlipLine {
    SlipLine {
        sku: Some(format!("EX-{number:04}")),
        title: format!("Example mug number {number}, glazed"),
        quantity: number,
        price: Some(Money::new(number * 1234, Currency::GBP)),
        gift_message: None,
        gift_sender: None,
        gift_wrap: false,
    }
}

fn slip(lines: Vec<SlipLine>) -> PackingSlip {
    PackingSlip {
        order_number: "204-1234567-7654321".to_owned(),
        ordered_at: Timestamp::from_timestamp(1_795_564_740, 0).unwrap(),
        reference: Some(ShipmentRef::from_random(0x0123_4567_89AB_CDEF)),
        from: Some(seller()),
        gift: false,
        lines,
        total: Some(Money::new(7_654_321, Currency::GBP)),
        buyer_note: Some(Pii::new("Please leave it with Ben Sample.\nThank you!".to_owned())),
    }
}

fn personal(text: &str) -> Option<Pii<String>> {
    Some(Pii::new(text.to_owned()))
}

fn printed(slips: &[PackingSlip]) -> Vec<u8> {
    PAPER.packing_slips(slips).unwrap().expose().clone()
}

#[test]
fn everything_of_a_slip_is_on_it() {
    let present = SlipLine {
        gift_message: personal("Happy birthday, Ada!\nSee you on Sunday."),
        gift_sender: personal("Ben & Zoë"),
        gift_wrap: true,
        ..line(2)
    };
    let slip = slip(vec![line(1), present, SlipLine { sku: None, price: None, ..line(3) }]);
    let bytes = printed(std::slice::from_ref(&slip));
    assert_eq!(bytes, printed(std::slice::from_ref(&slip)), "the same bytes");
    let texts = texts(&bytes);
    assert_eq!(texts.len(), 1);
    for text in [
        "Example Goods 1 Invented Street Wexcombe ZZ99 9ZZ GB",
        slip.reference.unwrap().as_str(),
        "Packing slip",
        "Order 204-1234567-7654321, 24 November 2026",
        "SKU Title Quantity Price",
        "EX-0001 Example mug number 1, glazed 1 12.34 GBP",
        "EX-0002 Example mug number 2, glazed 2 24.68 GBP",
        "☐ To be wrapped",
        "Message: Happy birthday, Ada! See you on Sunday. From: Ben & Zoë",
        "Example mug number 3, glazed 3",
        "Total, delivery included 76543.21 GBP",
        "Note from the buyer Please leave it with Ben Sample. Thank you!",
        "page 1 of 1",
    ] {
        assert!(texts[0].contains(text), "{text} in {}", texts[0]);
    }
}

#[test]
fn the_slip_of_a_present_holds_no_price() {
    let slip = PackingSlip { gift: true, ..slip(vec![line(1), line(2)]) };
    let text = unbroken(&printed(&[slip]));
    assert!(text.contains("SKUTitleQuantityEX-0001"), "{text}");
    for price in ["GBP", "12.34", "24.68", "76543.21", "Price", "Total"] {
        assert!(!text.contains(price), "{price} in {text}");
    }
}

#[test]
fn what_an_order_does_not_have_leaves_no_trace() {
    let bare =
        PackingSlip { reference: None, from: None, total: None, buyer_note: personal(" \n"), ..slip(vec![line(1)]) };
    let bytes = printed(&[bare]);
    let text = &texts(&bytes)[0];
    assert!(text.starts_with("Packing slip Order 204-1234567-7654321"), "{text}");
    assert!(!text.contains("Total") && !text.contains("Note"), "{text}");
}

#[test]
fn sixty_lines_span_pages_and_each_slip_begins_on_its_own() {
    let long = slip((1..=60).map(line).collect());
    let bytes = printed(&[long.clone(), slip(vec![line(61)]), long]);
    let texts = texts(&bytes);
    let of_long = (texts.len() - 1) / 2;
    assert!(of_long >= 2 && texts.len() == 2 * of_long + 1, "{} pages", texts.len());
    for (text, number) in texts[..of_long].iter().zip(1..) {
        assert!(text.contains(&format!("page {number} of {of_long}")), "{text}");
        assert!(text.contains("204-1234567-7654321"), "{text}");
    }
    assert!(texts[1].starts_with("Packing slip of order 204-1234567-7654321 SKU Title Quantity Price"), "{}", texts[1]);
    assert!(texts[of_long].contains("EX-0061") && texts[of_long].contains("page 1 of 1"));
    let whole: String = texts[..of_long].concat();
    for number in 1..=60 {
        assert_eq!(whole.matches(&format!("EX-{number:04}")).count(), 1, "line {number}");
    }
    assert_eq!(sizes(&bytes).len(), texts.len());
}

#[test]
fn long_texts_go_on_and_nothing_is_cut() {
    let message: Vec<String> = (0..3000).map(|number| format!("word{number}")).collect();
    let endless = "Donaudampfschifffahrt".repeat(300);
    let note: Vec<String> = (0..2500).map(|number| format!("note{number}")).collect();
    let gift = SlipLine {
        title: format!("Mug {endless}"),
        sku: Some("VERY-LONG-SKU/".repeat(40)),
        gift_message: personal(&message.join(" ")),
        gift_sender: personal(&"Ben Sample ".repeat(200)),
        ..line(1)
    };
    let long = PackingSlip { buyer_note: personal(&note.join(" ")), ..slip(vec![line(7), gift, line(8)]) };
    let bytes = printed(&[long]);
    let pages = texts(&bytes).len();
    assert!((4..=20).contains(&pages), "{pages} pages");
    let text = unbroken(&bytes);
    // the head and foot of pages, and the cells beside, may stand between two parts of a text
    for word in message.iter().chain(&note) {
        assert!(text.contains(word.as_str()), "{word}");
    }
    assert_eq!(text.matches("BenSample").count(), 200);
    let letters = |text: &str, letter: char| text.chars().filter(|c| *c == letter).count();
    assert!(letters(&text, 'D') >= 300 && letters(&text, 'V') >= 40);
}

#[test]
fn other_scripts_are_printed_and_what_no_font_has_is_a_box() {
    let name = |text: &str| SlipLine { gift_sender: personal(text), ..line(1) };
    let text = unbroken(&printed(&[slip(vec![name("Ελένη Παράδειγμα, Łódź, Юлия, Ọlá, მაია")])]));
    assert!(text.contains("ΕλένηΠαράδειγμα,Łódź,Юлия,Ọlá,მაია"), "{text}");
    let with = |change: fn(&mut PackingSlip)| {
        let mut slip = slip(vec![line(1), line(2)]);
        change(&mut slip);
        unbroken(&printed(&[slip]))
    };
    let whole = with(|_| ());
    for (text, shown) in [
        (with(|slip| slip.lines[1].title.push('\u{5D0}')), "□"),
        (with(|slip| slip.lines[1].gift_message = personal("fine \u{1F9FF}")), "fine□"),
        (with(|slip| slip.lines[1].gift_sender = personal("fine \u{7}")), "fine□"),
        (with(|slip| slip.buyer_note = personal("fine\n\u{4E01}")), "fine□"),
        (with(|slip| slip.buyer_note = personal("\u{4E01}\u{4E02}")), "seetheorderatthemarketplace"),
        (with(|slip| slip.from.as_mut().unwrap().name.push('\u{1F9FF}')), "□"),
    ] {
        assert!(text.contains(shown) && !whole.contains(shown), "{shown}: {text}");
    }
    let error = PAPER.packing_slips(&[]).unwrap_err();
    assert_eq!(error.field, "orders");
}

#[test]
fn nothing_tells_of_its_making() {
    let document = open(&printed(&[slip(vec![line(1)])]));
    assert_eq!(document.trailer.iter().count(), 2, "Size and Root");
    assert_eq!(document.catalog().unwrap().iter().count(), 2, "Type and Pages");
}
