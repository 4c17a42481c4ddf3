//! One text of SQL for both databases.

use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// What each placeholder stands for: (placeholder, SQLite, PostgreSQL).
///
/// `{end}` closes a table; `{clustered}` closes one whose rows lie in the order of their primary key, which SQLite
/// calls `WITHOUT ROWID` and PostgreSQL does not have. SQLite's tables are `STRICT`: a wrong type is an error there,
/// as it is in PostgreSQL.
const WORDS: [(&str, &str, &str); 6] = [
    ("{uuid}", "BLOB", "UUID"),
    ("{blob}", "BLOB", "BYTEA"),
    ("{int}", "INTEGER", "BIGINT"),
    ("{text}", "TEXT", "TEXT"),
    ("{end}", "STRICT", ""),
    ("{clustered}", "STRICT, WITHOUT ROWID", ""),
];

/// `sql` in the words of `backend`.
pub fn render(sql: &str, backend: DbBackend) -> String {
    let sqlite = backend == DbBackend::Sqlite;
    WORDS
        .iter()
        .fold(sql.to_owned(), |sql, (word, lite, postgres)| sql.replace(word, if sqlite { lite } else { postgres }))
}

/// Runs each statement of `sql` (they end in `;`) in the words of the manager's database.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let rendered = render(sql, manager.get_database_backend());
    for statement in rendered.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
