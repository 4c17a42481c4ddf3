//! Nothing secret or personal leaves through a log line or an error.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ordersync_http_client::unix::{UnixClient, UnixError, with_query};
use ordersync_http_client::{Authoriser, ClientSettings, HeaderSink, HttpError, Method, Payload, Request};
use ordersync_types::Secret;

use crate::clock::ManualClock;
use crate::server::{ScriptedServer, Step, gzipped, ok, reply};
use crate::{READ, client_with, settings, shown};

/// In every place where something secret or personal can stand.
const MARKER: &str = "m4rk3r";

/// Collects what `tracing` and `log` write, all levels.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        writeln!(&mut self.clone(), "log {} {} {}", record.level(), record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

impl Capture {
    fn install() -> Self {
        let capture = Self::default();
        log::set_logger(Box::leak(Box::new(capture.clone()))).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        let writer = capture.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        capture
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

struct Token(&'static str);

#[async_trait]
impl Authoriser for Token {
    async fn authorise(&self, headers: &mut HeaderSink<'_>, _: bool) -> Result<(), HttpError> {
        assert!(!format!("{headers:?}").contains(MARKER));
        headers.set("x-amz-access-token", &Secret::new(format!("Atza|{MARKER}{}", self.0)))?;
        headers.basic(MARKER, &Secret::new(MARKER.to_owned()))
    }
}

fn marked_answer(status: u16) -> Step {
    let headers = format!(
        "location: http://127.0.0.1:1/{MARKER}?{MARKER}\r\nset-cookie: {MARKER}\r\nx-amzn-requestid: {MARKER}\r\n\
         retry-after: {MARKER}\r\nwww-authenticate: {MARKER}\r\ncontent-type: text/{MARKER}\r\n"
    );
    Step::Write(reply(status, &headers, format!("{{\"name\":\"{MARKER}\"}}")))
}

fn marked_requests(base: &str) -> Vec<Request> {
    let post = Request::post(READ, format!("{base}/{MARKER}"))
        .segment(MARKER)
        .query("token", MARKER)
        .query(MARKER, "1")
        .header("x-note", MARKER)
        .secret_header("x-secret", &Secret::new(MARKER.to_owned()));
    vec![
        post.clone().body(Payload::json(format!("{{\"password\":\"{MARKER}\"}}").into_bytes())),
        Request::post_form(READ, format!("{base}/{MARKER}"), &[("client_secret", MARKER)])
            .basic_auth(MARKER, &Secret::new(MARKER.to_owned())),
    ]
}

/// Sends both marked requests to a server that plays `step`, and returns all that came back as text.
async fn provoke(step: &Step, token: &'static str) -> Vec<String> {
    let server = ScriptedServer::start(vec![step.clone(); 12]).await;
    let settings = ClientSettings {
        max_tries: 2,
        max_body_bytes: 1_000,
        total_timeout: Duration::from_millis(500),
        ..settings(&server)
    };
    let client = client_with(settings, &ManualClock::new());
    let mut texts = vec![format!("{client:?}")];
    for request in marked_requests(&server.url("")) {
        texts.push(format!("{request:?} {request:#?}"));
        texts.push(match client.send_authorised(&request, &Token(token)).await {
            Ok(response) => format!("{response:?} {response:#?} {:?}", response.headers),
            Err(error) => shown(&error),
        });
    }
    texts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_8_at_trace_level_no_log_line_and_no_error_holds_a_secret() {
    let capture = Capture::install();
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: 900\r\nx-a: {MARKER}\r\n\r\n{MARKER}").into_bytes();
    let mut steps: Vec<Step> = [200, 302, 400, 401, 403, 404, 429, 500, 999].into_iter().map(marked_answer).collect();
    steps.extend([
        Step::Reset,
        Step::WriteAndClose(cut.clone()),
        Step::Slowly(cut, Duration::from_millis(5)),
        Step::Silence,
        Step::WriteAndClose(format!("HTTP/1.1 200 OK\r\n{MARKER}\r\n: {MARKER}\r\n\r\n").into_bytes()),
        Step::WriteAndClose(format!("{MARKER}\r\n\r\n").into_bytes()),
        Step::Write(reply(200, "", MARKER.repeat(1_000))),
        Step::Write(reply(200, "content-encoding: gzip\r\n", MARKER)),
        Step::Write(reply(200, "content-encoding: gzip\r\n", gzipped(MARKER.repeat(1_000).as_bytes()))),
    ]);
    let mut texts = Vec::new();
    for step in &steps {
        texts.extend(provoke(step, "").await);
    }
    // a credential that cannot stand in a header
    texts.extend(provoke(&ok("{}"), "\n").await);
    // refused before anything goes out
    let server = ScriptedServer::start([]).await;
    let client = client_with(settings(&server), &ManualClock::new());
    for base in ["http://127.0.0.1:1", "https://m4rk3r.example", "http://m4rk3r:m4rk3r@127.0.0.1", "m4rk3r"] {
        for request in marked_requests(base) {
            texts.push(shown(&client.send(&request).await.unwrap_err()));
        }
    }
    texts.push(shown(&ClientSettings::new("a").allow_base_url("http://m4rk3r.example").unwrap_err()));
    texts.push(format!("{:?}", Payload::json(MARKER.into())));
    texts.extend(provoke_unix().await);

    for text in &texts {
        assert!(!text.contains(MARKER), "{text}");
    }
    let logged = capture.text();
    let told = logged.lines().filter(|line| line.contains("outbound request")).count();
    assert!(told >= steps.len(), "the capture works");
    assert!(logged.contains("log ") && logged.contains("TRACE"), "other crates are heard too");
    assert!(logged.contains("operation=\"readThing\"") && logged.contains("status=429 duration_ms="));
    for line in logged.lines() {
        assert!(!line.contains(MARKER), "{line}");
    }
}

async fn provoke_unix() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let client = UnixClient::new(folder.path().join("none.sock"));
    let path = with_query("/orders", &[("q", MARKER)]);
    let error = client.request(Method::Post, &path, Some(Payload::json(MARKER.into()))).await.unwrap_err();
    let invalid = client.request(Method::Get, "/m4rk3r m4rk3r", None).await.unwrap_err();
    assert!(matches!(invalid, UnixError::Invalid { .. }));
    vec![format!("{error} {error:?}"), format!("{invalid} {invalid:?}")]
}
