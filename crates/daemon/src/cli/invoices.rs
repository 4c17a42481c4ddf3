//! `ordersync invoice ...`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ordersync_http_client::Method;
use ordersync_http_client::unix::{escaped, with_query};
use ordersync_types::Pii;
use ordersync_web::dto::{
    CreditInvoice, InvoiceDetail, InvoiceList, InvoicesIssued, InvoicesVerified, IssueInvoice, SeriesList, SetSeries,
    TypeParty, VerifyInvoices, VoidNumber, VoidView, WaitingInvoices,
};
use serde_json::json;

use super::client::{Answer, Client};
use super::invoices_print::{detail_text, documents_text, waiting_text};
use super::paper_sink::Sink;
use super::print::{Printer, table};
use super::{prompt, rates};
use crate::failure::{Exit, Failure};

/// Invoices, credit notes and receipts.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List documents by tax point, or what waits for one.
    List(ListArguments),
    /// Show one document: lines, VAT by rate, why it is treated so, credit notes for it.
    Show {
        /// Its number.
        number: String,
    },
    /// Write a document as PDF. It is laid out again and compared with what was issued.
    Pdf(PdfArguments),
    /// Issue what is due of an order now, or a simplified invoice anew in full.
    Issue(IssueArguments),
    /// Take something of a document back: a credit note with a number of its own.
    Credit(CreditArguments),
    /// Show the series of numbers, or set one before its first document.
    Series(SeriesArguments),
    /// Take the next number of a series without a document: it was used on paper, or spoiled.
    Void {
        /// The number; it must be the next of its series.
        number: String,
        /// What became of it.
        #[arg(long)]
        reason: String,
    },
    /// Lay every document of a period out again, compare it with what was issued, and count the numbers.
    Verify {
        /// First tax point, for example 2026-04-01; the beginning without it.
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// Last tax point; the end without it.
        #[arg(long, value_name = "DAY")]
        to: Option<String>,
    },
    /// Exchange rates for sterling amounts.
    Rates(rates::Arguments),
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// What has left and has no document yet, and why.
    #[arg(long, conflicts_with_all = ["from", "to", "kind", "account", "order", "after", "limit"])]
    waiting: bool,
    /// First tax point, for example 2026-11-01.
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// Last tax point.
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// invoice, credit, receipt, or none for records of sales without a document.
    #[arg(long)]
    kind: Option<String>,
    /// Only this account, by label.
    #[arg(long, value_name = "LABEL")]
    account: Option<String>,
    /// Only this order, by our id or the marketplace's number.
    #[arg(long)]
    order: Option<String>,
    /// Go on after this place, the last line of the list before.
    #[arg(long, value_name = "PLACE")]
    after: Option<String>,
    /// At most this many, 1 to 500.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct PdfArguments {
    /// The document's number.
    number: String,
    /// Mark it as a duplicate, as a second copy must be.
    #[arg(long)]
    duplicate: bool,
    #[command(flatten)]
    sink: Sink,
}

#[derive(Debug, Args)]
#[command(after_help = "\
  ordersync invoice issue 026-1234567-1234567            what is due of the order, now
  ordersync invoice issue 026-1234567-1234567 --party    made out to a party that you type
  ordersync invoice issue --full INV-000123              a simplified invoice anew, in full: credit note and new number")]
pub(super) struct IssueArguments {
    /// An order, by our id or the marketplace's number; with --full the number of a simplified invoice.
    target: String,
    /// Issue a simplified invoice anew, in full.
    #[arg(long)]
    full: bool,
    /// Type who it is made out to, where that is not held any more or never was.
    #[arg(long)]
    party: bool,
    /// Read the party from this JSON file, or from standard input for `-`, instead of asking: name, company, line1, line2,
    /// city, postcode, country, vat_number, purchase_order.
    #[arg(long, value_name = "FILE", conflicts_with = "party")]
    party_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
  ordersync invoice credit INV-000123 --line BLUE-MUG=4.50 --reason \"Arrived broken\"
  ordersync invoice credit INV-000123 --all --reason \"Returned\"

What eBay says went back is credited by itself. Amazon's orders do not tell refunds: take them back here.")]
pub(super) struct CreditArguments {
    /// The invoice's or receipt's number.
    number: String,
    /// For a line: its SKU or id, and an amount with VAT. May be given several times.
    #[arg(long = "line", value_name = "SKU=AMOUNT")]
    lines: Vec<String>,
    /// For delivery, with VAT.
    #[arg(long, value_name = "AMOUNT")]
    delivery: Option<String>,
    /// As a lower price for all of it, with VAT.
    #[arg(long, value_name = "AMOUNT")]
    goodwill: Option<String>,
    /// Everything that is left of it.
    #[arg(long, conflicts_with_all = ["lines", "delivery", "goodwill"])]
    all: bool,
    /// Why; stands on the credit note.
    #[arg(long)]
    reason: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct SeriesArguments {
    /// Set the series of this kind: invoice, credit or receipt.
    #[arg(long, value_name = "KIND", requires = "prefix", requires = "next")]
    set: Option<String>,
    /// What stands in front of the number: 1 to 12 of A-Z 0-9 - /.
    #[arg(long, requires = "set")]
    prefix: Option<String>,
    /// The number of the next document.
    #[arg(long, requires = "set")]
    next: Option<i64>,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(arguments) if arguments.waiting => waiting(client, printer).await,
        Command::List(arguments) => list(client, printer, arguments).await,
        Command::Show { number } => show(client, printer, &number).await,
        Command::Pdf(arguments) => pdf(client, printer, arguments).await,
        Command::Issue(arguments) => issue(client, printer, arguments).await,
        Command::Credit(arguments) => credit(client, printer, arguments).await,
        Command::Series(arguments) => series(client, printer, arguments).await,
        Command::Void { number, reason } => void(client, printer, VoidNumber { number, reason }).await,
        Command::Verify { from, to } => verify(client, printer, from, to).await,
        Command::Rates(arguments) => rates::run(client, printer, arguments).await,
    }
}

pub(super) fn body(value: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|_| Failure::new(Exit::Failed, "the request cannot be written as JSON"))
}

