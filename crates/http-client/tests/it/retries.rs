//! What is repeated, after how long, and what is not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ordersync_http_client::{
    Authoriser, ClientSettings, ErrorKind, HeaderSink, HttpClient, HttpError, InMemoryLedger, Operation, Payload,
    RatePlan, Request, Retry,
};
use ordersync_types::Secret;

use crate::clock::ManualClock;
use crate::server::{ScriptedServer, Step, ok, reply, status};
use crate::{READ, WIDE, client, client_with, read, settings};

fn assert_between(nap: Duration, from: Duration, to: Duration) {
    assert!((from..=to).contains(&nap), "{nap:?} is not from {from:?} to {to:?}");
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_429_without_a_wait_waits_an_interval_of_the_plan_and_empties_the_budget() {
    let server = ScriptedServer::start([status(429), ok("{}"), ok("{}")]).await;
    let clock = ManualClock::new();
    let client = client_with(settings(&server), &clock);
    let search = Operation::new("searchOrders", RatePlan::new(20, 178_572));
    let request = Request::get(search, server.url("/orders"));
    assert_eq!(client.send(&request).await.unwrap().status, 200);
    assert_eq!(clock.naps().len(), 1);
    assert_between(clock.naps()[0], Duration::from_millis(178_572), Duration::from_millis(178_572 * 5 / 4));
    // 19 of the 20 tokens were there before the 429: now the next request waits too
    assert_eq!(client.send(&request).await.unwrap().status, 200);
    assert_eq!(clock.naps().len(), 2);
    assert!(clock.naps()[1] <= Duration::from_millis(178_572) && clock.naps()[1] >= seconds(120), "{:?}", clock.naps());
}

#[tokio::test]
async fn a_429_with_a_wait_honours_it_in_both_forms() {
    let date = "date: Mon, 02 Nov 2026 11:59:00 GMT\r\n";
    for (headers, from) in [
        ("retry-after: 90\r\n".to_owned(), 90),
        // the server's clock is three hours ahead of ours: only the difference counts
        (format!("{date}retry-after: Mon, 02 Nov 2026 12:01:00 GMT\r\n"), 120),
        (format!("{date}retry-after: Monday, 02-Nov-26 12:01:00 GMT\r\n"), 120),
        ("retry-after: soon\r\n".to_owned(), 1),
        ("retry-after: -5\r\n".to_owned(), 1),
        (format!("{date}retry-after: Mon, 02 Nov 2026 11:00:00 GMT\r\n"), 1),
    ] {
        let server = ScriptedServer::start([Step::Write(reply(429, &headers, "")), ok("{}")]).await;
        let clock = ManualClock::new();
        client(&server, &clock).send(&read(&server)).await.unwrap();
        assert_eq!(clock.naps().len(), 1, "{headers}");
        assert_between(clock.naps()[0], seconds(from), seconds(from) * 5 / 4);
    }
}

#[tokio::test]
async fn a_wait_longer_than_allowed_is_left_to_the_caller() {
    for status in [429, 503] {
        let server = ScriptedServer::start([Step::Write(reply(status, "retry-after: 3600\r\n", ""))]).await;
        let clock = ManualClock::new();
        let error = client(&server, &clock).send(&read(&server)).await.unwrap_err();
        assert!(matches!(error.retry(), Retry::After(wait) if wait >= seconds(3600)), "{error:?}");
        assert_eq!(error.status(), Some(status));
        assert!(clock.naps().is_empty() && server.left() == 0);
    }
}

#[tokio::test]
async fn a_huge_wait_is_read_as_a_day() {
    let server = ScriptedServer::start([Step::Write(reply(429, "retry-after: 99999999999999999999999\r\n", ""))]).await;
    let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
    assert!(matches!(error.retry(), Retry::After(wait) if wait <= seconds(86_400 * 5 / 4)), "{error:?}");
}

#[tokio::test]
async fn failures_of_the_server_and_the_network_are_repeated_with_growing_waits() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"orders\":".to_vec();
    let cut_chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{\"orders\":".to_vec();
    for failing in [
        status(500),
        status(502),
        status(503),
        status(504),
        Step::Reset,
        Step::WriteAndClose(Vec::new()),
        Step::WriteAndClose(cut),
        Step::WriteAndClose(cut_chunks),
        Step::WriteAndClose(b"HELLO\r\n\r\n".to_vec()),
    ] {
        let server = ScriptedServer::start([failing.clone(), failing.clone(), failing.clone(), ok("[1]")]).await;
        let clock = ManualClock::new();
        let response = client(&server, &clock).send(&read(&server)).await.unwrap();
        assert_eq!(&response.body[..], b"[1]", "{failing:?}");
        let naps = clock.naps();
        assert_eq!(naps.len(), 3, "{failing:?}");
        for (nap, base) in naps.into_iter().zip([1, 2, 4]) {
            assert_between(nap, seconds(base), seconds(base) * 3 / 2);
        }
    }
}

#[tokio::test]
async fn tries_are_limited_and_the_kind_says_what_failed() {
    for (failing, kind, retry) in [
        (status(503), ErrorKind::Transport, Retry::Exhausted),
        (Step::Reset, ErrorKind::Transport, Retry::Exhausted),
        (Step::WriteAndClose(b"HELLO\r\n\r\n".to_vec()), ErrorKind::Malformed, Retry::Exhausted),
    ] {
        let server = ScriptedServer::start(vec![failing; 9]).await;
        let clock = ManualClock::new();
        let error = client(&server, &clock).send(&read(&server)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry(), server.asked().len()), (kind, retry, 5), "{error:?}");
        assert_eq!((error.operation(), error.outcome_unclear()), ("readThing", false));
    }
    let server = ScriptedServer::start(vec![status(429); 9]).await;
    let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
    assert_eq!((error.kind(), server.asked().len()), (ErrorKind::Throttled, 5));
    assert!(matches!(error.retry(), Retry::After(_)));
}

