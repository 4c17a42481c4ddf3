//! Issuing invoices whenever orders were stored or parcels left, and looking again at what waits once a day.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use ordersync_types::{SellerId, Timestamp};

use crate::runtime::poll::after;
use crate::runtime::shared::Shared;

/// The one seller of an installation.
const SELLER: SellerId = SellerId::new(1);
/// Jobs that are taken up at once; each is a page of orders.
const JOBS: u32 = 4;
/// How long it sleeps when nothing is queued and nobody wakes it.
const IDLE: Duration = Duration::from_secs(3600);
/// How long after a failure, or before a job that was put off is looked at.
const SOON: Duration = Duration::from_secs(60);
/// How often everything that waits is looked at again: a product may have been listed by another daemon.
const AGAIN: TimeDelta = TimeDelta::hours(24);

/// Issues what is due, until the daemon stops.
pub(crate) async fn issue(shared: Arc<Shared>) {
    let clock = shared.core.clock.clone();
    let mut looked_at: Option<Timestamp> = None;
    loop {
        let now = clock.now();
        if looked_at.is_none_or(|at| now.signed_duration_since(at) >= AGAIN) {
            match shared.core.look_at_waiting(SELLER).await {
                Ok(_) => looked_at = Some(now),
                Err(error) => tracing::warn!(%error, "invoices that wait cannot be looked at"),
            }
        }
        let wake = match shared.core.issue_queued(JOBS).await {
            Ok(JOBS) => clock.now(),
            Ok(_) => next(&shared).await,
            Err(error) => {
                tracing::warn!(%error, "invoices cannot be issued");
                after(clock.now(), SOON)
            }
        };
        tokio::select! {
            biased;
            () = shared.core.stopped() => return,
            () = shared.core.invoicing_queued() => {}
            () = clock.sleep_until(wake) => {}
        }
    }
}

/// When the next job is due: never at once, since one that is due and was not done is somebody else's.
async fn next(shared: &Shared) -> Timestamp {
    let _busy = shared.core.clock.busy();
    let now = shared.core.clock.now();
    let (soon, late) = (after(now, SOON), after(now, IDLE));
    match shared.core.next_invoicing().await {
        Ok(due) => due.map_or(late, |due| due.clamp(soon, late)),
        Err(_) => soon,
    }
}
