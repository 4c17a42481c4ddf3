//! How long to wait before the next try: pure, except for the jitter's own state.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};
use ordersync_types::Timestamp;

use crate::bucket::RatePlan;

/// The first wait after a failure of the network or the server.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// No computed wait is longer. Source: Amazon's advice as read 2026-11.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// A longer `Retry-After` is read as this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait after the try with this number (from 1) failed: 1 s, doubled each time, half of it again as jitter, at
/// most 15 minutes; never shorter than what the vendor asks for.
pub(crate) fn backoff(tries: u32, asked: Option<Duration>, jitter: &Jitter) -> Duration {
    let base = doubled(tries);
    let wait = base.saturating_add(jitter.up_to(base / 2)).min(LONGEST_WAIT);
    asked.map_or(wait, |asked| wait.max(spread(asked, jitter)))
}

/// The wait after 429: at least one interval of the plan (or the back-off, where intervals are short), with jitter.
pub(crate) fn throttled(tries: u32, plan: RatePlan, asked: Option<Duration>, jitter: &Jitter) -> Duration {
    spread(plan.interval().max(doubled(tries)).max(asked.unwrap_or_default()), jitter)
}

fn doubled(tries: u32) -> Duration {
    let factor = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}

/// A quarter more at most, so that several accounts do not come back in the same moment.
fn spread(wait: Duration, jitter: &Jitter) -> Duration {
    wait.saturating_add(jitter.up_to(wait / 4))
}

/// Reads `Retry-After`: seconds, or an HTTP date, which counts from the answer's own `Date` (the vendor's clock may
/// differ from ours). None when it is neither. Source: RFC 9110, section 10.2.3.
pub(crate) fn retry_after(text: &str, date: Option<Timestamp>, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_or(LONGEST_RETRY_AFTER, Duration::from_secs)
    } else {
        (http_date(text)? - date.unwrap_or(now)).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

/// Reads an HTTP date in any of its three forms. Source: RFC 9110, section 5.6.7.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(date.to_utc());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|date| date.and_utc())
}

/// Small random times (splitmix64): they spread load and protect nothing.
#[derive(Debug)]
pub(crate) struct Jitter(AtomicU64);

impl Jitter {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(AtomicU64::new(seed.unwrap_or_else(|| RandomState::new().build_hasher().finish())))
    }

    /// A time from 0 to `most`, in whole milliseconds.
    fn up_to(&self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX - 1);
        Duration::from_millis(self.next() % most.saturating_add(1))
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_from_a_second_to_a_quarter_of_an_hour() {
        let jitter = Jitter::new(Some(1));
        for (tries, from) in [(1, 1), (2, 2), (3, 4), (10, 512), (11, 900), (60, 900), (u32::MAX, 900)] {
            let wait = backoff(tries, None, &jitter).as_millis();
            assert!((from * 1_000..=(from * 1_500).min(900_000)).contains(&wait), "{tries}: {wait}");
        }
        assert!(backoff(1, Some(Duration::from_secs(30)), &jitter) >= Duration::from_secs(30));
    }

    #[test]
    fn jitter_spreads_and_repeats_with_its_seed() {
        let draw = |seed| {
            let jitter = Jitter::new(seed);
            (0..200).map(|_| jitter.up_to(Duration::from_millis(9)).as_millis()).collect::<Vec<_>>()
        };
        let drawn = draw(Some(5));
        assert!((0..=9).all(|value| drawn.contains(&value)) && drawn.iter().all(|value| *value <= 9));
        assert_eq!(drawn, draw(Some(5)));
        assert_ne!(draw(None), draw(None));
        assert_eq!(Jitter::new(None).up_to(Duration::ZERO), Duration::ZERO);
        Jitter::new(None).up_to(Duration::MAX);
    }

    #[test]
    fn http_dates_are_read_in_their_three_forms() {
        let wanted = DateTime::from_timestamp(784_111_777, 0);
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text), wanted, "{text}");
        }
        for text in ["", "soon", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }
}
