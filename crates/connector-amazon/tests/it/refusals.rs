//! What comes back when Amazon does not answer as wanted.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ordersync_connector_api::{ConnectorError, ErrorKind, MarketplaceConnector, PageToken, Retry};
use serde_json::{Value, json};

use crate::requests::{id, page, window};
use crate::server::{Account, Answer, CLIENT_SECRET, REFRESH_TOKEN, Seen, Server, TOKEN_PATH, account};
use crate::tell::fixture;

async fn poll_error(server: &Server) -> ConnectorError {
    account(server).connector.poll_orders(window(), None).await.unwrap_err()
}

/// Each refusal, what it means for core, and how often the server was asked.
#[tokio::test]
async fn every_refusal_has_its_kind() {
    let html = Answer::json(400, "<html><body>Bad Request</body></html>");
    let number = Answer::json(400, json!({"errors": [{"code": 400, "message": null}]}));
    for (answer, kind, retry, code, calls) in [
        (Answer::error(400, "InvalidInput"), ErrorKind::Rejected, Retry::Never, Some("InvalidInput"), 2),
        (Answer::error(400, "Invalid Input"), ErrorKind::Rejected, Retry::Never, Some("InvalidInput"), 2),
        (Answer::error(400, "SOME_OTHER_CODE"), ErrorKind::Rejected, Retry::Never, Some("SOME_OTHER_CODE"), 1),
        (number, ErrorKind::Rejected, Retry::Never, Some("400"), 1),
        (html, ErrorKind::Rejected, Retry::Never, None, 1),
        (Answer::error(401, "Unauthorized"), ErrorKind::Auth, Retry::Never, Some("Unauthorized"), 2),
        (Answer::error(403, "Unauthorized"), ErrorKind::Auth, Retry::Never, Some("Unauthorized"), 2),
        (Answer::error(404, "NotFound"), ErrorKind::NotFound, Retry::Never, Some("NotFound"), 1),
        (Answer::error(409, "Conflict"), ErrorKind::Rejected, Retry::Never, Some("Conflict"), 1),
        (Answer::error(413, "RequestTooLarge"), ErrorKind::Rejected, Retry::Never, Some("RequestTooLarge"), 1),
        (Answer::error(415, "Unsupported"), ErrorKind::Rejected, Retry::Never, Some("Unsupported"), 1),
        (Answer::error(500, "InternalFailure"), ErrorKind::Transport, Retry::Exhausted, Some("InternalFailure"), 5),
        (
            Answer::error(503, "ServiceUnavailable"),
            ErrorKind::Transport,
            Retry::Exhausted,
            Some("ServiceUnavailable"),
            5,
        ),
        (
            Answer::json(400, "").header("x-amzn-ErrorType: InvalidInputException:http://internal.example/"),
            ErrorKind::Rejected,
            Retry::Never,
            Some("InvalidInputException"),
            1,
        ),
    ] {
        let told = format!("{answer:?}");
        let server = Server::answering(move |_| answer.clone()).await;
        let error = poll_error(&server).await;
        assert_eq!((error.kind, error.retry), (kind, retry), "{told}");
        assert_eq!(error.vendor_code.as_deref(), code, "{told}");
        assert_eq!(error.operation, "searchOrders", "{told}");
        assert_eq!(error.request_id.as_deref(), Some("request-417"), "{told}");
        assert_eq!(server.calls().len(), calls, "{told}");
    }
}

/// An interval of the plan is three minutes: after the second refusal the rest of the waiting is left to core.
#[tokio::test]
async fn a_long_throttling_is_left_to_core() {
    let server = Server::answering(|_| Answer::error(429, "QuotaExceeded")).await;
    let error = poll_error(&server).await;
    assert_eq!(error.kind, ErrorKind::Throttled);
    assert!(matches!(error.retry, Retry::After(wait) if wait.as_millis() >= 178_571), "{:?}", error.retry);
    assert!(server.calls().len() <= 3);
}

