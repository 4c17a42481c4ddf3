//! The bytes as a whole: the same each time, with nothing in them but the page.

use ordersync_render::{Document, Fonts, PageSize, RenderError, Resolution};

use crate::{FONTS, label, name_box, pdf_reader, zpl, zpl_reader};

#[test]
fn the_same_page_gives_the_same_bytes() {
    let others = Fonts::dejavu();
    let mut other = Document::new(&others);
    other.page(PageSize::A6).unwrap().text(&name_box(), "Ada Example").unwrap();
    let mut one = Document::new(&FONTS);
    one.page(PageSize::A6).unwrap().text(&name_box(), "Ada Example").unwrap();
    assert!(one.pdf().unwrap() == other.pdf().unwrap());
    assert!(label("Ada Example").pdf().unwrap() == label("Ada Example").pdf().unwrap());
    for resolution in [Resolution::Dpi203, Resolution::Dpi300] {
        assert!(label("Ada Example").zpl(resolution).unwrap() == label("Ada Example").zpl(resolution).unwrap());
    }
    assert!(label("Ada Example").pdf().unwrap() != label("Ada Examples").pdf().unwrap());
}

#[test]
fn a_pdf_has_no_metadata() {
    let bytes = label("Ada Example").pdf().unwrap();
    let document = pdf_reader::open(bytes.expose());
    let keys = pdf_reader::keys(&document);
    for key in [
        "Info",
        "ID",
        "Metadata",
        "Title",
        "Author",
        "Creator",
        "Producer",
        "CreationDate",
        "ModDate",
        "Names",
        "StructTreeRoot",
        "PieceInfo",
        "LastModified",
        "AF",
        "OpenAction",
        "AA",
        "Annots",
    ] {
        assert!(!keys.iter().any(|found| found == key), "{key}");
    }
    let raw = String::from_utf8_lossy(bytes.expose());
    for text in ["Ada", "Example", "OS12345678K7", "xpacket", "D:2"] {
        assert!(!raw.contains(text), "{text} stands open in the file");
    }
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.iter().count(), 2, "Type and Pages");
}

#[test]
fn text_can_be_extracted() {
    let text = pdf_reader::text(label("Zażółć Gęślą Jaźń").pdf().unwrap().expose());
    assert_eq!(text, "Example Goods Zażółć Gęślą Jaźń ZZ99 9ZZ");
}

#[test]
fn pages_follow_each_other_in_both_back_ends() {
    let mut document = Document::new(&FONTS);
    for name in ["First Example", "Second Example", "Third Example"] {
        document.page(PageSize::A6).unwrap().text(&name_box(), name).unwrap();
    }
    let bytes = document.pdf().unwrap();
    assert_eq!(pdf_reader::text(bytes.expose()), "First Example Second Example Third Example");
    assert_eq!(pdf_reader::open(bytes.expose()).get_pages().len(), 3);
    let pictures = zpl_reader::pictures(&zpl(&document, Resolution::Dpi203));
    assert_eq!(pictures.len(), 3);
    assert!(pictures.iter().all(|picture| picture.ink().is_some()));
    assert_eq!(Document::new(&FONTS).pdf().unwrap_err(), RenderError::NoPage);
    assert_eq!(Document::new(&FONTS).zpl(Resolution::Dpi203).unwrap_err(), RenderError::NoPage);
}

#[test]
fn debug_shows_no_text() {
    let document = label("Ada Example");
    let shown = format!("{document:?} {:?} {:?}", document.pdf(), document.zpl(Resolution::Dpi203));
    for part in ["Ada", "Example", "'A'", "ZZ99", "^XA", "PDF"] {
        assert!(!shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_label_is_small() {
    let document = label("Maria Giovanna Esposito");
    assert!(document.pdf().unwrap().expose().len() < 20_000);
    assert!(document.zpl(Resolution::Dpi203).unwrap().expose().len() < 20_000);
    assert!(document.zpl(Resolution::Dpi300).unwrap().expose().len() < 40_000);
}
