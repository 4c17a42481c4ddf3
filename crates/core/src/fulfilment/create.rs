//! Making labels: each is written down before a courier is asked, and sealed before it is told to anybody.

use std::collections::HashMap;

use ordersync_courier_api::{Confirmed, CourierError, Label, LabelMedia};
use ordersync_store::{DisclosureEntry, LabelledShipment, LineLimit, OrderSummary, Shipment, ShipmentState};
use ordersync_types::{OrderId, SellerId, ShipmentId, ShipmentRef, Timestamp};
use ordersync_vault::{CellPlace, KeyClass, ScopeId};

use super::plan::{Known, Plan};
use super::recover::Unanswered;
use super::{Again, FulfilmentSettings};
use crate::key_ring::{FIRST, KeyWish};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// Labels that are written down, asked for and sealed together.
const BATCH: usize = 50;

/// A label that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelWish {
    /// The orders whose pieces go into it: one, or several to the same recipient. The first one's recipient counts.
    pub orders: Vec<OrderId>,
    /// Which pieces; all that are open without it.
    pub pieces: Option<Vec<Pieces>>,
    /// Parcels, 1 to 99.
    pub parcels: u32,
    /// The courier; the usual one without it.
    pub courier: Option<String>,
    /// The service; the courier's first without it.
    pub service: Option<String>,
    /// Size and format; the usual without it.
    pub media: Option<LabelMedia>,
    /// Why pieces that are in a shipment already are packed once more. Without it they are refused.
    pub again: Option<Again>,
}

/// Pieces of a line of the (one) order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// The marketplace's id of the line.
    pub vendor_line_id: String,
    /// How many, at least 1.
    pub quantity: i64,
}

/// What came of a wish.
pub type LabelOutcome = Result<LabelMade, LabelRefused>;

/// A label that was made and is held, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMade {
    /// Its reference.
    pub reference: ShipmentRef,
    /// The orders in it.
    pub orders: Vec<OrderId>,
    /// Size and format.
    pub media: LabelMedia,
    /// When it will be purged.
    pub purge_after: Timestamp,
}

/// Why there is no label. Holds no personal value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelRefused {
    /// The orders that were asked for.
    pub orders: Vec<OrderId>,
    /// Why.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// True when there may be a label at the courier all the same.
    pub unclear: bool,
}

impl Core {
    /// Makes the labels that are wished for, in their order. One that cannot be made keeps no other from being made.
    ///
    /// # Errors
    /// What the store or the vault say, of the first 50 labels; later such a failure is the outcome of those labels that it
    /// stopped. What was asked for without an answer is taken up again by [`Self::recover_labels`].
    pub async fn create_labels(
        &self,
        seller: SellerId,
        wishes: &[LabelWish],
        actor: &Actor,
    ) -> Result<Vec<LabelOutcome>, CoreError> {
        let _busy = self.clock.busy();
        let settings = self.fulfilment()?;
        let mut outcomes = Vec::with_capacity(wishes.len());
        // Postage is paid for as it is asked for: no label waits for the next one before it is sealed.
        let sold = |wish: &LabelWish| {
            settings.courier(wish.courier.as_deref()).is_ok_and(|courier| courier.info().sells_postage)
        };
        let size = if wishes.iter().any(sold) { 1 } else { BATCH };
        for batch in wishes.chunks(size) {
            match self.create_batch(seller, batch, &settings, actor).await {
                Ok(made) => outcomes.extend(made),
                Err(error) if outcomes.is_empty() => return Err(error),
                Err(error) => {
                    // Those made before are told: they are paid for.
                    let stopped = wishes.iter().skip(outcomes.len()).map(|wish| stopped(wish, &error));
                    outcomes.extend(stopped.collect::<Vec<_>>());
                    break;
                }
            }
        }
        Ok(outcomes)
    }