#[tokio::test]
async fn a_refused_refresh_token_stops_the_account_with_what_to_do() {
    for (status, code, kind, retry, advice) in [
        (400, "invalid_grant", ErrorKind::Auth, Retry::Never, "Authorise the app again"),
        (401, "invalid_client", ErrorKind::Auth, Retry::Never, "180 days"),
        (400, "unauthorized_client", ErrorKind::Auth, Retry::Never, "same app"),
        (400, "unsupported_grant_type", ErrorKind::Config, Retry::Never, "refresh token"),
        (400, "temporarily_unavailable", ErrorKind::Transport, Retry::Backoff, "no tokens at the moment"),
        (503, "server_error", ErrorKind::Transport, Retry::Backoff, "no tokens at the moment"),
    ] {
        let server = Server::scripted(Box::new(move |_| {
            Answer::json(
                status,
                json!({"error": code, "error_description": "The request has an invalid grant parameter"}),
            )
        }))
        .await;
        let error = poll_error(&server).await;
        assert_eq!((error.kind, error.retry), (kind, retry), "{code}");
        assert_eq!(error.vendor_code.as_deref(), Some(code));
        assert!(error.message.contains(advice), "{code}: {}", error.message);
        assert!(server.calls().is_empty(), "{code}: nothing is asked without a token");
    }
}

#[tokio::test]
async fn a_token_answer_without_token_is_malformed() {
    for body in ["{}", "<html>", "{\"access_token\":\"\"}", "{\"access_token\":7}"] {
        let server = Server::scripted(Box::new(move |_| Answer::json(200, body))).await;
        let error = poll_error(&server).await;
        assert_eq!((error.kind, error.retry), (ErrorKind::Malformed, Retry::Backoff), "{body}");
    }
}

#[tokio::test]
async fn a_cut_answer_is_never_a_page() {
    let server = Server::answering(|_| page(&["consumer_unshipped"], None).cut_short()).await;
    let error = poll_error(&server).await;
    assert!(matches!(error.kind, ErrorKind::Transport | ErrorKind::Malformed), "{error:?}");
    assert!(matches!(error.retry, Retry::Backoff | Retry::Exhausted), "{error:?}");

    // cut before it was sent: a whole HTTP answer with half a JSON text
    let whole = json!({"orders": [serde_json::from_str::<Value>(&fixture("consumer_unshipped")).unwrap()]}).to_string();
    let half = whole[..whole.len() / 2].to_owned();
    let server = Server::with([Answer::json(200, half)]).await;
    let error = poll_error(&server).await;
    assert_eq!((error.kind, error.retry), (ErrorKind::Malformed, Retry::Backoff));
}

#[tokio::test]
async fn a_refused_page_token_starts_the_window_again() {
    let server = Server::with([page(&["bare"], Some("two")), Answer::error(400, "InvalidInput")]).await;
    let Account { connector, .. } = account(&server);
    let next = connector.poll_orders(window(), None).await.unwrap().next.unwrap();
    let error = connector.poll_orders(window(), Some(&next.token)).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::StalePage, Retry::Backoff));
    assert_eq!(server.calls().len(), 2, "the outage rule is for first pages");
    let foreign = connector.poll_orders(window(), Some(&PageToken::new("somebody else's"))).await.unwrap_err();
    assert_eq!((foreign.kind, foreign.retry), (ErrorKind::StalePage, Retry::Backoff));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_page_that_names_itself_as_the_next_ends() {
    let server = Server::answering(|_| page(&["bare"], Some("again"))).await;
    let Account { connector, .. } = account(&server);
    let next = connector.poll_orders(window(), None).await.unwrap().next.unwrap();
    let error = connector.poll_orders(window(), Some(&next.token)).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Malformed, Retry::Backoff));
}

