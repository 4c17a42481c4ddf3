//! How long laying invoices out takes:
//! `cargo run --release --example invoices_per_second -p ordersync-documents [FOLDER]` (with a folder: one of each kind
//! of document is written there). All people are invented.
#![expect(clippy::print_stdout, reason = "an example that prints its measurements")]
#![expect(clippy::disallowed_methods, reason = "measures real time, in no part of the product")]
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "figures for a person to read")]

use std::path::PathBuf;
use std::time::Instant;

use chrono::NaiveDate;
use ordersync_core::invoicing::{DocumentKind, InvoicePaper, PartyBlock, Sterling, Supplier};
use ordersync_core::paper::PaperRenderer;
use ordersync_documents::Paper;
use ordersync_render::Fonts;
use ordersync_types::{Country, Currency, Money, Pii};
use ordersync_vat::{Content, Form, GrossLine, LineOf, Missing, Rate, Supply};

const DOCUMENTS: usize = 500;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let paper = Paper::new(std::sync::Arc::new(Fonts::dejavu()));
    let simplified = simplified()?;
    let full = full(20)?;
    for (what, document) in [("simplified, 3 lines", &simplified), ("full, 20 lines", &full)] {
        let begun = Instant::now();
        let mut bytes = 0;
        for _ in 0..DOCUMENTS {
            bytes += paper.invoice(document)?.expose().len();
        }
        let seconds = begun.elapsed().as_secs_f64();
        let each = bytes / DOCUMENTS;
        println!("{what}: {:.0} documents a second, {each} bytes each", DOCUMENTS as f64 / seconds);
    }
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else { return Ok(()) };
    for (name, document) in samples()? {
        std::fs::write(folder.join(format!("{name}.pdf")), paper.invoice(&document)?.expose())?;
    }
    Ok(())
}

fn samples() -> Result<Vec<(&'static str, InvoicePaper)>, Failure> {
    let full = full(6)?;
    let credit = InvoicePaper {
        kind: DocumentKind::Credit,
        number: "CN-2026-000031".to_owned(),
        original: Some(("INV-2026-004711".to_owned(), day(24))),
        reason: Some("one of the parts was returned".to_owned()),
        content: content(Currency::GBP, vec![goods(2, 2_466, Supply::Standard, 2_000)])?,
        issued_on: day(28),
        tax_point: day(28),
        notes: Vec::new(),
        ..full.clone()
    };
    let mixed = vec![
        goods(1, 4_999, Supply::Standard, 2_000),
        goods(2, 1_250, Supply::Reduced, 500),
        goods(3, 999, Supply::Zero, 0),
        goods(4, 1_500, Supply::Exempt, 0),
    ];
    let receipt = InvoicePaper {
        kind: DocumentKind::Receipt,
        form: Form::Receipt,
        supplier: Supplier { vat_number: None, ..supplier() },
        number: "R-2026-000207".to_owned(),
        content: content(Currency::GBP, (1..=2).map(|line| goods(line, 1_799, Supply::OutsideScope, 0)).collect())?,
        ..simplified()?
    };
    let export = InvoicePaper {
        number: "INV-2026-004713".to_owned(),
        content: content(Currency::GBP, (1..=2).map(|line| goods(line, 8_900, Supply::Export, 0)).collect())?,
        notes: vec!["Goods exported from the United Kingdom: zero-rated (VATA 1994 s.30(6)).".to_owned()],
        ..full.clone()
    };
    let euro = InvoicePaper {
        number: "INV-2026-004714".to_owned(),
        content: content(Currency::EUR, (1..=3).map(|line| goods(line, 11_799, Supply::Standard, 2_000)).collect())?,
        sterling: Some(Sterling {
            rate: "1.1437".to_owned(),
            source: "HMRC 2026-11".to_owned(),
            net: Money::new(25_792, Currency::GBP),
            vat: Money::new(5_158, Currency::GBP),
        }),
        notes: Vec::new(),
        ..full.clone()
    };
    let mixed = InvoicePaper { content: content(Currency::GBP, mixed)?, ..full.clone() };
    Ok(vec![
        ("full", full.clone()),
        ("full-mixed-rates", mixed),
        ("full-60-lines", self::full(60)?),
        ("full-euro", euro),
        ("full-export", export),
        ("duplicate", InvoicePaper { duplicate: true, ..full }),
        ("simplified", simplified()?),
        ("receipt", receipt),
        ("credit-note", credit),
    ])
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap_or_default()
}

