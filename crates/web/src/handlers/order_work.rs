//! What people of the shop do to an order: hold, release, note, address; and the copies of labels they keep.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::HeaderValue;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use ordersync_core::{NewLabelCopy, NoteKind, TypedAddress};
use ordersync_order::Recipient;
use ordersync_types::{Country, EventId, FieldState, Pii, ShipmentRef};

use super::show::stored_order;
use crate::api::{Api, SELLER};
use crate::body::{JsonBody, PathText};
use crate::dto::{
    CopyGone, LabelCopies, LabelCopyNoted, LabelCopyView, NoteLabelCopy, OrderDone, OrderText, TypeAddress,
};
use crate::error::WebError;
use crate::people_view::{characters, must_see, wiped_json};
use crate::role::Caller;

/// Longest note.
const MOST_NOTE: usize = 500;
/// Longest field of a typed address.
const MOST_FIELD: usize = 200;

fn done(number: &str, what: &str) -> Json<OrderDone> {
    Json(OrderDone { number: number.to_owned(), done: what.to_owned() })
}

fn noted(text: &Pii<String>) -> Result<(), WebError> {
    if (1..=MOST_NOTE).contains(&characters(text)) {
        return Ok(());
    }
    let message = format!("text: must have 1 to {MOST_NOTE} characters");
    Err(WebError::unprocessable(message, "say it in fewer words"))
}

/// `POST /v1/orders/{reference}/hold`.
pub(crate) async fn hold(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(reference): PathText,
    JsonBody(body): JsonBody<OrderText>,
) -> Result<Json<OrderDone>, WebError> {
    noted(&body.text)?;
    let order = stored_order(&api, &reference, None).await?.summary;
    api.core.hold_order(&order, &body.text, &caller.actor()).await.map_err(WebError::core)?;
    Ok(done(&order.vendor_order_id, "held"))
}

/// `POST /v1/orders/{reference}/release`.
pub(crate) async fn release(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(reference): PathText,
) -> Result<Json<OrderDone>, WebError> {
    let order = stored_order(&api, &reference, None).await?.summary;
    api.core.release_order(&order, &caller.actor()).await.map_err(WebError::core)?;
    Ok(done(&order.vendor_order_id, "released"))
}

/// `POST /v1/orders/{reference}/notes`.
pub(crate) async fn note(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(reference): PathText,
    JsonBody(body): JsonBody<OrderText>,
) -> Result<Json<OrderDone>, WebError> {
    noted(&body.text)?;
    let order = stored_order(&api, &reference, None).await?.summary;
    api.core.write_note(&order, NoteKind::Note, &body.text, &caller.actor()).await.map_err(WebError::core)?;
    Ok(done(&order.vendor_order_id, "noted"))
}

/// `PUT /v1/orders/{reference}/address`.
pub(crate) async fn address(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(reference): PathText,
    JsonBody(body): JsonBody<TypeAddress>,
) -> Result<Json<OrderDone>, WebError> {
    let typed = typed(body)?;
    let order = stored_order(&api, &reference, None).await?.summary;
    must_see(&caller, [&order], api.core.clock.now())?;
    api.core.type_address(&order, &typed, &caller.actor()).await.map_err(WebError::core)?;
    Ok(done(&order.vendor_order_id, "address typed; the old one was destroyed"))
}

fn typed(body: TypeAddress) -> Result<TypedAddress, WebError> {
    let TypeAddress { name, company, line1, line2, line3, city, region, postcode, country } = body;
    let refuse = |message: String| WebError::unprocessable(message, "correct the address");
    for (field, value, needed) in [
        ("name", &name, true),
        ("company", &company, false),
        ("line1", &line1, true),
        ("line2", &line2, false),
        ("line3", &line3, false),
        ("city", &city, true),
        ("region", &region, false),
        ("postcode", &postcode, false),
    ] {
        let length = characters(value);
        if needed && length == 0 {
            return Err(refuse(format!("{field}: must not be empty")));
        }
        if length > MOST_FIELD {
            return Err(refuse(format!("{field}: has {length} characters, at most {MOST_FIELD} are taken")));
        }
    }
    let country: Country =
        country.parse().map_err(|_| refuse("country: must be two capitals, for example GB".to_owned()))?;
    let state =
        |value: Pii<String>| if characters(&value) == 0 { FieldState::NotSent } else { FieldState::Value(value) };
    let recipient = Recipient {
        name: state(name),
        company: state(company),
        address_line1: state(line1),
        address_line2: state(line2),
        address_line3: state(line3),
        city: state(city),
        region: state(region),
        postcode: state(postcode),
        ..Recipient::default()
    };
    Ok(TypedAddress { recipient, country })
}

/// `GET /v1/label-copies`: the caller's own whose labels are due.
pub(crate) async fn copies(State(api): State<Api>, Extension(caller): Extension<Caller>) -> Result<Response, WebError> {
    let due = api.core.label_copies_due(SELLER, &caller.actor()).await.map_err(WebError::core)?;
    let view = |copy: ordersync_core::LabelCopy| LabelCopyView {
        id: copy.id.to_string(),
        path: copy.path,
        sha256: copy.sha256.unwrap_or_else(|| Pii::new(String::new())),
    };
    let answer = LabelCopies { copies: due.into_iter().map(view).collect() };
    let text = wiped_json(&answer).map_err(|error| WebError::fault(format!("copies cannot be written: {error}")))?;
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// `POST /v1/label-copies`.
pub(crate) async fn note_copy(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<NoteLabelCopy>,
) -> Result<(StatusCode, Json<LabelCopyNoted>), WebError> {
    let references: Result<Vec<ShipmentRef>, _> = body.references.iter().map(|text| text.parse()).collect();
    let references = references
        .map_err(|error| WebError::unprocessable(format!("references: {error}"), "as they came from /v1/labels"))?;
    let mut orders = Vec::with_capacity(body.orders.len());
    for order in &body.orders {
        orders.push(stored_order(&api, order, None).await?.summary.order_id);
    }
    if characters(&body.path) == 0 || body.sha256.as_ref().is_some_and(|hash| hash.len() != 64) {
        return Err(WebError::unprocessable("path and a whole sha256 must be given", "correct the request's body"));
    }
    let replaces = body.replaces.as_deref().map(copy_id).transpose()?.map(EventId::as_uuid);
    let (path, sha256) = (body.path, body.sha256.as_deref());
    let new = NewLabelCopy { labels: &references, slips: &orders, path, sha256, replaces };
    let noted = api.core.note_label_copy(SELLER, new, &caller.actor()).await.map_err(WebError::core)?;
    Ok((StatusCode::CREATED, Json(LabelCopyNoted { id: noted.map(|id| id.to_string()) })))
}

fn copy_id(text: &str) -> Result<EventId, WebError> {
    text.parse().map_err(|_| WebError::bad_request("this is no id of a copy", "as it came from /v1/label-copies"))
}

/// `POST /v1/label-copies/{id}/gone`.
pub(crate) async fn copy_gone(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(id): PathText,
    JsonBody(body): JsonBody<CopyGone>,
) -> Result<StatusCode, WebError> {
    let id = copy_id(&id)?;
    if !["deleted", "changed", "missing", "not_written"].contains(&body.outcome.as_str()) {
        return Err(WebError::unprocessable("outcome: must be deleted, changed, missing or not_written", ""));
    }
    let done = api.core.forget_label_copy(SELLER, id.as_uuid(), &body.outcome, &caller.actor()).await;
    done.map_err(WebError::core)?;
    Ok(StatusCode::NO_CONTENT)
}
