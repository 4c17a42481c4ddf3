//! What a connector or courier asks for.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use ordersync_types::Secret;
use url::Url;
use zeroize::Zeroizing;

use crate::bucket::RatePlan;
use crate::error::{ErrorKind, HttpError, Retry};
use crate::headers::{basic_value, header_line};

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are HTTP's own")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(crate) fn as_http(self) -> http::Method {
        match self {
            Self::Get => http::Method::GET,
            Self::Post => http::Method::POST,
            Self::Put => http::Method::PUT,
            Self::Patch => http::Method::PATCH,
            Self::Delete => http::Method::DELETE,
        }
    }
}

/// One operation of a vendor's interface: its name, its usage plan, and how it may be repeated. Made as a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    budget: &'static str,
    plan: RatePlan,
    repeatable: bool,
    renew_on_forbidden: bool,
}

impl Operation {
    /// An operation that may be repeated, with a budget of its own. `name` is the vendor's, for example
    /// `searchOrders`; it appears in log lines and errors.
    pub const fn new(name: &'static str, plan: RatePlan) -> Self {
        Self { name, budget: name, plan, repeatable: true, renew_on_forbidden: false }
    }

    /// The same, using a budget that several operations share; give all of them the same plan.
    #[must_use]
    pub const fn sharing(self, budget: &'static str) -> Self {
        Self { budget, ..self }
    }

    /// The same, never repeated once it may have reached the server: doing it twice would ship, pay or send twice.
    #[must_use]
    pub const fn not_repeatable(self) -> Self {
        Self { repeatable: false, ..self }
    }

    /// The same, renewing the credential once on 403 as on 401 (Amazon answers 403 to an expired token).
    #[must_use]
    pub const fn renewing_on_forbidden(self) -> Self {
        Self { renew_on_forbidden: true, ..self }
    }

    /// The vendor's name of the operation.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The name of the budget it uses.
    pub const fn budget(&self) -> &'static str {
        self.budget
    }

    /// Its usage plan.
    pub const fn plan(&self) -> RatePlan {
        self.plan
    }

    /// False when it is never repeated after it may have reached the server.
    pub const fn repeatable(&self) -> bool {
        self.repeatable
    }

    pub(crate) const fn renews_on(&self, status: u16) -> bool {
        status == 401 || (status == 403 && self.renew_on_forbidden)
    }

    pub(crate) fn error(&self, kind: ErrorKind, retry: Retry, reason: &'static str) -> HttpError {
        HttpError::new(self.name, kind, retry, reason)
    }
}

/// A body to send. Debug shows its type and length only.
#[derive(Clone)]
pub struct Payload {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}

impl Payload {
    /// A body of any type; wiped from memory when the last copy is dropped.
    pub fn new(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { content_type, bytes: Bytes::from_owner(Zeroizing::new(bytes)) }
    }

    /// A JSON text.
    pub fn json(text: Vec<u8>) -> Self {
        Self::new("application/json", text)
    }

    /// Pairs as `application/x-www-form-urlencoded`, everything but unreserved characters escaped.
    pub fn form(pairs: &[(&str, &str)]) -> Self {
        // as large as it can get, so that growing leaves no copy of a credential behind
        let most = pairs.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
        let mut text = String::with_capacity(most);
        for (name, value) in pairs {
            push_pair(&mut text, name, value);
        }
        Self::new("application/x-www-form-urlencoded;charset=UTF-8", text.into_bytes())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

/// A request on its way to [`HttpClient::send`](crate::HttpClient::send). Debug shows the operation and method only.
///
/// A part that cannot be sent (a header with a line break, a path segment `..`) is reported by `send`, before
/// anything goes out.
#[derive(Clone)]
pub struct Request {
    operation: Operation,
    method: Method,
    url: String,
    query: String,
    headers: HeaderMap,
    body: Option<Payload>,
    max_wait: Option<Duration>,
    problem: Option<&'static str>,
}

impl Request {
    /// A request that accepts JSON. `url` is absolute, such as `https://api.ebay.com/sell/fulfillment/v1/order`;
    /// a query in it (a presigned document address) is kept as it is.
    pub fn new(operation: Operation, method: Method, url: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let (query, body, max_wait, problem) = (String::new(), None, None, None);
        Self { operation, method, url: url.into(), query, headers, body, max_wait, problem }
    }

    /// A GET request.
    pub fn get(operation: Operation, url: impl Into<String>) -> Self {
        Self::new(operation, Method::Get, url)
    }

    /// A POST request.
    pub fn post(operation: Operation, url: impl Into<String>) -> Self {
        Self::new(operation, Method::Post, url)
    }

    /// A POST request of form fields, for token endpoints. Add [`Self::basic_auth`] where wanted.
    pub fn post_form(operation: Operation, url: impl Into<String>, pairs: &[(&str, &str)]) -> Self {
        Self::post(operation, url).body(Payload::form(pairs))
    }

    /// Appends one path segment, escaped. Ids of vendors go in by this and never by formatting: `.`, `..` and the
    /// empty text are refused. Not after a query in the url.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        if matches!(segment, "" | "." | "..") {
            self.problem.get_or_insert("a path segment is empty or consists of dots");
        }
        if self.url.contains(['?', '#']) {
            self.problem.get_or_insert("a path segment was added after a query");
        }
        if !self.url.ends_with('/') {
            self.url.push('/');
        }
        push_escaped(&mut self.url, segment);
        self
    }

