//! Rate budgets as rows, so that a restart or a second daemon starts with what is left and not with a full bucket.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};

use crate::sql::statement;
use crate::{Databases, StoreError};

#[derive(FromQueryResult)]
struct BudgetRow {
    credit_ms: i64,
    updated_at: i64,
}

impl Databases {
    /// Changes a budget's two numbers (credit in milliseconds, moment in milliseconds) atomically.
    ///
    /// `change` gets what is stored, or `None` for a budget never seen before, and tells what to store and an answer
    /// for the caller. It must be pure.
    ///
    /// # Errors
    /// What the driver says; nothing is changed then.
    pub async fn change_rate_budget<T: Send>(
        &self,
        name: &str,
        change: impl Fn(Option<(i64, i64)>) -> ((i64, i64), T) + Send + Sync,
    ) -> Result<T, StoreError> {
        let transaction = self.data.begin().await?;
        let backend = self.data.backend;
        // The row must be there before it can be locked; a fresh one is marked by a moment of 0.
        let sql = "INSERT INTO rate_budget (name, credit_ms, updated_at) VALUES ($1, 0, 0) ON CONFLICT DO NOTHING";
        transaction.execute_raw(statement(backend, sql, [name.into()])).await?;
        let lock = if backend == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
        let sql = format!("SELECT credit_ms, updated_at FROM rate_budget WHERE name = $1{lock}");
        let row = statement(backend, sql, [name.into()]);
        let row = BudgetRow::find_by_statement(row).one(&transaction).await?;
        let stored = row.filter(|row| row.updated_at != 0).map(|row| (row.credit_ms, row.updated_at));
        let ((credit_ms, updated_at), answer) = change(stored);
        let sql = "UPDATE rate_budget SET credit_ms = $1, updated_at = $2 WHERE name = $3";
        let values: [Value; 3] = [credit_ms.into(), updated_at.into(), name.into()];
        transaction.execute_raw(statement(backend, sql, values)).await?;
        transaction.commit().await?;
        Ok(answer)
    }
}
