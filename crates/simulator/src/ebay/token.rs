//! OAuth at eBay: refresh_token only.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use http::{Method, StatusCode};
use ordersync_types::Timestamp;
use serde_json::json;

use super::errors::oauth;
use super::settings::{EbaySettings, FULFILLMENT, FULFILLMENT_READ};
use crate::ask::{Ask, pairs, value};
use crate::draw::Draw;
use crate::reply::Reply;

/// What a bearer token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Orders may be read.
    Good,
    /// Good, but without a scope for orders.
    NoScope,
    /// Unknown or expired.
    Bad,
}

/// Access tokens given out and still good.
#[derive(Debug, Default)]
pub(super) struct AccessTokens {
    good: HashMap<String, (Timestamp, bool)>,
    issued: u64,
}

/// Seconds an access token is good for.
const ACCESS_TOKEN_S: i64 = 7200;

impl AccessTokens {
    pub(super) fn standing(&self, ask: &Ask, now: Timestamp) -> Standing {
        let token = ask.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match token.and_then(|token| self.good.get(token)) {
            Some((expiry, reads)) if now < *expiry => {
                if *reads {
                    Standing::Good
                } else {
                    Standing::NoScope
                }
            }
            Some(_) | None => Standing::Bad,
        }
    }

    pub(super) fn expire_all(&mut self) {
        self.good.clear();
    }

    pub(super) const fn issued(&self) -> u64 {
        self.issued
    }

    /// `POST /identity/v1/oauth2/token`. No new refresh token comes back.
    pub(super) fn answer(&mut self, ask: &Ask, settings: &EbaySettings, seed: u64, now: Timestamp) -> Reply {
        let bad = |code: &str, description: &str| oauth(StatusCode::BAD_REQUEST, code, description);
        if ask.method != Method::POST || !ask.is_form() {
            return bad("invalid_request", "a form must be posted");
        }
        let expected = STANDARD.encode(format!("{}:{}", settings.client_id, settings.client_secret));
        let given = ask.header("authorization").and_then(|value| value.strip_prefix("Basic "));
        if given != Some(expected.as_str()) {
            return oauth(StatusCode::UNAUTHORIZED, "invalid_client", "client authentication failed");
        }
        let body = String::from_utf8_lossy(&ask.body);
        let form = pairs(&body);
        match value(&form, "grant_type") {
            Some("refresh_token") => {}
            None | Some("") => return bad("invalid_request", "grant_type is missing"),
            Some(_) => return bad("unsupported_grant_type", "grant type in request is not supported"),
        }
        match value(&form, "refresh_token") {
            None | Some("") => return bad("invalid_request", "refresh_token is missing"),
            Some(token) if token != settings.refresh_token => {
                return bad("invalid_grant", "the refresh token is invalid, expired or was issued to another client");
            }
            Some(_) => {}
        }
        let asked: Vec<&str> = value(&form, "scope").unwrap_or_default().split(' ').filter(|s| !s.is_empty()).collect();
        if asked.iter().any(|scope| !settings.scopes.iter().any(|granted| granted == scope)) {
            return bad("invalid_scope", "a scope was asked for that was never consented to");
        }
        let reading = |scope: &str| scope == FULFILLMENT || scope == FULFILLMENT_READ;
        let reads = if asked.is_empty() {
            settings.scopes.iter().any(|scope| reading(scope))
        } else {
            asked.iter().any(|scope| reading(scope))
        };
        let token = self.issue(seed, reads, now);
        Reply::json(
            StatusCode::OK,
            &json!({"access_token": token, "expires_in": ACCESS_TOKEN_S, "token_type": "User Access Token"}),
        )
    }

    fn issue(&mut self, seed: u64, reads: bool, now: Timestamp) -> String {
        self.good.retain(|_, (expiry, _)| now < *expiry);
        self.issued += 1;
        let tail = Draw::of(seed, "ebay access token", self.issued).letters("0123456789abcdefGHIJKL", 60);
        let token = format!("v^1.1#i^1#p^3#r^0#I^3#f^0#t^{tail}");
        self.good.insert(token.clone(), (now + Duration::seconds(ACCESS_TOKEN_S), reads));
        token
    }
}
