//! Jobs, leases, rate budgets and heartbeats.

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
CREATE TABLE job (
    seller_id {int} NOT NULL,
    job_id {uuid} NOT NULL,
    kind {text} NOT NULL,
    orders {blob} NOT NULL,
    due_at {int} NOT NULL,
    tries {int} NOT NULL,
    claimed_by {text},
    claimed_until {int},
    failure {text},
    PRIMARY KEY (seller_id, job_id)
) {clustered};

CREATE INDEX job_due ON job (due_at);

CREATE TABLE lease (
    name {text} NOT NULL PRIMARY KEY,
    holder {text} NOT NULL,
    fence {int} NOT NULL,
    expires_at {int} NOT NULL
) {end};

CREATE TABLE rate_budget (
    name {text} NOT NULL PRIMARY KEY,
    credit_ms {int} NOT NULL,
    updated_at {int} NOT NULL
) {end};

CREATE TABLE heartbeat (
    name {text} NOT NULL PRIMARY KEY,
    at {int} NOT NULL
) {end}
";
