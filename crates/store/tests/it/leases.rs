use std::sync::Arc;
use std::time::Duration;

use ordersync_store::StoreError;
use ordersync_store::testing::FreshDatabases;

use crate::sample;

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_lease_has_one_holder_and_changes_hands_when_it_runs_out() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let first = databases.take_lease("orders/1", "a", LONG).await.unwrap().unwrap();
        assert_eq!(databases.take_lease("orders/1", "b", LONG).await.unwrap(), None, "{}", fresh.kind);
        let renewed = databases.take_lease("orders/1", "a", Duration::from_millis(1)).await.unwrap().unwrap();
        assert_eq!(renewed.fence, first.fence);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let second = databases.take_lease("orders/1", "b", LONG).await.unwrap().unwrap();
        assert!(second.fence > first.fence);
        databases.give_back_lease(&first).await.unwrap();
        assert_eq!(databases.take_lease("orders/1", "a", LONG).await.unwrap(), None, "not ours to give back");
        databases.give_back_lease(&second).await.unwrap();
        assert!(databases.take_lease("orders/1", "a", LONG).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_page_without_its_lease_writes_nothing() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        let account = sample::account(&databases, "amazon-uk").await;
        let lease = databases.take_lease("orders/1", "a", Duration::from_millis(1)).await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        databases.take_lease("orders/1", "b", LONG).await.unwrap().unwrap();
        let mut page = sample::page(&account);
        page.orders = vec![sample::order(1)];
        page.lease = Some(lease.proof());
        let error = databases.write_pages(vec![databases.ready_page(page.clone())]).await.unwrap_err();
        assert!(matches!(error, StoreError::LeaseLost(_)), "{}: {error}", fresh.kind);
        assert_eq!(databases.number(false, "SELECT COUNT(*) FROM orders").await, 0);
        assert_eq!(databases.order_cursor(sample::SELLER, account.account).await.unwrap().watermark, None);
    }
}

#[tokio::test]
async fn the_last_heartbeat_is_kept() {
    for fresh in FreshDatabases::each().await {
        let databases = fresh.open().await;
        assert_eq!(databases.last_heartbeat().await.unwrap(), None);
        databases.beat(sample::at(1), None).await.unwrap();
        databases.beat(sample::at(2), Some(("boot".to_owned(), 7))).await.unwrap();
        assert_eq!(
            databases.last_heartbeat().await.unwrap(),
            Some((sample::at(2), Some(("boot".to_owned(), 7)))),
            "{}",
            fresh.kind
        );
    }
}

#[tokio::test]
async fn a_budget_row_is_changed_by_one_at_a_time() {
    for fresh in FreshDatabases::each().await {
        let databases = Arc::new(fresh.open().await);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let databases = databases.clone();
            tasks.spawn(async move {
                databases
                    .change_rate_budget("a/searchOrders", |stored| {
                        let (credit, _) = stored.unwrap_or((0, 0));
                        ((credit + 1, 7), credit + 1)
                    })
                    .await
                    .unwrap()
            });
        }
        let mut answers: Vec<i64> = tasks.join_all().await;
        answers.sort_unstable();
        assert_eq!(answers, (1..=20).collect::<Vec<i64>>(), "{}", fresh.kind);
    }
}
