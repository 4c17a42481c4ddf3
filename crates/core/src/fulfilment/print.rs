//! Printing labels that are held: the same bytes each time, and nobody is asked.

use std::collections::HashMap;

use ordersync_courier_api::{CourierKeys, LabelMedia, Lane};
use ordersync_order::Recipient;
use ordersync_store::{LabelRow, LabelState, OrderSummary, PackedLine, Shipment, ShipmentState, StoredOrder};
use ordersync_types::{KeyId, OrderId, Pii, SellerId, ShipmentId, ShipmentRef, Timestamp};
use ordersync_vault::{CellPlace, KeyClass, ScopeId};

use super::destination::{own_country, told};
use super::pieces::too_many;
use super::readiness::has_open_cancellation;
use super::{LABEL_DAYS, LabelRefused, refuse_being_made};
use crate::open::{OpenedRecipient, audit_entry};
use crate::{Actor, Core, CoreError};

/// A label to be printed.
#[derive(Debug)]
pub struct PrintedLabel {
    /// Its reference.
    pub reference: ShipmentRef,
    /// Size and format.
    pub media: LabelMedia,
    /// The document.
    pub bytes: Pii<Vec<u8>>,
    /// When it will be purged.
    pub purge_after: Timestamp,
}

fn refused(shipment: &Shipment, message: String, hint: &str) -> LabelRefused {
    LabelRefused { orders: shipment.orders(), message, hint: hint.to_owned(), unclear: false }
}

impl Core {
    /// Why each of these labels cannot be printed now; empty when all can. A reference that nobody knows is one of them.
    ///
    /// # Errors
    /// What the store or the vault say.
    pub async fn unprintable_labels(
        &self,
        seller: SellerId,
        references: &[ShipmentRef],
        actor: &Actor,
    ) -> Result<Vec<(ShipmentRef, LabelRefused)>, CoreError> {
        let _busy = self.clock.busy();
        let mut refusals = Vec::new();
        for batch in references.chunks(200) {
            let shipments = self.store.shipments(seller, batch).await?;
            let known: HashMap<ShipmentRef, &Shipment> = shipments.iter().map(|one| (one.reference, one)).collect();
            for reference in batch.iter().filter(|reference| !known.contains_key(reference)) {
                let (message, orders) = (format!("there is no shipment {reference}"), Vec::new());
                let hint = "scan or type the reference on the label".to_owned();
                refusals.push((*reference, LabelRefused { orders, message, hint, unclear: false }));
            }
            refusals.extend(self.stopped_labels(seller, &shipments, actor).await?);
        }
        Ok(refusals)
    }

    /// Those of the labels that must not be printed, and why.
    async fn stopped_labels(
        &self,
        seller: SellerId,
        shipments: &[Shipment],
        actor: &Actor,
    ) -> Result<Vec<(ShipmentRef, LabelRefused)>, CoreError> {
        let now = self.clock.now();
        let ids: Vec<ShipmentId> = shipments.iter().map(|shipment| shipment.shipment_id).collect();
        let labels: HashMap<ShipmentId, LabelRow> =
            self.store.labels(seller, &ids).await?.into_iter().map(|label| (label.shipment, label)).collect();
        let orders = self.orders_by_id(seller, shipments.iter().flat_map(Shipment::orders).collect()).await?;
        let order_ids: Vec<OrderId> = orders.keys().copied().collect();
        let packed = self.store.packed_lines(seller, &order_ids).await?;
        let of_labels: Vec<&OrderSummary> = orders.values().map(|order| &order.summary).collect();
        let recipients = self.open_recipients(seller, &of_labels, actor).await?;
        let mut refusals = Vec::new();
        for shipment in shipments {
            let held = labels.get(&shipment.shipment_id);
            let reason = self
                .not_held(shipment, held, now)
                .or_else(|| cancelled(shipment, &orders))
                .or_else(|| overfull(shipment, &orders, &packed))
                .or_else(|| self.stale(shipment, &orders, &recipients));
            refusals.extend(reason.map(|reason| (shipment.reference, reason)));
        }
        Ok(refusals)
    }

    fn not_held(&self, shipment: &Shipment, label: Option<&LabelRow>, now: Timestamp) -> Option<LabelRefused> {
        let reference = shipment.reference;
        match shipment.label {
            LabelState::Present if shipment.state == ShipmentState::Cancelled => {
                let message = format!("the label of shipment {reference} was voided");
                return Some(refused(shipment, message, "`ordersync label void` again destroys what is left of it"));
            }
            LabelState::Present => {}
            LabelState::None if shipment.state == ShipmentState::Requested => {
                let message = format!("the label of shipment {reference} is being made, or got no answer");
                return Some(refused(shipment, message, "wait: it is settled within minutes, and then prints"));
            }
            LabelState::None => {
                let message = format!("shipment {reference} has no label");
                return Some(refused(shipment, message, "`ordersync label create` makes one"));
            }
            LabelState::Voided => {
                let message = format!("the label of shipment {reference} was voided");
                return Some(refused(shipment, message, "`ordersync label create` makes a new one"));
            }
            LabelState::Purged => return Some(self.purged(shipment)),
        }
        match label {
            Some(label) if label.purge_after > now => None,
            Some(_) | None => Some(self.purged(shipment)),
        }
    }

