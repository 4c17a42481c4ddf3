//! Things that go wrong on purpose.

use std::collections::HashSet;
use std::time::Duration as RealTime;

use chrono::Duration;
use ordersync_simulator::{Fault, FaultRates};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::{AGENT, Amazon, EVERYTHING, Ebay, call, encoded, iso, modified, start};

fn query() -> String {
    format!("createdAfter={}&{EVERYTHING}", iso(start() - Duration::days(61)))
}

#[tokio::test]
async fn each_marketplace_fails_in_its_own_words() {
    let (amazon, ebay) = (Amazon::new(5).await, Ebay::new(5).await);
    for (fault, status, code, id) in [
        (Fault::TooManyRequests, 429, Some("QuotaExceeded"), Some(2001)),
        (Fault::InternalFailure, 500, Some("InternalFailure"), Some(30500)),
        (Fault::Unavailable, 503, Some("ServiceUnavailable"), Some(2003)),
        (Fault::BadGateway, 502, None, None),
        (Fault::HtmlError, 400, None, None),
    ] {
        amazon.shop.faults().next(fault);
        ebay.shop.faults().next(fault);
        let (one, other) = (amazon.search(&query()).await, ebay.list("").await);
        assert_eq!((one.status, other.status), (status, status), "{fault:?}");
        match (code, id) {
            (Some(code), Some(id)) => {
                assert_eq!(one.json()["errors"][0]["code"], json!(code));
                assert_eq!(other.json()["errors"][0]["errorId"], json!(id));
            }
            _ => assert!(one.header("content-type").unwrap().starts_with("text/html")),
        }
        assert_eq!((amazon.search(&query()).await.status, ebay.list("").await.status), (200, 200), "only once");
    }
    assert_eq!(amazon.shop.counters().faults, 5);
    assert_eq!(amazon.shop.counters().above_plan, 0, "a fault is no breach of the plan");
    amazon.shop.faults().next_token(Fault::Unavailable);
    assert_eq!(amazon.token("").await.status, 503);
    assert_eq!(amazon.token("").await.status, 400);
}

#[tokio::test]
async fn connections_break_as_told() {
    let amazon = Amazon::new(40).await;
    let request = format!(
        "GET /orders/2026-01-01/orders?{} HTTP/1.1\r\nhost: x\r\nuser-agent: {AGENT}\r\nx-amz-access-token: {}\r\n\r\n",
        query(),
        amazon.bearer()
    );
    let exchange = async || {
        let mut stream = TcpStream::connect(amazon.running.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).await;
        (String::from_utf8_lossy(&bytes).into_owned(), end)
    };
    amazon.shop.faults().next(Fault::Reset);
    let (text, end) = exchange().await;
    assert_eq!((text.as_str(), end.map_err(|e| e.kind())), ("", Err(std::io::ErrorKind::ConnectionReset)));

    amazon.shop.faults().next(Fault::CutLength);
    let (text, _) = exchange().await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let promised: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(body.len() * 2 <= promised + 1 && body.len() > 1000, "{} of {promised}", body.len());

    amazon.shop.faults().next(Fault::CutChunked);
    let (text, _) = exchange().await;
    assert!(text.contains("transfer-encoding: chunked") && !text.ends_with("0\r\n\r\n") && text.len() > 1000);

    for fault in [Fault::Reset, Fault::CutLength, Fault::CutChunked] {
        amazon.shop.faults().next(fault);
        assert!(amazon.try_get(&format!("/orders/2026-01-01/orders?{}", query())).await.is_err(), "{fault:?}");
    }
    let whole = amazon.search(&query()).await;
    amazon.shop.faults().next(Fault::SlowBody(10));
    let slow = tokio::time::timeout(RealTime::from_millis(30), amazon.search(&query())).await;
    assert!(slow.is_err(), "eight waits of 10 ms take longer");
    amazon.shop.faults().next(Fault::SlowBody(2));
    assert_eq!(amazon.search(&query()).await.body, whole.body);
}

#[tokio::test]
async fn tokens_expire_at_once() {
    let (amazon, ebay) = (Amazon::new(1).await, Ebay::new(1).await);
    amazon.shop.faults().next(Fault::ExpiredTokens);
    ebay.shop.faults().next(Fault::ExpiredTokens);
    assert_eq!((amazon.search(&query()).await.status, ebay.list("").await.status), (403, 401));
    amazon.renew().await;
    ebay.renew("").await;
    assert_eq!((amazon.search(&query()).await.status, ebay.list("").await.status), (200, 200));
}