#[tokio::test]
async fn a_bound_beyond_the_window_is_not_believed_and_a_missing_one_not_made_up() {
    for (bound, expected) in [(json!("2026-10-07T23:00:00Z"), Some(window().to)), (Value::Null, None)] {
        let server = Server::with([Answer::json(200, json!({"orders": [], "lastUpdatedBefore": bound}))]).await;
        let page = account(&server).connector.poll_orders(window(), None).await.unwrap();
        assert_eq!(page.bound, expected);
    }
}

/// Answers as Amazon does while it gives out no `out` part: by `searchOrders`, and by `getOrder` where `everywhere`.
fn outage(out: &'static str, everywhere: bool) -> impl Fn(&Seen) -> Answer + Send + Sync {
    move |seen| {
        let is_search = seen.target.starts_with("/orders/2026-01-01/orders?");
        let is_refused = seen.target.contains(out) && (is_search || everywhere);
        if is_refused {
            return Answer::error(400, "InvalidInput");
        }
        let second = seen.target.contains("paginationToken=two");
        match (is_search, second) {
            (true, false) => page(&["consumer_unshipped", "fba_shipped"], Some("two")),
            (true, true) => page(&["pending"], None),
            (false, _) => {
                let name = if seen.target.contains("203-1000001-2000001") {
                    "consumer_unshipped"
                } else if seen.target.contains("171-1000003-2000003") {
                    "fba_shipped"
                } else {
                    return Answer::error(404, "NotFound");
                };
                Answer::json(200, format!("{{\"order\":{}}}", fixture(name)))
            }
        }
    }
}

#[tokio::test]
async fn while_a_part_is_out_each_order_is_read_by_itself() {
    let server = Server::answering(outage("FULFILLMENT", false)).await;
    let Account { connector, .. } = account(&server);
    let first = connector.poll_orders(window(), None).await.unwrap();
    assert_eq!(first.orders.len(), 2);
    assert!(first.orders.iter().all(|order| order.facts.status.name() != "not_stated"));
    let second = connector.poll_orders(window(), first.next.as_ref().map(|next| &next.token)).await.unwrap();
    assert_eq!((second.orders.len(), second.next), (0, None));
    assert_eq!(second.rejected.len(), 1, "listed, and unknown when asked for");
    assert_eq!(second.rejected[0].vendor_order_id, Some(id("203-1000005-2000005")));
    assert!(second.bound.is_some());

    let searches: Vec<_> =
        server.targets().into_iter().filter(|target| target.starts_with("/orders/2026-01-01/orders?")).collect();
    assert_eq!(searches.len(), 3, "the refused page, and each page once without parts");
    assert!(searches[1].ends_with("&maxResultsPerPage=100"), "{}", searches[1]);
    assert_eq!(searches[2], format!("{}&paginationToken=two", searches[1]), "the same parameters");
}

#[tokio::test]
async fn what_cannot_be_completed_is_not_taken_over() {
    for out in ["FULFILLMENT", "TAX"] {
        let server = Server::answering(outage(out, true)).await;
        let error = poll_error(&server).await;
        assert_eq!((error.kind, error.retry), (ErrorKind::Transport, Retry::Backoff));
        assert!(error.message.contains(&format!("without {out} at the moment")), "{}", error.message);
        let searches =
            server.targets().iter().filter(|target| target.starts_with("/orders/2026-01-01/orders?")).count();
        assert_eq!(searches, 2, "searchOrders is scarce");
        let fetched = account(&server).connector.fetch_order(&id("203-1000001-2000001")).await.unwrap_err();
        assert_eq!(fetched.kind, ErrorKind::Transport);
    }
}

