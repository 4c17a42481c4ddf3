//! `ordersync orders ...`.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ordersync_http_client::Method;
use ordersync_http_client::unix::{escaped, with_query};
use ordersync_types::{Pii, Timestamp};
use ordersync_web::dto::{FindOrders, OrderList, OrderView, RejectedList, RetryOrders, RetryResult};

use super::client::{Answer, Client};
use super::order_work;
use super::orders_print::{list_text, order_text, rejected_text};
use super::print::{Printer, out};
use crate::failure::{Exit, Failure};

/// Orders.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List orders, the last to arrive here first, or find some.
    List(ListArguments),
    /// Show one order: facts, history, and its recipient when your role may see it. That is written to the audit.
    Show {
        /// Our id, or the marketplace's order number.
        order: String,
        /// The account's label, when two accounts have the same order number.
        #[arg(long, value_name = "LABEL")]
        account: Option<String>,
    },
    /// Write the open facts of orders as CSV, a row for each order line. No person is in it.
    Export {
        #[command(flatten)]
        filter: Filter,
        /// Write to this file, which must not be there yet. Standard output without it.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Read orders again: one, or all that could not be read.
    Retry {
        /// Our id, or the marketplace's order number. All rejected orders without it.
        order: Option<String>,
        /// Only in this account, by label. Needed for an order that was never stored.
        #[arg(long, value_name = "LABEL")]
        account: Option<String>,
    },
    /// List the orders that could not be read, and why.
    Rejected,
    /// Type another address for an order. The old one is destroyed, labels that show it are stale, and the marketplace
    /// does not overwrite it.
    Address {
        /// Our id, or the marketplace's order number.
        order: String,
    },
    /// Hold an order back: it gets no label until it is released.
    Hold {
        /// Our id, or the marketplace's order number.
        order: String,
        /// Why; asked for without it, so that it stands in no shell history.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let an order go on that somebody held back.
    Release {
        /// Our id, or the marketplace's order number.
        order: String,
    },
    /// Write a note on an order. It is sealed, and goes with the address, after 90 days at the latest.
    Note {
        /// Our id, or the marketplace's order number.
        order: String,
        /// The note; asked for without it.
        #[arg(long)]
        text: Option<String>,
    },
}

/// Which orders.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Only this status, for example unshipped.
    #[arg(long)]
    status: Option<String>,
    /// Only this account, by label.
    #[arg(long, value_name = "LABEL")]
    account: Option<String>,
    /// Only orders changed at the marketplace at or after this moment, for example 2026-11-01T00:00:00Z.
    #[arg(long, value_name = "MOMENT")]
    since: Option<Timestamp>,
}

/// What to list.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    filter: Filter,
    /// Find by order number, or by the recipient's name or postcode. `-` reads the text from standard input, so that
    /// it stands in no process list and no shell history.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["status", "account", "since", "before", "limit"])]
    find: Option<String>,
    /// At most this many, 1 to 500.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
    /// Go on after the order with this id, the last line of the list before.
    #[arg(long, value_name = "ID")]
    before: Option<String>,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(arguments) => list(client, printer, arguments).await,
        Command::Show { order, account } => show(client, printer, &order, account.as_deref()).await,
        Command::Export { filter, output } => export(client, &filter, output.as_deref()).await,
        Command::Retry { order, account } => retry(client, printer, RetryOrders { order, account }).await,
        Command::Rejected => rejected(client, printer).await,
        Command::Address { order } => order_work::address(client, printer, &order).await,
        Command::Hold { order, reason } => order_work::hold(client, printer, &order, reason).await,
        Command::Release { order } => order_work::release(client, printer, &order).await,
        Command::Note { order, text } => order_work::note(client, printer, &order, text).await,
    }
}

