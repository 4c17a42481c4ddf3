//! Where requests may go, and where not.

use std::sync::Arc;

use ordersync_http_client::{
    ClientSettings, ErrorKind, HttpClient, HttpError, InMemoryLedger, NoBudget, Request, Retry,
};

use crate::clock::ManualClock;
use crate::server::{ScriptedServer, Step, ok, reply};
use crate::{READ, client, client_with, read, settings};

fn made(settings: ClientSettings) -> Result<HttpClient, HttpError> {
    HttpClient::new(settings, ManualClock::new().shared(), Arc::new(InMemoryLedger::new()))
}

fn allowing(host: &str) -> ClientSettings {
    ClientSettings::new("account-1").allow_host(host)
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = ScriptedServer::start([ok("{}")]).await;
        let location = format!("location: {}\r\n", server.url("/elsewhere"));
        let first = ScriptedServer::start([Step::Write(reply(status, &location, ""))]).await;
        let settings = settings(&first).allow_host(server.host());
        let error = client_with(settings, &ManualClock::new()).send(&read(&first)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry(), error.status()), (ErrorKind::Rejected, Retry::Never, Some(status)));
        assert_eq!(server.connections(), 0);
    }
}

#[tokio::test]
async fn only_listed_hosts_and_ports_are_asked() {
    let server = ScriptedServer::start([ok("{}")]).await;
    let other = ScriptedServer::start([ok("{}")]).await;
    let client = client(&server, &ManualClock::new());
    let port = server.host().split_once(':').unwrap().1.to_owned();
    for url in [
        other.url("/"),
        format!("http://127.0.0.2:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://user:pass@127.0.0.1:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("ftp://127.0.0.1:{port}/"),
        "http://127.0.0.1/".to_owned(),
        "https://example.com/".to_owned(),
        "file:///etc/hostname".to_owned(),
        "data:text/plain,x".to_owned(),
    ] {
        let error = client.send(&Request::get(READ, &*url)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Config, Retry::Never), "{url}");
    }
    assert_eq!((server.connections(), other.connections()), (0, 0));
}

#[tokio::test]
async fn localhost_is_this_machine_without_asking_anyone() {
    let server = ScriptedServer::start([ok("{}")]).await;
    let host = server.host().replace("127.0.0.1", "localhost");
    let client = client_with(allowing(&host), &ManualClock::new());
    let request = Request::get(READ, format!("http://{host}/"));
    assert_eq!(client.send(&request).await.unwrap().status, 200);
}

#[tokio::test]
async fn plain_http_leaves_this_machine_never() {
    let client = made(allowing("api.example.com")).unwrap();
    for url in ["http://api.example.com/", "http://api.example.com:443/", "https://api.example.com:8443/"] {
        let error = client.send(&Request::get(READ, url)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Config, Retry::Never), "{url}");
    }
    let error = client.send(&Request::get(READ, "http://api.example.com/")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "readThing: plain http is allowed to loopback addresses only (127.0.0.0/8, [::1], localhost): use https"
    );
    assert!(ClientSettings::new("a").allow_base_url("http://api.example.com").is_err());
    let both = ClientSettings::new("a").allow_base_url("https://api.example.com/x").unwrap();
    let both = both.allow_base_url("http://[::1]:8080").unwrap().allow_base_url("https://api.example.com").unwrap();
    assert_eq!(both.allowed_hosts, ["api.example.com", "[::1]:8080"]);
    assert!(made(both).is_ok());
}

#[test]
fn a_wrong_list_of_hosts_is_refused_at_the_start() {
    for good in ["api.example.com", "api.example.com:443", "127.0.0.1:80", "127.8.8.8:1", "[::1]:9", "localhost:8080"] {
        assert!(made(allowing(good)).is_ok(), "{good}");
    }
    for bad in [
        "",
        "api.example.com:8443",
        "api.example.com/",
        "api.example.com/path",
        "https://api.example.com",
        "user@api.example.com",
        "api.example.com?x",
        "api.example.com#x",
        "10.0.0.1",
        "169.254.169.254",
        "[fd00::1]",
        "[::ffff:127.0.0.1]:80",
        "a b",
    ] {
        let error = made(allowing(bad)).unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Config, Retry::Never), "{bad}");
    }
    let error = made(allowing("api.example.com:8443")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "settings: an allowed host names a port other than 443: only loopback addresses (127.0.0.0/8, [::1], \
         localhost) may use another port"
    );
    assert!(made(ClientSettings { private_addresses: true, ..allowing("10.0.0.1") }).is_ok());
    assert!(made(ClientSettings::new("account-1")).is_err(), "no host at all");
}

#[test]
fn other_wrong_settings_are_refused_at_the_start() {
    let good = allowing("api.example.com");
    for wrong in [
        ClientSettings { account: "".into(), ..good.clone() },
        ClientSettings { user_agent: "x".repeat(501), ..good.clone() },
        ClientSettings { user_agent: "two\nlines".to_owned(), ..good.clone() },
        ClientSettings { max_tries: 0, ..good.clone() },
        ClientSettings { max_body_bytes: 0, ..good.clone() },
        ClientSettings { total_timeout: std::time::Duration::ZERO, ..good.clone() },
    ] {
        assert_eq!(made(wrong).unwrap_err().kind(), ErrorKind::Config);
    }
    assert!(made(good).is_ok());
}

#[test]
fn budgets_may_be_off_for_this_machine_only() {
    let off = |settings| HttpClient::new(settings, ManualClock::new().shared(), Arc::new(NoBudget));
    assert!(off(allowing("127.0.0.1:8080").allow_host("localhost:1")).is_ok());
    let error = off(allowing("127.0.0.1:8080").allow_host("api.example.com")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn tls_to_a_server_without_it_fails_in_good_order() {
    let server = ScriptedServer::start([]).await;
    let settings = ClientSettings { max_tries: 2, ..settings(&server) };
    let clock = ManualClock::new();
    let request = Request::get(READ, server.url("/").replace("http:", "https:"));
    // the server reads the greeting as a request head that never ends; it answers when the client gives up
    let settings = ClientSettings { connect_timeout: std::time::Duration::from_millis(200), ..settings };
    let error = client_with(settings, &clock).send(&request).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout), "{error:?}");
    assert_eq!((error.retry(), clock.naps().len()), (Retry::Exhausted, 1));
}
