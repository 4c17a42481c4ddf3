//! The daybook and its totals as CSV.

use std::collections::BTreeMap;

use ordersync_core::invoicing::{DaybookRow, DaybookSterling, DaybookTotals, ExportFormat, Exporter};
use ordersync_documents::Exports;
use ordersync_types::{Currency, Money};

use crate::days::{credit, euros, exported, exported_with, head, row, totals, unpriced, waiting};
use crate::papers::day;

const TITLES: &str = "document_no,kind,issue_date,tax_point,tax_point_rule,channel,channel_order_id,\
    channel_document_no,settlement_id,buyer_kind,buyer_vat_no,ship_from,ship_to,vat_country,scheme,vat_category,rate,\
    currency,net,vat,gross,fx_rate,fx_source,gbp_net,gbp_vat,gbp_gross,original_document_no,tax_status,note";

fn text(format: ExportFormat, with_parties: bool, rows: &[DaybookRow]) -> String {
    String::from_utf8(exported(format, with_parties, rows)).unwrap()
}

/// Records of a CSV file, by the titles of its columns.
fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn rows_are_written_as_the_accountant_reads_them() {
    let rows = [row(), credit(), euros(), waiting(), unpriced()];
    let expected = [
        TITLES,
        "INV-2026-000042,invoice,2026-11-24,2026-11-23,dispatch,Amazon UK,204-1234567-7654321,,,b2b,,GB,NI,GB,uk,S,20,\
         GBP,10.00,2.00,12.00,,,10.00,2.00,12.00,,final,",
        "CN-2026-000003,credit,2026-11-24,2026-11-23,refund,Amazon UK,204-1234567-7654321,,,b2b,,GB,NI,GB,uk,S,20,\
         GBP,-5.00,-1.00,-6.00,,,-5.00,-1.00,-6.00,INV-2026-000042,final,",
        "INV-2026-000042,invoice,2026-11-24,2026-11-23,dispatch,Amazon UK,204-1234567-7654321,,,b2c,,GB,NI,GB,uk,S,20,\
         EUR,100.00,20.00,120.00,1.1437,HMRC 2026-11,87.44,17.49,104.93,,final,",
        ",none,,2026-11-23,dispatch,Amazon UK,204-1234567-7654321,,,,,GB,NI,GB,,,,\
         JPY,,,1500,,no rate of JPY for 2026-11 is known,,,,,awaiting,the product has no VAT category",
        ",none,,2026-11-23,dispatch,Amazon UK,204-1234567-7654321,,,,,GB,NI,GB,,,,\
         ,,,,,no price yet,,,,,awaiting,the product has no VAT category",
    ];
    let text = text(ExportFormat::Csv, false, &rows);
    assert_eq!(text.split_terminator("\r\n").collect::<Vec<_>>(), expected);
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    assert!(!text.contains("Ada") && !text.contains("GB999000015"), "nobody is named who was not asked for");
}

#[test]
fn parties_are_named_when_they_were_asked_for() {
    let text = text(ExportFormat::Csv, true, &[row(), waiting()]);
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines[0], format!("{TITLES},party"));
    assert!(
        lines[1].contains(",b2b,GB999000015,GB,") && lines[1].ends_with(",\"Ada Example, 22 Sample Road, ZZ98 8ZZ\"")
    );
    assert!(lines[2].ends_with(",the product has no VAT category,"), "{}", lines[2]);
}

#[test]
fn an_empty_daybook_has_its_titles() {
    assert_eq!(text(ExportFormat::Csv, false, &[]), format!("{TITLES}\r\n"));
}

#[test]
fn the_same_rows_give_the_same_bytes_however_they_come() {
    let rows: Vec<DaybookRow> = (0..50).map(|at| if at % 3 == 0 { credit() } else { euros() }).collect();
    let mut writer = Exports::new(std::env::temp_dir()).daybook(ExportFormat::Csv, &head(false)).unwrap();
    let bytes: Vec<u8> = rows.iter().flat_map(|row| writer.add(std::slice::from_ref(row)).unwrap()).collect();
    assert_eq!(bytes, exported(ExportFormat::Csv, false, &rows));
}

#[test]
fn no_text_is_a_formula_and_numbers_stay_numbers() {
    let harmful = [
        "=1+1",
        "+44 1632 960001",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        " \u{A0}@x",
        "\u{3000}=1",
        "\u{FEFF}=1+1",
        "\u{200B}=1+1",
        "\u{FF1D}1+1",
        "\u{FF0B}1",
        "\u{FF0D}1",
        "\u{FF20}x",
        "\t",
        "=HYPERLINK(\"https://shop.example\",\"x\")",
        "=cmd|' /C calc'!A0",
    ];
    let harmless = ["Ada = Ben", "a-b", "'=1", "£5", "ada@shop.example", "Zażółć", "\"=1\"", "/etc", "1=1", " x"];
    for (texts, front) in [(&harmful[..], "'"), (&harmless[..], "")] {
        for text in texts {
            let with = || (*text).to_owned();
            let mut row = DaybookRow {
                document_no: Some(with()),
                channel: with(),
                channel_order_id: with(),
                ship_from: Some(with()),
                ship_to: Some(with()),
                vat_country: Some(with()),
                original_document_no: Some(with()),
                note: Some(with()),
                sterling: DaybookSterling::Unknown(with()),
                ..credit()
            };
            let party = row.party.as_mut().unwrap();
            party.name_and_address = ordersync_types::Pii::new(with());
            party.vat_number = Some(ordersync_types::Pii::new(with()));
            let record = records(&self::text(ExportFormat::Csv, true, &[row])).remove(0);
            let guarded = format!("{front}{text}");
            for column in [
                "document_no",
                "channel",
                "channel_order_id",
                "ship_from",
                "ship_to",
                "vat_country",
                "original_document_no",
                "note",
                "fx_source",
                "party",
                "buyer_vat_no",
            ] {
                assert_eq!(record[column], guarded, "{column}");
            }
            assert_eq!([&record["net"], &record["vat"], &record["gross"]], ["-5.00", "-1.00", "-6.00"]);
        }
    }
    // a rate that is no number is a text
    for (rate, written) in [("=1", "'=1"), ("1.2.3", "1.2.3"), ("-1.5", "'-1.5"), ("1.5", "1.5"), ("", "")] {
        let sterling = DaybookSterling::Converted {
            rate: rate.to_owned(),
            source: "HMRC 2026-11".to_owned(),
            net: 1,
            vat: 0,
            gross: 1,
        };
        let record = records(&text(ExportFormat::Csv, false, &[DaybookRow { sterling, ..euros() }])).remove(0);
        assert_eq!(record["fx_rate"], written);
    }
}

