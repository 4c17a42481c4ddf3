//! Fresh databases for tests of this crate and of those above it: real SQLite files, and real PostgreSQL databases
//! where `ORDERSYNC_TEST_PG_DATA` and `ORDERSYNC_TEST_PG_KEYS` name two clusters (`tests/run` starts them).
#![expect(clippy::panic, reason = "a test that cannot have its database must fail loudly")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ordersync_vault::RootSecret;
use sea_orm::{ConnectionTrait, Database as SeaDatabase, DatabaseTransaction, Statement, TransactionTrait};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{DatabaseUrl, Databases, OpenOptions};

/// A pair of empty, migrated databases that vanish with this value (PostgreSQL's with their cluster).
#[derive(Debug)]
pub struct FreshDatabases {
    /// `sqlite` or `postgres`.
    pub kind: &'static str,
    /// Where data is.
    pub data: DatabaseUrl,
    /// Where keys are.
    pub keys: DatabaseUrl,
    folder: TempDir,
}

impl FreshDatabases {
    /// A SQLite pair in a new folder.
    pub fn sqlite() -> Self {
        let folder = TempDir::new().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
        let (data, keys) = (folder.path().join("data.db"), folder.path().join("keys.db"));
        Self { kind: "sqlite", data: DatabaseUrl::Sqlite(data), keys: DatabaseUrl::Sqlite(keys), folder }
    }

    /// A PostgreSQL pair on the clusters given; `None`, said on standard error, where none are given.
    pub async fn postgres() -> Option<Self> {
        let (Some(data), Some(keys)) = (cluster("ORDERSYNC_TEST_PG_DATA"), cluster("ORDERSYNC_TEST_PG_KEYS")) else {
            say("no PostgreSQL clusters given: this test ran on SQLite only (tests/run starts them)");
            return None;
        };
        let folder = TempDir::new().unwrap_or_else(|error| panic!("a temporary folder: {error}"));
        Some(Self {
            kind: "postgres",
            data: DatabaseUrl::Postgres(new_database(&data).await),
            keys: DatabaseUrl::Postgres(new_database(&keys).await),
            folder,
        })
    }

    /// One pair of each kind that is to be had.
    pub async fn each() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        all.extend(Self::postgres().await);
        all
    }

    /// Opens both, making and migrating them the first time.
    pub async fn open(&self) -> Databases {
        let options = OpenOptions { create: true, migrate: true };
        match Databases::open(&self.data, &self.keys, options).await {
            Ok(databases) => databases,
            Err(error) => panic!("{}: {error}", self.kind),
        }
    }

    /// The folder of the SQLite files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every file in it, to be searched.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder()).unwrap_or_else(|error| panic!("the folder: {error}"));
        entries.filter_map(Result::ok).map(|entry| entry.path()).collect()
    }
}

/// A write that is held open by [`Databases::hold`].
#[derive(Debug)]
pub struct Held(DatabaseTransaction);

impl Held {
    /// Lets the others go on. Nothing was written.
    pub async fn release(self) {
        if let Err(error) = self.0.rollback().await {
            panic!("releasing: {error}");
        }
    }
}

/// A root secret for tests.
pub fn root_secret() -> RootSecret {
    RootSecret::generate().unwrap_or_else(|error| panic!("a root secret: {error}"))
}

