//! `ordersync.log`: the daemon's log lines, with the simulated time.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use ordersync_daemon::failure::Failure;
use ordersync_types::SharedClock;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failed;

struct Simulated(SharedClock);

impl FormatTime for Simulated {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        write!(line, "{}", self.0.now().format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// Writes log lines to `path` from now on: what the daemon itself would write, by the same rules.
///
/// # Errors
/// The file cannot be made, or this process logs already.
pub(crate) fn start(path: &Path, clock: SharedClock) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| Failure::of_file("the log cannot be made:", path, &error))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_timer(Simulated(clock))
        .with_writer(Arc::new(file))
        .with_filter(filter());
    let started = tracing_subscriber::registry().with(lines).try_init();
    started.map_err(|error| failed(format!("logging cannot start: {error}")))
}

/// Our own lines; warnings of other people's libraries, and none of the database driver, which show statements.
fn filter() -> Targets {
    let others = Targets::new().with_default(LevelFilter::WARN).with_target("sqlx", LevelFilter::OFF);
    others.with_target("ordersync", LevelFilter::INFO)
}
