//! Purges that something stands in the way of: a full disk, a reader, an old backup; and the moments at which labels go.

use std::fs;
use std::path::PathBuf;

use chrono::Duration;
use ordersync_core::{Actor, Opened, RetentionRun};
use ordersync_courier_api::Repeats;
use ordersync_order::Order;
use ordersync_store::DatabaseUrl;
use ordersync_store::testing::FreshDatabases;
use ordersync_testkit::{SampleOrder, last_page};
use ordersync_types::{Clock, Pii, ShipmentRef};

use crate::setting::{SELLER, Setting, at, start};
use crate::shop::{Shop, of, settings};

fn one() -> Vec<Order> {
    vec![SampleOrder::new(4, start()).build()]
}

async fn newest_run(shop: &Shop, class: &str) -> RetentionRun {
    let runs = shop.core().store.retention_runs(20).await.unwrap();
    runs.into_iter().find(|run| run.class == class).unwrap()
}

const FULL_SQLITE: &str =
    "CREATE TRIGGER full_disk BEFORE DELETE ON label BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END";
const FULL_POSTGRES: &str = "CREATE FUNCTION full_disk() RETURNS trigger AS $$ \
     BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$ \
     LANGUAGE plpgsql; CREATE TRIGGER full_disk BEFORE DELETE ON label EXECUTE FUNCTION full_disk()";

#[tokio::test]
async fn a_disk_that_is_full_in_a_purge_leaves_nothing_readable_and_the_next_run_ends_it() {
    for shop in Shop::each(one).await {
        let reference = shop.made(shop.ids().await[0]).await;
        let store = &shop.core().store;
        let sqlite = store.data.kind() == "sqlite";
        store.run_raw(false, if sqlite { FULL_SQLITE } else { FULL_POSTGRES }).await;
        shop.advance(Duration::days(21) + Duration::minutes(1)).await;
        let failure = shop.core().run_retention().await.unwrap_err();
        let run = newest_run(&shop, "label").await;
        assert_eq!((run.state.as_str(), run.due, run.destroyed), ("partial", 1, 0), "{failure}");
        assert!(run.failure.is_some_and(|why| !why.is_empty()), "the report says why");
        assert_eq!(store.number(false, "SELECT COUNT(*) FROM label").await, 1, "its row could not go");
        let alive = "SELECT COUNT(*) FROM data_key WHERE class = 1 AND seller_id <> 0 AND wrapped IS NOT NULL";
        assert_eq!(store.number(true, alive).await, 0, "its key has gone");
        assert_eq!(shop.bytes(reference).await, None);
        store.run_raw(false, if sqlite { "DROP TRIGGER full_disk" } else { "DROP TRIGGER full_disk ON label" }).await;
        // Runs of one millisecond have no order.
        shop.advance(Duration::minutes(1)).await;
        let report = shop.core().run_retention().await.unwrap().unwrap();
        assert_eq!(report.classes.iter().map(|class| class.destroyed).sum::<i64>(), 1, "{report:?}");
        assert_eq!(newest_run(&shop, "label").await.state, "done");
        assert_eq!(store.number(false, "SELECT COUNT(*) FROM label").await, 0);
    }
}

#[tokio::test]
async fn a_reader_delays_the_wiping_for_five_seconds_at_most_and_a_later_run_makes_up_for_it() {
    let shop = Shop::with(Setting::new(FreshDatabases::sqlite()).await, one(), Repeats::ByKey).await;
    shop.made(shop.ids().await[0]).await;
    shop.advance(Duration::days(21) + Duration::minutes(1)).await;
    let snapshot = shop.core().store.hold_snapshot().await;
    let writing = async {
        // Nobody else waits for it.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        shop.core().beat().await.unwrap()
    };
    let (report, _beat) = tokio::join!(shop.core().run_retention(), async {
        tokio::time::timeout(std::time::Duration::from_secs(3), writing).await.unwrap()
    });
    let report = report.unwrap().unwrap();
    assert!(!report.clean && report.physical.unwrap().contains("NOT emptied: a reader stood in the way (50 busy"));
    assert_eq!(newest_run(&shop, "label").await.state, "partial");
    // Nothing is due any more, and it stays undone as long as the reader stays.
    let report = shop.core().run_retention().await.unwrap().unwrap();
    assert!(report.classes.is_empty() && !report.clean);
    snapshot.release().await;
    let report = shop.core().run_retention().await.unwrap().unwrap();
    assert!(report.classes.is_empty() && report.clean, "{report:?}");
    let run = newest_run(&shop, "label").await;
    assert!(run.state == "done" && run.physical.is_some_and(|what| what.contains("copied back and emptied")));
    assert!(shop.core().run_retention().await.unwrap().unwrap().physical.is_none(), "once is enough");
}

#[tokio::test]
async fn what_a_run_that_was_cut_off_left_in_the_files_is_wiped_by_the_next() {
    for shop in Shop::each(one).await {
        shop.made(shop.ids().await[0]).await;
        shop.advance(Duration::days(21) + Duration::minutes(1)).await;
        shop.core().run_retention().await.unwrap().unwrap();
        // As if it had been killed between its last batch and the wiping.
        let cut_off = "UPDATE retention_run SET state = 'running', physical = NULL, probe = NULL, finished_at = NULL";
        shop.core().store.run_raw(false, cut_off).await;
        let report = shop.core().run_retention().await.unwrap().unwrap();
        assert!(report.classes.is_empty() && report.physical.is_some(), "nothing is due, and the files are wiped");
        let run = newest_run(&shop, "label").await;
        assert!(
            run.state == "partial" && run.failure.is_some_and(|why| why.contains("cut off")) && run.physical.is_some()
        );
        assert!(shop.core().run_retention().await.unwrap().unwrap().physical.is_none(), "once is enough");
    }
}

