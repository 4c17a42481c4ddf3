//! A vendor's answer.

use std::fmt;

use bytes::Bytes;

use crate::headers::Headers;

/// An answer with a status of 200 to 299. Debug shows the status and lengths only.
#[derive(Clone)]
pub struct Response {
    /// 200 to 299.
    pub status: u16,
    /// The headers, looked up in any case.
    pub headers: Headers,
    /// The whole body after decompression, at most the client's cap. It may hold personal data.
    pub body: Bytes,
}

impl Response {
    /// A header's value, the name in any case. `x-amzn-ratelimit-limit` is one to read: nothing here acts on it.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The vendor's own id of the request, for a support case.
    pub fn request_id(&self) -> Option<&str> {
        self.headers.request_id()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {} headers, {} bytes)", self.status, self.headers.len(), self.body.len())
    }
}
