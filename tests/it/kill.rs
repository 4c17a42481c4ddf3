//! SIGKILL of the real binary at random moments while orders arrive: nothing is lost, doubled or unreadable.
//!
//! The binary reads stand-ins that answer slowly, so that a kill meets a page on its way. After each kill it is started
//! again; at the end it reads the rest. A long run (`tests/run --long`) kills a hundred times per database.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use ordersync_simulator::{FaultRates, Story, Template};
use ordersync_store::Databases;
use ordersync_store::testing::FreshDatabases;
use ordersync_types::{Clock, SystemClock, Timestamp};

use crate::kill_checks::{Shops, everything_is_there, nothing_is_missing};
use crate::kill_installation::{Installation, leases_end, wait_until};

/// Kills of one installation; a long run has ten installations per database.
const KILLS: u32 = 10;
/// Where a kill fell, in the order of a reading.
const PHASES: [&str; 4] =
    ["before the first request", "request to keys", "keys to commit of data", "all asked for committed"];

/// Whether this is the long run.
fn long() -> bool {
    std::env::var_os("ORDERSYNC_LONG").is_some()
}

/// Draws that follow from a seed (splitmix64, public domain).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }

    fn milliseconds_below(&mut self, end: u64) -> Duration {
        Duration::from_millis(self.below(end))
    }
}

/// Says a line even where the test's output is kept back.
fn say(line: &str) {
    std::io::stderr().write_all(line.as_bytes()).expect("standard error");
}

/// Counts stored pages, in the transaction that stores each.
async fn count_pages(store: &Databases, kind: &str) {
    store.run_raw(false, "CREATE TABLE page_stored (at BIGINT NOT NULL)").await;
    let insert = "INSERT INTO page_stored VALUES (NEW.polled_at)";
    let trigger = "CREATE TRIGGER page_stored AFTER UPDATE OF polled_at ON order_cursor";
    if kind == "sqlite" {
        store.run_raw(false, &format!("{trigger} BEGIN {insert}; END")).await;
        return;
    }
    let function = "CREATE FUNCTION page_stored() RETURNS trigger LANGUAGE plpgsql AS";
    store.run_raw(false, &format!("{function} $$ BEGIN {insert}; RETURN NEW; END $$")).await;
    store.run_raw(false, &format!("{trigger} FOR EACH ROW EXECUTE FUNCTION page_stored()")).await;
}

/// Pages that were read before `until` and are stored.
async fn pages_stored(store: &Databases, until: Timestamp) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM page_stored WHERE at <= {}", until.timestamp_millis());
    store.number(false, &sql).await
}

/// Some orders arrive at both shops within the next second. Amazon shows a change two minutes late, so that its orders
/// are of an earlier moment, and of a kind that does not change soon.
fn orders_arrive(shops: &Shops) {
    let now = SystemClock.now();
    for number in 0..6 {
        let soon = chrono::Duration::milliseconds(150 * number);
        let amazon = now - chrono::Duration::seconds(118) + soon;
        let unpaid = Some(Story::Unpaid);
        shops.amazon.add_order(Template { created: Some(amazon), story: unpaid, ..Template::default() });
        shops.ebay.add_order(Template { created: Some(now + soon), ..Template::default() });
    }
}

/// A moment, and the requests for orders that the stand-ins had seen by then.
#[derive(Clone, Copy)]
struct Mark {
    at: Timestamp,
    requests: u64,
}

impl Mark {
    fn now(shops: &Shops) -> Self {
        Self { at: SystemClock.now(), requests: shops.requests() }
    }
}

/// A daemon's life, from its start to its kill.
struct Life {
    start: Mark,
    kill: Mark,
}

impl Life {
    /// Where the kill fell. To be asked once another daemon has recovered the databases. `keys_ahead`: keys were
    /// written in this life for a page that is not stored.
    async fn phase(&self, store: &Databases, keys_ahead: bool) -> &'static str {
        let asked = i64::try_from(self.kill.requests - self.start.requests).expect("few requests");
        let stored = pages_stored(store, self.kill.at).await - pages_stored(store, self.start.at).await;
        match asked {
            0 => PHASES[0],
            _ if stored < asked && keys_ahead => PHASES[2],
            _ if stored < asked => PHASES[1],
            _ => PHASES[3],
        }
    }
}

struct Round {
    installation: Installation,
    shops: Shops,
    dice: Dice,
    histogram: BTreeMap<&'static str, u32>,
    watermarks: BTreeMap<String, Timestamp>,
    /// Not judged yet.
    lives: Vec<Life>,
    /// The key store's sequence number when it was last looked at.
    keys_sequence: i64,
}

