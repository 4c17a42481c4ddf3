//! Tokens and refusals: what is renewed, what is repeated, what needs a person, and that no secret shows.

use std::sync::Arc;
use std::time::Duration;

use ordersync_connector_api::{ConnectorError, ErrorKind, MarketplaceConnector, Retry, Window};
use ordersync_connector_ebay::EbayConfig;
use serde_json::json;
use tokio::task::JoinSet;

use crate::ebay::{Answer, JumpingClock, Scripted, Shop, json_answer, token_answer};

const NOW: &str = "2026-03-01T12:00:00Z";

fn window() -> Window {
    Window { from: "2026-03-01T10:00:00Z".parse().unwrap(), to: "2026-03-01T11:00:00Z".parse().unwrap() }
}

fn empty_shop() -> Shop {
    Shop { orders: Vec::new() }
}

/// The error of a poll when eBay answers every request for orders, or for tokens, like this.
async fn refusal(token: Option<Answer>, orders: Option<Answer>) -> (ConnectorError, Scripted) {
    let ebay = Scripted::start(move |asked| match (asked.is_token(), &token, &orders) {
        (true, Some(answer), _) | (false, _, Some(answer)) => answer.clone(),
        (true, None, _) => token_answer(),
        (false, _, None) => empty_shop().answer(asked),
    })
    .await;
    let error = ebay.connector(&JumpingClock::at(NOW)).poll_orders(window(), None).await.unwrap_err();
    (error, ebay)
}

fn api_error(status: u16, id: u32) -> Answer {
    let error =
        json!({ "errorId": id, "domain": "API_FULFILLMENT", "category": "REQUEST", "message": "private words" });
    json_answer(status, json!({ "errors": [error] }))
}

#[tokio::test]
async fn ebays_error_numbers_decide() {
    let cases = [
        (api_error(401, 1001), ErrorKind::Auth, Some(Retry::Never), Some("1001")),
        (api_error(403, 1100), ErrorKind::Auth, Some(Retry::Never), Some("1100")),
        (api_error(400, 30700), ErrorKind::Rejected, Some(Retry::Never), Some("30700")),
        (api_error(400, 30830), ErrorKind::Rejected, Some(Retry::Never), Some("30830")),
        (api_error(400, 30850), ErrorKind::Rejected, Some(Retry::Backoff), Some("30850")),
        (api_error(400, 31100), ErrorKind::Rejected, Some(Retry::Never), Some("31100")),
        (api_error(400, 32100), ErrorKind::NotFound, Some(Retry::Never), Some("32100")),
        (api_error(400, 99999), ErrorKind::Rejected, Some(Retry::Never), Some("99999")),
        (api_error(500, 30500), ErrorKind::Transport, Some(Retry::Exhausted), Some("30500")),
        (api_error(500, 2003), ErrorKind::Transport, Some(Retry::Exhausted), Some("2003")),
        (api_error(429, 2001), ErrorKind::Throttled, None, Some("2001")),
        ((503, "text/plain", "down".to_owned()), ErrorKind::Transport, Some(Retry::Exhausted), None),
        ((403, "text/html", "<html>private words</html>".to_owned()), ErrorKind::Rejected, Some(Retry::Backoff), None),
        ((400, "text/plain", "private words".to_owned()), ErrorKind::Rejected, Some(Retry::Never), None),
        ((404, "text/html", "<html/>".to_owned()), ErrorKind::NotFound, Some(Retry::Never), None),
        ((200, "text/html", "<html>private words</html>".to_owned()), ErrorKind::Malformed, Some(Retry::Backoff), None),
    ];
    for (answer, kind, retry, code) in cases {
        let case = format!("{} {}", answer.0, answer.2);
        let (error, _) = refusal(None, Some(answer)).await;
        assert_eq!((error.kind, error.vendor_code.as_deref()), (kind, code), "{case}");
        if let Some(retry) = retry {
            assert_eq!(error.retry, retry, "{case}");
        } else {
            assert!(matches!(error.retry, Retry::After(_)), "{case}: {:?}", error.retry);
        }
        assert_eq!(error.operation, "getOrders");
        shows_no_secret(&error);
    }
}

/// Spellings of the envelope that were seen or are told of.
#[tokio::test]
async fn other_forms_of_the_envelope_are_read() {
    for body in [
        json!({ "errors": [{ "errorId": 1100, "subDomain": "x", "parameter": [], "inputRefIds": null }], "warnings": [] }),
        json!({ "errors": [{ "message": "first without a number" }, { "errorId": "1100" }] }),
        json!({ "error": [{ "errorId": 1100 }] }),
        json!({ "errors": { "errorId": 1100 } }),
    ] {
        let (error, _) = refusal(None, Some(json_answer(403, body.clone()))).await;
        assert_eq!((error.kind, error.vendor_code.as_deref()), (ErrorKind::Auth, Some("1100")), "{body}");
        assert!(error.message.contains("sell.fulfillment.readonly"));
    }
}

#[tokio::test]
async fn a_refused_consent_needs_a_person() {
    let cases = [
        ("invalid_grant", ErrorKind::Auth, "re-consent"),
        ("invalid_client", ErrorKind::Auth, "App ID and Cert ID"),
        ("unauthorized_client", ErrorKind::Auth, "developer portal"),
        ("invalid_scope", ErrorKind::Auth, "scopes"),
        ("invalid_request", ErrorKind::Rejected, "report"),
    ];
    for (code, kind, sentence) in cases {
        let body = json!({ "error": code, "error_description": "private words" });
        let (error, ebay) = refusal(Some(json_answer(400, body)), None).await;
        assert_eq!((error.kind, error.retry, error.vendor_code.as_deref()), (kind, Retry::Never, Some(code)));
        assert!(error.message.contains(sentence), "{}", error.message);
        assert_eq!((ebay.tokens_asked(), ebay.targets().len()), (1, 0), "{code}: asked once, and no order");
        shows_no_secret(&error);
    }
    let (error, _) = refusal(Some(json_answer(200, json!({ "access_token": "", "expires_in": 7200 }))), None).await;
    assert_eq!((error.kind, error.retry), (ErrorKind::Malformed, Retry::Backoff));
}

