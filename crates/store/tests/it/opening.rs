use ordersync_migrations::{KeysMigrator, MigratorTrait as _};
use ordersync_store::testing::FreshDatabases;
use ordersync_store::{Databases, OpenOptions, SchemaState, StoreError};

#[tokio::test]
async fn a_new_sqlite_file_keeps_its_promises() {
    let fresh = FreshDatabases::sqlite();
    let databases = fresh.open().await;
    for in_keys in [false, true] {
        assert_eq!(databases.number(in_keys, "SELECT auto_vacuum FROM pragma_auto_vacuum").await, 2, "incremental");
        assert_eq!(
            databases.number(in_keys, "SELECT secure_delete FROM pragma_secure_delete").await,
            1,
            "ON, not FAST"
        );
        assert_eq!(databases.number(in_keys, "SELECT synchronous FROM pragma_synchronous").await, 2, "FULL");
    }
    databases.close().await.unwrap();
    // A second start finds everything in place and may not make anything.
    let options = OpenOptions { create: false, migrate: false };
    Databases::open(&fresh.data, &fresh.keys, options).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn a_missing_file_is_never_made_by_accident() {
    let fresh = FreshDatabases::sqlite();
    let error = Databases::open(&fresh.data, &fresh.keys, OpenOptions::default()).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchFile(_)), "{error}");
    assert!(fresh.files().is_empty());
}

#[tokio::test]
async fn schemas_are_compared_before_anything_is_changed() {
    for fresh in FreshDatabases::each().await {
        let state = Databases::schema_state(&fresh.data, &fresh.keys).await.unwrap();
        assert_eq!(state, (SchemaState::Empty, SchemaState::Empty), "{}", fresh.kind);
        let databases = fresh.open().await;
        let state = Databases::schema_state(&fresh.data, &fresh.keys).await.unwrap();
        assert_eq!(state, (SchemaState::Current, SchemaState::Current));
        databases
            .run_raw(true, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_x', 0)")
            .await;
        databases.close().await.unwrap();
        let options = OpenOptions { create: false, migrate: true };
        match Databases::open(&fresh.data, &fresh.keys, options).await {
            Err(StoreError::NewerSchema { database: "keys", found, known }) => {
                assert_eq!(found, "m29990101_000001_x");
                let newest = KeysMigrator::migrations().last().map(|migration| migration.name().to_owned());
                assert_eq!(Some(known), newest);
            }
            other => panic!("{}: {other:?}", fresh.kind),
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_half_written() {
    let fresh = FreshDatabases::sqlite();
    let databases = fresh.open().await;
    let account = crate::sample::account(&databases, "amazon-uk").await;
    let pages = databases.number(false, "SELECT page_count FROM pragma_page_count").await;
    databases.run_raw(false, &format!("PRAGMA max_page_count = {pages}")).await;
    let mut page = crate::sample::page(&account);
    page.orders = (1..200).map(crate::sample::order).collect();
    let error = databases.write_pages(vec![databases.ready_page(page.clone())]).await.unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert!(error.is_transient());
    assert_eq!(databases.number(false, "SELECT COUNT(*) FROM orders").await, 0);
    databases.run_raw(false, "PRAGMA max_page_count = 1000000").await;
    databases.write_pages(vec![databases.ready_page(page.clone())]).await.unwrap();
    assert_eq!(databases.number(false, "SELECT COUNT(*) FROM orders").await, 199);
}
