//! The key store: wrapped data keys and nothing else.

mod m20261121_000001_key_store;
mod m20261124_000002_replaced_keys;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Migrations of the `keys` database.
#[derive(Debug)]
pub struct KeysMigrator;

impl MigratorTrait for KeysMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261121_000001_key_store::Migration), Box::new(m20261124_000002_replaced_keys::Migration)]
    }
}
