//! Copies of both databases made before an upgrade lose the same keys as the key store, in the same run.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Duration;
use ordersync_core::retention::CopiesFolder;
use ordersync_core::{Actor, Core, KeyRing};
use ordersync_store::testing::FreshDatabases;
use ordersync_store::{DatabaseUrl, Databases, OpenOptions};
use ordersync_testkit::{last_page, sample_order};
use ordersync_types::Clock;

use crate::setting::{Setting, start};

/// Core on SQLite with one order, and a copy of its databases made now.
async fn with_copy() -> (Setting, PathBuf) {
    let setting = Setting::new(FreshDatabases::sqlite()).await;
    setting.connector.push_page(last_page(vec![sample_order(1, start())], start()));
    setting.sync().await.unwrap();
    let mut setting = setting.restarted().await;
    let copies = CopiesFolder::new(setting.fresh.folder().join("copies"));
    let copy = copies.of_copy(setting.clock.now());
    fs::create_dir_all(&copy).unwrap();
    for (url, name) in [(&setting.fresh.data, "data.db"), (&setting.fresh.keys, "keys.db")] {
        let DatabaseUrl::Sqlite(path) = url else { panic!("a file") };
        fs::copy(path, copy.join(name)).unwrap();
    }
    let keys = KeyRing::open(&setting.core.store, &setting.root).await.unwrap();
    let mut core = Core::new(setting.core.store.clone(), setting.clock.shared(), keys, "0.1.0");
    core.copies = Some(copies);
    setting.core = Arc::new(core);
    (setting, copy)
}

async fn active_keys(copy: &std::path::Path) -> i64 {
    let url = |name: &str| DatabaseUrl::Sqlite(copy.join(name));
    let opened = Databases::open(&url("data.db"), &url("keys.db"), OpenOptions::default()).await.unwrap();
    let keys = opened.number(true, "SELECT COUNT(*) FROM data_key WHERE state = 'active' AND seller_id <> 0").await;
    opened.close().await.unwrap();
    keys
}

#[tokio::test]
async fn a_purge_reaches_the_copies_in_the_same_run_and_the_proof_lists_them() {
    let (setting, copy) = with_copy().await;
    assert_eq!(active_keys(&copy).await, 3, "recipient, buyer, credential");
    let name = copy.file_name().unwrap().to_str().unwrap();
    let due = format!("UPDATE recipient SET purge_after = {}", start().timestamp_millis() - 1);
    setting.core.store.run_raw(false, &due).await;
    let report = setting.core.run_retention().await.unwrap().unwrap();
    assert!(report.clean);
    assert_eq!(report.copies.iter().map(|copy| (copy.copy.as_str(), copy.destroyed)).collect::<Vec<_>>(), [(name, 1)]);
    let proof = setting.core.store.retention_runs(1).await.unwrap().remove(0);
    assert!(proof.physical.unwrap().contains(&format!("copies: {name}: 1 keys destroyed")));
    assert_eq!(active_keys(&copy).await, 2);

    // Removing an account destroys its key at once, in the copies too.
    setting.core.remove_account(&setting.account, &Actor::user("seller")).await.unwrap();
    assert_eq!(active_keys(&copy).await, 1);
    setting.clock.advance_by(Duration::days(7).to_std().unwrap());
    let report = setting.core.run_retention().await.unwrap().unwrap();
    assert_eq!(report.copies[0].removed.as_deref(), Some("over 7 days old"));
    assert!(!copy.exists());
}

#[tokio::test]
async fn a_copy_that_cannot_follow_is_removed() {
    let (setting, copy) = with_copy().await;
    fs::write(copy.join("data.db"), "no database").unwrap();
    let report = setting.core.run_retention().await.unwrap().unwrap();
    assert!(report.clean && report.copies[0].removed.as_ref().unwrap().starts_with("keys cannot be destroyed in it"));
    assert!(!copy.exists());
}
