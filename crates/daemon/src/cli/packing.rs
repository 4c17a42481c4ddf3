//! `ordersync picklist`, `packing-slip` and `dispatch`.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ordersync_http_client::Method;
use ordersync_web::dto::{
    Dispatch, DispatchParcel, DispatchResult, DispatchResults, PackingSlips, PickListView, ReadyList,
};
use serde_json::json;

use super::client::Client;
use super::label_copies::{self, Named};
use super::paper_sink::Sink;
use super::print::{Printer, table};
use crate::failure::{Exit, Failure};

/// What is said as long as nothing is told to the marketplace.
const HERE_ONLY: &str = "Recorded here only: confirm it in Seller Central / Seller Hub.";

#[derive(Debug, Args)]
pub(super) struct PickListArguments {
    #[command(flatten)]
    sink: Sink,
}

/// `ordersync picklist`.
pub(super) async fn pick_list(
    client: &Client,
    printer: &Printer,
    arguments: PickListArguments,
) -> Result<Exit, Failure> {
    if arguments.sink.is_named() {
        let gone = arguments.sink.fetch(client, (Method::Get, "/v1/picklist/file", None), "pdf").await?;
        if !arguments.sink.is_stdout() {
            printer.value(&json!({ "document": gone.place }), &format!("The pick list: {}", gone.place))?;
        }
        return Ok(Exit::Done);
    }
    let answer = client.ask(Method::Get, "/v1/picklist", None).await?;
    let list: PickListView = answer.read()?;
    printer.answer(&answer.body, || {
        if list.rows.is_empty() {
            return "Nothing to fetch: no order can be labelled.".to_owned();
        }
        let rows = list.rows.iter().map(|row| {
            let orders: Vec<String> = row
                .orders
                .iter()
                .map(|(number, pieces)| if *pieces == 1 { number.clone() } else { format!("{number} x{pieces}") })
                .collect();
            vec![row.quantity.to_string(), row.sku.clone(), row.title.clone(), orders.join(", ")]
        });
        let mut text = format!("For {} orders:\n", list.orders);
        text.push_str(&table(&["PIECES", "SKU", "TITLE", "ORDERS"], &rows.collect::<Vec<_>>()));
        text
    })?;
    Ok(Exit::Done)
}

#[derive(Debug, Args)]
pub(super) struct PackingSlipArguments {
    /// Orders, by our id or the marketplace's number.
    #[arg(required_unless_present = "ready")]
    orders: Vec<String>,
    /// All orders that can be labelled, in the order of the shelves.
    #[arg(long, conflicts_with = "orders")]
    ready: bool,
    /// No prices, whatever the order is. A present never shows them.
    #[arg(long)]
    gift: bool,
    #[command(flatten)]
    sink: Sink,
}

/// `ordersync packing-slip`.
pub(super) async fn packing_slips(
    client: &Client,
    printer: &Printer,
    arguments: PackingSlipArguments,
) -> Result<Exit, Failure> {
    let orders = if arguments.ready {
        let ready: ReadyList = client.ask(Method::Get, "/v1/labels/ready", None).await?.read()?;
        ready.orders.into_iter().map(|order| order.id).collect()
    } else {
        arguments.orders
    };
    if orders.is_empty() {
        printer.value(&json!({ "document": null }), "No order can be labelled: `ordersync today` says why.")?;
        return Ok(Exit::Done);
    }
    let body = serde_json::to_vec(&PackingSlips { orders: orders.clone(), gift: arguments.gift }).unwrap_or_default();
    let named = Named { labels: Vec::new(), slips: orders };
    let request = (Method::Post, "/v1/packing-slips", Some(body));
    let place = label_copies::bring(client, &arguments.sink, named, request, "pdf").await?;
    if !arguments.sink.is_stdout() {
        printer.value(&json!({ "document": place }), &format!("Packing slips: {place}"))?;
    }
    Ok(Exit::Done)
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
  ordersync dispatch 7KD2M0QX9RTA --carrier \"Royal Mail\" --tracking TT123456785GB
  ordersync dispatch --scan              scan label after label; ends with the input
  ordersync dispatch import day.csv      columns reference (or order), tracking, carrier, service"
)]
pub(super) struct DispatchArguments {
    #[command(subcommand)]
    command: Option<DispatchCommand>,
    /// References on the labels, or numbers of orders.
    #[arg(required_unless_present_any = ["scan"])]
    parcels: Vec<String>,
    /// Read references from standard input, one a line, as a scanner types them.
    #[arg(long, conflicts_with_all = ["parcels", "tracking"])]
    scan: bool,
    /// The carrier; that of the label without it.
    #[arg(long)]
    carrier: Option<String>,
    /// The carrier's service.
    #[arg(long)]
    service: Option<String>,
    /// The tracking number, for one parcel.
    #[arg(long)]
    tracking: Option<String>,
}

