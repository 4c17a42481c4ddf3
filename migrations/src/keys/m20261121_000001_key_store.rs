//! Key-encryption keys, data keys, and the sequence number that tells an old copy from the newest.

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
CREATE TABLE key_encryption_key (
    kek_id {text} NOT NULL PRIMARY KEY,
    generation {int} NOT NULL,
    check_value {blob} NOT NULL,
    uses_reserved {int} NOT NULL,
    state {text} NOT NULL,
    created_at {int} NOT NULL
) {end};

CREATE TABLE data_key (
    key_id {int} NOT NULL PRIMARY KEY,
    seller_id {int} NOT NULL,
    class {int} NOT NULL,
    scope {blob} NOT NULL,
    generation {int} NOT NULL,
    kek_id {text} NOT NULL,
    kek_generation {int} NOT NULL,
    wrapped {blob},
    check_value {blob} NOT NULL,
    uses_reserved {int} NOT NULL,
    state {text} NOT NULL,
    created_at {int} NOT NULL,
    expires_at {int},
    destroyed_at {int},
    reason {text},
    rows_gone_at {int}
) {end};

CREATE UNIQUE INDEX data_key_scope ON data_key (seller_id, scope, class, generation);

CREATE INDEX data_key_rows_gone ON data_key (rows_gone_at) WHERE rows_gone_at IS NOT NULL;

CREATE INDEX data_key_rows_left ON data_key (key_id) WHERE state = 'destroyed' AND rows_gone_at IS NULL;

CREATE TABLE key_store_state (
    name {text} NOT NULL PRIMARY KEY,
    value {int} NOT NULL
) {end};

INSERT INTO key_store_state (name, value) VALUES ('sequence', 0)
";
