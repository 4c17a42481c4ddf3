//! The scripted connector keeps to its script and to the port's contract.

use std::sync::Arc;
use std::time::Duration;

use ordersync_connector_api::contract_suite::{a_window_holds_every_order, an_unknown_order_is_not_found, read_window};
use ordersync_connector_api::{
    AccountCheck, ConnectorError, ErrorKind, MarketplaceConnector, PageToken, RejectedOrder, Retry, Window,
};
use ordersync_testkit::{PollCall, SampleOrder, ScriptedConnector, last_page, page, sample_order};
use tokio::task::JoinSet;

use crate::clock::{HOUR, at, soon};

fn window() -> Window {
    Window { from: at(-HOUR), to: at(0) }
}

#[tokio::test]
async fn pages_come_in_their_order_and_every_poll_is_written_down() {
    let connector = ScriptedConnector::new();
    let orders: Vec<_> = (0..5).map(|n| sample_order(n, at(-10))).collect();
    connector.push_page(page(orders[..3].to_vec(), "second"));
    connector.push_page(last_page(orders[3..].to_vec(), at(0)));
    let ids: Vec<_> = orders.iter().map(|order| order.facts.vendor_order_id.clone()).collect();
    a_window_holds_every_order(&connector, window(), &ids).await;
    let places = [None, Some(PageToken::new("second"))];
    assert_eq!(connector.polls(), places.map(|place| PollCall { window: window(), place }));
    assert_eq!(connector.left(), 0);
}

#[tokio::test]
async fn errors_are_part_of_the_script_and_so_is_its_end() {
    let connector = ScriptedConnector::new();
    let busy = ConnectorError::new(ErrorKind::Throttled, Retry::After(Duration::from_secs(3)), "search", "slowly");
    connector.push_error(busy);
    connector.push_page(last_page(Vec::new(), at(0)));
    assert_eq!(read_window(&connector, window()).await.unwrap_err().kind, ErrorKind::Throttled);
    assert_eq!(read_window(&connector, window()).await.unwrap().len(), 1);
    assert_eq!(connector.poll_orders(window(), None).await.unwrap_err().kind, ErrorKind::Unsupported);
    connector.then_empty_pages();
    let idle = connector.poll_orders(window(), None).await.unwrap();
    assert_eq!((idle.orders.len(), idle.next, idle.bound), (0, None, Some(at(0))));
    assert_eq!(connector.polls().len(), 4);
}

#[tokio::test]
async fn a_held_poll_answers_when_it_is_let_go() {
    let connector = Arc::new(ScriptedConnector::new());
    let release = connector.push_held(Ok(last_page(vec![sample_order(1, at(0))], at(0))));
    let asked = connector.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { asked.poll_orders(window(), None).await.unwrap().orders.len() });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(connector.polls().len(), 1, "the call has come");
    assert!(tasks.try_join_next().is_none(), "and waits");
    release.notify_one();
    assert_eq!(soon(tasks.join_all()).await, [1]);
}

#[tokio::test]
async fn single_orders_come_from_the_table() {
    let connector = ScriptedConnector::new();
    let (known, unreadable) = (SampleOrder::new(1, at(0)), SampleOrder::new(2, at(0)));
    connector.put_order(known.build());
    let rejected = RejectedOrder {
        vendor_order_id: Some(unreadable.vendor_order_id()),
        updated_at: None,
        field: "orderItems[0].quantity".into(),
        reason: "not a number".into(),
    };
    connector.put_rejected(unreadable.vendor_order_id(), rejected.clone());
    assert_eq!(connector.fetch_order(&known.vendor_order_id()).await.unwrap(), Ok(known.build()));
    assert_eq!(connector.fetch_order(&unreadable.vendor_order_id()).await.unwrap(), Err(rejected));
    an_unknown_order_is_not_found(&connector, &SampleOrder::new(3, at(0)).vendor_order_id()).await;
    connector.push_fetch_error(ConnectorError::new(ErrorKind::Transport, Retry::Backoff, "getOrder", "no answer"));
    assert_eq!(connector.fetch_order(&known.vendor_order_id()).await.unwrap_err().kind, ErrorKind::Transport);
    assert_eq!(connector.fetches().len(), 4);
}

#[tokio::test]
async fn checks_are_scripted_and_counted() {
    let connector = ScriptedConnector::new();
    connector.push_check(Ok(AccountCheck { orders_seen: 3, findings: Vec::new() }));
    assert_eq!(connector.check().await.unwrap().orders_seen, 3);
    assert_eq!(connector.check().await.unwrap(), AccountCheck::default());
    assert_eq!(connector.checks(), 2);
    assert_eq!(connector.info().id.to_string(), "scripted");
}
