//! Pages from outside: what is drawn is read back from the PDF and from the ZPL by readers that share no code with the
//! writers.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the functions around the tests are test code too"
)]
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places on paper and counts of dots, all small"
)]

mod barcodes;
mod code128_reader;
mod documents;
mod fonts;
mod hostile;
mod names;
mod pdf_reader;
mod sizes;
mod zpl_reader;

use std::sync::LazyLock;

use ordersync_render::{Area, Document, Fonts, Page, PageSize, RenderError, Resolution, TextBox, Weight};
use ordersync_types::Pii;

/// Shared by all tests, as by all labels of a daemon.
static FONTS: LazyLock<Fonts> = LazyLock::new(Fonts::dejavu);

fn document(size: PageSize, fill: impl FnOnce(&mut Page<'_>)) -> Document<'static> {
    let mut document = Document::new(&FONTS);
    fill(document.page(size).unwrap());
    document
}

/// A box of two lines, as wide as a label.
fn name_box() -> TextBox {
    TextBox { width: 84.0, lines: 2, size: 12.0, least_size: 9.0, ..TextBox::at("recipient name", 8.0, 20.0) }
}

/// A page with nothing but a recipient's name.
fn with_name(name: &str) -> Result<Document<'static>, RenderError> {
    let mut document = Document::new(&FONTS);
    document.page(PageSize::MM_100X150)?.text(&name_box(), &Pii::new(name.to_owned()))?;
    Ok(document)
}

/// A label with every kind of element.
fn label(name: &str) -> Document<'static> {
    document(PageSize::MM_100X150, |page| {
        page.text(&TextBox { width: 40.0, size: 7.0, ..TextBox::at("sender", 4.0, 4.0) }, "Example Goods").unwrap();
        page.fill(Area { x: 4.0, y: 14.0, width: 92.0, height: 0.8 }).unwrap();
        page.text(&name_box(), &Pii::new(name.to_owned())).unwrap();
        let postcode = TextBox { width: 84.0, weight: Weight::Bold, ..TextBox::at("postcode", 8.0, 40.0) };
        page.text(&postcode, "ZZ99 9ZZ").unwrap();
        page.barcode("reference", 4.0, 100.0, 92.0, 14.0, "OS12345678K7").unwrap();
        page.frame(Area { x: 2.0, y: 2.0, width: 96.0, height: 146.0 }, 0.3).unwrap();
    })
}

fn zpl(document: &Document<'_>, resolution: Resolution) -> String {
    String::from_utf8(document.zpl(resolution).unwrap().expose().clone()).unwrap()
}
