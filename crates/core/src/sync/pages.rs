//! The pages of a window on their way from the marketplace to the database: fetching, preparing and writing overlap, and
//! pages are written in their order.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use ordersync_connector_api::{MarketplaceConnector, OrderPage, PageToken, Window};
use ordersync_store::{Account, Lease, ResumeHint};
use ordersync_types::BusyGuard;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::SyncReport;
use crate::intake::{PagePlace, PreparedPage, Touched};
use crate::{Core, CoreError};

/// Pages that are prepared at a time, each by a task of its own: while one waits for its keys to be durable, the next is
/// sealed.
const PAGES_PREPARED: usize = 2;
/// Pages that may wait, sealed, for the one that is being written: every now and then a write takes three times as long,
/// when the database moves its log into its file.
pub(super) const PAGES_READY: usize = 2;
/// Pages that one transaction takes when they wait already: what every transaction costs, the wait for the disk before
/// all, is then paid once.
const PAGES_A_WRITE: usize = 2;

/// A page on its way from the fetcher, with the guard that keeps simulated time from jumping over it.
pub(super) struct Fetched {
    page: OrderPage,
    /// Where this page's window goes on.
    next: Option<ResumeHint>,
    guard: BusyGuard,
    taken: oneshot::Sender<()>,
}

/// A page on its way to the database.
pub(super) struct Ready {
    page: PreparedPage,
    guard: BusyGuard,
    done: oneshot::Sender<()>,
}

/// Fetches a window's pages from `place` on, until the last.
pub(super) async fn fetch_pages(
    core: Arc<Core>,
    connector: Arc<dyn MarketplaceConnector>,
    window: Window,
    mut place: Option<PageToken>,
    fetched: mpsc::Sender<Fetched>,
) -> Result<(), CoreError> {
    loop {
        let guard = core.clock.busy();
        // A fetch that waits for its rate budget may wait for minutes; dropping it loses nothing, because the place
        // in the window is stored with the page before.
        let mut page = tokio::select! {
            page = connector.poll_orders(window, place.as_ref()) => page?,
            () = core.stopped() => return Ok(()),
        };
        let next = page.next.take();
        let hint = next.as_ref().map(|next| ResumeHint {
            window_from: window.from,
            window_to: window.to,
            page_token: next.survives_restart.then(|| next.token.as_str().to_owned()),
            at: core.clock.now(),
        });
        let (taken, was_taken) = oneshot::channel();
        let sent = fetched.send(Fetched { page, next: hint, guard, taken }).await;
        if sent.is_err() || was_taken.await.is_err() {
            return Ok(()); // preparing failed; its own error is told
        }
        match next {
            Some(next) => place = Some(next.token),
            None => return Ok(()),
        }
    }
}

/// Writes pages in their order, each whole.
pub(super) async fn write_pages(core: Arc<Core>, mut ready: mpsc::Receiver<Ready>) -> Result<(), CoreError> {
    while let Some(first) = ready.recv().await {
        let _busy = core.clock.busy();
        let began = core.clock.monotonic();
        let (mut pages, mut waiting) = (Vec::with_capacity(PAGES_A_WRITE), Vec::with_capacity(PAGES_A_WRITE));
        let mut next = Some(first);
        while let Some(Ready { page, guard, done }) = next {
            waiting.push((page.orders, guard, done));
            pages.push(page.write);
            next = if pages.len() < PAGES_A_WRITE { ready.try_recv().ok() } else { None };
        }
        core.store.write_pages(pages).await?;
        let took = core.clock.monotonic().saturating_sub(began);
        let page_write_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (orders, _handed_over, done) in waiting {
            tracing::debug!(orders, page_write_us, "a page is stored");
            let _nobody_waits = done.send(());
        }
    }
    Ok(())
}

/// What all pages of a window have in common.
#[derive(Clone, Copy)]
pub(super) struct OfWindow<'a> {
    pub(super) core: &'a Arc<Core>,
    pub(super) account: &'a Account,
    pub(super) connector: &'a Arc<dyn MarketplaceConnector>,
    pub(super) window: Window,
    pub(super) lease: &'a Lease,
}