fn supplier() -> Supplier {
    Supplier {
        name: "Example Goods and Invented Wares Ltd".to_owned(),
        lines: vec!["Unit 4, 1 Invented Street".to_owned(), "Wexcombe".to_owned()],
        postcode: "ZZ99 9ZZ".to_owned(),
        country: Country::GB,
        vat_number: Some("GB 999 9999 73".to_owned()),
    }
}

fn goods(number: i64, gross: i64, supply: Supply, rate: u16) -> GrossLine {
    GrossLine {
        of: LineOf::Goods(format!("line {number}")),
        sku: Some(format!("EX-{number:04}-BLUE")),
        description: "Example mug, hand-painted, with a handle for left-handed and for right-handed people".to_owned(),
        quantity: number % 4 + 1,
        supply,
        rate: Rate::basis_points(rate).unwrap_or(Rate::ZERO),
        basis: "an example".to_owned(),
        gross,
    }
}

fn content(currency: Currency, lines: Vec<GrossLine>) -> Result<Content, Missing> {
    Content::of_gross(currency, lines, Vec::new())
}

fn full(lines: i64) -> Result<InvoicePaper, Missing> {
    let mut all: Vec<GrossLine> =
        (1..lines).map(|number| goods(number, number * 1_233, Supply::Standard, 2_000)).collect();
    let delivery = GrossLine {
        of: LineOf::Delivery,
        sku: None,
        description: "Delivery".to_owned(),
        quantity: 1,
        ..goods(1, 499, Supply::Standard, 2_000)
    };
    all.push(delivery);
    let personal = |text: &str| Pii::new(text.to_owned());
    Ok(InvoicePaper {
        template: 1,
        kind: DocumentKind::Invoice,
        form: Form::Full,
        number: "INV-2026-004711".to_owned(),
        issued_on: day(24),
        tax_point: day(23),
        supplier: supplier(),
        party: Some(PartyBlock {
            lines: [
                "Ελένη Παράδειγμα",
                "Zażółć Gęślą Trading Ltd",
                "22 Sample Road",
                "Nether Example",
                "ZZ98 8ZZ",
                "United Kingdom",
            ]
            .map(personal)
            .to_vec(),
            vat_number: Some(personal("GB 999 0000 15")),
            purchase_order: Some(personal("PO-88-1234")),
        }),
        channel: "Amazon".to_owned(),
        order_number: "204-1234567-7654321".to_owned(),
        ordered_on: day(22),
        content: content(Currency::GBP, all)?,
        notes: vec!["Paid through Amazon. Thank you for your order.".to_owned()],
        sterling: None,
        original: None,
        reason: None,
        duplicate: false,
    })
}

fn simplified() -> Result<InvoicePaper, Missing> {
    let lines = vec![
        goods(1, 2_499, Supply::Standard, 2_000),
        goods(2, 999, Supply::Zero, 0),
        GrossLine {
            of: LineOf::Delivery,
            sku: None,
            description: "Delivery".to_owned(),
            quantity: 1,
            ..goods(1, 350, Supply::Standard, 2_000)
        },
    ];
    Ok(InvoicePaper {
        form: Form::Simplified,
        party: None,
        number: "INV-2026-004712".to_owned(),
        content: content(Currency::GBP, lines)?,
        notes: Vec::new(),
        ..full(2)?
    })
}