impl Databases {
    /// Runs a statement on `data` (or `keys`) that no use case has, for example to damage a row.
    pub async fn run_raw(&self, in_keys: bool, sql: &str) -> u64 {
        let database = if in_keys { &self.keys } else { &self.data };
        match database.write.execute_unprepared(sql).await {
            Ok(done) => done.rows_affected(),
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    /// Runs a statement on `data` that may be refused.
    ///
    /// # Errors
    /// What the database says.
    pub async fn try_raw(&self, sql: &str) -> Result<u64, String> {
        let done = self.data.write.execute_unprepared(sql).await;
        done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    }

    /// Begins a write to `table` of `data` (or `keys`) and leaves it open: every other writer of that table (on SQLite,
    /// of the whole database) waits until it is released.
    pub async fn hold(&self, in_keys: bool, table: &str) -> Held {
        let database = if in_keys { &self.keys } else { &self.data };
        let transaction = match database.begin().await {
            Ok(transaction) => transaction,
            Err(error) => panic!("holding {table}: {error}"),
        };
        if database.kind() == "postgres" {
            let sql = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
            if let Err(error) = transaction.execute_unprepared(&sql).await {
                panic!("{sql}: {error}");
            }
        }
        Held(transaction)
    }

    /// Begins to read `data` and holds on to what it saw, as a backup or a person with a shell does.
    pub async fn hold_snapshot(&self) -> Held {
        let transaction = match self.data.read.begin().await {
            Ok(transaction) => transaction,
            Err(error) => panic!("holding a snapshot: {error}"),
        };
        let statement = Statement::from_string(self.data.backend, "SELECT COUNT(*) FROM orders");
        if let Err(error) = transaction.query_one_raw(statement).await {
            panic!("holding a snapshot: {error}");
        }
        Held(transaction)
    }

    /// Notes every statement from here on, each text once, for [`Self::plan`]: (whether on `keys`, statement).
    pub fn note_statements(&mut self) -> Arc<Mutex<Vec<(bool, Statement)>>> {
        let noted: Arc<Mutex<Vec<(bool, Statement)>>> = Arc::default();
        for (in_keys, database) in [(false, &mut self.data), (true, &mut self.keys)] {
            for connection in [&mut database.write, &mut database.read] {
                let noted = noted.clone();
                connection.set_metric_callback(move |info| {
                    let Ok(mut noted) = noted.lock() else { return };
                    if noted.iter().all(|(_, held)| held.sql != info.statement.sql) {
                        noted.push((in_keys, info.statement.clone()));
                    }
                });
            }
        }
        noted
    }

    /// How SQLite runs a statement: the lines of its query plan.
    pub async fn plan(&self, in_keys: bool, statement: &Statement) -> Vec<String> {
        let database = if in_keys { &self.keys } else { &self.data };
        let mut explained = statement.clone();
        explained.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let rows = match database.write.query_all_raw(explained).await {
            Ok(rows) => rows,
            Err(error) => panic!("{}: {error}", statement.sql),
        };
        rows.iter().filter_map(|row| row.try_get_by_index(3).ok()).collect()
    }

    /// One number that a query gives.
    pub async fn number(&self, in_keys: bool, sql: &str) -> i64 {
        let database = if in_keys { &self.keys } else { &self.data };
        let row = database.write.query_one_raw(Statement::from_string(database.backend, sql)).await;
        match row.map(|row| row.map(|row| row.try_get_by_index::<i64>(0))) {
            Ok(Some(Ok(number))) => number,
            other => panic!("{sql}: {other:?}"),
        }
    }

    /// Where PostgreSQL keeps these two databases and the write-ahead logs of their clusters, everything of it written out;
    /// nothing on SQLite.
    pub async fn cluster_folders(&self) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for database in [&self.data, &self.keys].into_iter().filter(|database| database.kind() == "postgres") {
            let sql = "SELECT current_setting('data_directory'), CAST(oid AS TEXT) FROM pg_database \
                       WHERE datname = current_database()";
            let written = database.write.execute_unprepared("CHECKPOINT").await;
            let row = database.write.query_one_raw(Statement::from_string(database.backend, sql)).await;
            match (written, row.map(|row| row.map(|row| (row.try_get_by_index(0), row.try_get_by_index(1))))) {
                (Ok(_), Ok(Some((Ok::<String, _>(cluster), Ok::<String, _>(oid))))) => {
                    let cluster = PathBuf::from(cluster);
                    folders.extend([cluster.join("base").join(oid), cluster.join("pg_wal")]);
                }
                other => panic!("the cluster's folder: {other:?}"),
            }
        }
        folders
    }

    /// The columns that the catalogue knows: (table, column), both sorted.
    pub async fn catalogue(&self, in_keys: bool) -> Vec<(String, String)> {
        let database = if in_keys { &self.keys } else { &self.data };
        let sql = if database.kind() == "sqlite" {
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
        } else {
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        };
        let rows = database.write.query_all_raw(Statement::from_string(database.backend, sql)).await;
        let rows = rows.unwrap_or_else(|error| panic!("the catalogue: {error}"));
        let mut columns: Vec<(String, String)> = rows
            .iter()
            .filter_map(|row| Some((row.try_get_by_index(0).ok()?, row.try_get_by_index(1).ok()?)))
            .filter(|(table, _): &(String, String)| table != "seaql_migrations" && !table.starts_with("sqlite_"))
            .collect();
        columns.sort();
        columns
    }
}

fn cluster(variable: &str) -> Option<String> {
    std::env::var_os(variable).and_then(|url| url.into_string().ok()).filter(|url| !url.is_empty())
}

async fn new_database(cluster: &str) -> String {
    let name = format!("ordersync_{}", Uuid::now_v7().simple());
    let connection = match SeaDatabase::connect(cluster).await {
        Ok(connection) => connection,
        Err(error) => panic!("the PostgreSQL cluster: {error}"),
    };
    if let Err(error) = connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await {
        panic!("CREATE DATABASE: {error}");
    }
    match cluster.rsplit_once('/') {
        Some((server, _)) => format!("{server}/{name}"),
        None => panic!("the cluster's URL names no database"),
    }
}

#[expect(clippy::print_stderr, reason = "tells whoever runs the tests what was left out")]
fn say(what: &str) {
    eprintln!("{what}");
}
