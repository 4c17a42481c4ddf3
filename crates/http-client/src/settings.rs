//! What a client may do and how long it may take.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{ErrorKind, HttpError, Retry};
use crate::hosts::entry_of;

/// The settings of an [`HttpClient`](crate::HttpClient).
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Whose budgets its requests use, as text: our account id, or the application where a vendor counts by
    /// application. Not empty, no credential.
    pub account: Arc<str>,
    /// Exact hosts, each `host` or `host:port`. https on port 443 only; loopback addresses (127.0.0.0/8, `[::1]`,
    /// `localhost`) may use any port and plain http.
    pub allowed_hosts: Vec<String>,
    /// At most 500 visible characters. Amazon demands this form:
    /// `App/1.0 (Language=Rust; Platform=Linux)` (SP-API, "Connecting to the SP-API", read 2026-11).
    pub user_agent: String,
    /// Longest time to look up a name and build a connection.
    pub connect_timeout: Duration,
    /// Longest time of one try, from connecting to the last byte.
    pub total_timeout: Duration,
    /// Longest silence while an answer is awaited or read.
    pub idle_timeout: Duration,
    /// Largest body accepted, in bytes after decompression.
    pub max_body_bytes: usize,
    /// Most tries of one request, at least 1; the one renewal of a credential is not counted.
    pub max_tries: u32,
    /// Longest time one request may wait in all, for budgets and between tries. A longer wait is left to the caller
    /// by [`Retry::After`].
    pub max_wait: Duration,
    /// Also talk to names that lead to addresses of private networks. Off, unless the vendor's stand-in runs there.
    pub private_addresses: bool,
    /// Makes the jitter of waits repeatable, for simulated runs.
    pub jitter_seed: Option<u64>,
}

impl ClientSettings {
    /// The usual settings, with no host allowed yet: 10 s to connect, 60 s a try, 30 s of silence, 16 MiB, 5 tries,
    /// 5 minutes of waiting.
    pub fn new(account: impl Into<Arc<str>>) -> Self {
        Self {
            account: account.into(),
            allowed_hosts: Vec::new(),
            user_agent: concat!("ordersync/", env!("CARGO_PKG_VERSION"), " (Language=Rust; Platform=Linux)").to_owned(),
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(30),
            max_body_bytes: 16 * 1024 * 1024,
            max_tries: 5,
            max_wait: Duration::from_secs(300),
            private_addresses: false,
            jitter_seed: None,
        }
    }

    /// Allows one host, `host` or `host:port`; checked when the client is made.
    #[must_use]
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.allowed_hosts.push(host.into());
        self
    }

    /// Allows the host and port of a base address such as `https://api.ebay.com` or `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// `Config`, never to be repeated: not an absolute URL, or plain http to a host that is not a loopback address.
    pub fn allow_base_url(mut self, base: &str) -> Result<Self, HttpError> {
        let entry = entry_of(base).map_err(settings_error)?;
        if !self.allowed_hosts.contains(&entry) {
            self.allowed_hosts.push(entry);
        }
        Ok(self)
    }

    pub(crate) fn check(&self) -> Result<(), HttpError> {
        let agent = &self.user_agent;
        if agent.is_empty() || agent.len() > 500 || !agent.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
            return Err(settings_error("the user agent must be 1 to 500 visible ASCII characters"));
        }
        if self.account.is_empty() {
            return Err(settings_error("the account whose budgets are used is not named"));
        }
        if self.max_tries == 0 || self.max_body_bytes == 0 {
            return Err(settings_error("the number of tries and the size of a body must be at least 1"));
        }
        if [self.connect_timeout, self.total_timeout, self.idle_timeout].contains(&Duration::ZERO) {
            return Err(settings_error("the timeouts must be longer than 0"));
        }
        Ok(())
    }
}

pub(crate) fn settings_error(reason: &'static str) -> HttpError {
    HttpError::new("settings", ErrorKind::Config, Retry::Never, reason)
}
