//! Rate budgets in the database: a restart or a second daemon goes on with what is left.

use std::fmt;

use async_trait::async_trait;
use ordersync_http_client::{Bucket, BudgetError, BudgetGrant, BudgetKey, BudgetLedger, RatePlan};
use ordersync_store::{Databases, StoreError};
use ordersync_types::Timestamp;

/// A [`BudgetLedger`] over the table of rate budgets.
#[derive(Clone)]
pub struct StoreLedger(Databases);

impl StoreLedger {
    /// A ledger in these databases.
    pub fn new(store: Databases) -> Self {
        Self(store)
    }

    async fn change<T: Send>(
        &self,
        key: &BudgetKey,
        plan: RatePlan,
        now: Timestamp,
        change: impl Fn(Bucket) -> (Bucket, T) + Send + Sync,
    ) -> Result<T, BudgetError> {
        let name = format!("{}/{}", key.account, key.operation);
        let changed = self.0.change_rate_budget(&name, |stored| {
            let bucket = stored.map_or_else(|| Bucket::full(plan, now), |(credit, at)| Bucket::from_parts(credit, at));
            let (bucket, answer) = change(bucket);
            (bucket.parts(), answer)
        });
        changed.await.map_err(|error| failed(&error).with_source(error))
    }
}

/// What to do about it stands in the store's own sentence, the source.
fn failed(error: &StoreError) -> BudgetError {
    BudgetError::new(if error.is_transient() { "the database is busy or full" } else { "the database refused" })
}

#[async_trait]
impl BudgetLedger for StoreLedger {
    async fn take(&self, key: &BudgetKey, plan: RatePlan, now: Timestamp) -> Result<BudgetGrant, BudgetError> {
        self.change(key, plan, now, |bucket| bucket.take(plan, now)).await
    }

    async fn drain(&self, key: &BudgetKey, plan: RatePlan, now: Timestamp) -> Result<(), BudgetError> {
        self.change(key, plan, now, |bucket| (bucket.drain(plan, now), ())).await
    }
}

impl fmt::Debug for StoreLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLedger")
    }
}
