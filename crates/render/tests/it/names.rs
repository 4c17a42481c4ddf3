//! Names of many languages, wrapped and shrunk but never cut.

use ordersync_render::{PageSize, RenderError, Resolution, TextBox};

use crate::{document, name_box, pdf_reader, with_name, zpl, zpl_reader};

#[test]
fn names_of_europe_are_drawn_by_both_back_ends() {
    for name in [
        "Ada Example",
        "José Ñandú-Peña",
        "Grzegorz Brzęczyszczykiewicz",
        "Şükrü Çağlayan İĞÜÖı",
        "Αλέξανδρος Παπαδόπουλος",
        "Ἀριστοτέλης",
        "Дмитрий Ёлкин",
        "Љубица Ђорђевић",
        "Jiří Dvořák",
        "Ștefan Țepeș",
        "Nguyễn Thị Phương",
        "Þórður Æsir",
        "Kristīne Bērziņa",
        "Հայկ Գևորգյան",
        "გიორგი",
        "O’Neill & Søn “ÆØÅ” – № 5",
    ] {
        let document = with_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pdf_reader::text(document.pdf().unwrap().expose()), name);
        for resolution in [Resolution::Dpi203, Resolution::Dpi300] {
            assert!(zpl_reader::pictures(&zpl(&document, resolution))[0].ink().is_some(), "{name}");
        }
    }
}

#[test]
fn a_mark_without_a_composed_letter_is_set_over_its_base() {
    let plain = with_name("Adebayo\u{323}").unwrap();
    let marked = with_name("Adebayo\u{323}\u{300}").unwrap();
    assert_eq!(pdf_reader::text(marked.pdf().unwrap().expose()).chars().next_back(), Some('\u{300}'));
    let ink = |document: &ordersync_render::Document<'_>| {
        zpl_reader::pictures(&zpl(document, Resolution::Dpi300))[0].ink().unwrap()
    };
    // the grave stands over the letter: no wider, and hardly above the ascenders
    assert_eq!((ink(&plain).left, ink(&plain).right), (ink(&marked).left, ink(&marked).right));
    assert!(ink(&plain).top - ink(&marked).top < 5);
    let raised = with_name("oooo\u{323}\u{300}").unwrap();
    assert!(ink(&raised).top < ink(&with_name("oooo\u{323}").unwrap()).top, "the grave is there");
    let unmarked = with_name("Adebayo").unwrap();
    assert!(ink(&unmarked).bottom <= ink(&plain).bottom);

    let two = with_name("x\u{301}\u{302}").unwrap_err();
    assert_eq!(two, RenderError::UnsupportedScript { field: "recipient name", code_point: 0x302 });
    let alone = with_name("\u{301}a").unwrap_err();
    assert_eq!(alone, RenderError::UnsupportedScript { field: "recipient name", code_point: 0x301 });
}

#[test]
fn a_long_name_is_wrapped_then_shrunk_then_refused() {
    let fit = |name: &str| {
        let mut fitted = None;
        document(PageSize::MM_100X150, |page| {
            let measured = page.measure(&name_box(), name);
            fitted = Some(page.text(&name_box(), name));
            assert_eq!(Some(measured), fitted);
        });
        fitted.unwrap()
    };
    let short = fit("Maria Esposito").unwrap();
    assert_eq!((short.lines, short.size), (1, 12.0));
    let wrapped = fit("Maria Giovanna Francesca Esposito della Torre").unwrap();
    assert_eq!((wrapped.lines, wrapped.size), (2, 12.0));
    let long = "Maria Giovanna Francesca Esposito della Torre, presso Officina Meccanica Bianchi";
    let shrunk = fit(long).unwrap();
    assert_eq!(shrunk.lines, 2);
    assert!(shrunk.size < 12.0 && shrunk.size >= 9.0, "{}", shrunk.size);
    assert_eq!(pdf_reader::text(with_name(long).unwrap().pdf().unwrap().expose()), long);

    let refused = fit(&"Maria ".repeat(40)).unwrap_err();
    assert_eq!(refused, RenderError::TooLong { field: "recipient name", characters: 239 });
    assert_eq!(refused.to_string(), "recipient name is too long for the page (239 characters)");
    let unbroken = fit(&"a".repeat(200)).unwrap_err();
    assert_eq!(unbroken, RenderError::TooLong { field: "recipient name", characters: 200 });
}

#[test]
fn lines_are_broken_at_spaces_and_after_hyphens_only() {
    let place = TextBox { width: 25.0, lines: 4, least_size: 10.0, ..TextBox::at("town", 8.0, 8.0) };
    let lines = |text: &str| {
        let mut extent = None;
        document(PageSize::A6, |page| extent = Some(page.text(&place, text)));
        extent.unwrap().map(|extent| (extent.lines, extent.width <= 25.0))
    };
    assert_eq!(lines("Newcastle upon Tyne"), Ok((2, true)));
    assert_eq!(lines("Schmidt-Rottenbach"), Ok((2, true)));
    assert_eq!(lines("Schmidt\u{2010}Rottenbach"), Ok((2, true)));
    assert_eq!(lines("a - b"), Ok((1, true)));
    assert_eq!(lines("SchmidtxRottenbach"), Err(RenderError::TooLong { field: "town", characters: 18 }));
}

#[test]
fn an_empty_text_draws_nothing() {
    for empty in ["", "  ", "\n\t", "\u{200B}\u{FEFF}"] {
        document(PageSize::A6, |page| {
            let extent = page.text(&name_box(), empty).unwrap();
            assert_eq!((extent.lines, extent.height), (0, 0.0));
        });
        assert_eq!(with_name(empty).unwrap().pdf().map(|bytes| pdf_reader::text(bytes.expose())), Ok(String::new()));
    }
}