async fn list(client: &Client, printer: &Printer, arguments: ListArguments) -> Result<Exit, Failure> {
    let limit = arguments.limit.map(|limit| limit.to_string());
    let query: Vec<(&str, &str)> = [
        ("from", arguments.from.as_deref()),
        ("to", arguments.to.as_deref()),
        ("kind", arguments.kind.as_deref()),
        ("account", arguments.account.as_deref()),
        ("order", arguments.order.as_deref()),
        ("after", arguments.after.as_deref()),
        ("limit", limit.as_deref()),
    ]
    .into_iter()
    .filter_map(|(key, value)| value.map(|value| (key, value)))
    .collect();
    let answer = client.ask(Method::Get, &with_query("/v1/invoices", &query), None).await?;
    let list: InvoiceList = answer.read()?;
    printer.answer(&answer.body, || {
        if list.invoices.is_empty() && list.waiting.is_empty() {
            return "No document. `ordersync invoice list --waiting` shows what has left without one.".to_owned();
        }
        let mut text = documents_text(&list.invoices);
        for waiting in &list.waiting {
            text.push_str(&format!("\nWithout a document: {}\n", waiting.reason));
        }
        if let Some(next) = &list.next {
            text.push_str(&format!("\nMore: --after {next}\n"));
        }
        text
    })?;
    Ok(Exit::Done)
}

async fn waiting(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/invoices/waiting", None).await?;
    let list: WaitingInvoices = answer.read()?;
    printer.answer(&answer.body, || {
        if list.waiting.is_empty() {
            return "Nothing waits: everything that has left has its document.".to_owned();
        }
        waiting_text(&list.waiting)
    })?;
    Ok(Exit::Done)
}

async fn show(client: &Client, printer: &Printer, number: &str) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, &format!("/v1/invoices/{}", escaped(number)), None).await?;
    let invoice: InvoiceDetail = answer.read()?;
    printer.answer(&answer.body, || detail_text(&invoice))?;
    Ok(Exit::Done)
}

async fn pdf(client: &Client, printer: &Printer, arguments: PdfArguments) -> Result<Exit, Failure> {
    let duplicate = arguments.duplicate.to_string();
    let path = format!("/v1/invoices/{}/pdf", escaped(&arguments.number));
    let path = with_query(&path, &[("duplicate", duplicate.as_str())]);
    let gone = arguments.sink.fetch(client, (Method::Get, &path, None), "pdf").await?;
    if !arguments.sink.is_stdout() {
        printer.value(&json!({ "document": gone.place }), &format!("{}: {}", arguments.number, gone.place))?;
    }
    Ok(Exit::Done)
}

async fn issue(client: &Client, printer: &Printer, arguments: IssueArguments) -> Result<Exit, Failure> {
    let party = match &arguments.party_file {
        Some(file) => {
            let text = prompt::secret_text(file)?;
            let party = serde_json::from_str(&text);
            Some(party.map_err(|error| {
                let place = format!("line {}, column {}", error.line(), error.column());
                Failure::new(Exit::Failed, format!("{}: is no party ({place})", file.display()))
                    .hint("`ordersync invoice issue --help` names its fields; all are texts, empty where there is none")
            })?)
        }
        None if arguments.party => Some(typed_party()?),
        None => None,
    };
    let request = IssueInvoice { target: arguments.target, full: arguments.full, party };
    let answer = client.ask(Method::Post, "/v1/invoices/issue", Some(body(&request)?)).await?;
    issued(printer, &answer)
}