    async fn create_batch(
        &self,
        seller: SellerId,
        wishes: &[LabelWish],
        settings: &FulfilmentSettings,
        actor: &Actor,
    ) -> Result<Vec<LabelOutcome>, CoreError> {
        let now = self.clock.now();
        let ids: Vec<OrderId> = wishes.iter().flat_map(|wish| wish.orders.iter().copied()).collect();
        let orders = self.orders_by_id(seller, ids).await?;
        let ids: Vec<OrderId> = orders.keys().copied().collect();
        let packed = self.store.packed_lines(seller, &ids).await?;
        let holds = self.held(seller, orders.values()).await?;
        let summaries: Vec<&OrderSummary> = orders.values().map(|order| &order.summary).collect();
        let recipients = self.open_recipients(seller, &summaries, actor).await?;
        let known = Known { orders: &orders, packed: &packed, holds: &holds, recipients: &recipients };

        let mut outcomes: Vec<Option<LabelOutcome>> = Vec::with_capacity(wishes.len());
        let mut plans: Vec<(usize, Plan)> = Vec::new();
        for (place, wish) in wishes.iter().enumerate() {
            match self.plan_label(wish, settings, &known, actor, now) {
                Ok(plan) => {
                    plans.push((place, plan));
                    outcomes.push(None);
                }
                Err(refusal) => outcomes.push(Some(Err(refusal))),
            }
        }
        for (place, outcome) in self.ask_for(seller, plans, actor, now).await? {
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = Some(outcome);
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// Writes the plans down, asks the couriers, seals what they give.
    async fn ask_for(
        &self,
        seller: SellerId,
        plans: Vec<(usize, Plan)>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Vec<(usize, LabelOutcome)>, CoreError> {
        let shipments: Vec<Shipment> = plans.iter().map(|(_, plan)| plan.shipment.clone()).collect();
        let limits = lowest(plans.iter().flat_map(|(_, plan)| plan.limits.iter().cloned()));
        let disclosures: Vec<DisclosureEntry> =
            plans.iter().flat_map(|(_, plan)| plan.disclosures.iter().cloned()).collect();
        let unanswered = Unanswered::of(self);
        let taken = self.store.add_shipments(seller, &shipments, &limits, &disclosures).await?;
        let mut outcomes = Vec::with_capacity(plans.len());
        let mut made: Vec<(usize, Shipment, Label, Timestamp)> = Vec::with_capacity(plans.len());
        for (place, plan) in plans {
            let Plan { shipment, consignment, courier, purge_after, .. } = plan;
            let orders = shipment.orders();
            if taken.contains(&shipment.shipment_id) {
                outcomes.push((place, Err(already_packed(orders))));
                continue;
            }
            match courier.create_label(&consignment, Confirmed::by_a_person()).await {
                Ok(label) => made.push((place, shipment, label, purge_after)),
                Err(error) => {
                    let refusal = self.after_failure(&shipment, &error).await?;
                    outcomes.push((place, Err(refusal)));
                }
            }
        }
        let labels = made.iter().map(|(_, shipment, label, purge_after)| (shipment, label, *purge_after)).collect();
        let moved_on = self.seal_labels(seller, labels, now).await?;
        unanswered.answered();
        let mut entries = Vec::with_capacity(made.len());
        for (place, shipment, label, purge_after) in made {
            let (reference, orders) = (shipment.reference, shipment.orders());
            if moved_on.contains(&shipment.shipment_id)
                && let Some(refusal) = self.unwanted(&shipment, &label).await?
            {
                outcomes.push((place, Err(refusal)));
                continue;
            }
            let detail = format!("{} {} {}", shipment.courier, shipment.service, shipment.media);
            entries.push(audit_entry(seller, now, actor, "label.create", "shipment", &reference, detail));
            outcomes.push((place, Ok(LabelMade { reference, orders, media: label.media, purge_after })));
        }
        self.store.write_audit(&entries).await?;
        Ok(outcomes)
    }

    /// A label whose shipment went another way while the courier made it. `None`: it was settled as labelled by somebody
    /// else, so that there is one. Else the courier takes it back where it can.
    pub(super) async fn unwanted(&self, shipment: &Shipment, label: &Label) -> Result<Option<LabelRefused>, CoreError> {
        let held = self.store.shipment(shipment.seller, &shipment.reference).await?;
        // Somebody else has stored this very label.
        if label.keys.shipment_id.is_some()
            && held.as_ref().is_some_and(|held| held.courier_shipment_id == label.keys.shipment_id)
        {
            return Ok(None);
        }
        let state = held.map(|held| held.state);
        let message = match state {
            Some(ShipmentState::Labelled | ShipmentState::Delivered) => return Ok(None),
            Some(ShipmentState::Dispatched) => "was recorded as sent while its label was made",
            Some(
                ShipmentState::Cancelled | ShipmentState::Draft | ShipmentState::Requested | ShipmentState::Unknown,
            )
            | None => "was voided while its label was made",
        };
        let settings = self.fulfilment()?;
        let courier = settings.courier(Some(&shipment.courier))?;
        let taken_back = match courier.abilities().voids {
            Some(voids) => voids.void_label(&label.keys).await.is_ok(),
            None => !courier.info().sells_postage,
        };
        let hint = if taken_back { "" } else { "void it on the courier's own pages: it is paid for" };
        let message = format!("shipment {} {message}", shipment.reference);
        Ok(Some(LabelRefused { orders: shipment.orders(), message, hint: hint.to_owned(), unclear: !taken_back }))
    }

    /// What a failed call leaves: nothing, or a shipment that a person must look at.
    pub(super) async fn after_failure(
        &self,
        shipment: &Shipment,
        error: &CourierError,
    ) -> Result<LabelRefused, CoreError> {
        let (state, hint) = if error.unclear {
            let hint = "look at the courier's own pages; then `ordersync label void` or `ordersync dispatch`";
            (ShipmentState::Unknown, hint)
        } else {
            (ShipmentState::Cancelled, "correct it and try again")
        };
        let message = error.to_string();
        let from = [ShipmentState::Requested];
        self.store.move_shipment(shipment.seller, shipment.shipment_id, &from, state, Some(&message)).await?;
        Ok(LabelRefused { orders: shipment.orders(), message, hint: hint.to_owned(), unclear: error.unclear })
    }

    /// Seals labels, each under a key of its own that is durable before the label is stored. Gives the shipments that
    /// are no longer waiting for one: their labels are not kept, and the keys go as orphans.
    pub(super) async fn seal_labels(
        &self,
        seller: SellerId,
        labels: Vec<(&Shipment, &Label, Timestamp)>,
        now: Timestamp,
    ) -> Result<Vec<ShipmentId>, CoreError> {
        if labels.is_empty() {
            return Ok(Vec::new());
        }
        let scope = |shipment: &Shipment| ScopeId::from_uuid(shipment.shipment_id.as_uuid());
        let wishes: Vec<KeyWish> = labels
            .iter()
            .map(|(shipment, _, purge_after)| KeyWish {
                class: KeyClass::Label,
                scope: scope(shipment),
                generation: FIRST,
                expires_at: Some(*purge_after),
            })
            .collect();
        let made = self.keys.make(&self.store, seller, now, &wishes).await?;
        let mut sealed = Vec::with_capacity(labels.len());
        for (shipment, label, purge_after) in labels {
            let Some(key) = made.get(KeyClass::Label, scope(shipment)) else { continue };
            let primary_key = *shipment.shipment_id.as_uuid().as_bytes();
            let place = CellPlace { seller, primary_key, row_version: 1 };
            sealed.push(LabelledShipment {
                shipment: shipment.shipment_id,
                key_id: key.key_id(),
                sealed: key.seal_document(place, &label.bytes)?,
                purge_after,
                courier_shipment_id: label.keys.shipment_id.clone(),
                tracking: (!label.keys.tracking.is_empty()).then(|| label.keys.tracking.join(" ")),
            });
        }
        Ok(self.store.add_labels(seller, sealed, now, made.sequence).await?)
    }
}

fn stopped(wish: &LabelWish, error: &CoreError) -> LabelOutcome {
    let hint = "`ordersync doctor` says more; run it again: what was asked for is settled within minutes".to_owned();
    Err(LabelRefused { orders: wish.orders.clone(), message: error.to_string(), hint, unclear: false })
}

pub(super) fn already_packed(orders: Vec<OrderId>) -> LabelRefused {
    LabelRefused {
        orders,
        message: "its pieces are in another shipment already".to_owned(),
        hint: "`ordersync label reprint` prints that label again; --again REASON packs them once more".to_owned(),
        unclear: false,
    }
}

/// Each line once: several wishes of a batch may name pieces of one line.
fn lowest(limits: impl Iterator<Item = LineLimit>) -> Vec<LineLimit> {
    let mut lowest: HashMap<(OrderId, String), i64> = HashMap::new();
    for LineLimit { order, vendor_line_id, most } in limits {
        lowest.entry((order, vendor_line_id)).and_modify(|held| *held = most.min(*held)).or_insert(most);
    }
    let limit = |((order, vendor_line_id), most)| LineLimit { order, vendor_line_id, most };
    lowest.into_iter().map(limit).collect()
}
