//! The daybook, written row by row while it is read.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use ordersync_core::Actor;
use ordersync_core::invoicing::{DaybookHead, DaybookRead, DaybookWish, DaybookWriter, ExportFormat, ExportRest};

use crate::api::{Api, SELLER};
use crate::body::QueryOf;
use crate::document::{Parts, streamed};
use crate::dto::{DaybookQuery, ExportPull, ExportPulls};
use crate::error::WebError;
use crate::role::Caller;

/// Bytes of a finished file that are handed on at a time.
const PIECE: usize = 64 * 1024;

/// `GET /v1/exports/daybook`.
pub(crate) async fn daybook(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    QueryOf(query): QueryOf<DaybookQuery>,
) -> Result<Response, WebError> {
    let name = query.format.as_deref().unwrap_or(ExportFormat::Csv.name());
    let format = ExportFormat::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = ExportFormat::ALL.iter().map(|format| format.name()).collect();
        WebError::unprocessable(format!("format: must be one of {}", names.join(", ")), "choose one of them")
    })?;
    let wish = DaybookWish { from: query.from, to: query.to, with_parties: query.parties };
    let actor: Actor = caller.actor();
    let tag = api.core.daybook_tag(SELLER, &wish, format).await.map_err(WebError::core)?;
    let tag = HeaderValue::from_str(&format!("\"{tag}\"")).map_err(|_| WebError::fault("a tag that is no header"))?;
    if headers.get(IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    let settings = api.core.invoicing().map_err(WebError::core)?;
    let seller = settings.business.as_ref().map(|business| business.supplier.name.clone()).unwrap_or_default();
    let head = DaybookHead { from: wish.from, to: wish.to, seller, with_parties: wish.with_parties };
    let read = api.core.read_daybook(SELLER, &wish, format, &actor).await.map_err(WebError::core)?;
    let writer = settings.exporter.daybook(format, &head).map_err(|error| WebError::fault(error.to_string()))?;
    let pages = Pages { api, read, stage: Stage::Rows(writer) };
    let mut response = streamed(pages, |_| match format {
        ExportFormat::Csv | ExportFormat::Totals => "text/csv; charset=utf-8; header=present",
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    })
    .await?;
    let (extension, what) = match format {
        ExportFormat::Csv => ("csv", "daybook"),
        ExportFormat::Totals => ("csv", "daybook-totals"),
        ExportFormat::Xlsx => ("xlsx", "daybook"),
    };
    let file = format!("attachment; filename=\"{what}_{}_{}.{extension}\"", wish.from, wish.to);
    let file = HeaderValue::from_str(&file).map_err(|_| WebError::fault("a file name that is no header"))?;
    response.headers_mut().insert(CONTENT_DISPOSITION, file);
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}

/// Where an export stands.
struct Pages {
    api: Api,
    read: DaybookRead,
    stage: Stage,
}

enum Stage {
    Rows(Box<dyn DaybookWriter>),
    File(std::fs::File),
    Done,
}

impl Parts for Pages {
    async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        let _busy = self.api.core.clock.busy();
        loop {
            match std::mem::replace(&mut self.stage, Stage::Done) {
                Stage::Rows(mut writer) => {
                    let rows = self.api.core.daybook_rows(&mut self.read).await.map_err(WebError::core)?;
                    let failed = |error: ordersync_core::invoicing::ExportError| WebError::fault(error.to_string());
                    let Some(rows) = rows else {
                        // Packing a workbook takes seconds: it keeps nobody else waiting.
                        let totals = self.read.totals.clone();
                        let finished = tokio::task::spawn_blocking(move || writer.finish(&totals)).await;
                        let finished = finished.map_err(|_| WebError::fault("an export's end stopped"))?;
                        match finished.map_err(failed)? {
                            ExportRest::Bytes(bytes) if bytes.is_empty() => return Ok(None),
                            ExportRest::Bytes(bytes) => return Ok(Some(Bytes::from(bytes))),
                            ExportRest::File(file) => self.stage = Stage::File(file),
                        }
                        continue;
                    };
                    let bytes = writer.add(&rows).map_err(failed)?;
                    self.stage = Stage::Rows(writer);
                    if !bytes.is_empty() {
                        return Ok(Some(Bytes::from(bytes)));
                    }
                }
                Stage::File(file) => return self.piece(file),
                Stage::Done => return Ok(None),
            }
        }
    }
}

impl Pages {
    fn piece(&mut self, mut file: std::fs::File) -> Result<Option<Bytes>, WebError> {
        use std::io::Read;
        let mut bytes = Vec::with_capacity(PIECE);
        let room = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let read = (&mut file).take(room).read_to_end(&mut bytes);
        read.map_err(|error| WebError::fault(format!("the finished export cannot be read: {error}")))?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.stage = Stage::File(file);
        Ok(Some(Bytes::from(bytes)))
    }
}

/// `GET /v1/exports/pulls`: who pulled what, newest first.
pub(crate) async fn pulls(State(api): State<Api>) -> Result<Json<ExportPulls>, WebError> {
    let entries = api.core.store.exports_pulled(200).await.map_err(WebError::database)?;
    let pulls = entries.into_iter().map(|entry| ExportPull { at: entry.at, by: entry.actor, what: entry.detail });
    Ok(Json(ExportPulls { pulls: pulls.collect() }))
}
