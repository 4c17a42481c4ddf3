//! Labels: what can be labelled, making labels, handing them out as one document, voiding them.

use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Json};
use bytes::Bytes;
use ordersync_core::fulfilment::{Again, LabelOutcome, LabelRefused, LabelWish, Pieces, is_late};
use ordersync_core::paper::{LabelJoiner, PaperError, PerSheet};
use ordersync_core::{Actor, LabelFormat, LabelMedia, LabelSize, OrderFilter, Shipment};
use ordersync_types::{OrderId, ShipmentRef};

use super::Labels;
use super::show::stored_order;
use crate::api::{Api, SELLER};
use crate::body::{JsonBody, PathText};
use crate::document::{Parts, streamed};
use crate::dto::{
    CreateLabels, LabelRequest, LabelResult, LabelResults, LabelView, LabelsFile, ReadyList, ReadyOrder, Refusal,
    ShipmentView,
};
use crate::error::WebError;
use crate::people_view::{document_bytes, must_see};
use crate::role::Caller;

/// Labels opened at a time for a document.
const AT_A_TIME: usize = 50;
/// Most labels in one document.
const MOST_IN_FILE: usize = 20_000;

/// `GET /v1/labels/ready`.
pub(crate) async fn ready(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<ReadyList>, WebError> {
    let now = api.core.clock.now();
    let labels = Labels::read(&api).await?;
    let (ready, pieces): (Vec<_>, Vec<_>) =
        api.core.ready_orders(SELLER).await.map_err(WebError::core)?.into_iter().unzip();
    let groups = api.core.same_address(SELLER, &ready, &caller.actor()).await.map_err(WebError::core)?;
    let number = |id: &OrderId| {
        let order = ready.iter().find(|order| order.summary.order_id == *id);
        order.map(|order| order.summary.vendor_order_id.clone()).unwrap_or_default()
    };
    let together = groups.iter().map(|group| group.iter().map(number).collect()).collect();
    let orders = ready.iter().zip(&pieces).map(|(order, open)| {
        let summary = &order.summary;
        ReadyOrder {
            id: summary.order_id.to_string(),
            account: labels.label(summary.account),
            number: summary.vendor_order_id.clone(),
            ship_by: summary.ship_by,
            late: is_late(summary.ship_by, now),
            pieces: open.iter().map(|(_, pieces)| *pieces).fold(0, i64::saturating_add),
            territory: summary.territory.clone(),
        }
    });
    Ok(Json(ReadyList { orders: orders.collect(), together }))
}

/// `POST /v1/labels`.
pub(crate) async fn create(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<CreateLabels>,
) -> Result<Json<LabelResults>, WebError> {
    if body.labels.is_empty() || body.labels.len() > CreateLabels::MOST {
        let message = format!("labels: must be 1 to {}", CreateLabels::MOST);
        return Err(WebError::unprocessable(message, "ask for fewer at a time"));
    }
    let media = media(&api, &body)?;
    let mut results: Vec<Result<Vec<String>, LabelResult>> = Vec::with_capacity(body.labels.len());
    let mut wishes = Vec::with_capacity(body.labels.len());
    for request in &body.labels {
        match wish(&api, &caller, request, &body, media).await {
            Ok((wish, numbers)) => {
                results.push(Ok(numbers));
                wishes.push(wish);
            }
            Err(error) => {
                let (message, hint) = error.into_sentences();
                results.push(Err(refused(request.orders.clone(), Refusal { message, hint, unclear: false })));
            }
        }
    }
    let outcomes = api.core.create_labels(SELLER, &wishes, &caller.actor()).await.map_err(WebError::core)?;
    let mut outcomes = outcomes.into_iter();
    let results = results.into_iter().filter_map(|known| match known {
        Err(result) => Some(result),
        Ok(numbers) => outcomes.next().map(|outcome| result(numbers, outcome)),
    });
    Ok(Json(LabelResults { results: results.collect() }))
}

fn media(api: &Api, body: &CreateLabels) -> Result<Option<LabelMedia>, WebError> {
    let as_usual = body.format.is_none() && body.size.is_none();
    if as_usual && body.per_sheet.is_none() && !body.label_printer {
        return Ok(None);
    }
    let usual = api.core.fulfilment().map_err(WebError::core)?.media;
    let wrong = |field: &str, error: &dyn std::fmt::Display| {
        WebError::unprocessable(format!("{field}: {error}"), "choose one of them")
    };
    let format = match &body.format {
        Some(format) => format.parse().map_err(|error| wrong("format", &error))?,
        None => usual.format,
    };
    let size = match &body.size {
        Some(size) => size.parse().map_err(|error| wrong("size", &error))?,
        None => usual.size,
    };
    if body.label_printer && !LabelFormat::is_zpl(format) {
        let hint = "give --format zpl203 or zpl300 (the printer's dots per inch), or set it under [labels]";
        return Err(WebError::unprocessable("format: a label printer's port takes ZPL, and these would be PDF", hint));
    }
    match body.per_sheet {
        None => Ok(Some(LabelMedia { size, format })),
        Some(parts) => sheet_media(body, parts, LabelMedia { size, format }).map(Some),
    }
}

/// The media of labels that will share a sheet of A4.
fn sheet_media(body: &CreateLabels, parts: u8, mut media: LabelMedia) -> Result<LabelMedia, WebError> {
    let per_sheet = per_sheet(parts)?;
    if body.format.is_none() {
        media.format = LabelFormat::Pdf;
    }
    if body.size.is_none() {
        media.size = match (per_sheet, media.size) {
            (PerSheet::Four, _) => LabelSize::A6,
            (PerSheet::Two, LabelSize::A4) => LabelSize::Mm100x150,
            (PerSheet::Two, usual) => usual,
        };
    }
    let fits = match per_sheet {
        PerSheet::Two => media.size != LabelSize::A4,
        PerSheet::Four => media.size == LabelSize::A6,
    };
    if media.format.is_zpl() || !fits {
        let message = format!("per_sheet: labels of {media} do not fit {parts} on a sheet of A4");
        return Err(WebError::unprocessable(message, "two: PDF of 100x150, 4x6 or a6; four: PDF of a6"));
    }
    Ok(media)
}

fn per_sheet(parts: u8) -> Result<PerSheet, WebError> {
    let wrong = || WebError::unprocessable("per_sheet: must be 2 or 4", "leave it out for a page a label");
    PerSheet::of(parts).ok_or_else(wrong)
}

async fn wish(
    api: &Api,
    caller: &Caller,
    request: &LabelRequest,
    body: &CreateLabels,
    media: Option<LabelMedia>,
) -> Result<(LabelWish, Vec<String>), WebError> {
    let (mut orders, mut numbers) = (Vec::new(), Vec::new());
    for reference in &request.orders {
        let order = stored_order(api, reference, None).await?.summary;
        if request.again.is_some() {
            must_see(caller, [&order], api.core.clock.now())?;
        }
        orders.push(order.order_id);
        numbers.push(order.vendor_order_id);
    }
    let again = request.again.as_deref().map(str::parse::<Again>).transpose();
    let again = again.map_err(|error| WebError::unprocessable(error.to_string(), "choose one of them"))?;
    let pieces = |lines: &Vec<crate::dto::LinePieces>| {
        lines.iter().map(|line| Pieces { vendor_line_id: line.line.clone(), quantity: line.quantity }).collect()
    };
    let wish = LabelWish {
        orders,
        pieces: request.lines.as_ref().map(pieces),
        parcels: request.parcels.unwrap_or(1),
        courier: body.courier.clone(),
        service: body.service.clone(),
        media,
        again,
    };
    Ok((wish, numbers))
}

fn result(orders: Vec<String>, outcome: LabelOutcome) -> LabelResult {
    match outcome {
        Ok(made) => {
            let label = LabelView {
                reference: made.reference.to_string(),
                media: made.media.to_string(),
                purge_at: made.purge_after,
            };
            LabelResult { orders, label: Some(label), refused: None }
        }
        Err(refusal) => refused(orders, refusal_view(refusal)),
    }
}

fn refused(orders: Vec<String>, refusal: Refusal) -> LabelResult {
    LabelResult { orders, label: None, refused: Some(refusal) }
}

fn refusal_view(refused: LabelRefused) -> Refusal {
    Refusal { message: refused.message, hint: refused.hint, unclear: refused.unclear }
}

/// `POST /v1/labels/file`: all of them or none, as one document, streamed; a label by itself exactly as it is held.
pub(crate) async fn file(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<LabelsFile>,
) -> Result<Response, WebError> {
    if body.references.is_empty() || body.references.len() > MOST_IN_FILE {
        let message = format!("references: must be 1 to {MOST_IN_FILE}");
        return Err(WebError::unprocessable(message, "ask for fewer at a time"));
    }
    let per_sheet = body.per_sheet.map(per_sheet).transpose()?;
    let mut references = Vec::with_capacity(body.references.len());
    for text in &body.references {
        let reference: ShipmentRef = text.parse().map_err(|error: ordersync_types::IdError| {
            WebError::unprocessable(error.to_string(), "scan or type the reference on the label")
        })?;
        references.push(reference);
    }
    let actor = caller.actor();
    may_print(&api, &caller, &references).await?;
    let stopped = api.core.unprintable_labels(SELLER, &references, &actor).await.map_err(WebError::core)?;
    if let Some((reference, refusal)) = stopped.first() {
        let others = stopped.len() - 1;
        let more = if others == 0 { String::new() } else { format!(" (and {others} others)") };
        return Err(WebError::conflict(format!("{reference}: {}{more}", refusal.message), &refusal.hint));
    }
    let alone = references.len() == 1 && per_sheet.is_none();
    let document = Document { api, actor, references, alone, per_sheet, joiner: None, kind: None };
    streamed(document, |document| match document.kind {
        Some(media) if media.format.is_zpl() => "x-application/zpl",
        Some(_) | None => "application/pdf",
    })
    .await
}

/// A label names the people of all orders in its parcel.
async fn may_print(api: &Api, caller: &Caller, references: &[ShipmentRef]) -> Result<(), WebError> {
    for some in references.chunks(AT_A_TIME) {
        let shipments = api.core.store.shipments(SELLER, some).await.map_err(WebError::database)?;
        let ids: Vec<OrderId> = shipments.iter().flat_map(Shipment::orders).collect();
        let limit = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let filter = OrderFilter { ids: Some(ids), limit, ..OrderFilter::default() };
        let orders = api.core.store.list_orders(SELLER, &filter).await.map_err(WebError::database)?;
        must_see(caller, &orders, api.core.clock.now())?;
    }
    Ok(())
}

/// A document of labels that is being written. A label that goes while it is printed ends it: nothing is left out unseen.
struct Document {
    api: Api,
    actor: Actor,
    references: Vec<ShipmentRef>,
    /// There is one label, which needs no joining.
    alone: bool,
    per_sheet: Option<PerSheet>,
    joiner: Option<Box<dyn LabelJoiner>>,
    kind: Option<LabelMedia>,
}

impl Parts for Document {
    async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        let _busy = self.api.core.clock.busy();
        if self.references.is_empty() {
            let Some(joiner) = self.joiner.take() else { return Ok(None) };
            let last = joiner.finish().map_err(|error| WebError::fault(error.to_string()))?;
            return Ok(Some(Bytes::from(last)));
        }
        let rest = self.references.split_off(self.references.len().min(AT_A_TIME));
        let batch = std::mem::replace(&mut self.references, rest);
        let printed = self.api.core.print_labels(SELLER, &batch, &self.actor).await.map_err(WebError::core)?;
        if printed.len() < batch.len() {
            return Err(WebError::conflict("a label was deleted while the document was made", "ask for it again"));
        }
        let mut part = zeroize::Zeroizing::new(Vec::new());
        for label in printed {
            let first = *self.kind.get_or_insert(label.media);
            if first.format != label.media.format {
                let message = format!("{}: is {}, the others are {first}", label.reference, label.media);
                return Err(WebError::conflict(message, "ask for labels of one format at a time"));
            }
            if self.alone {
                document_bytes(&label.bytes, &mut part);
                break;
            }
            if self.joiner.is_none() {
                let settings = self.api.core.fulfilment().map_err(WebError::core)?;
                let paper = settings.paper.clone().ok_or_else(|| WebError::fault("nobody lays paper out"))?;
                self.joiner = Some(match self.per_sheet {
                    None => paper.join_labels(first.format),
                    Some(_) if first.format.is_zpl() => {
                        let message = format!("{}: is {first}: sheets are for PDF labels", label.reference);
                        return Err(WebError::conflict(message, "print it on a label printer, without --per-sheet"));
                    }
                    Some(per_sheet) => paper.join_on_sheets(per_sheet),
                });
            }
            if let Some(joiner) = &mut self.joiner {
                let named = |error: PaperError| {
                    let message = format!("{}: {error}", label.reference);
                    WebError::conflict(message, "void this label and make a new one")
                };
                let bytes = joiner.add(&label.bytes).map_err(named)?;
                document_bytes(&bytes, &mut part);
            }
        }
        Ok(Some(Bytes::from_owner(part)))
    }
}

/// `POST /v1/labels/{reference}/void`.
pub(crate) async fn void(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(reference): PathText,
) -> Result<Json<ShipmentView>, WebError> {
    let parsed: ShipmentRef = reference.parse().map_err(|error: ordersync_types::IdError| {
        WebError::unprocessable(error.to_string(), "scan or type the reference on the label")
    })?;
    api.core.void_label(SELLER, &parsed, &caller.actor()).await.map_err(WebError::core)?;
    let shipment = api.core.store.shipment(SELLER, &parsed).await.map_err(WebError::database)?;
    let shipment = shipment.ok_or_else(|| WebError::fault("a voided shipment is gone"))?;
    Ok(Json(super::packing::shipment_view(&shipment)))
}
