//! `ordersync keys ...`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ordersync_http_client::Method;
use ordersync_web::dto::{EscrowExport, EscrowTest, EscrowTested, KeysStatus};
use serde_json::json;

use super::client::Client;
use super::print::{Printer, moment, moment_or_dash, table};
use super::prompt;
use crate::failure::{Exit, Failure};
use crate::files;

/// Keys and the recovery file.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the root secret's id, and how many data keys there are in which state.
    Status,
    /// The recovery file: the root secret under a passphrase.
    #[command(subcommand)]
    Escrow(EscrowCommand),
}

/// The recovery file.
#[derive(Debug, Subcommand)]
pub(super) enum EscrowCommand {
    /// Write a new recovery file. Any `age` program opens it: `age --decrypt FILE`.
    Export(FileArguments),
    /// Prove that a recovery file opens and holds the root secret in use. Do so once a quarter.
    Test(FileArguments),
}

#[derive(Debug, Args)]
pub(super) struct FileArguments {
    /// The recovery file. `export` never overwrites one.
    file: PathBuf,
    /// Read the passphrase from the first line of this file, or of standard input for `-`, instead of asking.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Status => status(client, printer).await,
        Command::Escrow(EscrowCommand::Export(arguments)) => export(client, printer, &arguments).await,
        Command::Escrow(EscrowCommand::Test(arguments)) => test(client, printer, &arguments).await,
    }
}

async fn status(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/keys/status", None).await?;
    let status: KeysStatus = answer.read()?;
    printer.answer(&answer.body, || {
        let rows = status.counts.iter().map(|count| {
            vec![count.class.clone(), count.state.clone(), count.count.to_string()]
        });
        format!(
            "Root secret {} since {}; recovery file tested {}\nKey store at {}, data relies on {}; {} uses reserved\n{}",
            status.root_id,
            moment_or_dash(status.root_since),
            status.escrow_tested_at.map_or_else(|| "never".to_owned(), moment),
            status.sequence,
            status.relied_on,
            status.uses_reserved,
            table(&["CLASS", "STATE", "KEYS"], &rows.collect::<Vec<_>>())
        )
    })?;
    Ok(Exit::Done)
}

async fn export(client: &Client, printer: &Printer, arguments: &FileArguments) -> Result<Exit, Failure> {
    let file = arguments.file.as_path();
    if file.symlink_metadata().is_ok() {
        return Err(exists(file));
    }
    let passphrase = prompt::passphrase(arguments.passphrase_file.as_deref(), true)?;
    let body = serde_json::to_vec(&EscrowExport { passphrase });
    let body = body.map_err(|_| Failure::new(Exit::Failed, "the passphrase cannot be written as JSON"))?;
    let progress = printer.progress("making the recovery file");
    let answer = client.ask(Method::Post, "/v1/keys/escrow", Some(body)).await;
    drop(progress);
    write_recovery(file, &answer?.body)?;
    let people = format!(
        "{} is written. Keep it away from this machine and its backups, and the passphrase away from it.\n\
         Next: ordersync keys escrow test {}\n",
        file.display(),
        file.display()
    );
    printer.value(&json!({ "file": file.display().to_string() }), &people)?;
    Ok(Exit::Done)
}

/// Writes a recovery file where none is.
pub(super) fn write_recovery(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::create_private(file, bytes).map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return exists(file);
        }
        Failure::of_file("the recovery file cannot be written to", file, &error)
    })
}

fn exists(file: &Path) -> Failure {
    Failure::new(Exit::Failed, format!("{} is there already: it is not overwritten", file.display()))
        .hint("name another file")
}

async fn test(client: &Client, printer: &Printer, arguments: &FileArguments) -> Result<Exit, Failure> {
    let path = arguments.file.as_path();
    let file = std::fs::read(path).map_err(|error| Failure::of_file("cannot read", path, &error))?;
    let file = String::from_utf8(file)
        .map_err(|_| Failure::new(Exit::Failed, format!("{} is no recovery file of ordersync", path.display())))?;
    let passphrase = prompt::passphrase(arguments.passphrase_file.as_deref(), false)?;
    let body = serde_json::to_vec(&EscrowTest { file, passphrase });
    let body = body.map_err(|_| Failure::new(Exit::Failed, "the passphrase cannot be written as JSON"))?;
    let progress = printer.progress("opening the recovery file");
    let answer = client.ask(Method::Post, "/v1/keys/escrow/test", Some(body)).await;
    drop(progress);
    let answer = answer?;
    let tested: EscrowTested = answer.read()?;
    printer.answer(&answer.body, || {
        format!("{} opens and holds root secret {}, the one in use.", path.display(), tested.root_id)
    })?;
    Ok(Exit::Done)
}
