//! One try of one request: send, read the capped body, say what went wrong.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use url::Url;

use crate::error::{ErrorKind, HttpError, Retry};
use crate::headers::Headers;
use crate::hosts::{AddressRefused, GuardedResolver};
use crate::request::{Operation, Request};
use crate::response::Response;
use crate::settings::{ClientSettings, settings_error};

/// So much of a body with an error status is kept for the connector.
const ERROR_BODY_BYTES: usize = 64 * 1024;

/// The connections of a client.
#[derive(Debug)]
pub(crate) struct Wire {
    kept: reqwest::Client,
    /// For requests that must not be repeated: a kept connection may have been closed by the server a moment ago,
    /// and then nobody knows whether the request arrived.
    fresh: reqwest::Client,
    max_body_bytes: usize,
}

/// A try failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: HttpError,
    pub(crate) advice: Advice,
    /// False when the server cannot have seen the request.
    pub(crate) reached: bool,
    /// Bytes of body read.
    pub(crate) bytes: usize,
}

/// What the failure itself says about repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advice {
    Never,
    Renew,
    Throttled,
    Backoff,
}

impl Wire {
    pub(crate) fn new(settings: &ClientSettings) -> Result<Self, HttpError> {
        install_tls_provider();
        let build = |idle_connections| {
            reqwest::Client::builder()
                .user_agent(&settings.user_agent)
                .connect_timeout(settings.connect_timeout)
                .timeout(settings.total_timeout)
                .read_timeout(settings.idle_timeout)
                .pool_max_idle_per_host(idle_connections)
                .pool_idle_timeout(Duration::from_secs(50))
                .tcp_nodelay(true)
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .gzip(true)
                .tls_version_min(reqwest::tls::Version::TLS_1_2)
                .dns_resolver(GuardedResolver { private_addresses: settings.private_addresses })
                .build()
                .map_err(|error| settings_error("the TLS client could not be set up").with_source(Cause::new(&error)))
        };
        Ok(Self { kept: build(32)?, fresh: build(0)?, max_body_bytes: settings.max_body_bytes })
    }

    /// Sends once and reads the answer.
    pub(crate) async fn attempt(&self, request: &Request, url: &Url, headers: HeaderMap) -> Result<Response, Failure> {
        let operation = request.operation();
        let mut out = reqwest::Request::new(request.method().as_http(), url.clone());
        *out.headers_mut() = headers;
        *out.body_mut() = request.body_bytes().map(|bytes| bytes.clone().into());
        let client = if operation.repeatable() { &self.kept } else { &self.fresh };
        let mut answer = client.execute(out).await.map_err(|error| Failure::of_transport(operation, &error, 0))?;

        let status = answer.status().as_u16();
        let headers = Headers::new(std::mem::take(answer.headers_mut()));
        if (200..300).contains(&status) {
            let body = self.read_body(operation, &mut answer).await?;
            return Ok(Response { status, headers, body });
        }
        let body = read_error_body(&mut answer).await;
        Err(Failure::of_status(operation, status, headers, body))
    }

    async fn read_body(&self, operation: &Operation, answer: &mut reqwest::Response) -> Result<Bytes, Failure> {
        let announced = answer.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|length| length > self.max_body_bytes) {
            return Err(Failure::too_large(operation, 0));
        }
        let mut body = BodyParts::default();
        loop {
            match answer.chunk().await {
                Ok(Some(part)) if part.len() > self.max_body_bytes - body.len() => {
                    return Err(Failure::too_large(operation, body.len()));
                }
                Ok(Some(part)) => body.push(part, announced.unwrap_or_default()),
                Ok(None) => return Ok(body.whole()),
                Err(error) => return Err(Failure::of_transport(operation, &error, body.len())),
            }
        }
    }
}

/// As much of the body as is there, at most [`ERROR_BODY_BYTES`]: the status alone decides, so a cut body is no
/// error of its own.
async fn read_error_body(answer: &mut reqwest::Response) -> Bytes {
    let mut body = BodyParts::default();
    while let Ok(Some(mut part)) = answer.chunk().await {
        let room = ERROR_BODY_BYTES - body.len();
        if part.len() >= room {
            part.truncate(room);
            body.push(part, 0);
            break;
        }
        body.push(part, 0);
    }
    body.whole()
}

/// A body arriving in parts: copied once, or not at all when it comes in one part.
#[derive(Default)]
struct BodyParts {
    first: Bytes,
    joined: Option<BytesMut>,
}

