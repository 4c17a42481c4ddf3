//! `ordersync label ...`.

use std::collections::HashSet;

use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use ordersync_core::fulfilment::Again;
use ordersync_http_client::Method;
use ordersync_http_client::unix::escaped;
use ordersync_web::dto::{
    CreateLabels, LabelRequest, LabelResult, LabelResults, LabelsFile, LinePieces, ReadyList, ShipmentView,
};
use serde_json::json;

use super::client::Client;
use super::label_copies::{self, Named};
use super::paper_sink::Sink;
use super::print::{Printer, moment, moment_or_dash, table};
use super::prompt;
use crate::failure::{Exit, Failure};

/// Labels made with one request: so that a person sees how far it is, and a failure loses none.
const AT_A_TIME: usize = 50;

/// Labels.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make labels and hand them out as one document. Each is written down before it is made: nothing is made twice.
    Create(Box<CreateArguments>),
    /// Hand labels out again: the same bytes, and nobody is asked. Possible for 21 days.
    Reprint(ReprintArguments),
    /// Take a label back: its pieces can be packed again.
    Void {
        /// The reference on the label.
        reference: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
  ordersync label create --ready                       all that can go, in the order of the shelves
  ordersync label create --ready --dry-run             only say what that would be
  ordersync label create 026-1234567-1234567 --parcels 2
  ordersync label create 12-34567-89012 --lines 10012345678901:2
  ordersync label create --combine 12-34567-89012 12-34567-89013
  ordersync label create --ready --format zpl203 --printer 192.0.2.20
  ordersync label create --ready --per-sheet 4 -o labels.pdf")]
pub(super) struct CreateArguments {
    /// Orders, by our id or the marketplace's number: a label each.
    #[arg(required_unless_present_any = ["ready", "combine"])]
    orders: Vec<String>,
    /// All orders that can be labelled, in the order of the shelves.
    #[arg(long, conflicts_with_all = ["orders", "combine", "lines"])]
    ready: bool,
    /// One parcel for these orders, which must go to one address.
    #[arg(long, num_args = 2.., value_name = "ORDER", conflicts_with_all = ["orders", "lines"])]
    combine: Vec<String>,
    /// Only these pieces of the (one) order: the marketplace's id of a line, and how many.
    #[arg(long, value_delimiter = ',', value_name = "LINE:PIECES")]
    lines: Vec<String>,
    /// Parcels for each label: each gets a page of its own.
    #[arg(long, default_value_t = 1, value_name = "1 TO 99", value_parser = clap::value_parser!(u32).range(1..=99))]
    parcels: u32,
    /// Pack once more what is packed or shipped already, and why.
    #[arg(long, value_name = "REASON", conflicts_with = "ready", value_parser = Again::ALL.map(Again::name))]
    again: Option<String>,
    /// The courier; `local`, your own label, without it.
    #[arg(long)]
    courier: Option<String>,
    /// The courier's service; its usual one without it.
    #[arg(long)]
    service: Option<String>,
    /// pdf, zpl203 or zpl300; as the configuration says without it.
    #[arg(long)]
    format: Option<String>,
    /// 100x150, 4x6, a6 or a4; as the configuration says without it.
    #[arg(long)]
    size: Option<String>,
    /// Print 2 or 4 on each sheet of A4. Four to a sheet are of size a6.
    #[arg(long, value_name = "LABELS", value_parser = two_or_four)]
    per_sheet: Option<u8>,
    /// Of --ready: only say what would be labelled, and what could share a parcel.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sink: Sink,
}

#[derive(Debug, Args)]
pub(super) struct ReprintArguments {
    /// References on the labels, or numbers of orders.
    #[arg(required = true)]
    labels: Vec<String>,
    /// Print 2 or 4 on each sheet of A4.
    #[arg(long, value_name = "LABELS", value_parser = two_or_four)]
    per_sheet: Option<u8>,
    #[command(flatten)]
    sink: Sink,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Create(arguments) => create(client, printer, *arguments).await,
        Command::Reprint(arguments) => reprint(client, printer, arguments).await,
        Command::Void { reference, yes } => void(client, printer, &reference, yes).await,
    }
}

