//! The access token of one account: kept in memory, renewed before it runs out, asked for by one task at a time.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ordersync_connector_api::AccountCredential;
use ordersync_http_client::{Authoriser, ErrorKind, HeaderSink, HttpClient, HttpError, Operation, RatePlan};
use ordersync_http_client::{Request, Retry};
use ordersync_types::{Secret, SharedClock, Timestamp};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::dto::Text;

/// Amazon publishes no plan for tokens and asks for restraint; a token lasts an hour, so this is never reached
/// unless something is wrong.
pub(crate) const TOKEN: Operation = Operation::new("lwaToken", RatePlan::new(10, 30_000));

/// How long before its end a token is replaced.
const RENEWED_EARLY: Duration = Duration::from_secs(300);
/// How long a token lasts where the answer does not say. Source: SP-API, "Connecting to the SP-API", read 2026-11.
const USUAL_SECONDS: u64 = 3600;
/// How long a task waits before it looks again whether another one has got the token.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The answer of the token endpoint, RFC 6749 section 5.1.
#[derive(Deserialize)]
struct TokenAnswer<'a> {
    #[serde(borrow)]
    access_token: Text<'a>,
    expires_in: Option<u64>,
}

struct Token {
    value: Secret<String>,
    /// Counts the tokens of this source, from 1.
    number: u64,
    renew_at: Timestamp,
}

/// Gets tokens for one account.
pub(crate) struct TokenSource {
    http: HttpClient,
    url: String,
    credential: AccountCredential,
    clock: SharedClock,
    held: Mutex<Option<Token>>,
}

impl TokenSource {
    pub(crate) fn new(http: HttpClient, url: &str, credential: AccountCredential, clock: SharedClock) -> Self {
        Self { http, url: url.to_owned(), credential, clock, held: Mutex::new(None) }
    }

    /// What puts the token on the tries of one request.
    pub(crate) fn for_request(&self) -> RequestToken<'_> {
        RequestToken { source: self, used: AtomicU64::new(0) }
    }

    /// The token and its number, another one than number `refused`.
    async fn token(&self, refused: Option<u64>) -> Result<(Secret<String>, u64), HttpError> {
        // Waiting by the clock: a task that waits for a lock counts as busy and would hold up simulated time, while
        // the one that holds the lock may be waiting for that time to pass.
        let mut held = loop {
            match self.held.try_lock() {
                Ok(held) => break held,
                Err(_) => self.clock.sleep_until(self.clock.now() + LOOK_AGAIN).await,
            }
        };
        let now = self.clock.now();
        if let Some(token) = held.as_ref().filter(|token| now < token.renew_at && refused != Some(token.number)) {
            return Ok((token.value.clone(), token.number));
        }
        let number = held.as_ref().map_or(1, |token| token.number + 1);
        let token = self.request(now, number).await?;
        let answer = (token.value.clone(), number);
        *held = Some(token);
        Ok(answer)
    }

    async fn request(&self, now: Timestamp, number: u64) -> Result<Token, HttpError> {
        let request = Request::post_form(
            TOKEN,
            self.url.as_str(),
            &[
                ("grant_type", "refresh_token"),
                ("refresh_token", self.credential.refresh_token.expose()),
                ("client_id", self.credential.client_id.expose()),
                ("client_secret", self.credential.client_secret.expose()),
            ],
        );
        let response = self.http.send(&request).await?;
        let malformed = || {
            let reason = "the answer holds no access token";
            HttpError::new(TOKEN.name(), ErrorKind::Malformed, Retry::Backoff, reason)
        };
        let answer: TokenAnswer<'_> = serde_json::from_slice(&response.body).map_err(|_| malformed())?;
        if answer.access_token.is_empty() {
            return Err(malformed());
        }
        let lasts = Duration::from_secs(answer.expires_in.unwrap_or(USUAL_SECONDS).min(USUAL_SECONDS * 24));
        let used_for = lasts.checked_sub(RENEWED_EARLY).unwrap_or(lasts / 2);
        let value = Secret::new(answer.access_token.to_string());
        Ok(Token { value, number, renew_at: now + used_for })
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource")
    }
}

/// Puts the account's token on one request, and knows which one was refused.
pub(crate) struct RequestToken<'a> {
    source: &'a TokenSource,
    used: AtomicU64,
}

#[async_trait]
impl Authoriser for RequestToken<'_> {
    async fn authorise(&self, headers: &mut HeaderSink<'_>, renew: bool) -> Result<(), HttpError> {
        let refused = renew.then(|| self.used.load(Ordering::Relaxed));
        let (token, number) = self.source.token(refused).await?;
        self.used.store(number, Ordering::Relaxed);
        headers.set("x-amz-access-token", &token)
    }
}
