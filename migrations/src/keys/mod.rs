//! The key store: wrapped data keys and nothing else.

mod m20261121_000001_key_store;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Migrations of the `keys` database.
#[derive(Debug)]
pub struct KeysMigrator;

impl MigratorTrait for KeysMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261121_000001_key_store::Migration)]
    }
}
