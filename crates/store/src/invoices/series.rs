//! Series of numbers, and the records of numbers without a document.

use ordersync_types::{SellerId, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

use crate::error::is_unique_violation;
use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, StoreError};

/// A series of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceSeries {
    /// `invoice`, `credit` or `receipt`.
    pub kind: String,
    /// What stands in front of the number.
    pub prefix: String,
    /// The first number of it.
    pub first: i64,
    /// The next one.
    pub next: i64,
    /// When it was set.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: String,
}

/// Numbers that a transaction takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesUse {
    /// Of which series.
    pub kind: String,
    /// The first one; if the series stands elsewhere, nothing is written.
    pub from: i64,
    /// How many.
    pub count: i64,
}

/// A number without a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoidRow {
    /// Of which series.
    pub kind: String,
    /// The number within it.
    pub series_number: i64,
    /// The whole number.
    pub number: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub voided_by: String,
    /// Why.
    pub reason: String,
}

#[derive(FromQueryResult)]
struct SeriesRow {
    kind: String,
    prefix: String,
    first_number: i64,
    next_number: i64,
    set_at: i64,
    set_by: String,
}

#[derive(FromQueryResult)]
struct VoidRead {
    kind: String,
    series_number: i64,
    number: String,
    at: i64,
    voided_by: String,
    reason: String,
}

