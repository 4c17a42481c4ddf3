//! A retention run: plan, key destruction, rows, physical step, probe, proof. May be cut off anywhere and run again.

use ordersync_store::{ClassState, DueRecord, RetentionClass, RetentionRun, SealedClass};
use ordersync_types::{KeyId, OrderId, SellerId, Timestamp};
use uuid::Uuid;

use super::CopyReport;
use super::wiping::is_unwiped;
use crate::open::audit_entry;
use crate::sync::LEASE;
use crate::{Actor, Core, CoreError};

/// Records a batch: one keys transaction, then one data transaction.
const BATCH: u32 = 200;
/// Runs that are looked at for what is usual.
pub(super) const EARLIER_RUNS: u64 = 200;
/// A purge of fewer records is never unusual.
const FEW: i64 = 100;
/// Tombstones of destroyed keys stay this long after their data rows are gone: longer than any data backup.
const TOMBSTONE_DAYS: i64 = 35;
/// A key that no record names is destroyed at this age.
const ORPHAN_DAYS: i64 = 7;

/// What was done about one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassReport {
    /// The class.
    pub class: RetentionClass,
    /// Records that were due.
    pub due: i64,
    /// Records that are gone.
    pub destroyed: i64,
    /// How late the latest of them went, in milliseconds.
    pub late_max_ms: i64,
    /// When the earliest of what is left is due.
    pub oldest_left: Option<Timestamp>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RetentionReport {
    /// By class.
    pub classes: Vec<ClassReport>,
    /// What the physical step did to data and keys; `None` when there was nothing to do.
    pub physical: Option<String>,
    /// False when a reader stood in the way of the physical step, or when a copy still holds keys that had to go.
    pub clean: bool,
    /// The copies of the key store that the daemon made, and what was done about each.
    pub copies: Vec<CopyReport>,
    /// Copies outside of labels whose time is over, which only their owners can delete; `None` when no label was due.
    pub copies_outside: Option<i64>,
}

impl Core {
    /// What no purge reaches: what people copy by hand and, on PostgreSQL, the write-ahead log of the key store's cluster.
    pub fn beyond_reach(&self) -> String {
        let backups = "backups of the key store that you make yourself can open what was purged after them: keep none \
                       for more than 7 days";
        if self.store.keys.kind() != "postgres" {
            return backups.to_owned();
        }
        format!(
            "{backups}; the same holds for the key cluster's write-ahead log and its archives up to the position that \
             each run names: PostgreSQL uses old segments again without wiping them"
        )
    }

