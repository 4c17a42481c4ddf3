//! Windows, hints, leases: reading never leaves a gap.

use chrono::Duration;
use ordersync_connector_api::{ConnectorError, ErrorKind, MarketplaceConnector, RejectedOrder, Retry};
use ordersync_core::{Actor, CoreError, SyncSettings};
use ordersync_order::Order;
use ordersync_store::AccountState;
use ordersync_testkit::{SampleOrder, last_page, page, sample_order};
use ordersync_types::Clock;

use crate::setting::{SELLER, Setting, at, start};

fn network() -> ConnectorError {
    ConnectorError::new(ErrorKind::Transport, Retry::Backoff, "searchOrders", "no network")
}

fn orders(from: u64, to: u64) -> Vec<Order> {
    (from..=to).map(|number| sample_order(number, start())).collect()
}

#[tokio::test]
async fn invariant_3_a_watermark_moves_only_with_the_last_page_of_its_window() {
    for setting in Setting::each().await {
        setting.connector.push_page(page(orders(1, 10), "page-2"));
        setting.connector.push_error(network());
        let error = setting.sync().await.unwrap_err();
        assert!(matches!(error, CoreError::Connector(_)), "{error}");
        let cursor = setting.cursor().await;
        assert_eq!((cursor.watermark, setting.orders().await.len()), (None, 10), "{}", setting.fresh.kind);
        assert_eq!(cursor.failure.as_deref(), Some("searchOrders: no network"));

        // The hint is taken up in the same window, and only its last page moves the watermark.
        let setting = setting.restarted().await;
        let bound = start() - Duration::minutes(4);
        setting.connector.push_page(page(orders(8, 20), "page-3"));
        setting.connector.push_page(last_page(orders(21, 21), bound));
        let report = setting.sync().await.unwrap();
        assert_eq!((report.pages, report.watermark), (2, Some(bound)));
        assert_eq!((report.counts.new, report.counts.unchanged), (11, 3));
        let cursor = setting.cursor().await;
        assert_eq!((cursor.watermark, cursor.resume, cursor.failure), (Some(bound), None, None));
        assert_eq!(setting.orders().await.len(), 21);
        let polls = setting.connector.polls();
        assert_eq!(polls.iter().filter(|call| call.window == polls[0].window).count(), 4, "one window throughout");
        let places: Vec<_> =
            polls.iter().map(|call| call.place.as_ref().map(|place| place.as_str().to_owned())).collect();
        assert_eq!(places, [None, Some("page-2".into()), Some("page-2".into()), Some("page-3".into())]);
    }
}

#[tokio::test]
async fn a_hint_that_is_too_old_or_no_longer_taken_starts_the_window_again() {
    for setting in Setting::each().await {
        setting.connector.push_page(page(orders(1, 2), "page-2"));
        setting.connector.push_error(network());
        setting.sync().await.unwrap_err();
        let stale = ConnectorError::new(ErrorKind::StalePage, Retry::Never, "searchOrders", "unknown token");
        setting.connector.push_error(stale);
        setting.connector.push_page(page(orders(1, 2), "page-2"));
        setting.connector.push_error(network());
        setting.sync().await.unwrap_err();
        let polls = setting.connector.polls();
        assert_eq!(polls.last().unwrap().place.as_ref().unwrap().as_str(), "page-2");
        assert_eq!(
            polls[polls.len() - 2].place,
            None,
            "{}: after the refusal the window began anew",
            setting.fresh.kind
        );

        setting.clock.advance_by(Duration::hours(21).to_std().unwrap());
        setting.connector.push_page(last_page(orders(1, 3), setting.clock.now()));
        setting.sync().await.unwrap();
        let last = setting.connector.polls().pop().unwrap();
        assert_eq!(last.place, None, "21 hours are too old");
        assert_eq!(setting.orders().await.len(), 3);
    }
}

#[tokio::test]
async fn the_first_window_begins_before_go_live_and_the_next_overlaps_the_last() {
    for setting in Setting::each().await {
        let bound = start() - Duration::minutes(5);
        setting.connector.push_page(last_page(Vec::new(), bound));
        setting.sync().await.unwrap();
        setting.clock.advance_by(std::time::Duration::from_secs(600));
        setting.connector.push_page(last_page(Vec::new(), setting.clock.now()));
        setting.sync().await.unwrap();
        let polls = setting.connector.polls();
        assert_eq!(polls[0].window.from, at("2026-05-11T00:00:00Z"), "30 days before go-live");
        let overlap = setting.connector.info().windows.overlap_seconds;
        assert_eq!(polls[1].window.from, bound - Duration::seconds(i64::from(overlap)));
    }
}

#[tokio::test]
async fn refused_credentials_stop_the_account_and_say_why() {
    for setting in Setting::each().await {
        let refused = ConnectorError::new(ErrorKind::Auth, Retry::Never, "token", "consent was withdrawn");
        setting.connector.push_error(refused);
        setting.sync().await.unwrap_err();
        let account = setting.core.account("scripted").await.unwrap();
        assert_eq!(account.state, AccountState::NeedsConsent, "{}", setting.fresh.kind);
        assert_eq!(account.state_reason.as_deref(), Some("token: consent was withdrawn"));
        setting.core.resume_account(&account, &Actor::user("seller")).await.unwrap();
        let account = setting.core.account("scripted").await.unwrap();
        assert_eq!((account.state, account.state_reason), (AccountState::Active, None));
        let audited = "SELECT COUNT(*) FROM audit_entry WHERE action = 'account.resume'";
        assert_eq!(setting.core.store.number(false, audited).await, 1);
    }
}

