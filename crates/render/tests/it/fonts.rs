//! Fonts that are added.

use ordersync_render::{Document, Fonts, PageSize, RenderError};

use crate::{name_box, pdf_reader};

#[test]
fn a_file_that_is_no_font_is_refused() {
    for wrong in [Vec::new(), b"not a font".to_vec(), dejavu::sans::regular()[..200].to_vec()] {
        let error = Fonts::dejavu().with_font(wrong, 0).unwrap_err();
        assert!(matches!(error, RenderError::Font { index: 2, .. }), "{error}");
    }
    let error = Fonts::dejavu().with_font(dejavu::sans::regular().to_vec(), 7).unwrap_err();
    assert!(error.to_string().starts_with("font 2: "), "{error}");
}

#[test]
fn an_added_font_changes_nothing_that_dejavu_has() {
    let more = Fonts::dejavu().with_font(dejavu::serif::regular().to_vec(), 0).unwrap();
    let drawn = |fonts: &Fonts| {
        let mut document = Document::new(fonts);
        document.page(PageSize::A6).unwrap().text(&name_box(), "Ada Example").unwrap();
        document.pdf().unwrap()
    };
    assert!(drawn(&more) == drawn(&Fonts::dejavu()));
    assert_eq!(pdf_reader::text(drawn(&more).expose()), "Ada Example");
}
