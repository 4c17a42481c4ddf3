//! Leases: who may work on what, in the database's own time.

use std::time::Duration;

use ordersync_types::Timestamp;
use sea_orm::sqlx::{self, SqliteConnection};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement, Value};

use crate::batch::driver;
use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, StoreError};

/// A lease that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is for, for example `orders/ACCOUNT`.
    pub name: String,
    /// Who holds it: a random name of this process.
    pub holder: String,
    /// Raised each time the lease changes hands: a write that proves an older number is refused.
    pub fence: i64,
}

/// What a write must prove: that the lease has not changed hands since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseProof {
    name: String,
    fence: i64,
}

#[derive(FromQueryResult)]
struct FenceRow {
    fence: i64,
}

/// The database's own time in milliseconds.
fn database_now(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Sqlite {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    } else {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    }
}

impl Lease {
    /// The proof that writes carry.
    pub fn proof(&self) -> LeaseProof {
        LeaseProof { name: self.name.clone(), fence: self.fence }
    }
}

impl LeaseProof {
    /// Refuses PostgreSQL's transaction when the lease has changed hands. The row stays locked until the end, so that
    /// nobody takes the lease over in between.
    pub(crate) async fn check_postgres(&self, transaction: &DatabaseTransaction) -> Result<(), StoreError> {
        let sql = "SELECT fence FROM lease WHERE name = $1 AND fence = $2 FOR SHARE";
        let values: [Value; 2] = [self.name.as_str().into(), self.fence.into()];
        let row = transaction.query_one_raw(statement(DbBackend::Postgres, sql, values)).await?;
        if row.is_some() { Ok(()) } else { Err(self.lost()) }
    }

    /// Refuses SQLite's transaction when the lease has changed hands; it is the only writer until its end.
    pub(crate) async fn check_sqlite(&self, transaction: &mut SqliteConnection) -> Result<(), StoreError> {
        let query = sqlx::query("SELECT fence FROM lease WHERE name = ? AND fence = ?");
        let row = query.bind(self.name.as_str()).bind(self.fence).fetch_optional(transaction).await.map_err(driver)?;
        if row.is_some() { Ok(()) } else { Err(self.lost()) }
    }

    fn lost(&self) -> StoreError {
        StoreError::LeaseLost(self.name.clone())
    }
}

impl Databases {
    /// Takes a lease for `hold`, or renews it when `holder` has it; `None` while somebody else holds it.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn take_lease(&self, name: &str, holder: &str, hold: Duration) -> Result<Option<Lease>, StoreError> {
        let now = database_now(self.data.backend);
        let sql = format!(
            "INSERT INTO lease (name, holder, fence, expires_at) VALUES ($1, $2, 1, {now} + $3) \
             ON CONFLICT (name) DO UPDATE SET \
             fence = CASE WHEN lease.holder = excluded.holder THEN lease.fence ELSE lease.fence + 1 END, \
             holder = excluded.holder, expires_at = excluded.expires_at \
             WHERE lease.holder = excluded.holder OR lease.expires_at < {now} RETURNING fence"
        );
        let hold = i64::try_from(hold.as_millis()).unwrap_or(i64::MAX);
        let values: [Value; 3] = [name.into(), holder.into(), hold.into()];
        let statement = statement(self.data.backend, sql, values);
        let row = FenceRow::find_by_statement(statement).one(&self.data.write).await?;
        Ok(row.map(|row| Lease { name: name.to_owned(), holder: holder.to_owned(), fence: row.fence }))
    }

    /// Gives a lease back, if it is still ours.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn give_back_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let sql = "UPDATE lease SET expires_at = 0 WHERE name = $1 AND holder = $2 AND fence = $3";
        let values: [Value; 3] = [lease.name.as_str().into(), lease.holder.as_str().into(), lease.fence.into()];
        self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(())
    }

    /// Tries whether both databases can be written. Nothing changes.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        let sql = "UPDATE installation SET value = value WHERE name = 'keys_sequence'";
        self.data.write.execute_unprepared(sql).await?;
        self.keys.write.execute_unprepared("UPDATE key_store_state SET value = value WHERE name = 'sequence'").await?;
        Ok(())
    }

    /// Writes that a daemon lives, with the machine's start by name and the milliseconds since then.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn beat(&self, at: Timestamp, boot: Option<(String, i64)>) -> Result<(), StoreError> {
        let sql = "INSERT INTO heartbeat (name, at, boot, since_boot_ms) VALUES ('daemon', $1, $2, $3) \
                   ON CONFLICT (name) DO UPDATE SET at = excluded.at, boot = excluded.boot, \
                   since_boot_ms = excluded.since_boot_ms";
        let (boot, since_boot) = boot.unzip();
        let values: [Value; 3] = [to_ms(at).into(), boot.into(), since_boot.into()];
        self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(())
    }

    /// The newest heartbeat, with the machine's start by name and the milliseconds since then.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn last_heartbeat(&self) -> Result<Option<(Timestamp, Option<(String, i64)>)>, StoreError> {
        let sql = "SELECT at, boot, since_boot_ms FROM heartbeat WHERE name = 'daemon'";
        let row = self.data.read.query_one_raw(Statement::from_string(self.data.backend, sql)).await?;
        let Some(row) = row else { return Ok(None) };
        let (boot, since_boot): (Option<String>, Option<i64>) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        Ok(Some((from_ms(row.try_get_by_index(0)?)?, boot.zip(since_boot))))
    }
}
