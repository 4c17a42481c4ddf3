//! What of an order has left and is on no document yet: pure.

use std::collections::HashMap;

use ordersync_order::OrderStatus;
use ordersync_store::{InvoiceRow, Shipment, ShipmentState, StoredLine, StoredOrder};
use ordersync_types::{ShipmentId, Timestamp};
use ordersync_vat::{Booked, Dispatch, pieces_booked};

use crate::fulfilment::cancelled_pieces;

/// Pieces that have left together and are to be invoiced together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DueDispatch {
    /// Our shipment, when there is one.
    pub(super) shipment: Option<ShipmentId>,
    /// When, and which pieces.
    pub(super) dispatch: Dispatch,
}

/// The dispatches of an order that no document has, oldest first: our own shipments, and what the marketplace saw leave
/// besides. A parcel that packs pieces once more has no price of its own.
pub(super) fn due_dispatches(
    order: &StoredOrder,
    shipments: &[&Shipment],
    documents: &[InvoiceRow],
    booked: &[Booked],
) -> Vec<DueDispatch> {
    let id = order.summary.order_id;
    let left: Vec<&&Shipment> = shipments
        .iter()
        .filter(|shipment| {
            matches!(shipment.state, ShipmentState::Dispatched | ShipmentState::Delivered)
                && shipment.again.is_none()
                && shipment.lines.iter().any(|line| line.order == id)
        })
        .collect();
    let mut open: HashMap<&str, i64> = HashMap::with_capacity(order.lines.len());
    for line in &order.lines {
        let ours: i64 = left
            .iter()
            .flat_map(|shipment| &shipment.lines)
            .filter(|piece| piece.order == id && piece.vendor_line_id == line.vendor_line_id)
            .map(|piece| piece.quantity)
            .sum();
        let gone = ours.max(gone_by_marketplace(order, line)).min(line.quantity);
        open.insert(&line.vendor_line_id, gone - pieces_booked(booked, &line.vendor_line_id));
    }
    let mut due = Vec::new();
    for shipment in left {
        if documents.iter().any(|document| document.shipment == Some(shipment.shipment_id)) {
            continue;
        }
        let mut pieces = Vec::new();
        for line in shipment.lines.iter().filter(|line| line.order == id) {
            let Some(left) = open.get_mut(line.vendor_line_id.as_str()) else { continue };
            let quantity = line.quantity.min(*left);
            if quantity > 0 {
                *left -= quantity;
                pieces.push((line.vendor_line_id.clone(), quantity));
            }
        }
        if !pieces.is_empty() {
            let at = shipment.dispatched_at.unwrap_or(order.summary.updated_at);
            due.push(DueDispatch { shipment: Some(shipment.shipment_id), dispatch: Dispatch { at, pieces } });
        }
    }
    let rest: Vec<(String, i64)> = order
        .lines
        .iter()
        .filter_map(|line| open.get(line.vendor_line_id.as_str()).map(|left| (line.vendor_line_id.clone(), *left)))
        .filter(|(_, left)| *left > 0)
        .collect();
    if !rest.is_empty() {
        due.push(DueDispatch { shipment: None, dispatch: Dispatch { at: left_at(order), pieces: rest } });
    }
    due.sort_by_key(|due| due.dispatch.at);
    due
}

/// When an order left by the marketplace's word.
pub(super) fn left_at(order: &StoredOrder) -> Timestamp {
    order.summary.dispatched_at.unwrap_or(order.summary.updated_at)
}

/// Pieces of a line that left by the marketplace's word: what it counts, and all that were not cancelled of an order that
/// has left and counts nothing.
fn gone_by_marketplace(order: &StoredOrder, line: &StoredLine) -> i64 {
    let all = (line.quantity - cancelled_pieces(order, line)).max(0);
    match OrderStatus::from_name(&order.summary.status, order.summary.status_code.as_deref()) {
        Some(OrderStatus::Shipped | OrderStatus::Delivered) => line.quantity_dispatched.unwrap_or(all),
        Some(_) | None => line.quantity_dispatched.unwrap_or(0),
    }
}

/// Pieces of each line that were cancelled.
pub(super) fn cancelled(order: &StoredOrder) -> HashMap<String, i64> {
    let pieces = |line: &StoredLine| (line.vendor_line_id.clone(), cancelled_pieces(order, line));
    order.lines.iter().map(pieces).filter(|(_, pieces)| *pieces > 0).collect()
}

/// True when pieces of the order may still leave: a refund for them waits for their dispatch.
pub(super) fn may_still_leave(order: &StoredOrder, booked: &[Booked]) -> bool {
    let status = OrderStatus::from_name(&order.summary.status, order.summary.status_code.as_deref());
    let open = !matches!(
        status,
        Some(OrderStatus::Shipped | OrderStatus::Delivered | OrderStatus::Cancelled | OrderStatus::Unfulfillable)
    );
    open && order
        .lines
        .iter()
        .any(|line| line.quantity - cancelled_pieces(order, line) > pieces_booked(booked, &line.vendor_line_id))
}
