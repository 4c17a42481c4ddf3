//! Counting pieces: how many of a line can go, how many were cancelled, and whether a parcel holds too many: pure.

use std::collections::HashMap;

use ordersync_order::{CancellationState, Programme};
use ordersync_store::{LineLimit, PackedLine, Shipment, StoredLine, StoredOrder};
use ordersync_types::OrderId;

/// Pieces that are in no shipment and have not left: (the marketplace's id of the line, pieces).
pub fn open_lines(order: &StoredOrder, packed: &[PackedLine]) -> Vec<(String, i64)> {
    let left = order.lines.iter().map(|line| {
        let (waiting, dispatched) = packed_of(order, packed, &line.vendor_line_id);
        // What left by our own record, the marketplace counts too once it is told.
        let gone = line.quantity_dispatched.unwrap_or(0).max(dispatched);
        (line.vendor_line_id.clone(), (wanted(order, line) - gone - waiting).max(0))
    });
    left.filter(|(_, pieces)| *pieces > 0).collect()
}

/// All pieces of an order that can be packed at all, those that have left among them.
pub(super) fn every_piece(order: &StoredOrder) -> Vec<(String, i64)> {
    let lines = order.lines.iter().map(|line| (line.vendor_line_id.clone(), wanted(order, line)));
    lines.filter(|(_, pieces)| *pieces > 0).collect()
}

/// How many pieces of a line may be in shipments.
pub(super) fn limit(order: &StoredOrder, packed: &[PackedLine], vendor_line_id: &str) -> LineLimit {
    let (_, ours_gone) = packed_of(order, packed, vendor_line_id);
    let most = line_of(order, vendor_line_id).map_or(0, |line| {
        // Pieces that the marketplace saw leave without a shipment of ours.
        let elsewhere = (line.quantity_dispatched.unwrap_or(0) - ours_gone).max(0);
        wanted(order, line) - elsewhere
    });
    LineLimit { order: order.summary.order_id, vendor_line_id: vendor_line_id.to_owned(), most }
}

/// Pieces of a line that the buyer is to get by post: all but digital ones and those that were cancelled.
pub(super) fn wanted(order: &StoredOrder, line: &StoredLine) -> i64 {
    if line.detail.programmes.contains(&Programme::Digital) {
        return 0;
    }
    (line.quantity - cancelled_pieces(order, line)).max(0)
}

/// Pieces of a line whose cancellation is done. Where the marketplace does not count what is still to leave, all of
/// them that have not left.
///
/// Source: `ItemCancellation` and `ItemFulfillment` of Amazon's Orders API 2026-01-01: a line says that it was
/// cancelled, and its counts how much of it.
pub fn cancelled_pieces(order: &StoredOrder, line: &StoredLine) -> i64 {
    if !is_cancelled(order, line) {
        return 0;
    }
    let left = line.quantity_dispatched.unwrap_or(0);
    (line.quantity - left - to_dispatch(line).unwrap_or(0)).max(0)
}

fn is_cancelled(order: &StoredOrder, line: &StoredLine) -> bool {
    order.detail.cancellations.iter().any(|one| {
        one.state == CancellationState::Done
            && one.vendor_line_id.as_ref().is_some_and(|id| id.as_str() == line.vendor_line_id)
    })
}

fn to_dispatch(line: &StoredLine) -> Option<i64> {
    line.detail.quantity_to_dispatch.map(i64::from)
}

/// Why the counts of an order's lines cannot be believed; `None`: they can.
pub(super) fn contradiction(order: &StoredOrder) -> Option<String> {
    order.lines.iter().find_map(|line| {
        let (left, to_go) = (line.quantity_dispatched.unwrap_or(0), to_dispatch(line)?);
        let id = &line.vendor_line_id;
        match (is_cancelled(order, line), left + to_go - line.quantity) {
            (true, 0..) if to_go > 0 => {
                Some(format!("line {id} was cancelled, but {to_go} of its pieces are counted as still to be sent"))
            }
            (false, ..0) => {
                let missing = line.quantity - left - to_go;
                Some(format!(
                    "line {id}: {missing} of its {} pieces are to be sent no more, and no reason is given",
                    line.quantity
                ))
            }
            (true | false, _) => None,
        }
    })
}

/// Why a parcel holds pieces that its orders do not want any more; `None`: it does not.
pub(super) fn too_many(
    shipment: &Shipment,
    orders: &HashMap<OrderId, StoredOrder>,
    packed: &[PackedLine],
) -> Option<String> {
    shipment.lines.iter().find_map(|held| {
        let order = orders.get(&held.order)?;
        let (number, id) = (&order.summary.vendor_order_id, &held.vendor_line_id);
        let (waiting, dispatched) = packed_of(order, packed, id);
        let in_parcels = held.quantity.max(waiting + dispatched);
        let Some(line) = line_of(order, id) else {
            return Some(format!("{number}: line {id} is in the order no more"));
        };
        let most = wanted(order, line);
        let what = line.sku.as_deref().unwrap_or(id);
        (in_parcels > most)
            .then(|| format!("{number}: {in_parcels} pieces of {what} are packed, and {most} are wanted now"))
    })
}

fn line_of<'o>(order: &'o StoredOrder, vendor_line_id: &str) -> Option<&'o StoredLine> {
    order.lines.iter().find(|line| line.vendor_line_id == vendor_line_id)
}

/// Pieces of a line in shipments that have not left, and in those that have.
fn packed_of(order: &StoredOrder, packed: &[PackedLine], vendor_line_id: &str) -> (i64, i64) {
    let ours = packed.iter().find(|one| one.order == order.summary.order_id && one.vendor_line_id == vendor_line_id);
    ours.map_or((0, 0), |ours| (ours.waiting, ours.dispatched))
}