#[tokio::test]
async fn an_order_number_that_amazon_refuses_is_not_an_outage() {
    let server = Server::answering(|_| Answer::error(400, "InvalidInput")).await;
    let error = account(&server).connector.fetch_order(&id("TEST_CASE_400")).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Rejected, Retry::Never));
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn a_check_names_a_missing_role_a_clock_and_unreadable_orders() {
    let healthy = Server::answering(|_| page(&["consumer_unshipped", "fba_shipped"], Some("more"))).await;
    let check = account(&healthy).connector.check().await.unwrap();
    assert_eq!((check.orders_seen, check.findings.len()), (2, 0), "{:?}", check.findings);
    assert!(
        healthy.targets()[0]
            .contains("lastUpdatedAfter=2026-10-06T12%3A00%3A00Z&lastUpdatedBefore=2026-10-07T11%3A57%3A30Z")
    );
    assert!(healthy.targets()[0].contains("maxResultsPerPage=20"));

    let mut broken: Value = serde_json::from_str(&fixture("bare")).unwrap();
    broken["createdTime"] = json!("Monday");
    let role: Value = serde_json::from_str(&fixture("role_missing")).unwrap();
    let body = json!({"orders": [role, broken]});
    let server =
        Server::answering(move |_| Answer::json(200, &body).header("date: Wed, 07 Oct 2026 11:57:30 GMT")).await;
    let check = account(&server).connector.check().await.unwrap();
    assert_eq!(check.orders_seen, 2);
    let findings = check.findings.join("\n");
    for words in ["Direct-to-Consumer", "150 s ahead of 127.0.0.1", "createdTime: not an ISO 8601 time"] {
        assert!(findings.contains(words), "{words} is not in {findings}");
    }

    let server = Server::answering(outage("BUYER", false)).await;
    let check = account(&server).connector.check().await.unwrap();
    assert!(check.findings.iter().any(|finding| finding.contains("includedData")), "{:?}", check.findings);
    let server = Server::answering(|_| Answer::error(403, "Unauthorized")).await;
    assert_eq!(account(&server).connector.check().await.unwrap_err().kind, ErrorKind::Auth);
}

/// A writer that keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything is logged and every error written out in full, in good times and bad: no credential, no page token, no
/// person.
#[tokio::test]
async fn nothing_secret_or_personal_is_logged_or_in_an_error() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // of the whole process: the other tests' lines are searched too
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut told = BTreeSet::new();
    let echo = |_: &Seen| {
        let words = format!("{REFRESH_TOKEN} {CLIENT_SECRET} Odalys Fennimore");
        Answer::json(400, json!({"errors": [{"code": words, "message": words, "details": words}]}))
    };
    let refused_token = |seen: &Seen| {
        assert_eq!(seen.target, TOKEN_PATH);
        Answer::json(400, json!({"error": "invalid_grant", "error_description": REFRESH_TOKEN}))
    };
    for server in [
        Server::answering(outage("FULFILLMENT", false)).await,
        Server::answering(outage("RECIPIENT", true)).await,
        Server::answering(|_| page(&["consumer_unshipped"], Some("page-token-417")).cut_short()).await,
        Server::answering(|_| page(&["consumer_unshipped"], Some("page-token-417"))).await,
        Server::answering(echo).await,
        Server::scripted(Box::new(refused_token)).await,
    ] {
        let Account { connector, .. } = account(&server);
        told.insert(format!("{connector:?}"));
        match connector.poll_orders(window(), None).await {
            Ok(page) => {
                told.insert(format!("{page:?}"));
            }
            Err(error) => {
                told.insert(format!("{error} {error:?}"));
                let mut source = std::error::Error::source(&error);
                while let Some(error) = source {
                    told.insert(format!("{error} {error:?}"));
                    source = error.source();
                }
            }
        }
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("outbound request") && log.contains("each order is read by itself"), "it is logged: {log}");
    told.insert(log);
    let told = told.into_iter().collect::<Vec<_>>().join("\n");
    for secret in
        [REFRESH_TOKEN, CLIENT_SECRET, "Atza|token", "page-token-417", "Odalys", "Fennimore", "Cobnut", "960417"]
    {
        assert!(!told.contains(secret), "{secret} was written: {told}");
    }
}
