//! `ordersync today`, `sync` and `doctor`.

use std::path::Path;

use clap::Args;
use ordersync_http_client::Method;
use ordersync_web::dto::{
    DoctorReport, DoctorState, HeldOrder, StatusView, SyncAll, SyncNow, SyncOutcome, SyncResult, WaitingParcel,
    WorkOrder,
};

use super::client::Client;
use super::print::{Printer, moment, moment_or_dash, table};
use crate::failure::{Exit, Failure};

/// Sales that have left and whose invoice waits.
fn invoices_text(status: &StatusView) -> String {
    let waiting: i64 = status.invoices_waiting_counts.iter().map(|(_, count)| count).sum();
    if waiting == 0 {
        return String::new();
    }
    let facts: Vec<String> =
        status.invoices_waiting_counts.iter().map(|(fact, count)| format!("{count} for {fact}")).collect();
    let mut text = format!("\nSent, and the invoice waits: {waiting} ({})\n", facts.join(", "));
    let rows =
        status.invoices_waiting.iter().map(|one| vec![one.account.clone(), one.order.clone(), one.reason.clone()]);
    text.push_str(&table(&["ACCOUNT", "ORDER", "WHY"], &rows.collect::<Vec<_>>()));
    if i64::try_from(status.invoices_waiting.len()).unwrap_or_default() < waiting {
        text.push_str("All of them: `ordersync invoice list --waiting`\n");
    }
    text
}

/// What to read.
#[derive(Debug, Args)]
pub(super) struct SyncArguments {
    /// Only this account, by label. All without it.
    #[arg(long, value_name = "LABEL")]
    account: Option<String>,
}

/// `ordersync today`.
pub(super) async fn today(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/status", None).await?;
    let status: StatusView = answer.read()?;
    printer.answer(&answer.body, || today_text(&status))?;
    Ok(if status.late || status.broken { Exit::Failed } else { Exit::Done })
}

fn today_text(status: &StatusView) -> String {
    let mut text = format!("{} UTC\n", moment(status.at));
    for sentence in &status.attention {
        text.push_str(&format!("! {sentence}\n"));
    }
    text.push_str(&format!("\nTo label: {}, late: {}\n", status.to_label_count, status.late_count));
    if !status.to_label.is_empty() {
        let rows: Vec<_> = status.to_label.iter().map(work_row).collect();
        text.push_str(&table(&["", "SHIP BY", "ACCOUNT", "ORDER", "TO", "LINES", "PIECES"], &rows));
    }
    if status.label_elsewhere_count > 0 {
        text.push_str(&format!("\nTo pack under somebody else's label: {}\n", status.label_elsewhere_count));
        let rows: Vec<_> = status.label_elsewhere.iter().map(held_row).collect();
        text.push_str(&table(&["", "ACCOUNT", "ORDER", "WHY", "WHAT TO DO"], &rows));
    }
    for (title, count, parcels) in [
        ("Labelled, not dispatched", status.labelled_count, &status.labelled),
        (
            "Label asked for without an answer: settled within minutes",
            u64::try_from(status.unanswered.len()).unwrap_or_default(),
            &status.unanswered,
        ),
        (
            "Label unclear: look at the courier's own pages",
            u64::try_from(status.unknown.len()).unwrap_or_default(),
            &status.unknown,
        ),
    ] {
        if count > 0 {
            text.push_str(&format!("\n{title}: {count}\n"));
            let rows: Vec<_> = parcels.iter().map(parcel_row).collect();
            text.push_str(&table(&["", "SHIP BY", "REFERENCE", "ORDERS", "COURIER", "SINCE"], &rows));
        }
    }
    if !status.stopped.is_empty() {
        text.push_str(&format!("\nLabelled, and not to be sent: {}; take them out\n", status.stopped.len()));
        let rows = status.stopped.iter().map(|parcel| {
            let why = parcel.failure.clone().unwrap_or_default();
            vec![parcel.reference.clone(), why, format!("`ordersync label void {}`", parcel.reference)]
        });
        text.push_str(&table(&["REFERENCE", "WHY", "WHAT TO DO"], &rows.collect::<Vec<_>>()));
    }
    if status.to_confirm_count > 0 {
        text.push_str(&format!(
            "\nSent, and recorded here only: {}; confirm them in Seller Central / Seller Hub\n",
            status.to_confirm_count
        ));
        let rows: Vec<_> = status.to_confirm.iter().map(work_row).collect();
        text.push_str(&table(&["", "SHIP BY", "ACCOUNT", "ORDER", "TO", "LINES", "PIECES"], &rows));
    }
    if status.held_count > 0 {
        text.push_str(&format!("\nHeld: {}\n", status.held_count));
        let rows: Vec<_> = status.held.iter().map(held_row).collect();
        text.push_str(&table(&["", "ACCOUNT", "ORDER", "WHY", "WHAT TO DO"], &rows));
    }
    for (count, what) in [
        (status.tax_review_count, "orders whose tax must be looked at before the invoice"),
        (status.packed_elsewhere_count, "open orders that the marketplace packs itself"),
        (status.rejected_count, "orders that could not be read (`ordersync orders rejected`)"),
    ] {
        if count > 0 {
            text.push_str(&format!("\n{count} {what}\n"));
        }
    }
    text.push_str(&invoices_text(status));
    if status.accounts.is_empty() {
        text.push_str("\nNo account yet: `ordersync account add amazon` or `ordersync account add ebay`\n");
    } else {
        let accounts = status.accounts.iter().map(|account| {
            let state = account.failure.clone().unwrap_or_else(|| account.state.clone());
            vec![account.account.clone(), moment_or_dash(account.caught_up_to), state, account.hint.clone()]
        });
        text.push('\n');
        text.push_str(&table(&["ACCOUNT", "CAUGHT UP TO", "STATE", "WHAT TO DO"], &accounts.collect::<Vec<_>>()));
    }
    if !status.keys.escrow_tested {
        text.push_str("\nThe recovery file was never tested: `ordersync keys escrow test FILE`\n");
    }
    text
}