#[derive(Debug, Subcommand)]
enum DispatchCommand {
    /// Record the parcels of a courier's CSV file: a column `reference` (or `order`), and `tracking`, `carrier`,
    /// `service` where there are any.
    Import {
        /// The file, or `-` for standard input.
        file: PathBuf,
    },
}

/// `ordersync dispatch`.
pub(super) async fn dispatch(
    client: &Client,
    printer: &Printer,
    arguments: DispatchArguments,
) -> Result<Exit, Failure> {
    if let Some(DispatchCommand::Import { file }) = &arguments.command {
        let parcels = read_csv(file)?;
        return send(client, printer, parcels).await;
    }
    if arguments.scan {
        return scan(client, printer, &arguments).await;
    }
    if arguments.tracking.is_some() && arguments.parcels.len() > 1 {
        return Err(Failure::new(Exit::Usage, "--tracking is for one parcel at a time"));
    }
    let parcels = arguments.parcels.iter().map(|target| DispatchParcel {
        target: target.clone(),
        carrier: arguments.carrier.clone(),
        service: arguments.service.clone(),
        tracking: arguments.tracking.clone(),
    });
    send(client, printer, parcels.collect()).await
}

async fn send(client: &Client, printer: &Printer, parcels: Vec<DispatchParcel>) -> Result<Exit, Failure> {
    if parcels.is_empty() {
        return Err(Failure::new(Exit::Failed, "there is no parcel in it"));
    }
    let mut results = Vec::with_capacity(parcels.len());
    let bar = printer.steps("parcels", parcels.len());
    for batch in parcels.chunks(Dispatch::MOST) {
        match record(client, batch.to_vec()).await {
            Ok(recorded) => results.extend(recorded),
            Err(failure) if results.is_empty() => return Err(failure),
            Err(failure) => {
                // What was recorded before is told; the rest of the file may be given again as it is.
                let rest = parcels.iter().skip(results.len()).map(|parcel| not_recorded(&parcel.target, &failure));
                results.extend(rest.collect::<Vec<_>>());
                break;
            }
        }
        if let Some(bar) = &bar {
            bar.inc(u64::try_from(batch.len()).unwrap_or_default());
        }
    }
    bar.iter().for_each(indicatif::ProgressBar::finish_and_clear);
    let refused = results.iter().filter(|result| result.refused.is_some()).count();
    let value = DispatchResults { results };
    let recorded = value.results.iter().filter(|result| result.recorded).count();
    let text = || {
        let mut text = format!("{recorded} recorded as dispatched. {HERE_ONLY}\n");
        for result in &value.results {
            text.push_str(&result_text(result));
        }
        text
    };
    printer.value(&value, &text())?;
    Ok(if refused > 0 { Exit::Failed } else { Exit::Done })
}

fn not_recorded(target: &str, failure: &Failure) -> DispatchResult {
    let refused = Some(failure.refusal("give it again: what is recorded already stays as it is"));
    DispatchResult { target: target.to_owned(), shipment: None, orders: Vec::new(), recorded: false, refused }
}