/// The stage between fetching and writing.
pub(super) struct Preparing<'a> {
    of: OfWindow<'a>,
    ready: mpsc::Sender<Ready>,
    /// Ended with this.
    tasks: JoinSet<()>,
    /// Their results, in the order of the pages.
    prepared: FuturesOrdered<oneshot::Receiver<Result<Ready, CoreError>>>,
    /// The pages that are not written yet, in their order, with what tells when they are.
    unwritten: VecDeque<(Touched, oneshot::Receiver<()>)>,
    report: SyncReport,
}

/// A page on its way out of its task, which may end without a result.
type Prepared = Result<Result<Ready, CoreError>, oneshot::error::RecvError>;

/// Why preparing ends early.
enum Ended {
    /// The writer failed: its own error is told.
    WriterGone,
    Failed(CoreError),
}

impl<'a> Preparing<'a> {
    pub(super) fn new(of: OfWindow<'a>, ready: mpsc::Sender<Ready>) -> Self {
        let report = SyncReport::default();
        let (tasks, prepared, unwritten) = (JoinSet::new(), FuturesOrdered::new(), VecDeque::new());
        Self { of, ready, tasks, prepared, unwritten, report }
    }

    /// Prepares what is fetched and hands it to the writer, until the last page or the first error.
    pub(super) async fn run(mut self, mut fetched: mpsc::Receiver<Fetched>) -> Result<SyncReport, CoreError> {
        let mut more = true;
        while more || !self.prepared.is_empty() {
            let on = tokio::select! {
                biased;
                Some(page) = self.prepared.next() => self.hand_over(page).await,
                page = fetched.recv(), if more && self.prepared.len() < PAGES_PREPARED => match page {
                    Some(page) => self.begin(page).await,
                    None => {
                        more = false;
                        Ok(())
                    }
                },
            };
            match on {
                Ok(()) => {}
                Err(Ended::WriterGone) => break,
                Err(Ended::Failed(error)) => return Err(error),
            }
        }
        Ok(self.report)
    }

    /// Begins to prepare a page, as soon as every page before it that has one of its orders or buyers is written: what is
    /// held of them is looked up in the database.
    async fn begin(&mut self, fetched: Fetched) -> Result<(), Ended> {
        let Fetched { page, next, guard: _handed_over, taken } = fetched;
        let OfWindow { core, account, connector, window, lease } = self.of;
        let guard = core.clock.busy();
        // The fetcher may go on, and sleep: this page is under our own guard now.
        let _fetcher_gone = taken.send(());
        let touched = core.touched(account, &page);
        while let Some((_, done)) = self.unwritten.front_mut() {
            match done.try_recv() {
                Ok(()) => drop(self.unwritten.pop_front()),
                Err(TryRecvError::Empty) => break,
                // Not to be asked again: a receiver that has said so panics.
                Err(TryRecvError::Closed) => return Err(Ended::WriterGone),
            }
        }
        while self.unwritten.iter().any(|(other, _)| touched.meets(other)) {
            while let Some(page) = self.prepared.next().await {
                self.hand_over(page).await?;
            }
            let Some((_, done)) = self.unwritten.pop_front() else { break };
            done.await.map_err(|_| Ended::WriterGone)?;
        }
        let last = next.is_none();
        let bound = page.bound.map_or(window.to, |bound| bound.min(window.to));
        if last {
            self.report.watermark = Some(bound);
        }
        let watermark = last.then_some(bound);
        let place = PagePlace { resume: next, watermark, moves_cursor: true, lease: Some(lease.proof()) };
        let (done_in, done) = oneshot::channel();
        self.unwritten.push_back((touched, done));
        let (core, account, connector) = (core.clone(), account.clone(), connector.clone());
        let (result_in, result) = oneshot::channel();
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(async move {
            let page = core.prepare_page(&account, connector.info(), page, place).await;
            let _reading_ended = result_in.send(page.map(|page| Ready { page, guard, done: done_in }));
        });
        self.prepared.push_back(result);
        Ok(())
    }

    async fn hand_over(&mut self, page: Prepared) -> Result<(), Ended> {
        let page = page.unwrap_or(Err(CoreError::Stopped("preparing a page"))).map_err(Ended::Failed)?;
        let counts = page.page.counts;
        self.ready.send(page).await.map_err(|_| Ended::WriterGone)?;
        self.report.pages += 1;
        self.report.counts.add(&counts);
        Ok(())
    }
}
