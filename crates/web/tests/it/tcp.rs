//! The HTTP interface: nothing without a token that holds, in clear and with TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ordersync_web::{Endpoint, Role, TcpSettings, serve_tcp};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};

use crate::world::World;

struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    tasks: JoinSet<()>,
}

async fn served(world: &World, tls: Option<Arc<ServerConfig>>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = TcpSettings { grace: Duration::from_millis(300), tls, ..TcpSettings::default() };
    let (stop, stopped) = oneshot::channel();
    let api = world.api.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let shutdown = async {
            stopped.await.ok();
        };
        serve_tcp(listener, &api, settings, shutdown).await;
    });
    Served { address, stop: Some(stop), tasks }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, head: &str) -> String {
    stream.write_all(format!("{head}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A TLS peer may close without a goodbye.
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8_lossy(&answer).into_owned()
}

async fn ask(address: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    talk(&mut stream, head).await
}

async fn token(world: &World, label: &str, role: &str, expires_at: &str) -> String {
    let body = json!({ "label": label, "role": role, "expires_at": expires_at });
    let made = world.post(Role::Seller, "/v1/tokens", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn nothing_is_answered_without_a_token_that_holds() {
    let world = World::new().await;
    let served = served(&world, None).await;
    let good = token(&world, "books", "accountant", "2026-12-01T00:00:00Z").await;
    let brief = token(&world, "brief", "accountant", "2026-11-02T11:00:00Z").await;
    let other = if good.ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{other}", &good[..good.len() - 1]);
    let tries = [
        String::new(),
        "authorization: Bearer".to_owned(),
        "authorization: Bearer x".to_owned(),
        format!("authorization: Basic {good}"),
        format!("authorization: {good}"),
        format!("x-token: {good}"),
        format!("authorization: Bearer {wrong}"),
        format!("authorization: Bearer {good}\r\nauthorization: Bearer {good}"),
    ];
    for header in &tries {
        for endpoint in Endpoint::ALL {
            let path = endpoint.path().replace(['{', '}'], "");
            let head = format!("{} {path}?token={good} HTTP/1.1\r\n{header}", endpoint.method());
            let answer = ask(served.address, head.trim_end()).await;
            assert!(answer.starts_with("HTTP/1.1 401"), "{head}: {answer}");
            assert!(answer.contains("www-authenticate: Bearer") && answer.contains("cache-control: no-store"));
            assert!(!answer.contains(&good), "an answer never repeats a token");
        }
    }
    let with = |token: &str| format!("GET /v1/invoices HTTP/1.1\r\nauthorization: Bearer {token}");
    assert!(ask(served.address, &with(&good)).await.starts_with("HTTP/1.1 200"));
    assert!(ask(served.address, &with(&brief)).await.starts_with("HTTP/1.1 200"));
    let of_role = format!("GET /v1/keys/status HTTP/1.1\r\nauthorization: Bearer {good}");
    assert!(ask(served.address, &of_role).await.starts_with("HTTP/1.1 403"));
    // An hour later the brief one is over; the other is revoked.
    world.clock.advance_by(Duration::from_secs(3600));
    assert!(ask(served.address, &with(&brief)).await.starts_with("HTTP/1.1 401"));
    assert!(ask(served.address, &with(&good)).await.starts_with("HTTP/1.1 200"));
    assert_eq!(world.ask(Role::Seller, "DELETE", "/v1/tokens/books", None).await.status, 204);
    assert!(ask(served.address, &with(&good)).await.starts_with("HTTP/1.1 401"));
    let listed = world.get(Role::Seller, "/v1/tokens").await.json();
    let states: Vec<_> = listed["tokens"].as_array().unwrap().iter().map(|token| token["state"].clone()).collect();
    assert_eq!(states, [json!("revoked"), json!("expired")]);
    let files = world.files_text();
    assert!(!files.contains(&good) && !files.contains(&brief), "only hashes are stored");
    assert!(!crate::world::log_text().contains(&good));
}

#[tokio::test]
async fn a_token_makes_no_token_and_a_seller_none_of_an_admin() {
    let world = World::new().await;
    let served = served(&world, None).await;
    let seller = token(&world, "shop", "seller", "2026-12-01T00:00:00Z").await;
    let body = r#"{"label":"more","role":"seller","expires_at":"2026-12-01T00:00:00Z"}"#;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {seller}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let admin = json!({ "label": "boss", "role": "admin", "expires_at": "2026-12-01T00:00:00Z" });
    assert_eq!(world.post(Role::Seller, "/v1/tokens", admin.clone()).await.status, 403);
    assert_eq!(world.post(Role::Admin, "/v1/tokens", admin).await.status, 201);
    for (label, expires_at) in
        [("Books", "2026-12-01T00:00:00Z"), ("b", "2026-11-01T00:00:00Z"), ("b", "2028-11-01T00:00:00Z")]
    {
        let body = json!({ "label": label, "role": "accountant", "expires_at": expires_at });
        assert_eq!(world.post(Role::Admin, "/v1/tokens", body).await.status, 409, "{label} {expires_at}");
    }
}

#[tokio::test]
async fn with_a_certificate_it_speaks_tls_and_nothing_else() {
    let world = World::new().await;
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["orders.example".to_owned()]).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let mut served = served(&world, Some(Arc::new(config))).await;
    let good = token(&world, "books", "accountant", "2026-12-01T00:00:00Z").await;
    let head = format!("GET /v1/version HTTP/1.1\r\nauthorization: Bearer {good}");
    assert!(!ask(served.address, &head).await.contains("200 OK"), "plain HTTP is not answered");
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(served.address).await.unwrap();
    let name = ServerName::try_from("orders.example").unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.unwrap();
    assert!(talk(&mut stream, &head).await.starts_with("HTTP/1.1 200"));
    served.stop.take().unwrap().send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), served.tasks.join_next()).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn an_export_over_http_has_a_tag_that_changes_with_the_documents_alone() {
    let world = World::new().await;
    let served = served(&world, None).await;
    let good = token(&world, "books", "accountant", "2026-12-01T00:00:00Z").await;
    world.with_books();
    let path = "/v1/exports/daybook?from=2026-11-01&to=2026-11-30&format=csv";
    let head = format!("GET {path} HTTP/1.1\r\nauthorization: Bearer {good}");
    let first = ask(served.address, &head).await;
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    let tag = first.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().trim().to_owned();
    let again = ask(served.address, &format!("{head}\r\nif-none-match: {tag}")).await;
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    world.leave_one_unsaid().await;
    let changed = ask(served.address, &format!("{head}\r\nif-none-match: {tag}")).await;
    assert!(changed.starts_with("HTTP/1.1 200") && changed.contains("awaiting"), "{changed}");
    let pulls = world.get(Role::Seller, "/v1/exports/pulls").await.json();
    assert_eq!(pulls["pulls"][0]["by"], "token:books");
    assert_eq!(pulls["pulls"].as_array().unwrap().len(), 2, "what was not handed out is no pull");
}
