//! Who did what to which record, who was told which fields, and what was purged. Ids and field names, never values.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}

const UP: &str = "
CREATE TABLE audit_entry (
    entry_id {uuid} NOT NULL PRIMARY KEY,
    seller_id {int} NOT NULL,
    at {int} NOT NULL,
    actor {text} NOT NULL,
    action {text} NOT NULL,
    subject_kind {text} NOT NULL,
    subject_id {text} NOT NULL,
    detail {text} NOT NULL
) {end};

CREATE INDEX audit_entry_at ON audit_entry (at);

CREATE TABLE disclosure (
    disclosure_id {uuid} NOT NULL PRIMARY KEY,
    seller_id {int} NOT NULL,
    at {int} NOT NULL,
    recipient {text} NOT NULL,
    purpose {text} NOT NULL,
    order_id {uuid} NOT NULL,
    fields {text} NOT NULL
) {end};

CREATE INDEX disclosure_order ON disclosure (seller_id, order_id);

CREATE TABLE retention_run (
    run_id {uuid} NOT NULL PRIMARY KEY,
    started_at {int} NOT NULL,
    finished_at {int},
    cutoff {int} NOT NULL,
    state {text} NOT NULL,
    class {text} NOT NULL,
    due {int} NOT NULL,
    destroyed {int} NOT NULL,
    late_max_ms {int} NOT NULL,
    oldest_left {int},
    physical {text},
    probe {text},
    failure {text}
) {end}
";
