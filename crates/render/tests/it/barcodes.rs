//! Barcodes, read back from both back ends.

use ordersync_render::{PageSize, RenderError, Resolution};
use proptest::prelude::*;

use crate::{code128_reader, document, pdf_reader, zpl, zpl_reader};

const WIDTH: f32 = 180.0;

fn barcode(content: &str) -> ordersync_render::Document<'static> {
    let size = PageSize::millimetres(WIDTH + 20.0, 20.0);
    document(size, |page| page.barcode("reference", 10.0, 2.0, WIDTH, 13.0, content).unwrap())
}

/// Modules from the rectangles of the PDF, checking sizes and quiet zones on the way.
fn from_pdf(content: &str) -> String {
    let module = 0.375 / 25.4 * 72.0;
    let rectangles = pdf_reader::rectangles(barcode(content).pdf().unwrap().expose());
    let first = rectangles[0][0];
    assert!(first - 10.0 / 25.4 * 72.0 >= 10.0 * module - 0.01, "quiet zone");
    let mut modules = String::new();
    for [x, _, width, height] in rectangles {
        assert!(height >= 13.0 / 25.4 * 72.0 - 0.01, "height {height}");
        let (start, bars) = ((x - first) / module, width / module);
        assert!((start - start.round()).abs() < 0.01 && (bars - bars.round()).abs() < 0.01, "whole modules");
        modules.push_str(&"0".repeat(start.round() as usize - modules.len()));
        modules.push_str(&"1".repeat(bars.round() as usize));
    }
    modules
}

/// Modules from the middle row of the picture that the ZPL makes.
fn from_zpl(content: &str, resolution: Resolution, dots: usize, dots_per_mm: f32) -> String {
    let picture = zpl_reader::pictures(&zpl(&barcode(content), resolution)).remove(0);
    let ink = picture.ink().unwrap();
    assert!((ink.bottom - ink.top + 1) as f32 >= 13.0 * dots_per_mm - 1.0, "height");
    assert!(ink.left as f32 - 10.0 * dots_per_mm >= (10 * dots) as f32 - 1.0, "quiet zone");
    for y in ink.top..=ink.bottom {
        for x in 0..picture.width {
            assert_eq!(picture.is_black(x, y), picture.is_black(x, ink.top), "bars are upright");
        }
    }
    let row: String = (ink.left..=ink.right).map(|x| if picture.is_black(x, ink.top) { '1' } else { '0' }).collect();
    assert_eq!(row.len() % dots, 0);
    let modules: Vec<&str> = (0..row.len() / dots).map(|at| &row[at * dots..(at + 1) * dots]).collect();
    modules.iter().for_each(|module| assert!(module.bytes().all(|dot| dot == module.as_bytes()[0]), "whole modules"));
    modules.iter().map(|module| &module[..1]).collect()
}

fn check(content: &str) {
    assert_eq!(code128_reader::read(&from_pdf(content)), content);
    assert_eq!(code128_reader::read(&from_zpl(content, Resolution::Dpi203, 3, 203.0 / 25.4)), content);
    assert_eq!(code128_reader::read(&from_zpl(content, Resolution::Dpi300, 4, 300.0 / 25.4)), content);
}

#[test]
fn references_are_read_back() {
    for content in
        ["OS12345678K7", "A", "0", "12", "123", "1234", "12345", "AB1234CD5678", "a_\\^~ {}", "00000000000000"]
    {
        check(content);
    }
}

#[test]
fn what_is_no_reference_or_does_not_fit_is_refused_by_name() {
    document(PageSize::MM_100X150, |page| {
        let content = RenderError::BarcodeContent { field: "reference" };
        for wrong in ["", "caf\u{E9}", "a\nb", &"A".repeat(81)] {
            assert_eq!(page.barcode("reference", 4.0, 20.0, 92.0, 13.0, wrong), Err(content.clone()), "{wrong}");
        }
        // 92 mm are 245 modules: 20 quiet, 35 of start, check and stop, 11 a letter
        assert_eq!(page.barcode("reference", 4.0, 20.0, 92.0, 13.0, &"A".repeat(17)), Ok(()));
        let long = RenderError::TooLong { field: "reference", characters: 18 };
        assert_eq!(page.barcode("reference", 4.0, 20.0, 92.0, 13.0, &"A".repeat(18)), Err(long));
        let off = RenderError::OffPage { element: "reference" };
        assert_eq!(page.barcode("reference", 4.0, 20.0, 92.0, 12.9, "A1"), Err(off.clone()));
        assert_eq!(page.barcode("reference", 4.0, 140.0, 92.0, 13.0, "A1"), Err(off));
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_reference_is_read_back(content in "[ -~]{1,16}|[A-Z0-9]{1,20}|[0-9]{1,40}|[A-Z]{2}[0-9]{4,16}[A-Z]{2}") {
        check(&content);
    }
}
