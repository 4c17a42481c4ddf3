//! A run from the first line to the last.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DurationRound, TimeDelta};
use ordersync_core::Core;
use ordersync_daemon::failure::{Exit, Failure};
use ordersync_daemon::runtime::{Daemon, Parts, Running};
use ordersync_testkit::{SteppedClock, SteppedSettings};
use ordersync_types::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::arguments::Demo;
use crate::books::{self, Books};
use crate::folder::Folder;
use crate::hourly_clock::HourlyClock;
use crate::installation::Wishes;
use crate::packer::Packer;
use crate::progress::{Progress, tell_weeks};
use crate::shops::{self, Shops};
use crate::summary::{Known, Summary};
use crate::{ending, failed, installation, living_on, log, opening, rows, say};

const DAYS: i64 = 60;
/// The longest step of the clock, so that no gap between two heartbeats looks like a daemon that was off.
const LONGEST_STEP: Duration = Duration::from_secs(12 * 3600);
/// What the daemon does at one simulated moment takes seconds at most; more is a fault that must not hang the run.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs the demo as asked.
///
/// # Errors
/// A [`Failure`] with its exit code.
pub(crate) async fn run(arguments: &Demo) -> Result<(), Failure> {
    let began = SystemClock.monotonic();
    say(&opening::line());
    let end = end_of(arguments)?;
    let start = end - TimeDelta::days(DAYS);
    let folder = Folder::prepare(arguments.out.as_deref())?;
    let progress = Progress::new(start, end);
    let clock = stepped_clock(start, end, progress.clone());
    let hourly = Arc::new(HourlyClock::new(clock.clone()));
    log::start(&folder.file("ordersync.log"), clock.shared())?;
    say(&format!(
        "{} orders, seed {}, from {start} to {end}, into {}",
        arguments.orders,
        arguments.seed,
        folder.path().display()
    ));

    let config = installation::install(folder.path(), &Wishes::of_demo(&folder.socket()), start).await?;
    let shops = Shops::open(&clock.shared(), arguments.seed, arguments.orders, start, end).await?;
    let daemon =
        Daemon::start(Parts { config, clock: hourly.clone(), retention: !arguments.without_retention }).await?;
    for account in shops.accounts(start) {
        ask(&daemon, "POST", "/v1/accounts", Some(account)).await?;
    }
    let packer = Arc::new(Packer::new(daemon.local_api(), hourly.clone(), &folder.file("labels"))?);
    everybody_sleeps(&clock, &daemon).await?;
    let mut tasks = JoinSet::new();
    tasks.spawn(clock.drive());
    let patience = hourly.clone();
    tasks.spawn(async move { patience.lose_patience().await });
    let packing = packer.clone();
    let packing = tasks.spawn(async move { packing.work(start).await }).id();
    tasks.spawn(tell_weeks(clock.clone(), daemon.core().clone(), progress.clone()));
    clock.reached_end().await;
    // From here on time stands still, so that both syncs see the same marketplaces.
    tasks.shutdown().await;
    hourly.forget(packing);
    progress.done();

    let second_sync_changes = sync_twice(&clock, &daemon, !arguments.without_retention).await?;
    let books = Books::close(daemon.core()).await?;
    books::write(&daemon.local_api(), daemon.core(), end, folder.path()).await?;
    let truth = shops.truth();
    let known = Known {
        seed: arguments.seed,
        from: start,
        personal_values: shops::write_people(&truth, &folder.file("people.jsonl"))?,
        second_sync_changes,
        seconds: tenths_of_seconds(SystemClock.monotonic().saturating_sub(began)),
    };
    let packed = std::mem::take(&mut *packer.packed());
    let summary = Summary::collect(daemon.core(), &truth, &packed, books, known).await?;
    summary.write(&folder.file("summary.json"))?;
    let sample = newest_order(daemon.core()).await?;
    for line in ending::lines(&folder, &summary, sample.as_deref()) {
        say(&line);
    }
    if !arguments.once {
        living_on::until_interrupted(&clock, &shops, &folder).await;
    }
    daemon.stop().await;
    shops.close().await;
    let faults = if arguments.without_retention { Vec::new() } else { summary.faults() };
    if faults.is_empty() { Ok(()) } else { Err(Failure::new(Exit::Failed, faults.join("; "))) }
}

