use std::collections::BTreeSet;

use ordersync_store::testing::FreshDatabases;
use ordersync_store::{ColumnClass, Retention, registry};

#[tokio::test]
async fn the_registry_names_every_column_of_both_catalogues_and_no_other() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        for in_keys in [false, true] {
            let registered: BTreeSet<(String, String)> = registry()
                .filter(|table| table.in_keys == in_keys)
                .flat_map(|table| table.columns.iter().map(|rule| (table.table.to_owned(), rule.column.to_owned())))
                .collect();
            let catalogue: BTreeSet<(String, String)> = databases.catalogue(in_keys).await.into_iter().collect();
            let missing: Vec<_> = catalogue.difference(&registered).collect();
            let surplus: Vec<_> = registered.difference(&catalogue).collect();
            assert!(
                missing.is_empty() && surplus.is_empty(),
                "{}: missing {missing:?}, surplus {surplus:?}",
                fresh.kind
            );
        }
    }
}

#[test]
fn invariant_4_every_personal_column_has_exactly_one_retention_rule() {
    let mut seen = BTreeSet::new();
    for table in registry() {
        assert!(!table.purpose.is_empty(), "{}", table.table);
        for rule in table.columns {
            assert!(seen.insert((table.table, rule.column)), "{}.{} stands twice", table.table, rule.column);
        }
        let personal = table.columns.iter().any(|rule| rule.class == ColumnClass::Personal);
        if personal {
            assert!(!table.basis.is_empty(), "{} holds personal data without a basis", table.table);
            let finite = matches!(
                table.retention,
                Retention::Label
                    | Retention::Delivery
                    | Retention::Contact
                    | Retention::Facts
                    | Retention::Invoice
                    | Retention::Key
            );
            assert!(finite, "{} holds personal data without an end", table.table);
        }
    }
}
