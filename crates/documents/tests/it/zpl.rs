//! Joined ZPL: label after label.

use ordersync_core::LabelFormat;

use crate::{add, joiner};

#[test]
fn labels_stand_in_a_row() {
    for format in [LabelFormat::Zpl203, LabelFormat::Zpl300] {
        let mut joiner = joiner(format);
        let mut document = Vec::new();
        for label in [&b"^XA^FDone^FS^XZ"[..], b"\xEF\xBB\xBF\r\n^XA^FDtwo^FS^XZ\r\n\r\n", b" ^XA^XZ\n^XA^XZ "] {
            document.extend(add(&mut *joiner, label).unwrap());
        }
        document.extend(joiner.finish().unwrap());
        let expected: &[u8] = b"^XA^FDone^FS^XZ\n^XA^FDtwo^FS^XZ\n^XA^XZ\n^XA^XZ\n";
        assert_eq!(document, expected);
    }
}

#[test]
fn other_bytes_are_refused_and_leave_the_document_as_it_was() {
    let mut joiner = joiner(LabelFormat::Zpl203);
    let first = add(&mut *joiner, b"^XA^XZ").unwrap();
    for label in
        [&b""[..], b"\n", b"%PDF-1.7", b"^XA^FDAda Example^FS", b"^FDAda Example^FS^XZ", b"~JA^XA^XZ", b"^XA^XZ~JA"]
    {
        let refused = add(&mut *joiner, label).unwrap_err();
        assert_eq!(refused.field, "label");
        assert!(refused.reason.contains("^XA to ^XZ") && !refused.reason.contains("Ada"), "{refused}");
    }
    let second = add(&mut *joiner, b"^XA^FDtwo^FS^XZ").unwrap();
    assert_eq!([first, second, joiner.finish().unwrap()].concat(), b"^XA^XZ\n^XA^FDtwo^FS^XZ\n");
}
