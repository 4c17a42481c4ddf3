//! How long a purge of many due labels takes, what memory it needs, and how long other queries wait meanwhile:
//! `cargo run --release --example purge_due_labels -p ordersync-core [LABELS [BYTES]] [postgres]`. With `postgres` it needs
//! what the tests need: `eval "$(tests/postgres start FOLDER)"`.
#![expect(clippy::print_stdout, reason = "an example that prints its measurements")]
#![expect(clippy::disallowed_methods, reason = "measures real time, in no part of the product")]
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "figures for a person to read")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use ordersync_connector_api::{AccountCredential, MarketplaceConnector};
use ordersync_core::{AccountInvoicing, Actor, Core, KeyRing, NewAccount, ShipmentState, SyncSettings};
use ordersync_store::testing::{FreshDatabases, root_secret};
use ordersync_store::{Databases, OrderFilter};
use ordersync_testkit::{ScriptedConnector, SteppedClock, last_page, sample_order};
use ordersync_types::{Clock, Secret, SellerId, Timestamp};

const SELLER: SellerId = SellerId::new(1);
/// Rows that are made by one statement.
const AT_A_TIME: u64 = 20_000;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    let (labels, bytes) = (numbers.first().copied().unwrap_or(1_000_000), numbers.get(1).copied().unwrap_or(1_024));
    let fresh = if arguments.iter().any(|argument| argument == "postgres") {
        FreshDatabases::postgres().await.ok_or("there is no PostgreSQL: see tests/postgres")?
    } else {
        FreshDatabases::sqlite()
    };
    let start: Timestamp = "2026-06-20T12:00:00Z".parse()?;
    let clock = SteppedClock::new(start);
    let store = fresh.open().await;
    let keys = KeyRing::introduce(&store, &root_secret(), clock.now()).await?;
    let core = Arc::new(Core::new(store, clock.shared(), keys, "0.1.0"));
    some_orders(&core, start).await?;
    let begun = Instant::now();
    fill(&core.store, labels, bytes, start).await;
    println!("{} labels of {bytes} bytes made in {:.0} s", labels, begun.elapsed().as_secs_f64());
    clock.advance_to(start + chrono::Duration::days(22));

    let before = resident_mib();
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let purging = core.run_retention();
    tokio::pin!(purging);
    let (mut waits, mut peak) = (Vec::new(), before);
    let report = loop {
        tokio::select! {
            report = &mut purging => break report?.ok_or("another leads retention")?,
            wait = ask(&core) => waits.push(wait?),
        }
        peak = peak.max(resident_mib());
    };
    let seconds = begun.elapsed().as_secs_f64();
    let purged: i64 = report.classes.iter().map(|class| class.destroyed).sum();
    waits.sort();
    let at = |percent: usize| waits.get(waits.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default();
    println!(
        "{purged} purged in {seconds:.1} s ({:.0}/s), {:.1} s of CPU; resident {before:.0} MiB before, {peak:.0} at most; \
         {} rounds of other queries meanwhile: p50 {:?}, p99 {:?}, longest {:?}",
        purged as f64 / seconds,
        cpu_seconds() - cpu,
        waits.len(),
        at(50),
        at(99),
        at(100),
    );
    println!("{}", report.physical.unwrap_or_default());
    Ok(())
}

/// What a packer and a poll ask for all the time, and how long it took; then a moment's rest.
async fn ask(core: &Core) -> Result<Duration, Failure> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    let begun = Instant::now();
    let filter = OrderFilter { limit: 50, ..OrderFilter::default() };
    core.store.full_orders(SELLER, &filter).await?;
    core.store.shipments_in(SELLER, ShipmentState::Labelled, None, 50).await?;
    core.beat().await?;
    Ok(begun.elapsed())
}

