//! The job queue: a row is a job, a lock on it a claim. Every job may run twice.

use std::time::Duration;

use ordersync_types::{JobId, OrderId, SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::accounts::seller_from;
use crate::bulk::BulkInsert;
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, StoreError};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Fills the search tags of an order's recipient.
    FillSearchTags,
    /// Looks whether an order needs an invoice or a credit note.
    Invoice,
}

impl JobKind {
    /// The name at rest.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FillSearchTags => "fill_search_tags",
            Self::Invoice => "invoice",
        }
    }
}

/// A job to queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub job_id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// The orders it is about.
    pub orders: Vec<OrderId>,
    /// When it may run first.
    pub due_at: Timestamp,
}

/// A job that this process has claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// Whose.
    pub seller: SellerId,
    /// Its id.
    pub job_id: JobId,
    /// The orders it is about.
    pub orders: Vec<OrderId>,
    /// How often it was claimed, this time included.
    pub tries: i64,
}

pub(crate) const INSERT_JOBS: BulkInsert = BulkInsert {
    table: "job",
    shared: &["seller_id"],
    columns: &["job_id", "kind", "orders", "due_at", "tries"],
    tail: "",
};

impl NewJob {
    pub(crate) fn values(&self) -> [Value; 5] {
        [
            self.job_id.as_uuid().into(),
            self.kind.name().into(),
            orders_bytes(&self.orders).into(),
            to_ms(self.due_at).into(),
            0_i64.into(),
        ]
    }
}

/// Queues a job in a transaction.
pub(crate) async fn add_job<C: ConnectionTrait>(
    connection: &C,
    seller: SellerId,
    job: &NewJob,
) -> Result<(), StoreError> {
    let shared = [crate::bulk::Shared::Int(i64::from(seller.number()))];
    INSERT_JOBS.run(connection, &shared, job.values().to_vec()).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct JobRow {
    seller_id: i64,
    job_id: Uuid,
    orders: Vec<u8>,
    tries: i64,
}

impl Databases {
    /// Claims up to `limit` due jobs of one kind for `hold`; a claim that runs out lets another worker take the job.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn claim_jobs(
        &self,
        kind: JobKind,
        worker: &str,
        now: Timestamp,
        hold: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedJob>, StoreError> {
        // SQLite has one writer at a time; PostgreSQL's workers step over each other's locks.
        let skip = if self.data.kind() == "sqlite" { "" } else { " FOR UPDATE SKIP LOCKED" };
        let sql = format!(
            "UPDATE job SET claimed_by = $1, claimed_until = $2, tries = tries + 1 \
             WHERE (seller_id, job_id) IN (SELECT seller_id, job_id FROM job WHERE kind = $3 AND due_at <= $4 \
             AND (claimed_until IS NULL OR claimed_until < $5) ORDER BY due_at LIMIT $6{skip}) \
             RETURNING seller_id, job_id, orders, tries"
        );
        let until = to_ms(now).saturating_add(i64::try_from(hold.as_millis()).unwrap_or(i64::MAX));
        let now = to_ms(now);
        let values: [Value; 6] =
            [worker.into(), until.into(), kind.name().into(), now.into(), now.into(), i64::from(limit).into()];
        let statement = statement(self.data.backend, sql, values);
        JobRow::find_by_statement(statement)
            .all(&self.data.write)
            .await?
            .into_iter()
            .map(|row| {
                Ok(ClaimedJob {
                    seller: seller_from(row.seller_id)?,
                    job_id: JobId::from_uuid(row.job_id),
                    orders: orders_from(&row.orders)?,
                    tries: row.tries,
                })
            })
            .collect()
    }

    /// Puts a job off with the reason of its failure, for those of its orders that are left to do.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn put_off_job(
        &self,
        job: &ClaimedJob,
        left: &[OrderId],
        due_at: Timestamp,
        failure: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE job SET orders = $1, due_at = $2, failure = $3, claimed_by = NULL, claimed_until = NULL \
                   WHERE seller_id = $4 AND job_id = $5";
        let values: [Value; 5] = [
            orders_bytes(left).into(),
            to_ms(due_at).into(),
            failure.into(),
            i64::from(job.seller.number()).into(),
            job.job_id.as_uuid().into(),
        ];
        self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(())
    }

    /// Queues a job.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_job(&self, seller: SellerId, job: &NewJob) -> Result<(), StoreError> {
        add_job(&self.data.write, seller, job).await
    }

    /// Ends jobs whose work is done elsewhere.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn end_jobs(&self, seller: SellerId, jobs: &[JobId]) -> Result<(), StoreError> {
        for job in jobs {
            let sql = "DELETE FROM job WHERE seller_id = $1 AND job_id = $2";
            let values: [Value; 2] = [i64::from(seller.number()).into(), job.as_uuid().into()];
            self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        Ok(())
    }

    /// When the next job of a kind is due; `None` when there is none.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn next_job_due(&self, kind: JobKind) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT MIN(due_at) FROM job WHERE kind = $1";
        let statement = statement(self.data.backend, sql, [kind.name().into()]);
        let row = self.data.read.query_one_raw(statement).await?;
        row.map_or(Ok(None), |row| Ok(row.try_get_by_index(0)?))
    }
}

/// The ids one after the other, 16 bytes each: a page's orders are one row.
fn orders_bytes(orders: &[OrderId]) -> Vec<u8> {
    orders.iter().flat_map(|order| *order.as_uuid().as_bytes()).collect()
}

fn orders_from(bytes: &[u8]) -> Result<Vec<OrderId>, StoreError> {
    let (ids, []) = bytes.as_chunks::<16>() else {
        return Err(StoreError::damaged("job.orders", "not ids of 16 bytes"));
    };
    Ok(ids.iter().map(|id| OrderId::from_uuid(Uuid::from_bytes(*id))).collect())
}
