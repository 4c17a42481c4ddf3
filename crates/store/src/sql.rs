//! Statements in the words of either database.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbBackend, Statement, Value};

use crate::bulk::{filled_list, placeholders};

/// A statement whose values stand as `$1`, `$2`, ... each once and in their order.
///
/// SQLite gets `?` for each: there a numbered parameter is a *named* one, which the driver looks up by walking a list,
/// so that a statement of 2,700 parameters would spend a third of all its time on their names.
pub(crate) fn statement<I: IntoIterator<Item = Value>>(
    backend: DbBackend,
    sql: impl Into<String>,
    values: I,
) -> Statement {
    let sql = sql.into();
    let sql = if backend == DbBackend::Sqlite { unnumbered(&sql) } else { sql };
    Statement::from_sql_and_values(backend, sql, values)
}

/// Rows that are looked up by a list of different values.
pub(crate) struct RowsOfEach {
    pub(crate) table: &'static str,
    /// What all of them have in common; its parameters come first.
    pub(crate) condition: &'static str,
    /// How many parameters that has.
    pub(crate) parameters: usize,
    /// The last column of an index that begins with those of the condition.
    pub(crate) column: &'static str,
    /// Text or bytes.
    pub(crate) of: ArrayType,
}

impl RowsOfEach {
    /// What stands after `FROM`, under the name `found`, and the values after those of the condition.
    ///
    /// PostgreSQL gets one look into the index for each value. Left to itself, and without statistics of a table that
    /// grows under it, it reads all rows of the condition and throws away those that are not in the list.
    pub(crate) fn from(&self, backend: DbBackend, values: Vec<Value>) -> (String, Vec<Value>) {
        let Self { table, condition, column, .. } = self;
        let first = self.parameters + 1;
        if backend == DbBackend::Sqlite {
            let values = filled_list(values);
            let list = placeholders(first, values.len());
            return (format!("(SELECT * FROM {table} WHERE {condition} AND {column} IN ({list})) found"), values);
        }
        let cast = if self.of == ArrayType::Bytes { "bytea" } else { "text" };
        let from = format!(
            "unnest(${first}::{cast}[]) AS wanted (value) CROSS JOIN LATERAL \
             (SELECT * FROM {table} WHERE {condition} AND {column} = wanted.value OFFSET 0) found"
        );
        (from, vec![Value::Array(self.of.clone(), Some(Box::new(values)))])
    }
}

fn unnumbered(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for (number, part) in (1_usize..).zip(parts) {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        debug_assert_eq!(part.strip_suffix(rest), Some(number.to_string().as_str()), "out of order in {sql}");
        text.push('?');
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_gets_unnumbered_parameters() {
        let (sql, values) = ("UPDATE t SET a = $1 WHERE b IN ($2, $3)", [1, 2, 3].map(Value::from));
        assert_eq!(statement(DbBackend::Sqlite, sql, values.clone()).sql, "UPDATE t SET a = ? WHERE b IN (?, ?)");
        assert_eq!(statement(DbBackend::Postgres, sql, values).sql, sql);
    }

    #[test]
    fn postgresql_looks_into_the_index_for_each_value_and_sqlite_does_by_itself() {
        let rows = RowsOfEach { table: "t", condition: "a = $1", parameters: 1, column: "b", of: ArrayType::String };
        let values = || vec![Value::from("x"), Value::from("y")];
        let (from, list) = rows.from(DbBackend::Postgres, values());
        let lateral = "(SELECT * FROM t WHERE a = $1 AND b = wanted.value OFFSET 0) found";
        assert_eq!(from, format!("unnest($2::text[]) AS wanted (value) CROSS JOIN LATERAL {lateral}"));
        assert_eq!(list, [Value::Array(ArrayType::String, Some(Box::new(values())))]);
        let (from, list) = rows.from(DbBackend::Sqlite, values());
        assert_eq!(from, "(SELECT * FROM t WHERE a = $1 AND b IN ($2, $3, $4, $5, $6)) found");
        assert_eq!(list.len(), 5);
    }

    #[test]
    #[should_panic(expected = "out of order")]
    fn parameters_out_of_order_are_a_mistake() {
        statement(DbBackend::Sqlite, "SELECT $2, $1", [1, 2].map(Value::from));
    }
}
