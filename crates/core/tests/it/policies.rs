//! Retention times that the configuration changes: longer never reaches back, shorter when a person says so.

use std::sync::Arc;

use chrono::Duration;
use ordersync_connector_api::ConnectorInfo;
use ordersync_core::retention::{LABELS, delivery_of};
use ordersync_order::Order;
use ordersync_testkit::{SampleOrder, ScriptedConnector, last_page, scripted_info};
use ordersync_types::Clock;

use crate::setting::{SELLER, start};
use crate::shop::{Shop, of, packer, settings};

fn two() -> Vec<Order> {
    vec![SampleOrder::new(4, start()).build(), SampleOrder::new(8, start()).build()]
}

async fn say(shop: &mut Shop, labels: u32, delivery: u32) {
    shop.core().note_policies(&[(LABELS.to_owned(), labels), (delivery_of("scripted"), delivery)]).await.unwrap();
    let mut with = settings(&shop.courier);
    with.label_days = i64::from(labels);
    shop.core().set_fulfilment(with);
    let info = ConnectorInfo { personal_days_after_delivery: delivery, ..scripted_info() };
    shop.setting.connector = Arc::new(ScriptedConnector::with_info(info));
}

/// The hours from the start after which the first row of a table goes, and the last.
async fn goes(shop: &Shop, table: &str) -> (i64, i64) {
    let hours = async |which: &str| {
        let sql = format!("SELECT {which}(purge_after) FROM {table}");
        (shop.core().store.number(false, &sql).await - start().timestamp_millis()) / 3_600_000
    };
    (hours("MIN").await, hours("MAX").await)
}

async fn audited(shop: &Shop, action: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM audit_entry WHERE action = 'retention.{action}'");
    shop.core().store.number(false, &sql).await
}

#[tokio::test]
async fn a_longer_time_holds_for_what_comes_in_and_never_revives() {
    for mut shop in Shop::each(two).await {
        say(&mut shop, 7, 30).await;
        let ids = shop.ids().await;
        shop.made(ids[0]).await;
        let held = goes(&shop, "recipient").await;
        shop.advance(Duration::days(1)).await;
        say(&mut shop, 21, 60).await;
        assert_eq!((audited(&shop, "loosened").await, audited(&shop, "tightened").await), (2, 0));
        assert_eq!(goes(&shop, "label").await, (7 * 24, 7 * 24));
        // Read again, with another title: it was held before.
        let mut again = two();
        again[0].facts.updated_at += Duration::days(1);
        again[0].facts.lines[0].title = Some("Another title".to_owned());
        let mut new = SampleOrder::new(12, start() + Duration::days(1)).build();
        new.facts.updated_at += Duration::days(1);
        again.push(new);
        shop.setting.connector.push_page(last_page(again, shop.setting.clock.now()));
        shop.setting.sync().await.unwrap();
        let (first, last) = goes(&shop, "recipient").await;
        assert!(first == held.0 && last >= held.1 + 30 * 24, "{first} {last} {held:?}");
        shop.made(ids[1]).await;
        assert_eq!(goes(&shop, "label").await, (7 * 24, 22 * 24));
        assert!(shop.core().policy_changes(SELLER).await.unwrap().is_empty(), "nothing is to be shortened");
    }
}

