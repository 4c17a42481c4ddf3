//! What a stand-in counted.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// Counts since the stand-in was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Requests for orders, refused ones included.
    pub requests: u64,
    /// Of these, how many found the usage plan or quota used up.
    pub above_plan: u64,
    /// Access tokens given out.
    pub tokens: u64,
    /// Orders sent, repeats included.
    pub orders: u64,
    /// Personal values sent, repeats included. Not counted in fast mode.
    pub personal_values: u64,
    /// Faults injected.
    pub faults: u64,
}

/// Counters that many connections add to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) requests: AtomicU64,
    pub(crate) above_plan: AtomicU64,
    pub(crate) orders: AtomicU64,
    pub(crate) personal_values: AtomicU64,
}

impl Tally {
    /// Adds `count` and gives what stood there before.
    pub(crate) fn add(counter: &AtomicU64, count: usize) -> u64 {
        counter.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed)
    }

    pub(crate) fn read(&self, tokens: u64, faults: u64) -> Counters {
        Counters {
            requests: self.requests.load(Ordering::Relaxed),
            above_plan: self.above_plan.load(Ordering::Relaxed),
            tokens,
            orders: self.orders.load(Ordering::Relaxed),
            personal_values: self.personal_values.load(Ordering::Relaxed),
            faults,
        }
    }
}
