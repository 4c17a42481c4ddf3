//! One order: facts, history, and its people when the role may see them.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use ordersync_core::fulfilment::{Work, cancelled_pieces, work};
use ordersync_core::{OrderSummary, StoredLine, StoredOrder};
use ordersync_order::{Amount, Cancellation, CollectedTax, Discount, RawCode, Refund, Review};
use ordersync_types::{OrderId, Timestamp, VendorOrderId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::packing::shipment_view;
use super::{Labels, summary_view};
use crate::api::{Api, SELLER};
use crate::body::{PathText, QueryOf};
use crate::dto::{
    AmountView, CancellationView, Coded, CollectedTaxView, DiscountView, EventView, LineView, OrderView, RefundView,
    ReviewView,
};
use crate::error::WebError;
use crate::people_view::{open_people, order_notes, wiped_json};
use crate::role::Caller;

/// Which of several accounts with the same order number.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct InAccount {
    /// The account's label, where several hold an order with this number.
    #[serde(default)]
    account: Option<String>,
}

/// `GET /v1/orders/{reference}`.
pub(crate) async fn show(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(reference): PathText,
    QueryOf(query): QueryOf<InAccount>,
) -> Result<Response, WebError> {
    let order = stored_order(&api, &reference, query.account.as_deref()).await?;
    let summary = &order.summary;
    let events = api.core.store.order_events(SELLER, summary.order_id).await.map_err(WebError::database)?;
    let labels = Labels::read(&api).await?;
    let (recipient, buyer) = open_people(&api, summary, &caller).await.map_err(WebError::core)?;
    let id = summary.order_id;
    let packed = api.core.store.packed_lines(SELLER, &[id]).await.map_err(WebError::database)?;
    let holds = api.core.held(SELLER, [&order]).await.map_err(WebError::core)?;
    let held_because = match work(&order, &packed, holds.get(&id)) {
        Work::Held(hold) | Work::OtherLabel(hold) => hold.reasons,
        Work::None | Work::Elsewhere | Work::Label(_) | Work::Packed | Work::Left => Vec::new(),
    };
    let shipments = api.core.store.shipments_of(SELLER, &[id]).await.map_err(WebError::database)?;
    let notes = order_notes(&api, summary, &caller).await.map_err(WebError::core)?;
    let detail = &order.detail;
    let view = OrderView {
        summary: summary_view(summary, &labels),
        payment: Coded::of(&detail.payment),
        programmes: detail.programmes.iter().map(Coded::of).collect(),
        service_level: code(detail.service_level.as_ref()),
        deliver_to: detail.deliver_to.as_ref().map(|to| Coded::of(to).name),
        final_country: detail.final_country.map(|country| country.code().to_owned()),
        replaces: detail.replaces.as_ref().map(|id| id.as_str().to_owned()),
        amounts: amounts(&detail.amounts),
        discounts: discounts(&detail.discounts),
        collected_tax: collected_tax(&detail.collected_tax),
        refunds: refunds(&detail.refunds),
        cancellations: detail.cancellations.iter().map(cancellation).collect(),
        reviews: detail.reviews.iter().map(review).collect(),
        lines: order.lines.iter().map(|held| line(&order, held)).collect(),
        events: history(summary, events),
        held_because,
        shipments: shipments.iter().map(shipment_view).collect(),
        notes,
        recipient,
        buyer,
    };
    let text = wiped_json(&view).map_err(|error| WebError::fault(format!("an order could not be written: {error}")))?;
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// The order with this id of ours, or with this number at a marketplace.
pub(crate) async fn stored_order(api: &Api, reference: &str, account: Option<&str>) -> Result<StoredOrder, WebError> {
    let account = match account {
        Some(label) => Some(api.core.account(label).await.map_err(WebError::core)?.account),
        None => None,
    };
    if reference.parse::<OrderId>().is_err() && reference.parse::<VendorOrderId>().is_err() {
        let message = "this is neither an id of ours nor an order number of a marketplace";
        return Err(WebError::bad_request(message, "see `ordersync orders list`"));
    }
    api.core.stored_order(SELLER, reference, account).await.map_err(WebError::core)
}

fn code(code: Option<&RawCode>) -> Option<String> {
    code.map(|code| code.as_str().to_owned())
}

fn amounts(amounts: &[Amount]) -> Vec<AmountView> {
    let view = |amount: &Amount| AmountView {
        kind: Coded::of(&amount.kind),
        of: amount.of.as_ref().map(Coded::of),
        money: amount.money.into(),
    };
    amounts.iter().map(view).collect()
}

fn discounts(discounts: &[Discount]) -> Vec<DiscountView> {
    let view = |discount: &Discount| DiscountView {
        funded_by: Coded::of(&discount.funded_by).name,
        money: discount.money.map(Into::into),
        promotion: code(discount.promotion.as_ref()),
    };
    discounts.iter().map(view).collect()
}

fn collected_tax(taxes: &[CollectedTax]) -> Vec<CollectedTaxView> {
    let view = |tax: &CollectedTax| CollectedTaxView {
        kind: code(tax.kind.as_ref()),
        money: tax.money.map(Into::into),
        remitted_by: code(tax.remitted_by.as_ref()),
        model: code(tax.model.as_ref()),
        scheme: code(tax.scheme.as_ref()),
    };
    taxes.iter().map(view).collect()
}

fn refunds(refunds: &[Refund]) -> Vec<RefundView> {
    let view = |refund: &Refund| RefundView {
        money: refund.money.into(),
        at: refund.at,
        reference: code(refund.reference.as_ref()),
        status: code(refund.status.as_ref()),
    };
    refunds.iter().map(view).collect()
}

fn cancellation(one: &Cancellation) -> CancellationView {
    CancellationView {
        vendor_line_id: code(one.vendor_line_id.as_ref()),
        state: Coded::of(&one.state),
        by: code(one.by.as_ref()),
        reason: code(one.reason.as_ref()),
        at: one.at,
    }
}

fn review(review: &Review) -> ReviewView {
    ReviewView {
        aspect: Coded::of(&review.aspect).name,
        field: review.field.clone(),
        reason: review.reason.clone(),
        code: code(review.code.as_ref()),
    }
}

fn line(order: &StoredOrder, line: &StoredLine) -> LineView {
    let detail = &line.detail;
    LineView {
        vendor_line_id: line.vendor_line_id.clone(),
        sku: line.sku.clone(),
        vendor_item_id: line.vendor_item_id.clone(),
        title: line.title.clone(),
        quantity: line.quantity,
        quantity_dispatched: line.quantity_dispatched,
        quantity_cancelled: cancelled_pieces(order, line),
        unit_price: detail.unit_price.map(Into::into),
        total: detail.total.map(Into::into),
        amounts: amounts(&detail.amounts),
        discounts: discounts(&detail.discounts),
        collected_tax: collected_tax(&detail.collected_tax),
        refunds: refunds(&detail.refunds),
        dispatched_from: detail.dispatched_from.map(|country| country.code().to_owned()),
        ship_by: detail.ship_by,
        programmes: detail.programmes.iter().map(Coded::of).collect(),
    }
}

/// The order's history, its arrival first: that is a fact of the order itself, and only changes are entries.
fn history(order: &OrderSummary, changes: Vec<(Timestamp, String, String)>) -> Vec<EventView> {
    let first_change = changes.iter().find_map(|(_, _, detail)| detail.split_once(" -> "));
    let detail = first_change.map_or_else(|| order.status.clone(), |(before, _)| before.to_owned());
    let arrived = EventView { at: order.first_read_at, kind: "arrived".to_owned(), detail };
    let changes = changes.into_iter().map(|(at, kind, detail)| EventView { at, kind, detail });
    std::iter::once(arrived).chain(changes).collect()
}