    /// What is held and due now, by class, without touching it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn plan_retention(&self) -> Result<Vec<ClassState>, CoreError> {
        Ok(self.store.retention_state(self.clock.now()).await?)
    }

    /// Purges what is due. `None` while another daemon leads retention.
    ///
    /// # Errors
    /// [`CoreError::ClockNotTrusted`]: nothing is destroyed. Else what the store says; what was destroyed before stays
    /// destroyed, and the run is recorded as partial.
    pub async fn run_retention(&self) -> Result<Option<RetentionReport>, CoreError> {
        match self.clock_fault().await? {
            Some(fault) => Err(CoreError::ClockNotTrusted(fault)),
            None => self.run_retention_at_this_clock().await,
        }
    }

    /// As [`Self::run_retention`], after a person has said that the clock is right.
    ///
    /// # Errors
    /// As [`Self::run_retention`].
    pub async fn run_retention_at_this_clock(&self) -> Result<Option<RetentionReport>, CoreError> {
        let _busy = self.clock.busy();
        let Some(lease) = self.store.take_lease("retention", &self.holder, LEASE).await? else { return Ok(None) };
        let result = tokio::select! {
            result = self.purge(self.clock.now()) => result,
            lost = self.keep_lease(&lease) => Err(lost),
        };
        if result.is_err() {
            // What was destroyed before the failure is destroyed in the copies too.
            self.follow_copies().await;
        }
        self.store.give_back_lease(&lease).await?;
        result.map(Some)
    }

    async fn purge(&self, cutoff: Timestamp) -> Result<RetentionReport, CoreError> {
        let state = self.store.retention_state(cutoff).await?;
        self.tidy_keys(cutoff).await?;
        if state.iter().all(|class| class.due == 0) {
            return self.wipe_again().await;
        }
        let earlier = self.store.retention_runs(EARLIER_RUNS).await?;
        let due = state.iter().filter(|class| class.due > 0);
        let mut runs: Vec<(ClassState, RetentionRun)> = due.map(|class| (*class, new_run(class, cutoff))).collect();
        for (state, run) in &mut runs {
            self.store.write_retention_run(run).await?;
            if let Err(error) = self.purge_class(state.class, run, cutoff).await {
                run.state = "partial".to_owned();
                run.failure = Some(error.to_string());
                self.store.write_retention_run(run).await?;
                return Err(error);
            }
        }
        let wiped = self.wipe().await;
        if let Err(error) = &wiped {
            for (_, run) in &mut runs {
                run.state = "partial".to_owned();
                run.failure = Some(error.to_string());
                self.store.write_retention_run(run).await?;
            }
        }
        let (physical, clean, copies) = wiped?;
        if clean {
            let broken_off = earlier.iter().filter(|run| is_unwiped(run)).cloned().collect();
            self.settle_earlier(broken_off, &physical).await?;
        }
        let left = self.store.retention_state(cutoff).await?;
        let mut report = RetentionReport {
            classes: Vec::new(),
            physical: Some(physical.clone()),
            clean,
            copies,
            copies_outside: None,
        };
        for (state, mut run) in runs {
            let after = left.iter().find(|after| after.class == state.class);
            let still_due = after.map_or(0, |after| after.due);
            run.oldest_left = after.and_then(|after| after.earliest_due);
            run.finished_at = Some(self.clock.now());
            run.physical = Some(physical.clone());
            if state.class == RetentionClass::Sealed(SealedClass::Label) {
                run.outside = Some(self.store.label_copies_outside(cutoff).await?);
                report.copies_outside = run.outside;
            }
            let unusual = unusual(&run, &state, &earlier);
            let tried = match state.class {
                RetentionClass::Sealed(_) => "; the key of each was tried and opened nothing",
                RetentionClass::Invoices | RetentionClass::Facts => "",
            };
            run.probe = Some(format!("{still_due} still due{tried}{unusual}"));
            run.state = if still_due == 0 && clean { "done".to_owned() } else { "partial".to_owned() };
            self.store.write_retention_run(&run).await?;
            report.classes.push(ClassReport {
                class: state.class,
                due: run.due,
                destroyed: run.destroyed,
                late_max_ms: run.late_max_ms,
                oldest_left: run.oldest_left,
            });
        }
        self.audit_purge(&report).await?;
        Ok(report)
    }

    /// Orphans and replaced keys go, tombstones without data rows get their note, and those noted long enough ago are removed.
    async fn tidy_keys(&self, now: Timestamp) -> Result<(), CoreError> {
        self.destroy_orphans(now).await?;
        let replaced = self.store.replaced_keys().await?;
        if !replaced.is_empty() {
            self.store.destroy_keys(&replaced, now, "replaced").await?;
        }
        let unnoted = self.store.unnoted_tombstones(BATCH).await?;
        self.store.note_rows_gone(&unnoted, now).await?;
        let old = now.checked_sub_signed(chrono::Duration::days(TOMBSTONE_DAYS)).unwrap_or(now);
        self.store.remove_old_tombstones(old).await?;
        Ok(())
    }

    /// Destroys the keys that a crash between the two databases left behind. Each key is looked at once, when it has
    /// reached an age at which nothing can still be on its way to use it.
    async fn destroy_orphans(&self, now: Timestamp) -> Result<(), CoreError> {
        let made_before = now.checked_sub_signed(chrono::Duration::days(ORPHAN_DAYS)).unwrap_or(now);
        let made_before = KeyId::new(made_before, 0);
        let mut after = self.store.orphans_checked_to().await?;
        while let Some((highest, orphans)) = self.store.orphan_keys(after, made_before, BATCH).await? {
            if !orphans.is_empty() {
                self.store.destroy_keys(&orphans, now, "orphan").await?;
            }
            self.store.set_orphans_checked_to(highest).await?;
            after = highest;
        }
        Ok(())
    }

    async fn purge_class(
        &self,
        class: RetentionClass,
        run: &mut RetentionRun,
        cutoff: Timestamp,
    ) -> Result<(), CoreError> {
        loop {
            let gone = match class {
                RetentionClass::Sealed(class) => self.purge_batch(class, run, cutoff).await?,
                RetentionClass::Invoices => {
                    self.store.remove_due_invoices(cutoff, BATCH).await?
                        + self.store.remove_due_uninvoiced(cutoff, BATCH).await?
                }
                RetentionClass::Facts => self.store.remove_due_facts(cutoff, BATCH).await?,
            };
            if gone == 0 {
                return Ok(());
            }
            run.destroyed = run.destroyed.saturating_add(i64::try_from(gone).unwrap_or(i64::MAX));
        }
    }

    /// The keys of a batch first, then its rows.
    async fn purge_batch(
        &self,
        class: SealedClass,
        run: &mut RetentionRun,
        cutoff: Timestamp,
    ) -> Result<u64, CoreError> {
        let due = self.store.due_records(class, cutoff, BATCH).await?;
        for (seller, batch) in by_seller(&due) {
            let ids: Vec<Uuid> = batch.iter().map(|one| one.id).collect();
            if class == SealedClass::Delivery {
                let orders: Vec<OrderId> = ids.iter().map(|order| OrderId::from_uuid(*order)).collect();
                self.purge_notes_of(seller, &orders, cutoff).await?;
            }
            let sequence = self.destroy(&batch, cutoff, run).await?;
            self.store.remove_records(class, seller, &ids, cutoff, sequence).await?;
            self.store.note_rows_gone(&key_ids(&batch), cutoff).await?;
        }
        Ok(u64::try_from(due.len()).unwrap_or(u64::MAX))
    }

    /// The notes on orders whose delivery data goes: they go before it, so that a crash leaves none behind.
    async fn purge_notes_of(&self, seller: SellerId, orders: &[OrderId], at: Timestamp) -> Result<(), CoreError> {
        let notes = self.store.notes(seller, orders).await?;
        if notes.is_empty() {
            return Ok(());
        }
        let keys: Vec<KeyId> = notes.iter().map(|note| note.key_id).collect();
        let sequence = self.store.destroy_keys(&keys, self.clock.now(), "retention").await?;
        let notes: Vec<Uuid> = notes.iter().map(|note| note.note_id).collect();
        self.store.remove_notes(seller, &notes, sequence).await?;
        Ok(self.store.note_rows_gone(&keys, at).await?)
    }

    /// Destroys the keys of a batch and sees that they no longer open, before any row goes.
    async fn destroy(&self, batch: &[DueRecord], cutoff: Timestamp, run: &mut RetentionRun) -> Result<i64, CoreError> {
        let keys = key_ids(batch);
        let sequence = self.store.destroy_keys(&keys, self.clock.now(), "retention").await?;
        let opened = self.keys.open_keys(&self.store, &keys).await?;
        if let Some((id, _)) = opened.iter().find(|(_, key)| key.is_some()) {
            return Err(CoreError::KeySurvived(*id));
        }
        for one in batch {
            let late = cutoff.signed_duration_since(one.purge_after).num_milliseconds();
            run.late_max_ms = run.late_max_ms.max(late);
        }
        Ok(sequence)
    }

    async fn audit_purge(&self, report: &RetentionReport) -> Result<(), CoreError> {
        let counts: Vec<String> =
            report.classes.iter().map(|class| format!("{} {}", class.class.name(), class.destroyed)).collect();
        let actor = Actor::system("retention");
        let now = self.clock.now();
        let entry = audit_entry(SellerId::new(0), now, &actor, "retention.run", "class", &"all", counts.join(", "));
        Ok(self.store.write_audit(&[entry]).await?)
    }
}