async fn record(client: &Client, parcels: Vec<DispatchParcel>) -> Result<Vec<DispatchResult>, Failure> {
    let body = serde_json::to_vec(&Dispatch { parcels }).unwrap_or_default();
    let answer: DispatchResults = client.ask(Method::Post, "/v1/dispatch", Some(body)).await?.read()?;
    Ok(answer.results)
}

fn result_text(result: &DispatchResult) -> String {
    match (&result.shipment, &result.refused) {
        (_, Some(refusal)) => format!("REFUSED {}: {}\n  {}\n", result.target, refusal.message, refusal.hint),
        (Some(shipment), None) if result.recorded => {
            let pieces: i64 = shipment.lines.iter().map(|(_, _, pieces)| *pieces).sum();
            // One wrong number would take a whole order off the list.
            let whole =
                if shipment.label == "none" { format!(" (no label of ours: {pieces} pieces)") } else { String::new() };
            let tracking = shipment.tracking.clone().unwrap_or_default();
            format!("{} {} {tracking}{whole}\n", shipment.reference, result.orders.join(" "))
        }
        (Some(shipment), None) => format!("{} was recorded before\n", shipment.reference),
        (None, None) => String::new(),
    }
}

/// Each line is answered at once, so that the packer hears of a cancelled order while the parcel is in hand.
async fn scan(client: &Client, printer: &Printer, arguments: &DispatchArguments) -> Result<Exit, Failure> {
    let (mut recorded, mut refused) = (0_u32, 0_u32);
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.map_err(|error| Failure::new(Exit::Failed, format!("standard input: {error}")))?;
        // A scanner that stammers is refused like one that reads wrong, and the next line is read.
        let target = String::from_utf8_lossy(&line).trim().to_owned();
        if target.is_empty() {
            continue;
        }
        let (carrier, service) = (arguments.carrier.clone(), arguments.service.clone());
        let parcel = DispatchParcel { target: target.clone(), carrier, service, tracking: None };
        let results = record(client, vec![parcel]).await;
        for result in results.unwrap_or_else(|failure| vec![not_recorded(&target, &failure)]) {
            recorded += u32::from(result.recorded);
            if result.refused.is_some() {
                refused += 1;
                // The bell: a scanner's beep says nothing about the order.
                drop(std::io::stderr().write_all(b"\x07"));
            }
            printer.value(&result, &result_text(&result))?;
        }
    }
    if !printer.json {
        printer.value(&(), &format!("{recorded} recorded, {refused} refused. {HERE_ONLY}"))?;
    }
    Ok(if refused > 0 { Exit::Failed } else { Exit::Done })
}

/// The columns of each part, under the names that couriers give them: the first that is filled counts.
const COLUMNS: [(&str, &[&str]); 4] = [
    (
        "reference",
        &[
            "reference",
            "ref",
            "shipment",
            "order",
            "order number",
            "order reference",
            "customer reference",
            "your reference",
            "order no",
            "order id",
        ],
    ),
    ("tracking", &["tracking", "tracking number", "tracking no", "tracking id", "barcode"]),
    ("carrier", &["carrier", "courier"]),
    ("service", &["service", "service name", "carrier service"]),
];

fn read_csv(file: &Path) -> Result<Vec<DispatchParcel>, Failure> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)
            .map_err(|error| Failure::new(Exit::Failed, format!("standard input: {error}")))?;
        bytes
    } else {
        std::fs::read(file).map_err(|error| Failure::of_file("cannot read", file, &error))?
    };
    parcels_of(&bytes).map_err(|(line, message)| {
        let place = line.map(|line| format!(":{line}")).unwrap_or_default();
        Failure::new(Exit::Failed, format!("{}{place}: {message}", file.display()))
            .hint("nothing was recorded; the first line must name the columns: reference, tracking, carrier, service")
    })
}