fn work_row(order: &WorkOrder) -> Vec<String> {
    vec![
        late(order.late),
        moment_or_dash(order.ship_by),
        order.account.clone(),
        order.number.clone(),
        order.territory.clone().unwrap_or_default(),
        order.lines.to_string(),
        order.pieces.to_string(),
    ]
}

fn late(late: bool) -> String {
    if late { "LATE".to_owned() } else { String::new() }
}

fn parcel_row(parcel: &WaitingParcel) -> Vec<String> {
    vec![
        late(parcel.late),
        moment_or_dash(parcel.ship_by),
        parcel.reference.clone(),
        parcel.orders.join(" "),
        parcel.courier.clone(),
        moment(parcel.since),
    ]
}

fn held_row(held: &HeldOrder) -> Vec<String> {
    vec![
        late(held.order.late),
        held.order.account.clone(),
        held.order.number.clone(),
        held.reasons.join("; "),
        held.hint.clone(),
    ]
}

/// `ordersync sync`.
pub(super) async fn sync(client: &Client, printer: &Printer, arguments: SyncArguments) -> Result<Exit, Failure> {
    let body = serde_json::to_vec(&SyncNow { account: arguments.account }).unwrap_or_default();
    let progress = printer.progress("reading orders; marketplaces allow few requests, so this may take minutes");
    let answer = client.ask(Method::Post, "/v1/sync", Some(body)).await;
    drop(progress);
    let answer = answer?;
    let all: SyncAll = answer.read()?;
    printer.answer(&answer.body, || {
        if all.accounts.is_empty() {
            return "No account yet: `ordersync account add amazon` or `ordersync account add ebay`".to_owned();
        }
        all.accounts.iter().map(sync_text).collect()
    })?;
    if all.ok {
        return Ok(Exit::Done);
    }
    let by_itself = all.accounts.iter().all(|one| match &one.result {
        SyncResult::Done { .. } => true,
        SyncResult::Failed { retry, .. } => *retry,
        SyncResult::Skipped { .. } => false,
    });
    Ok(if by_itself { Exit::TryAgain } else { Exit::Failed })
}

fn sync_text(outcome: &SyncOutcome) -> String {
    let account = &outcome.account;
    match &outcome.result {
        SyncResult::Done { pages, new, changed, unchanged, rejected, caught_up_to } => {
            let up_to = caught_up_to.map_or_else(String::new, |at| format!(", caught up to {} UTC", moment(at)));
            format!(
                "{account}: {new} new, {changed} changed, {unchanged} unchanged, {rejected} could not be read, {pages} pages{up_to}\n"
            )
        }
        SyncResult::Failed { message, hint, .. } => format!("{account}: failed: {message}\n  {hint}\n"),
        SyncResult::Skipped { message, hint } => format!("{account}: not read: {message}\n  {hint}\n"),
    }
}

/// `ordersync doctor`.
pub(super) async fn doctor(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/doctor", None).await?;
    let report: DoctorReport = answer.read()?;
    printer.answer(&answer.body, || doctor_text(&report))?;
    Ok(if report.worst == DoctorState::Fail { Exit::Failed } else { Exit::Done })
}

/// `ordersync doctor` when neither a daemon answers nor the databases open. Ends as the failure does.
pub(super) fn doctor_alone(config: &Path, failure: &Failure, printer: &Printer) -> Result<Exit, Failure> {
    let report = DoctorReport { worst: DoctorState::Fail, rows: crate::doctor::rows_without_core(config, failure) };
    printer.value(&report, &doctor_text(&report))?;
    Ok(failure.exit)
}

fn doctor_text(report: &DoctorReport) -> String {
    let rows = report.rows.iter().map(|row| {
        let state = match row.state {
            DoctorState::Ok => "ok",
            DoctorState::Warn => "warn",
            DoctorState::Fail => "BAD",
        };
        vec![state.to_owned(), row.name.clone(), row.message.clone(), row.hint.clone()]
    });
    table(&["", "WHAT", "FOUND", "WHAT TO DO"], &rows.collect::<Vec<_>>())
}
