//! The books of a run: documents as PDF, the daybook of the last whole month, and what they come to.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use chrono::{Datelike, Months, NaiveDate};
use ordersync_core::Core;
use ordersync_core::invoicing::{DaybookWish, ExportFormat};
use ordersync_core::{Actor, InvoiceFilter};
use ordersync_daemon::failure::Failure;
use ordersync_types::Timestamp;
use ordersync_web::LocalApi;

use crate::failed;
use crate::summary::{DaybookSums, SELLER};

/// What the documents of a run come to.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Documents by kind.
    pub(crate) kinds: BTreeMap<String, i64>,
    /// Sales whose document waits for a person.
    pub(crate) tax_review: i64,
    /// By currency.
    pub(crate) sums: BTreeMap<String, DaybookSums>,
    /// Orders that left without a document and without a reason.
    pub(crate) without_reason: i64,
    /// What is wrong with documents or numbers.
    pub(crate) faults: Vec<String>,
}

impl Books {
    /// Issues what is due, and adds all up.
    ///
    /// # Errors
    /// What the daemon's core says.
    pub(crate) async fn close(core: &Core) -> Result<Self, Failure> {
        while core.issue_queued(10).await? > 0 {}
        let mut books = Self { tax_review: 0, ..Self::default() };
        let actor = Actor::system("demo");
        let wish = DaybookWish { from: day(2000, 1, 1)?, to: day(2250, 1, 1)?, with_parties: false };
        let mut read = core.read_daybook(SELLER, &wish, ExportFormat::Csv, &actor).await?;
        while let Some(rows) = core.daybook_rows(&mut read).await? {
            for row in rows {
                let currency = row.currency.map(|currency| currency.code().to_owned()).unwrap_or_default();
                let sums = books.sums.entry(currency).or_default();
                if !row.is_final() {
                    sums.awaiting += row.gross.unwrap_or(0);
                    continue;
                }
                sums.net += row.net.unwrap_or(0);
                sums.vat += row.vat.unwrap_or(0);
                sums.gross += row.gross.unwrap_or(0);
            }
        }
        let all = InvoiceFilter { limit: u32::MAX, ..InvoiceFilter::default() };
        for row in core.store.invoices(SELLER, &all).await? {
            *books.kinds.entry(row.kind).or_default() += 1;
        }
        books.tax_review = core.store.waiting_invoice_counts(SELLER).await?.iter().map(|(_, count)| count).sum();
        books.without_reason = core.store.number(false, WITHOUT_REASON).await;
        let report = core.verify_invoices(SELLER, (None, None), &actor, |_| ()).await?;
        books.faults = report.faults.into_iter().map(|fault| format!("{}: {}", fault.number, fault.reason)).collect();
        let gap = |(kind, first, last)| format!("{kind} {first} to {last} are missing");
        books.faults.extend(report.missing.into_iter().map(gap));
        Ok(books)
    }
}

/// Orders that have left as a whole, and are neither on a document nor on the list of those without one.
const WITHOUT_REASON: &str = "SELECT COUNT(*) FROM orders o WHERE o.status IN ('shipped', 'delivered') AND o.history = 0 \
     AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.order_id = o.order_id) \
     AND NOT EXISTS (SELECT 1 FROM uninvoiced u WHERE u.order_id = o.order_id)";

fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate, Failure> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| failed("a day outside the calendar".to_owned()))
}

/// Writes every numbered document as PDF, and the daybook of the last whole month in each format.
///
/// # Errors
/// What the daemon answers, or the folders cannot be written to.
pub(crate) async fn write(api: &LocalApi, core: &Core, now: Timestamp, folder: &Path) -> Result<(), Failure> {
    let (invoices, exports) = (folder.join("invoices"), folder.join("exports"));
    for made in [&invoices, &exports] {
        let result = fs::DirBuilder::new().mode(0o700).create(made);
        result.map_err(|error| Failure::of_file("the folder cannot be made:", made, &error))?;
    }
    let all = InvoiceFilter { limit: u32::MAX, ..InvoiceFilter::default() };
    for number in core.store.invoices(SELLER, &all).await?.into_iter().filter_map(|row| row.number) {
        let file = invoices.join(format!("{number}.pdf"));
        fetch(api, &format!("/v1/invoices/{number}/pdf"), &file).await?;
    }
    let this_month = day(now.year(), now.month(), 1)?;
    let first = this_month.checked_sub_months(Months::new(1)).unwrap_or(this_month);
    let last = this_month.pred_opt().unwrap_or(this_month);
    let month = first.format("%Y-%m");
    for (format, name) in [("csv", "daybook.csv"), ("totals", "daybook-totals.csv"), ("xlsx", "daybook.xlsx")] {
        let path = format!("/v1/exports/daybook?from={first}&to={last}&format={format}");
        fetch(api, &path, &exports.join(format!("{month}-{name}"))).await?;
    }
    Ok(())
}

async fn fetch(api: &LocalApi, path: &str, file: &Path) -> Result<(), Failure> {
    let answer = api.call("GET", path, None).await.map_err(|error| failed(format!("{path}: {error}")))?;
    if answer.status != 200 {
        return Err(failed(format!("{path} was answered with {}", answer.status)));
    }
    fs::write(file, &answer.body).map_err(|error| Failure::of_file("it cannot be written:", file, &error))
}