/// All of a file or nothing of it: a file that is read by halves is recorded by halves.
fn parcels_of(bytes: &[u8]) -> Result<Vec<DispatchParcel>, (Option<u64>, String)> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: &u8| first.iter().filter(|byte| *byte == separator).count();
    // As spreadsheets of different countries write it; a comma where that says nothing.
    let separator = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(false).trim(csv::Trim::All).from_reader(bytes);
    let head = reader.headers().map_err(|error| (Some(1), error.to_string()))?.clone();
    let head: Vec<String> = head.iter().map(str::to_lowercase).collect();
    if let Some(twice) =
        head.iter().enumerate().find_map(|(at, name)| head.iter().skip(at + 1).find(|other| *other == name))
        && COLUMNS.iter().any(|(_, names)| names.contains(&twice.as_str()))
    {
        return Err((Some(1), format!("there are two columns `{twice}`")));
    }
    let places = |names: &[&str]| names.iter().filter_map(|name| head.iter().position(|found| found == name)).collect();
    let columns: HashMap<&str, Vec<usize>> = COLUMNS.iter().map(|(part, names)| (*part, places(names))).collect();
    if columns.get("reference").is_none_or(Vec::is_empty) {
        let found = head.join(", ");
        return Err((Some(1), format!("there is no column `reference` (or `order`); found: {found}")));
    }
    let mut parcels = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| (error.position().map(csv::Position::line), error.to_string()))?;
        let line = row.position().map(csv::Position::line);
        if row.iter().all(str::is_empty) {
            continue;
        }
        let part = |name: &str| {
            let values = columns.get(name).into_iter().flatten().filter_map(|place| row.get(*place));
            values.map(str::to_owned).find(|value| !value.is_empty())
        };
        let target = part("reference").ok_or((line, "reference: is empty".to_owned()))?;
        let (carrier, service, tracking) = (part("carrier"), part("service"), part("tracking"));
        parcels.push(DispatchParcel { target, carrier, service, tracking });
    }
    Ok(parcels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_couriers_file_is_read_by_its_own_column_names() {
        let file =
            "\u{feff}Tracking Number,Order Reference,Courier\r\nTT123456785GB, 7KD2M0QX9RTA ,Royal Mail\r\n,X-1,\r\n";
        let parcels = parcels_of(file.as_bytes()).unwrap();
        assert_eq!(parcels[0].target, "7KD2M0QX9RTA");
        assert_eq!(parcels[0].tracking.as_deref(), Some("TT123456785GB"));
        assert_eq!((parcels[1].target.as_str(), parcels[1].tracking.as_deref()), ("X-1", None));
        // Our own reference before the courier's words for it, whatever comes first; a row without it by the next.
        let parcels = parcels_of(b"order number,barcode,reference,tracking number\nA-1,9,R1,T1\nA-2,8,,\n").unwrap();
        let found: Vec<_> = parcels.iter().map(|one| (one.target.as_str(), one.tracking.as_deref())).collect();
        assert_eq!(found, [("R1", Some("T1")), ("A-2", Some("8"))]);
        let parcels = parcels_of(b"Order No;Tracking\r\nA-1;T1\r\n;\r\n").unwrap();
        assert_eq!((parcels.len(), parcels[0].target.as_str()), (1, "A-1"), "as a spreadsheet in Germany writes it");
        assert_eq!(parcels_of(b"reference\ttracking\nR1\tT1\n").unwrap()[0].tracking.as_deref(), Some("T1"));
        for (file, line, reason) in [
            ("reference,Reference\na,b\n", Some(1), "two columns `reference`"),
            ("tracking\nx\n", Some(1), "no column `reference`"),
            ("reference,tracking\n,x\n", Some(2), "reference: is empty"),
            ("reference,tracking\na\n", Some(2), "found record with"),
            ("", Some(1), "no column"),
        ] {
            let (found, message) = parcels_of(file.as_bytes()).unwrap_err();
            assert!(found == line && message.contains(reason), "{file:?}: {found:?} {message}");
        }
    }
}
