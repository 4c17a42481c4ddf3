//! Usage plans: a bucket of tokens on the clock.

use ordersync_types::Timestamp;

/// How often an operation may be called: a full bucket of `burst`, refilled evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsagePlan {
    /// Calls a second, in millionths: 5,600 is 0.0056 a second.
    pub micro_per_second: u64,
    /// Calls a full bucket holds.
    pub burst: u64,
}

impl UsagePlan {
    /// The rate as Amazon writes it in `x-amzn-RateLimit-Limit`, for example `0.0056`.
    pub(crate) fn rate(self) -> String {
        let fraction = format!("{:06}", self.micro_per_second % 1_000_000);
        let fraction = fraction.trim_end_matches('0');
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        format!("{}.{fraction}", self.micro_per_second / 1_000_000)
    }
}

/// A token, in the bucket's smallest unit. A millionth of a token a second is one unit a millisecond.
const TOKEN: u64 = 1_000_000_000;

/// What is left of a plan.
#[derive(Debug)]
pub(crate) struct Bucket {
    plan: UsagePlan,
    units: u64,
    seen: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub(crate) const fn full(plan: UsagePlan, now: Timestamp) -> Self {
        Self { plan, units: plan.burst.saturating_mul(TOKEN), seen: now }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        let passed = u64::try_from((now - self.seen).num_milliseconds()).unwrap_or(0);
        let full = self.plan.burst.saturating_mul(TOKEN);
        self.units = self.units.saturating_add(passed.saturating_mul(self.plan.micro_per_second)).min(full);
        self.seen = self.seen.max(now);
        match self.units.checked_sub(TOKEN) {
            Some(left) => {
                self.units = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let start = chrono::Utc.timestamp_opt(1_800_000_000, 0).unwrap();
        let mut bucket = Bucket::full(UsagePlan { micro_per_second: 5_600, burst: 20 }, start);
        assert_eq!((0..50).filter(|_| bucket.take(start)).count(), 20);
        assert!(!bucket.take(start + Duration::milliseconds(178_571)), "1 / 0.0056 s is 178,571.4 ms");
        assert!(bucket.take(start + Duration::milliseconds(178_572)));
        assert!(!bucket.take(start + Duration::milliseconds(178_573)));
        let day = start + Duration::days(2);
        assert_eq!((0..50).filter(|_| bucket.take(day)).count(), 20, "never more than the burst");
        assert!(!bucket.take(start), "a clock set back gives nothing");
    }

    #[test]
    fn rates_are_written_as_amazon_writes_them() {
        for (micro_per_second, text) in [(5_600, "0.0056"), (500_000, "0.5"), (2_000_000, "2.0"), (16_700, "0.0167")] {
            assert_eq!(UsagePlan { micro_per_second, burst: 1 }.rate(), text);
        }
    }
}
