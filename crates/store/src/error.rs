//! What can go wrong with a database.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A query failed, or a row is not what this program writes.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's URL cannot be used.
    #[error("database URL: {0}")]
    Url(&'static str),
    /// A SQLite file that must exist does not. `ordersync init` makes it.
    #[error("{0} does not exist; run `ordersync init` first, or look whether the path is right")]
    NoSuchFile(String),
    /// The database could not be opened or reached. Repeat later.
    #[error("the {database} database cannot be opened: {reason}")]
    Unreachable {
        /// `data` or `keys`.
        database: &'static str,
        /// What the driver says; holds no value of a row.
        reason: String,
    },
    /// A pragma that a promise hangs on is not in force.
    #[error("SQLite setting {setting} is {found}, but must be {wanted}")]
    Pragma {
        /// The pragma's name.
        setting: &'static str,
        /// What it must be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
    /// The database was written by a newer program.
    #[error(
        "the {database} database has schema {found}, this program knows schemas up to {known}: it was written by a \
         newer ordersync; install that version, or restore the copy made before the upgrade"
    )]
    NewerSchema {
        /// `data` or `keys`.
        database: &'static str,
        /// The newest migration in the database.
        found: String,
        /// The newest migration of this program.
        known: String,
    },
    /// The lease that allows this write is no longer ours: another daemon took over. Nothing was written.
    #[error("the lease {0} is no longer held: another daemon took the work over")]
    LeaseLost(String),
    /// A key number was drawn that is already in use. Nothing was written: draw again.
    #[error("a key number is already in use")]
    KeyIdTaken,
    /// The disk or the database's size limit is full. Nothing was written.
    #[error("the {0} is full: make room, then the work goes on by itself")]
    Full(&'static str),
    /// Another writer holds the database for too long. Repeat.
    #[error("the database is busy")]
    Busy,
    /// A row holds something that this program does not write.
    #[error("damaged row: {field}: {reason}")]
    Damaged {
        /// Which column or value.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An account with this label is there already.
    #[error("an account with the label {0} exists already")]
    LabelTaken(String),
    /// Anything else the driver says.
    #[error("database: {}", describe(.0))]
    Database(#[source] DbErr),
}

impl StoreError {
    pub(crate) fn damaged(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Damaged { field, reason: reason.into() }
    }

    /// Whether the same call may succeed later without a person doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Full(_) | Self::Busy | Self::KeyIdTaken => true,
            Self::Database(error) => matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)),
            Self::Url(_)
            | Self::NoSuchFile(_)
            | Self::Pragma { .. }
            | Self::NewerSchema { .. }
            | Self::LeaseLost(_)
            | Self::Damaged { .. }
            | Self::LabelTaken(_) => false,
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match sqlite_code(&error).as_deref() {
            // 13 SQLITE_FULL; 10 with its extended codes SQLITE_IOERR, of which 778 (write) and 4874 (the log's shared
            // index) are what a file-size limit gives. https://www.sqlite.org/rescode.html, read 2026-11.
            Some("13") => return Self::Full("database or its disk"),
            Some("778" | "1034" | "1290" | "4874") => {
                return Self::Full("disk, or the file-size limit of this process,");
            }
            Some("5" | "6" | "261" | "517") => return Self::Busy,
            _ => {}
        }
        Self::Database(error)
    }
}

fn sqlite_code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    inner.as_database_error().and_then(|database| database.code()).map(|code| code.into_owned())
}

/// True when a uniqueness rule was broken.
pub(crate) fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// What the driver says, without the values PostgreSQL puts into its detail field.
fn describe(error: &DbErr) -> String {
    if let DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) = error {
        return inner.as_database_error().map_or_else(|| inner.to_string(), |database| database.message().to_owned());
    }
    error.to_string()
}
