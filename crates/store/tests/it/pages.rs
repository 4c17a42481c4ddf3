use ordersync_store::testing::FreshDatabases;
use ordersync_store::{OrderFilter, RejectedRow, ResumeHint, StoreError};

use crate::sample::{SELLER, account, at, order, page};

#[tokio::test]
async fn a_page_is_written_whole_and_its_orders_are_known_afterwards() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let account = account(&databases, "amazon-uk").await;
        let mut write = page(&account);
        write.orders = (1..=130).map(order).collect();
        databases.write_pages(vec![databases.ready_page(write.clone())]).await.unwrap();
        let ids: Vec<_> = write.orders.iter().map(|order| order.row.vendor_order_id.clone()).collect();
        let known = databases.known_orders(SELLER, account.account, &ids).await.unwrap();
        assert_eq!(known.len(), 130, "{}", fresh.kind);
        assert_eq!(known.iter().find(|known| known.vendor_order_id == ids[0].as_str()).unwrap().digest, vec![7; 16]);

        // A changed order is updated in place, the others stay.
        let mut changed = order(1);
        changed.known = true;
        changed.row.order_id = write.orders[0].row.order_id;
        changed.row.status = "shipped";
        let mut again = page(&account);
        again.orders = vec![changed];
        databases.write_pages(vec![databases.ready_page(again.clone())]).await.unwrap();
        let filter = OrderFilter { status: Some("shipped".to_owned()), limit: 10, ..OrderFilter::default() };
        assert_eq!(databases.list_orders(SELLER, &filter).await.unwrap().len(), 1);
        assert_eq!(databases.number(false, "SELECT COUNT(*) FROM orders").await, 130);
    }
}

#[tokio::test]
async fn the_cursor_keeps_the_hint_until_the_last_page() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let account = account(&databases, "amazon-uk").await;
        let hint = ResumeHint { window_from: at(0), window_to: at(9), page_token: Some("p2".to_owned()), at: at(10) };
        let mut first = page(&account);
        (first.resume, first.watermark) = (Some(hint.clone()), None);
        databases.write_pages(vec![databases.ready_page(first.clone())]).await.unwrap();
        databases.note_poll_failure(SELLER, account.account, at(11), "no network").await.unwrap();
        let cursor = databases.order_cursor(SELLER, account.account).await.unwrap();
        assert_eq!((cursor.resume, cursor.watermark), (Some(hint), None), "{}", fresh.kind);
        assert_eq!(cursor.failure.as_deref(), Some("no network"));
        databases.write_pages(vec![databases.ready_page(page(&account))]).await.unwrap();
        let cursor = databases.order_cursor(SELLER, account.account).await.unwrap();
        assert_eq!((cursor.resume, cursor.watermark, cursor.failure), (None, Some(at(5)), None));
        assert_eq!(cursor.caught_up_at, Some(at(10)));
    }
}

#[tokio::test]
async fn a_rejected_order_is_kept_until_it_can_be_read() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let account = account(&databases, "amazon-uk").await;
        let rejected = RejectedRow {
            vendor_order_id: "026-0000001-0000000".to_owned(),
            updated_at: None,
            field: "orderItems[0].quantityOrdered".to_owned(),
            reason: "not a whole number".to_owned(),
            program_version: "0.1.0".to_owned(),
            first_seen_at: at(10),
            try_after: at(100),
            tries: 1,
        };
        let mut write = page(&account);
        write.rejected = vec![rejected.clone()];
        databases.write_pages(vec![databases.ready_page(write.clone())]).await.unwrap();
        databases.write_pages(vec![databases.ready_page(write.clone())]).await.unwrap();
        let kept = databases.rejected_orders(SELLER, account.account, None).await.unwrap();
        assert_eq!(kept, vec![RejectedRow { tries: 2, ..rejected }], "{}", fresh.kind);
        for (due, version, found) in [(at(99), "0.1.0", 0), (at(100), "0.1.0", 1), (at(50), "0.2.0", 1)] {
            let due = databases.rejected_orders(SELLER, account.account, Some((due, version))).await.unwrap();
            assert_eq!(due.len(), found);
        }
        let mut good = page(&account);
        good.orders = vec![order(1)];
        good.accepted = vec!["026-0000001-0000000".parse().unwrap()];
        databases.write_pages(vec![databases.ready_page(good.clone())]).await.unwrap();
        assert!(databases.rejected_orders(SELLER, account.account, None).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn labels_are_unique_until_an_account_is_removed() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let first = account(&databases, "amazon-uk").await;
        let credential = databases.credential(SELLER, first.account).await.unwrap().unwrap();
        let error = databases.add_account(&first, &credential, 0).await.unwrap_err();
        assert!(matches!(error, StoreError::LabelTaken(_)), "{}: {error}", fresh.kind);
        databases.remove_account(SELLER, first.account).await.unwrap();
        assert!(databases.accounts().await.unwrap().is_empty());
        assert!(databases.credential(SELLER, first.account).await.unwrap().is_none());
        let second = account(&databases, "amazon-uk").await;
        assert_eq!(databases.accounts().await.unwrap(), vec![second]);
    }
}
