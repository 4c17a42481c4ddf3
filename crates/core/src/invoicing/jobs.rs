//! Looking at orders whenever something of them has left or come back, and at everything that waits once a day.

use std::time::Duration;

use ordersync_store::{Account, AccountInvoicing, ClaimedJob, JobKind, OrderFilter};
use ordersync_types::{OrderId, SellerId, Timestamp};

use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// How long a claim on a job lasts.
const CLAIM: Duration = Duration::from_secs(120);
/// Orders that are looked at together.
const BATCH: usize = 100;

impl Core {
    /// Does up to `limit` jobs, each of which looks at some orders; tells how many were taken up. Each may run twice.
    ///
    /// # Errors
    /// What the store says. A job that fails is put off, and the others go on.
    pub async fn issue_queued(&self, limit: u32) -> Result<u32, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let jobs = self.store.claim_jobs(JobKind::Invoice, &self.holder, now, CLAIM, limit).await?;
        for job in &jobs {
            self.issue_job(job).await?;
        }
        Ok(u32::try_from(jobs.len()).unwrap_or(u32::MAX))
    }

    async fn issue_job(&self, job: &ClaimedJob) -> Result<(), CoreError> {
        let actor = Actor::system("invoicing");
        let mut failed: Vec<OrderId> = Vec::new();
        let mut reason = String::new();
        for orders in job.orders.chunks(BATCH) {
            let Err(error) = self.issue_due(job.seller, orders, &actor).await else { continue };
            if orders.len() == 1 {
                failed.extend(orders);
                reason = error.to_string();
                continue;
            }
            // One order that fails is found by taking each alone; the others get their documents.
            for order in orders {
                if let Err(error) = self.issue_due(job.seller, &[*order], &actor).await {
                    failed.push(*order);
                    reason = error.to_string();
                }
            }
        }
        if failed.is_empty() {
            return Ok(self.store.end_jobs(job.seller, &[job.job_id]).await?);
        }
        tracing::warn!(reason, job = %job.job_id, orders = failed.len(), "invoices put off");
        let wait = chrono::Duration::minutes(job.tries.clamp(1, 60));
        Ok(self.store.put_off_job(job, &failed, self.clock.now() + wait, &reason).await?)
    }

    /// When the next job that looks at orders is due.
    ///
    /// # Errors
    /// What the store says.
    pub async fn next_invoicing(&self) -> Result<Option<Timestamp>, CoreError> {
        let due = self.store.next_job_due(JobKind::Invoice).await?;
        Ok(due.and_then(chrono::DateTime::from_timestamp_millis))
    }

    /// Has whoever waits for [`Self::invoicing_queued`] look at the queue: a page of orders was stored.
    pub fn wake_invoicing(&self) {
        self.invoices_due.notify_one();
    }

    /// Waits until somebody has queued orders in this process.
    pub async fn invoicing_queued(&self) {
        self.invoices_due.notified().await;
    }

    /// Says who issues an account's invoices, from when, and where its stock is, and looks at its orders again.
    ///
    /// # Errors
    /// What the store says. May be repeated.
    pub async fn set_account_invoicing(
        &self,
        account: &Account,
        invoicing: &AccountInvoicing,
        actor: &Actor,
    ) -> Result<u64, CoreError> {
        let seller = account.seller;
        self.store.set_account_invoicing(seller, account.account, invoicing).await?;
        let issuer = invoicing.issuer.map_or("not said", ordersync_store::InvoiceIssuer::name);
        let now = self.clock.now();
        let entry = audit_entry(seller, now, actor, "account.invoices", "account", &account.account, issuer.to_owned());
        self.store.write_audit(&[entry]).await?;
        self.queue_account(seller, account).await
    }

    /// Queues all orders of an account that have left; tells how many.
    async fn queue_account(&self, seller: SellerId, account: &Account) -> Result<u64, CoreError> {
        let mut queued: u64 = 0;
        let mut before = None;
        loop {
            let filter = OrderFilter { account: Some(account.account), before, limit: 500, ..OrderFilter::default() };
            let page = self.store.list_orders(seller, &filter).await?;
            let Some(last) = page.last() else { return Ok(queued) };
            before = Some(last.order_id);
            let left = page.iter().filter(|order| !order.history && may_need_invoice(&order.status));
            let ids: Vec<OrderId> = left.map(|order| order.order_id).collect();
            if !ids.is_empty() {
                queued += u64::try_from(ids.len()).unwrap_or_default();
                self.queue_invoicing(seller, ids).await?;
            }
        }
    }
}

/// Whether an order of this status may have left, at least in part.
pub(crate) fn may_need_invoice(status: &str) -> bool {
    !matches!(status, "pre_order" | "pending")
}
