//! Exchange rates by month, as they were imported.

use ordersync_types::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, StoreError};

/// The rate of a currency in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRateRow {
    /// ISO 4217.
    pub currency: String,
    /// `2026-11`.
    pub month: String,
    /// Units for one pound, as decimal text.
    pub rate: String,
    /// Whose rate, for example `HMRC`.
    pub source: String,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// By whom.
    pub imported_by: String,
}

#[derive(FromQueryResult)]
struct Read {
    currency: String,
    month: String,
    rate: String,
    source: String,
    imported_at: i64,
    imported_by: String,
}

impl Databases {
    /// Stores rates, all or none; one of the same currency and month is replaced.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn write_exchange_rates(&self, rates: &[ExchangeRateRow]) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        for rate in rates {
            let sql = "INSERT INTO exchange_rate (currency, month, rate, source, imported_at, imported_by) \
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (currency, month) DO UPDATE SET \
                       rate = excluded.rate, source = excluded.source, imported_at = excluded.imported_at, \
                       imported_by = excluded.imported_by";
            let values: [Value; 6] = [
                rate.currency.as_str().into(),
                rate.month.as_str().into(),
                rate.rate.as_str().into(),
                rate.source.as_str().into(),
                to_ms(rate.imported_at).into(),
                rate.imported_by.as_str().into(),
            ];
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// All rates by month and currency.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn exchange_rates(&self) -> Result<Vec<ExchangeRateRow>, StoreError> {
        let sql = "SELECT currency, month, rate, source, imported_at, imported_by FROM exchange_rate \
                   ORDER BY month, currency";
        let rows = Read::find_by_statement(statement(self.data.backend, sql, [])).all(&self.data.read).await?;
        let read = |row: Read| {
            let Read { currency, month, rate, source, imported_at, imported_by } = row;
            Ok(ExchangeRateRow { currency, month, rate, source, imported_at: from_ms(imported_at)?, imported_by })
        };
        rows.into_iter().map(read).collect()
    }
}
