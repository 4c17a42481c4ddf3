//! Packing: shipments, dispatch, pick list, packing slips, and who was told what.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use ordersync_core::fulfilment::DispatchWish;
use ordersync_core::paper::{LabelJoiner, PaperRenderer};
use ordersync_core::{Actor, CoreError, DisclosureFilter, LabelFormat, Shipment, ShipmentState, StoredOrder};
use std::sync::Arc;

use super::show::stored_order;
use crate::api::{Api, SELLER};
use crate::body::{JsonBody, QueryOf};
use crate::document::{Parts, streamed};
use crate::dto::{
    DisclosureList, DisclosureQuery, DisclosureView, Dispatch, DispatchParcel, DispatchResult, DispatchResults,
    PackingSlips, PickListView, PickRowView, Refusal, ShipmentList, ShipmentQuery, ShipmentView,
};
use crate::error::WebError;
use crate::people_view::{document_bytes, must_see};
use crate::role::Caller;

/// Most orders of one request for packing slips.
const MOST_SLIPS: usize = 5_000;
/// Slips that are laid out at a time.
const SLIPS_AT_A_TIME: usize = 50;
const USUAL_DISCLOSURES: u32 = 200;
const MOST_DISCLOSURES: u32 = 2_000;

/// `GET /v1/shipments`.
pub(crate) async fn shipments(
    State(api): State<Api>,
    QueryOf(query): QueryOf<ShipmentQuery>,
) -> Result<Json<ShipmentList>, WebError> {
    let wanted = match query.state.as_deref() {
        None => None,
        Some(name) => {
            let found = ShipmentState::ALL.into_iter().find(|state| state.name() == name);
            let names: Vec<&str> = ShipmentState::ALL.iter().map(|state| state.name()).collect();
            let message = format!("state: must be one of {}", names.join(", "));
            Some(found.ok_or_else(|| WebError::unprocessable(message, "correct the filter"))?)
        }
    };
    if let Some(text) = &query.reference {
        let found = match text.parse() {
            Ok(reference) => api.core.store.shipment(SELLER, &reference).await.map_err(WebError::database)?,
            Err(_) => None,
        };
        return Ok(Json(ShipmentList { shipments: found.iter().map(shipment_view).collect() }));
    }
    let shipments = match &query.order {
        Some(reference) => {
            let order = stored_order(&api, reference, None).await?.summary.order_id;
            let mut of_order = api.core.store.shipments_of(SELLER, &[order]).await.map_err(WebError::database)?;
            of_order.retain(|shipment| wanted.is_none_or(|state| shipment.state == state));
            of_order
        }
        None => {
            let state = wanted.unwrap_or(ShipmentState::Labelled);
            api.core.store.shipments_in(SELLER, state, None, 500).await.map_err(WebError::database)?
        }
    };
    Ok(Json(ShipmentList { shipments: shipments.iter().map(shipment_view).collect() }))
}

pub(crate) fn shipment_view(shipment: &Shipment) -> ShipmentView {
    ShipmentView {
        reference: shipment.reference.to_string(),
        state: shipment.state.name().to_owned(),
        label: shipment.label.name().to_owned(),
        courier: shipment.courier.clone(),
        service: shipment.service.clone(),
        media: shipment.media.clone(),
        parcels: shipment.parcels,
        again: shipment.again.clone(),
        created_at: shipment.created_at,
        created_by: shipment.created_by.clone(),
        labelled_at: shipment.labelled_at,
        prints: shipment.prints,
        dispatched_at: shipment.dispatched_at,
        carrier: shipment.carrier.clone(),
        carrier_service: shipment.carrier_service.clone(),
        tracking: shipment.tracking.clone(),
        failure: shipment.failure.clone(),
        lines: shipment
            .lines
            .iter()
            .map(|line| (line.order.to_string(), line.vendor_line_id.clone(), line.quantity))
            .collect(),
    }
}

/// `POST /v1/dispatch`. One parcel that is refused keeps no other from being recorded.
pub(crate) async fn dispatch(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<Dispatch>,
) -> Result<Json<DispatchResults>, WebError> {
    if body.parcels.is_empty() || body.parcels.len() > Dispatch::MOST {
        let message = format!("parcels: must be 1 to {}", Dispatch::MOST);
        return Err(WebError::unprocessable(message, "send fewer at a time"));
    }
    let mut results = Vec::with_capacity(body.parcels.len());
    for parcel in body.parcels {
        let DispatchParcel { target, carrier, service, tracking } = parcel;
        let wish = DispatchWish { target: target.trim().to_owned(), carrier, service, tracking };
        let none = DispatchResult { target, shipment: None, orders: Vec::new(), recorded: false, refused: None };
        results.push(match api.core.dispatch(SELLER, &wish, &caller.actor()).await {
            Ok(done) => DispatchResult {
                shipment: Some(shipment_view(&done.shipment)),
                orders: done.orders,
                recorded: done.recorded,
                ..none
            },
            Err(CoreError::Refused { message, hint }) => {
                DispatchResult { refused: Some(Refusal { message, hint, unclear: false }), ..none }
            }
            // Those before it are recorded, and told.
            Err(error) if !results.is_empty() => {
                let (message, hint) = WebError::core(error).into_sentences();
                DispatchResult { refused: Some(Refusal { message, hint, unclear: false }), ..none }
            }
            Err(error) => return Err(WebError::core(error)),
        });
    }
    Ok(Json(DispatchResults { results }))
}

