//! Sellers, their marketplace accounts, sealed credentials, and how far each account has been read.

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
CREATE TABLE installation (
    name {text} NOT NULL PRIMARY KEY,
    value {int} NOT NULL
) {end};

INSERT INTO installation (name, value) VALUES ('keys_sequence', 0);

CREATE TABLE canary (
    class {int} NOT NULL PRIMARY KEY,
    key_id {int} NOT NULL,
    sealed {blob} NOT NULL
) {end};

CREATE TABLE account (
    seller_id {int} NOT NULL,
    account_id {uuid} NOT NULL,
    label {text} NOT NULL UNIQUE,
    connector {text} NOT NULL,
    settings {text} NOT NULL,
    state {text} NOT NULL,
    state_reason {text},
    go_live_at {int} NOT NULL,
    first_window_days {int} NOT NULL,
    added_at {int} NOT NULL,
    PRIMARY KEY (seller_id, account_id)
) {end};

CREATE TABLE account_credential (
    seller_id {int} NOT NULL,
    account_id {uuid} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    sealed {blob} NOT NULL,
    written_at {int} NOT NULL,
    PRIMARY KEY (seller_id, account_id)
) {end};

CREATE TABLE order_cursor (
    seller_id {int} NOT NULL,
    account_id {uuid} NOT NULL,
    watermark {int},
    window_from {int},
    window_to {int},
    page_token {text},
    page_token_at {int},
    polled_at {int},
    caught_up_at {int},
    failed_at {int},
    failure {text},
    PRIMARY KEY (seller_id, account_id)
) {end}
";