    /// Appends one query pair; everything but `A-Z a-z 0-9 - . _ ~` is escaped (RFC 3986, section 2.3).
    /// The pairs keep their order. Never put a credential or a personal value here.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        push_pair(&mut self.query, name, value);
        self
    }

    /// Sets a header without a secret, for example `x-ebay-c-marketplace-id`; the name in lower case.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        self.insert(name, value, false)
    }

    /// Sets a header that holds a credential.
    #[must_use]
    pub fn secret_header(self, name: &'static str, value: &Secret<String>) -> Self {
        self.insert(name, value.expose(), true)
    }

    /// Sets `Authorization: Basic` with `user:password`.
    #[must_use]
    pub fn basic_auth(mut self, user: &str, password: &Secret<String>) -> Self {
        match basic_value(self.operation.name, user, password) {
            Ok(value) => self.insert("authorization", &value, true),
            Err(error) => {
                self.problem.get_or_insert(error.reason());
                self
            }
        }
    }

    /// Sets the media type wanted in the answer; without it, `application/json`.
    #[must_use]
    pub fn accept(self, media_type: &'static str) -> Self {
        self.insert("accept", media_type, false)
    }

    /// Sets the body and its `content-type`.
    #[must_use]
    pub fn body(mut self, body: Payload) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(body.content_type));
        Self { body: Some(body), ..self }
    }

    /// Sets how long this request may wait in all for budgets and between tries, instead of the client's setting.
    #[must_use]
    pub fn max_wait(self, max_wait: Duration) -> Self {
        Self { max_wait: Some(max_wait), ..self }
    }

    /// The operation it belongs to.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    fn insert(mut self, name: &'static str, value: &str, sensitive: bool) -> Self {
        match header_line(self.operation.name, name, value, sensitive) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(error) => {
                self.problem.get_or_insert(error.reason());
            }
        }
        self
    }

    pub(crate) fn own_max_wait(&self) -> Option<Duration> {
        self.max_wait
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn method(&self) -> Method {
        self.method
    }

    pub(crate) fn body_bytes(&self) -> Option<&Bytes> {
        self.body.as_ref().map(|body| &body.bytes)
    }

    /// The whole address, or what is wrong with the request.
    pub(crate) fn target(&self) -> Result<Url, HttpError> {
        let wrong = |reason| self.operation.error(ErrorKind::Config, Retry::Never, reason);
        if let Some(problem) = self.problem {
            return Err(wrong(problem));
        }
        let mut text = self.url.clone();
        if !self.query.is_empty() {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(&self.query);
        }
        Url::parse(&text).map_err(|_| wrong("the address is not a valid absolute URL"))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({}, {:?})", self.operation.name, self.method)
    }
}

pub(crate) fn push_pair(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push('&');
    }
    push_escaped(text, name);
    text.push('=');
    push_escaped(text, value);
}

/// Percent-encoding of everything but the unreserved characters of RFC 3986, section 2.3.
pub(crate) fn push_escaped(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            for half in [byte >> 4, byte & 0x0F] {
                text.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
}
