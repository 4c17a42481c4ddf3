//! What a crash left of labels that were asked for: looked up, asked for again, or left for a person, as the courier
//! allows.

use chrono::Duration;
use ordersync_courier_api::{Confirmed, CourierError, ErrorKind, Label, Repeats, Retry};
use ordersync_store::{Shipment, ShipmentState};
use ordersync_types::SellerId;

use super::{LabelWish, is_being_made};
use crate::{Actor, Core, CoreError};

/// Labels that are being asked for. Dropped before they are all sealed or refused, it leaves a word for who settles them.
pub(super) struct Unanswered<'a>(Option<&'a Core>);

impl<'a> Unanswered<'a> {
    pub(super) fn of(core: &'a Core) -> Self {
        Self(Some(core))
    }

    /// Every one of them has its answer.
    pub(super) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(core) = self.0 {
            core.unanswered.notify_one();
        }
    }
}

impl Core {
    /// Waits until somebody asked for labels and could not see it through: the store failed, or who asked went away.
    pub async fn labels_left_unanswered(&self) {
        self.unanswered.notified().await;
    }

    /// Whether labels were asked for that have no answer yet.
    ///
    /// # Errors
    /// What the store says.
    pub async fn has_unanswered_labels(&self, seller: SellerId) -> Result<bool, CoreError> {
        let _busy = self.clock.busy();
        Ok(self.store.shipment_count(seller, ShipmentState::Requested).await? > 0)
    }

    /// Takes up labels that were asked for without an answer; tells how many were settled.
    ///
    /// # Errors
    /// What the store or the vault say. May be repeated.
    pub async fn recover_labels(&self, seller: SellerId) -> Result<u32, CoreError> {
        let _busy = self.clock.busy();
        let _one_at_a_time = self.settling.lock().await;
        let Ok(settings) = self.fulfilment() else { return Ok(0) };
        let now = self.clock.now();
        let mut settled = 0;
        let mut after = None;
        loop {
            let batch = self.store.shipments_in(seller, ShipmentState::Requested, after, 100).await?;
            let Some(last) = batch.last() else { return Ok(settled) };
            after = Some(last.shipment_id);
            for shipment in batch.iter().filter(|one| !is_being_made(one, now)) {
                let Ok(courier) = settings.courier(Some(&shipment.courier)) else { continue };
                let found = match (courier.info().repeats, courier.abilities().finds) {
                    (Repeats::ByKey, _) => Ok(None),
                    (Repeats::ByLookUp, Some(finds)) => finds.find_label(&shipment.reference).await,
                    (Repeats::ByLookUp, None) | (Repeats::Never, _) => Err(unclear()),
                };
                // One that cannot be settled keeps no other from being settled.
                match self.settle(seller, shipment, found).await {
                    Ok(()) => settled += 1,
                    Err(error) => {
                        tracing::error!(%error, reference = %shipment.reference, "a label that was asked for is not settled");
                    }
                }
            }
        }
    }

    async fn settle(
        &self,
        seller: SellerId,
        shipment: &Shipment,
        found: Result<Option<Label>, CourierError>,
    ) -> Result<(), CoreError> {
        let label = match found {
            Ok(Some(label)) => Ok(label),
            // Whether nothing was made, or asking again gives the same: it is asked for once more.
            Ok(None) => self.ask_again(seller, shipment).await?,
            Err(error) => Err(error),
        };
        match label {
            Ok(label) => {
                let settings = self.fulfilment()?;
                let kept = Duration::days(settings.label_days);
                let purge_after = shipment.created_at.checked_add_signed(kept).unwrap_or(shipment.created_at);
                let sealed = vec![(shipment, &label, purge_after)];
                if !self.seal_labels(seller, sealed, self.clock.now()).await?.is_empty() {
                    self.unwanted(shipment, &label).await?;
                }
                Ok(())
            }
            Err(error) => self.after_failure(shipment, &error).await.map(|_| ()),
        }
    }

    /// The same consignment from what is held now; an address that is deleted, or has changed since, gives none.
    async fn ask_again(&self, seller: SellerId, shipment: &Shipment) -> Result<Result<Label, CourierError>, CoreError> {
        let settings = self.fulfilment()?;
        let wish = LabelWish {
            orders: vec![shipment.recipient_order],
            parcels: shipment.parcels,
            courier: Some(shipment.courier.clone()),
            service: Some(shipment.service.clone()),
            media: shipment.media.parse().ok(),
            ..LabelWish::default()
        };
        let actor = Actor::system("label-recovery");
        let consignment = match self.consignment_again(seller, shipment, &wish, &settings, &actor).await? {
            Ok(consignment) => consignment,
            Err(refused) => {
                let error = CourierError::new(ErrorKind::Rejected, Retry::Never, "createLabel", refused.message);
                return Ok(Err(error));
            }
        };
        let courier = settings.courier(Some(&shipment.courier))?;
        Ok(courier.create_label(&consignment, Confirmed::by_a_person()).await)
    }
}

fn unclear() -> CourierError {
    let message = "it is not clear whether the courier has made this label";
    CourierError { unclear: true, ..CourierError::new(ErrorKind::Transport, Retry::Never, "createLabel", message) }
}
