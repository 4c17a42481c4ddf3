//! Where an order stands: fulfilment, payment and cancellation.

use ordersync_order::{Aspect, Cancellation, CancellationState, OrderStatus, PaymentStatus, RawCode};

use super::reading::{Path, Reading};
use crate::dto::{CancelRequest, CancelStatus, Order, Text, text};

/// What eBay says of an order's state.
pub(super) struct Standing {
    pub(super) status: OrderStatus,
    pub(super) payment: PaymentStatus,
    pub(super) cancellations: Vec<Cancellation>,
}

pub(super) fn standing(order: &Order<'_>, reading: &mut Reading) -> Standing {
    let payment = payment(&order.order_payment_status, reading);
    let (cancelled, cancellations) = cancellations(&order.cancel_status, reading);
    let fulfilment = fulfilment(order, &payment, reading);
    let status = if cancelled { OrderStatus::Cancelled } else { fulfilment };
    Standing { status, payment, cancellations }
}

/// `OrderPaymentStatusEnum`. eBay: an order is safe to ship once it is `PAID`, so anything unknown holds the label.
fn payment(field: &Option<Text<'_>>, reading: &mut Reading) -> PaymentStatus {
    let path = Path::ORDER.at("orderPaymentStatus");
    match text(field) {
        Some("PAID") => PaymentStatus::Paid,
        Some("PENDING") => PaymentStatus::Pending,
        Some("FAILED") => PaymentStatus::Failed,
        Some("PARTIALLY_REFUNDED") => PaymentStatus::PartiallyRefunded,
        Some("FULLY_REFUNDED") => PaymentStatus::FullyRefunded,
        Some(unknown) => PaymentStatus::Unknown(reading.unknown(Aspect::Shipping, path, unknown)),
        None => {
            reading.review(Aspect::Shipping, path, "eBay does not say whether the order is paid");
            PaymentStatus::NotStated
        }
    }
}

/// `OrderFulfillmentStatus`, with the payment in mind: an unpaid order is not waiting to be dispatched.
fn fulfilment(order: &Order<'_>, payment: &PaymentStatus, reading: &mut Reading) -> OrderStatus {
    let path = Path::ORDER.at("orderFulfillmentStatus");
    let unpaid = matches!(payment, PaymentStatus::Pending | PaymentStatus::Failed);
    match text(&order.order_fulfillment_status) {
        Some("NOT_STARTED") if unpaid => OrderStatus::Pending,
        Some("NOT_STARTED") => {
            if !order.fulfillment_hrefs.is_empty() {
                let reason = "eBay knows of a parcel although it says that nothing was shipped";
                reading.review(Aspect::Shipping, Path::ORDER.at("fulfillmentHrefs"), reason);
            }
            OrderStatus::Unshipped
        }
        Some("IN_PROGRESS") => OrderStatus::PartiallyShipped,
        Some("FULFILLED") => OrderStatus::Shipped,
        Some(unknown) => OrderStatus::Unknown(reading.unknown(Aspect::Shipping, path, unknown)),
        None => {
            reading.review(Aspect::Shipping, path, "eBay does not say how far the order is");
            OrderStatus::NotStated
        }
    }
}

/// Whether the order is cancelled as a whole, and what is known of requests.
///
/// `cancelState` is `NONE_REQUESTED` as long as nobody asked: nothing else lets a label through. `cancelRequests` is
/// filled by getOrder only; without it the state stands for the one request there must be.
/// Source: eBay type `sel:CancelStateEnum`, read 2026-11.
fn cancellations(status: &Option<CancelStatus<'_>>, reading: &mut Reading) -> (bool, Vec<Cancellation>) {
    let path = Path::ORDER.at("cancelStatus");
    let state_path = path.at("cancelState");
    let Some(status) = status else {
        reading.review(Aspect::Shipping, state_path, "eBay does not say whether the order is to be cancelled");
        return (false, Vec::new());
    };
    let mut found: Vec<Cancellation> = Vec::new();
    for (index, request) in status.cancel_requests.iter().enumerate() {
        found.push(requested(request, path.item("cancelRequests", index), reading));
    }
    let state = match text(&status.cancel_state) {
        Some("NONE_REQUESTED") => None,
        Some("CANCELED") => Some(CancellationState::Done),
        Some("IN_PROGRESS") => Some(CancellationState::Requested),
        Some(unknown) => Some(CancellationState::Unknown(reading.unknown(Aspect::Shipping, state_path, unknown))),
        None => {
            reading.review(Aspect::Shipping, state_path, "eBay does not say whether the order is to be cancelled");
            None
        }
    };
    let cancelled = state == Some(CancellationState::Done);
    let at = reading.time(&status.cancelled_date, path.at("cancelledDate"));
    if let Some(state) = state
        && !found.iter().any(|request| request.state == state)
    {
        found.push(Cancellation { vendor_line_id: None, state, by: None, reason: None, at });
    }
    (cancelled, found)
}

/// `CancelRequest`, with the states of `sel:CancelRequestStateEnum` (read 2026-11). Its reason is a code; a person's words in it are not kept ([`RawCode`]).
fn requested(request: &CancelRequest<'_>, path: Path<'_>, reading: &mut Reading) -> Cancellation {
    let state_path = path.at("cancelRequestState");
    let state = match text(&request.cancel_request_state) {
        Some("REQUESTED") => CancellationState::Requested,
        Some("REJECTED") => CancellationState::Declined,
        Some("COMPLETED") => CancellationState::Done,
        Some(unknown) => CancellationState::Unknown(reading.unknown(Aspect::Shipping, state_path, unknown)),
        None => {
            reading.review(Aspect::Shipping, state_path, "eBay does not say how far the request to cancel is");
            CancellationState::Unknown(RawCode::new("NOT_STATED"))
        }
    };
    let completed = reading.time(&request.cancel_completed_date, path.at("cancelCompletedDate"));
    let asked = reading.time(&request.cancel_requested_date, path.at("cancelRequestedDate"));
    Cancellation {
        vendor_line_id: None,
        state,
        by: text(&request.cancel_initiator).map(RawCode::new),
        reason: text(&request.cancel_reason).map(RawCode::new),
        at: completed.or(asked),
    }
}
