//! `loadtest`: the release daemon as a child process, from the first request until everything is stored.

mod child;
mod labels;
mod report;
mod served;
mod stored;
mod stores;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use ordersync_core::{Databases, OpenOptions};
use ordersync_daemon::config::Config;
use ordersync_daemon::failure::{Exit, Failure};
use ordersync_http_client::Method;
use ordersync_simulator::{AmazonShop, EbayShop, Running, StandIn};
use ordersync_types::{Clock, SharedClock, SystemClock, Timestamp};
use serde_json::{Value, json};

use crate::arguments::Loadtest;
use crate::installation::{Wishes, install};
use crate::shops::{Marketplace, account};
use crate::{complain, failed, say};
use child::Daemon;
use report::Measured;
use served::Served;
use stored::Stored;
use stores::Stores;

/// Orders of each marketplace unless asked otherwise.
const USUAL: u64 = 1000;
/// How often it is looked whether everything is stored: often enough to measure seconds, rarely enough not to disturb.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A daemon that stores no page for this long is stuck.
const STUCK: Duration = Duration::from_secs(120);

/// A stand-in to read.
#[derive(Debug)]
struct Source {
    marketplace: Marketplace,
    label: &'static str,
    url: String,
    served: Served,
    /// Ours, kept open while it is read.
    _own: Option<Running>,
}

/// Runs the load test.
///
/// # Errors
/// A [`Failure`]; what differs from what was served is one.
pub(crate) async fn run(options: &Loadtest) -> Result<(), Failure> {
    let program = child::find(options.daemon.as_deref())?;
    let folder = tempfile::Builder::new().prefix("ordersync-loadtest-").tempdir();
    let folder = folder.map_err(|error| failed(format!("no temporary folder can be made: {error}")))?;
    let (before, sources) = (preload_sources(options).await?, sources(options).await?);
    if sources.is_empty() {
        return Err(Failure::new(Exit::Usage, "there is nothing to read: both numbers are 0"));
    }
    let stores = Stores::prepare(options.store.as_deref(), folder.path()).await?;
    let ended = measure(&program, folder.path(), &stores, &before, &sources, options.labels).await;
    let removed = stores.remove().await;
    let (line, faults) = ended?;
    say(&line.to_string());
    removed?;
    if faults.is_empty() { Ok(()) } else { Err(failed(faults.join("; "))) }
}

/// The stand-ins to read: those given, else our own, with all pages rendered and everything in them counted.
async fn sources(options: &Loadtest) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    let given = [&options.amazon_url, &options.ebay_url].into_iter().any(Option::is_some);
    let usual = if given || options.amazon.or(options.ebay).is_some() { 0 } else { USUAL };
    for (marketplace, label, url, orders) in [
        (Marketplace::Amazon, "amazon-load", &options.amazon_url, options.amazon),
        (Marketplace::Ebay, "ebay-load", &options.ebay_url, options.ebay),
    ] {
        match (url, orders) {
            (_, Some(0)) => {}
            (Some(url), expected) => {
                let source = Source::given(marketplace, label, url).await?;
                let found = source.served.orders;
                if expected.is_some_and(|expected| i64::try_from(expected) != Ok(found)) {
                    return Err(failed(format!("the stand-in at {url} serves {found} orders")));
                }
                sources.push(source);
            }
            (None, None) if usual == 0 => {}
            (None, orders) => sources.push(Source::own(marketplace, label, 1, orders.unwrap_or(usual)).await?),
        }
    }
    Ok(sources)
}

/// Orders that are to be there beforehand: other ones, half from each marketplace.
async fn preload_sources(options: &Loadtest) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    let on_ebay = options.preload / 2;
    for (marketplace, label, orders) in
        [(Marketplace::Amazon, "amazon-before", options.preload - on_ebay), (Marketplace::Ebay, "ebay-before", on_ebay)]
    {
        if orders > 0 {
            sources.push(Source::own(marketplace, label, 2, orders).await?);
        }
    }
    Ok(sources)
}

impl Source {
    async fn own(marketplace: Marketplace, label: &'static str, seed: u64, orders: u64) -> Result<Self, Failure> {
        let clock: SharedClock = Arc::new(SystemClock);
        let stand_in = StandIn::new(clock.clone());
        let stand_in = match marketplace {
            Marketplace::Amazon => stand_in.amazon(AmazonShop::fast(clock, seed, orders)),
            Marketplace::Ebay => stand_in.ebay(EbayShop::fast(clock, seed, orders)),
        };
        let running = stand_in.start().await.map_err(|error| failed(format!("the stand-in has no port: {error}")))?;
        let source = Self::given(marketplace, label, running.base_url()).await?;
        Ok(Self { _own: Some(running), ..source })
    }

    async fn given(marketplace: Marketplace, label: &'static str, url: &str) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').to_owned();
        let served = served::count(marketplace, &url, SystemClock.now()).await?;
        Ok(Self { marketplace, label, url, served, _own: None })
    }

    /// The body that adds it as an account: its whole past is read, and no budget slows the daemon down.
    fn account(&self) -> Value {
        let oldest = self.served.oldest.unwrap_or_else(|| SystemClock.now());
        let mut body = account(
            self.marketplace,
            self.label,
            &self.url,
            &json!({"go_live_at": oldest - TimeDelta::days(1), "first_window_days": 0, "skip_check": true}),
        );
        if let Some(settings) = body.get_mut("settings").and_then(Value::as_object_mut) {
            settings.insert("budgets".to_owned(), Value::from("off"));
        }
        body
    }
}

