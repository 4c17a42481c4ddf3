//! Recording that a parcel has left. The marketplace is not told: that is a person's work until write-back is built.

use std::collections::HashMap;

use chrono::Duration;
use ordersync_store::{OrderSummary, Shipment, ShipmentLine, ShipmentState, StoredOrder};
use ordersync_types::{OrderId, SellerId, ShipmentRef};

use super::again::check_open;
use super::pieces::{limit, too_many};
use super::readiness::{has_open_cancellation, stops_dispatch};
use super::{draft, open_lines, refuse_being_made, status_of};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError, HeldBy};

/// No parcel is under way for longer: what has not arrived by then is lost or was never told.
const UNDER_WAY: Duration = Duration::days(60);

/// A parcel that has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchWish {
    /// The reference on its label, or the order's number.
    pub target: String,
    /// The carrier; that of the label without it.
    pub carrier: Option<String>,
    /// The carrier's service.
    pub service: Option<String>,
    /// The tracking number; that of the label without it.
    pub tracking: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchOutcome {
    /// The shipment as it stands now.
    pub shipment: Shipment,
    /// The numbers of its orders.
    pub orders: Vec<String>,
    /// False when all of it had been recorded before.
    pub recorded: bool,
}

impl Core {
    /// Shipments that left by the marketplace's word are dispatched here too; tells how many.
    ///
    /// # Errors
    /// What the store says. May be repeated.
    pub async fn follow_dispatches(&self, seller: SellerId) -> Result<u64, CoreError> {
        let _busy = self.clock.busy();
        Ok(self.store.dispatch_as_marketplace_says(seller, self.clock.now()).await?)
    }

