//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ordersync_types::Timestamp;

/// Sixty days of a shop in under a minute: stand-in marketplaces and the real daemon in one process, on a clock that
/// jumps. Needs no root, no accounts, and installs nothing.
///
/// All people are invented. Without --once the daemon goes on serving at the end, so that its commands can be tried
/// from another terminal, until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "cargo demo", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) demo: Demo,
}

/// The demo's own options.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End with the sixtieth day instead of serving on.
    #[arg(long)]
    pub(crate) once: bool,
    /// Orders of both marketplaces together.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(2..=200_000))]
    pub(crate) orders: u64,
    /// Everything random about the orders follows from it: the same seed and end give the same orders.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// The moment at which the sixty days end, such as 2026-11-21T22:00:00Z; without it, the current full hour.
    #[arg(long, value_name = "T")]
    pub(crate) end: Option<Timestamp>,
    /// Where to put everything: a new or empty folder, or one that an earlier demo made, which is then replaced.
    /// Without it, a fresh folder among the temporary ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Purge nothing: what is due is left for a test of purges.
    #[arg(long, hide = true, requires = "once")]
    pub(crate) without_retention: bool,
}

/// What else there is.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure the release daemon, in a process of its own, from the first request until everything is stored.
    ///
    /// Prints one line of JSON. Fails unless orders, lines, sealed recipients and key rows equal what was served.
    Loadtest(Loadtest),
}

/// The options of `loadtest`.
#[derive(Debug, Args)]
pub(crate) struct Loadtest {
    /// A stand-in Amazon that runs already (`ordersync-standin --fast`): http://127.0.0.1:PORT.
    #[arg(long, value_name = "URL")]
    pub(crate) amazon_url: Option<String>,
    /// A stand-in eBay that runs already.
    #[arg(long, value_name = "URL")]
    pub(crate) ebay_url: Option<String>,
    /// Amazon's orders, rendered before the measurement begins. With --amazon-url: how many it must have. A marketplace
    /// that is not named is left out; when none is, both have 1000 orders.
    #[arg(long, value_name = "N")]
    pub(crate) amazon: Option<u64>,
    /// eBay's orders, in the same way.
    #[arg(long, value_name = "N")]
    pub(crate) ebay: Option<u64>,
    /// Orders that are stored before the measurement begins.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) preload: u64,
    /// Afterwards label everything that can go, as one batch, and join it into one document.
    #[arg(long)]
    pub(crate) labels: bool,
    /// Where to store: sqlite:PATH of a file that does not exist yet, or postgres://... of a server on which two
    /// databases may be made. Both are removed afterwards. Without it, SQLite files among the temporary ones.
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// The daemon to measure; without it, this workspace's, brought up to date by cargo.
    #[arg(long, value_name = "FILE")]
    pub(crate) daemon: Option<PathBuf>,
}
