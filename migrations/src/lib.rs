//! Schema of the two databases: a migrator each for `data` and `keys`, a file per migration.
//!
//! The SQL is written once with placeholders for what the two dialects name differently (see [`render`]).
//! Every moment is an integer of milliseconds since 1970 in UTC, every amount an integer of minor units.
//! What each column is for, and how long it is kept, stands in store's column registry.

mod data;
mod dialect;
mod keys;

pub use data::DataMigrator;
pub use dialect::render;
pub use keys::KeysMigrator;
pub use sea_orm_migration::{MigrationTrait, MigratorTrait};