fn ids(page: &Value) -> Vec<String> {
    page["orders"].as_array().unwrap().iter().map(|order| order["orderId"].as_str().unwrap_or("?").to_owned()).collect()
}

#[tokio::test]
async fn pages_repeat_and_nothing_is_lost_by_it() {
    let amazon = Amazon::new(30).await;
    let page = async |token: Option<&str>| {
        let token = token.map(|token| format!("&paginationToken={}", encoded(token))).unwrap_or_default();
        amazon.search(&format!("{}&maxResultsPerPage=10{token}", query())).await.json()
    };
    let token = |page: &Value| page["pagination"]["nextToken"].as_str().map(str::to_owned);
    let first = page(None).await;
    amazon.shop.faults().next(Fault::RepeatedPage);
    let second = page(token(&first).as_deref()).await;
    let again = page(token(&second).as_deref()).await;
    assert_eq!(ids(&second), ids(&again), "the next page repeats this one");
    assert_ne!(token(&second), token(&again), "under another token");
    let third = page(token(&again).as_deref()).await;
    let all: HashSet<String> = [&first, &second, &third].into_iter().flat_map(ids).collect();
    assert_eq!((all.len(), token(&third)), (30, None));

    let ebay = Ebay::new(30).await;
    let one = ebay.list("limit=10").await.json();
    ebay.shop.faults().next(Fault::RepeatedPage);
    let two = ebay.list("limit=10&offset=10").await.json();
    assert_eq!(ids(&one), ids(&two));
}

#[tokio::test]
async fn an_older_state_follows_a_newer_one() {
    let (amazon, ebay) = (Amazon::new(30).await, Ebay::new(30).await);
    amazon.shop.faults().next(Fault::ReorderedUpdate);
    ebay.shop.faults().next(Fault::ReorderedUpdate);
    let filter = modified(start() - Duration::days(61), start());
    let pages = [
        (amazon.search(&query()).await.json(), "lastUpdatedTime"),
        (ebay.list(&filter).await.json(), "lastModifiedDate"),
    ];
    for (page, field) in pages {
        let orders = page["orders"].as_array().unwrap();
        let stale = orders.last().unwrap();
        let newer = orders.iter().find(|order| order["orderId"] == stale["orderId"]).unwrap();
        assert_eq!(orders.len(), 31);
        assert!(newer[field].as_str() > stale[field].as_str());
    }
}

#[tokio::test]
async fn one_order_of_a_page_breaks_the_contract() {
    let (amazon, ebay) = (Amazon::new(20).await, Ebay::new(20).await);
    let (good, also_good) = (amazon.search(&query()).await.json(), ebay.list("").await.json());
    for _ in 0..25 {
        amazon.shop.faults().next(Fault::MalformedOrder);
        ebay.shop.faults().next(Fault::MalformedOrder);
        for (page, good) in [(amazon.search(&query()).await.json(), &good), (ebay.list("").await.json(), &also_good)] {
            let pairs = page["orders"].as_array().unwrap().iter().zip(good["orders"].as_array().unwrap());
            assert_eq!(pairs.filter(|(one, other)| one != other).count(), 1);
        }
    }
}

#[tokio::test]
async fn one_part_can_be_out_and_rates_can_be_switched_while_running() {
    let amazon = Amazon::new(20).await;
    amazon.shop.faults().set(FaultRates { outage: Some("FULFILLMENT".to_owned()), ..FaultRates::default() });
    let refused = amazon.search(&query()).await;
    assert_eq!((refused.status, refused.json()["errors"][0]["code"].as_str()), (400, Some("InvalidInput")));
    let without = format!("createdAfter={}&includedData=BUYER,RECIPIENT", iso(start() - Duration::days(61)));
    assert_eq!(amazon.search(&without).await.status, 200);
    amazon.shop.faults().set(FaultRates { internal_failure: 1000, ..FaultRates::default() });
    assert_eq!(amazon.search(&query()).await.status, 500);
    amazon.shop.faults().set(FaultRates::default());
    assert_eq!(amazon.search(&query()).await.status, 200);
}