#[tokio::test]
async fn an_account_is_read_by_one_at_a_time() {
    for setting in Setting::each().await {
        let name = format!("orders/{}", setting.account.account);
        let other = setting.core.store.take_lease(&name, "another daemon", std::time::Duration::from_secs(30)).await;
        assert!(other.unwrap().is_some());
        let error = setting.sync().await.unwrap_err();
        assert!(matches!(error, CoreError::AccountBusy(_)), "{}: {error}", setting.fresh.kind);
        assert!(setting.connector.polls().is_empty());
    }
}

#[tokio::test]
async fn an_order_that_comes_again_two_pages_on_waits_for_the_page_before() {
    for setting in Setting::each().await {
        let first = sample_order(1, start());
        let mut again = first.clone();
        again.facts.updated_at = start() + Duration::minutes(1);
        let go = setting.connector.push_held(Ok(page(vec![first], "page-2")));
        let between = SampleOrder::new(2, start()).buyer(2).build();
        setting.connector.push_page(page(vec![between], "page-3"));
        setting.connector.push_page(last_page(vec![again], start()));
        let (core, account) = (setting.core.clone(), setting.account.clone());
        let connector: std::sync::Arc<dyn MarketplaceConnector> = setting.connector.clone();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move { core.sync_account(&account, &connector, SyncSettings::default()).await });
        let asked_for = async |pages| {
            while setting.connector.polls().len() < pages {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        };
        asked_for(1).await;
        // Another process writes: the first page waits for it, and those behind for the first.
        let other = setting.fresh.open().await;
        let held = other.hold(false, "orders").await;
        go.notify_one();
        asked_for(3).await;
        held.release().await;
        let report = tasks.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!((report.counts.new, report.counts.changed), (2, 1), "{}", setting.fresh.kind);
    }
}

#[tokio::test]
async fn an_order_rejected_on_one_page_and_readable_on_the_next_is_no_longer_listed() {
    for setting in Setting::each().await {
        let order = sample_order(1, start());
        let mut bad = page(Vec::new(), "page-2");
        bad.rejected.push(RejectedOrder {
            vendor_order_id: Some(order.facts.vendor_order_id.clone()),
            updated_at: None,
            field: "orderItems".to_owned(),
            reason: "missing".to_owned(),
        });
        let go = setting.connector.push_held(Ok(bad));
        setting.connector.push_page(last_page(vec![order], start()));
        let (core, account) = (setting.core.clone(), setting.account.clone());
        let connector: std::sync::Arc<dyn MarketplaceConnector> = setting.connector.clone();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move { core.sync_account(&account, &connector, SyncSettings::default()).await });
        while setting.connector.polls().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let held = setting.fresh.open().await.hold(false, "rejected_order").await;
        go.notify_one();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        held.release().await;
        let report = tasks.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!((report.counts.new, report.counts.rejected), (1, 1), "{}", setting.fresh.kind);
        assert_eq!(setting.count("rejected_order").await, 0, "{}", setting.fresh.kind);
    }
}

#[tokio::test]
async fn stopping_finishes_the_page_in_hand_and_asks_for_no_other() {
    for setting in Setting::each().await {
        setting.connector.push_page(page(orders(1, 10), "page-2"));
        let never = setting.connector.push_held(Ok(last_page(orders(11, 20), start())));
        let core = setting.core.clone();
        let connector: std::sync::Arc<dyn MarketplaceConnector> = setting.connector.clone();
        let account = setting.account.clone();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move { core.sync_account(&account, &connector, SyncSettings::default()).await });
        while setting.connector.polls().len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        setting.core.stop();
        let report = tasks.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!((report.pages, report.watermark), (1, None), "{}", setting.fresh.kind);
        assert_eq!(setting.orders().await.len(), 10);
        assert_eq!(setting.cursor().await.resume.unwrap().page_token.as_deref(), Some("page-2"));
        drop(never);
        assert!(
            setting.core.store.take_lease("orders/x", "y", std::time::Duration::from_secs(1)).await.unwrap().is_some()
        );
    }
}

#[tokio::test]
async fn a_rejected_order_blocks_nobody_and_is_read_again_later() {
    for setting in Setting::each().await {
        let good = sample_order(7, start());
        let id = good.facts.vendor_order_id.clone();
        let rejected = RejectedOrder {
            vendor_order_id: Some(id.clone()),
            updated_at: None,
            field: "orderItems[0].quantityOrdered".into(),
            reason: "not a whole number".into(),
        };
        let mut first = last_page(orders(1, 5), start());
        first.rejected.push(rejected);
        setting.connector.push_page(first);
        let report = setting.sync().await.unwrap();
        assert_eq!((report.counts.new, report.counts.rejected), (5, 1), "{}", setting.fresh.kind);
        let connector = setting.connector.as_ref();
        let early = setting.core.retry_rejected(&setting.account, connector, false).await.unwrap();
        assert_eq!(early.tried, 0, "not before its time");
        setting.connector.put_order(good);
        let late = setting.core.retry_rejected(&setting.account, connector, true).await.unwrap();
        assert_eq!((late.tried, late.accepted), (1, 1));
        assert_eq!((setting.orders().await.len(), setting.count("rejected_order").await), (6, 0));
        assert_eq!(setting.core.store.rejected_orders(SELLER, setting.account.account, None).await.unwrap(), []);
    }
}
