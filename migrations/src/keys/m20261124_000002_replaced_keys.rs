//! Finds keys whose scope has a newer one: a replaced credential's or address's, if a crash left its key undestroyed.

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

const UP: &str = "CREATE INDEX data_key_replacing ON data_key (seller_id, scope, class) WHERE generation > 1";
