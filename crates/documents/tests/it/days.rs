//! Rows of a daybook as core hands them over. All people are invented.

use std::io::Read;

use ordersync_core::invoicing::{
    DaybookHead, DaybookParty, DaybookRow, DaybookSterling, DaybookTotals, DocumentKind, ExportFormat, ExportRest,
    Exporter,
};
use ordersync_documents::Exports;
use ordersync_types::{Currency, Pii};
use ordersync_vat::{Rate, Scheme, Supply, TaxPointRule};

use crate::papers::day;

/// An invoice of 12.00 pounds.
pub(crate) fn row() -> DaybookRow {
    DaybookRow {
        document_no: Some("INV-2026-000042".to_owned()),
        kind: DocumentKind::Invoice,
        issue_date: Some(day(24)),
        tax_point: day(23),
        tax_point_rule: TaxPointRule::Dispatch,
        channel: "Amazon UK".to_owned(),
        channel_order_id: "204-1234567-7654321".to_owned(),
        business: Some(true),
        party: Some(DaybookParty {
            name_and_address: Pii::new("Ada Example, 22 Sample Road, ZZ98 8ZZ".to_owned()),
            vat_number: Some(Pii::new("GB999000015".to_owned())),
        }),
        ship_from: Some("GB".to_owned()),
        ship_to: Some("NI".to_owned()),
        vat_country: Some("GB".to_owned()),
        scheme: Some(Scheme::Uk),
        supply: Some(Supply::Standard),
        rate: Rate::basis_points(2_000),
        currency: Some(Currency::GBP),
        net: Some(1_000),
        vat: Some(200),
        gross: Some(1_200),
        sterling: DaybookSterling::Same,
        original_document_no: None,
        note: None,
    }
}

/// A credit note of 6.00 pounds.
pub(crate) fn credit() -> DaybookRow {
    DaybookRow {
        document_no: Some("CN-2026-000003".to_owned()),
        kind: DocumentKind::Credit,
        tax_point_rule: TaxPointRule::Refund,
        net: Some(-500),
        vat: Some(-100),
        gross: Some(-600),
        original_document_no: Some("INV-2026-000042".to_owned()),
        ..row()
    }
}

/// An invoice of 120.00 euros, by a rate.
pub(crate) fn euros() -> DaybookRow {
    DaybookRow {
        currency: Some(Currency::EUR),
        net: Some(10_000),
        vat: Some(2_000),
        gross: Some(12_000),
        sterling: DaybookSterling::Converted {
            rate: "1.1437".to_owned(),
            source: "HMRC 2026-11".to_owned(),
            net: 8_744,
            vat: 1_749,
            gross: 10_493,
        },
        business: Some(false),
        ..row()
    }
}

/// A sale in yen that waits for its rate.
pub(crate) fn waiting() -> DaybookRow {
    DaybookRow {
        document_no: None,
        kind: DocumentKind::Record,
        issue_date: None,
        business: None,
        party: None,
        scheme: None,
        supply: None,
        rate: None,
        currency: Some("JPY".parse().unwrap()),
        net: None,
        vat: None,
        gross: Some(1_500),
        sterling: DaybookSterling::Unknown("no rate of JPY for 2026-11 is known".to_owned()),
        note: Some("the product has no VAT category".to_owned()),
        ..row()
    }
}

/// A sale whose price the marketplace has not given.
pub(crate) fn unpriced() -> DaybookRow {
    let sterling = DaybookSterling::Unknown("no price yet".to_owned());
    DaybookRow { currency: None, gross: None, sterling, ..waiting() }
}

pub(crate) fn head(with_parties: bool) -> DaybookHead {
    DaybookHead { from: day(1), to: day(30), seller: "Example Goods Ltd".to_owned(), with_parties }
}

pub(crate) fn totals(rows: &[DaybookRow]) -> DaybookTotals {
    let mut totals = DaybookTotals::default();
    rows.iter().for_each(|row| totals.add(row));
    totals
}

/// A daybook whose rows come in two parts.
pub(crate) fn exported(format: ExportFormat, with_parties: bool, rows: &[DaybookRow]) -> Vec<u8> {
    exported_with(format, with_parties, rows, &totals(rows))
}

pub(crate) fn exported_with(
    format: ExportFormat,
    with_parties: bool,
    rows: &[DaybookRow],
    totals: &DaybookTotals,
) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Exports::new(folder.path().to_path_buf()).daybook(format, &head(with_parties)).unwrap();
    let (first, second) = rows.split_at(rows.len() / 2);
    let mut bytes = writer.add(first).unwrap();
    bytes.extend(writer.add(second).unwrap());
    match writer.finish(totals).unwrap() {
        ExportRest::Bytes(rest) => bytes.extend(rest),
        ExportRest::File(mut file) => {
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
            file.read_to_end(&mut bytes).unwrap();
        }
    }
    bytes
}
