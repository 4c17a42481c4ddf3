//! The jobs that belong to no account: search tags, labels without an answer, and retention.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use ordersync_core::JobKind;
use ordersync_core::fulfilment::ABANDONED;
use ordersync_types::{Clock, SellerId, SystemClock, Timestamp};
use tokio::sync::Notify;

use crate::runtime::poll::after;
use crate::runtime::shared::Shared;
use crate::runtime::spool;

/// The one seller of an installation.
const SELLER: SellerId = SellerId::new(1);

/// Orders whose search tags are filled at once.
const TAG_BATCH: u32 = 100;
/// How long the job for search tags sleeps when nothing is queued and nobody wakes it.
const TAGS_IDLE: Duration = Duration::from_secs(3600);
/// A label that was asked for may be somebody's work for a while; then nobody answers any more.
const SETTLED_AFTER: Duration = Duration::from_secs(ABANDONED.num_seconds().unsigned_abs() + 1);
/// Retention runs first this long after the start.
const RETENTION_FIRST: Duration = Duration::from_secs(120);
/// And then this often.
const RETENTION_EVERY: Duration = Duration::from_secs(3600);
/// Longest time that the run before serving may take, in real time: what is left goes two minutes later.
const BEFORE_SERVING: Duration = Duration::from_secs(60);

/// Fills search tags whenever orders were stored, until the daemon stops.
pub(crate) async fn search_tags(shared: Arc<Shared>, stored: Arc<Notify>) {
    let clock = shared.core.clock.clone();
    loop {
        let wake = match shared.core.fill_search_tags(TAG_BATCH).await {
            Ok(TAG_BATCH) => clock.now(),
            Ok(_) => next_tags(&shared).await,
            Err(error) => {
                tracing::warn!(%error, "search tags cannot be filled");
                after(clock.now(), Duration::from_secs(60))
            }
        };
        tokio::select! {
            biased;
            () = shared.core.stopped() => return,
            () = stored.notified() => {}
            () = clock.sleep_until(wake) => {}
        }
    }
}

/// When the next job is due: never at once, since one that is due and was not done is somebody else's.
async fn next_tags(shared: &Shared) -> Timestamp {
    let _busy = shared.core.clock.busy();
    let now = shared.core.clock.now();
    let (soon, late) = (after(now, Duration::from_secs(60)), after(now, TAGS_IDLE));
    match shared.core.store.next_job_due(JobKind::FillSearchTags).await {
        Ok(due) => due.and_then(DateTime::from_timestamp_millis).map_or(late, |due| due.clamp(soon, late)),
        Err(_) => soon,
    }
}

/// Settles labels that were asked for and got no answer, five minutes later: those that a crash left, and those whose
/// asker went away or could not store them. Until the daemon stops.
pub(crate) async fn unanswered_labels(shared: Arc<Shared>) {
    let clock = shared.core.clock.clone();
    let mut left = true;
    loop {
        let wake = after(clock.now(), SETTLED_AFTER);
        tokio::select! {
            biased;
            () = shared.core.stopped() => return,
            () = shared.core.labels_left_unanswered(), if !left => left = true,
            () = clock.sleep_until(wake), if left => {
                settle_labels(&shared).await;
                left = shared.core.has_unanswered_labels(SELLER).await.unwrap_or(true);
            }
        }
    }
}

/// Opens the canaries and runs retention two minutes after the start and every hour, until the daemon stops.
pub(crate) async fn retention(shared: Arc<Shared>) {
    let clock = shared.core.clock.clone();
    let mut pause = RETENTION_FIRST;
    loop {
        let wake = after(clock.now(), pause);
        tokio::select! {
            biased;
            () = shared.core.stopped() => return,
            () = clock.sleep_until(wake) => {}
        }
        run_retention(&shared).await;
        pause = RETENTION_EVERY;
    }
}

/// Settles what a crash left of labels, and purges what is overdue before anybody can read it, within a bound: what is left
/// goes two minutes later. Then the first heartbeat.
pub(crate) async fn before_serving(shared: &Shared, retention: bool) {
    settle_labels(shared).await;
    match shared.core.plan_retention().await {
        Ok(_) if !retention => {}
        Ok(plan) if plan.iter().any(|class| class.due > 0) => {
            if tokio::time::timeout(BEFORE_SERVING, run_retention(shared)).await.is_err() {
                tracing::warn!("not everything overdue is purged yet: it goes on in two minutes");
            }
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "what is overdue cannot be told"),
    }
    // From now on a clock that jumps is seen to have jumped.
    beat(shared).await;
}

pub(crate) async fn settle_labels(shared: &Shared) {
    match shared.core.recover_labels(SELLER).await {
        Ok(0) => {}
        Ok(settled) => tracing::info!(settled, "labels that were asked for without an answer are settled"),
        Err(error) => tracing::error!(%error, "labels that were asked for without an answer cannot be settled"),
    }
}

async fn run_retention(shared: &Shared) {
    if let Err(error) = shared.core.check_canaries().await {
        tracing::error!(%error, "keys and sealed records do not fit: stop the daemon and look at both databases");
    }
    match shared.core.run_retention().await {
        Ok(Some(report)) => {
            for copy in report.copies.iter().filter(|copy| copy.destroyed > 0) {
                tracing::info!(copy = copy.copy, destroyed = copy.destroyed, "keys destroyed in a copy too");
            }
            for class in &report.classes {
                tracing::info!(
                    class = class.class.name(),
                    due = class.due,
                    destroyed = class.destroyed,
                    late_max_ms = class.late_max_ms,
                    clean = report.clean,
                    "retention"
                );
            }
        }
        Ok(None) => tracing::debug!("another daemon leads retention"),
        Err(error) => tracing::error!(%error, "retention failed; what was destroyed stays destroyed"),
    }
    // Also what another daemon left.
    settle_labels(shared).await;
    if let Err(error) = shared.core.follow_deliveries(SELLER).await {
        tracing::warn!(%error, "parcels that arrived by the marketplace's word could not be noted");
    }
    let removed = spool::clean(&shared.config().spool(), SystemClock.now());
    if removed > 0 {
        tracing::info!(removed, "spooled files over 24 hours old are removed");
    }
    beat(shared).await;
}

async fn beat(shared: &Shared) {
    match shared.core.beat().await {
        // That the clock is not trusted, the refused purge has told.
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the heartbeat cannot be written"),
    }
}