fn query(path: &str, filter: &Filter, limit: Option<u64>, before: Option<&str>) -> String {
    let since = filter.since.map(|since| since.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    let limit = limit.map(|limit| limit.to_string());
    let given = [
        ("status", filter.status.as_deref()),
        ("account", filter.account.as_deref()),
        ("since", since.as_deref()),
        ("limit", limit.as_deref()),
        ("before", before),
    ];
    let pairs: Vec<(&str, &str)> = given.iter().filter_map(|(name, value)| value.map(|value| (*name, value))).collect();
    with_query(path, &pairs)
}

async fn list(client: &Client, printer: &Printer, arguments: ListArguments) -> Result<Exit, Failure> {
    let answer = match arguments.find {
        Some(text) => find(client, Pii::new(text)).await?,
        None => {
            let path = query("/v1/orders", &arguments.filter, arguments.limit, arguments.before.as_deref());
            client.ask(Method::Get, &path, None).await?
        }
    };
    let list: OrderList = answer.read()?;
    printer.answer(&answer.body, || list_text(&list))?;
    Ok(Exit::Done)
}

/// By order number when the text can be one, and else, or when there is none, by the people. Only what looks like a
/// marketplace's number goes into the address: a name never does.
async fn find(client: &Client, text: Pii<String>) -> Result<Answer, Failure> {
    let text = if text.expose() == "-" { typed()? } else { text };
    let wanted = text.expose().trim();
    let digits = wanted.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 8 && wanted.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'!') {
        let answer = client.ask(Method::Get, &with_query("/v1/orders", &[("number", wanted)]), None).await?;
        if !answer.read::<OrderList>()?.orders.is_empty() {
            return Ok(answer);
        }
    }
    let body = serde_json::to_vec(&FindOrders { text });
    let body = body.map_err(|_| Failure::new(Exit::Failed, "the text cannot be written as JSON"))?;
    client.ask(Method::Post, "/v1/orders/find", Some(body)).await
}

fn typed() -> Result<Pii<String>, Failure> {
    let mut text = String::with_capacity(4096);
    let read = std::io::stdin().lock().take(4096).read_to_string(&mut text);
    read.map_err(|error| Failure::new(Exit::Failed, format!("standard input: {error}")))?;
    Ok(Pii::new(text))
}

async fn show(client: &Client, printer: &Printer, order: &str, account: Option<&str>) -> Result<Exit, Failure> {
    let pairs: Vec<(&str, &str)> = account.map(|account| ("account", account)).into_iter().collect();
    let path = with_query(&format!("/v1/orders/{}", escaped(order)), &pairs);
    let answer = client.ask(Method::Get, &path, None).await?;
    let order: OrderView = answer.read()?;
    printer.answer(&answer.body, || order_text(&order))?;
    Ok(Exit::Done)
}

async fn export(client: &Client, filter: &Filter, output: Option<&Path>) -> Result<Exit, Failure> {
    let path = query("/v1/orders/export", filter, None, None);
    let Some(output) = output else {
        client.stream(Method::Get, &path, None, out).await?;
        return Ok(Exit::Done);
    };
    let failed = |error: std::io::Error| {
        let failure = Failure::of_file("the export cannot be written to", output, &error);
        if error.kind() == std::io::ErrorKind::AlreadyExists { failure.hint("name another file") } else { failure }
    };
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(output).map_err(failed)?;
    let streamed = client.stream(Method::Get, &path, None, |part| file.write_all(part).map_err(failed)).await;
    if let Err(failure) = streamed.and_then(|()| file.sync_all().map_err(failed)) {
        // Half an export looks like a whole one.
        if let Err(error) = std::fs::remove_file(output) {
            return Err(failure.hint(format!("{} is not whole and could not be removed: {error}", output.display())));
        }
        return Err(failure);
    }
    Ok(Exit::Done)
}

async fn retry(client: &Client, printer: &Printer, body: RetryOrders) -> Result<Exit, Failure> {
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let progress = printer.progress("reading orders again");
    let answer = client.ask(Method::Post, "/v1/orders/retry", Some(body)).await;
    drop(progress);
    let answer = answer?;
    let result: RetryResult = answer.read()?;
    printer.answer(&answer.body, || {
        let RetryResult { tried, accepted, gone, rejected } = result;
        format!("{tried} read again: {accepted} stored, {rejected} still cannot be read, {gone} no longer there")
    })?;
    Ok(if result.rejected > 0 { Exit::Failed } else { Exit::Done })
}

async fn rejected(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/rejected", None).await?;
    let list: RejectedList = answer.read()?;
    printer.answer(&answer.body, || rejected_text(&list))?;
    Ok(Exit::Done)
}
