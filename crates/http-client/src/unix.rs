//! HTTP over a Unix socket: how the command line talks to a running daemon.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use http::header;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::task::JoinSet;

use crate::headers::Headers;
use crate::request::{Method, Payload, push_escaped, push_pair};

/// The daemon could not be asked. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum UnixError {
    /// There is no socket: no daemon runs, or it uses another path.
    #[error(
        "no daemon listens at {path}: start it with `systemctl start ordersync`, or check the socket's path in the configuration"
    )]
    NoSocket {
        /// The socket asked for.
        path: PathBuf,
    },
    /// There is a socket, but nobody behind it: the daemon was stopped hard.
    #[error("nobody answers at {path}: the daemon has stopped; start it with `systemctl restart ordersync`")]
    Refused {
        /// The socket asked for.
        path: PathBuf,
    },
    /// The caller may not use the socket.
    #[error("no permission to use {path}: ask to be added to the group that may, then sign in anew")]
    PermissionDenied {
        /// The socket asked for.
        path: PathBuf,
    },
    /// The daemon accepted the connection and then broke it: it stopped, or its answer is no HTTP. A request that
    /// changes something may have been carried out.
    #[error("the connection to the daemon at {path} broke: see `journalctl -u ordersync`, then try again")]
    Broken {
        /// The socket asked for.
        path: PathBuf,
        /// The cause, without values.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer does not fit; nothing of it is returned.
    #[error("the daemon's answer is larger than {cap_bytes} bytes: ask for a smaller part")]
    TooLarge {
        /// The cap.
        cap_bytes: usize,
    },
    /// The path or method cannot stand in a request. A fault of the program that asks.
    #[error("the request to the daemon is not valid: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// A client of the daemon's JSON interface on a Unix socket. Every request uses a connection of its own.
#[derive(Debug, Clone)]
pub struct UnixClient {
    socket: PathBuf,
    max_body_bytes: usize,
}

/// The daemon's answer, of any status. Debug shows the status and lengths only.
pub struct UnixResponse {
    /// 100 to 599; the caller judges it.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The whole body. It may hold personal data.
    pub body: Bytes,
}

impl UnixClient {
    /// Largest body of [`Self::request`] unless set otherwise: 256 MiB, enough for a year's export.
    pub const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

    /// A client of the daemon that listens at `socket`; nothing is opened yet.
    pub fn new(socket: impl Into<PathBuf>) -> Self {
        Self { socket: socket.into(), max_body_bytes: Self::MAX_BODY_BYTES }
    }

    /// The same with another cap on whole bodies, in bytes.
    #[must_use]
    pub fn max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self { max_body_bytes, ..self }
    }

    /// The socket's path.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Asks and reads the whole answer. `path` begins with `/` and may hold a query (see [`with_query`]).
    /// There is no time limit: dropping the future ends it.
    ///
    /// # Errors
    /// [`UnixError`]. An answer of any status is no error.
    pub async fn request(&self, method: Method, path: &str, body: Option<Payload>) -> Result<UnixResponse, UnixError> {
        let mut answer = self.stream(method, path, body).await?;
        let mut whole = BytesMut::new();
        while let Some(part) = answer.next_chunk().await? {
            if part.len() > self.max_body_bytes - whole.len() {
                return Err(UnixError::TooLarge { cap_bytes: self.max_body_bytes });
            }
            whole.extend_from_slice(&part);
        }
        Ok(UnixResponse { status: answer.status, headers: answer.headers, body: whole.freeze() })
    }

    /// Asks and hands out the answer as it arrives, for progress lines and files.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn stream(&self, method: Method, path: &str, body: Option<Payload>) -> Result<UnixAnswer, UnixError> {
        let request = build(method, path, body)?;
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.not_connected(error))?;
        let broken = |error: hyper::Error| self.broken(error);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
        Ok(UnixAnswer {
            status: head.status.as_u16(),
            headers: Headers::new(head.headers),
            body,
            socket: self.socket.clone(),
            _connections: connections,
        })
    }

    fn not_connected(&self, error: io::Error) -> UnixError {
        let path = self.socket.clone();
        if error.kind() == io::ErrorKind::NotFound {
            UnixError::NoSocket { path }
        } else if error.kind() == io::ErrorKind::ConnectionRefused {
            UnixError::Refused { path }
        } else if error.kind() == io::ErrorKind::PermissionDenied {
            UnixError::PermissionDenied { path }
        } else {
            UnixError::Broken { path, source: error.into() }
        }
    }

    fn broken(&self, error: hyper::Error) -> UnixError {
        UnixError::Broken { path: self.socket.clone(), source: error.into() }
    }
}

impl fmt::Debug for UnixResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixResponse({}, {} headers, {} bytes)", self.status, self.headers.len(), self.body.len())
    }
}

/// The daemon's answer while it arrives. Dropping it closes the connection.
pub struct UnixAnswer {
    /// 100 to 599; the caller judges it.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    body: Incoming,
    socket: PathBuf,
    /// Drives the connection; ended when dropped.
    _connections: JoinSet<hyper::Result<()>>,
}

impl UnixAnswer {
    /// The next part of the body, of any size, as soon as it is there; none at its end.
    ///
    /// # Errors
    /// [`UnixError::Broken`] when the daemon stopped in the middle: what came before is not the whole.
    pub async fn next_chunk(&mut self) -> Result<Option<Bytes>, UnixError> {
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|error| UnixError::Broken { path: self.socket.clone(), source: error.into() })?;
            if let Ok(data) = frame.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl fmt::Debug for UnixAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixAnswer({}, {} headers)", self.status, self.headers.len())
    }
}

/// `path` with a query of escaped pairs, in their order.
pub fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        push_pair(&mut query, name, value);
    }
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// `text` escaped to stand as one segment of a path.
pub fn escaped(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    push_escaped(&mut segment, text);
    segment
}

fn build(method: Method, path: &str, body: Option<Payload>) -> Result<http::Request<Full<Bytes>>, UnixError> {
    if !path.starts_with('/') {
        return Err(UnixError::Invalid { reason: "the path does not begin with a slash" });
    }
    let mut request = http::Request::builder()
        .method(method.as_http())
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::ACCEPT, "application/json, */*;q=0.5");
    if let Some(body) = &body {
        request = request.header(header::CONTENT_TYPE, body.content_type);
    }
    let bytes = body.map(|body| body.bytes).unwrap_or_default();
    request
        .body(Full::new(bytes))
        .map_err(|_| UnixError::Invalid { reason: "the path holds a character that must be escaped" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_of_another_group_says_whom_to_ask() {
        // connecting as root is always allowed, so this cannot be provoked on every machine
        let client = UnixClient::new("/run/ordersync/control.sock");
        let error = client.not_connected(io::ErrorKind::PermissionDenied.into());
        assert_eq!(
            error.to_string(),
            "no permission to use /run/ordersync/control.sock: ask to be added to the group that may, then sign in anew"
        );
        assert!(matches!(client.not_connected(io::ErrorKind::TimedOut.into()), UnixError::Broken { .. }));
    }
}
