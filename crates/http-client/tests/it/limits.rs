//! Sizes, times, compression, and what a request looks like on the wire.

use std::sync::Arc;
use std::time::Duration;

use ordersync_http_client::{ClientSettings, ErrorKind, HttpClient, NoBudget, Payload, Request, Retry};
use ordersync_types::Secret;

use crate::clock::ManualClock;
use crate::server::{ScriptedServer, Step, gzipped, ok, reply};
use crate::{READ, client, client_with, read, settings};

const GZIP: &str = "content-encoding: gzip\r\n";

fn small(server: &ScriptedServer) -> ClientSettings {
    ClientSettings { max_body_bytes: 100_000, ..settings(server) }
}

#[tokio::test]
async fn a_body_up_to_the_cap_is_read_whole() {
    let body: Vec<u8> = (0..100_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let chunked =
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n186A0\r\n", &body[..], b"\r\n0\r\n\r\n"].concat();
    let script = [ok(&body), Step::Write(chunked), Step::Write(reply(200, GZIP, gzipped(&body))), ok("")];
    let server = ScriptedServer::start(script).await;
    let client = client_with(small(&server), &ManualClock::new());
    for _ in 0..3 {
        assert_eq!(client.send(&read(&server)).await.unwrap().body, body);
    }
    assert_eq!(client.send(&read(&server)).await.unwrap().body.len(), 0);
    assert_eq!(server.asked()[0].header("accept-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_announced_or_not_and_after_decompression() {
    let body = vec![b'x'; 100_001];
    let chunked =
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n186A1\r\n", &body[..], b"\r\n0\r\n\r\n"].concat();
    let bomb = gzipped(&vec![0; 8_000_000]);
    assert!(bomb.len() < 100_000, "the bomb is small on the wire");
    for script in [ok(&body), Step::Write(chunked), Step::Write(reply(200, GZIP, bomb))] {
        let server = ScriptedServer::start([script, ok("{}")]).await;
        let error = client_with(small(&server), &ManualClock::new()).send(&read(&server)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry(), server.left()), (ErrorKind::TooLarge, Retry::Never, 1));
    }
}

#[tokio::test]
async fn an_error_body_is_cut_off_and_keeps_its_status() {
    let body = vec![b'x'; 1_000_000];
    for wire in [reply(400, "", &body), reply(400, GZIP, gzipped(&body))] {
        let server = ScriptedServer::start([Step::Write(wire)]).await;
        let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
        assert_eq!((error.status(), error.vendor_body().unwrap().len()), (Some(400), 64 * 1024));
    }
    let cut = b"HTTP/1.1 404 Gone\r\ncontent-length: 100\r\n\r\n<html>".to_vec();
    let server = ScriptedServer::start([Step::WriteAndClose(cut)]).await;
    let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
    assert_eq!((error.kind(), &error.vendor_body().unwrap()[..]), (ErrorKind::NotFound, &b"<html>"[..]));
}

#[tokio::test]
async fn a_body_that_is_no_gzip_is_malformed() {
    let wire = Step::Write(reply(200, GZIP, "this is no gzip stream at all"));
    let server = ScriptedServer::start(vec![wire; 5]).await;
    let error = client(&server, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Malformed, Retry::Exhausted));
}

#[tokio::test]
async fn slow_answers_end_in_a_timeout() {
    let slow_body = reply(200, "", vec![b'x'; 500]);
    for (step, total, idle) in [
        (Step::Silence, 10_000, 150),
        (Step::Silence, 150, 10_000),
        // a byte every 20 ms is never idle, but the whole takes too long
        (Step::Slowly(slow_body, Duration::from_millis(20)), 400, 10_000),
    ] {
        let server = ScriptedServer::start([step, ok("{}")]).await;
        let settings = ClientSettings {
            total_timeout: Duration::from_millis(total),
            idle_timeout: Duration::from_millis(idle),
            max_tries: 1,
            ..settings(&server)
        };
        let error = client_with(settings, &ManualClock::new()).send(&read(&server)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Exhausted), "{error:?}");
    }
}

