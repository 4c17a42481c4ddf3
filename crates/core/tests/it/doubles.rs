//! The same orders under two accounts: one that was removed and added again, and two that read the same seller.

use std::sync::Arc;

use ordersync_connector_api::{AccountCredential, MarketplaceConnector};
use ordersync_core::fulfilment::{DispatchWish, Work};
use ordersync_core::{Account, AccountInvoicing, NewAccount, SyncSettings};
use ordersync_order::Order;
use ordersync_testkit::{SampleOrder, last_page};
use ordersync_types::Secret;

use crate::setting::{SELLER, start};
use crate::shop::{Shop, of, packer};

fn orders() -> Vec<Order> {
    vec![SampleOrder::new(4, start()).build(), SampleOrder::new(8, start()).build()]
}

/// Adds another account of the same seller and reads `orders` with it.
async fn read_by(shop: &Shop, label: &str, orders: Vec<Order>) -> Account {
    let secret = || Secret::new("example".to_owned());
    let new = NewAccount {
        seller: SELLER,
        label: label.to_owned(),
        connector: "scripted".to_owned(),
        settings: "{}".to_owned(),
        go_live_at: shop.setting.account.go_live_at,
        first_window_days: 30,
        invoicing: AccountInvoicing::default(),
        credential: AccountCredential { client_id: secret(), client_secret: secret(), refresh_token: secret() },
    };
    let account = shop.core().add_account(new, &packer()).await.unwrap();
    shop.setting.connector.push_page(last_page(orders, start()));
    let connector: Arc<dyn MarketplaceConnector> = shop.setting.connector.clone();
    shop.core().sync_account(&account, &connector, SyncSettings::default()).await.unwrap();
    account
}

#[tokio::test]
async fn an_account_that_is_removed_and_added_again_goes_on_with_its_orders() {
    for shop in Shop::each(orders).await {
        let ids = shop.ids().await;
        let packed = shop.made(ids[0]).await;
        shop.core().remove_account(&shop.setting.account, &packer()).await.unwrap();
        assert_eq!(shop.core().ready_orders(SELLER).await.unwrap().len(), 0, "nobody's work");
        let account = read_by(&shop, "another-name", orders()).await;
        let held = shop.setting.orders().await;
        assert_eq!(held.len(), 2, "none is doubled");
        assert!(held.iter().all(|order| order.account == account.account));
        assert_eq!(shop.ids().await, ids, "they are the same orders");
        let ready = shop.core().ready_orders(SELLER).await.unwrap();
        assert_eq!(ready.iter().map(|(order, _)| order.summary.order_id).collect::<Vec<_>>(), [ids[1]]);
        assert!(shop.label(of(ids[0])).await.unwrap_err().message.contains("another shipment"));
        let number = held.iter().find(|order| order.order_id == ids[0]).unwrap().vendor_order_id.clone();
        let wish = DispatchWish { target: number, carrier: None, service: None, tracking: None };
        let sent = shop.core().dispatch(SELLER, &wish, &packer()).await.unwrap();
        assert_eq!(sent.shipment.reference, packed);
        let report = read_by(&shop, "a-third-name", Vec::new()).await;
        assert_ne!(report.account, account.account);
        assert!(shop.setting.orders().await.iter().all(|order| order.account == account.account), "its account lives");
    }
}

#[tokio::test]
async fn of_two_accounts_that_read_one_seller_the_older_ones_orders_are_packed() {
    for shop in Shop::each(orders).await {
        let first = shop.ids().await;
        shop.advance(chrono::Duration::seconds(1)).await;
        let second = read_by(&shop, "second", orders()).await;
        assert_eq!(shop.setting.orders().await.len(), 4);
        let ready = shop.core().ready_orders(SELLER).await.unwrap();
        let mut ready: Vec<_> = ready.iter().map(|(order, _)| order.summary.order_id).collect();
        ready.sort_unstable();
        let mut expected = first.clone();
        expected.sort_unstable();
        assert_eq!(ready, expected);
        let mut held = Vec::new();
        let take = |page: Vec<_>| held.extend(page.into_iter().filter(|(_, work)| matches!(work, Work::Held(_))));
        shop.core().each_open_order(SELLER, take).await.unwrap();
        assert_eq!(held.len(), 2);
        let (order, Work::Held(hold)) = &held[0] else { unreachable!() };
        assert!(hold.text().contains("account scripted reads the same order"), "{hold:?}");
        assert!(shop.label(of(order.summary.order_id)).await.unwrap_err().message.contains("reads the same order"));
        let number = order.summary.vendor_order_id.as_str();
        let meant = shop.core().stored_order(SELLER, number, None).await.unwrap();
        assert!(first.contains(&meant.summary.order_id), "the one that is worked on");
        let known = shop.core().stored_order(SELLER, number, Some(second.account)).await.unwrap();
        assert_eq!(known.summary.order_id, order.summary.order_id);
        // The one too many goes: its orders are nobody's work, and the number means one order again.
        shop.core().remove_account(&second, &packer()).await.unwrap();
        let known = shop.core().stored_order(SELLER, number, None).await.unwrap();
        assert!(first.contains(&known.summary.order_id));
        assert_eq!(shop.core().ready_orders(SELLER).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_the_older_of_two_accounts_has_packed_is_packed_when_it_is_removed() {
    for shop in Shop::each(orders).await {
        let first = shop.ids().await;
        let packed = shop.made(first[0]).await;
        shop.advance(chrono::Duration::seconds(1)).await;
        let second = read_by(&shop, "second", orders()).await;
        shop.core().remove_account(&shop.setting.account, &packer()).await.unwrap();
        let ready = shop.core().ready_orders(SELLER).await.unwrap();
        assert_eq!(ready.len(), 1, "one is packed already");
        let packed_number = orders()[0].facts.vendor_order_id.to_string();
        let order = shop.core().stored_order(SELLER, &packed_number, None).await.unwrap();
        assert_eq!(order.summary.account, second.account);
        assert!(shop.label(of(order.summary.order_id)).await.unwrap_err().message.contains("another shipment"));
        assert_eq!(shop.refusal(packed).await, None, "its label prints");
        let wish = DispatchWish { target: packed_number, carrier: None, service: None, tracking: None };
        let sent = shop.core().dispatch(SELLER, &wish, &packer()).await.unwrap();
        assert_eq!((sent.shipment.reference, sent.recorded), (packed, true));
    }
}
