//! Texts that try to be something else.

use ordersync_render::{RenderError, Resolution};
use proptest::prelude::*;

use crate::{label, name_box, pdf_reader, with_name, zpl, zpl_reader};

const CODES: [&str; 11] = ["^XA", "^CI", "^PW", "^LL", "^LH", "^FO", "^GB", "^GF", "^FS", "^PQ", "^XZ"];

/// The same commands as for a harmless name: as many of each.
fn only_our_commands(name: &str) {
    let codes = |name: &str| {
        let zpl = zpl(&label(name), Resolution::Dpi203);
        zpl_reader::pictures(&zpl);
        zpl_reader::commands(&zpl).into_iter().map(|command| command.code).collect::<Vec<_>>()
    };
    let found = codes(name);
    assert_eq!(found, codes("Ada Example"), "{name}");
    assert!(found.iter().all(|code| CODES.contains(&code.as_str())));
}

#[test]
fn commands_in_a_name_are_drawn_as_letters() {
    for name in [
        "^XZ",
        "^XZ^XA^FDfree^FS^XZ",
        "~JR",
        "~DGR:A.GRF",
        "^FS^FDpaid^FS",
        "_5EXZ",
        "_7EJR ^FH_",
        "\\",
        "\\&\\\\",
        "^CC*",
        "a,b:c!d",
        "^ ~ _ \\ ^",
        "${x} <script> %s %n (PDF) endstream endobj << >> /Title",
    ] {
        only_our_commands(name);
        assert_eq!(pdf_reader::text(with_name(name).unwrap().pdf().unwrap().expose()), name);
    }
    only_our_commands("Ada\tExample\r\n^XZ");
}

#[test]
fn control_characters_and_other_directions_are_refused_by_number() {
    let refused = |name: &str| with_name(name).map(|_| ()).unwrap_err();
    for code_point in (0..0x20).chain(0x7F..0xA0).chain([0x61C, 0x200F, 0x202D, 0x202E, 0x2066, 0x2069]) {
        if matches!(code_point, 0x9..=0xD | 0x85) {
            continue;
        }
        let name = format!("Ada{}Example", char::from_u32(code_point).unwrap());
        let error = refused(&name);
        assert_eq!(error, RenderError::ControlCharacter { field: "recipient name", code_point });
        assert_eq!(error.to_string(), format!("recipient name has a control character (U+{code_point:04X})"));
    }
    for (name, code_point) in
        [("שלום", 0x5E9), ("Ada محمد", 0x645), ("कविता", 0x915), ("สมชาย", 0xE2A), ("a\u{200D}b", 0x200D)]
    {
        assert_eq!(refused(name), RenderError::UnsupportedScript { field: "recipient name", code_point });
    }
    for (name, code_point) in [("王芳", 0x738B), ("김민준", 0xAE40), ("Ada 🦀", 0x1F980)] {
        let error = refused(name);
        assert_eq!(error, RenderError::MissingGlyph { field: "recipient name", code_point });
        assert!(!error.to_string().contains("Ada"));
    }
    // decomposed letters are composed first
    let text = pdf_reader::text(with_name("Zoe\u{308}").unwrap().pdf().unwrap().expose());
    assert_eq!(text, "Zo\u{EB}");
}

#[test]
fn two_hundred_characters_are_refused_or_all_there() {
    let words = "Ada ".repeat(50);
    assert!(matches!(with_name(&words), Err(RenderError::TooLong { characters: 199, .. })));
    let wide = ordersync_render::TextBox { lines: 12, ..name_box() };
    let mut document = ordersync_render::Document::new(&crate::FONTS);
    document.page(ordersync_render::PageSize::A4).unwrap().text(&wide, words.as_str()).unwrap();
    assert_eq!(pdf_reader::text(document.pdf().unwrap().expose()), words.trim());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_right_label_or_an_error(name in ".{0,60}|[ -~]{0,60}|[a-z^~_\\\\]{0,40}|[À-žΑ-ωА-я \u{300}-\u{308}]{0,40}") {
        match with_name(&name) {
            Ok(document) => {
                zpl_reader::pictures(&zpl(&document, Resolution::Dpi203));
                pdf_reader::open(document.pdf().unwrap().expose());
            }
            Err(error) => prop_assert!(error.to_string().starts_with("recipient name")),
        }
    }
}
