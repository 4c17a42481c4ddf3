//! Access tokens: one per account in memory, renewed before they end.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::TimeDelta;
use ordersync_connector_api::AccountCredential;
use ordersync_http_client::{
    Authoriser, ErrorKind, HeaderSink, HttpClient, HttpError, Operation, RatePlan, Request, Retry,
};
use ordersync_types::{Secret, SharedClock, Timestamp};
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard};

use crate::config::EbayConfig;

/// eBay allows an application 50,000 of these a day with all its sellers (eBay, "OAuth rate limits", read 2026-11);
/// one account needs 13 a day.
const REFRESH: Operation = Operation::new(REFRESH_NAME, RatePlan::new(20, 60_000));
/// The operation's name in errors. eBay's own name is `token`, which says too little there.
pub(crate) const REFRESH_NAME: &str = "refreshAccessToken";
/// A token is renewed this long before it ends.
const MARGIN_SECONDS: u32 = 300;
/// How long a task waits before it looks again whether another has brought the token.
const LOOK_AGAIN: TimeDelta = TimeDelta::milliseconds(50);

/// The token of an account and how to get the next one.
pub(crate) struct Tokens {
    http: HttpClient,
    clock: SharedClock,
    credential: AccountCredential,
    url: String,
    scope: String,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    token: Option<Secret<String>>,
    renew_at: Timestamp,
    /// Counts tokens from 1, to tell which of them was refused.
    number: u64,
    consent_ends: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds.
    expires_in: u32,
    /// Not in eBay's contract for a refresh; read where it is given.
    refresh_token_expires_in: Option<u32>,
}

impl Tokens {
    pub(crate) fn new(
        config: &EbayConfig,
        credential: AccountCredential,
        http: HttpClient,
        clock: SharedClock,
    ) -> Self {
        let (url, scope) = (config.token_url().to_owned(), config.scopes.join(" "));
        Self { http, clock, credential, url, scope, held: Mutex::default() }
    }

    /// A token and its number. `refused`: the number of the token that eBay just refused.
    async fn get(&self, refused: u64) -> Result<(Secret<String>, u64), HttpError> {
        let mut held = self.turn().await;
        if let Some(token) = &held.token
            && held.number > refused
            && self.clock.now() < held.renew_at
        {
            return Ok((token.clone(), held.number));
        }
        let granted = self.refresh().await?;
        let now = self.clock.now();
        // half its time, should eBay ever give tokens shorter than the margin
        let lasts = granted.expires_in.saturating_sub(MARGIN_SECONDS).max(granted.expires_in / 2);
        let token = Secret::new(granted.access_token);
        held.token = Some(token.clone());
        held.renew_at = now + TimeDelta::seconds(i64::from(lasts));
        held.number += 1;
        let consent = granted.refresh_token_expires_in.map(|left| now + TimeDelta::seconds(i64::from(left)));
        held.consent_ends = consent.or(held.consent_ends);
        Ok((token, held.number))
    }

    /// One task at a time. The others wait by the clock and not in the lock's queue: a task that waits there counts
    /// as busy, and a stepped clock would never come to the moment that the first one waits for.
    async fn turn(&self) -> MutexGuard<'_, Held> {
        loop {
            match self.held.try_lock() {
                Ok(held) => return held,
                Err(_) => self.clock.sleep_until(self.clock.now() + LOOK_AGAIN).await,
            }
        }
    }

    async fn refresh(&self) -> Result<Granted, HttpError> {
        let refresh_token = self.credential.refresh_token.expose().as_str();
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        if !self.scope.is_empty() {
            pairs.push(("scope", self.scope.as_str()));
        }
        let request = Request::post_form(REFRESH, self.url.as_str(), &pairs)
            .basic_auth(self.credential.client_id.expose(), &self.credential.client_secret);
        let response = self.http.send(&request).await?;
        let wrong = || {
            let reason = "the answer of eBay's token service is not what its contract says";
            HttpError::new(REFRESH_NAME, ErrorKind::Malformed, Retry::Backoff, reason)
        };
        let granted: Granted = serde_json::from_slice(&response.body).map_err(|_| wrong())?;
        if granted.access_token.is_empty() { Err(wrong()) } else { Ok(granted) }
    }

    /// When the seller's consent ends, if eBay has said so.
    pub(crate) async fn consent_ends(&self) -> Option<Timestamp> {
        self.turn().await.consent_ends
    }
}

/// Puts the token on one request, and knows which one it put there.
pub(crate) struct Bearer<'t> {
    tokens: &'t Tokens,
    given: AtomicU64,
}

impl<'t> Bearer<'t> {
    pub(crate) fn new(tokens: &'t Tokens) -> Self {
        Self { tokens, given: AtomicU64::new(0) }
    }
}

#[async_trait]
impl Authoriser for Bearer<'_> {
    async fn authorise(&self, headers: &mut HeaderSink<'_>, renew: bool) -> Result<(), HttpError> {
        let refused = if renew { self.given.load(Ordering::Relaxed) } else { 0 };
        let (token, number) = self.tokens.get(refused).await?;
        self.given.store(number, Ordering::Relaxed);
        headers.bearer(&token)
    }
}