impl Round {
    async fn new(fresh: FreshDatabases, seed: u64) -> Self {
        let shops = Shops::open(seed, 240).await;
        let installation = Installation::new(fresh);
        let url = shops.stand_in.base_url();
        installation.add_account("amazon", url, &["bound_seconds=121"]);
        installation.add_account("ebay", url, &["bound_seconds=0", "page_size=20"]);
        let store = installation.look().await;
        count_pages(&store, installation.fresh.kind).await;
        store.close().await.expect("the databases close");
        let slow = || FaultRates { slow_body: 1000, slow_body_ms: 20, ..FaultRates::default() };
        shops.amazon.faults().set(slow());
        shops.ebay.faults().set(slow());
        let (histogram, watermarks) = (BTreeMap::new(), BTreeMap::new());
        Self { installation, shops, dice: Dice(seed), histogram, watermarks, lives: Vec::new(), keys_sequence: 0 }
    }

    /// Looks at what the kill before left, while the new daemon waits for the dead one's leases.
    async fn look_back(&mut self) {
        let store = self.installation.look().await;
        let (keys, relied_on) = store.key_sequences().await.expect("the sequence numbers");
        let keys_ahead = keys > relied_on && keys > self.keys_sequence;
        self.keys_sequence = keys;
        for life in self.lives.drain(..) {
            *self.histogram.entry(life.phase(&store, keys_ahead).await).or_default() += 1;
        }
        let watermarks = nothing_is_missing(&store, &self.shops).await.watermarks;
        for (connector, watermark) in &self.watermarks {
            assert!(watermarks.get(connector) >= Some(watermark), "{connector}'s watermark went back");
        }
        self.watermarks = watermarks;
        leases_end(&store).await;
        store.close().await.expect("the databases close");
    }

    /// Starts the daemon and kills it: one time in ten while it starts, else after it has asked for a page.
    async fn kill_once(&mut self, number: u32) {
        orders_arrive(&self.shops);
        let start = Mark::now(&self.shops);
        let daemon = if number > 0 && self.dice.below(10) == 0 {
            let daemon = self.installation.start();
            tokio::time::sleep(self.dice.milliseconds_below(400)).await;
            daemon
        } else {
            let mut daemon = self.installation.serve().await;
            self.look_back().await;
            let before = self.shops.requests();
            daemon.ask_to_read();
            wait_until("a page is asked for", async || self.shops.requests() > before).await;
            // A page takes some 250 ms, the first window a few seconds.
            let longest = if self.dice.below(8) == 0 { 4_000 } else { 500 };
            tokio::time::sleep(self.dice.milliseconds_below(longest)).await;
            daemon
        };
        daemon.kill();
        self.lives.push(Life { start, kill: Mark::now(&self.shops) });
    }

    /// Reads the rest, stops the daemon, and compares.
    async fn finish(mut self) -> BTreeMap<&'static str, u32> {
        for shop in [self.shops.amazon.faults(), self.shops.ebay.faults()] {
            shop.set(FaultRates::default());
        }
        let daemon = self.installation.serve().await;
        self.look_back().await;
        let store = self.installation.look().await;
        wait_until("all orders are read", async || {
            daemon.read().await;
            nothing_is_missing(&store, &self.shops).await.all_stored
        })
        .await;
        daemon.stop().await;
        let opened = everything_is_there(store, &self.installation.root(), &self.shops).await;
        assert!(opened > 10, "{opened} recipients opened");
        self.histogram
    }
}

async fn kill_at_random_moments(fresh: impl AsyncFn() -> Option<FreshDatabases>) {
    let rounds = if long() { 10 } else { 1 };
    let mut histogram = BTreeMap::new();
    let mut kind = "";
    for round in 0..rounds {
        let Some(fresh) = fresh().await else { return };
        kind = fresh.kind;
        let seed = 1_000 + round;
        let mut round = Round::new(fresh, seed).await;
        for number in 0..KILLS {
            round.kill_once(number).await;
        }
        for (phase, count) in round.finish().await {
            *histogram.entry(phase).or_insert(0) += count;
        }
        say(&format!("{kind}: seed {seed}, {histogram:?}\n"));
    }
    let total: u32 = histogram.values().sum();
    let between: u32 = PHASES[1..3].iter().filter_map(|phase| histogram.get(phase)).sum();
    for phase in PHASES {
        let count = histogram.get(phase).copied().unwrap_or(0);
        let bar = "#".repeat(usize::try_from(count).expect("small"));
        say(&format!("{kind}: {count:>4} of {total} kills: {phase:<26} {bar}\n"));
    }
    if long() {
        assert!(between * 100 >= total * 60, "{between} of {total} kills fell between request and commit");
    } else {
        assert!(between * 3 >= total, "{between} of {total} kills fell between request and commit");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_at_random_moments_loses_nothing_on_sqlite() {
    kill_at_random_moments(async || Some(FreshDatabases::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_at_random_moments_loses_nothing_on_postgres() {
    kill_at_random_moments(FreshDatabases::postgres).await;
}