impl BodyParts {
    fn len(&self) -> usize {
        self.joined.as_ref().map_or(self.first.len(), BytesMut::len)
    }

    fn push(&mut self, part: Bytes, announced: usize) {
        if self.joined.is_none() && self.first.is_empty() {
            self.first = part;
            return;
        }
        let first = &self.first;
        let joined = self.joined.get_or_insert_with(|| {
            let mut joined = BytesMut::with_capacity(announced.max(4 * (first.len() + part.len())));
            joined.extend_from_slice(first);
            joined
        });
        joined.extend_from_slice(&part);
    }

    fn whole(self) -> Bytes {
        self.joined.map_or(self.first, BytesMut::freeze)
    }
}

impl Failure {
    fn too_large(operation: &Operation, bytes: usize) -> Self {
        let error = operation.error(ErrorKind::TooLarge, Retry::Never, "the answer is larger than the cap");
        Self { error, advice: Advice::Never, reached: true, bytes }
    }

    fn of_status(operation: &Operation, status: u16, headers: Headers, body: Bytes) -> Self {
        use ErrorKind as Kind;
        let (kind, advice, reason) = match status {
            _ if operation.renews_on(status) => (Kind::Auth, Advice::Renew, "the credential was refused"),
            403 => (Kind::Auth, Advice::Never, "the credential does not allow this"),
            404 | 410 => (Kind::NotFound, Advice::Never, "the vendor does not know what was asked for"),
            405 | 501 | 505 => (Kind::Unsupported, Advice::Never, "the vendor does not offer this"),
            429 => (Kind::Throttled, Advice::Throttled, "the vendor's rate limit is reached"),
            300..400 => (Kind::Rejected, Advice::Never, "the vendor answered with a redirect, which is not followed"),
            400..500 => (Kind::Rejected, Advice::Never, "the vendor refused the request"),
            500..600 => (Kind::Transport, Advice::Backoff, "the vendor's server failed"),
            _ => (Kind::Malformed, Advice::Never, "the answer has a status that HTTP does not know"),
        };
        // a refusal was not carried out; after a failure of the server nobody knows
        let reached = !(300..500).contains(&status);
        let bytes = body.len();
        let error = operation.error(kind, Retry::Never, reason).with_answer(status, headers, body);
        Self { error, advice, reached, bytes }
    }

    fn of_transport(operation: &Operation, error: &reqwest::Error, bytes: usize) -> Self {
        use ErrorKind as Kind;
        let causes = || chain(error);
        let hyper_parse = causes().any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse));
        let hyper_other = causes().any(|cause| cause.is::<hyper::Error>());
        let not_gzip = causes().any(|cause| cause.downcast_ref().is_some_and(is_invalid_data));
        let (kind, advice, reason) = if causes().any(|cause| cause.is::<AddressRefused>()) {
            (Kind::Config, Advice::Never, "the host's name leads to a private network")
        } else if error.is_builder() {
            (Kind::Config, Advice::Never, "the request could not be put together")
        } else if error.is_timeout() {
            (Kind::Timeout, Advice::Backoff, "the vendor took too long")
        } else if error.is_connect() {
            (Kind::Transport, Advice::Backoff, "no connection to the vendor")
        } else if hyper_parse || (not_gzip && !hyper_other) {
            (Kind::Malformed, Advice::Backoff, "the answer is not valid HTTP")
        } else {
            (Kind::Transport, Advice::Backoff, "the connection broke")
        };
        let reached = !(error.is_connect() || error.is_builder());
        let error = operation.error(kind, Retry::Never, reason).with_source(Cause::new(error));
        Self { error, advice, reached, bytes }
    }
}

fn is_invalid_data(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput)
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link| (*link).source())
}

/// The causes of a failed try as text. The client library's own links are left out: they carry the whole URL.
#[derive(Debug)]
struct Cause(String);

impl Cause {
    fn new(error: &reqwest::Error) -> Self {
        let mut links: Vec<String> =
            chain(error).filter(|link| !link.is::<reqwest::Error>()).map(ToString::to_string).collect();
        links.dedup();
        if links.is_empty() {
            links.push("no further cause given".to_owned());
        }
        Self(links.join(": "))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Cause {}

/// The TLS client needs a provider for the whole process. Whoever is first installs it; all install the same.
fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}
