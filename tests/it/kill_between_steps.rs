//! SIGKILL of the real binary between each pair of steps of the write to two databases. The binary has no switches for
//! it: a lock or a trigger that never ends holds it at the step, from outside.

use std::time::Duration;

use ordersync_simulator::{Fault, FaultRates, Template};
use ordersync_store::Databases;
use ordersync_store::testing::{FreshDatabases, Held};

use crate::kill_checks::{Shops, cursor, everything_is_there, nothing_is_missing};
use crate::kill_installation::{Daemon, Installation, leases_end, wait_until};

/// Where the daemon is held. The table named is the next to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The page is read; the transaction on `keys` cannot begin.
    BeforeKeys,
    /// Key rows are written; the sequence number and the commit are not.
    InKeys,
    /// The keys are durable; the transaction on `data` cannot begin.
    BeforeData,
    /// The transaction on `data` has come as far as this table.
    InData(&'static str),
}

const STEPS: [Step; 9] = [
    Step::BeforeKeys,
    Step::InKeys,
    Step::BeforeData,
    Step::InData("order_line"),
    Step::InData("recipient"),
    Step::InData("buyer"),
    Step::InData("job"),
    Step::InData("order_cursor"),
    Step::InData("installation"),
];

impl Step {
    fn in_keys(self) -> bool {
        matches!(self, Self::BeforeKeys | Self::InKeys)
    }

    /// Whether the keys are durable here.
    fn keys_are_durable(self) -> bool {
        !self.in_keys()
    }

    fn table(self) -> &'static str {
        match self {
            Self::BeforeKeys => "data_key",
            Self::InKeys => "key_store_state",
            Self::BeforeData => "orders",
            Self::InData(table) => table,
        }
    }

    /// Whether rows of the step's table are changed, not added.
    fn updates(self) -> bool {
        ["key_store_state", "order_cursor", "installation"].contains(&self.table())
    }
}

/// What holds the daemon.
enum Gate {
    Lock(Held),
    Trigger,
}

/// A long while: SQLite counts the ways to choose seven of the catalogue's rows.
pub(crate) const FOR_EVER: &str = "SELECT COUNT(*) FROM sqlite_master a, sqlite_master b, sqlite_master c, sqlite_master d, \
                        sqlite_master e, sqlite_master f, sqlite_master g, sqlite_master h";

struct Steps {
    installation: Installation,
    shops: Shops,
    /// Looks on. Its only connection for writing is free.
    store: Databases,
    /// Holds locks.
    holder: Databases,
}

/// What both databases hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    data: [i64; 6],
    keys: i64,
    sequence: i64,
}

impl Steps {
    async fn new(fresh: FreshDatabases) -> Self {
        let shops = Shops::open(7, 230).await;
        let installation = Installation::new(fresh);
        installation.add_account("ebay", shops.stand_in.base_url(), &["bound_seconds=0", "page_size=200"]);
        let (store, holder) = (installation.look().await, installation.look().await);
        Self { installation, shops, store, holder }
    }

    fn sqlite(&self) -> bool {
        self.installation.fresh.kind == "sqlite"
    }

    async fn counts(&self) -> Counts {
        let mut data = [0; 6];
        for (count, table) in data.iter_mut().zip(["orders", "order_line", "recipient", "buyer", "order_event"]) {
            *count = self.store.number(false, &format!("SELECT COUNT(*) FROM {table}")).await;
        }
        let keys = self.store.number(true, "SELECT COUNT(*) FROM data_key").await;
        let (sequence, relied_on) = self.store.key_sequences().await.expect("the sequence numbers");
        data[5] = relied_on;
        Counts { data, keys, sequence }
    }

    /// Every answer takes about this long.
    fn answers_take(&self, milliseconds: u32) {
        let pieces = 8;
        let rates = FaultRates { slow_body: 1000, slow_body_ms: milliseconds / pieces, ..FaultRates::default() };
        self.shops.ebay.faults().set(rates);
    }

    async fn hold(&self, step: Step) -> Gate {
        if self.sqlite() && matches!(step, Step::InKeys | Step::InData(_)) {
            let when = if step.updates() { "UPDATE" } else { "INSERT" };
            let sql = format!("CREATE TRIGGER held BEFORE {when} ON {} BEGIN {FOR_EVER}; END", step.table());
            self.store.run_raw(step.in_keys(), &sql).await;
            return Gate::Trigger;
        }
        Gate::Lock(self.holder.hold(step.in_keys(), step.table()).await)
    }

