//! Which rows a sync has changed: both databases, before and after.

use ordersync_core::Databases;
use ordersync_store::registry;

/// Tables in which any sync leaves a trace, and must: how far an account was read, what it may still ask, who holds
/// what for the next seconds, who asked for it.
const LEFT_OUT: [&str; 5] = ["order_cursor", "rate_budget", "lease", "heartbeat", "audit_entry"];

fn compared() -> impl Iterator<Item = (bool, &'static str)> {
    registry().filter(|table| !LEFT_OUT.contains(&table.table)).map(|table| (table.in_keys, table.table))
}

/// Keeps a copy of every row, in memory, on the writers' own connections (SQLite).
pub(crate) async fn remember(store: &Databases) {
    for (in_keys, table) in compared() {
        store.run_raw(in_keys, &format!("CREATE TEMP TABLE before_{table} AS SELECT * FROM {table}")).await;
    }
}

/// Rows that are new, changed or gone since [`remember`]. The copies are dropped.
pub(crate) async fn changed(store: &Databases) -> i64 {
    let mut changed = 0;
    for (in_keys, table) in compared() {
        let count = async |one: &str, other: &str| {
            let sql = format!("SELECT COUNT(*) FROM (SELECT * FROM {one} EXCEPT SELECT * FROM {other})");
            store.number(in_keys, &sql).await
        };
        let before = format!("temp.before_{table}");
        // A changed row is in both differences, a new or lost one in one of them.
        changed += count(table, &before).await.max(count(&before, table).await);
        store.run_raw(in_keys, &format!("DROP TABLE {before}")).await;
    }
    changed
}

#[cfg(test)]
mod tests {
    use ordersync_store::testing::FreshDatabases;

    use super::*;

    #[test]
    fn what_is_left_out_exists() {
        let tables: Vec<&str> = registry().map(|table| table.table).collect();
        assert!(LEFT_OUT.iter().all(|table| tables.contains(table)), "{tables:?}");
        assert_eq!(compared().count(), tables.len() - LEFT_OUT.len());
    }

    #[tokio::test]
    async fn new_changed_and_lost_rows_count_in_both_databases() {
        let fresh = FreshDatabases::sqlite();
        let store = fresh.open().await;
        for name in ["one", "two", "three"] {
            store.run_raw(false, &format!("INSERT INTO installation (name, value) VALUES ('{name}', 1)")).await;
        }
        remember(&store).await;
        store.run_raw(false, "INSERT INTO lease (name, holder, fence, expires_at) VALUES ('a', 'b', 1, 1)").await;
        assert_eq!(changed(&store).await, 0, "a lease is no change");

        remember(&store).await;
        store.run_raw(false, "UPDATE installation SET value = 2 WHERE name = 'two'").await;
        assert_eq!(changed(&store).await, 1);

        remember(&store).await;
        store.run_raw(false, "DELETE FROM installation WHERE name = 'one'").await;
        store.run_raw(true, "INSERT INTO key_store_state (name, value) VALUES ('probe', 1)").await;
        assert_eq!(changed(&store).await, 2);
        store.close().await.unwrap();
    }
}