    fn purged(&self, shipment: &Shipment) -> LabelRefused {
        let days = self.fulfilment().map_or(LABEL_DAYS, |settings| settings.label_days);
        let made = shipment.labelled_at.map(|at| format!(" (it was made on {})", at.date_naive())).unwrap_or_default();
        let message =
            format!("the label of shipment {} was deleted: labels are kept for {days} days{made}", shipment.reference);
        refused(shipment, message, "`ordersync label create ORDER --again REASON`, while the address is still held")
    }

    /// An address, of any order in the parcel, that changed since the label was made.
    pub(super) fn stale(
        &self,
        shipment: &Shipment,
        orders: &HashMap<OrderId, StoredOrder>,
        recipients: &HashMap<OrderId, OpenedRecipient>,
    ) -> Option<LabelRefused> {
        let printed = shipment.address_digest?;
        let settings = self.fulfilment().ok()?;
        let courier = settings.courier(Some(&shipment.courier)).ok()?;
        let from = settings.sender.as_ref().map(|sender| sender.country)?;
        let scope = ScopeId::from_uuid(shipment.recipient_order.as_uuid());
        let digest = |order: &StoredOrder, recipient: &Recipient| {
            let country = own_country(recipient)
                .or_else(|| order.summary.country.as_deref().and_then(|code| code.parse().ok()))?;
            let needs = courier.needs(&shipment.service, Lane { from, to: country }).ok()?;
            let told = told(recipient, country, &needs).ok()?;
            self.keys.tree().record_digest(scope, &told.record).ok()
        };
        let changed = shipment.orders().into_iter().filter_map(|id| orders.get(&id)).find(|order| {
            // An address that is deleted cannot have changed.
            let Some(OpenedRecipient::Present(recipient)) = recipients.get(&order.summary.order_id) else {
                return false;
            };
            digest(order, recipient) != Some(printed)
        })?;
        let number = &changed.summary.vendor_order_id;
        let message = format!("{number}: the address has changed since this label was made");
        let hint = "void it (`ordersync label void`), then make a new one (`ordersync label create`)";
        Some(refused(shipment, message, hint))
    }