#[tokio::test]
async fn waits_in_all_are_limited() {
    let server = ScriptedServer::start(vec![status(500); 9]).await;
    let clock = ManualClock::new();
    let request = read(&server).max_wait(seconds(2));
    let error = client(&server, &clock).send(&request).await.unwrap_err();
    assert_eq!((error.retry(), server.asked().len()), (Retry::Backoff, 2), "1 s fits, 1 s and 2 s do not");
}

#[tokio::test]
async fn refusals_are_never_repeated_and_keep_the_vendors_body() {
    for (code, kind) in [
        (400, ErrorKind::Rejected),
        (403, ErrorKind::Auth),
        (404, ErrorKind::NotFound),
        (405, ErrorKind::Unsupported),
        (409, ErrorKind::Rejected),
        (410, ErrorKind::NotFound),
        (413, ErrorKind::Rejected),
        (422, ErrorKind::Rejected),
        (501, ErrorKind::Unsupported),
    ] {
        let body = r#"{"errors":[{"code":"InvalidInput"}]}"#;
        let headers = "x-amzn-RequestId: 0f1e-2d3c\r\nX-Amzn-ErrorType: Some:http://\r\n";
        let server = ScriptedServer::start([Step::Write(reply(code, headers, body)), ok("{}")]).await;
        let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry(), error.status()), (kind, Retry::Never, Some(code)));
        assert_eq!(error.vendor_body().unwrap(), body);
        assert_eq!((error.request_id(), error.header("X-AMZN-ERRORTYPE")), (Some("0f1e-2d3c"), Some("Some:http://")));
        assert_eq!(server.left(), 1);
    }
}

#[tokio::test]
async fn what_must_not_be_repeated_is_not_once_it_may_have_arrived() {
    const SHIP: Operation = Operation::new("createShipment", WIDE).not_repeatable();
    let cut = b"HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{".to_vec();
    for failing in [status(500), status(503), Step::Reset, Step::WriteAndClose(Vec::new()), Step::WriteAndClose(cut)] {
        let server = ScriptedServer::start([failing, ok("{}")]).await;
        let request = Request::post(SHIP, server.url("/shipments")).body(Payload::json(b"{}".to_vec()));
        let error = client(&server, &ManualClock::new()).send(&request).await.unwrap_err();
        assert_eq!((error.retry(), error.outcome_unclear(), server.asked().len()), (Retry::Never, true, 1), "{error}");
    }
    // a refusal was not carried out
    let server = ScriptedServer::start([status(400)]).await;
    let error = client(&server, &ManualClock::new()).send(&Request::post(SHIP, server.url("/"))).await.unwrap_err();
    assert!(!error.outcome_unclear());
    let server = ScriptedServer::start([status(429), ok("{}")]).await;
    client(&server, &ManualClock::new()).send(&Request::post(SHIP, server.url("/"))).await.unwrap();
    // nobody listens: it cannot have arrived
    let host = {
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        gone.local_addr().unwrap().to_string()
    };
    let clock = ManualClock::new();
    let client = client_with(ClientSettings::new("account-1").allow_host(&*host), &clock);
    let error = client.send(&Request::post(SHIP, format!("http://{host}/"))).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Transport, Retry::Exhausted));
    assert_eq!((error.outcome_unclear(), clock.naps().len()), (false, 4));
}

