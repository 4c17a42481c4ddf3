//! Many rows in one statement: one row a statement costs four to five times as much.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::StoreError;
use crate::batch::Batch;

/// Rows a statement, largest first; what is left below the last goes in one more. Few sizes, so that each table needs
/// few prepared statements; the largest keeps 32 columns below SQLite's limit of 32,766 variables.
const SIZES: [usize; 2] = [100, 25];

/// An `INSERT` of many rows into one table, always in a transaction that an error ends: on SQLite a statement that fails
/// halfway leaves its first rows behind.
pub(crate) struct BulkInsert {
    /// The table.
    pub(crate) table: &'static str,
    /// The columns that are the same in all rows of a run.
    pub(crate) shared: &'static [&'static str],
    /// Its other columns, in the order of the values.
    pub(crate) columns: &'static [&'static str],
    /// What follows the values, for example `ON CONFLICT ...`.
    pub(crate) tail: &'static str,
}

/// A value that all rows of a run share. It stands in the statement's text, which saves the driver one value a row, and
/// so must differ between few runs only: no time, and nothing that somebody else wrote.
#[derive(Debug, Clone)]
pub(crate) enum Shared {
    /// A small number.
    Int(i64),
    /// An id of ours.
    Id(Uuid),
    /// A name of ours, such as a state.
    Name(String),
}

impl BulkInsert {
    /// Inserts the rows, whose values lie one after the other, and tells how many rows were written.
    pub(crate) async fn run<C: ConnectionTrait>(
        &self,
        connection: &C,
        shared: &[Shared],
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let mut written = 0;
        for statement in self.statements(connection.get_database_backend(), shared, values) {
            written += connection.execute_raw(statement).await?.rows_affected();
        }
        Ok(written)
    }

    /// Adds what [`BulkInsert::run`] would run.
    pub(crate) fn add_to(&self, batch: &mut Batch, shared: &[Shared], values: Vec<Value>) {
        for statement in self.statements(batch.backend(), shared, values) {
            batch.add_statement(statement);
        }
    }

    fn statements(&self, backend: DbBackend, shared: &[Shared], values: Vec<Value>) -> impl Iterator<Item = Statement> {
        debug_assert_eq!(shared.len(), self.shared.len(), "{}", self.table);
        debug_assert!(values.len().is_multiple_of(self.columns.len()), "{}", self.table);
        let width = self.columns.len();
        let mut values = values.into_iter();
        std::iter::from_fn(move || {
            let left = values.len() / width;
            let rows = SIZES.into_iter().find(|size| *size <= left).unwrap_or(left);
            let chunk: Vec<Value> = values.by_ref().take(rows * width).collect();
            (rows > 0).then(|| Statement::from_sql_and_values(backend, self.sql(backend, shared, rows), chunk))
        })
    }

    fn sql(&self, backend: DbBackend, shared: &[Shared], rows: usize) -> String {
        let width = self.columns.len();
        let names: Vec<&str> = self.shared.iter().chain(self.columns).copied().collect();
        let literals: String = shared.iter().map(|value| value.literal(backend) + ",").collect();
        let mut sql = String::with_capacity(128 + rows * (literals.len() + width * 6));
        // `OR FAIL` spares SQLite a copy of every page it changes, from which it would undo the statement alone.
        let insert = if backend == DbBackend::Sqlite { "INSERT OR FAIL" } else { "INSERT" };
        sql.push_str(&format!("{insert} INTO {} ({}) VALUES ", self.table, names.join(", ")));
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            sql.push_str(&literals);
            for column in 1..=width {
                if column > 1 {
                    sql.push(',');
                }
                // SQLite's are not numbered: see `crate::sql::statement`.
                if backend == DbBackend::Sqlite {
                    sql.push('?');
                } else {
                    sql.push('$');
                    sql.push_str(&(row * width + column).to_string());
                }
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(self.tail);
        sql
    }
}

impl Shared {
    fn literal(&self, backend: DbBackend) -> String {
        match self {
            Self::Int(number) => number.to_string(),
            Self::Id(id) if backend == DbBackend::Sqlite => format!("x'{}'", id.simple()),
            Self::Id(id) => format!("'{id}'::uuid"),
            Self::Name(name) => format!("'{}'", name.replace('\'', "''")),
        }
    }
}

/// `$from, $from+1, ...` for a list of `count` values.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    for number in from..from + count {
        text.push_str(if number == from { "$" } else { ", $" });
        text.push_str(&number.to_string());
    }
    text
}

/// The smallest of a few sizes that holds `count`, so that lists of ids need few prepared statements. The caller
/// fills the rest by repeating the last id.
pub(crate) fn list_size(count: usize) -> usize {
    [1, 5, 25, 100, 200, 500].into_iter().find(|size| *size >= count).unwrap_or(count)
}

/// `values`, filled up to [`list_size`] by repeating the last.
pub(crate) fn filled_list(mut values: Vec<Value>) -> Vec<Value> {
    if let Some(last) = values.last().cloned() {
        values.resize(list_size(values.len()), last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rows_share_stands_in_the_text_and_the_rest_is_numbered_row_by_row() {
        let insert =
            BulkInsert { table: "t", shared: &["s", "i", "n"], columns: &["a", "b"], tail: "ON CONFLICT DO NOTHING" };
        let shared = [Shared::Int(7), Shared::Id(Uuid::from_u128(0xAB)), Shared::Name("it's".to_owned())];
        assert_eq!(
            insert.sql(DbBackend::Postgres, &shared, 2),
            "INSERT INTO t (s, i, n, a, b) VALUES \
             (7,'00000000-0000-0000-0000-0000000000ab'::uuid,'it''s',$1,$2),\
             (7,'00000000-0000-0000-0000-0000000000ab'::uuid,'it''s',$3,$4) ON CONFLICT DO NOTHING"
        );
        assert_eq!(
            insert.sql(DbBackend::Sqlite, &shared, 1),
            "INSERT OR FAIL INTO t (s, i, n, a, b) VALUES \
             (7,x'000000000000000000000000000000ab','it''s',?,?) ON CONFLICT DO NOTHING"
        );
    }

    #[test]
    fn lists_are_filled_up_to_few_sizes() {
        assert_eq!(placeholders(3, 2), "$3, $4");
        assert_eq!(filled_list(vec![1.into(), 2.into()]).len(), 5);
        assert!(filled_list(Vec::new()).is_empty());
    }
}