    /// Opens labels to print them, each with an audit entry, and counts the print. Those that cannot be opened any more
    /// are left out: [`Self::unprintable_labels`] says why.
    ///
    /// # Errors
    /// What the store or the vault say.
    pub async fn print_labels(
        &self,
        seller: SellerId,
        references: &[ShipmentRef],
        actor: &Actor,
    ) -> Result<Vec<PrintedLabel>, CoreError> {
        let _busy = self.clock.busy();
        let now = self.clock.now();
        let shipments = self.store.shipments(seller, references).await?;
        let shipments: HashMap<ShipmentRef, Shipment> =
            shipments.into_iter().map(|shipment| (shipment.reference, shipment)).collect();
        let ids: Vec<ShipmentId> = shipments.values().map(|shipment| shipment.shipment_id).collect();
        let labels = self.store.labels(seller, &ids).await?;
        let key_ids: Vec<KeyId> = labels.iter().map(|label| label.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let labels: HashMap<ShipmentId, LabelRow> = labels.into_iter().map(|label| (label.shipment, label)).collect();
        let (mut printed, mut entries, mut counted) = (Vec::new(), Vec::new(), Vec::new());
        for reference in references {
            let not_voided = |shipment: &&Shipment| shipment.state != ShipmentState::Cancelled;
            let Some(shipment) = shipments.get(reference).filter(not_voided) else { continue };
            let Some(label) = labels.get(&shipment.shipment_id).filter(|label| label.purge_after > now) else {
                continue;
            };
            let Some(Some(key)) = keys.get(&label.key_id) else { continue };
            let primary_key = *shipment.shipment_id.as_uuid().as_bytes();
            let place = CellPlace { seller, primary_key, row_version: label.row_version };
            let bytes = key.open_document(place, &label.sealed)?;
            let Ok(media) = shipment.media.parse() else { continue };
            entries.push(audit_entry(
                seller,
                now,
                actor,
                "label.print",
                "shipment",
                reference,
                format!("print {}", shipment.prints + 1),
            ));
            counted.push(shipment.shipment_id);
            printed.push(PrintedLabel { reference: *reference, media, bytes, purge_after: label.purge_after });
        }
        self.store.write_audit(&entries).await?;
        self.store.count_prints(seller, &counted).await?;
        Ok(printed)
    }

    /// Takes a label back: its key is destroyed at once, and its pieces can be packed again. A courier that can take it
    /// back is asked first.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when there is nothing to take back; else what the store or the courier say.
    pub async fn void_label(
        &self,
        seller: SellerId,
        reference: &ShipmentRef,
        actor: &Actor,
    ) -> Result<Shipment, CoreError> {
        use ShipmentState as State;
        let _busy = self.clock.busy();
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        let Some(shipment) = self.store.shipment(seller, reference).await? else {
            return refuse(
                format!("there is no shipment {reference}"),
                "`ordersync orders show` lists an order's shipments",
            );
        };
        match shipment.state {
            State::Dispatched | State::Delivered => {
                return refuse(format!("shipment {reference} has left: its label cannot be voided"), "");
            }
            // A void that was cut off: what is left of the label goes now.
            State::Cancelled if shipment.label == LabelState::Present => {
                self.destroy_voided(&shipment, actor).await?;
                return Ok(shipment);
            }
            State::Cancelled => return refuse(format!("shipment {reference} is voided or cancelled already"), ""),
            State::Draft | State::Requested | State::Unknown | State::Labelled => {}
        }
        refuse_being_made(&shipment, self.clock.now())?;
        let settings = self.fulfilment()?;
        let courier = settings.courier(Some(&shipment.courier))?;
        if let (Some(voids), Some(id)) = (courier.abilities().voids, &shipment.courier_shipment_id) {
            let tracking = shipment.tracking.iter().flat_map(|all| all.split(' ')).map(str::to_owned).collect();
            let keys = CourierKeys { shipment_id: Some(id.clone()), tracking };
            let voided = voids.void_label(&keys).await;
            voided.map_err(|error| CoreError::Refused {
                message: format!("{}: {error}", courier.info().name),
                hint: "the label stays as it is; try again".to_owned(),
            })?;
        }
        let from = [State::Draft, State::Requested, State::Unknown, State::Labelled];
        if !self.store.move_shipment(seller, shipment.shipment_id, &from, State::Cancelled, Some("voided")).await? {
            let hint = "look at it again with `ordersync orders show`";
            return refuse(format!("shipment {reference} has left or was voided meanwhile"), hint);
        }
        self.store.count_pieces_of_other_labels(&shipment).await?;
        self.destroy_voided(&shipment, actor).await?;
        Ok(shipment)
    }

    /// The key and the label of a shipment that was voided; refused when somebody else has just destroyed them.
    async fn destroy_voided(&self, shipment: &Shipment, actor: &Actor) -> Result<(), CoreError> {
        let seller = shipment.seller;
        let scope = ScopeId::from_uuid(shipment.shipment_id.as_uuid());
        let rows = self.store.keys_of_scopes(seller, KeyClass::Label, &[scope]).await?;
        let keys: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let now = self.clock.now();
        let sequence = self.store.destroy_keys(&keys, now, "label voided").await?;
        let ids = [shipment.shipment_id.as_uuid()];
        let removed = self.store.remove_labels(seller, &ids, LabelState::Voided, sequence).await?;
        if shipment.label == LabelState::Present && removed == 0 {
            let message = format!("shipment {} was voided meanwhile", shipment.reference);
            return Err(CoreError::Refused { message, hint: String::new() });
        }
        let detail = format!("{} {}", shipment.courier, shipment.service);
        let entry = audit_entry(seller, now, actor, "label.void", "shipment", &shipment.reference, detail);
        self.store.write_audit(&[entry]).await?;
        Ok(())
    }
}

fn overfull(
    shipment: &Shipment,
    orders: &HashMap<OrderId, StoredOrder>,
    packed: &[PackedLine],
) -> Option<LabelRefused> {
    // What has left, has left: its label may still be wanted for a claim.
    if matches!(shipment.state, ShipmentState::Dispatched | ShipmentState::Delivered) {
        return None;
    }
    let reason = too_many(shipment, orders, packed)?;
    Some(refused(shipment, reason, "void the label and make a new one"))
}

fn cancelled(shipment: &Shipment, orders: &HashMap<OrderId, StoredOrder>) -> Option<LabelRefused> {
    for line in &shipment.lines {
        let Some(order) = orders.get(&line.order) else { continue };
        let number = &order.summary.vendor_order_id;
        if order.summary.status == "cancelled" {
            return Some(refused(shipment, format!("{number} was CANCELLED: do not send it"), "void the label"));
        }
        if has_open_cancellation(order) {
            let hint = "accept or decline the request at the marketplace first";
            return Some(refused(shipment, format!("{number}: a request to cancel is open"), hint));
        }
    }
    None
}