fn end_of(arguments: &Demo) -> Result<Timestamp, Failure> {
    let refused = |_| Failure::new(Exit::Usage, "--end is too far away from the present for a calendar");
    let this_hour = || SystemClock.now().duration_trunc(TimeDelta::hours(1)).map_err(refused);
    let end = arguments.end.map_or_else(this_hour, Ok)?;
    // Earlier and later moments have no place in a database of milliseconds with room for purge dates.
    let years = 2000..=2200;
    if years.contains(&chrono::Datelike::year(&end)) {
        return Ok(end);
    }
    Err(Failure::new(Exit::Usage, "--end must lie between the years 2000 and 2200"))
}

fn stepped_clock(start: Timestamp, end: Timestamp, progress: Progress) -> SteppedClock {
    let settings = SteppedSettings {
        longest_jump: Some(LONGEST_STEP),
        end: Some(end),
        observer: Some(Arc::new(move |now| progress.heartbeat(now))),
        ..SteppedSettings::default()
    };
    SteppedClock::with_settings(start, settings)
}

/// Waits until the accounts have been read for the first time and all the daemon's loops sleep: the first jump finds
/// them in the same place in every run.
async fn everybody_sleeps(clock: &SteppedClock, daemon: &Running) -> Result<(), Failure> {
    sync(clock, daemon).await?;
    let (mut sleepers, mut looks) = (clock.sleepers(), 0);
    while looks < 10 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        looks = if clock.sleepers() == sleepers { looks + 1 } else { 0 };
        sleepers = clock.sleepers();
    }
    Ok(())
}

/// Reads everything up to now, purges what is due if it is to, then reads again: the rows that the second sync changed.
async fn sync_twice(clock: &SteppedClock, daemon: &Running, purge: bool) -> Result<i64, Failure> {
    sync(clock, daemon).await?;
    if purge {
        ask(daemon, "POST", "/v1/retention/run", Some(json!({}))).await?;
    }
    clock.idle().await;
    let store = &daemon.core().store;
    rows::remember(store).await;
    sync(clock, daemon).await?;
    Ok(rows::changed(store).await)
}

/// Reads all accounts, and waits until nobody has anything left to do at this moment.
async fn sync(clock: &SteppedClock, daemon: &Running) -> Result<(), Failure> {
    let answer = ask(daemon, "POST", "/v1/sync", Some(json!({}))).await?;
    if answer.get("ok") != Some(&Value::Bool(true)) {
        return Err(failed(format!("not every account could be read: {answer}")));
    }
    clock.idle().await;
    Ok(())
}

/// Asks the daemon as the command line would.
async fn ask(daemon: &Running, method: &str, path: &str, body: Option<Value>) -> Result<Value, Failure> {
    let body = body.map(|body| body.to_string().into_bytes());
    let asked = tokio::time::timeout(PATIENCE, daemon.local_api().call(method, path, body)).await;
    let answer = asked.map_err(|_| failed(format!("{method} {path} was not answered")))?;
    let answer = answer.map_err(|error| failed(format!("{method} {path}: {error}")))?;
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if !(200..300).contains(&answer.status) {
        return Err(failed(format!("{method} {path} was answered with {}: {json}", answer.status)));
    }
    Ok(json)
}

async fn newest_order(core: &Core) -> Result<Option<String>, Failure> {
    let filter = ordersync_core::OrderFilter { limit: 1, ..Default::default() };
    let orders = core.store.list_orders(crate::summary::SELLER, &filter).await?;
    Ok(orders.into_iter().next().map(|order| order.vendor_order_id))
}

fn tenths_of_seconds(time: Duration) -> f64 {
    let tenths = u64::try_from(time.as_millis() / 100).unwrap_or(u64::MAX);
    Duration::from_millis(tenths.saturating_mul(100)).as_secs_f64()
}