impl Databases {
    /// The series that were set, by kind.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn invoice_series(&self, seller: SellerId) -> Result<Vec<InvoiceSeries>, StoreError> {
        let sql = "SELECT kind, prefix, first_number, next_number, set_at, set_by FROM invoice_series \
                   WHERE seller_id = $1 ORDER BY kind";
        let statement = statement(self.data.backend, sql, [i64::from(seller.number()).into()]);
        let rows = SeriesRow::find_by_statement(statement).all(&self.data.read).await?;
        let read = |row: SeriesRow| {
            Ok(InvoiceSeries {
                kind: row.kind,
                prefix: row.prefix,
                first: row.first_number,
                next: row.next_number,
                set_at: from_ms(row.set_at)?,
                set_by: row.set_by,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Sets a series; false when it is there already, or when another one has its prefix.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_invoice_series(&self, seller: SellerId, series: &InvoiceSeries) -> Result<bool, StoreError> {
        let sql = "INSERT INTO invoice_series (seller_id, kind, prefix, first_number, next_number, set_at, set_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (seller_id, kind) DO NOTHING";
        let values: [Value; 7] = [
            i64::from(seller.number()).into(),
            series.kind.as_str().into(),
            series.prefix.as_str().into(),
            series.first.into(),
            series.next.into(),
            to_ms(series.set_at).into(),
            series.set_by.as_str().into(),
        ];
        match self.data.write.execute_raw(statement(self.data.backend, sql, values)).await {
            Ok(done) => Ok(done.rows_affected() == 1),
            Err(error) if is_unique_violation(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets another beginning of a series of which no number was taken; false when one was.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn reset_invoice_series(&self, seller: SellerId, series: &InvoiceSeries) -> Result<bool, StoreError> {
        let sql = "UPDATE invoice_series SET prefix = $1, first_number = $2, next_number = $3, set_at = $4, set_by = $5 \
                   WHERE seller_id = $6 AND kind = $7 AND next_number = first_number";
        let values: [Value; 7] = [
            series.prefix.as_str().into(),
            series.first.into(),
            series.next.into(),
            to_ms(series.set_at).into(),
            series.set_by.as_str().into(),
            i64::from(seller.number()).into(),
            series.kind.as_str().into(),
        ];
        match self.data.write.execute_raw(statement(self.data.backend, sql, values)).await {
            Ok(done) => Ok(done.rows_affected() == 1),
            Err(error) if is_unique_violation(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the next number of a series without a document, with the record that explains it. False when the series
    /// stands elsewhere by now.
    ///
    /// # Errors
    /// What the driver says; nothing is written then.
    pub async fn void_number(&self, seller: SellerId, void: &VoidRow) -> Result<bool, StoreError> {
        let transaction = self.data.begin().await?;
        let taken = SeriesUse { kind: void.kind.clone(), from: void.series_number, count: 1 };
        if !take_numbers(&transaction, seller, &taken).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        let sql = "INSERT INTO invoice_void (seller_id, kind, series_number, number, at, voided_by, reason) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values: [Value; 7] = [
            i64::from(seller.number()).into(),
            void.kind.as_str().into(),
            void.series_number.into(),
            void.number.as_str().into(),
            to_ms(void.at).into(),
            void.voided_by.as_str().into(),
            void.reason.as_str().into(),
        ];
        transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// All records of numbers without a document, by series and number.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn invoice_voids(&self, seller: SellerId) -> Result<Vec<VoidRow>, StoreError> {
        let sql = "SELECT kind, series_number, number, at, voided_by, reason FROM invoice_void WHERE seller_id = $1 \
                   ORDER BY kind, series_number";
        let statement = statement(self.data.backend, sql, [i64::from(seller.number()).into()]);
        let rows = VoidRead::find_by_statement(statement).all(&self.data.read).await?;
        let read = |row: VoidRead| {
            let VoidRead { kind, series_number, number, voided_by, reason, .. } = row;
            Ok(VoidRow { kind, series_number, number, at: from_ms(row.at)?, voided_by, reason })
        };
        rows.into_iter().map(read).collect()
    }

    /// Runs of numbers that neither a document nor a void record has, between the lowest document that is held and the next of
    /// each series: (kind, first, last). There should be none.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn missing_numbers(&self, seller: SellerId) -> Result<Vec<(String, i64, i64)>, StoreError> {
        let voids = self.invoice_voids(seller).await?;
        let mut missing = Vec::new();
        for series in self.invoice_series(seller).await? {
            let voids: Vec<i64> =
                voids.iter().filter(|void| void.kind == series.kind).map(|void| void.series_number).collect();
            for (first, last) in self.without_document(seller, &series, voids.first().copied()).await? {
                let mut from = first;
                for void in voids.iter().filter(|void| (first..=last).contains(*void)) {
                    if from < *void {
                        missing.push((series.kind.clone(), from, void - 1));
                    }
                    from = void + 1;
                }
                if from <= last {
                    missing.push((series.kind.clone(), from, last));
                }
            }
        }
        Ok(missing)
    }

    /// Runs of numbers that no document has, from the lowest document on: what lies before it may have been purged, while void
    /// records stay. Without any document: from the lowest void record on. Read from the index in its order, so that a
    /// million numbers take no room.
    async fn without_document(
        &self,
        seller: SellerId,
        series: &InvoiceSeries,
        lowest_void: Option<i64>,
    ) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "SELECT n, following FROM (SELECT series_number AS n, \
                   LEAD(series_number) OVER (ORDER BY series_number) AS following FROM invoice \
                   WHERE seller_id = $1 AND kind = $2 AND series_number IS NOT NULL) pairs \
                   WHERE following > n + 1 OR (following IS NULL AND n + 1 < $3) ORDER BY n";
        let values: [Value; 3] = [i64::from(seller.number()).into(), series.kind.as_str().into(), series.next.into()];
        let count = "SELECT COUNT(*) FROM (SELECT 1 FROM invoice WHERE seller_id = $1 AND kind = $2 \
                     AND series_number IS NOT NULL LIMIT 1) one";
        let of_kind: [Value; 2] = [i64::from(seller.number()).into(), series.kind.as_str().into()];
        let row = self.data.read.query_one_raw(statement(self.data.backend, count, of_kind)).await?;
        let any: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let mut gaps = Vec::new();
        if any == 0
            && let Some(lowest) = lowest_void
        {
            gaps.push((lowest, series.next - 1));
        }
        for row in self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await? {
            let (before, after): (i64, Option<i64>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            gaps.push((before + 1, after.unwrap_or(series.next) - 1));
        }
        Ok(gaps)
    }
}

/// Moves a series on; false when it stands elsewhere.
pub(super) async fn take_numbers(
    transaction: &DatabaseTransaction,
    seller: SellerId,
    taken: &SeriesUse,
) -> Result<bool, StoreError> {
    let sql = "UPDATE invoice_series SET next_number = next_number + $1 \
               WHERE seller_id = $2 AND kind = $3 AND next_number = $4";
    let values: [Value; 4] =
        [taken.count.into(), i64::from(seller.number()).into(), taken.kind.as_str().into(), taken.from.into()];
    let backend = transaction.get_database_backend();
    Ok(transaction.execute_raw(statement(backend, sql, values)).await?.rows_affected() == 1)
}
