//! Invoices, receipts and credit notes: every text of them, in the order in which it stands.

use ordersync_core::invoicing::{DocumentKind, InvoicePaper, Sterling};
use ordersync_render::Fonts;
use ordersync_types::{Currency, Money};
use ordersync_vat::{Form, Supply};

use crate::papers::{
    content, credit, day, delivery, full, goods, party, printed, receipt, refused, simplified, standard, supplier,
};
use crate::pdf_reader::{open, texts, unbroken};

/// The text of a document of one page.
fn text(paper: &InvoicePaper) -> String {
    let texts = texts(&printed(paper));
    assert_eq!(texts.len(), 1);
    texts.concat()
}

#[track_caller]
fn shows(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_full_invoice_says_what_the_law_asks_for() {
    let lines =
        vec![standard(3, 1000), goods(2, 2100, Supply::Reduced, 500), goods(4, 999, Supply::Zero, 0), delivery(350)];
    let paper = InvoicePaper { notes: vec!["Paid through Amazon.".to_owned()], ..full(lines) };
    let expected = "VAT invoice \
        Example Goods Ltd Number INV-2026-000042 \
        1 Invented Street Date of issue 24 November 2026 \
        Wexcombe Tax point 23 November 2026 \
        ZZ99 9ZZ Order 204-1234567-7654321 \
        United Kingdom Sold on Amazon \
        VAT number GB 999 9999 73 Order date 22 November 2026 \
        Invoice to Ada Example Sample Trading Ltd 22 Sample Road ZZ98 8ZZ \
        VAT number GB 999 0000 15 Purchase order PO-88 \
        Description Qty Unit price £ VAT rate Net £ VAT £ without VAT \
        Example mug number 3, glazed 3 2.7767 20% 8.33 1.67 SKU EX-0003 \
        Example mug number 2, glazed 2 10.00 5% 20.00 1.00 SKU EX-0002 \
        Example mug number 4, glazed 4 2.4975 Zero-rated 9.99 0.00 SKU EX-0004 \
        Delivery 1 2.92 20% 2.92 0.58 \
        VAT rate Net £ VAT £ 20% 11.25 2.25 5% 20.00 1.00 Zero-rated 9.99 0.00 \
        Total without VAT £41.24 Total VAT £3.25 Total with VAT £44.49 \
        Paid through Amazon. \
        VAT invoice INV-2026-000042 – page 1 of 1";
    assert_eq!(text(&paper), expected);
    assert_eq!(printed(&paper), printed(&paper.clone()), "the same bytes");
}

#[test]
fn a_simplified_invoice_has_amounts_with_vat_and_no_party() {
    let paper = simplified(vec![standard(1, 2499), goods(2, 999, Supply::Exempt, 0), delivery(350)]);
    let with_party = InvoicePaper { party: Some(party(&["Ada Example"])), ..paper.clone() };
    let text = text(&paper);
    shows(
        &text,
        &[
            "VAT invoice Example Goods Ltd",
            "VAT number GB 999 9999 73",
            "Description Qty VAT rate Amount £ VAT included",
            "Example mug number 1, glazed 1 20% 24.99 SKU EX-0001",
            "Example mug number 2, glazed 2 Exempt 9.99",
            "Delivery 1 20% 3.50",
            "VAT rate With VAT £ 20% 28.49 Exempt 9.99",
            "Total with VAT £38.48",
        ],
    );
    assert!(!text.contains("Net") && !text.contains("Invoice to"), "{text}");
    assert_eq!(printed(&paper), printed(&with_party), "nobody is named who need not be");
}

#[test]
fn a_receipt_is_no_vat_invoice() {
    let plain = text(&receipt(vec![goods(1, 1799, Supply::OutsideScope, 0)]));
    shows(
        &plain,
        &[
            "Receipt This is not a VAT invoice Example Goods Ltd",
            "Date of supply",
            "Description Qty Amount £ Example mug number 1, glazed 1 17.99 SKU EX-0001 Total £17.99",
            "Receipt R-2026-000007 – page 1 of 1",
        ],
    );
    let rest = plain.replace("This is not a VAT invoice", "");
    assert!(!rest.contains("VAT") && !rest.contains("Tax point"), "{rest}");
    let registered = InvoicePaper { supplier: supplier(), ..receipt(vec![standard(1, 30_000)]) };
    let text = text(&registered);
    shows(&text, &["This is not a VAT invoice", "VAT rate With VAT £ 20% 300.00", "Total with VAT £300.00"]);
    assert!(!text.contains("50.00"), "no VAT amount: {text}");
}

#[test]
fn a_credit_note_names_what_it_takes_back_and_why() {
    let text = text(&credit(vec![standard(1, 1200)]));
    shows(
        &text,
        &[
            "Credit note Example Goods Ltd Number CN-2026-000003",
            "Original INV-2026-000042",
            "Original date 24 November 2026",
            "Credit to Order date 22 November 2026 Ada Example Sample Trading Ltd",
            "Reason: one mug came back",
            "Example mug number 1, glazed 1 10.00 20% 10.00 2.00",
            "Total VAT £2.00 Total credited £12.00",
            "Credit note CN-2026-000003 – page 1 of 1",
        ],
    );
    assert!(!text.contains("VAT invoice"), "{text}");
    let of_receipt = InvoicePaper { form: Form::Receipt, party: None, ..credit(vec![standard(1, 1200)]) };
    assert!(self::text(&of_receipt).contains("Credit note This is not a VAT credit note"));
}

#[test]
fn a_duplicate_says_so_on_every_page() {
    let lines: Vec<_> = (1..=60).map(|number| standard(number, number * 600)).collect();
    let paper = full(lines);
    let copy = InvoicePaper { duplicate: true, ..paper.clone() };
    assert!(!unbroken(&printed(&paper)).contains("Duplicate"));
    let texts = texts(&printed(&copy));
    assert!(texts[0].starts_with("VAT invoice Duplicate Example Goods Ltd"), "{}", texts[0]);
    for (text, number) in texts.iter().zip(1..) {
        let foot = format!("Duplicate – VAT invoice INV-2026-000042 – page {number} of {}", texts.len());
        assert!(text.ends_with(&foot), "{text}");
    }
}

#[test]
fn sixty_lines_go_on_below_the_titles_of_their_columns() {
    let lines: Vec<_> = (1..=60).map(|number| standard(number, number * 600)).collect();
    let paper = full(lines);
    let texts = texts(&printed(&paper));
    assert!((3..=4).contains(&texts.len()), "{} pages", texts.len());
    for text in &texts[1..] {
        let head = "VAT invoice INV-2026-000042, continued Description Qty Unit price £ VAT rate Net £ VAT £";
        assert!(text.starts_with(head), "{text}");
    }
    let whole = texts.concat();
    for number in 1..=60 {
        let row = format!("Example mug number {number}, glazed {number} 5.00 20% {}.00 {number}.00", number * 5);
        assert_eq!(whole.matches(&row).count(), 1, "line {number}");
    }
    assert!(texts.last().unwrap().contains("Total without VAT £9150.00 Total VAT £1830.00 Total with VAT £10980.00"));
}

#[test]
fn what_has_no_vat_says_why() {
    let export = full(vec![goods(1, 8900, Supply::Export, 0)]);
    let note = "Goods exported from the United Kingdom.".to_owned();
    let text = text(&InvoicePaper { notes: vec![note, "Second note.".to_owned()], ..export });
    shows(
        &text,
        &["89.00 Export, 89.00 0.00 SKU EX-0001 zero-rated", "VAT £ Export, zero-rated 89.00 0.00", "Total VAT £0.00"],
    );
    shows(&text, &["Goods exported from the United Kingdom. Second note."]);
}

#[test]
fn other_currencies_have_their_vat_in_sterling() {
    let euros = InvoicePaper { content: content(Currency::EUR, vec![standard(1, 12_000)]), ..full(vec![]) };
    assert_eq!(refused(&euros).field, "sterling");
    let sterling = Sterling {
        rate: "1.1437".to_owned(),
        source: "HMRC 2026-11".to_owned(),
        net: Money::new(8_744, Currency::GBP),
        vat: Money::new(1_749, Currency::GBP),
    };
    let with = InvoicePaper { sterling: Some(sterling.clone()), ..euros.clone() };
    shows(
        &text(&with),
        &[
            "Unit price EUR VAT rate Net EUR VAT EUR",
            "Total VAT EUR 20.00 Total with VAT EUR 120.00",
            "Net in sterling £87.44 VAT in sterling £17.49 1.1437 EUR for £1, HMRC 2026-11",
        ],
    );
    let no_vat = InvoicePaper { content: content(Currency::EUR, vec![goods(1, 500, Supply::Export, 0)]), ..euros };
    assert!(!text(&no_vat).contains("sterling"));
    let pounds = InvoicePaper { sterling: Some(sterling), ..full(vec![standard(1, 1200)]) };
    assert!(!text(&pounds).contains("sterling"), "an invoice in pounds is in sterling");
    let yen = simplified(vec![]);
    let yen = InvoicePaper { content: content("JPY".parse().unwrap(), vec![standard(1, 1200)]), ..yen };
    shows(&text(&yen), &["Amount JPY", "20% 1200", "Total with VAT JPY 1200"]);
}

#[test]
fn names_are_printed_letter_by_letter_or_refused() {
    let named = |lines: &[&str]| InvoicePaper { party: Some(party(lines)), ..full(vec![standard(1, 1200)]) };
    let text = text(&named(&["Ελένη Παράδειγμα", "Zażółć Gęślą Jaźń", "Юлия Образец", "Ọlá O\u{308}zgu\u{308}r"]));
    shows(&text, &["Ελένη Παράδειγμα Zażółć Gęślą Jaźń Юлия Образец Ọlá Özgür"]);
    for (second, part) in
        [("\u{4E01}\u{4E02}", "U+4E01"), ("שלום", "U+05E9"), ("Ada \u{1F9FF}", "U+1F9FF"), ("Ada\u{7}", "U+0007")]
    {
        let error = refused(&named(&["Ada Example", second]));
        assert_eq!(error.field, "document INV-2026-000042, invoice to, line 2, name or address");
        assert!(error.reason.contains(part), "{error}");
        assert!(!error.to_string().contains("Ada"), "{error}");
    }
    let mut paper = named(&["Ada Example"]);
    let block = paper.party.as_mut().unwrap();
    block.purchase_order = Some(ordersync_types::Pii::new("PO \u{4E01}".to_owned()));
    assert_eq!(refused(&paper).field, "document INV-2026-000042, purchase order");
    let mut paper = named(&["Ada Example"]);
    paper.supplier.name.push('\u{4E01}');
    assert_eq!(refused(&paper).field, "document INV-2026-000042, seller's name");
    // a title does not hold an invoice up
    let mut line = standard(1, 1200);
    line.description = "Mug \u{1F9FF} blue".to_owned();
    assert!(self::text(&full(vec![line])).contains("Mug □ blue"));
}

#[test]
fn long_texts_and_large_amounts_go_on_and_nothing_is_cut() {
    let name = "Bartholomäus-Ignatius ".repeat(60);
    let mut line = standard(1, 900_000_000_000);
    line.description = "Donaudampfschifffahrt".repeat(200);
    line.sku = Some("VERY-LONG-SKU/".repeat(20));
    line.quantity = 7;
    let address: Vec<String> = (0..80).map(|number| format!("{number} Sample Road")).collect();
    let lines: Vec<&str> = std::iter::once(name.as_str()).chain(address.iter().map(String::as_str)).collect();
    let paper = InvoicePaper {
        party: Some(party(&lines)),
        channel: "A shop with a long name ".repeat(10),
        reason: Some("because it was so ".repeat(300)),
        notes: vec!["Words of the law. ".repeat(500)],
        ..full(vec![line])
    };
    let bytes = printed(&paper);
    assert!((3..=12).contains(&texts(&bytes).len()), "{} pages", texts(&bytes).len());
    let text = unbroken(&bytes);
    assert_eq!(text.matches("Bartholomäus-").count(), 60);
    assert_eq!(text.matches("Wordsofthelaw.").count(), 500);
    for part in ["79SampleRoad", "7500000000.00", "1500000000.00", "1071428571.4286", "£9000000000.00"] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn what_cannot_be_right_is_refused() {
    let paper = full(vec![standard(1, 1200)]);
    let bare = supplier();
    for (field, wrong) in [
        ("template", InvoicePaper { template: 2, ..paper.clone() }),
        ("template", InvoicePaper { template: 0, ..paper.clone() }),
        ("kind", InvoicePaper { kind: DocumentKind::Record, ..paper.clone() }),
        ("original", InvoicePaper { kind: DocumentKind::Credit, ..paper.clone() }),
        ("party", InvoicePaper { party: None, ..paper.clone() }),
        ("party", InvoicePaper { party: Some(party(&[])), ..paper.clone() }),
        ("party", InvoicePaper { party: Some(party(&["", " \u{A0}"])), ..paper.clone() }),
        (
            "supplier",
            InvoicePaper {
                supplier: ordersync_core::invoicing::Supplier { vat_number: None, ..bare },
                ..paper.clone()
            },
        ),
    ] {
        assert_eq!(refused(&wrong).field, field);
    }
}

#[test]
fn nothing_tells_of_its_making() {
    let document = open(&printed(&full(vec![standard(1, 1200)])));
    assert_eq!(document.trailer.iter().count(), 2, "Size and Root");
    assert_eq!(document.catalog().unwrap().iter().count(), 2, "Type and Pages");
    // and another program with the same fonts writes the same
    let other = ordersync_documents::Paper::new(std::sync::Arc::new(Fonts::dejavu()));
    let paper = full(vec![standard(1, 1200)]);
    let again = ordersync_core::paper::PaperRenderer::invoice(&other, &paper).unwrap();
    assert_eq!(&printed(&paper), again.expose());
    assert_eq!(day(24), paper.issued_on);
}
