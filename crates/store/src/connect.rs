//! Opening the two databases: settings that promises hang on, schema versions, migrations.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ordersync_migrations::{DataMigrator, KeysMigrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection, Executor};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::StoreError;

/// Where a database is: a SQLite file, or a PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH` or `sqlite://PATH`.
    Sqlite(PathBuf),
    /// `postgres://...`, which may hold a password: never shown.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")) {
            if path.is_empty() || path.contains(":memory:") || path.contains('?') {
                return Err(StoreError::Url("a SQLite database is a file: sqlite:/path/to/data.db"));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(StoreError::Url("must begin with sqlite: or postgres://"))
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres:[url]"),
        }
    }
}

/// How to open a database.
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenOptions {
    /// Make a SQLite file that does not exist. Only `init` and tests do.
    pub create: bool,
    /// Apply migrations that are missing. Without it a database that lacks one is refused by [`SchemaState`].
    pub migrate: bool,
}

/// How the schema of a database stands to this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// There is no table yet.
    Empty,
    /// All migrations of this program are applied, and no other.
    Current,
    /// These migrations are missing.
    Behind(Vec<String>),
}

/// One of the two databases.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
    pub(crate) backend: DbBackend,
    path: Option<PathBuf>,
}

/// The `data` and the `keys` database.
#[derive(Debug, Clone)]
pub struct Databases {
    /// Everything but keys.
    pub data: Database,
    /// The key store.
    pub keys: Database,
}

/// How long a connection to SQLite waits for another's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read while the one writer writes. Each costs a thread and a page cache.
const SQLITE_READERS: u32 = 3;
const POSTGRES_CONNECTIONS: u32 = 8;
/// A connection's page cache, as SQLite's `cache_size` takes it: KiB, negative. 2 MiB is SQLite's own default.
const CACHE: &str = "-2000";
/// That of the one connection that writes orders: a page of them changes some 300 pages of tables and indexes, and those
/// that have no room are written to the log twice.
const WRITER_CACHE: &str = "-8000";
/// Pages in the write-ahead log (16 MiB) at which a commit moves them to the file. SQLite's default of 1,000 would do so
/// at every third page of orders, and move the same pages of the indexes each time.
const CHECKPOINT_PAGES: &str = "4000";

impl Databases {
    /// Opens both, data first.
    ///
    /// # Errors
    /// [`StoreError::NoSuchFile`], [`StoreError::Unreachable`], [`StoreError::NewerSchema`] or [`StoreError::Pragma`].
    pub async fn open(data: &DatabaseUrl, keys: &DatabaseUrl, options: OpenOptions) -> Result<Self, StoreError> {
        Ok(Self {
            data: Database::open::<DataMigrator>("data", data, options).await?,
            keys: Database::open::<KeysMigrator>("keys", keys, options).await?,
        })
    }

    /// How both schemas stand, without changing anything: (data, keys).
    ///
    /// # Errors
    /// [`StoreError::NewerSchema`] or [`StoreError::Unreachable`].
    pub async fn schema_state(
        data: &DatabaseUrl,
        keys: &DatabaseUrl,
    ) -> Result<(SchemaState, SchemaState), StoreError> {
        Ok((schema_state::<DataMigrator>("data", data).await?, schema_state::<KeysMigrator>("keys", keys).await?))
    }

    /// Closes all connections of both.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn close(self) -> Result<(), StoreError> {
        self.data.close().await?;
        self.keys.close().await
    }
}

impl Database {
    async fn open<M: MigratorTrait>(
        name: &'static str,
        url: &DatabaseUrl,
        options: OpenOptions,
    ) -> Result<Self, StoreError> {
        if let DatabaseUrl::Sqlite(path) = url
            && !options.create
            && !path.exists()
        {
            return Err(StoreError::NoSuchFile(path.display().to_string()));
        }
        // Migrations run on a pool of one that is closed before the main pools open: a SQLite connection that has
        // cached the schema does not see an index that another one makes, and its next upsert fails.
        let single = connect(name, url, 1, true, options.create).await?;
        let state = compare::<M>(name, &single).await?;
        if options.migrate && state != SchemaState::Current {
            // Whole or not at all, with the record of it: a schema that was cut off could never be finished.
            let transaction = begin(&single).await?;
            M::up(&transaction, None).await?;
            transaction.commit().await?;
        }
        single.close().await?;
        let write_connections = if matches!(url, DatabaseUrl::Sqlite(_)) { 1 } else { POSTGRES_CONNECTIONS };
        let write = connect(name, url, write_connections, true, false).await?;
        let backend = write.get_database_backend();
        let read = match url {
            DatabaseUrl::Sqlite(_) => connect(name, url, SQLITE_READERS, false, false).await?,
            DatabaseUrl::Postgres(_) => write.clone(),
        };
        let path = if let DatabaseUrl::Sqlite(path) = url { Some(path.clone()) } else { None };
        Ok(Self { write, read, backend, path })
    }

