//! Marketplaces on their bad days: every good order arrives, the bad are listed, and no plan is exceeded.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Duration;
use ordersync_core::{CoreError, SyncSettings};
use ordersync_daemon::StoreLedger;
use ordersync_simulator::FaultRates;
use ordersync_store::testing::FreshDatabases;
use ordersync_store::{Account, OrderFilter};
use ordersync_types::Clock;

use crate::setting::{SELLER, Setting};

async fn stored(setting: &Setting, account: &Account) -> BTreeSet<String> {
    let filter = OrderFilter { account: Some(account.account), limit: 100_000, ..OrderFilter::default() };
    let orders = setting.core.store.list_orders(SELLER, &filter).await.expect("the orders");
    orders.into_iter().map(|order| order.vendor_order_id).collect()
}

fn served(setting: &Setting, shop: &str) -> BTreeSet<String> {
    setting.truth(shop).orders.into_iter().map(|order| order.order).collect()
}

fn set_faults(setting: &Setting, shop: &str, rates: FaultRates) {
    if shop == "amazon" { setting.amazon.faults().set(rates) } else { setting.ebay.faults().set(rates) }
}

/// Reads until a window was read to its end, as the daemon would: again after every failure, a while later.
async fn read_to_the_end(setting: &Setting, account: &Account) -> u32 {
    let connector = setting.connector_with(&account.connector, Arc::new(StoreLedger::new(setting.core.store.clone())));
    let before = setting.clock.now();
    for failures in 0..400 {
        match setting.core.sync_account(account, &connector, SyncSettings::default()).await {
            Ok(_) => {
                let cursor = setting.core.store.order_cursor(SELLER, account.account).await.expect("a cursor");
                if cursor.watermark.is_some_and(|watermark| watermark >= before - Duration::minutes(5)) {
                    return failures;
                }
            }
            Err(CoreError::Connector(_)) => {}
            Err(error) => panic!("{error}"),
        }
        setting.clock.advance(Duration::minutes(5));
    }
    panic!("{}: not read to the end after 400 tries", account.label);
}

#[tokio::test]
async fn one_malformed_order_on_every_page_blocks_nobody() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 250).await;
        for shop in ["amazon", "ebay"] {
            let account = setting.add(shop).await;
            set_faults(&setting, shop, FaultRates { malformed_order: 1_000, ..FaultRates::default() });
            let report = setting.sync(&account).await;
            assert!(report.counts.rejected >= 1, "{shop}: {report:?}");
            let rejected = setting.core.store.rejected_orders(SELLER, account.account, None).await.expect("a list");
            assert!(rejected.iter().all(|row| !row.field.is_empty() && !row.reason.is_empty()), "{rejected:?}");
            let missing: Vec<String> =
                served(&setting, shop).difference(&stored(&setting, &account).await).cloned().collect();
            assert!(missing.len() <= rejected.len(), "{shop} on {}: {missing:?}", setting.fresh.kind);

            set_faults(&setting, shop, FaultRates::default());
            let connector = setting.connector(shop);
            setting.core.retry_rejected(&account, connector.as_ref(), true).await.expect("a second reading");
            let unreadable = rejected.iter().filter(|row| row.vendor_order_id.starts_with("unreadable:")).count();
            let missing = served(&setting, shop).difference(&stored(&setting, &account).await).count();
            assert!(missing <= unreadable, "{shop}: {missing} still missing, {unreadable} without a number");
        }
    }
}

#[tokio::test]
async fn on_a_rough_day_every_order_arrives_and_no_plan_is_exceeded() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 400).await;
        for shop in ["amazon", "ebay"] {
            let account = setting.add(shop).await;
            let rough = FaultRates::rough_day(7);
            let rates = FaultRates { malformed_order: 0, internal_failure: 120, reset: 100, cut_length: 80, ..rough };
            set_faults(&setting, shop, rates);
            // Several windows: changes while it is read, repeated pages, expired tokens, storms of 429.
            for _ in 0..8 {
                read_to_the_end(&setting, &account).await;
                setting.clock.advance(Duration::hours(6));
            }
            set_faults(&setting, shop, FaultRates::default());
            read_to_the_end(&setting, &account).await;
            let (found, expected) = (stored(&setting, &account).await, served(&setting, shop));
            assert_eq!(found, expected, "{shop} on {}", setting.fresh.kind);
        }
        let (amazon, ebay) = (setting.amazon.counters(), setting.ebay.counters());
        assert!(amazon.faults > 5 && ebay.faults > 5, "{amazon:?} {ebay:?}");
        let above = setting.amazon.requests_above_plan() + setting.ebay.requests_above_plan();
        assert_eq!(above, 0, "on {}", setting.fresh.kind);
    }
}
