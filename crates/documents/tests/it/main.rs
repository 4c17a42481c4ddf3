//! Paper from outside: what the web and the printers see of it. All people are invented.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the functions around the tests are test code too")]

mod daybook_csv;
mod daybook_xlsx;
mod days;
mod hostile;
mod invoices;
mod joining;
mod papers;
mod pdf_builder;
mod pdf_reader;
mod picking;
mod sharing;
mod sheets;
mod slips;
mod zip_reader;
mod zpl;

use std::sync::LazyLock;

use ordersync_core::paper::{LabelJoiner, PaperError, PaperRenderer};
use ordersync_core::{LabelFormat, SenderProfile};
use ordersync_documents::Paper;
use ordersync_render::{Document, Fonts, PageSize, TextBox};
use ordersync_types::{Country, Pii};

static FONTS: LazyLock<Fonts> = LazyLock::new(Fonts::dejavu);
static PAPER: LazyLock<Paper> = LazyLock::new(|| Paper::new(std::sync::Arc::new(Fonts::dejavu())));

/// A label of ours, with one page for each name.
fn label(size: PageSize, names: &[&str]) -> Pii<Vec<u8>> {
    let mut document = Document::new(&FONTS);
    for name in names {
        let page = document.page(size).unwrap();
        page.text(&TextBox { width: 80.0, lines: 3, ..TextBox::at("recipient name", 5.0, 20.0) }, *name).unwrap();
        page.barcode("reference", 5.0, 60.0, 80.0, 14.0, "7KD2M0QX9RTA").unwrap();
    }
    document.pdf().unwrap()
}

fn joiner(format: LabelFormat) -> Box<dyn LabelJoiner> {
    PAPER.join_labels(format)
}

/// Adds a label that is no `Pii` yet.
fn add(joiner: &mut dyn LabelJoiner, label: &[u8]) -> Result<Vec<u8>, PaperError> {
    joiner.add(&Pii::new(label.to_vec())).map(|bytes| bytes.expose().clone())
}

/// One document of all labels.
fn joined<L: AsRef<[u8]>>(labels: &[L]) -> Vec<u8> {
    let mut joiner = joiner(LabelFormat::Pdf);
    let mut document: Vec<u8> = Vec::new();
    for label in labels {
        document.extend(add(&mut *joiner, label.as_ref()).unwrap());
    }
    document.extend(joiner.finish().unwrap());
    document
}

fn seller() -> SenderProfile {
    SenderProfile {
        name: "Example Goods".to_owned(),
        lines: vec!["1 Invented Street".to_owned(), "Wexcombe".to_owned()],
        postcode: "ZZ99 9ZZ".to_owned(),
        country: Country::GB,
    }
}
