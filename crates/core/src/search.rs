//! Search by name and postcode: tags filled by a background job, candidates opened and compared before they count.

use std::time::Duration;

use ordersync_order::Recipient;
use ordersync_store::{ClaimedJob, JobKind, OrderFilter, OrderSummary};
use ordersync_types::{FieldState, Pii, SellerId};
use ordersync_vault::{CellPlace, SearchField, found};

use crate::open::audit_entry;
use crate::{Actor, Core, CoreError, Opened};

/// The generation of tags that is written and searched.
const GENERATION: i64 = 1;
/// How long a claim on a job lasts.
const CLAIM: Duration = Duration::from_secs(120);
/// Most candidates that are opened for one search.
const MOST_CANDIDATES: u32 = 200;

impl Core {
    /// Fills the search tags of up to `limit` orders; tells how many jobs were done. Each job may run twice.
    ///
    /// # Errors
    /// What the store says. A job that fails by itself is put off, and the others go on.
    pub async fn fill_search_tags(&self, limit: u32) -> Result<u32, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let jobs = self.store.claim_jobs(JobKind::FillSearchTags, &self.holder, now, CLAIM, limit).await?;
        let mut done = 0;
        for job in &jobs {
            match self.fill_one(job).await {
                Ok(()) => done += 1,
                Err(error) => {
                    tracing::warn!(%error, job = %job.job_id, "search tags put off");
                    let wait = chrono::Duration::minutes(job.tries.clamp(1, 60));
                    self.store.put_off_job(job, now + wait, &error.to_string()).await?;
                }
            }
        }
        if let Some(first) = jobs.first() {
            let detail = format!("{done} recipients opened: name postcode");
            let actor = Actor::system("search-tags");
            let entry = audit_entry(first.seller, now, &actor, "recipient.tag", "batch", &first.job_id, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(done)
    }

    async fn fill_one(&self, job: &ClaimedJob) -> Result<(), CoreError> {
        let Some(order) = job.order_id else {
            return Ok(self.store.end_job(job).await?);
        };
        let Some(row) = self.store.recipients(job.seller, &[order]).await?.pop() else {
            return Ok(self.store.end_job(job).await?);
        };
        let mut keys = self.keys.open_keys(&self.store, &[row.key_id]).await?;
        let Some(Some(key)) = keys.remove(&row.key_id) else {
            return Ok(self.store.end_job(job).await?);
        };
        let place =
            CellPlace { seller: job.seller, primary_key: *order.as_uuid().as_bytes(), row_version: row.row_version };
        let recipient: Recipient = key.open(place, &row.sealed)?;
        let mut tags: Vec<(SearchField, i64)> = Vec::new();
        for (field, value) in searched(&recipient) {
            if let Some(value) = value.get() {
                let key = self.keys.tree().search_key(job.seller, field, GENERATION);
                tags.extend(key.tags(value).into_iter().map(|tag| (field, tag)));
            }
        }
        tags.sort_unstable();
        tags.dedup();
        Ok(self.store.write_search_tags(job, order, GENERATION, &tags).await?)
    }

    /// Orders whose recipient's name holds every word of `typed`, or whose postcode it is. Purged orders are not found.
    ///
    /// # Errors
    /// What the store or the vault say.
    pub async fn find_orders(
        &self,
        seller: SellerId,
        typed: &Pii<String>,
        actor: &Actor,
    ) -> Result<Vec<OrderSummary>, CoreError> {
        let mut ids = Vec::new();
        for field in SearchField::ALL {
            let tags = self.keys.tree().search_key(seller, field, GENERATION).query_tags(typed);
            ids.extend(self.store.orders_with_tags(seller, field, GENERATION, &tags, MOST_CANDIDATES).await?);
        }
        ids.sort_unstable();
        ids.dedup();
        let filter = OrderFilter { ids: Some(ids), limit: u64::from(MOST_CANDIDATES) * 2, ..OrderFilter::default() };
        let mut found = Vec::new();
        for order in self.store.list_orders(seller, &filter).await? {
            if let Opened::Present(recipient) = self.open_recipient(&order, actor).await?
                && matches(&recipient, typed)
            {
                found.push(order);
            }
        }
        Ok(found)
    }
}

fn searched(recipient: &Recipient) -> [(SearchField, &FieldState); 2] {
    [(SearchField::Name, &recipient.name), (SearchField::Postcode, &recipient.postcode)]
}

/// A tag stands for several values: only what really matches is shown.
fn matches(recipient: &Recipient, typed: &Pii<String>) -> bool {
    searched(recipient).into_iter().any(|(field, value)| value.get().is_some_and(|value| found(field, value, typed)))
}