/// Asks for each part: an address in arguments would stand in the shell's history and the list of processes.
fn typed_party() -> Result<TypeParty, Failure> {
    const INSTEAD: &str = "give --party-file FILE";
    let ask = |question, usual: &str| prompt::line(question, usual, INSTEAD);
    let hidden = |question| ask(question, "").map(Pii::new);
    Ok(TypeParty {
        name: hidden("Name")?,
        company: hidden("Company")?,
        line1: hidden("First line of the address")?,
        line2: hidden("Second line")?,
        city: hidden("Town")?,
        postcode: hidden("Postcode")?,
        country: ask("Country", "GB")?,
        vat_number: hidden("VAT number")?,
        purchase_order: hidden("Purchase order number")?,
    })
}

fn issued(printer: &Printer, answer: &Answer) -> Result<Exit, Failure> {
    let done: InvoicesIssued = answer.read()?;
    printer.answer(&answer.body, || {
        let mut lines: Vec<String> = Vec::new();
        if !done.numbers.is_empty() {
            lines.push(format!("Issued: {}", done.numbers.join(", ")));
        }
        if done.records > 0 {
            lines.push(format!("{} sales are recorded; they get no document.", done.records));
        }
        lines.extend(done.not_issued.iter().map(|(order, reason)| format!("{order}: {reason}")));
        if lines.is_empty() {
            lines.push("Nothing is due: what has left has its document.".to_owned());
        }
        lines.join("\n")
    })?;
    let waits = done.numbers.is_empty() && !done.not_issued.is_empty();
    Ok(if waits { Exit::Failed } else { Exit::Done })
}

async fn credit(client: &Client, printer: &Printer, arguments: CreditArguments) -> Result<Exit, Failure> {
    let mut lines = Vec::with_capacity(arguments.lines.len());
    for given in &arguments.lines {
        let Some((line, amount)) = given.rsplit_once('=') else {
            return Err(Failure::new(Exit::Usage, "--line must be SKU=AMOUNT, for example --line BLUE-MUG=4.50"));
        };
        lines.push((line.to_owned(), amount.to_owned()));
    }
    let number = &arguments.number;
    let question = format!("A credit note cannot be taken back. Write one for {number}? yes or no");
    prompt::confirm(&question, arguments.yes)?;
    let request = CreditInvoice {
        lines,
        delivery: arguments.delivery,
        goodwill: arguments.goodwill,
        all: arguments.all,
        reason: arguments.reason,
    };
    let path = format!("/v1/invoices/{}/credit", escaped(number));
    let answer = client.ask(Method::Post, &path, Some(body(&request)?)).await?;
    issued(printer, &answer)
}

async fn series(client: &Client, printer: &Printer, arguments: SeriesArguments) -> Result<Exit, Failure> {
    let answer = match (arguments.set, arguments.prefix, arguments.next) {
        (Some(kind), Some(prefix), Some(next)) => {
            let path = format!("/v1/invoice-series/{}", escaped(&kind));
            client.ask(Method::Put, &path, Some(body(&SetSeries { prefix, next })?)).await?
        }
        _ => client.ask(Method::Get, "/v1/invoice-series", None).await?,
    };
    let list: SeriesList = answer.read()?;
    printer.answer(&answer.body, || {
        let rows = list.series.iter().map(|one| vec![one.kind.clone(), one.next.clone(), one.taken.to_string()]);
        let mut text = table(&["KIND", "NEXT NUMBER", "TAKEN"], &rows.collect::<Vec<_>>());
        for void in &list.voids {
            text.push_str(&format!("Without a document: {} ({})\n", void.number, void.reason));
        }
        text
    })?;
    Ok(Exit::Done)
}

async fn void(client: &Client, printer: &Printer, request: VoidNumber) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Post, "/v1/invoices/void", Some(body(&request)?)).await?;
    let void: VoidView = answer.read()?;
    printer.answer(&answer.body, || format!("{} is taken and has no document: {}", void.number, void.reason))?;
    Ok(Exit::Done)
}

async fn verify(client: &Client, printer: &Printer, from: Option<String>, to: Option<String>) -> Result<Exit, Failure> {
    let day = |name: &str, text: Option<String>| {
        let parsed = text.map(|text| text.parse()).transpose();
        parsed.map_err(|_| Failure::new(Exit::Usage, format!("--{name} must be a day such as 2026-04-01")))
    };
    let request = VerifyInvoices { from: day("from", from)?, to: day("to", to)? };
    let progress = printer.progress("laying documents out again");
    let answer = client.ask(Method::Post, "/v1/invoices/verify", Some(body(&request)?)).await;
    drop(progress);
    let answer = answer?;
    let verified: InvoicesVerified = answer.read()?;
    printer.answer(&answer.body, || {
        let InvoicesVerified { ok, documents, records, faults, missing } = &verified;
        let mut text = format!("{documents} documents and {records} records were looked at.\n");
        for (number, reason) in faults {
            text.push_str(&format!("{number}: {reason}\n"));
        }
        for (kind, first, last) in missing {
            text.push_str(&format!(
                "Numbers {first} to {last} of the series for {kind} are missing, and nothing explains it.\n"
            ));
        }
        if *ok {
            text.push_str("All are what was issued, and no number is missing.\n");
        }
        text
    })?;
    Ok(if verified.ok { Exit::Done } else { Exit::Failed })
}