/// A purge that is larger than usual is alarmed about and never delayed (for these classes: a late purge would be the
/// greater harm): more than a fifth of the class, or three times the median of the earlier runs.
fn unusual(run: &RetentionRun, state: &ClassState, earlier: &[RetentionRun]) -> String {
    let held = state.held;
    let mut usual: Vec<i64> = earlier.iter().filter(|old| old.class == run.class).map(|old| old.destroyed).collect();
    usual.sort_unstable();
    let median = usual.get(usual.len() / 2).copied();
    let share = run.destroyed.saturating_mul(5) > held;
    let many = median.is_some_and(|median| run.destroyed > median.saturating_mul(3));
    if run.destroyed < FEW || !(share || many) {
        return String::new();
    }
    tracing::warn!(
        class = run.class,
        destroyed = run.destroyed,
        held,
        "more was due at once than usual: see the report"
    );
    format!("; MORE THAN USUAL: {} of {held} held", run.destroyed)
}

fn new_run(state: &ClassState, cutoff: Timestamp) -> RetentionRun {
    RetentionRun {
        run_id: run_id(cutoff),
        started_at: cutoff,
        finished_at: None,
        cutoff,
        state: "running".to_owned(),
        class: state.class.name().to_owned(),
        due: state.due,
        destroyed: 0,
        late_max_ms: 0,
        oldest_left: None,
        physical: None,
        probe: None,
        failure: None,
        outside: None,
    }
}

fn key_ids(batch: &[DueRecord]) -> Vec<KeyId> {
    batch.iter().map(|one| one.key_id).collect()
}

fn run_id(at: Timestamp) -> Uuid {
    ordersync_types::EventId::new(at).as_uuid()
}

/// The batch by seller, since every key of the tables leads with the seller.
fn by_seller(due: &[DueRecord]) -> Vec<(SellerId, Vec<DueRecord>)> {
    let mut groups: Vec<(SellerId, Vec<DueRecord>)> = Vec::new();
    for one in due {
        match groups.iter_mut().find(|(seller, _)| *seller == one.seller) {
            Some((_, group)) => group.push(*one),
            None => groups.push((one.seller, vec![*one])),
        }
    }
    groups
}