async fn measure(
    program: &Path,
    folder: &Path,
    stores: &Stores,
    before: &[Source],
    sources: &[Source],
    with_labels: bool,
) -> Result<(Value, Vec<String>), Failure> {
    let wishes = Wishes {
        socket: folder.join("control.sock"),
        stores: stores.urls(),
        poll_seconds: None,
        log: ("json", "info,ordersync_core=debug"),
    };
    let config = install(folder, &wishes, SystemClock.now()).await?;
    if !before.is_empty() {
        complain("storing the orders that are to be there beforehand");
        let daemon = Daemon::start(program, &config, &folder.join("before.log")).await?;
        drain(&daemon, before).await?;
        jobs_done(&config).await?;
        daemon.stop().await?;
    }
    let stored_before = counted(&config, None).await?.0;

    let log = folder.join("ordersync.log");
    let daemon = Daemon::start(program, &config, &log).await?;
    let usage_before = daemon.usage()?;
    let began = SystemClock.monotonic();
    drain(&daemon, sources).await?;
    let elapsed = SystemClock.monotonic().saturating_sub(began);
    let usage = daemon.usage()?;
    let (_, bytes) = counted(&config, Some(stores)).await?;
    let stored = counted(&config, None).await?.0;
    let labels = if with_labels { Some(labels::label_everything(&daemon).await?) } else { None };
    daemon.stop().await?;

    let served: Vec<Served> = sources.iter().map(|source| source.served).collect();
    let measured = Measured {
        orders: served.iter().map(|served| served.orders).sum(),
        elapsed,
        cpu_ms: usage.cpu_ms.saturating_sub(usage_before.cpu_ms),
        peak_rss_kib: usage.peak_rss_kib,
        disk_bytes: bytes,
        page_writes: report::page_writes(&log)?,
    };
    let mut line = measured.line(&stored.rows);
    if let (Some(line), Some(labels)) = (line.as_object_mut(), labels) {
        line.insert("labels".to_owned(), labels);
    }
    Ok((line, stored.faults(&stored_before, &served)))
}

/// What is stored now, and how much of the disk it takes when asked.
async fn counted(config: &Config, stores: Option<&Stores>) -> Result<(Stored, u64), Failure> {
    let store = Databases::open(&config.data, &config.keys, OpenOptions::default()).await?;
    let bytes = match stores {
        Some(stores) => stores.bytes(&store).await,
        None => 0,
    };
    let stored = Stored::count(&store).await;
    store.close().await?;
    Ok((stored?, bytes))
}

/// Waits until the jobs that the orders beforehand gave rise to are done: they are not what is measured.
async fn jobs_done(config: &Config) -> Result<(), Failure> {
    let store = Databases::open(&config.data, &config.keys, OpenOptions::default()).await?;
    let mut last_move = (0, SystemClock.monotonic());
    let ended = loop {
        match store.number(false, "SELECT COUNT(*) FROM job").await {
            0 => break Ok(()),
            left if left != last_move.0 => last_move = (left, SystemClock.monotonic()),
            left if SystemClock.monotonic().saturating_sub(last_move.1) > STUCK => {
                break Err(failed(format!("{left} jobs have not been done for two minutes")));
            }
            _ => {}
        }
        tokio::time::sleep(LOOK_EVERY * 10).await;
    };
    store.close().await?;
    ended
}

/// Adds the accounts and waits until each watermark is past its newest order.
async fn drain(daemon: &Daemon, sources: &[Source]) -> Result<(), Failure> {
    for source in sources {
        daemon.ask(Method::Post, "/v1/accounts", Some(&source.account())).await?;
    }
    let mut last_move = (Value::Null, SystemClock.monotonic());
    loop {
        let answer = daemon.ask(Method::Get, "/v1/accounts", None).await?;
        let accounts = answer.get("accounts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut done = 0;
        for source in sources {
            let cursor = accounts.iter().find(|one| one.get("label").is_some_and(|label| label == source.label));
            let cursor = cursor.and_then(|account| account.get("cursor")).unwrap_or(&Value::Null);
            if let Some(failure) = cursor.get("failure").and_then(Value::as_str) {
                return Err(failed(format!("{} could not be read: {failure}", source.label)));
            }
            done += usize::from(is_past(cursor, source.served.newest));
        }
        if done == sources.len() {
            return Ok(());
        }
        if last_move.0 != answer {
            last_move = (answer, SystemClock.monotonic());
        } else if SystemClock.monotonic().saturating_sub(last_move.1) > STUCK {
            return Err(failed("the daemon has stored nothing for two minutes"));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn is_past(cursor: &Value, newest: Option<Timestamp>) -> bool {
    let watermark = cursor.get("caught_up_to").and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    watermark.is_some_and(|watermark| newest.is_none_or(|newest| watermark >= newest))
}
