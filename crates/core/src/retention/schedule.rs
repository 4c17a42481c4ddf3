//! The retention schedule: pure.

use chrono::{Duration, Months};
use ordersync_types::Timestamp;

/// Days after dispatch that stand in for an unknown delivery when nothing was promised.
const DISPATCH_FALLBACK_DAYS: i64 = 14;
/// Days after the order that stand in for an unknown delivery when it was not even dispatched.
const ORDER_FALLBACK_DAYS: i64 = 45;

/// When an order's delivery data must be gone.
///
/// It starts with the confirmed delivery; else the latest promised date; else 14 days after dispatch; else 45 days
/// after the order. It ends `days` later: 30 by default, and for Amazon never more (Amazon Data Protection Policy,
/// personal data at most 30 days after delivery). Always finite, and known from the first moment.
pub fn delivery_purge_after(
    created_at: Timestamp,
    promised_by: Option<Timestamp>,
    dispatched_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    days: u32,
) -> Timestamp {
    let start = delivered_at
        .or(promised_by)
        .or_else(|| dispatched_at.and_then(|at| at.checked_add_signed(Duration::days(DISPATCH_FALLBACK_DAYS))))
        .or_else(|| created_at.checked_add_signed(Duration::days(ORDER_FALLBACK_DAYS)))
        .unwrap_or(created_at);
    start.checked_add_signed(Duration::days(i64::from(days))).unwrap_or(start)
}

/// When an order's facts must be gone: `months` after its last change; `None` without a limit.
///
/// Amazon: 18 months for data without a person (Data Protection Policy, since 2025-11-25).
pub fn facts_purge_after(updated_at: Timestamp, months: Option<u32>) -> Option<Timestamp> {
    months.and_then(|months| updated_at.checked_add_months(Months::new(months)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_date_that_is_known_starts_the_clock() {
        let (created, promised, dispatched, delivered) = (
            at("2026-01-01T00:00:00Z"),
            Some(at("2026-01-10T00:00:00Z")),
            Some(at("2026-01-05T00:00:00Z")),
            Some(at("2026-01-08T00:00:00Z")),
        );
        for (promised, dispatched, delivered, gone) in [
            (promised, dispatched, delivered, "2026-02-07T00:00:00Z"),
            (promised, dispatched, None, "2026-02-09T00:00:00Z"),
            (None, dispatched, None, "2026-02-18T00:00:00Z"),
            (None, None, None, "2026-03-17T00:00:00Z"),
        ] {
            assert_eq!(delivery_purge_after(created, promised, dispatched, delivered, 30), at(gone));
        }
        // A leap day counts as a day.
        assert_eq!(
            delivery_purge_after(created, None, None, Some(at("2028-02-28T12:00:00Z")), 2),
            at("2028-03-01T12:00:00Z")
        );
    }

    #[test]
    fn facts_go_by_calendar_months() {
        assert_eq!(facts_purge_after(at("2026-08-31T00:00:00Z"), Some(18)), Some(at("2028-02-29T00:00:00Z")));
        assert_eq!(facts_purge_after(at("2026-08-31T00:00:00Z"), None), None);
    }

    #[test]
    fn dates_at_the_end_of_the_calendar_do_not_panic() {
        let end = Timestamp::MAX_UTC;
        assert_eq!(delivery_purge_after(end, Some(end), Some(end), None, u32::MAX), end);
        assert_eq!(facts_purge_after(end, Some(u32::MAX)), None);
    }
}
