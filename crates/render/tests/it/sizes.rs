//! Sizes of pages and places on them.

use ordersync_render::{Align, Area, Document, PageSize, RenderError, Resolution, TextBox, Weight};

use crate::{FONTS, document, pdf_reader, zpl, zpl_reader};

#[test]
fn pages_have_exactly_the_size_of_the_paper() {
    let sizes = [
        (PageSize::MM_100X150, [283.46, 425.2], (799, 1199), (1181, 1772)),
        (PageSize::IN_4X6, [288.0, 432.0], (812, 1218), (1200, 1800)),
        (PageSize::points(288.0, 432.0), [288.0, 432.0], (812, 1218), (1200, 1800)),
        (PageSize::A6, [297.64, 419.53], (839, 1183), (1240, 1748)),
        (PageSize::A4, [595.28, 841.89], (1678, 2374), (2480, 3508)),
    ];
    for (size, [width, height], at_203, at_300) in sizes {
        let document = document(size, |page| page.fill(Area { x: 1.0, y: 1.0, width: 5.0, height: 5.0 }).unwrap());
        assert_eq!(pdf_reader::media_box(document.pdf().unwrap().expose(), 1), [0.0, 0.0, width, height]);
        for (resolution, dots) in [(Resolution::Dpi203, at_203), (Resolution::Dpi300, at_300)] {
            let zpl = zpl(&document, resolution);
            assert!(zpl.starts_with(&format!("^XA^CI28^PW{}^LL{}^LH0,0\n", dots.0, dots.1)), "{size:?}");
            let picture = &zpl_reader::pictures(&zpl)[0];
            assert_eq!((picture.width, picture.height()), dots);
        }
    }
}

#[test]
fn other_sizes_are_refused() {
    let mut document = Document::new(&FONTS);
    for (width, height) in [(9.0, 100.0), (100.0, 1501.0), (-1.0, 50.0), (f32::NAN, 50.0), (f32::INFINITY, 50.0)] {
        assert_eq!(document.page(PageSize::millimetres(width, height)).unwrap_err(), RenderError::PageSize);
    }
}

#[test]
fn rules_and_frames_stand_where_they_should() {
    let document = document(PageSize::A6, |page| {
        page.fill(Area { x: 10.0, y: 20.0, width: 50.0, height: 0.5 }).unwrap();
        page.frame(Area { x: 10.0, y: 30.0, width: 50.0, height: 20.0 }, 1.0).unwrap();
    });
    let mm = 72.0 / 25.4;
    let bytes = document.pdf().unwrap();
    let expected = [[10.0, 127.5, 50.0, 0.5], [10.0, 98.0, 50.0, 20.0], [11.0, 99.0, 48.0, 18.0]];
    let found = pdf_reader::rectangles(bytes.expose());
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        assert!((found - expected * mm).abs() < 0.01, "{found} for {expected} mm");
    }
    let picture = &zpl_reader::pictures(&zpl(&document, Resolution::Dpi203))[0];
    let ink = picture.ink().unwrap();
    assert_eq!((ink.left, ink.right, ink.top, ink.bottom), (80, 479, 160, 399));
    assert!(picture.is_black(80, 240) && picture.is_black(87, 300) && !picture.is_black(89, 300));
    assert!(picture.is_black(300, 163) && !picture.is_black(300, 165));
}

#[test]
fn what_is_not_on_the_page_is_refused() {
    document(PageSize::A6, |page| {
        let area = Area { x: 4.0, y: 4.0, width: 50.0, height: 50.0 };
        for wrong in [
            Area { x: -1.0, ..area },
            Area { y: 100.0, ..area },
            Area { width: 102.0, ..area },
            Area { height: 0.0, ..area },
            Area { width: f32::NAN, ..area },
        ] {
            assert_eq!(page.fill(wrong), Err(RenderError::OffPage { element: "rule" }), "{wrong:?}");
            assert_eq!(page.frame(wrong, 1.0), Err(RenderError::OffPage { element: "frame" }), "{wrong:?}");
        }
        assert_eq!(page.frame(area, 26.0), Err(RenderError::OffPage { element: "frame" }));
        let low = TextBox { width: 90.0, ..TextBox::at("town", 4.0, 146.0) };
        assert_eq!(page.text(&low, "Wexcombe"), Err(RenderError::OffPage { element: "town" }));
        let wide = TextBox { width: 102.0, ..TextBox::at("town", 4.0, 46.0) };
        assert_eq!(page.text(&wide, "Wexcombe"), Err(RenderError::OffPage { element: "town" }));
        assert!(page.text(&TextBox { width: f32::NAN, ..low }, "Wexcombe").is_err());
        assert!(page.text(&TextBox { size: f32::NAN, least_size: f32::NAN, ..wide }, "Wexcombe").is_err());
        let fitting = TextBox { width: 50.0, ..wide };
        for (size, least_size) in
            [(0.0, 0.0), (-1.0, -2.0), (f32::NAN, 1.0), (f32::INFINITY, 1.0), (1e9, 1.0), (1.0, 1e9)]
        {
            assert!(page.text(&TextBox { size, least_size, ..fitting }, "Wexcombe").is_err(), "{size} {least_size}");
        }
        assert!(page.text(&TextBox { size: 200.0, ..fitting }, "Wexcombe").is_ok());
        assert!(page.text(&TextBox { lines: 0, ..fitting }, "Wexcombe").is_err());
    });
}

#[test]
fn ink_of_a_text_lies_in_the_extent_that_was_reported() {
    for align in [Align::Left, Align::Centre, Align::Right] {
        for weight in [Weight::Regular, Weight::Bold] {
            let place = TextBox { width: 60.0, size: 14.0, weight, align, ..TextBox::at("town", 20.0, 30.0) };
            let mut extent = None;
            let document = document(PageSize::A6, |page| extent = Some(page.text(&place, "HWexcombeH").unwrap()));
            let extent = extent.unwrap();
            let ink = zpl_reader::pictures(&zpl(&document, Resolution::Dpi300))[0].ink().unwrap();
            let mm = |dots: usize| dots as f32 * 25.4 / 300.0;
            let left = match align {
                Align::Left => 20.0,
                Align::Centre => 50.0 - extent.width / 2.0,
                Align::Right => 80.0 - extent.width,
            };
            assert!(
                (mm(ink.left) - left).abs() < 0.7 && (mm(ink.right) - left - extent.width).abs() < 0.7,
                "{align:?}"
            );
            assert!(mm(ink.top) > 30.0 && mm(ink.bottom) < 30.0 + extent.height);
        }
    }
}
