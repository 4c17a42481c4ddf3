//! Search by name and postcode: tags filled by a background job, candidates opened and compared before they count.

use std::time::Duration;

use ordersync_order::Recipient;
use ordersync_store::{ClaimedJob, JobKind, OrderFilter, OrderSummary, RecipientRow};
use ordersync_types::{FieldState, KeyId, OrderId, Pii, SellerId};
use ordersync_vault::{CellPlace, DataKey, SearchField, found};

use crate::open::audit_entry;
use crate::{Actor, Core, CoreError, Opened};

/// The generation of tags that is written and searched.
const GENERATION: i64 = 1;
/// How long a claim on a job lasts.
const CLAIM: Duration = Duration::from_secs(120);
/// Most candidates that are opened for one search.
const MOST_CANDIDATES: u32 = 200;

impl Core {
    /// Does up to `limit` jobs, each of which fills the search tags of a page of orders; tells how many were taken up.
    /// Each job may run twice.
    ///
    /// # Errors
    /// What the store says. A record that cannot be opened puts its own job off, and the others go on.
    pub async fn fill_search_tags(&self, limit: u32) -> Result<u32, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let jobs = self.store.claim_jobs(JobKind::FillSearchTags, &self.holder, now, CLAIM, limit).await?;
        for job in &jobs {
            self.fill_page(job).await?;
        }
        Ok(u32::try_from(jobs.len()).unwrap_or(u32::MAX))
    }

    async fn fill_page(&self, job: &ClaimedJob) -> Result<(), CoreError> {
        let (seller, now) = (job.seller, self.clock.now());
        let mut failed: Option<(Vec<OrderId>, String)> = None;
        let tagged = match self.tags_of_orders(seller, &job.orders).await {
            Ok(tagged) => tagged,
            // One order that cannot be opened is found by taking each alone; the others get their tags.
            Err(_) => {
                let mut tagged = Vec::with_capacity(job.orders.len());
                for order in &job.orders {
                    match self.tags_of_orders(seller, &[*order]).await {
                        Ok(one) => tagged.extend(one),
                        Err(error) => failed.get_or_insert_with(|| (Vec::new(), error.to_string())).0.push(*order),
                    }
                }
                tagged
            }
        };
        let done = if failed.is_none() { vec![job.job_id] } else { Vec::new() };
        self.store.write_search_tags(seller, GENERATION, &tagged, &done).await?;
        if let Some((orders, reason)) = failed {
            tracing::warn!(reason, job = %job.job_id, orders = orders.len(), "search tags put off");
            let wait = chrono::Duration::minutes(job.tries.clamp(1, 60));
            self.store.put_off_job(job, &orders, now + wait, &reason).await?;
        }
        if !tagged.is_empty() {
            let detail = format!("{} recipients opened: name postcode", tagged.len());
            let actor = Actor::system("search-tags");
            let entry = audit_entry(seller, now, &actor, "recipient.tag", "batch", &job.job_id, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(())
    }

    /// The tags of those orders that still have a recipient: one that was purged has no tags.
    async fn tags_of_orders(
        &self,
        seller: SellerId,
        orders: &[OrderId],
    ) -> Result<Vec<(OrderId, Vec<(SearchField, i64)>)>, CoreError> {
        let rows = self.store.recipients(seller, orders).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let opened = rows.iter().filter_map(|row| keys.get(&row.key_id)?.as_ref().map(|key| (row, key)));
        opened.map(|(row, key)| Ok((row.order_id, self.tags_of(seller, row, key)?))).collect()
    }

    fn tags_of(
        &self,
        seller: SellerId,
        row: &RecipientRow,
        key: &DataKey,
    ) -> Result<Vec<(SearchField, i64)>, CoreError> {
        let primary_key = *row.order_id.as_uuid().as_bytes();
        let recipient: Recipient =
            key.open(CellPlace { seller, primary_key, row_version: row.row_version }, &row.sealed)?;
        let mut tags = Vec::new();
        for (field, value) in searched(&recipient) {
            if let Some(value) = value.get() {
                let key = self.keys.tree().search_key(seller, field, GENERATION);
                tags.extend(key.tags(value).into_iter().map(|tag| (field, tag)));
            }
        }
        tags.sort_unstable();
        tags.dedup();
        Ok(tags)
    }

    /// Orders whose recipient's name holds every word of `typed`, or whose postcode it is. Purged orders are not found,
    /// and an order that the actor may not see (`visible`) is neither opened nor audited.
    ///
    /// # Errors
    /// What the store or the vault say.
    pub async fn find_orders(
        &self,
        seller: SellerId,
        typed: &Pii<String>,
        actor: &Actor,
        visible: impl Fn(&OrderSummary) -> bool,
    ) -> Result<Vec<OrderSummary>, CoreError> {
        let mut ids = Vec::new();
        for field in SearchField::ALL {
            let tags = self.keys.tree().search_key(seller, field, GENERATION).query_tags(typed);
            ids.extend(self.store.orders_with_tags(seller, field, GENERATION, &tags, MOST_CANDIDATES).await?);
        }
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let filter = OrderFilter { ids: Some(ids), limit: u64::from(MOST_CANDIDATES) * 2, ..OrderFilter::default() };
        let mut found = Vec::new();
        let candidates = self.store.list_orders(seller, &filter).await?;
        for order in candidates.into_iter().filter(visible) {
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
