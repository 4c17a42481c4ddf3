//! Many rows in one statement: one row a statement costs four to five times as much.

use sea_orm::{ConnectionTrait, Value};

use crate::StoreError;
use crate::sql::statement;

/// Rows a statement, largest first. Few sizes, so that each table needs few prepared statements; the largest keeps
/// 32 columns below SQLite's limit of 32,766 variables.
const SIZES: [usize; 4] = [100, 25, 5, 1];

/// An `INSERT` of many rows into one table.
pub(crate) struct BulkInsert {
    /// The table.
    pub(crate) table: &'static str,
    /// Its columns, in the order of the values.
    pub(crate) columns: &'static [&'static str],
    /// What follows the values, for example `ON CONFLICT ...`.
    pub(crate) tail: &'static str,
}

impl BulkInsert {
    /// Inserts the rows, whose values lie one after the other, and tells how many rows were written.
    pub(crate) async fn run<C: ConnectionTrait>(&self, connection: &C, values: Vec<Value>) -> Result<u64, StoreError> {
        let width = self.columns.len();
        let mut written = 0;
        let mut values = values.into_iter();
        for size in SIZES {
            while values.len() >= size * width {
                let chunk: Vec<Value> = values.by_ref().take(size * width).collect();
                let statement = statement(connection.get_database_backend(), self.sql(size), chunk);
                written += connection.execute_raw(statement).await?.rows_affected();
            }
        }
        Ok(written)
    }

    fn sql(&self, rows: usize) -> String {
        let width = self.columns.len();
        let mut sql = String::with_capacity(64 + rows * width * 7);
        sql.push_str(&format!("INSERT INTO {} ({}) VALUES ", self.table, self.columns.join(", ")));
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=width {
                sql.push_str(if column == 1 { "$" } else { ", $" });
                sql.push_str(&(row * width + column).to_string());
            }
            sql.push(')');
        }
        sql.push(' ');
        sql.push_str(self.tail);
        sql
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
    fn the_statement_numbers_its_values_row_by_row() {
        let insert = BulkInsert { table: "t", columns: &["a", "b"], tail: "ON CONFLICT DO NOTHING" };
        assert_eq!(insert.sql(2), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING");
        assert_eq!(placeholders(3, 2), "$3, $4");
        assert_eq!(filled_list(vec![1.into(), 2.into()]).len(), 5);
        assert!(filled_list(Vec::new()).is_empty());
    }
}
