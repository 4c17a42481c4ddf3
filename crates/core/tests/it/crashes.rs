//! A process may die between any two steps of the write to two databases; run again, nothing is lost or doubled.

use chrono::Duration;
use ordersync_core::Opened;
use ordersync_testkit::{last_page, page, sample_order};
use ordersync_types::Clock;

use crate::setting::{Setting, start};

/// Makes every insert into `table` of `data` fail, as if the process had died just before it.
async fn break_at(setting: &Setting, table: &str) {
    let store = &setting.core.store;
    if setting.fresh.kind == "sqlite" {
        let sql = format!("CREATE TRIGGER crash BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'crash'); END");
        store.run_raw(false, &sql).await;
    } else {
        let sql =
            "CREATE FUNCTION crash() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'crash'; END $$ LANGUAGE plpgsql";
        store.run_raw(false, sql).await;
        store.run_raw(false, &format!("CREATE TRIGGER crash BEFORE INSERT ON {table} EXECUTE FUNCTION crash()")).await;
    }
}

async fn mend(setting: &Setting, table: &str) {
    let sql = match setting.fresh.kind {
        "sqlite" => "DROP TRIGGER crash".to_owned(),
        _ => format!("DROP TRIGGER crash ON {table}"),
    };
    setting.core.store.run_raw(false, &sql).await;
}

#[tokio::test]
async fn a_crash_after_the_keys_leaves_orphans_that_go() {
    for table in ["orders", "order_line", "recipient", "buyer", "job"] {
        for setting in Setting::each().await {
            let orders: Vec<_> = (1..=8).map(|number| sample_order(number, start())).collect();
            break_at(&setting, table).await;
            setting.connector.push_page(last_page(orders.clone(), start()));
            setting.sync().await.unwrap_err();
            for table in ["orders", "order_line", "recipient", "buyer", "job"] {
                assert_eq!(setting.count(table).await, 0, "{table} on {}", setting.fresh.kind);
            }
            assert_eq!(setting.cursor().await.watermark, None);
            let keys = "SELECT COUNT(*) FROM data_key WHERE class IN (2, 3) AND seller_id <> 0";
            let orphans = setting.core.store.number(true, keys).await;
            assert!(orphans > 0, "the keys were durable first");

            mend(&setting, table).await;
            let setting = setting.restarted().await;
            setting.connector.push_page(last_page(orders, start()));
            let report = setting.sync().await.unwrap();
            assert_eq!(report.counts.new, 8);
            // The keys of the first try are named by no record: they go after seven days, and no other does.
            setting.clock.advance_by(Duration::days(8).to_std().unwrap());
            setting.core.run_retention().await.unwrap();
            let orphaned = "SELECT COUNT(*) FROM data_key WHERE reason = 'orphan'";
            let gone = setting.core.store.number(true, orphaned).await;
            assert_eq!(gone, orphans, "{}", setting.fresh.kind);
            for (class, table) in [(2, "recipient"), (3, "buyer")] {
                let live = format!(
                    "SELECT COUNT(*) FROM data_key WHERE class = {class} AND state = 'active' AND seller_id <> 0"
                );
                assert_eq!(setting.core.store.number(true, &live).await, setting.count(table).await);
            }
        }
    }
}

#[tokio::test]
async fn a_crash_between_key_and_row_of_a_purge_leaves_nothing_readable() {
    for setting in Setting::each().await {
        setting.connector.push_page(last_page(vec![sample_order(1, start())], start()));
        setting.sync().await.unwrap();
        assert!(matches!(setting.recipient().await, Opened::Present(_)));
        // The keys transaction was durable, the data transaction never came.
        let row = setting.core.store.recipients(crate::setting::SELLER, &[setting.only_order().await.order_id]).await;
        let key = row.unwrap().remove(0).key_id;
        setting.core.store.destroy_keys(&[key], setting.clock.now(), "retention").await.unwrap();
        let setting = setting.restarted().await;
        assert_eq!(setting.recipient().await, Opened::Purged, "{}", setting.fresh.kind);
        // A new reading of the order does not bring it back.
        let mut again = sample_order(1, start());
        again.facts.updated_at = start() + Duration::minutes(1);
        setting.connector.push_page(last_page(vec![again], start()));
        setting.sync().await.unwrap();
        assert_eq!(setting.recipient().await, Opened::Purged);
        setting.clock.advance_by(Duration::days(200).to_std().unwrap());
        setting.core.run_retention().await.unwrap();
        assert_eq!(setting.count("recipient").await, 0);
    }
}

#[tokio::test]
async fn a_write_that_fails_while_more_pages_come_is_an_error_and_no_panic() {
    for setting in Setting::each().await {
        break_at(&setting, "orders").await;
        for number in 0..8 {
            let order = sample_order(number, start());
            setting.connector.push_page(page(vec![order], &format!("page {number}")));
        }
        setting.connector.push_page(last_page(Vec::new(), start()));
        let error = setting.sync().await.unwrap_err();
        assert!(matches!(error, ordersync_core::CoreError::Store(_)), "{}: {error}", setting.fresh.kind);
        mend(&setting, "orders").await;
    }
}
