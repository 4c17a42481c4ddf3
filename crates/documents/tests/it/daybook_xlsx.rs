//! The daybook as a workbook.

use ordersync_core::invoicing::{DaybookRow, ExportFormat, ExportRest, Exporter};
use ordersync_documents::Exports;
use sha2::{Digest, Sha256};

use crate::days::{credit, euros, exported, head, row, totals, unpriced, waiting};
use crate::zip_reader::parts;

fn sheets(with_parties: bool, rows: &[DaybookRow]) -> (String, String) {
    let mut parts = parts(&exported(ExportFormat::Xlsx, with_parties, rows));
    (parts.remove("xl/worksheets/sheet1.xml").unwrap(), parts.remove("xl/worksheets/sheet2.xml").unwrap())
}

/// The content of a cell: `n` a number, `t` a text.
fn cell(sheet: &str, place: &str) -> Option<String> {
    let from = sheet.find(&format!("<c r=\"{place}\""))?;
    let element = &sheet[from..from + sheet[from..].find("</c>")?];
    let inner = |open: &str, close: &str| {
        let start = element.find(open)?;
        let start = start + element[start..].find('>')? + 1;
        Some(element[start..start + element[start..].find(close)?].to_owned())
    };
    assert!(!element.contains("<f"), "a formula: {element}");
    match inner("<v", "</v>") {
        Some(value) => {
            assert!(!element.contains("t=\"s\""), "texts are not in a table: {element}");
            Some(format!("n {value}"))
        }
        None => inner("<t", "</t>").map(|text| format!("t {text}")),
    }
}

#[test]
fn amounts_are_numbers_days_are_days_and_the_rest_is_text() {
    let (sheet, totals) = sheets(false, &[row(), credit(), euros(), waiting(), unpriced()]);
    for (place, content) in [
        ("A1", Some("t document_no")),
        ("AC1", Some("t note")),
        ("AD1", None),
        ("A2", Some("t INV-2026-000042")),
        ("C2", Some("n 46350")),
        ("D2", Some("n 46349")),
        ("G2", Some("t 204-1234567-7654321")),
        ("H2", None),
        ("K2", None),
        ("Q2", Some("n 20")),
        ("S2", Some("n 10")),
        ("S3", Some("n -5")),
        ("T4", Some("n 20")),
        ("V4", Some("n 1.1437")),
        ("X4", Some("n 87.44")),
        ("Z4", Some("n 104.93")),
        ("U5", Some("n 1500")),
        ("S5", None),
        ("W5", Some("t no rate of JPY for 2026-11 is known")),
        ("X5", None),
        ("AB6", Some("t awaiting")),
        ("A7", None),
    ] {
        assert_eq!(cell(&sheet, place).as_deref(), content, "{place}");
    }
    assert!(sheet.contains("<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"));
    for (place, content) in [
        ("A1", "t what"),
        ("A2", "t sum"),
        ("D2", "t EUR"),
        ("E2", "n 1"),
        ("H2", "n 120"),
        ("K2", "n 104.93"),
        ("H4", "n -6"),
        ("H6", "n 1500"),
    ] {
        assert_eq!(cell(&totals, place).as_deref(), Some(content), "totals {place}");
    }
}

#[test]
fn the_workbook_holds_no_table_of_texts_and_no_day_of_its_making() {
    let first = exported(ExportFormat::Xlsx, true, &[row(), credit(), euros()]);
    let parts = parts(&first);
    assert!(!parts.contains_key("xl/sharedStrings.xml"), "{:?}", parts.keys());
    assert!(parts["docProps/core.xml"].contains(">2026-11-30T00:00:00Z<"), "{}", parts["docProps/core.xml"]);
    for format in ["formatCode=\"#,##0.00\"", "formatCode=\"yyyy-mm-dd\""] {
        assert!(parts["xl/styles.xml"].contains(format), "{}", parts["xl/styles.xml"]);
    }
    assert!(parts["xl/workbook.xml"].contains("<sheet name=\"Totals\" sheetId=\"2\""));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let second = exported(ExportFormat::Xlsx, true, &[row(), credit(), euros()]);
    assert_eq!(Sha256::digest(&first), Sha256::digest(&second));
}

#[test]
fn texts_that_look_like_formulas_are_texts() {
    let harmful = ["=1+1", "+1", "@x", "{=1}", "https://shop.example", "  =1", "_x0041_", "a\u{1}b & <c>"];
    let rows: Vec<_> = harmful.iter().map(|text| DaybookRow { note: Some((*text).to_owned()), ..row() }).collect();
    let (sheet, _) = sheets(false, &rows);
    let written: Vec<_> = (2..10).map(|row| cell(&sheet, &format!("AC{row}")).unwrap()).collect();
    assert_eq!(
        written,
        [
            "t =1+1",
            "t +1",
            "t @x",
            "t {=1}",
            "t https://shop.example",
            "t   =1",
            "t _x005F_x0041_",
            "t a_x0001_b &amp; &lt;c&gt;"
        ]
    );
    assert!(!sheet.contains("<f>") && !sheet.contains("<hyperlink"), "{sheet}");
}

#[test]
fn large_amounts_and_long_texts_are_not_lost() {
    let long = "ż".repeat(40_000);
    let amounts = |amount| DaybookRow { net: Some(amount), vat: Some(-amount), gross: Some(amount + 1), ..row() };
    let large = DaybookRow { note: Some(long), ..amounts(999_999_999_999_999) };
    let (sheet, _) = sheets(false, &[large, amounts(i64::MIN + 1), amounts(123_456_789_012_345)]);
    for (place, content) in [
        ("S2", "n 9999999999999.99"),
        ("T2", "n -9999999999999.99"),
        ("U2", "t 10000000000000.00"),
        ("S3", "t -92233720368547758.07"),
        ("S4", "n 1234567890123.45"),
        ("U4", "n 1234567890123.46"),
    ] {
        assert_eq!(cell(&sheet, place).as_deref(), Some(content), "{place}");
    }
    let note = cell(&sheet, "AC2").unwrap();
    assert!(note.ends_with("… (cut: the CSV file has all of it)"));
    assert_eq!(note.chars().count(), 2 + 32_767);
}

#[test]
fn parties_are_named_when_they_were_asked_for() {
    let rows = [row()];
    assert_eq!(cell(&sheets(false, &rows).0, "AD2"), None);
    let (sheet, _) = sheets(true, &rows);
    assert_eq!(cell(&sheet, "K2").as_deref(), Some("t GB999000015"));
    assert_eq!(cell(&sheet, "AD2").as_deref(), Some("t Ada Example, 22 Sample Road, ZZ98 8ZZ"));
    assert!(!sheets(false, &rows).0.contains("Ada"));
}

#[test]
fn a_folder_that_is_not_there_is_an_error_and_an_empty_daybook_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let exports = Exports::new(folder.path().join("missing"));
    let error = exports.daybook(ExportFormat::Xlsx, &head(false)).err().unwrap();
    assert!(error.to_string().starts_with("the workbook's temporary file could not be written"), "{error}");
    let writer = Exports::new(folder.path().to_path_buf()).daybook(ExportFormat::Xlsx, &head(false)).unwrap();
    let rest = writer.finish(&totals(&[])).unwrap();
    assert!(matches!(rest, ExportRest::File(_)));
}
