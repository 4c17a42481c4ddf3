//! Whether the clock can be trusted to say that something is due. Destroying is the one thing that cannot be undone, so
//! a clock that has jumped stops it, and an alarm is raised; nothing else waits.

use std::fmt;

use chrono::Duration;
use ordersync_types::Timestamp;

use crate::{Core, CoreError};

/// The wall clock may lie this far before the newest entry of the audit: more means that it went back.
const BACK: Duration = Duration::minutes(5);
/// The last heartbeat may be this old without another witness: more means that the daemon was off, or that the clock
/// jumped forward.
const FORWARD: Duration = Duration::hours(36);
/// Two witnesses agree when they differ by no more than this.
const ALIKE: Duration = Duration::minutes(5);
/// A marketplace's date is a witness for this long.
const FRESH: Duration = Duration::hours(1);

/// What else knows how much time has passed.
pub trait TimeEvidence: Send + Sync {
    /// The machine's start by name, and the milliseconds since then, sleep included; `None` when it cannot be told.
    fn since_boot(&self) -> Option<(String, i64)>;

    /// Dates that marketplaces sent, each with our own clock's moment of seeing it: (theirs, ours).
    fn dates_seen(&self) -> Vec<(Timestamp, Timestamp)>;
}

impl fmt::Debug for dyn TimeEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeEvidence")
    }
}

/// The last heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heartbeat {
    at: Timestamp,
    boot: Option<(String, i64)>,
}

impl Core {
    /// Why the clock cannot be trusted now; `None` when it can, or when nobody was set to give evidence.
    ///
    /// # Errors
    /// What the store says.
    pub async fn clock_fault(&self) -> Result<Option<String>, CoreError> {
        let Some(evidence) = self.evidence.get() else { return Ok(None) };
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let newest = self.store.newest_audit_at().await?;
        if let Some(newest) = newest
            && newest.signed_duration_since(now) > BACK
        {
            let newest = newest.format("%Y-%m-%d %H:%M UTC");
            return Ok(Some(format!(
                "the audit holds an entry of {newest}, which lies ahead of the clock: it went back"
            )));
        }
        let last = match self.store.last_heartbeat().await? {
            Some((at, boot)) => Some(Heartbeat { at, boot }),
            // The daemon has never lived here: what was done by hand is the last sign of life.
            None => newest.map(|at| Heartbeat { at, boot: None }),
        };
        let Some(last) = last else { return Ok(None) };
        let gap = now.signed_duration_since(last.at);
        if gap <= FORWARD {
            return Ok(None);
        }
        let agrees = boot_agrees(&last, evidence.since_boot().as_ref(), gap)
            || evidence.dates_seen().iter().any(|seen| date_agrees(*seen, now));
        Ok((!agrees).then(|| {
            format!(
                "the clock stands {} hours after the last sign of life, and neither the time since the machine's start nor a \
                 marketplace's date agrees",
                gap.num_hours()
            )
        }))
    }

    /// Says that the daemon lives and that its clock is trusted; false, and nothing is said, when it is not.
    ///
    /// # Errors
    /// What the store says.
    pub async fn beat(&self) -> Result<bool, CoreError> {
        let _busy = self.clock.busy();
        if self.clock_fault().await?.is_some() {
            return Ok(false);
        }
        let boot = self.evidence.get().and_then(|evidence| evidence.since_boot());
        self.store.beat(self.clock.now(), boot).await?;
        Ok(true)
    }
}

/// The same start of the machine, and as much time since the last heartbeat by its own count.
fn boot_agrees(last: &Heartbeat, now: Option<&(String, i64)>, gap: Duration) -> bool {
    match (&last.boot, now) {
        (Some((then, before)), Some((name, since))) if then == name => {
            (gap - Duration::milliseconds(since - before)).abs() <= ALIKE
        }
        _ => false,
    }
}

/// A date that was seen lately, and was ours within minutes.
fn date_agrees((theirs, ours): (Timestamp, Timestamp), now: Timestamp) -> bool {
    let age = now.signed_duration_since(ours);
    age >= Duration::zero() && age <= FRESH && ours.signed_duration_since(theirs).abs() <= ALIKE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_time_since_the_machines_start_counts_only_within_one_start() {
        let last = Heartbeat { at: at("2026-11-01T00:00:00Z"), boot: Some(("a".to_owned(), 1_000)) };
        let month = Duration::days(31);
        let later = |name: &str, ms| Some((name.to_owned(), ms));
        assert!(boot_agrees(&last, later("a", 1_000 + month.num_milliseconds() + 60_000).as_ref(), month));
        assert!(!boot_agrees(&last, later("a", 3_600_000).as_ref(), month), "an hour is no month");
        assert!(!boot_agrees(&last, later("b", 1_000 + month.num_milliseconds()).as_ref(), month));
        assert!(!boot_agrees(&last, None, month));
    }

    #[test]
    fn a_date_counts_while_it_is_fresh_and_ours() {
        let now = at("2026-11-24T12:00:00Z");
        let seen = |theirs: &str, ours: &str| date_agrees((at(theirs), at(ours)), now);
        assert!(seen("2026-11-24T11:58:00Z", "2026-11-24T11:59:00Z"));
        assert!(!seen("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z"), "two hours old");
        assert!(!seen("2016-11-24T11:59:00Z", "2026-11-24T11:59:00Z"), "ten years apart");
        assert!(!seen("2026-11-24T12:01:00Z", "2026-11-24T12:01:00Z"), "seen before the clock went back");
    }
}
