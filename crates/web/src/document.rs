//! Documents that are written part by part, so that memory does not grow with them.

use std::future::Future;
use std::io;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::error::WebError;

/// A document's parts, in their order.
pub(crate) trait Parts: Send + 'static {
    /// The next part; `None` after the last.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, WebError>> + Send;
}

/// The answer with a document. What fails before the first part is an error of its own; what fails later breaks the
/// answer off, so that half a document is never taken for a whole one.
pub(crate) async fn streamed<P: Parts>(
    mut document: P,
    kind: impl FnOnce(&P) -> &'static str,
) -> Result<Response, WebError> {
    let first = document.next().await?.ok_or_else(|| WebError::fault("a document without content"))?;
    let kind = kind(&document);
    let rest = stream::try_unfold(document, |mut document| async move {
        let part = document.next().await.map_err(|error| {
            // The answer has begun: nobody but the log can be told why it ends.
            tracing::warn!(reason = error.reason(), "a document broke off");
            io::Error::other("the document broke off")
        })?;
        Ok::<_, io::Error>(part.map(|part| (part, document)))
    });
    let start = stream::once(async move { Ok::<_, io::Error>(first) });
    let mut response = Body::from_stream(StreamExt::chain(start, rest)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}
