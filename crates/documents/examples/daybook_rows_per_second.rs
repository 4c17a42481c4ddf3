//! How long a daybook takes, and the most memory of the process (`VmHWM`):
//! `cargo run --release --example daybook_rows_per_second -p ordersync-documents csv|xlsx ROWS FOLDER`. The file is
//! written into the folder, which is for temporary files too. All people are invented.
#![expect(clippy::print_stdout, reason = "an example that prints its measurements")]
#![expect(clippy::disallowed_methods, reason = "measures real time, in no part of the product")]
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "figures for a person to read")]

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use ordersync_core::invoicing::{
    DaybookHead, DaybookRow, DaybookSterling, DaybookTotals, DocumentKind, ExportFormat, ExportRest, Exporter,
};
use ordersync_documents::Exports;
use ordersync_types::Currency;
use ordersync_vat::{Rate, Scheme, Supply, TaxPointRule};

/// Rows that are handed over at a time.
const PAGE: u64 = 1_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let usage = "csv|xlsx ROWS FOLDER";
    let mut arguments = std::env::args().skip(1);
    let format = arguments.next().as_deref().and_then(ExportFormat::from_name).ok_or(usage)?;
    let rows: u64 = arguments.next().ok_or(usage)?.parse()?;
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    let head = DaybookHead {
        from: first,
        to: NaiveDate::from_ymd_opt(2026, 12, 31).unwrap_or_default(),
        seller: "Example Goods Ltd".to_owned(),
        with_parties: false,
    };
    let mut file = File::create(folder.join(format!("daybook.{}", format.name())))?;
    let mut writer = Exports::new(folder).daybook(format, &head)?;
    let (mut totals, mut busy) = (DaybookTotals::default(), Duration::ZERO);
    for page in 0..rows.div_ceil(PAGE) {
        let page: Vec<DaybookRow> =
            (page * PAGE..rows.min((page + 1) * PAGE)).map(|number| row(first, number)).collect();
        page.iter().for_each(|row| totals.add(row));
        let begun = Instant::now();
        let bytes = writer.add(&page)?;
        busy += begun.elapsed();
        file.write_all(&bytes)?;
    }
    let begun = Instant::now();
    let rest = writer.finish(&totals)?;
    let last = begun.elapsed();
    match rest {
        ExportRest::Bytes(bytes) => file.write_all(&bytes)?,
        ExportRest::File(mut finished) => {
            std::io::copy(&mut finished, &mut file)?;
        }
    }
    let seconds = (busy + last).as_secs_f64();
    println!(
        "{} of {rows} rows: {:.0} rows a second ({seconds:.2} s, {:.2} s of it at the end), {} bytes; most memory: {}",
        format.name(),
        rows as f64 / seconds,
        last.as_secs_f64(),
        file.metadata()?.len(),
        most_memory()
    );
    Ok(())
}

fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned()
}

/// Four sales in five are in pounds, one in euros; one row in ten is a credit note.
fn row(first: NaiveDate, number: u64) -> DaybookRow {
    let day = first.checked_add_days(Days::new(number % 365)).unwrap_or(first);
    let is_credit = number % 10 == 9;
    let sign = if is_credit { -1 } else { 1 };
    let net = sign * i64::try_from(number % 20_000 + 100).unwrap_or(0);
    let in_euros = number % 5 == 4;
    let vat = net / 5;
    DaybookRow {
        document_no: Some(format!("{}-2026-{number:07}", if is_credit { "CN" } else { "INV" })),
        kind: if is_credit { DocumentKind::Credit } else { DocumentKind::Invoice },
        issue_date: Some(day),
        tax_point: day,
        tax_point_rule: if is_credit { TaxPointRule::Refund } else { TaxPointRule::Dispatch },
        channel: "Amazon UK".to_owned(),
        channel_order_id: format!("204-{:07}-{number:07}", number % 9_999_991),
        business: Some(number.is_multiple_of(7)),
        party: None,
        ship_from: Some("GB".to_owned()),
        ship_to: Some("GB".to_owned()),
        vat_country: Some("GB".to_owned()),
        scheme: Some(Scheme::Uk),
        supply: Some(Supply::Standard),
        rate: Rate::basis_points(2_000),
        currency: Some(if in_euros { Currency::EUR } else { Currency::GBP }),
        net: Some(net),
        vat: Some(vat),
        gross: Some(net + vat),
        sterling: if in_euros {
            DaybookSterling::Converted {
                rate: "1.1437".to_owned(),
                source: "HMRC 2026-11".to_owned(),
                net: net * 7 / 8,
                vat: vat * 7 / 8,
                gross: net * 7 / 8 + vat * 7 / 8,
            }
        } else {
            DaybookSterling::Same
        },
        original_document_no: is_credit.then(|| format!("INV-2026-{:07}", number - 9)),
        note: None,
    }
}
