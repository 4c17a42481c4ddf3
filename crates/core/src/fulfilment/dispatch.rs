//! Recording that a parcel has left. The marketplace is not told: that is a person's work until write-back is built.

use std::collections::HashMap;

use ordersync_store::{LabelState, OrderFilter, OrderSummary, Shipment, ShipmentLine, ShipmentState, StoredOrder};
use ordersync_types::{EventId, OrderId, SellerId, ShipmentId, ShipmentRef};

use super::readiness::{has_open_cancellation, open_lines};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

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
    /// False when it had been recorded before.
    pub recorded: bool,
}

impl Core {
    /// Records that a parcel has left. One that is recorded already stays as it was.
    ///
    /// # Errors
    /// [`CoreError::Refused`], loudly, for an order that was cancelled or whose buyer wants to cancel, and for a
    /// reference that nobody knows; else what the store says.
    pub async fn dispatch(
        &self,
        seller: SellerId,
        wish: &DispatchWish,
        actor: &Actor,
    ) -> Result<DispatchOutcome, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let known = match wish.target.parse::<ShipmentRef>() {
            Ok(reference) => self.store.shipment(seller, &reference).await?,
            Err(_) => None,
        };
        let (mut shipment, new) = match known {
            Some(shipment) => (shipment, false),
            None => self.shipment_of_number(seller, &wish.target, actor).await?,
        };
        let orders = self.orders_of(seller, &shipment).await?;
        let numbers: Vec<String> = orders.values().map(|order| order.summary.vendor_order_id.clone()).collect();
        if matches!(shipment.state, ShipmentState::Dispatched | ShipmentState::Delivered) {
            return Ok(DispatchOutcome { shipment, orders: numbers, recorded: false });
        }
        refuse_cancelled(&shipment, &orders)?;
        shipment.state = ShipmentState::Dispatched;
        shipment.dispatched_at = Some(now);
        shipment.dispatched_by = Some(actor.to_string());
        shipment.carrier = wish.carrier.clone().or_else(|| Some(shipment.courier.clone()));
        shipment.carrier_service = wish.service.clone().or_else(|| Some(shipment.service.clone()));
        shipment.tracking = wish.tracking.clone().or(shipment.tracking);
        let recorded = if new {
            self.store.add_shipments(seller, std::slice::from_ref(&shipment), &[], &[]).await?.is_empty()
        } else {
            self.store.dispatch_shipment(&shipment).await?
        };
        if recorded {
            let detail = shipment.carrier.clone().unwrap_or_default();
            let reference = &shipment.reference;
            let entry = audit_entry(seller, now, actor, "shipment.dispatch", "shipment", reference, detail);
            self.store.write_audit(&[entry]).await?;
        }
        Ok(DispatchOutcome { shipment, orders: numbers, recorded })
    }

    /// The orders with this number.
    ///
    /// # Errors
    /// [`CoreError::NoSuchOrder`]; [`CoreError::Refused`] when several accounts have one; else what the store says.
    pub async fn order_with_number(&self, seller: SellerId, number: &str) -> Result<OrderSummary, CoreError> {
        let mut filter = OrderFilter { limit: 2, ..OrderFilter::default() };
        match number.parse::<OrderId>() {
            Ok(id) => filter.ids = Some(vec![id]),
            Err(_) => filter.vendor_order_id = Some(number.to_owned()),
        }
        let mut found = self.store.list_orders(seller, &filter).await?;
        match (found.pop(), found.pop()) {
            (Some(order), None) => Ok(order),
            (None, _) => Err(CoreError::NoSuchOrder(number.to_owned())),
            (Some(_), Some(_)) => Err(CoreError::Refused {
                message: format!("several accounts have an order {number}"),
                hint: "use the id that `ordersync orders list` shows".to_owned(),
            }),
        }
    }

    /// The one shipment of an order that waits, or a new one with all its open pieces (true).
    async fn shipment_of_number(
        &self,
        seller: SellerId,
        number: &str,
        actor: &Actor,
    ) -> Result<(Shipment, bool), CoreError> {
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        let summary = match self.order_with_number(seller, number).await {
            Err(CoreError::NoSuchOrder(_)) => {
                let message = format!("there is no shipment and no order {number}");
                return refuse(message, "scan the label again, or give the marketplace's order number");
            }
            found => found?,
        };
        let id = summary.order_id;
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
        let filter = OrderFilter { ids: Some(vec![id]), limit: 1, ..OrderFilter::default() };
        let Some(order) = self.store.full_orders(seller, &filter).await?.pop() else {
            return Err(CoreError::NoSuchOrder(number.to_owned()));
        };
        let packed = self.store.packed_lines(seller, &[id]).await?;
        let open = open_lines(&order, &packed);
        if open.is_empty() {
            return match held.into_iter().rev().find(|shipment| shipment.state == ShipmentState::Dispatched) {
                Some(left) => Ok((left, false)),
                None => refuse(format!("{number}: no piece of it is left to dispatch"), ""),
            };
        }
        let now = self.clock.now();
        let line = |(vendor_line_id, quantity)| ShipmentLine { order: id, vendor_line_id, quantity };
        let shipment = Shipment {
            seller,
            shipment_id: ShipmentId::new(now),
            reference: ShipmentRef::from_random(EventId::new(now).as_uuid().as_u64_pair().1),
            state: ShipmentState::Draft,
            label: LabelState::None,
            courier: "none".to_owned(),
            service: "none".to_owned(),
            media: String::new(),
            parcels: 1,
            recipient_order: id,
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
            lines: open.into_iter().map(line).collect(),
        };
        Ok((shipment, true))
    }

    async fn orders_of(
        &self,
        seller: SellerId,
        shipment: &Shipment,
    ) -> Result<HashMap<OrderId, StoredOrder>, CoreError> {
        let ids = shipment.orders();
        let limit = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let filter = OrderFilter { ids: Some(ids), limit, ..OrderFilter::default() };
        let orders = self.store.full_orders(seller, &filter).await?;
        Ok(orders.into_iter().map(|order| (order.summary.order_id, order)).collect())
    }
}

fn refuse_cancelled(shipment: &Shipment, orders: &HashMap<OrderId, StoredOrder>) -> Result<(), CoreError> {
    let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
    let reference = shipment.reference;
    if shipment.state == ShipmentState::Cancelled {
        return refuse(
            format!("shipment {reference} was VOIDED: do not send it"),
            "take the parcel out; it needs a new label",
        );
    }
    for order in orders.values() {
        let number = &order.summary.vendor_order_id;
        if order.summary.status == "cancelled" {
            return refuse(format!("{number} was CANCELLED: do not send it"), "take the parcel out and void its label");
        }
        if has_open_cancellation(order) {
            let hint = "accept or decline the request at the marketplace first";
            return refuse(format!("{number}: the buyer wants to CANCEL: do not send it yet"), hint);
        }
    }
    Ok(())
}