#[tokio::test]
async fn a_shorter_time_counts_what_would_go_and_waits_for_a_word() {
    for mut shop in Shop::each(two).await {
        say(&mut shop, 21, 60).await;
        shop.setting.connector.push_page(last_page(
            vec![SampleOrder::new(12, start() + Duration::hours(1)).build()],
            start() + Duration::hours(1),
        ));
        shop.advance(Duration::hours(2)).await;
        shop.setting.sync().await.unwrap();
        let longest = goes(&shop, "recipient").await;
        let ids = shop.ids().await;
        let first = shop.made(ids[0]).await;
        shop.advance(Duration::days(8)).await;
        shop.made(ids[1]).await;
        say(&mut shop, 7, 30).await;
        assert_eq!(audited(&shop, "tightened").await, 2);
        let changes = shop.core().policy_changes(SELLER).await.unwrap();
        let found: Vec<_> = changes.iter().map(|one| (one.class.as_str(), one.from, one.to, one.shorter)).collect();
        // Two orders had come in under the connector's own 30 days.
        assert_eq!(found, [("delivery/scripted", 60, 30, 1), (LABELS, 21, 7, 2)]);
        assert_eq!(changes[1].due_at_once, 1, "one of them is eight days old");
        assert!(shop.core().run_retention().await.unwrap().unwrap().classes.is_empty(), "nobody has said so yet");
        assert!(shop.bytes(first).await.is_some());
        assert_eq!(goes(&shop, "recipient").await, longest);

        assert_eq!(shop.core().shorten_held(SELLER, &packer()).await.unwrap(), changes);
        assert_eq!(audited(&shop, "shortened").await, 2);
        assert!(shop.core().policy_changes(SELLER).await.unwrap().is_empty());
        assert!(shop.bytes(first).await.is_none(), "unreadable at once");
        let (earliest, latest) = goes(&shop, "recipient").await;
        assert_eq!((earliest, latest), (longest.0, longest.1 - 30 * 24));
        assert_eq!(goes(&shop, "buyer").await.1, latest);
        let report = shop.core().run_retention().await.unwrap().unwrap();
        assert!(report.classes.iter().any(|class| class.class.name() == "label" && class.destroyed == 1), "{report:?}");
        // After a restart it is still so.
        let mut shop = shop.restarted().await;
        say(&mut shop, 7, 30).await;
        assert!(shop.core().policy_changes(SELLER).await.unwrap().is_empty());
        assert_eq!((audited(&shop, "tightened").await, audited(&shop, "loosened").await), (2, 0));
        shop.label(of(ids[2])).await.unwrap();
    }
}

#[tokio::test]
async fn a_shortening_that_was_cut_off_is_still_to_be_done_and_reaches_removed_accounts() {
    for mut shop in Shop::each(two).await {
        say(&mut shop, 21, 60).await;
        shop.made(shop.ids().await[0]).await;
        shop.core().store.run_raw(false, "UPDATE recipient SET purge_after = purge_after + 2592000000").await;
        shop.core().remove_account(&shop.setting.account, &packer()).await.unwrap();
        shop.advance(Duration::days(8)).await;
        say(&mut shop, 7, 30).await;
        let before = shop.core().policy_changes(SELLER).await.unwrap();
        assert_eq!(before.iter().map(|one| one.shorter).collect::<Vec<_>>(), [2, 1], "of a removed account, too");
        let sqlite = shop.core().store.data.kind() == "sqlite";
        let (full, room) = if sqlite {
            let full = "CREATE TRIGGER full_disk BEFORE UPDATE ON label BEGIN SELECT RAISE(ABORT, 'full'); END";
            (full, "DROP TRIGGER full_disk")
        } else {
            let full = "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'full'; END $$ \
                        LANGUAGE plpgsql; CREATE TRIGGER full_disk BEFORE UPDATE ON label EXECUTE FUNCTION full_disk()";
            (full, "DROP TRIGGER full_disk ON label")
        };
        shop.core().store.run_raw(false, full).await;
        shop.core().shorten_held(SELLER, &packer()).await.unwrap_err();
        let left = shop.core().policy_changes(SELLER).await.unwrap();
        assert_eq!(left.iter().map(|one| one.class.as_str()).collect::<Vec<_>>(), [LABELS]);
        shop.core().store.run_raw(false, room).await;
        shop.core().shorten_held(SELLER, &packer()).await.unwrap();
        assert!(shop.core().policy_changes(SELLER).await.unwrap().is_empty());
        assert_eq!(goes(&shop, "label").await, (7 * 24, 7 * 24));
    }
}