    /// Waits until the daemon stands at the step.
    async fn reached(&self, step: Step, before: Counts) {
        if !self.sqlite() {
            let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
                           WHERE NOT l.granted AND d.datname = current_database()";
            wait_until("a lock is waited for", async || self.store.number(step.in_keys(), waiting).await > 0).await;
            return;
        }
        // SQLite tells nobody who waits; what was durable before the step shows that it is near.
        if step.keys_are_durable() {
            wait_until("keys are written", async || {
                self.store.key_sequences().await.expect("the sequence numbers").0 > before.sequence
            })
            .await;
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }

    async fn all_is_read(&self, daemon: &Daemon) {
        wait_until("all orders are read", async || {
            daemon.read().await;
            nothing_is_missing(&self.store, &self.shops).await.all_stored
        })
        .await;
    }

    /// The daemon reads new orders, is held at the step, and is killed there. Gives the next one, which has read them.
    async fn kill_at(&self, step: Step, mut daemon: Daemon) -> Daemon {
        let before = self.counts().await;
        for _ in 0..3 {
            self.shops.ebay.add_order(Template::default());
        }
        self.answers_take(if step == Step::BeforeData { 800 } else { 80 });
        let early = if step == Step::BeforeData { None } else { Some(self.hold(step).await) };
        let requests = self.shops.requests();
        daemon.ask_to_read();
        wait_until("the page is asked for", async || self.shops.requests() > requests).await;
        // By now the daemon has written its lease, which the lock on all of a SQLite file would not let it do.
        let gate = match early {
            Some(gate) => gate,
            None => self.hold(step).await,
        };
        self.answers_take(0);
        self.reached(step, before).await;
        daemon.kill();
        let held_by_trigger = matches!(gate, Gate::Trigger);
        if let Gate::Lock(held) = gate {
            held.release().await;
        }

        // The new daemon waits for the dead one's lease, so that this is what the kill left.
        let daemon = self.installation.serve().await;
        let after = self.counts().await;
        assert_eq!(after.data, before.data, "{step:?}: the page is written whole or not at all");
        let more_keys = after.keys > before.keys && after.sequence > before.sequence;
        let same_keys = after.keys == before.keys && after.sequence == before.sequence;
        assert!(if step.keys_are_durable() { more_keys } else { same_keys }, "{step:?}: {before:?} {after:?}");
        if held_by_trigger {
            self.store.run_raw(step.in_keys(), "DROP TRIGGER held").await;
        }
        leases_end(&self.store).await;
        self.all_is_read(&daemon).await;
        assert_eq!(self.counts().await.data[0], before.data[0] + 3, "{step:?}");
        daemon
    }

    /// Killed after the first page of a window is stored: the next daemon does not read it again.
    async fn kill_after_a_page(&self) -> Daemon {
        let slow = Fault::SlowBody(10);
        self.shops.ebay.faults().next(slow);
        self.answers_take(8_000);
        let daemon = self.installation.serve().await;
        wait_until("a page is stored", async || cursor(&self.store, "ebay").await.resume.is_some()).await;
        daemon.kill();
        self.answers_take(0);
        let daemon = self.installation.serve().await;
        let read = cursor(&self.store, "ebay").await;
        assert!(read.watermark.is_none() && read.resume.is_some_and(|hint| hint.page_token.is_some()));
        let stored = self.counts().await.data[0];
        assert_eq!(stored, 200, "the first page");
        let sent = self.shops.ebay.counters().orders;
        leases_end(&self.store).await;
        daemon.read().await;
        assert_eq!(self.shops.ebay.counters().orders, sent + 30, "the window goes on where it was left");
        assert_eq!(self.counts().await.data[0], 230);
        daemon
    }

    /// Killed as soon as the last page of a window is stored.
    async fn kill_after_a_window(&self, mut daemon: Daemon) -> Daemon {
        let before = cursor(&self.store, "ebay").await.watermark;
        self.shops.ebay.add_order(Template::default());
        daemon.ask_to_read();
        wait_until("the watermark moves", async || cursor(&self.store, "ebay").await.watermark > before).await;
        daemon.kill();
        let daemon = self.installation.serve().await;
        nothing_is_missing(&self.store, &self.shops).await;
        assert_eq!(cursor(&self.store, "ebay").await.resume, None, "the window is over");
        leases_end(&self.store).await;
        self.all_is_read(&daemon).await;
        daemon
    }
}

async fn kill_between_steps(fresh: FreshDatabases) {
    let steps = Steps::new(fresh).await;
    let mut daemon = steps.kill_after_a_page().await;
    steps.all_is_read(&daemon).await;
    daemon = steps.kill_after_a_window(daemon).await;
    for step in STEPS {
        daemon = steps.kill_at(step, daemon).await;
    }
    daemon.stop().await;
    let root = steps.installation.root();
    let opened = everything_is_there(steps.store, &root, &steps.shops).await;
    assert!(opened > 10, "{opened} recipients opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_between_two_steps_loses_nothing_on_sqlite() {
    kill_between_steps(FreshDatabases::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_between_two_steps_loses_nothing_on_postgres() {
    if let Some(fresh) = FreshDatabases::postgres().await {
        kill_between_steps(fresh).await;
    }
}