async fn create(client: &Client, printer: &Printer, arguments: CreateArguments) -> Result<Exit, Failure> {
    if arguments.dry_run && !arguments.ready {
        return Err(Failure::new(Exit::Usage, "--dry-run is for --ready: it tells all that can go"));
    }
    let requests = if arguments.ready {
        let answer = client.ask(Method::Get, "/v1/labels/ready", None).await?;
        let ready: ReadyList = answer.read()?;
        if arguments.dry_run {
            printer.answer(&answer.body, || ready_text(&ready))?;
            return Ok(Exit::Done);
        }
        if ready.orders.is_empty() {
            printer.value(
                &json!({ "results": [] }),
                "No order can be labelled: `ordersync today` says what they wait for.",
            )?;
            return Ok(Exit::Done);
        }
        ready.orders.into_iter().map(|order| request(vec![order.id], &arguments)).collect()
    } else if arguments.combine.is_empty() {
        arguments.orders.iter().map(|order| request(vec![order.clone()], &arguments)).collect()
    } else {
        vec![request(arguments.combine.clone(), &arguments)]
    };
    let mut requests: Vec<LabelRequest> = requests;
    if !arguments.lines.is_empty() {
        let [one] = requests.as_mut_slice() else {
            return Err(Failure::new(Exit::Usage, "--lines is for one order at a time"));
        };
        one.lines = Some(lines(&arguments.lines)?);
    }
    arguments.sink.check(client)?;
    let results = make(client, printer, requests, &arguments).await?;
    let made: Vec<String> =
        results.iter().filter_map(|result| result.label.as_ref()).map(|label| label.reference.clone()).collect();
    let zpl = results.iter().filter_map(|result| result.label.as_ref()).any(|label| label.media.starts_with("zpl"));
    let handed_out = if made.is_empty() {
        Ok(None)
    } else {
        hand_out(client, &arguments.sink, made, zpl, arguments.per_sheet).await.map(Some)
    };
    let place = handed_out.as_ref().ok().cloned().flatten();
    let failed = results.iter().any(|result| result.refused.is_some());
    let mut value = json!({ "results": results, "document": place });
    if let (Err(failure), Some(value)) = (&handed_out, value.as_object_mut()) {
        value.insert("error".to_owned(), json!(failure.detail()));
    }
    // Also when they could not be handed out: they are made, and must be found again.
    tell(*printer, &arguments.sink, &value, || created_text(&results, place.as_deref()))?;
    match handed_out {
        Ok(_) if failed => Ok(Exit::Failed),
        Ok(_) => Ok(Exit::Done),
        // A program has been told, in one document.
        Err(failure) if printer.json => Ok(failure.exit),
        Err(failure) => Err(failure),
    }
}

/// What is said goes to standard error when standard output is the document.
fn tell(
    printer: Printer,
    sink: &Sink,
    value: &serde_json::Value,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if sink.is_stdout() {
        eprint(&if printer.json { format!("{value}\n") } else { text() });
        return Ok(());
    }
    printer.value(value, &text())
}

#[expect(clippy::print_stderr, reason = "standard output is the document")]
fn eprint(text: &str) {
    eprint!("{text}");
}

fn request(orders: Vec<String>, arguments: &CreateArguments) -> LabelRequest {
    LabelRequest { orders, lines: None, parcels: Some(arguments.parcels), again: arguments.again.clone() }
}

fn two_or_four(text: &str) -> Result<u8, String> {
    text.parse().ok().filter(|labels| [2, 4].contains(labels)).ok_or_else(|| "must be 2 or 4".to_owned())
}

fn lines(given: &[String]) -> Result<Vec<LinePieces>, Failure> {
    let wrong =
        |text: &str| Failure::new(Exit::Usage, format!("--lines {text}: must be LINE:PIECES, for example 123:2"));
    given
        .iter()
        .map(|text| {
            let (line, pieces) = text.rsplit_once(':').ok_or_else(|| wrong(text))?;
            let quantity = pieces.parse().map_err(|_| wrong(text))?;
            Ok(LinePieces { line: line.to_owned(), quantity })
        })
        .collect()
}