#[tokio::test]
async fn an_order_held_back_while_its_data_is_purged_keeps_neither_address_nor_reason() {
    for shop in Shop::each(one).await {
        let reference = shop.made(shop.ids().await[0]).await;
        let order = shop.setting.only_order().await;
        shop.advance(Duration::days(91)).await;
        let (core, reason, actor) = (shop.core(), Pii::new("asks for Ada".to_owned()), Actor::user("packer"));
        // Whoever is first: a hold of the packing bench is no hold on deletion.
        let (purged, _held) = tokio::join!(core.run_retention(), core.hold_order(&order, &reason, &actor));
        purged.unwrap().unwrap();
        assert_eq!(shop.setting.recipient().await, Opened::Purged);
        assert_eq!(shop.bytes(reference).await, None);
        assert!(core.open_notes(SELLER, &[order.order_id], &actor).await.unwrap().is_empty(), "its time is over, too");
        shop.advance(Duration::minutes(1)).await;
        core.run_retention().await.unwrap().unwrap();
        for table in ["recipient", "order_note", "label"] {
            assert_eq!(shop.setting.count(table).await, 0, "{table} on {}", shop.setting.fresh.kind);
        }
        let keys = "SELECT COUNT(*) FROM data_key WHERE class IN (1, 2) AND seller_id <> 0 AND wrapped IS NOT NULL";
        assert_eq!(core.store.number(true, keys).await, 0);
    }
}

/// The files of both databases; the write-ahead logs are copied back when the last connection closes.
fn files(shop: &Shop) -> [PathBuf; 2] {
    [&shop.setting.fresh.data, &shop.setting.fresh.keys].map(|url| match url {
        DatabaseUrl::Sqlite(path) => path.clone(),
        DatabaseUrl::Postgres(_) => unreachable!("on SQLite"),
    })
}

#[tokio::test]
async fn a_backup_from_before_a_purge_shows_nobody_and_is_purged_again() {
    // Both databases are old; then the data alone, as OPERATING.md says.
    for keys_too in [true, false] {
        let shop = Shop::with(Setting::new(FreshDatabases::sqlite()).await, one(), Repeats::ByKey).await;
        let reference = shop.made(shop.ids().await[0]).await;
        let shop = shop.restarted().await;
        let saved = |file: &PathBuf| file.with_extension("saved");
        shop.core().store.clone().close().await.unwrap();
        for file in files(&shop) {
            fs::copy(&file, saved(&file)).unwrap();
        }
        let shop = shop.restarted().await;
        shop.advance(Duration::days(91)).await;
        shop.core().run_retention().await.unwrap().unwrap();
        assert_eq!((shop.setting.count("label").await, shop.setting.count("recipient").await), (0, 0));
        shop.core().store.clone().close().await.unwrap();
        for file in files(&shop).iter().take(if keys_too { 2 } else { 1 }) {
            fs::copy(saved(file), file).unwrap();
        }
        let shop = shop.restarted().await;
        assert_eq!((shop.setting.count("label").await, shop.setting.count("recipient").await), (1, 1), "it is back");
        assert_eq!(shop.setting.recipient().await, Opened::Purged, "and unreadable from the first moment");
        assert_eq!(shop.bytes(reference).await, None);
        let report = shop.core().run_retention().await.unwrap().unwrap();
        assert!(report.clean && report.classes.iter().all(|class| class.due == class.destroyed), "{report:?}");
        assert_eq!((shop.setting.count("label").await, shop.setting.count("recipient").await), (0, 0));
    }
}

#[tokio::test]
async fn twenty_one_days_are_as_long_in_every_week_of_the_year() {
    // The clocks of London and Berlin go back, and forward; a leap day; a new year.
    for made in ["2026-10-24T23:30:00Z", "2027-03-27T12:00:00Z", "2028-02-12T00:00:01Z", "2028-12-31T23:59:59Z"] {
        let made = at(made);
        let setting = Setting::new(FreshDatabases::sqlite()).await;
        setting.clock.advance_to(made);
        setting.connector.push_page(last_page(vec![SampleOrder::new(4, made).build()], made));
        setting.sync().await.unwrap();
        let courier = std::sync::Arc::new(ordersync_testkit::ScriptedCourier::by_key());
        setting.core.set_fulfilment(settings(&courier));
        let shop = Shop { setting, courier };
        let reference: ShipmentRef = shop.label(of(shop.ids().await[0])).await.unwrap().reference;
        assert_eq!(shop.setting.clock.now(), made);
        shop.setting.clock.advance_to(made + Duration::days(21) - Duration::minutes(1));
        assert!(shop.core().run_retention().await.unwrap().unwrap().classes.is_empty(), "20 d 23 h 59 m: {made}");
        assert!(shop.bytes(reference).await.is_some(), "{made}");
        shop.setting.clock.advance_to(made + Duration::days(21) + Duration::minutes(1));
        assert!(shop.bytes(reference).await.is_none(), "21 d 0 h 1 m: {made}");
        let report = shop.core().run_retention().await.unwrap().unwrap();
        assert!(report.classes.iter().any(|class| class.class.name() == "label" && class.destroyed == 1), "{made}");
    }
}
