//! The arithmetic of a rate budget: pure, whole numbers, shared by every ledger.

use std::time::Duration;

use chrono::DateTime;
use ordersync_types::Timestamp;

/// A vendor's usage plan: `burst` requests at once, then one more per interval.
///
/// Amazon writes rates as tokens per second: 0.0056/s with burst 20 is `RatePlan::new(20, 178_572)`.
/// Source: Amazon SP-API, "Usage Plans and Rate Limits", read 2026-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RatePlan {
    burst: u32,
    interval_ms: u64,
}

impl RatePlan {
    /// Longest interval kept, about 11 days: with it a full bucket of any burst fits in 63 bits.
    const LONGEST_INTERVAL_MS: u64 = 1_000_000_000;

    /// A plan of `burst` requests (at least 1) and one further request per `interval_ms` milliseconds
    /// (1 to 1,000,000,000). Values outside are moved to the nearest bound, so that a plan can be a constant.
    pub const fn new(burst: u32, interval_ms: u64) -> Self {
        let burst = if burst == 0 { 1 } else { burst };
        let interval_ms = match interval_ms {
            0 => 1,
            long if long > Self::LONGEST_INTERVAL_MS => Self::LONGEST_INTERVAL_MS,
            fitting => fitting,
        };
        Self { burst, interval_ms }
    }

    /// Requests that a full bucket allows at once, at least 1.
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// Time in which one request is earned back.
    pub const fn interval(self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    /// [`Self::interval`] in milliseconds, as [`Bucket`] counts it.
    pub fn interval_ms(self) -> i64 {
        i64::try_from(self.interval_ms).unwrap_or(i64::MAX)
    }

    /// Credit of a full bucket in milliseconds: burst times interval.
    pub fn full_ms(self) -> i64 {
        i64::from(self.burst).saturating_mul(self.interval_ms())
    }
}

/// What a ledger answers to a wish for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetGrant {
    /// One request was taken from the budget: send it.
    Granted,
    /// Nothing was taken. Ask again at this moment, not before; another task may be quicker then.
    WaitUntil(Timestamp),
}

/// A token bucket as two whole numbers, for a row of a database.
///
/// Credit is counted in milliseconds: every millisecond earns one, a request costs the plan's interval, and no
/// more than burst times interval is kept. So nothing is ever rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bucket {
    credit_ms: i64,
    updated_at_ms: i64,
}

impl Bucket {
    /// How far the clock may lie behind the last update before the bucket believes that the clock was corrected.
    ///
    /// Within it the bucket waits for the clock, so that two daemons with slightly different clocks cannot earn the
    /// same moment twice. Beyond it the bucket goes back with the clock, or a clock that once stood a year ahead
    /// would stop an account for a year. Neither gives a token.
    pub const CLOCK_STEP_BACK_MS: i64 = 120_000;

    /// The bucket of a key that was never seen before: full.
    pub fn full(plan: RatePlan, now: Timestamp) -> Self {
        Self { credit_ms: plan.full_ms(), updated_at_ms: now.timestamp_millis() }
    }

    /// The bucket stored as these two numbers: credit in milliseconds, and milliseconds since 1970 in UTC.
    pub fn from_parts(credit_ms: i64, updated_at_ms: i64) -> Self {
        Self { credit_ms: credit_ms.max(0), updated_at_ms }
    }

    /// `(credit_ms, updated_at_ms)`, the reverse of [`Self::from_parts`].
    pub fn parts(self) -> (i64, i64) {
        (self.credit_ms, self.updated_at_ms)
    }

    /// Takes one request if there is credit for it. The bucket returned is to be stored in either case.
    #[must_use = "the bucket returned holds the new state"]
    pub fn take(self, plan: RatePlan, now: Timestamp) -> (Self, BudgetGrant) {
        let bucket = self.refilled(plan, now);
        let left = bucket.credit_ms - plan.interval_ms();
        if left >= 0 {
            return (Self { credit_ms: left, ..bucket }, BudgetGrant::Granted);
        }
        let ready_ms = bucket.updated_at_ms.saturating_sub(left);
        (bucket, BudgetGrant::WaitUntil(DateTime::from_timestamp_millis(ready_ms).unwrap_or(Timestamp::MAX_UTC)))
    }

    /// Drops all credit: the vendor says that the budget is used up (429), whatever we had counted.
    #[must_use = "the bucket returned holds the new state"]
    pub fn drain(self, plan: RatePlan, now: Timestamp) -> Self {
        Self { credit_ms: 0, ..self.refilled(plan, now) }
    }

    fn refilled(self, plan: RatePlan, now: Timestamp) -> Self {
        let now_ms = now.timestamp_millis();
        let elapsed = now_ms.saturating_sub(self.updated_at_ms);
        let updated_at_ms = if (-Self::CLOCK_STEP_BACK_MS..0).contains(&elapsed) { self.updated_at_ms } else { now_ms };
        let credit_ms = self.credit_ms.saturating_add(elapsed.max(0)).min(plan.full_ms());
        Self { credit_ms, updated_at_ms }
    }
}