    /// The SQLite file, when it is one.
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        if self.backend == DbBackend::Sqlite { "sqlite" } else { "postgres" }
    }

    /// A write transaction. On SQLite it takes the write lock at once: one that upgraded later would fail at once
    /// with "database is locked", whatever the busy timeout.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        begin(&self.write).await
    }

    async fn close(self) -> Result<(), StoreError> {
        self.read.close().await?;
        self.write.close().await?;
        Ok(())
    }
}

async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let options = TransactionOptions {
        isolation_level: None,
        access_mode: (connection.get_database_backend() != DbBackend::Sqlite).then_some(AccessMode::ReadWrite),
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
    };
    Ok(connection.begin_with_options(options).await?)
}

async fn schema_state<M: MigratorTrait>(name: &'static str, url: &DatabaseUrl) -> Result<SchemaState, StoreError> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Ok(SchemaState::Empty);
    }
    let connection = connect(name, url, 1, false, false).await?;
    let state = compare::<M>(name, &connection).await;
    connection.close().await?;
    state
}

async fn compare<M: MigratorTrait>(
    name: &'static str,
    connection: &DatabaseConnection,
) -> Result<SchemaState, StoreError> {
    let applied = applied_migrations(connection).await?;
    let known: Vec<String> = M::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    if let Some(newer) = applied.iter().filter(|version| !known.contains(version)).max() {
        let known = known.last().cloned().unwrap_or_default();
        return Err(StoreError::NewerSchema { database: name, found: newer.clone(), known });
    }
    if applied.is_empty() {
        return Ok(SchemaState::Empty);
    }
    let missing: Vec<String> = known.into_iter().filter(|version| !applied.contains(version)).collect();
    Ok(if missing.is_empty() { SchemaState::Current } else { SchemaState::Behind(missing) })
}

/// The migrations recorded in a database, without changing it.
async fn applied_migrations(connection: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    let backend = connection.get_database_backend();
    let exists = if backend == DbBackend::Sqlite {
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'"
    } else {
        "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'"
    };
    if connection.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(Vec::new());
    }
    let sql = "SELECT version FROM seaql_migrations";
    let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

async fn connect(
    name: &'static str,
    url: &DatabaseUrl,
    connections: u32,
    writes: bool,
    create: bool,
) -> Result<DatabaseConnection, StoreError> {
    let text = match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut options = ConnectOptions::new(text);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .connect_timeout(Duration::from_secs(10))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(matches!(url, DatabaseUrl::Postgres(_)))
        .sqlx_logging(false);
    if matches!(url, DatabaseUrl::Sqlite(_)) {
        options.map_sqlx_sqlite_opts(move |sqlite| sqlite_options(sqlite, name, writes, create));
        options.map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_connect(|connection, _| Box::pin(assert_settings(connection)))
                // A full disk makes SQLite end the transaction itself. The driver does not notice and would refuse the
                // connection's every next transaction: it is replaced.
                .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        });
    }
    if matches!(url, DatabaseUrl::Postgres(_)) {
        options.map_sqlx_postgres_pool_opts(|pool| {
            // A plan that is kept from when a table was small reads all of it, for as long as nobody analyses it: a
            // first sync slows down with every page.
            pool.after_connect(|connection, _| {
                Box::pin(async { connection.execute("SET plan_cache_mode = force_custom_plan").await.map(|_| ()) })
            })
        });
    }
    sea_orm::Database::connect(options).await.map_err(|error| {
        let reason = error.to_string();
        let error = StoreError::from(error);
        if matches!(error, StoreError::Full(_)) { error } else { StoreError::Unreachable { database: name, reason } }
    })
}

fn sqlite_options(options: SqliteConnectOptions, name: &str, writes: bool, create: bool) -> SqliteConnectOptions {
    let cache = if writes && name == "data" { WRITER_CACHE } else { CACHE };
    // Kept in the file from its first page on. Said again it would be a write, for which every new connection waits until
    // the one writer is done.
    let options = if create { options.auto_vacuum(SqliteAutoVacuum::Incremental) } else { options };
    options
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .statement_cache_capacity(128)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", cache)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("query_only", if writes { "OFF" } else { "ON" })
}

/// What must be in force on every connection: (pragma, value, as people write it).
const SETTINGS: [(&str, &str, &str); 3] =
    [("journal_mode", "wal", "WAL"), ("synchronous", "2", "FULL"), ("secure_delete", "1", "ON")];

async fn assert_settings(connection: &mut sea_orm::sqlx::SqliteConnection) -> Result<(), sea_orm::sqlx::Error> {
    use sea_orm::sqlx::{Row, query};
    for (setting, value, wanted) in SETTINGS {
        let sql = match setting {
            "journal_mode" => "SELECT CAST(journal_mode AS TEXT) FROM pragma_journal_mode",
            "synchronous" => "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
            _ => "SELECT CAST(secure_delete AS TEXT) FROM pragma_secure_delete",
        };
        let found: String = query(sql).fetch_one(&mut *connection).await?.try_get(0)?;
        if found != value {
            let error = StoreError::Pragma { setting, wanted, found };
            return Err(sea_orm::sqlx::Error::Configuration(error.into()));
        }
    }
    Ok(())
}
