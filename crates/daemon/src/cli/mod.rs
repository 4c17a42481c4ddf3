//! The command line: a client of the JSON API, over the control socket or in this process.

mod account;
mod account_invoices;
mod check_config;
mod client;
mod daily;
mod exports;
mod init;
mod init_steps;
mod invoices;
mod invoices_print;
mod keys;
mod label_copies;
mod labels;
mod order_work;
mod orders;
mod orders_print;
mod packing;
mod pages;
mod paper_sink;
mod print;
mod privacy;
mod products;
mod prompt;
mod rates;
mod retention;
mod serve;
mod tokens;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::DEFAULT_PATH;
use crate::failure::{Exit, Failure};
use client::Client;
use print::Printer;

/// Reads the orders of your Amazon and eBay accounts, keeps personal data sealed, and deletes it when its time is over.
///
/// Commands talk to the running daemon over its control socket. With no daemon running they do the work themselves,
/// which needs the root secret.
#[derive(Debug, Parser)]
#[command(
    name = "ordersync",
    version,
    propagate_version = true,
    after_help = "\
Exit codes: 0 done, 1 failed or something is late or broken, 2 usage, 75 try again, 78 configuration.

First steps:
  ordersync init                          make databases, root secret, recovery file, configuration
  systemctl start ordersync               run the daemon
  ordersync keys escrow test FILE         prove that the recovery file opens
  ordersync account add amazon            add an account; it only reads
  ordersync today                         what is to be done"
)]
pub struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", default_value = DEFAULT_PATH)]
    pub config: PathBuf,
    /// Print JSON, for programs: the API's own answers, and errors as {"error": ...}.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make everything a new installation needs. Never overwrites; run it again after a failure.
    Init(init::Arguments),
    /// Run the daemon (systemd does this).
    Serve,
    /// Check the configuration and the root secret without starting anything.
    CheckConfig,
    /// Look at everything that can be looked at, and say what to do.
    Doctor,
    /// Today's work: orders to dispatch, late ones first, and what is held or broken. Exit code 1 when something is.
    Today,
    /// Marketplace accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Read accounts up to the present now, instead of waiting for the next poll.
    Sync(daily::SyncArguments),
    /// Orders.
    #[command(subcommand)]
    Orders(orders::Command),
    /// What to fetch from the shelves for the orders that can be labelled.
    Picklist(packing::PickListArguments),
    /// Packing slips: what is in the parcel, gift message and note; no prices on a present.
    PackingSlip(packing::PackingSlipArguments),
    /// Labels: make, print again, take back.
    #[command(subcommand)]
    Label(labels::Command),
    /// Record that parcels have left. The marketplace is not told yet: confirm it in Seller Central / Seller Hub.
    Dispatch(packing::DispatchArguments),
    /// Invoices, credit notes and receipts.
    #[command(subcommand)]
    Invoice(invoices::Command),
    /// Products: VAT category, weight and customs data of what you sell.
    #[command(subcommand)]
    Products(products::Command),
    /// Write a file for the accountant.
    Export(exports::Arguments),
    /// Tokens for programs that pull exports over HTTP.
    #[command(subcommand)]
    Token(tokens::Command),
    /// Who was told what about whom.
    #[command(subcommand)]
    Privacy(privacy::Command),
    /// Deleting personal data when its time is over.
    #[command(subcommand)]
    Retention(retention::Command),
    /// Keys and the recovery file.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print completions for a shell: `ordersync completions bash > /etc/bash_completion.d/ordersync`.
    Completions(pages::CompletionArguments),
    /// Print the manual page, or write one page a command into a folder.
    Man(pages::ManArguments),
}

/// Reads the command line, does what it says, and tells how it went.
pub fn main() -> ExitCode {
    // Whatever this program writes is for its own user, unless it says otherwise.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let cli = Cli::parse();
    let printer = Printer::new(cli.json);
    let ended = run(cli, &printer);
    let exit = ended.unwrap_or_else(|failure| {
        printer.failure(&failure);
        failure.exit
    });
    ExitCode::from(exit.code())
}

fn run(cli: Cli, printer: &Printer) -> Result<Exit, Failure> {
    let config = cli.config.as_path();
    match cli.command {
        Command::Serve => serve::run(config),
        Command::CheckConfig => check_config::run(config, printer),
        Command::Completions(arguments) => pages::completions(&arguments),
        Command::Man(arguments) => pages::man(&arguments),
        Command::Init(arguments) => in_runtime(init::run(config, arguments, printer)),
        Command::Doctor => in_runtime(doctor(config, printer)),
        Command::Today => asking(config, async |client| daily::today(client, printer).await),
        Command::Sync(arguments) => asking(config, async |client| daily::sync(client, printer, arguments).await),
        Command::Account(command) => asking(config, async |client| account::run(client, printer, command).await),
        Command::Orders(command) => asking(config, async |client| orders::run(client, printer, command).await),
        Command::Picklist(arguments) => {
            asking(config, async |client| packing::pick_list(client, printer, arguments).await)
        }
        Command::PackingSlip(arguments) => {
            asking(config, async |client| packing::packing_slips(client, printer, arguments).await)
        }
        Command::Label(command) => asking(config, async |client| labels::run(client, printer, command).await),
        Command::Dispatch(arguments) => {
            asking(config, async |client| packing::dispatch(client, printer, arguments).await)
        }
        Command::Invoice(command) => asking(config, async |client| invoices::run(client, printer, command).await),
        Command::Products(command) => asking(config, async |client| products::run(client, printer, command).await),
        Command::Export(arguments) => asking(config, async |client| exports::run(client, printer, arguments).await),
        Command::Token(command) => asking(config, async |client| tokens::run(client, printer, command).await),
        Command::Privacy(command) => asking(config, async |client| privacy::run(client, printer, command).await),
        Command::Retention(command) => asking(config, async |client| retention::run(client, printer, command).await),
        Command::Keys(command) => asking(config, async |client| keys::run(client, printer, command).await),
    }
}

/// Looks also when nothing can be opened: then above all.
async fn doctor(config: &Path, printer: &Printer) -> Result<Exit, Failure> {
    match Client::connect(config).await {
        Ok(client) => {
            label_copies::look(&client).await;
            let ended = daily::doctor(&client, printer).await;
            client.close().await;
            ended
        }
        Err(failure) => daily::doctor_alone(config, &failure, printer),
    }
}

/// Connects, asks, and closes.
fn asking(config: &Path, ask: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    in_runtime(async {
        let client = Client::connect(config).await?;
        label_copies::look(&client).await;
        let ended = ask(&client).await;
        client.close().await;
        ended
    })
}

/// A command needs one thread.
fn in_runtime(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, format!("the program cannot start: {error}")))?;
    runtime.block_on(async {
        let _survived = file_size_limit_as_error()?;
        work.await
    })
}

/// A write beyond the file-size limit of this process (setrlimit(2)) kills it with SIGXFSZ unless the signal is handled:
/// handled, it fails like one on a full disk, and nothing is lost. Handled from here on, whatever becomes of the result.
fn file_size_limit_as_error() -> Result<Signal, Failure> {
    signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))
        .map_err(|error| Failure::new(Exit::Failed, format!("signals cannot be handled: {error}")))
}
