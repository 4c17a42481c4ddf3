//! `ordersync export`.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ordersync_http_client::Method;
use ordersync_http_client::unix::with_query;
use serde_json::json;

use super::client::Client;
use super::print::{Printer, out};
use crate::failure::{Exit, Failure};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A row for each document and VAT rate, and for each sale that waits.
    Daybook,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    /// Rows, no totals.
    Csv,
    /// A workbook, with the totals on a sheet of their own.
    Xlsx,
    /// The totals alone, as CSV.
    Totals,
}

#[derive(Debug, Args)]
#[command(after_help = "\
  ordersync export --format daybook --from 2026-11-01 --to 2026-11-30 -o november.csv
  ordersync export --format daybook --from 2026-11-01 --to 2026-11-30 --as xlsx -o november.xlsx

The period is of tax points. No name or address is in it unless --parties asks for them; every pull is written to the
audit.")]
pub(super) struct Arguments {
    /// What to export.
    #[arg(long, value_enum, default_value = "daybook")]
    format: Format,
    /// How it is written [usual: csv, or xlsx for a file of that name].
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    written_as: Option<FileFormat>,
    /// First day, for example 2026-11-01.
    #[arg(long, value_name = "DAY")]
    from: String,
    /// Last day.
    #[arg(long, value_name = "DAY")]
    to: String,
    /// With names, addresses and VAT numbers of full invoices.
    #[arg(long)]
    parties: bool,
    /// Write to this file, which must not be there yet. Standard output without it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(client: &Client, printer: &Printer, arguments: Arguments) -> Result<Exit, Failure> {
    let Format::Daybook = arguments.format;
    let named = arguments.output.as_ref().and_then(|file| file.extension()).is_some_and(|end| end == "xlsx");
    let written_as = arguments.written_as.unwrap_or(if named { FileFormat::Xlsx } else { FileFormat::Csv });
    let written_as = match written_as {
        FileFormat::Csv => "csv",
        FileFormat::Xlsx => "xlsx",
        FileFormat::Totals => "totals",
    };
    let parties = arguments.parties.to_string();
    let query = [
        ("from", arguments.from.as_str()),
        ("to", arguments.to.as_str()),
        ("format", written_as),
        ("parties", parties.as_str()),
    ];
    let path = with_query("/v1/exports/daybook", &query);
    let Some(file) = &arguments.output else {
        client.stream(Method::Get, &path, None, out).await?;
        return Ok(Exit::Done);
    };
    let of_file = |error: &std::io::Error| Failure::of_file("the export cannot be written to", file, error);
    // Names and addresses are for its owner alone.
    let mode = if arguments.parties { 0o600 } else { 0o644 };
    let mut opened =
        File::options().write(true).create_new(true).mode(mode).open(file).map_err(|error| of_file(&error))?;
    let progress = printer.progress("exporting");
    let mut bytes: u64 = 0;
    let fetched = client.stream(Method::Get, &path, None, |part| {
        bytes += u64::try_from(part.len()).unwrap_or_default();
        opened.write_all(part).map_err(|error| of_file(&error))
    });
    let fetched = fetched.await;
    drop(progress);
    if let Err(failure) = fetched {
        // Half an export is never taken for a whole one.
        drop(std::fs::remove_file(file));
        return Err(failure);
    }
    let name = file.display().to_string();
    printer.value(&json!({ "file": name, "bytes": bytes }), &format!("{name}: {bytes} bytes"))?;
    Ok(Exit::Done)
}
