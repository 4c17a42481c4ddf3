//! Statements in the words of either database.

use sea_orm::{DbBackend, Statement, Value};

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
    #[should_panic(expected = "out of order")]
    fn parameters_out_of_order_are_a_mistake() {
        statement(DbBackend::Sqlite, "SELECT $2, $1", [1, 2].map(Value::from));
    }
}
