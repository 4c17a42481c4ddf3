//! Log lines: where they go, and what may not go there.
//!
//! Three things keep persons and secrets out. Their types mask themselves, so our own lines cannot hold them. Lines of
//! other people's libraries pass as warnings and errors only, and those of the database driver not at all: at lower
//! levels they show headers, addresses and statements. A panic is told by its place; its payload may hold anything.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{FilterFn, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::config::{Log, LogFormat};

/// Starts logging as configured. When the journal cannot be reached, lines go to standard error, and say so.
///
/// # Errors
/// Logging was started before in this process.
pub fn start(log: &Log) -> Result<(), tracing_subscriber::util::TryInitError> {
    let filter = filter(log);
    let mut missing = None;
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Journald => match tracing_journald::layer() {
            Ok(layer) => layer.boxed(),
            Err(error) => {
                missing = Some(error);
                pretty()
            }
        },
        LogFormat::Json => tracing_subscriber::fmt::layer().json().with_writer(io::stderr).boxed(),
        LogFormat::Pretty => pretty(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()?;
    if let Some(error) = missing {
        tracing::warn!(%error, "the journal cannot be reached: log lines go to standard error");
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: this is a fault of the program; please report it with this place");
    }));
    Ok(())
}

fn pretty<S: Subscriber + for<'a> LookupSpan<'a>>() -> Box<dyn Layer<S> + Send + Sync> {
    let ansi = io::IsTerminal::is_terminal(&io::stderr());
    tracing_subscriber::fmt::layer().with_ansi(ansi).with_writer(io::stderr).boxed()
}

/// What passes: our own lines as configured, other people's warnings and errors.
fn filter(log: &Log) -> FilterFn<impl Fn(&Metadata<'_>) -> bool + use<>> {
    let ours: Targets = log.level.parse().unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    filter_fn(move |line| {
        let target = line.target();
        if target.starts_with("ordersync") {
            return ours.would_enable(target, line.level());
        }
        *line.level() <= LevelFilter::WARN && !target.starts_with("sqlx")
    })
}
