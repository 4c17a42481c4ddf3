//! `ordersync serve`: the daemon under systemd, or in a terminal.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ordersync_types::SystemClock;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::file_size_limit_as_error;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::logging;
use crate::runtime::{Daemon, Parts, Running};

/// Threads of the runtime: one may wait for a disk while the other goes on.
const WORKERS: usize = 2;

/// Runs until SIGTERM or SIGINT.
pub(super) fn run(config: &Path) -> Result<Exit, Failure> {
    let config = Config::load(config)?;
    logging::start(&config.log)
        .map_err(|error| Failure::new(Exit::Failed, format!("logging cannot start: {error}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, format!("the program cannot start: {error}")))?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Result<Exit, Failure> {
    let handler =
        |kind| signal(kind).map_err(|error| Failure::new(Exit::Failed, format!("signals cannot be handled: {error}")));
    let _survived = file_size_limit_as_error()?;
    // Before anything is opened, so that a signal during the start is not lost.
    let (mut terminate, mut interrupt) = (handler(SignalKind::terminate())?, handler(SignalKind::interrupt())?);
    let mut hang_up = handler(SignalKind::hangup())?;
    let running = tokio::select! {
        started = Daemon::start(Parts { config, clock: Arc::new(SystemClock), retention: true }) => started?,
        () = either(&mut terminate, &mut interrupt) => return Ok(Exit::Done),
    };
    notify(&[NotifyState::Ready]);
    // Twice as often as asked for; real time, since the watchdog is about this process and not about the world.
    let watchdog = sd_notify::watchdog_enabled().map(|limit| limit / 2);
    loop {
        tokio::select! {
            () = either(&mut terminate, &mut interrupt) => break,
            _ = hang_up.recv() => reload(&running).await,
            () = watchdog_pause(watchdog) => notify(&[NotifyState::Watchdog]),
        }
    }
    notify(&[NotifyState::Stopping]);
    running.stop().await;
    Ok(Exit::Done)
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

async fn watchdog_pause(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

async fn reload(running: &Running) {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "the service manager cannot be told of the reload"),
    }
    if let Err(failure) = running.reload().await {
        tracing::error!(reason = %failure.message, "the configuration is refused: the old one stays in force");
    }
    notify(&[NotifyState::Ready]);
}

/// Tells the service manager, when there is one.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager cannot be told");
    }
}
