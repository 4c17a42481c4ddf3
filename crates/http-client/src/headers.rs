//! Headers of requests and answers, with their values masked.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use ordersync_types::Secret;
use zeroize::Zeroizing;

use crate::error::{ErrorKind, HttpError, Retry};

/// The headers of an answer. Debug shows the names only.
#[derive(Clone, Default)]
pub struct Headers(HeaderMap);

/// Where vendors put their own id of a request.
const REQUEST_IDS: [&str; 5] =
    ["x-amzn-requestid", "x-amz-request-id", "x-ebay-c-request-id", "x-request-id", "rlogid"];

impl Headers {
    pub(crate) fn new(map: HeaderMap) -> Self {
        Self(map)
    }

    /// The first value of a header, the name in any case; none when it is absent or not visible ASCII.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    /// How many header lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The vendor's own id of the request: 1 to 128 visible characters.
    pub fn request_id(&self) -> Option<&str> {
        let fits = |text: &&str| (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        REQUEST_IDS.iter().find_map(|name| self.get(name).filter(fits))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where an [`Authoriser`](crate::Authoriser) puts credentials. Every value is masked, and an earlier value of the
/// same header is replaced.
pub struct HeaderSink<'a> {
    operation: &'static str,
    map: &'a mut HeaderMap,
}

impl<'a> HeaderSink<'a> {
    pub(crate) fn new(operation: &'static str, map: &'a mut HeaderMap) -> Self {
        Self { operation, map }
    }

    /// The operation about to be sent.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Sets a header such as `x-amz-access-token`; the name in lower case.
    ///
    /// # Errors
    /// `Config`, never to be repeated: a name or value that cannot stand in a header (a line break in a pasted
    /// token, for example).
    pub fn set(&mut self, name: &'static str, value: &Secret<String>) -> Result<(), HttpError> {
        self.insert(name, value.expose())
    }

    /// Sets `Authorization: Bearer <token>`.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn bearer(&mut self, token: &Secret<String>) -> Result<(), HttpError> {
        self.scheme("Bearer", token)
    }

    /// Sets `Authorization: <scheme> <token>`, for example `IAF` for eBay's Post-Order interface.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn scheme(&mut self, scheme: &'static str, token: &Secret<String>) -> Result<(), HttpError> {
        self.insert("authorization", &Zeroizing::new(format!("{scheme} {}", token.expose())))
    }

    /// Sets `Authorization: Basic` with `user:password`, as token endpoints want it.
    ///
    /// # Errors
    /// As [`Self::set`]; also when `user` holds a colon.
    pub fn basic(&mut self, user: &str, password: &Secret<String>) -> Result<(), HttpError> {
        self.insert("authorization", &basic_value(self.operation, user, password)?)
    }

    fn insert(&mut self, name: &'static str, value: &str) -> Result<(), HttpError> {
        let (name, value) = header_line(self.operation, name, value, true)?;
        self.map.insert(name, value);
        Ok(())
    }
}

impl fmt::Debug for HeaderSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderSink({}, {} headers)", self.operation, self.map.len())
    }
}

/// `Basic <base64>`, RFC 7617.
pub(crate) fn basic_value(
    operation: &'static str,
    user: &str,
    password: &Secret<String>,
) -> Result<Zeroizing<String>, HttpError> {
    if user.contains(':') {
        let reason = "the user name of Basic authentication must not hold a colon";
        return Err(HttpError::new(operation, ErrorKind::Config, Retry::Never, reason));
    }
    let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
    Ok(Zeroizing::new(format!("Basic {}", &*Zeroizing::new(STANDARD.encode(pair.as_bytes())))))
}

pub(crate) fn header_line(
    operation: &'static str,
    name: &'static str,
    value: &str,
    sensitive: bool,
) -> Result<(HeaderName, HeaderValue), HttpError> {
    let wrong = |reason| HttpError::new(operation, ErrorKind::Config, Retry::Never, reason);
    let name = HeaderName::try_from(name).map_err(|_| wrong("a header name is not valid"))?;
    if [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION].contains(&name) {
        return Err(wrong("a header that the client itself must set was given"));
    }
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| wrong("a header value holds a line break or another character that cannot stand in a header"))?;
    value.set_sensitive(sensitive);
    Ok((name, value))
}