#[tokio::test]
async fn connections_are_kept_but_not_for_what_must_not_be_repeated() {
    let server = ScriptedServer::start(vec![ok("{}"); 24]).await;
    let client = client(&server, &ManualClock::new());
    for _ in 0..20 {
        client.send(&read(&server)).await.unwrap();
    }
    // a connection goes back to the pool a moment after its body was read, so now and then a second one is opened
    let kept = server.connections();
    assert!(kept < 10, "{kept} connections for 20 requests");
    let ship = Request::post(READ.not_repeatable(), server.url("/"));
    for _ in 0..4 {
        client.send(&ship).await.unwrap();
    }
    assert!(server.connections() >= kept + 4);
}

/// Gives `token-0`, and one number higher after each renewal.
struct Tokens {
    clock: ManualClock,
    renewals: AtomicU32,
}

#[async_trait]
impl Authoriser for Tokens {
    async fn authorise(&self, headers: &mut HeaderSink<'_>, renew: bool) -> Result<(), HttpError> {
        assert_eq!(self.clock.busy_tasks(), 1, "simulated time must not jump during a request");
        let number = self.renewals.fetch_add(u32::from(renew), Ordering::SeqCst) + u32::from(renew);
        headers.bearer(&Secret::new(format!("token-{number}")))
    }
}

async fn authorised(script: Vec<Step>, operation: Operation) -> (Result<u16, HttpError>, Vec<String>) {
    let server = ScriptedServer::start(script).await;
    let clock = ManualClock::new();
    let tokens = Tokens { clock: clock.clone(), renewals: AtomicU32::new(0) };
    let request = Request::get(operation, server.url("/"));
    let one_try = ClientSettings { max_tries: 2, ..settings(&server) };
    let result = client_with(one_try, &clock).send_authorised(&request, &tokens).await;
    assert_eq!(clock.busy_tasks(), 0);
    let sent = server.asked().iter().map(|asked| asked.header("authorization").unwrap().to_owned()).collect();
    (result.map(|response| response.status), sent)
}

#[tokio::test]
async fn a_refused_credential_is_renewed_once() {
    let (result, sent) = authorised(vec![status(401), ok("{}")], READ).await;
    assert_eq!((result.unwrap(), sent), (200, vec!["Bearer token-0".to_owned(), "Bearer token-1".to_owned()]));

    let (result, sent) = authorised(vec![status(401), status(401), ok("{}")], READ).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.retry(), sent.len()), (ErrorKind::Auth, Retry::Never, 2));

    // the renewal is no try of its own, and a later failure still has its tries
    let (result, sent) = authorised(vec![status(401), status(500), ok("{}")], READ).await;
    assert_eq!((result.unwrap(), sent.len()), (200, 3));
}

#[tokio::test]
async fn a_403_renews_only_where_the_operation_says_so() {
    let (result, sent) = authorised(vec![status(403), ok("{}")], READ).await;
    assert_eq!((result.unwrap_err().kind(), sent.len()), (ErrorKind::Auth, 1));
    let (result, sent) = authorised(vec![status(403), ok("{}")], READ.renewing_on_forbidden()).await;
    assert_eq!((result.unwrap(), sent.len()), (200, 2));
    // nothing to renew without an authoriser
    let server = ScriptedServer::start([status(401), ok("{}")]).await;
    let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
    assert_eq!((error.kind(), server.left()), (ErrorKind::Auth, 1));
}

#[tokio::test]
async fn an_authorisers_error_ends_the_request() {
    struct Broken;
    #[async_trait]
    impl Authoriser for Broken {
        async fn authorise(&self, headers: &mut HeaderSink<'_>, _: bool) -> Result<(), HttpError> {
            headers.set("x-amz-access-token", &Secret::new("pasted\nwith a line break".to_owned()))
        }
    }
    let server = ScriptedServer::start([ok("{}")]).await;
    let error = client(&server, &ManualClock::new()).send_authorised(&read(&server), &Broken).await.unwrap_err();
    assert_eq!((error.kind(), error.retry(), server.left()), (ErrorKind::Config, Retry::Never, 1));
    assert_eq!(error.operation(), "readThing");
}

#[tokio::test]
async fn a_dropped_request_stops_waiting() {
    let server = ScriptedServer::start(vec![status(503); 3]).await;
    let real = Arc::new(ordersync_types::SystemClock);
    let client = HttpClient::new(settings(&server), real, Arc::new(InMemoryLedger::new())).unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(300), async { client.send(&read(&server)).await }).await;
    assert!(waiting.is_err(), "the first wait is a second");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(server.asked().len(), 1, "nothing goes on behind a dropped future");
}
