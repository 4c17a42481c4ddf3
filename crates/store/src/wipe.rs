//! Wiping what the files of both databases keep of rows that are gone.

use std::time::Duration;

use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, Statement};

use crate::batch::driver;
use crate::{Database, Databases, StoreError};

/// How often a reader is waited for, and how long each time: five seconds in all.
const WIPE_TRIES: u32 = 50;
const WIPE_PAUSE: Duration = Duration::from_millis(100);

/// What the physical step did to one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhysicalStep {
    /// What was done, for the proof.
    pub what: String,
    /// Whether the files hold nothing old any more, as far as the database can tell.
    pub clean: bool,
}

impl Databases {
    /// Wipes what the files of both databases still keep of removed rows.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn physical_step(&self) -> Result<(PhysicalStep, PhysicalStep), StoreError> {
        let keys = self.keys.wipe(&["data_key"]).await?;
        let data = self
            .data
            .wipe(&["label", "label_copy", "order_note", "recipient", "buyer", "search_tag", "orders"])
            .await?;
        Ok((data, keys))
    }
}

impl Database {
    /// SQLite: copies the write-ahead log back and empties it, again while a reader stands in the way. PostgreSQL:
    /// vacuums the tables; its write-ahead log, archives and backups are out of reach, so it tells how far they go.
    async fn wipe(&self, tables: &[&str]) -> Result<PhysicalStep, StoreError> {
        if self.kind() == "postgres" {
            for table in tables {
                self.write.execute_unprepared(&format!("VACUUM {table}")).await?;
            }
            let sql = "SELECT CAST(pg_current_wal_lsn() AS TEXT), current_setting('archive_mode')";
            let row = self.write.query_one_raw(Statement::from_string(self.backend, sql)).await?;
            let (position, archived): (String, String) = match row {
                Some(row) => (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
                None => return Err(StoreError::damaged("pg_current_wal_lsn", "no answer")),
            };
            let archives = if archived == "off" { "" } else { ", and its archives," };
            let what = format!("vacuumed; the write-ahead log{archives} up to {position} still holds what went");
            return Ok(PhysicalStep { what, clean: true });
        }
        for tries in 1..=WIPE_TRIES {
            if self.checkpoint().await? {
                let what = match tries {
                    1 => "write-ahead log copied back and emptied".to_owned(),
                    _ => format!("write-ahead log copied back and emptied, after {} busy tries", tries - 1),
                };
                return Ok(PhysicalStep { what, clean: true });
            }
            // Readers of ours are short; this waits for one to end, which takes real time.
            tokio::time::sleep(WIPE_PAUSE).await;
        }
        let what = format!("write-ahead log NOT emptied: a reader stood in the way ({WIPE_TRIES} busy tries)");
        Ok(PhysicalStep { what, clean: false })
    }

    /// Copies SQLite's write-ahead log back and empties it, without waiting: whoever writes would wait as long. False when
    /// a reader still needs it.
    async fn checkpoint(&self) -> Result<bool, StoreError> {
        let mut connection = self.write.get_sqlite_connection_pool().acquire().await.map_err(driver)?;
        // Nobody else may get one that waits for nobody, whatever becomes of this.
        connection.close_on_drop();
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *connection).await.map_err(driver)?;
        let busy = sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await;
        match busy {
            Ok(busy) => Ok(busy == 0),
            Err(sqlx::Error::Database(refused)) if refused.message().contains("locked") => Ok(false),
            Err(other) => Err(driver(other)),
        }
    }
}
