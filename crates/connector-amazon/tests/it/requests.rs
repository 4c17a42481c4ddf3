//! What goes out: addresses, parameters, headers, tokens, budgets.

use std::sync::Arc;
use std::time::Duration;

use ordersync_connector_amazon::{GET_ORDER, SEARCH_ORDERS};
use ordersync_connector_api::contract_suite::{
    a_page_is_well_formed, a_window_holds_every_order, an_unknown_order_is_not_found, read_window,
};
use ordersync_connector_api::{ErrorKind, MarketplaceConnector, Window};
use ordersync_http_client::InMemoryLedger;
use ordersync_types::{Clock, VendorOrderId};
use serde_json::{Value, json};

use crate::server::{Account, Answer, CLIENT_SECRET, JumpingClock, REFRESH_TOKEN, Server, account, account_of};
use crate::server::{at, connector};
use crate::tell::fixture;

pub(crate) const ALL_PARTS: &str =
    "FULFILLMENT%2CCANCELLATION%2CPROCEEDS%2CTAX%2CPROMOTION%2CPACKAGES%2CBUYER%2CRECIPIENT";
const START: &str = "/orders/2026-01-01/orders?lastUpdatedAfter=2026-10-05T07%3A00%3A00.250Z\
    &lastUpdatedBefore=2026-10-07T11%3A57%3A30Z";

pub(crate) fn window() -> Window {
    Window { from: at("2026-10-05T07:00:00.250Z"), to: at("2026-10-07T11:57:30Z") }
}

/// A page of these fixtures.
pub(crate) fn page(names: &[&str], next: Option<&str>) -> Answer {
    let orders: Vec<Value> = names.iter().map(|name| serde_json::from_str(&fixture(name)).unwrap()).collect();
    let mut body = json!({"orders": orders, "lastUpdatedBefore": "2026-10-07T11:55:00Z"});
    if let Some(next) = next {
        body["pagination"] = json!({"nextToken": next});
    }
    Answer::json(200, body)
}

