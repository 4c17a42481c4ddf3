//! The statements of one transaction, made ready before it begins: while it runs, nobody else can write.

use sea_orm::sqlx::sqlite::SqliteArguments;
use sea_orm::sqlx::{self, AssertSqlSafe, IntoArguments};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement, Value};
use sea_query_sqlx::SqlxValues;

use crate::StoreError;
use crate::connect::Database;
use crate::leases::LeaseProof;
use crate::sql::statement;

/// Statements to run in their order, all or none. On SQLite their values are those of the driver already: the mapper
/// would copy all of them once more, a fifth of the time that a page of orders keeps the one writer busy.
pub(crate) struct Batch {
    backend: DbBackend,
    steps: Vec<Step>,
}

struct Step {
    statement: Ready,
    /// The table of which exactly one row must change.
    one_row_of: Option<&'static str>,
}

enum Ready {
    Sqlite(String, SqliteArguments),
    Mapped(Statement),
}

impl Batch {
    pub(crate) fn new(backend: DbBackend) -> Self {
        Self { backend, steps: Vec::new() }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Adds a statement, whose values stand as [`statement`] takes them.
    pub(crate) fn add<I: IntoIterator<Item = Value>>(&mut self, sql: impl Into<String>, values: I) {
        self.push(statement(self.backend, sql, values), None);
    }

    /// Adds one that must change exactly one row of `table`.
    pub(crate) fn add_for_one_row<I: IntoIterator<Item = Value>>(
        &mut self,
        table: &'static str,
        sql: impl Into<String>,
        values: I,
    ) {
        self.push(statement(self.backend, sql, values), Some(table));
    }

    /// Adds a statement that is in this database's words already.
    pub(crate) fn add_statement(&mut self, statement: Statement) {
        self.push(statement, None);
    }

    fn push(&mut self, statement: Statement, one_row_of: Option<&'static str>) {
        let statement = match (self.backend, statement) {
            (DbBackend::Sqlite, Statement { sql, values, .. }) => {
                let values: Option<SqliteArguments> =
                    values.map(|values| IntoArguments::<sqlx::Sqlite>::into_arguments(SqlxValues(values)));
                Ready::Sqlite(sql, values.unwrap_or_default())
            }
            (_, statement) => Ready::Mapped(statement),
        };
        self.steps.push(Step { statement, one_row_of });
    }

    /// Adds what another one holds.
    pub(crate) fn append(&mut self, other: Self) {
        self.steps.extend(other.steps);
    }

    /// Runs all statements in one transaction, if the lease is still held.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]; [`StoreError::Damaged`] when a row is not there that must be; else what the driver says.
    /// Nothing is written then.
    pub(crate) async fn write(self, database: &Database, lease: Option<&LeaseProof>) -> Result<(), StoreError> {
        if self.backend == DbBackend::Sqlite {
            let pool = database.write.get_sqlite_connection_pool();
            // The write lock at once, as in `Database::begin`.
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.map_err(driver)?;
            if let Some(lease) = lease {
                lease.check_sqlite(&mut transaction).await?;
            }
            for Step { statement, one_row_of } in self.steps {
                let Ready::Sqlite(sql, values) = statement else { continue };
                let query = sqlx::query_with(AssertSqlSafe(sql), values);
                let changed = query.execute(&mut *transaction).await.map_err(driver)?.rows_affected();
                check_rows(changed, one_row_of)?;
            }
            return transaction.commit().await.map_err(driver);
        }
        let transaction: DatabaseTransaction = database.begin().await?;
        if let Some(lease) = lease {
            lease.check_postgres(&transaction).await?;
        }
        for Step { statement, one_row_of } in self.steps {
            let Ready::Mapped(statement) = statement else { continue };
            check_rows(transaction.execute_raw(statement).await?.rows_affected(), one_row_of)?;
        }
        Ok(transaction.commit().await?)
    }
}

fn check_rows(changed: u64, one_row_of: Option<&'static str>) -> Result<(), StoreError> {
    match one_row_of {
        Some(table) if changed != 1 => Err(StoreError::damaged(table, format!("{changed} rows in place of one"))),
        Some(_) | None => Ok(()),
    }
}

/// The driver's error as the mapper would tell it.
pub(crate) fn driver(error: sqlx::Error) -> StoreError {
    DbErr::Exec(RuntimeErr::SqlxError(error.into())).into()
}