#[tokio::test]
async fn a_timeout_is_repeated() {
    let server = ScriptedServer::start([Step::Silence, ok("{}")]).await;
    let settings = ClientSettings { idle_timeout: Duration::from_millis(400), ..settings(&server) };
    assert_eq!(client_with(settings, &ManualClock::new()).send(&read(&server)).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_request_is_escaped_strictly_and_carries_its_headers() {
    let server = ScriptedServer::start(vec![ok("{}"); 4]).await;
    let client = client(&server, &ManualClock::new());
    let request = Request::get(READ, server.url("/orders/"))
        .segment("110123456789-2!1")
        .query("includedData", "BUYER,RECIPIENT")
        .query("filter", "lastmodifieddate:[2026-11-01T00:00:00.000Z..],x:{A|B}")
        .query("paginationToken", "a+b/c= d%é~_-.")
        .header("x-ebay-c-marketplace-id", "EBAY_GB");
    client.send(&request).await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(
        asked.line(),
        "GET /orders/110123456789-2%211?includedData=BUYER%2CRECIPIENT\
         &filter=lastmodifieddate%3A%5B2026-11-01T00%3A00%3A00.000Z..%5D%2Cx%3A%7BA%7CB%7D\
         &paginationToken=a%2Bb%2Fc%3D%20d%25%C3%A9~_-."
    );
    assert_eq!(asked.header("accept"), Some("application/json"));
    assert_eq!(asked.header("x-ebay-c-marketplace-id"), Some("EBAY_GB"));
    let agent = asked.header("user-agent").unwrap();
    assert!(agent.starts_with("ordersync/") && agent.ends_with(" (Language=Rust; Platform=Linux)"), "{agent}");

    let secret = Secret::new("s3cret&=".to_owned());
    let form = [("grant_type", "refresh_token"), ("refresh_token", "Atzr|a+b =")];
    let request = Request::post_form(READ, server.url("/token"), &form).basic_auth("app-id", &secret);
    client.send(&request).await.unwrap();
    let asked = &server.asked()[1];
    assert_eq!(asked.body, b"grant_type=refresh_token&refresh_token=Atzr%7Ca%2Bb%20%3D");
    assert_eq!(asked.header("authorization"), Some("Basic YXBwLWlkOnMzY3JldCY9"));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded;charset=UTF-8"));

    let request = Request::get(READ, server.url("/doc?X-Amz-Date=a%2Fb")).query("n", "1").accept("application/pdf");
    client.send(&request).await.unwrap();
    assert_eq!(server.asked()[2].line(), "GET /doc?X-Amz-Date=a%2Fb&n=1");
    assert_eq!(server.asked()[2].header("accept"), Some("application/pdf"));

    let request = Request::post(READ, server.url("/x")).body(Payload::json(b"{\"a\":1}".to_vec()));
    client.send(&request).await.unwrap();
    assert_eq!(server.asked()[3].header("content-type"), Some("application/json"));
    assert_eq!(server.asked()[3].body, b"{\"a\":1}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_goes_out() {
    let server = ScriptedServer::start([]).await;
    let client = client(&server, &ManualClock::new());
    let secret = Secret::new("x".to_owned());
    let get = || Request::get(READ, server.url("/orders"));
    for request in [
        get().segment(".."),
        get().segment("."),
        get().segment(""),
        Request::get(READ, server.url("/orders?a=b")).segment("1"),
        get().header("x-note", "two\r\nlines"),
        get().header("bad name", "x"),
        get().header("host", "other.example"),
        get().header("content-length", "3"),
        get().basic_auth("with:colon", &secret),
        Request::get(READ, "/orders"),
    ] {
        let error = client.send(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Config, Retry::Never), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn headers_and_the_servers_date_can_be_read() {
    let headers = "X-Amzn-RateLimit-Limit: 0.0056\r\ndate: Mon, 02 Nov 2026 09:00:07 GMT\r\nrlogid: t6q%60\r\n";
    let server = ScriptedServer::start([Step::Write(reply(200, headers, "{}"))]).await;
    let clock = ManualClock::new();
    let client = HttpClient::new(settings(&server), clock.shared(), Arc::new(NoBudget)).unwrap();
    assert!(client.date_seen().is_empty());
    let response = client.send(&read(&server)).await.unwrap();
    assert_eq!(response.header("x-amzn-ratelimit-limit"), Some("0.0056"));
    assert_eq!(response.request_id(), Some("t6q%60"));
    let seen = client.date_seen();
    assert_eq!((seen.len(), &*seen[0].host), (1, &*server.host()));
    assert_eq!((seen[0].server - seen[0].local).num_seconds(), 7);
}