pub(crate) fn id(text: &str) -> VendorOrderId {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_poll_asks_for_a_region_with_all_parts() {
    let server = Server::with([page(&["consumer_unshipped", "fba_shipped"], None)]).await;
    let Account { connector, .. } = account(&server);
    let answer = connector.poll_orders(window(), None).await.unwrap();
    assert_eq!((answer.orders.len(), answer.rejected.len()), (2, 0));
    assert_eq!(answer.bound, Some(at("2026-10-07T11:55:00Z")));
    assert!(answer.next.is_none());
    a_page_is_well_formed(&answer);

    assert_eq!(server.targets(), [format!("{START}&maxResultsPerPage=100&includedData={ALL_PARTS}")]);
    let call = &server.calls()[0];
    assert_eq!(call.method, "GET");
    assert_eq!(call.header("x-amz-access-token"), Some("Atza|token-1"));
    assert_eq!(call.header("accept"), Some("application/json"));
    let agent = call.header("user-agent").unwrap();
    assert!(agent.contains("(Language=Rust; Platform=Linux)") && agent.len() < 500, "{agent}");
}

#[tokio::test]
async fn chosen_marketplaces_are_joined_by_an_escaped_comma() {
    let server = Server::with([page(&[], None)]).await;
    let Account { connector, .. } = account_of(&server, &["UK", "DE"]);
    connector.poll_orders(window(), None).await.unwrap();
    let expected = format!(
        "{START}&marketplaceIds=A1F83G8C2ARO7P%2CA1PA6795UKMFR9&maxResultsPerPage=100&includedData={ALL_PARTS}"
    );
    assert_eq!(server.targets(), [expected]);
}

/// Also by another process: the place holds all that is needed.
#[tokio::test]
async fn the_next_page_repeats_every_parameter() {
    let token = "2YgYW55+IGNh/cm5==&x";
    let server = Server::with([page(&["pending"], Some(token)), page(&["cancelled"], None)]).await;
    let account = account_of(&server, &["GB"]);
    let first = account.connector.poll_orders(window(), None).await.unwrap();
    let next = first.next.unwrap();
    assert!(next.survives_restart);

    let restarted = connector(&server, &["GB"], account.clock.clone(), account.ledger.clone());
    let second = restarted.poll_orders(window(), Some(&next.token)).await.unwrap();
    assert!(second.next.is_none() && second.orders.len() == 1);
    let targets = server.targets();
    assert_eq!(targets[1], format!("{}&paginationToken=2YgYW55%2BIGNh%2Fcm5%3D%3D%26x", targets[0]));
}

#[tokio::test]
async fn the_contract_suite_holds() {
    let server = Server::answering(|seen| match seen.target.split("paginationToken=").nth(1) {
        _ if seen.target.contains("/orders/999-") => Answer::error(404, "NotFound"),
        None => page(&["consumer_unshipped", "pending"], Some("two")),
        Some("two") => page(&["fba_shipped", "pending"], Some("three")),
        Some(_) => page(&["unknown_values"], None),
    })
    .await;
    let Account { connector, .. } = account(&server);
    let expected = ["203-1000001-2000001", "203-1000005-2000005", "171-1000003-2000003", "203-1000013-2000013"].map(id);
    a_window_holds_every_order(&connector, window(), &expected).await;
    for page in read_window(&connector, window()).await.unwrap() {
        a_page_is_well_formed(&page);
    }
    an_unknown_order_is_not_found(&connector, &id("999-0000000-0000000")).await;
    assert_eq!(connector.info().id.0, "amazon");
    assert!(connector.info().windows.lag_seconds > 120, "Amazon refuses an end that is less than two minutes old");
}

#[tokio::test]
async fn one_order_is_asked_for_by_its_number() {
    let order: Value = serde_json::from_str(&fixture("consumer_unshipped")).unwrap();
    let mut broken = order.clone();
    broken["orderItems"] = json!(null);
    let answers = [&order, &broken, &order].map(|order| Answer::json(200, json!({ "order": order })));
    let server = Server::with(answers).await;
    let Account { connector, .. } = account(&server);
    let wanted = id("203-1000001-2000001");
    let read = connector.fetch_order(&wanted).await.unwrap().unwrap();
    assert_eq!(read.facts.vendor_order_id, wanted);
    assert!(read.people.recipient.is_some());
    assert_eq!(server.targets(), [format!("/orders/2026-01-01/orders/203-1000001-2000001?includedData={ALL_PARTS}")]);
    let rejected = connector.fetch_order(&wanted).await.unwrap().unwrap_err();
    assert_eq!((rejected.vendor_order_id, rejected.field.as_str()), (Some(wanted), "orderItems"));
    let other = connector.fetch_order(&id("203-0000000-0000000")).await.unwrap_err();
    assert_eq!(other.kind, ErrorKind::Malformed, "another order than the one asked for");
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_renewed_five_minutes_early() {
    let server = Server::answering(|_| page(&[], None)).await;
    let Account { connector, clock, .. } = account(&server);
    connector.poll_orders(window(), None).await.unwrap();
    clock.forward(Duration::from_secs(3299));
    connector.poll_orders(window(), None).await.unwrap();
    assert_eq!(server.token_calls().len(), 1);
    clock.forward(Duration::from_secs(1));
    connector.poll_orders(window(), None).await.unwrap();
    let tokens: Vec<_> =
        server.calls().iter().map(|call| call.header("x-amz-access-token").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["Atza|token-1", "Atza|token-1", "Atza|token-2"]);

    let asked = &server.token_calls()[0];
    assert_eq!(asked.method, "POST");
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded;charset=UTF-8"));
    assert_eq!(
        asked.body,
        "grant_type=refresh_token&refresh_token=Atzr%7Cinvented-refresh-417\
         &client_id=amzn1.application-oa2-client.invented&client_secret=amzn1.oa2-cs.v1.invented-secret-417"
    );
    assert!(!asked.target.contains('?'), "no credential in an address");
    assert!(server.targets().iter().all(|target| !target.contains(CLIENT_SECRET) && !target.contains(REFRESH_TOKEN)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_share_one_token() {
    let order: Value = serde_json::from_str(&fixture("bare")).unwrap();
    let server = Server::answering(move |_| Answer::json(200, json!({ "order": order }))).await;
    let Account { connector, .. } = account(&server);
    let connector = Arc::new(connector);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let connector = connector.clone();
        tasks.spawn(async move { connector.fetch_order(&id("203-1000015-2000015")).await.unwrap().unwrap() });
    }
    while let Some(read) = tasks.join_next().await {
        read.unwrap();
    }
    assert_eq!((server.token_calls().len(), server.calls().len()), (1, 16));
}

/// 401, and 403 as Amazon answers to a token that has run out: one new token, one more try.
#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    for status in [401, 403] {
        let server = Server::with([Answer::error(status, "Unauthorized"), page(&["bare"], None)]).await;
        let Account { connector, .. } = account(&server);
        assert_eq!(connector.poll_orders(window(), None).await.unwrap().orders.len(), 1);
        let calls = server.calls();
        assert_eq!(
            calls.iter().map(|call| call.header("x-amz-access-token").unwrap()).collect::<Vec<_>>(),
            ["Atza|token-1", "Atza|token-2"]
        );
    }
}

/// The 20 calls at once, then one in three minutes; and the state goes on in the next process.
#[tokio::test]
async fn polls_keep_to_the_usage_plan_across_restarts() {
    let server = Server::answering(|_| page(&[], None)).await;
    let Account { connector: first, clock, ledger } = account(&server);
    let start = clock.now();
    for _ in 0..20 {
        first.poll_orders(window(), None).await.unwrap();
    }
    assert_eq!(clock.now(), start, "the burst needs no wait");
    let ledger = Arc::new(InMemoryLedger::restored(ledger.snapshot()));
    let second = connector(&server, &[], clock.clone(), ledger);
    for _ in 0..5 {
        second.poll_orders(window(), None).await.unwrap();
    }
    let waited = (clock.now() - start).num_milliseconds();
    assert!(waited >= 5 * 178_571, "only {waited} ms for five calls beyond the burst");
    assert_eq!(SEARCH_ORDERS.plan().burst(), 20);
    assert_eq!((GET_ORDER.plan().burst(), GET_ORDER.plan().interval()), (30, Duration::from_secs(2)));
}

#[tokio::test]
async fn a_429_empties_the_budget_and_waits_an_interval() {
    let server = Server::with([Answer::error(429, "QuotaExceeded"), page(&["bare"], None)]).await;
    let Account { connector, clock, ledger } = account(&server);
    let start = clock.now();
    connector.poll_orders(window(), None).await.unwrap();
    assert!(clock.now() - start >= chrono::Duration::milliseconds(178_571), "waited {}", clock.now() - start);
    let search = ledger.snapshot().into_iter().find(|(key, _)| key.operation == "searchOrders").unwrap();
    assert_eq!(&*search.0.account, "account-417");
    let (credit_ms, _) = search.1.parts();
    assert!(credit_ms < 178_572, "{credit_ms} ms of credit left after a 429");
}

#[test]
fn the_clock_of_these_tests_jumps() {
    let clock = JumpingClock::starting(at("2026-10-07T12:00:00Z"));
    clock.forward(Duration::from_secs(60));
    assert_eq!(clock.now(), at("2026-10-07T12:01:00Z"));
}
