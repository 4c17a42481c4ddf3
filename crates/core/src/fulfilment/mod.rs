//! Packing, labels and dispatch: what can go, what a courier is told, and what became of it.

mod again;
mod create;
mod destination;
mod dispatch;
mod pieces;
mod plan;
mod print;
mod readiness;
mod recover;
mod worklist;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::Duration;
use ordersync_courier_api::{CourierAdapter, LabelMedia, SenderProfile};
use ordersync_store::{LabelState, OrderFilter, Shipment, ShipmentLine, ShipmentState, StoredOrder};
use ordersync_types::{EventId, OrderId, SellerId, ShipmentId, ShipmentRef, Timestamp};

use crate::paper::PaperRenderer;
use crate::{Actor, Core, CoreError};

pub use again::{Again, NoSuchReason};
pub use create::{LabelMade, LabelOutcome, LabelRefused, LabelWish, Pieces};
pub use dispatch::{DispatchOutcome, DispatchWish};
pub use pieces::{cancelled_pieces, open_lines};
pub use print::PrintedLabel;
pub use readiness::{Hold, Work, has_open_cancellation, is_late, open_statuses, stands_alone, status_of, work};

/// How long a label is kept, in days; may be shorter, never longer (retention schedule, class `label`).
pub const LABEL_DAYS: i64 = 21;

/// A shipment that has been *requested* for this long has no answer to come any more.
pub const ABANDONED: Duration = Duration::minutes(5);

/// What labels are made with: from the configuration.
#[derive(Clone)]
pub struct FulfilmentSettings {
    /// The couriers, the usual one first.
    pub couriers: Vec<Arc<dyn CourierAdapter>>,
    /// Who sends; `None`: no label can be made until the configuration says so.
    pub sender: Option<SenderProfile>,
    /// Who lays paper out; `None`: labels come one by one, and there is no other paper.
    pub paper: Option<Arc<dyn PaperRenderer>>,
    /// The usual size and format.
    pub media: LabelMedia,
    /// Days that a label is kept, 1 to [`LABEL_DAYS`].
    pub label_days: i64,
}

impl fmt::Debug for FulfilmentSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let couriers: Vec<&str> = self.couriers.iter().map(|courier| courier.info().id.0).collect();
        f.debug_struct("FulfilmentSettings").field("couriers", &couriers).field("media", &self.media).finish()
    }
}

impl FulfilmentSettings {
    /// The courier with this name; the usual one without a name.
    pub(crate) fn courier(&self, name: Option<&str>) -> Result<&Arc<dyn CourierAdapter>, NoSuchCourier> {
        let found = match name {
            None => self.couriers.first(),
            Some(name) => self.couriers.iter().find(|courier| courier.info().id.0 == name),
        };
        found.ok_or_else(|| {
            let known: Vec<&str> = self.couriers.iter().map(|courier| courier.info().id.0).collect();
            NoSuchCourier {
                message: format!("there is no courier {}", name.unwrap_or("in the configuration")),
                hint: format!("couriers: {}", known.join(", ")),
            }
        })
    }
}

impl Core {
    /// These orders, whole; one that is not held is left out.
    pub(crate) async fn orders_by_id(
        &self,
        seller: SellerId,
        mut ids: Vec<OrderId>,
    ) -> Result<HashMap<OrderId, StoredOrder>, CoreError> {
        ids.sort_unstable();
        ids.dedup();
        let limit = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let filter = OrderFilter { ids: Some(ids), limit, ..OrderFilter::default() };
        let orders = self.store.full_orders(seller, &filter).await?;
        Ok(orders.into_iter().map(|order| (order.summary.order_id, order)).collect())
    }
}

/// A shipment of these pieces that nobody was asked about yet, under a reference of its own.
fn draft(order: &StoredOrder, lines: Vec<ShipmentLine>, actor: &Actor, now: Timestamp) -> Shipment {
    Shipment {
        seller: order.summary.seller,
        shipment_id: ShipmentId::new(now),
        reference: ShipmentRef::from_random(EventId::new(now).as_uuid().as_u64_pair().1),
        state: ShipmentState::Draft,
        label: LabelState::None,
        courier: "none".to_owned(),
        service: "none".to_owned(),
        media: String::new(),
        parcels: 1,
        recipient_order: order.summary.order_id,
        address_digest: None,
        again: None,
        created_at: now,
        created_by: actor.to_string(),
        labelled_at: None,
        prints: 0,
        dispatched_at: None,
        dispatched_by: None,
        carrier: None,
        carrier_service: None,
        tracking: None,
        courier_shipment_id: None,
        failure: None,
        lines,
    }
}

/// Whether a courier may be at work on this shipment's label right now.
fn is_being_made(shipment: &Shipment, now: Timestamp) -> bool {
    shipment.state == ShipmentState::Requested && now.signed_duration_since(shipment.created_at) < ABANDONED
}

/// Nobody voids or sends what a courier is at work on: the answer decides what there is to void or to send.
fn refuse_being_made(shipment: &Shipment, now: Timestamp) -> Result<(), CoreError> {
    if !is_being_made(shipment, now) {
        return Ok(());
    }
    Err(CoreError::Refused {
        message: format!("the label of shipment {} is being made right now", shipment.reference),
        hint: "wait a moment; one whose answer does not come is settled within minutes".to_owned(),
    })
}

/// There is no courier of this name.
#[derive(Debug)]
pub(crate) struct NoSuchCourier {
    message: String,
    hint: String,
}

impl From<NoSuchCourier> for CoreError {
    fn from(none: NoSuchCourier) -> Self {
        Self::Refused { message: none.message, hint: none.hint }
    }
}
