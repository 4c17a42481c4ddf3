//! What a person sees while time passes: a line a simulated week, and on a terminal a bar.

use std::io::IsTerminal;
use std::sync::Arc;

use chrono::TimeDelta;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ordersync_core::{Core, StoreError};
use ordersync_testkit::SteppedClock;
use ordersync_types::{Clock, Timestamp};

use crate::say;
use crate::summary::SELLER;

/// The lines, and the bar below them.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    start: Timestamp,
}

impl Progress {
    /// From `start` to `end`; the bar only where standard error is a terminal.
    pub(crate) fn new(start: Timestamp, end: Timestamp) -> Self {
        let hours = u64::try_from(end.signed_duration_since(start).num_hours()).unwrap_or(0);
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(hours), ProgressDrawTarget::stderr());
            match ProgressStyle::with_template("{bar:40} {msg}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar, start }
    }

    /// Time has come to `now`. Called at every step of the clock, which is the heartbeat of the run.
    pub(crate) fn heartbeat(&self, now: Timestamp) {
        if let Some(bar) = &self.bar {
            let hours = now.signed_duration_since(self.start).num_hours();
            bar.set_position(u64::try_from(hours).unwrap_or(0));
            bar.set_message(now.format("%a %e %b %Y").to_string());
        }
    }

    /// Prints a line above the bar.
    pub(crate) fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Tells after each week what has come of it, until dropped.
pub(crate) async fn tell_weeks(clock: SteppedClock, core: Arc<Core>, progress: Progress) {
    let start = clock.now();
    let mut before = Counts::default();
    for week in 1.. {
        // A minute after the polls of that hour have begun; they are done by then, since nobody sleeps in between.
        clock.sleep_until(start + TimeDelta::weeks(week) + TimeDelta::minutes(1)).await;
        let _busy = clock.busy();
        match Counts::of(&core).await {
            Ok(counts) => {
                progress.line(&counts.week(week, clock.now(), &before));
                before = counts;
            }
            Err(error) => progress.line(&format!("week {week}: the orders cannot be counted: {error}")),
        }
    }
}

/// Where the orders stand.
#[derive(Debug, Default)]
struct Counts {
    orders: i64,
    open: i64,
    cancelled: i64,
    changes: i64,
    deleted: i64,
}

impl Counts {
    async fn of(core: &Core) -> Result<Self, StoreError> {
        let mut counts = Self::default();
        for (_marketplace, status, count) in core.store.order_counts(SELLER).await? {
            counts.orders += count;
            match status.as_str() {
                "cancelled" => counts.cancelled += count,
                "pre_order" | "pending" | "unshipped" | "partially_shipped" => counts.open += count,
                _ => {}
            }
        }
        let number = async |sql| core.store.number(false, sql).await;
        counts.changes = number("SELECT COUNT(*) FROM order_event").await;
        counts.deleted = number("SELECT COUNT(*) FROM orders WHERE delivery_purged_at IS NOT NULL").await;
        Ok(counts)
    }

    fn week(&self, week: i64, now: Timestamp, before: &Self) -> String {
        format!(
            "week {week} to {}: {} orders arrived, {} changes; {} open, {} cancelled; {} addresses deleted",
            now.format("%e %b %Y"),
            self.orders - before.orders,
            self.changes - before.changes,
            self.open,
            self.cancelled,
            self.deleted - before.deleted,
        )
    }
}
