//! Paging tokens, and Login with Amazon.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration};
use http::{Method, StatusCode};
use ordersync_types::Timestamp;
use serde_json::json;

use super::errors::oauth;
use super::search::Refusal;
use super::settings::AmazonSettings;
use crate::ask::{Ask, pairs, value};
use crate::draw::Draw;
use crate::reply::Reply;

/// What `paginationToken` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageToken {
    /// Digest of the first page's parameters.
    pub(super) digest: u64,
    /// When it was given out.
    pub(super) issued: Timestamp,
    /// The first page's effective upper bound.
    pub(super) bound: Timestamp,
    /// The last order of the page before; `None`: from the beginning (a page that is repeated on purpose).
    pub(super) cursor: Option<(Timestamp, String)>,
    /// Makes two tokens for one place differ.
    pub(super) nonce: u64,
}

/// Begins every token with `++++` and lets it end in `=`: both break when a caller does not percent-encode it.
const PREFIX: [u8; 3] = [0xFB, 0xEF, 0xBE];

impl PageToken {
    pub(super) fn write(&self, seed: u64) -> String {
        let (at, id) = match &self.cursor {
            Some((at, id)) => (at.timestamp_millis().to_string(), id.as_str()),
            None => (String::new(), ""),
        };
        let (issued, bound) = (self.issued.timestamp_millis(), self.bound.timestamp_millis());
        let mut text = format!("{}|{issued}|{bound}|{at}|{id}|{}", self.digest, self.nonce);
        text = format!("{text}|{}", checksum(&text, seed));
        while text.len() % 3 != 1 {
            text.push(' ');
        }
        STANDARD.encode([&PREFIX, text.as_bytes()].concat())
    }

    pub(super) fn read(text: &str, seed: u64) -> Result<Self, Refusal> {
        let wrong = || Refusal("paginationToken: not one of ours".to_owned());
        let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
        let bytes = bytes.strip_prefix(PREFIX.as_slice()).ok_or_else(wrong)?;
        let text = std::str::from_utf8(bytes).map_err(|_| wrong())?.trim_end();
        let (body, sum) = text.rsplit_once('|').ok_or_else(wrong)?;
        if sum != checksum(body, seed).to_string() {
            return Err(wrong());
        }
        let mut parts = body.split('|');
        let mut part = || parts.next().ok_or_else(wrong);
        let time = |text: &str| text.parse().ok().and_then(DateTime::from_timestamp_millis).ok_or_else(wrong);
        let digest = part()?.parse().map_err(|_| wrong())?;
        let (issued, bound) = (time(part()?)?, time(part()?)?);
        let (at, id) = (part()?, part()?);
        let nonce = part()?.parse().map_err(|_| wrong())?;
        let cursor = if at.is_empty() { None } else { Some((time(at)?, id.to_owned())) };
        Ok(Self { digest, issued, bound, cursor, nonce })
    }
}

fn checksum(text: &str, seed: u64) -> u64 {
    let mut draw = Draw::of(seed, text, 0);
    draw.number()
}

/// Access tokens given out and still good.
#[derive(Debug, Default)]
pub(super) struct AccessTokens {
    expiries: HashMap<String, Timestamp>,
    issued: u64,
}

/// Seconds an access token is good for.
const ACCESS_TOKEN_S: i64 = 3600;

impl AccessTokens {
    pub(super) fn is_good(&self, token: &str, now: Timestamp) -> bool {
        self.expiries.get(token).is_some_and(|expiry| now < *expiry)
    }

    pub(super) fn expire_all(&mut self) {
        self.expiries.clear();
    }

    pub(super) const fn issued(&self) -> u64 {
        self.issued
    }

    fn issue(&mut self, seed: u64, now: Timestamp) -> String {
        self.expiries.retain(|_, expiry| now < *expiry);
        self.issued += 1;
        let token =
            format!("Atza|{}", Draw::of(seed, "access token", self.issued).letters("0123456789abcdefGHIJKL", 60));
        self.expiries.insert(token.clone(), now + Duration::seconds(ACCESS_TOKEN_S));
        token
    }

    /// `POST /auth/o2/token`.
    pub(super) fn answer(&mut self, ask: &Ask, settings: &AmazonSettings, seed: u64, now: Timestamp) -> Reply {
        let bad = |code: &str, description: &str| oauth(StatusCode::BAD_REQUEST, code, description);
        if ask.method != Method::POST {
            return bad("invalid_request", "The request must be a POST.");
        }
        if !ask.is_form() {
            return bad("invalid_request", "The body must be a form.");
        }
        let body = String::from_utf8_lossy(&ask.body);
        let form = pairs(&body);
        match value(&form, "grant_type") {
            None | Some("") => return bad("invalid_request", "grant_type is missing."),
            Some("refresh_token") => {}
            Some(_) => {
                return bad("unsupported_grant_type", "The grant type is not supported.")
                    .with("x-amzn-errortype", "OA2UnsupportedGrantTypeException");
            }
        }
        let given = (value(&form, "client_id"), value(&form, "client_secret"), value(&form, "refresh_token"));
        let (Some(id), Some(secret), Some(refresh)) = given else {
            return bad("invalid_request", "A required parameter is missing.");
        };
        if id != settings.client_id || secret != settings.client_secret {
            return oauth(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed.");
        }
        if refresh != settings.refresh_token {
            return bad("invalid_grant", "The refresh token is invalid, expired or revoked.");
        }
        let body = json!({
            "access_token": self.issue(seed, now),
            "token_type": "bearer",
            "expires_in": ACCESS_TOKEN_S,
            "refresh_token": settings.refresh_token,
        });
        Reply::json(StatusCode::OK, &body).with("cache-control", "no-store").with("pragma", "no-cache")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_tokens_read_back_and_cannot_be_made_up() {
        let at = DateTime::from_timestamp_millis(1_780_000_000_123).unwrap();
        for cursor in [None, Some((at, "026-1234567-7654321".to_owned()))] {
            let token = PageToken { digest: u64::MAX, issued: at, bound: at, cursor, nonce: 3 };
            let text = token.write(5);
            assert!(text.starts_with("++++") && text.ends_with('='), "{text}");
            assert_eq!(PageToken::read(&text, 5).unwrap(), token);
            assert!(PageToken::read(&text, 6).is_err());
            assert!(PageToken::read(&text.replacen('+', " ", 4), 5).is_err());
            assert!(PageToken::read(&text[..text.len() - 12], 5).is_err());
        }
    }
}