fn shows_no_secret(error: &ConnectorError) {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
    for secret in ["secret-text", "v^1.1", "private words", "Example-App", "filter", "lastmodified"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn the_token_request_is_what_ebay_wants() {
    let ebay = Scripted::start(|asked| empty_shop().answer(asked)).await;
    ebay.connector(&JumpingClock::at(NOW)).poll_orders(window(), None).await.unwrap();
    let asked = ebay.asked.lock().unwrap().clone();
    let basic = "Basic RXhhbXBsZS1BcHAtUFJELTE6UFJELWNlcnQtc2VjcmV0LXRleHQ=";
    assert_eq!(asked[0].header("authorization"), Some(basic));
    assert!(asked[0].header("content-type").unwrap().starts_with("application/x-www-form-urlencoded"));
    assert_eq!(
        asked[0].body,
        "grant_type=refresh_token&refresh_token=v%5E1.1%23refresh-secret-text\
         &scope=https%3A%2F%2Fapi.ebay.com%2Foauth%2Fapi_scope%2Fsell.fulfillment.readonly"
    );
    assert_eq!(asked[1].header("authorization"), Some("Bearer v^1.1#access"));
    assert_eq!(asked[1].header("accept"), Some("application/json"));
}

#[tokio::test]
async fn without_scopes_everything_consented_is_asked_for() {
    let ebay = Scripted::start(|asked| empty_shop().answer(asked)).await;
    let config = EbayConfig { scopes: Vec::new(), ..ebay.config() };
    ebay.connector_with(&config, &JumpingClock::at(NOW)).poll_orders(window(), None).await.unwrap();
    assert!(!ebay.asked.lock().unwrap()[0].body.contains("scope"));
}

#[tokio::test]
async fn a_token_is_kept_until_five_minutes_before_its_end() {
    let ebay = Scripted::start(|asked| empty_shop().answer(asked)).await;
    let clock = JumpingClock::at(NOW);
    let connector = ebay.connector(&clock);
    for (seconds, tokens) in [(0, 1), (6_890, 1), (15, 2), (6_800, 2), (200, 3)] {
        clock.advance(Duration::from_secs(seconds));
        connector.poll_orders(window(), None).await.unwrap();
        assert_eq!(ebay.tokens_asked(), tokens, "after {seconds} s more");
    }
}

#[tokio::test]
async fn many_tasks_share_one_renewal() {
    let ebay = Scripted::start(|asked| empty_shop().answer(asked)).await;
    let connector = Arc::new(ebay.connector(&JumpingClock::at(NOW)));
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let connector = connector.clone();
        tasks.spawn(async move { connector.poll_orders(window(), None).await.map(|_| ()) });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!((ebay.tokens_asked(), ebay.targets().len()), (1, 20));
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    let mut refused = false;
    let ebay = Scripted::start(move |asked| {
        if !asked.is_token() && !refused {
            refused = true;
            return api_error(401, 1001);
        }
        empty_shop().answer(asked)
    })
    .await;
    ebay.connector(&JumpingClock::at(NOW)).poll_orders(window(), None).await.unwrap();
    assert_eq!((ebay.tokens_asked(), ebay.targets().len()), (2, 2));

    let (_, ebay) = refusal(None, Some(api_error(401, 1001))).await;
    assert_eq!((ebay.tokens_asked(), ebay.targets().len()), (2, 2), "refused for good after one renewal");
}

#[tokio::test]
async fn trouble_of_the_token_service_passes() {
    let mut tries = 0;
    let ebay = Scripted::start(move |asked| {
        tries += 1;
        if tries < 3 { (503, "text/plain", String::new()) } else { empty_shop().answer(asked) }
    })
    .await;
    ebay.connector(&JumpingClock::at(NOW)).poll_orders(window(), None).await.unwrap();
    assert_eq!(ebay.tokens_asked(), 3);
}

#[test]
fn settings_out_of_range_are_refused() {
    let http = || {
        let settings = ordersync_http_client::ClientSettings::new("a").allow_host("127.0.0.1:1");
        let ledger = Arc::new(ordersync_http_client::NoBudget);
        ordersync_http_client::HttpClient::new(settings, JumpingClock::at(NOW), ledger).unwrap()
    };
    for config in [
        EbayConfig { page_size: 201, ..EbayConfig::default() },
        EbayConfig { page_size: 0, ..EbayConfig::default() },
        EbayConfig { budget_burst: 0, ..EbayConfig::default() },
        EbayConfig { scopes: vec!["two scopes".to_owned()], ..EbayConfig::default() },
        EbayConfig { api_base: Some("http://127.0.0.1?x".to_owned()), ..EbayConfig::default() },
    ] {
        let refused = ordersync_connector_ebay::EbayConnector::new(
            &config,
            crate::ebay::credential(),
            http(),
            JumpingClock::at(NOW),
        );
        assert!(refused.is_err_and(|error| error.kind == ErrorKind::Config), "{config:?}");
    }
    let unknown: Result<EbayConfig, _> = serde_json::from_value(json!({ "environment": "sandbox", "pagesize": 3 }));
    assert!(unknown.is_err(), "an unknown key is refused");
    let sandbox: EbayConfig = serde_json::from_value(json!({ "environment": "sandbox" })).unwrap();
    assert_eq!(sandbox.api_base(), "https://api.sandbox.ebay.com");
}