    /// Parcels that have arrived by the marketplace's word are delivered here too; tells how many. Those that left long
    /// ago are not looked at any more.
    ///
    /// # Errors
    /// What the store says. May be repeated.
    pub async fn follow_deliveries(&self, seller: SellerId) -> Result<u64, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let since = now.checked_sub_signed(UNDER_WAY).unwrap_or(now);
        Ok(self.store.deliver_as_marketplace_says(seller, since).await?)
    }

    /// Records that a parcel has left. One that is recorded already stays as it was.
    ///
    /// # Errors
    /// [`CoreError::Refused`], loudly, for an order that was cancelled or whose buyer wants to cancel, for a reference
    /// that nobody knows, and for a carrier, service or tracking number that is none; else what the store says.
    pub async fn dispatch(
        &self,
        seller: SellerId,
        wish: &DispatchWish,
        actor: &Actor,
    ) -> Result<DispatchOutcome, CoreError> {
        let _busy = self.clock.busy();
        check_open(wish)?;
        let now = self.clock.now();
        let known = match wish.target.parse::<ShipmentRef>() {
            Ok(reference) => self.store.shipment(seller, &reference).await?,
            Err(_) => None,
        };
        let (mut shipment, new) = match known {
            Some(shipment) => (shipment, false),
            None => self.shipment_of_number(seller, &wish.target, actor).await?,
        };
        let orders = self.orders_by_id(seller, shipment.orders()).await?;
        let numbers: Vec<String> = orders.values().map(|order| order.summary.vendor_order_id.clone()).collect();
        if matches!(shipment.state, ShipmentState::Dispatched | ShipmentState::Delivered) {
            let recorded = self.follow_with_tracking(&mut shipment, wish, actor).await?;
            return Ok(DispatchOutcome { shipment, orders: numbers, recorded });
        }
        refuse_being_made(&shipment, now)?;
        refuse_stopped(&shipment, &orders, &self.held(seller, orders.values()).await?)?;
        let packed = self.store.packed_lines(seller, &shipment.orders()).await?;
        if let Some(reason) = too_many(&shipment, &orders, &packed) {
            let hint = "take the parcel out, void its label and make a new one".to_owned();
            return Err(CoreError::Refused { message: format!("{reason}: do NOT send it"), hint });
        }
        if shipment.address_digest.is_some() {
            let summaries: Vec<&OrderSummary> = orders.values().map(|order| &order.summary).collect();
            let recipients = self.open_recipients(seller, &summaries, actor).await?;
            if let Some(stale) = self.stale(&shipment, &orders, &recipients) {
                let message = format!("{}: do NOT send it", stale.message);
                return Err(CoreError::Refused { message, hint: stale.hint });
            }
        }
        shipment.state = ShipmentState::Dispatched;
        shipment.dispatched_at = Some(now);
        shipment.dispatched_by = Some(actor.to_string());
        shipment.carrier = wish.carrier.clone().or_else(|| Some(shipment.courier.clone()));
        shipment.carrier_service = wish.service.clone().or_else(|| Some(shipment.service.clone()));
        shipment.tracking = wish.tracking.clone().or(shipment.tracking);
        let recorded = if new {
            self.add_without_label(&shipment, &orders).await?;
            true
        } else {
            self.store.dispatch_shipment(&shipment).await?
        };
        if recorded {
            let detail = shipment.courier.clone();
            let reference = &shipment.reference;
            let entry = audit_entry(seller, now, actor, "shipment.dispatch", "shipment", reference, detail);
            self.store.write_audit(&[entry]).await?;
            self.wake_invoicing();
        }
        Ok(DispatchOutcome { shipment, orders: numbers, recorded })
    }

    /// A tracking number that comes after the parcel was scanned, as a courier's file does; true when it was noted.
    async fn follow_with_tracking(
        &self,
        shipment: &mut Shipment,
        wish: &DispatchWish,
        actor: &Actor,
    ) -> Result<bool, CoreError> {
        let Some(tracking) = &wish.tracking else { return Ok(false) };
        if let Some(held) = shipment.tracking.as_ref().filter(|held| *held != tracking) {
            let message = format!("shipment {} has the tracking number {held} already", shipment.reference);
            let hint = "look at both parcels: one number may belong to another shipment".to_owned();
            return Err(CoreError::Refused { message, hint });
        }
        shipment.tracking = Some(tracking.clone());
        shipment.carrier = wish.carrier.clone().or(shipment.carrier.take());
        shipment.carrier_service = wish.service.clone().or(shipment.carrier_service.take());
        let noted = self.store.add_tracking(shipment).await?;
        if noted {
            let (seller, now, reference) = (shipment.seller, self.clock.now(), &shipment.reference);
            let detail = "after it had left".to_owned();
            let entry = audit_entry(seller, now, actor, "shipment.tracking", "shipment", reference, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(noted)
    }

    /// Stores a shipment that left under somebody else's label, unless somebody has just packed the same pieces.
    async fn add_without_label(
        &self,
        shipment: &Shipment,
        orders: &HashMap<OrderId, StoredOrder>,
    ) -> Result<(), CoreError> {
        let ids = shipment.orders();
        let packed = self.store.packed_lines(shipment.seller, &ids).await?;
        let of_line = |line: &ShipmentLine| Some(limit(orders.get(&line.order)?, &packed, &line.vendor_line_id));
        let limits: Vec<_> = shipment.lines.iter().filter_map(of_line).collect();
        let alone = std::slice::from_ref(shipment);
        if self.store.add_shipments(shipment.seller, alone, &limits, &[]).await?.is_empty() {
            return Ok(());
        }
        let message = "its pieces were packed or recorded as sent at this moment by somebody else".to_owned();
        Err(CoreError::Refused { message, hint: "look at it with `ordersync orders show`".to_owned() })
    }

    /// The one shipment of an order that waits, or a new one with all its open pieces (true).
    async fn shipment_of_number(
        &self,
        seller: SellerId,
        number: &str,
        actor: &Actor,
    ) -> Result<(Shipment, bool), CoreError> {
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        let order = match self.stored_order(seller, number, None).await {
            Err(CoreError::NoSuchOrder(_)) => {
                let message = format!("there is no shipment and no order {number}");
                return refuse(message, "scan the label again, or give the marketplace's order number");
            }
            found => found?,
        };
        let id = order.summary.order_id;
        let held = self.store.shipments_of(seller, &[id]).await?;
        let mut waiting = held.iter().filter(|shipment| {
            matches!(shipment.state, ShipmentState::Draft | ShipmentState::Labelled | ShipmentState::Unknown)
        });
        match (waiting.next(), waiting.next()) {
            (Some(only), None) => return Ok((only.clone(), false)),
            (Some(_), Some(_)) => {
                return refuse(format!("{number} has several parcels"), "give the reference on the label of each");
            }
            (None, _) => {}
        }
        let packed = self.store.packed_lines(seller, &[id]).await?;
        let open = open_lines(&order, &packed);
        if open.is_empty() {
            return match held.into_iter().rev().find(|shipment| shipment.state == ShipmentState::Dispatched) {
                Some(left) => Ok((left, false)),
                None => refuse(format!("{number}: no piece of it is left to dispatch"), ""),
            };
        }
        if !status_of(&order.summary.status, order.summary.status_code.as_deref()).is_open() {
            refuse_stopped_order(&order, None)?;
            return refuse(format!("{number}: it has left already ({})", order.summary.status), "");
        }
        let line = |(vendor_line_id, quantity)| ShipmentLine { order: id, vendor_line_id, quantity };
        let shipment = draft(&order, open.into_iter().map(line).collect(), actor, self.clock.now());
        Ok((shipment, true))
    }
}

fn refuse_stopped(
    shipment: &Shipment,
    orders: &HashMap<OrderId, StoredOrder>,
    holds: &HashMap<OrderId, HeldBy>,
) -> Result<(), CoreError> {
    let reference = shipment.reference;
    if shipment.state == ShipmentState::Cancelled {
        let message = format!("shipment {reference} was VOIDED: do not send it");
        let hint = "take the parcel out; it needs a new label".to_owned();
        return Err(CoreError::Refused { message, hint });
    }
    orders.iter().try_for_each(|(id, order)| refuse_stopped_order(order, holds.get(id)))
}

fn refuse_stopped_order(order: &StoredOrder, held_by: Option<&HeldBy>) -> Result<(), CoreError> {
    let refuse = |message: String, hint: String| Err(CoreError::Refused { message, hint });
    let number = &order.summary.vendor_order_id;
    if order.summary.status == "cancelled" {
        let hint = "take the parcel out and void its label".to_owned();
        return refuse(format!("{number} was CANCELLED: do not send it"), hint);
    }
    if has_open_cancellation(order) {
        let hint = "accept or decline the request at the marketplace first".to_owned();
        return refuse(format!("{number}: the buyer wants to CANCEL: do not send it yet"), hint);
    }
    match stops_dispatch(order, held_by) {
        Some(hold) => refuse(format!("{number}: do NOT send it: {}", hold.text()), hold.hint),
        None => Ok(()),
    }
}
