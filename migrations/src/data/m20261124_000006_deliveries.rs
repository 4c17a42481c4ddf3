//! Finds parcels that left lately, to be told which have arrived; and those that have not left, page by page in the
//! order of their ids: without the id in it SQLite reads all shipments by their primary key instead.

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
CREATE INDEX shipment_under_way ON shipment (seller_id, dispatched_at) WHERE state = 'dispatched';

DROP INDEX shipment_open;

CREATE INDEX shipment_open ON shipment (seller_id, state, shipment_id)
    WHERE state IN ('draft', 'requested', 'labelled', 'unknown');
";
