//! Answers, whole or broken on purpose.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use ordersync_types::BusyGuard;
use serde_json::Value;

/// How a body travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As it should.
    Whole,
    /// `Content-Length` promises all of it, half comes, the connection ends.
    CutLength,
    /// In chunks, and the connection ends before the last.
    CutChunked,
    /// In eight pieces with this wait (real time) before each.
    Slow(Duration),
}

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) delivery: Delivery,
}

impl Reply {
    /// JSON that was rendered before.
    pub(crate) fn raw(status: StatusCode, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, body: body.into(), delivery: Delivery::Whole }
    }

    /// A JSON value.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::raw(status, body.to_string())
    }

    /// A page as a gateway in front of the service would send it.
    pub(crate) fn html(status: StatusCode) -> Self {
        let body =
            format!("<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>gateway</body></html>");
        let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
        Self { status, headers, body: body.into(), delivery: Delivery::Whole }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer as hyper sends it. `guard` is held until the body is sent or given up.
    pub(crate) fn into_response(self, guard: BusyGuard) -> Response<Sending> {
        let (length, pieces, ending) = broken_up(self.body, self.delivery);
        let mut response = Response::new(Sending { pieces, length, ending, nap: None, _guard: guard });
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// What comes after the last piece, and the wait before each.
#[derive(Debug, Clone, Copy)]
struct Ending {
    torn: bool,
    wait: Option<Duration>,
}

/// Long enough for what was written to leave before the connection ends.
const BEFORE_THE_CUT: Duration = Duration::from_millis(15);

fn broken_up(body: Bytes, delivery: Delivery) -> (Option<u64>, VecDeque<Bytes>, Ending) {
    let length = u64::try_from(body.len()).ok();
    let half = body.slice(..body.len() / 2);
    let torn = Ending { torn: true, wait: Some(BEFORE_THE_CUT) };
    match delivery {
        Delivery::Whole => (length, VecDeque::from([body]), Ending { torn: false, wait: None }),
        Delivery::CutLength => (length, VecDeque::from([half]), torn),
        Delivery::CutChunked => (None, VecDeque::from([half]), torn),
        Delivery::Slow(wait) => {
            let size = body.len().div_ceil(8).max(1);
            let mut left = body;
            let mut pieces = VecDeque::new();
            while !left.is_empty() {
                pieces.push_back(left.split_to(size.min(left.len())));
            }
            (length, pieces, Ending { torn: false, wait: Some(wait) })
        }
    }
}

/// A body on its way out.
pub(crate) struct Sending {
    pieces: VecDeque<Bytes>,
    length: Option<u64>,
    ending: Ending,
    nap: Option<Pin<Box<tokio::time::Sleep>>>,
    _guard: BusyGuard,
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending")
            .field("pieces", &self.pieces.len())
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

/// The body ends before its end, on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the body was cut on purpose")]
pub(crate) struct Cut;

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = &mut *self;
        let done = this.pieces.is_empty();
        if done && !this.ending.torn {
            return Poll::Ready(None);
        }
        // A torn body's half goes out at once; only the tear waits.
        if let Some(wait) = this.ending.wait.filter(|_| done || !this.ending.torn) {
            let nap = this.nap.get_or_insert_with(|| Box::pin(tokio::time::sleep(wait)));
            if nap.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            this.nap = None;
        }
        match this.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None => Poll::Ready(Some(Err(Cut))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.ending.torn
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
