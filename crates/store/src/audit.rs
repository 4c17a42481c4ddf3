//! Who did what to which record, and the proofs of retention. Ids and field names, never values.

use ordersync_types::{SellerId, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::accounts::seller_from;
use crate::entity::{audit_entry, retention_run};
use crate::time::{from_ms, from_ms_option, to_ms, to_ms_option};
use crate::{Databases, StoreError};

/// One entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id, sorting by time.
    pub entry_id: Uuid,
    /// Whose data.
    pub seller: SellerId,
    /// When.
    pub at: Timestamp,
    /// Who: `user:NAME` of the operating system, or `system:JOB`.
    pub actor: String,
    /// What, for example `recipient.open`.
    pub action: String,
    /// Of what kind the record is.
    pub subject_kind: String,
    /// Which record.
    pub subject_id: String,
    /// Field names, counts; never a value.
    pub detail: String,
}

/// One run of retention over one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRun {
    /// Its id, sorting by time.
    pub run_id: Uuid,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs, or when it was cut off.
    pub finished_at: Option<Timestamp>,
    /// Rows due at or before this moment were to go.
    pub cutoff: Timestamp,
    /// `running`, `done` or `partial`.
    pub state: String,
    /// `delivery`, `contact` or `facts`.
    pub class: String,
    /// Rows that were due.
    pub due: i64,
    /// Rows that are gone, with their keys destroyed.
    pub destroyed: i64,
    /// How late the latest of them went, in milliseconds.
    pub late_max_ms: i64,
    /// The earliest due moment of what is left.
    pub oldest_left: Option<Timestamp>,
    /// What the physical step did.
    pub physical: Option<String>,
    /// What the probe found.
    pub probe: Option<String>,
    /// Why it is partial.
    pub failure: Option<String>,
    /// Labels: copies outside that hold labels whose time is over, and that the daemon cannot delete.
    pub outside: Option<i64>,
}

impl Databases {
    /// Adds entries to the audit.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn write_audit(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries.iter().map(|entry| audit_entry::ActiveModel {
            entry_id: Set(entry.entry_id),
            seller_id: Set(i64::from(entry.seller.number())),
            at: Set(to_ms(entry.at)),
            actor: Set(entry.actor.clone()),
            action: Set(entry.action.clone()),
            subject_kind: Set(entry.subject_kind.clone()),
            subject_id: Set(entry.subject_id.clone()),
            detail: Set(entry.detail.clone()),
        });
        audit_entry::Entity::insert_many(rows).exec_without_returning(&self.data.write).await?;
        Ok(())
    }

    /// The newest entries of exports that were pulled, newest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn exports_pulled(&self, limit: u64) -> Result<Vec<AuditEntry>, StoreError> {
        let models = audit_entry::Entity::find()
            .filter(Expr::cust("action = 'export.daybook'"))
            .order_by_desc(audit_entry::Column::EntryId)
            .limit(limit)
            .all(&self.data.read)
            .await?;
        let read = |model: audit_entry::Model| {
            Ok(AuditEntry {
                entry_id: model.entry_id,
                seller: seller_from(model.seller_id)?,
                at: from_ms(model.at)?,
                actor: model.actor,
                action: model.action,
                subject_kind: model.subject_kind,
                subject_id: model.subject_id,
                detail: model.detail,
            })
        };
        models.into_iter().map(read).collect()
    }

    /// The newest moment in the audit: the wall clock must not lie far before it.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn newest_audit_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest: Option<i64> = audit_entry::Entity::find()
            .select_only()
            .column(audit_entry::Column::At)
            .order_by_desc(audit_entry::Column::At)
            .limit(1)
            .into_tuple()
            .one(&self.data.read)
            .await?;
        from_ms_option(newest)
    }

    /// Writes a retention run, in place of what was written of it before.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn write_retention_run(&self, run: &RetentionRun) -> Result<(), StoreError> {
        use retention_run::Column;
        let row = retention_run::ActiveModel {
            run_id: Set(run.run_id),
            started_at: Set(to_ms(run.started_at)),
            finished_at: Set(to_ms_option(run.finished_at)),
            cutoff: Set(to_ms(run.cutoff)),
            state: Set(run.state.clone()),
            class: Set(run.class.clone()),
            due: Set(run.due),
            destroyed: Set(run.destroyed),
            late_max_ms: Set(run.late_max_ms),
            oldest_left: Set(to_ms_option(run.oldest_left)),
            physical: Set(run.physical.clone()),
            probe: Set(run.probe.clone()),
            failure: Set(run.failure.clone()),
            outside: Set(run.outside),
        };
        let mut conflict = OnConflict::column(Column::RunId);
        conflict.update_columns([
            Column::FinishedAt,
            Column::State,
            Column::Due,
            Column::Destroyed,
            Column::LateMaxMs,
            Column::OldestLeft,
            Column::Physical,
            Column::Probe,
            Column::Failure,
            Column::Outside,
        ]);
        retention_run::Entity::insert(row).on_conflict(conflict).exec_without_returning(&self.data.write).await?;
        Ok(())
    }

    /// The newest retention runs, newest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn retention_runs(&self, limit: u64) -> Result<Vec<RetentionRun>, StoreError> {
        retention_run::Entity::find()
            .order_by_desc(retention_run::Column::RunId)
            .limit(limit)
            .all(&self.data.read)
            .await?
            .into_iter()
            .map(|model| {
                Ok(RetentionRun {
                    run_id: model.run_id,
                    started_at: from_ms(model.started_at)?,
                    finished_at: from_ms_option(model.finished_at)?,
                    cutoff: from_ms(model.cutoff)?,
                    state: model.state,
                    class: model.class,
                    due: model.due,
                    destroyed: model.destroyed,
                    late_max_ms: model.late_max_ms,
                    oldest_left: from_ms_option(model.oldest_left)?,
                    physical: model.physical,
                    probe: model.probe,
                    failure: model.failure,
                    outside: model.outside,
                })
            })
            .collect()
    }
}
