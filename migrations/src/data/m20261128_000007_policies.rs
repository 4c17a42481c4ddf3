//! How long what was kept, since when: a longer time never reaches back, and a shorter one waits for a word.

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
CREATE TABLE retention_policy (
    class {text} NOT NULL,
    since {int} NOT NULL,
    days {int} NOT NULL,
    covers_held {int} NOT NULL,
    PRIMARY KEY (class, since)
) {end}
";
