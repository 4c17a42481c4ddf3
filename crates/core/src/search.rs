//! Search by name and postcode: tags filled by a background job, candidates opened and compared before they count.

use std::collections::HashMap;
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
    /// Fills the search tags of up to `limit` orders; tells how many jobs were done. Each job may run twice.
    ///
    /// # Errors
    /// What the store says. A record that cannot be opened puts its own job off, and the others go on.
    pub async fn fill_search_tags(&self, limit: u32) -> Result<u32, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let mut jobs = self.store.claim_jobs(JobKind::FillSearchTags, &self.holder, now, CLAIM, limit).await?;
        let mut filled = 0;
        while let Some(seller) = jobs.first().map(|job| job.seller) {
            let (batch, others): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.seller == seller);
            jobs = others;
            filled += self.fill_batch(seller, batch).await?;
        }
        Ok(filled)
    }

    async fn fill_batch(&self, seller: SellerId, batch: Vec<ClaimedJob>) -> Result<u32, CoreError> {
        let now = self.clock.now();
        let ids: Vec<OrderId> = batch.iter().filter_map(|job| job.order_id).collect();
        let rows = self.store.recipients(seller, &ids).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let rows: HashMap<OrderId, RecipientRow> = rows.into_iter().map(|row| (row.order_id, row)).collect();
        let mut done: Vec<(ClaimedJob, Vec<(SearchField, i64)>)> = Vec::with_capacity(batch.len());
        for job in batch {
            let row = job.order_id.and_then(|order| rows.get(&order));
            // An order that is gone or purged has no tags; neither has a job without an order.
            let key = row.and_then(|row| keys.get(&row.key_id).and_then(Option::as_ref).map(|key| (row, key)));
            match key.map(|(row, key)| self.tags_of(seller, row, key)).transpose() {
                Ok(tags) => done.push((job, tags.unwrap_or_default())),
                Err(error) => {
                    tracing::warn!(%error, job = %job.job_id, "search tags put off");
                    let wait = chrono::Duration::minutes(job.tries.clamp(1, 60));
                    self.store.put_off_job(&job, now + wait, &error.to_string()).await?;
                }
            }
        }
        self.store.write_search_tags(seller, GENERATION, &done).await?;
        if let Some((first, _)) = done.first() {
            let detail = format!("{} recipients opened: name postcode", done.len());
            let actor = Actor::system("search-tags");
            let entry = audit_entry(seller, now, &actor, "recipient.tag", "batch", &first.job_id, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(u32::try_from(done.len()).unwrap_or(u32::MAX))
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
