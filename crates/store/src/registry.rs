//! The column registry: what every column holds, why, and how long. A test compares it with both catalogues, so that
//! no column can be added without saying so.

mod installation;
mod invoices;
mod keys;
mod orders;

/// What kind of thing a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnClass {
    /// A fact without a person.
    Fact,
    /// An id or a keyed tag that leads to a record, without content.
    Identifier,
    /// A sealed record of persons, or a tag or digest made from one: goes with the record.
    Personal,
    /// A sealed credential or a wrapped key.
    Secret,
}

/// How long rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// With the label key: 21 days after the label was made.
    Label,
    /// With the order's delivery key: 30 days after delivery, or after the fallbacks of `core::retention`.
    Delivery,
    /// With the buyer's contact key, which goes with the last delivery key.
    Contact,
    /// With the account's channel key, destroyed when the account is removed.
    Channel,
    /// Facts of an order: Amazon 18 months after the last change, otherwise while the business needs them.
    Facts,
    /// Six years from the later of issue and the end of the financial year.
    Invoice,
    /// Six years, for accountability.
    Accountability,
    /// While the work it stands for lasts.
    Work,
    /// A key row: destroyed with what it seals; its tombstone goes 35 days after its last data row.
    Key,
    /// As long as the installation.
    Installation,
}

/// What one column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnRule {
    /// The column's name.
    pub column: &'static str,
    /// What it holds.
    pub class: ColumnClass,
}

/// What one table is for.
#[derive(Debug, Clone, Copy)]
pub struct TableRule {
    /// The table's name.
    pub table: &'static str,
    /// True in the `keys` database.
    pub in_keys: bool,
    /// What it is for.
    pub purpose: &'static str,
    /// The legal basis, as the letter of Art. 6(1) UK and EU GDPR; empty where no person is concerned.
    pub basis: &'static str,
    /// How long its rows are kept.
    pub retention: Retention,
    /// Its columns.
    pub columns: &'static [ColumnRule],
}

macro_rules! columns {
    ($($class:ident: $($column:ident)+;)+) => {
        &[$($(ColumnRule { column: stringify!($column), class: ColumnClass::$class },)+)+]
    };
}
use columns;

/// Every table of both databases, but for the migrators' own.
pub fn registry() -> impl Iterator<Item = &'static TableRule> {
    [installation::TABLES, orders::TABLES, invoices::TABLES, keys::TABLES].into_iter().flatten()
}