#[test]
fn texts_with_commas_quotes_and_line_ends_come_back() {
    for text in ["a,b", "a \"b\" c", "a\nb", "a\r\nb", "ends with a quote\""] {
        let row = DaybookRow { note: Some(text.to_owned()), ..row() };
        assert_eq!(records(&self::text(ExportFormat::Csv, false, &[row]))[0]["note"], text);
    }
}

#[test]
fn an_amount_without_a_currency_is_an_error() {
    let row = DaybookRow { currency: None, ..row() };
    let mut writer = Exports::new(std::env::temp_dir()).daybook(ExportFormat::Csv, &head(false)).unwrap();
    assert_eq!(writer.add(&[row]).unwrap_err().to_string(), "a row has an amount and no currency");
}

#[test]
fn totals_are_a_file_of_their_own() {
    let rows = [row(), row(), credit(), euros(), waiting(), unpriced()];
    let totals = DaybookTotals {
        paid_but_later: vec![("GBP".to_owned(), 3, 4_550), ("JPY".to_owned(), 1, 900), (String::new(), 2, 0)],
        voids: vec![("INV-2026-000040".to_owned(), day(20), "=printed, \"twice\"".to_owned())],
        gaps: vec!["-INV-2026-000041".to_owned()],
        ..totals(&rows)
    };
    let text = String::from_utf8(exported_with(ExportFormat::Totals, false, &rows, &totals)).unwrap();
    let expected = [
        "what,kind,tax_status,currency,rows,net,vat,gross,gbp_net,gbp_vat,gbp_gross,rows_without_gbp,detail",
        "sum,invoice,final,EUR,1,100.00,20.00,120.00,87.44,17.49,104.93,0,",
        "sum,invoice,final,GBP,2,20.00,4.00,24.00,20.00,4.00,24.00,0,",
        "sum,credit,final,GBP,1,-5.00,-1.00,-6.00,-5.00,-1.00,-6.00,0,",
        "sum,none,awaiting,,1,,,,0.00,0.00,0.00,1,",
        "sum,none,awaiting,JPY,1,0,0,1500,0.00,0.00,0.00,1,",
        "paid_later,,,GBP,3,,,45.50,,,,,\"paid in the period, dispatched after it or not yet\"",
        "paid_later,,,JPY,1,,,900,,,,,\"paid in the period, dispatched after it or not yet\"",
        "paid_later,,,,2,,,,,,,,\"paid in the period, dispatched after it or not yet\"",
        "void,,,,,,,,,,,,\"INV-2026-000040, 2026-11-20: =printed, \"\"twice\"\"\"",
        "gap,,,,,,,,,,,,'-INV-2026-000041",
    ];
    assert_eq!(text.split_terminator("\r\n").collect::<Vec<_>>(), expected);
}

#[test]
fn totals_are_the_sums_of_the_rows() {
    let rows: Vec<DaybookRow> = (1..=300)
        .map(|at| {
            let mut row = [row(), credit(), euros()][usize::try_from(at % 3).unwrap()].clone();
            row.net = row.net.map(|net| net * at);
            row.gross = row.gross.map(|gross| gross + row.net.unwrap() - row.net.unwrap() / at);
            row
        })
        .collect();
    let written = records(&text(ExportFormat::Csv, false, &rows));
    let sums = records(&text(ExportFormat::Totals, false, &rows));
    let minor = |record: &BTreeMap<String, String>, column: &str, currency| {
        Money::parse(&record[column], currency).unwrap().minor
    };
    for sum in &sums {
        let same = |record: &&BTreeMap<String, String>| {
            ["kind", "tax_status", "currency"].iter().all(|column| record[*column] == sum[*column])
        };
        let of_sum: Vec<_> = written.iter().filter(same).collect();
        assert_eq!(sum["rows"], of_sum.len().to_string());
        let own: Currency = sum["currency"].parse().unwrap();
        for (column, currency) in
            [("net", own), ("vat", own), ("gross", own), ("gbp_net", Currency::GBP), ("gbp_gross", Currency::GBP)]
        {
            let added: i64 = of_sum.iter().map(|record| minor(record, column, currency)).sum();
            assert_eq!(minor(sum, column, currency), added, "{column} of {sum:?}");
        }
    }
    assert_eq!(sums.len(), 3);
}