#[tokio::test]
async fn a_rough_day_repeats_with_its_seed() {
    let run = async || {
        let amazon = Amazon::new(20).await;
        amazon.shop.faults().set(FaultRates::rough_day(3));
        let mut outcomes = Vec::new();
        for _ in 0..150 {
            let outcome = amazon.try_get(&format!("/orders/2026-01-01/orders?{}", query())).await;
            outcomes.push(outcome.map(|answer| answer.status).map_err(|_| ()));
            if outcomes.last() == Some(&Ok(403)) {
                amazon.renew().await;
            }
        }
        (outcomes, amazon.shop.counters())
    };
    let (one, other) = (run().await, run().await);
    assert_eq!(one, other);
    for outcome in [Ok(200), Ok(429), Ok(500), Err(())] {
        assert!(one.0.contains(&outcome), "{outcome:?}");
    }
}

#[tokio::test]
async fn another_process_can_look_in_and_steer() {
    let amazon = Amazon::new(4).await;
    let address = amazon.running.address();
    let control = async |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        call(address, method, &format!("/standin/{path}"), &[], &body).await.unwrap()
    };
    let orders = control("GET", "orders", Value::Null).await.json();
    assert_eq!((orders["amazon"].as_array().unwrap().len(), &orders["ebay"]), (4, &Value::Null));
    let added = control("POST", "orders", json!({"shop": "amazon", "story": "waiting"})).await.json();
    let id = added["order"].as_str().unwrap().to_owned();
    let step = json!({"shop": "amazon", "step": "cancelled"});
    assert_eq!(control("PATCH", &format!("orders/{id}"), step.clone()).await.status, 200);
    assert_eq!(control("PATCH", "orders/no-such-order", step).await.status, 404);
    let truth = control("GET", "truth", Value::Null).await.json();
    let cancelled =
        truth["amazon"]["orders"].as_array().unwrap().iter().find(|order| order["order"] == json!(id)).unwrap();
    assert_eq!(cancelled["status"], json!("CANCELLED"));
    let people = control("GET", "people.jsonl", Value::Null).await;
    let lines = std::str::from_utf8(&people.body).unwrap().lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    assert!(lines.filter(|line| line["path"] == json!("recipient.deliveryAddress.name")).count() >= 5);
    assert_eq!(
        control("POST", "faults", json!({"shop": "amazon", "next": ["internal_failure", {"slow_body": 1}]}))
            .await
            .status,
        200
    );
    assert_eq!(amazon.search(&query()).await.status, 500);
    assert_eq!(control("PUT", "faults", json!({"shop": "amazon", "rates": {"unavailable": 1000}})).await.status, 200);
    assert_eq!(control("GET", "faults", Value::Null).await.json()["amazon"]["unavailable"], json!(1000));
    assert_eq!(control("PUT", "faults", json!({"shop": "amazon", "rates": {"nonsense": 1}})).await.status, 400);
    assert_eq!(control("PUT", "faults", json!({"shop": "ebay"})).await.status, 404);
    assert_eq!(control("PUT", "faults", json!({"shop": "amazon"})).await.status, 200);
    assert_eq!(amazon.search(&query()).await.status, 200);
    assert_eq!(control("POST", "expire-tokens", json!({"shop": "amazon"})).await.status, 200);
    assert_eq!(amazon.search(&query()).await.status, 403);
    assert!(control("GET", "counters", Value::Null).await.json()["amazon"]["requests"].as_u64().unwrap() >= 3);
    assert_eq!(control("GET", "nonsense", Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_stopped_stand_in_closes_its_port_and_may_come_back_on_it() {
    let amazon = Amazon::new(1).await;
    let address = amazon.running.address();
    let idle = TcpStream::connect(address).await.unwrap();
    amazon.running.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
    let shared: ordersync_types::SharedClock = amazon.clock.clone();
    let again =
        ordersync_simulator::StandIn::new(shared).amazon(amazon.shop).port(address.port()).start().await.unwrap();
    assert_eq!(again.address(), address);
    drop(again);
    tokio::time::sleep(RealTime::from_millis(20)).await;
    assert!(TcpStream::connect(address).await.is_err(), "dropping it stops it too");
}