fn paper(api: &Api) -> Result<Arc<dyn PaperRenderer>, WebError> {
    let settings = api.core.fulfilment().map_err(WebError::core)?;
    settings.paper.clone().ok_or_else(|| WebError::fault("nobody lays paper out"))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err` without a closure")]
fn unprintable(error: ordersync_core::paper::PaperError) -> WebError {
    WebError::conflict(error.to_string(), "a font with these letters can be set under [labels] in the configuration")
}

/// `GET /v1/picklist`: as data.
pub(crate) async fn pick_list(State(api): State<Api>) -> Result<Json<PickListView>, WebError> {
    let list = api.core.pick_list(SELLER).await.map_err(WebError::core)?;
    let rows = list.rows.into_iter().map(|row| PickRowView {
        sku: row.sku,
        title: row.title,
        quantity: row.quantity,
        orders: row.orders,
    });
    Ok(Json(PickListView { at: list.at, orders: list.orders, rows: rows.collect() }))
}

/// `GET /v1/picklist/file`: as a PDF.
pub(crate) async fn pick_list_file(State(api): State<Api>) -> Result<Response, WebError> {
    let list = api.core.pick_list(SELLER).await.map_err(WebError::core)?;
    let document = paper(&api)?.pick_list(&list).map_err(unprintable)?;
    let mut response = document.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    Ok(response)
}

/// `POST /v1/packing-slips`: a PDF.
pub(crate) async fn packing_slips(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<PackingSlips>,
) -> Result<Response, WebError> {
    if body.orders.is_empty() || body.orders.len() > MOST_SLIPS {
        let message = format!("orders: must be 1 to {MOST_SLIPS}");
        return Err(WebError::unprocessable(message, "ask for fewer at a time"));
    }
    let mut orders = Vec::with_capacity(body.orders.len());
    for reference in &body.orders {
        orders.push(stored_order(&api, reference, None).await?);
    }
    must_see(&caller, orders.iter().map(|order| &order.summary), api.core.clock.now())?;
    let joiner = Some(paper(&api)?.join_labels(LabelFormat::Pdf));
    orders.reverse();
    let document = Slips { api, actor: caller.actor(), gift: body.gift, orders, joiner };
    streamed(document, |_| "application/pdf").await
}

/// A document of packing slips that is being written.
struct Slips {
    api: Api,
    actor: Actor,
    gift: bool,
    /// Those that are left, the next one last.
    orders: Vec<StoredOrder>,
    joiner: Option<Box<dyn LabelJoiner>>,
}

impl Parts for Slips {
    async fn next(&mut self) -> Result<Option<Bytes>, WebError> {
        let _busy = self.api.core.clock.busy();
        if self.orders.is_empty() {
            let Some(joiner) = self.joiner.take() else { return Ok(None) };
            let last = joiner.finish().map_err(|error| WebError::fault(error.to_string()))?;
            return Ok(Some(Bytes::from(last)));
        }
        let mut batch = self.orders.split_off(self.orders.len().saturating_sub(SLIPS_AT_A_TIME));
        batch.reverse();
        let slips = self.api.core.packing_slips(SELLER, &batch, self.gift, &self.actor).await;
        let document = paper(&self.api)?.packing_slips(&slips.map_err(WebError::core)?).map_err(unprintable)?;
        let mut part = zeroize::Zeroizing::new(Vec::new());
        if let Some(joiner) = &mut self.joiner {
            document_bytes(&joiner.add(&document).map_err(unprintable)?, &mut part);
        }
        Ok(Some(Bytes::from_owner(part)))
    }
}

/// `GET /v1/disclosures`.
pub(crate) async fn disclosures(
    State(api): State<Api>,
    QueryOf(query): QueryOf<DisclosureQuery>,
) -> Result<Json<DisclosureList>, WebError> {
    let order = match &query.order {
        Some(reference) => Some(stored_order(&api, reference, None).await?.summary.order_id),
        None => None,
    };
    let limit = query.limit.unwrap_or(USUAL_DISCLOSURES);
    if !(1..=MOST_DISCLOSURES).contains(&limit) {
        return Err(WebError::unprocessable(format!("limit: must be 1 to {MOST_DISCLOSURES}"), "ask for less"));
    }
    let filter = DisclosureFilter { order, recipient: query.courier, limit: limit + 1 };
    let mut entries = api.core.store.disclosures(SELLER, &filter).await.map_err(WebError::database)?;
    let asked = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > asked;
    entries.truncate(asked);
    let disclosures = entries.into_iter().map(|entry| DisclosureView {
        at: entry.at,
        recipient: entry.recipient,
        purpose: entry.purpose,
        order: entry.order.to_string(),
        fields: entry.fields.split(' ').map(str::to_owned).collect(),
    });
    Ok(Json(DisclosureList { disclosures: disclosures.collect(), more }))
}
