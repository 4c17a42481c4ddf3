//! Everything but keys: open facts, and personal records in sealed cells.

mod m20261121_000001_accounts;
mod m20261121_000002_orders;
mod m20261121_000003_work;
mod m20261121_000004_accountability;
mod m20261124_000005_shipments;
mod m20261124_000006_deliveries;
mod m20261128_000007_policies;
mod m20261128_000008_invoices;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Migrations of the `data` database.
#[derive(Debug)]
pub struct DataMigrator;

impl MigratorTrait for DataMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_accounts::Migration),
            Box::new(m20261121_000002_orders::Migration),
            Box::new(m20261121_000003_work::Migration),
            Box::new(m20261121_000004_accountability::Migration),
            Box::new(m20261124_000005_shipments::Migration),
            Box::new(m20261124_000006_deliveries::Migration),
            Box::new(m20261128_000007_policies::Migration),
            Box::new(m20261128_000008_invoices::Migration),
        ]
    }
}
