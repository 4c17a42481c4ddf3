//! Rate budgets: taken before a request goes out, shared by everything that uses the same account.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ordersync_types::Timestamp;

use crate::bucket::{Bucket, BudgetGrant, RatePlan};

/// Whose budget a request uses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetKey {
    /// The account as text (our account id, or the application where a vendor counts by application). Never empty,
    /// never a credential.
    pub account: Arc<str>,
    /// The budget's name: the operation, or what several operations share.
    pub operation: &'static str,
}

/// A ledger could not say whether a request is allowed. Repeat later: no request went out.
#[derive(Debug, thiserror::Error)]
#[error("the rate budget could not be read or written: {reason}")]
pub struct BudgetError {
    reason: &'static str,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl BudgetError {
    /// A failure, for example of the database that holds the budgets.
    pub fn new(reason: &'static str) -> Self {
        Self { reason, source: None }
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }
}

/// Counts requests against usage plans.
///
/// A bucket starts full only when its key was never seen before; its state survives a restart, because the daemon
/// keeps it in a database row. [`Bucket`] holds the arithmetic.
#[async_trait]
pub trait BudgetLedger: Send + Sync + fmt::Debug {
    /// Takes one request from the budget, atomically, before the request goes out.
    ///
    /// # Errors
    /// [`BudgetError`] when the state cannot be read or written; repeat later.
    async fn take(&self, key: &BudgetKey, plan: RatePlan, now: Timestamp) -> Result<BudgetGrant, BudgetError>;

    /// Drops what is left of the budget, because the vendor answered 429.
    ///
    /// # Errors
    /// [`BudgetError`] when the state cannot be read or written.
    async fn drain(&self, key: &BudgetKey, plan: RatePlan, now: Timestamp) -> Result<(), BudgetError>;

    /// True when this ledger may serve loopback addresses only.
    fn loopback_only(&self) -> bool {
        false
    }
}

/// A ledger in memory: exact under concurrency, but every start begins with full buckets. For tests and for
/// commands that talk to a stand-in.
#[derive(Debug, Default)]
pub struct InMemoryLedger {
    buckets: Mutex<HashMap<BudgetKey, Bucket>>,
}

impl InMemoryLedger {
    /// A ledger that has seen no key yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A ledger that goes on from [`Self::snapshot`].
    pub fn restored(buckets: impl IntoIterator<Item = (BudgetKey, Bucket)>) -> Self {
        Self { buckets: Mutex::new(buckets.into_iter().collect()) }
    }

    /// All buckets as they stand, in no order.
    pub fn snapshot(&self) -> Vec<(BudgetKey, Bucket)> {
        self.lock().iter().map(|(key, bucket)| (key.clone(), *bucket)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BudgetKey, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl BudgetLedger for InMemoryLedger {
    async fn take(&self, key: &BudgetKey, plan: RatePlan, now: Timestamp) -> Result<BudgetGrant, BudgetError> {
        let mut buckets = self.lock();
        let bucket = buckets.get(key).copied().unwrap_or_else(|| Bucket::full(plan, now));
        let (bucket, grant) = bucket.take(plan, now);
        buckets.insert(key.clone(), bucket);
        Ok(grant)
    }

    async fn drain(&self, key: &BudgetKey, plan: RatePlan, now: Timestamp) -> Result<(), BudgetError> {
        let mut buckets = self.lock();
        let bucket = buckets.get(key).copied().unwrap_or_else(|| Bucket::full(plan, now));
        buckets.insert(key.clone(), bucket.drain(plan, now));
        Ok(())
    }
}

/// Budgets off: every request is granted. A client with it is refused unless all its hosts are loopback addresses.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoBudget;

#[async_trait]
impl BudgetLedger for NoBudget {
    async fn take(&self, _: &BudgetKey, _: RatePlan, _: Timestamp) -> Result<BudgetGrant, BudgetError> {
        Ok(BudgetGrant::Granted)
    }

    async fn drain(&self, _: &BudgetKey, _: RatePlan, _: Timestamp) -> Result<(), BudgetError> {
        Ok(())
    }

    fn loopback_only(&self) -> bool {
        true
    }
}