/// Makes labels some at a time. When a request fails, what was made before is handed out, and the rest is refused.
async fn make(
    client: &Client,
    printer: &Printer,
    requests: Vec<LabelRequest>,
    arguments: &CreateArguments,
) -> Result<Vec<LabelResult>, Failure> {
    let bar = printer.steps("labels", requests.len());
    let mut results = Vec::with_capacity(requests.len());
    for batch in requests.chunks(AT_A_TIME) {
        let body = CreateLabels {
            labels: batch.to_vec(),
            courier: arguments.courier.clone(),
            service: arguments.service.clone(),
            format: arguments.format.clone(),
            size: arguments.size.clone(),
            per_sheet: arguments.per_sheet,
            label_printer: arguments.sink.is_label_printer(),
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let answer = client.ask(Method::Post, "/v1/labels", Some(body)).await;
        match answer.and_then(|answer| answer.read::<LabelResults>()) {
            Ok(answer) => results.extend(answer.results),
            Err(failure) if results.is_empty() => return Err(failure),
            Err(failure) => {
                let rest = requests.iter().skip(results.len()).map(|request| LabelResult {
                    orders: request.orders.clone(),
                    label: None,
                    refused: Some(failure.refusal("run this again for the rest")),
                });
                results.extend(rest.collect::<Vec<_>>());
                break;
            }
        }
        if let Some(bar) = &bar {
            bar.inc(u64::try_from(batch.len()).unwrap_or_default());
        }
    }
    bar.iter().for_each(ProgressBar::finish_and_clear);
    Ok(results)
}

async fn hand_out(
    client: &Client,
    sink: &Sink,
    references: Vec<String>,
    zpl: bool,
    per_sheet: Option<u8>,
) -> Result<String, Failure> {
    let body = serde_json::to_vec(&LabelsFile { references: references.clone(), per_sheet }).unwrap_or_default();
    let extension = if zpl { "zpl" } else { "pdf" };
    let named = Named { labels: references, slips: Vec::new() };
    label_copies::bring(client, sink, named, (Method::Post, "/v1/labels/file", Some(body)), extension).await
}

fn created_text(results: &[LabelResult], place: Option<&str>) -> String {
    let made = results.iter().filter(|result| result.label.is_some()).count();
    let labels = if made == 1 { "label" } else { "labels" };
    let mut text = match place {
        Some(place) => format!("{made} {labels}: {place}\n"),
        None if made > 0 => {
            format!("{made} {labels} made and kept, not handed out: `ordersync label reprint` prints them\n")
        }
        None => "No label was made.\n".to_owned(),
    };
    if made > 0 && made <= 20 {
        let rows = results.iter().filter_map(|result| {
            let label = result.label.as_ref()?;
            Some(vec![label.reference.clone(), result.orders.join(" "), label.media.clone(), moment(label.purge_at)])
        });
        text.push_str(&table(&["REFERENCE", "ORDER", "LABEL", "KEPT UNTIL"], &rows.collect::<Vec<_>>()));
    }
    let refused: Vec<Vec<String>> = results
        .iter()
        .filter_map(|result| {
            let refusal = result.refused.as_ref()?;
            Some(vec![result.orders.join(" "), refusal.message.clone(), refusal.hint.clone()])
        })
        .collect();
    if !refused.is_empty() {
        text.push_str(&format!("\nNo label for {}:\n", refused.len()));
        text.push_str(&table(&["ORDER", "WHY", "WHAT TO DO"], &refused));
    }
    text
}

fn ready_text(ready: &ReadyList) -> String {
    if ready.orders.is_empty() {
        return "No order can be labelled: `ordersync today` says what they wait for.".to_owned();
    }
    let rows = ready.orders.iter().map(|order| {
        vec![
            if order.late { "LATE".to_owned() } else { String::new() },
            moment_or_dash(order.ship_by),
            order.account.clone(),
            order.number.clone(),
            order.territory.clone().unwrap_or_default(),
            order.pieces.to_string(),
        ]
    });
    let mut text = format!("{} orders would be labelled:\n", ready.orders.len());
    text.push_str(&table(&["", "SHIP BY", "ACCOUNT", "ORDER", "TO", "PIECES"], &rows.collect::<Vec<_>>()));
    for group in &ready.together {
        text.push_str(&format!("One address: `ordersync label create --combine {}`\n", group.join(" ")));
    }
    text
}

async fn reprint(client: &Client, printer: &Printer, arguments: ReprintArguments) -> Result<Exit, Failure> {
    let (mut references, mut known) = (Vec::new(), HashSet::new());
    let mut media = None;
    for text in &arguments.labels {
        // A number of eBay's may read as a reference: what is known decides.
        let found = if label_copies::is_reference(client, text).await? {
            vec![text.clone()]
        } else {
            let labels = label_copies::labels_of(client, text).await?;
            media = media.or_else(|| labels.first().map(|label| label.media.clone()));
            labels.into_iter().map(|label| label.reference).collect()
        };
        references.extend(found.into_iter().filter(|reference| known.insert(reference.clone())));
    }
    let zpl = match media {
        Some(media) => media.starts_with("zpl"),
        None => label_copies::is_zpl(client, references.first().map(String::as_str).unwrap_or_default()).await?,
    };
    let count = references.len();
    let place = hand_out(client, &arguments.sink, references.clone(), zpl, arguments.per_sheet).await?;
    let value = json!({ "references": references, "document": place });
    tell(*printer, &arguments.sink, &value, || format!("As they were ({count}): {place}\n"))?;
    Ok(Exit::Done)
}

async fn void(client: &Client, printer: &Printer, reference: &str, yes: bool) -> Result<Exit, Failure> {
    prompt::confirm(&format!("Void the label {reference} and destroy it? yes or no"), yes)?;
    let answer = client.ask(Method::Post, &format!("/v1/labels/{}/void", escaped(reference)), None).await?;
    let shipment: ShipmentView = answer.read()?;
    printer.answer(&answer.body, || format!("{} is voided; its pieces can be packed again.", shipment.reference))?;
    Ok(Exit::Done)
}