async fn some_orders(core: &Arc<Core>, start: Timestamp) -> Result<(), Failure> {
    let secret = || Secret::new("example".to_owned());
    let account = NewAccount {
        seller: SELLER,
        label: "scripted".to_owned(),
        connector: "scripted".to_owned(),
        settings: "{}".to_owned(),
        go_live_at: start,
        first_window_days: 30,
        invoicing: AccountInvoicing::default(),
        credential: AccountCredential { client_id: secret(), client_secret: secret(), refresh_token: secret() },
    };
    let account = core.add_account(account, &Actor::user("seller")).await?;
    let scripted = Arc::new(ScriptedConnector::new());
    scripted.push_page(last_page((1..=500).map(|number| sample_order(number, start)).collect(), start));
    let connector: Arc<dyn MarketplaceConnector> = scripted;
    core.sync_account(&account, &connector, SyncSettings::default()).await?;
    Ok(())
}

/// Labels as many years of packing would leave them, each with its shipment, its line and its key.
async fn fill(store: &Databases, labels: u64, bytes: u64, start: Timestamp) {
    let postgres = store.data.kind() == "postgres";
    let (id, scope, blob) = if postgres {
        ("CAST(lpad(to_hex(i), 32, '0') AS uuid)", "decode(lpad(to_hex(i), 32, '0'), 'hex')", postgres_blob(bytes))
    } else {
        let id = "CAST(printf('%016d', i) AS BLOB)";
        (id, id, format!("randomblob({bytes})"))
    };
    let (wrapped, check) = if postgres {
        ("decode(repeat('00', 60), 'hex')", "decode(repeat('00', 16), 'hex')")
    } else {
        ("zeroblob(60)", "zeroblob(16)")
    };
    // A key that was wrapped by nobody: it is destroyed and never opened.
    let kek = "(SELECT MIN(kek_id) FROM key_encryption_key)";
    let made = start.timestamp_millis();
    let due = (start + chrono::Duration::days(21)).timestamp_millis();
    let first_key = made << 22;
    let mut from = 1;
    while from <= labels {
        let to = labels.min(from + AT_A_TIME - 1);
        let numbers = if postgres {
            format!("SELECT i FROM generate_series({from}, {to}) AS numbers(i)")
        } else {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to}) SELECT i FROM n"
            )
        };
        let keys = format!(
            "INSERT INTO data_key (key_id, seller_id, class, scope, generation, kek_id, kek_generation, wrapped, check_value, \
             uses_reserved, state, created_at) SELECT {first_key} + i, 1, 1, {scope}, 1, {kek}, 1, {wrapped}, {check}, 256, \
             'active', {made} FROM ({numbers}) AS made"
        );
        let shipments = format!(
            "INSERT INTO shipment (seller_id, shipment_id, reference, state, label, courier, service, media, parcels, \
             recipient_order_id, created_at, created_by, prints) SELECT 1, {id}, 'R' || i, 'delivered', 'present', 'local', \
             'usual', 'pdf/a6', 1, {id}, {made}, 'packer', 1 FROM ({numbers}) AS made"
        );
        let lines = format!(
            "INSERT INTO shipment_line (seller_id, order_id, vendor_line_id, shipment_id, quantity) \
             SELECT 1, {id}, '1', {id}, 1 FROM ({numbers}) AS made"
        );
        let sealed = format!(
            "INSERT INTO label (seller_id, shipment_id, key_id, row_version, purge_after, sealed) \
             SELECT 1, {id}, {first_key} + i, 1, {due}, {blob} FROM ({numbers}) AS made"
        );
        store.run_raw(true, &keys).await;
        for sql in [shipments, lines, sealed] {
            store.run_raw(false, &sql).await;
        }
        from = to + 1;
    }
}

/// Bytes that do not compress, out of hashes of 16 bytes.
fn postgres_blob(bytes: u64) -> String {
    let hashes = bytes.div_ceil(16);
    format!(
        "(SELECT decode(string_agg(md5(CAST(CAST(i AS bigint) * 10000 + k AS text)), ''), 'hex') FROM generate_series(1, {hashes}) AS parts(k))"
    )
}

fn resident_mib() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages as f64 * 4096.0 / 1_048_576.0
}

/// User and system time so far; the kernel counts in hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let times: u64 = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum();
    times as f64 / 100.0
}
