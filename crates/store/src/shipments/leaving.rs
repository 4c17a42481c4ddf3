//! Shipments that leave and arrive: by a person's word, or by the marketplace's.

use ordersync_types::{JobId, SellerId, Timestamp};
use sea_orm::{ConnectionTrait, Value};

use super::{Shipment, ShipmentState};
use crate::jobs::{JobKind, NewJob, add_job};
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, StoreError};

impl Databases {
    /// Records that a shipment has left, and queues its orders to be looked at for their invoices. False when it had left
    /// before, or will not leave.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn dispatch_shipment(&self, shipment: &Shipment) -> Result<bool, StoreError> {
        let sql = "UPDATE shipment SET state = 'dispatched', dispatched_at = $1, dispatched_by = $2, carrier = $3, \
                   carrier_service = $4, tracking = $5 \
                   WHERE seller_id = $6 AND shipment_id = $7 AND state IN ('draft', 'labelled', 'unknown', 'requested')";
        let values: [Value; 7] = [
            shipment.dispatched_at.map(to_ms).into(),
            shipment.dispatched_by.clone().into(),
            shipment.carrier.clone().into(),
            shipment.carrier_service.clone().into(),
            shipment.tracking.clone().into(),
            i64::from(shipment.seller.number()).into(),
            shipment.shipment_id.as_uuid().into(),
        ];
        let transaction = self.data.begin().await?;
        let done = transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        let recorded = done.rows_affected() == 1;
        if recorded && let Some(job) = invoice_job(shipment) {
            add_job(&transaction, shipment.seller, &job).await?;
        }
        transaction.commit().await?;
        Ok(recorded)
    }

    /// Labelled shipments all of whose orders have left by the marketplace's word are dispatched: somebody confirmed them
    /// there, at the time that it states, or `at` where it states none. One that packs pieces once more is not: its order
    /// had left before. Tells how many.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn dispatch_as_marketplace_says(&self, seller: SellerId, at: Timestamp) -> Result<u64, StoreError> {
        let sql = format!(
            "UPDATE shipment SET state = 'dispatched', dispatched_by = 'marketplace', dispatched_at = COALESCE(\
             (SELECT MAX(o.dispatched_at) FROM shipment_line l JOIN orders o ON o.seller_id = l.seller_id \
             AND o.order_id = l.order_id WHERE l.seller_id = shipment.seller_id AND l.shipment_id = shipment.shipment_id \
             AND o.dispatched_at <= $1), $2) WHERE seller_id = $3 AND {} AND again IS NULL AND NOT EXISTS \
             (SELECT 1 FROM shipment_line l JOIN orders o ON o.seller_id = l.seller_id AND o.order_id = l.order_id \
             WHERE l.shipment_id = shipment.shipment_id AND o.status NOT IN ('shipped', 'delivered'))",
            ShipmentState::Labelled.condition()
        );
        let values: [Value; 3] = [to_ms(at).into(), to_ms(at).into(), i64::from(seller.number()).into()];
        Ok(self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?.rows_affected())
    }

    /// Shipments that left since then, and all of whose orders have arrived by the marketplace's word, are delivered. One
    /// that packs pieces once more is not: its order may have arrived before. Tells how many.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn deliver_as_marketplace_says(&self, seller: SellerId, since: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE shipment SET state = 'delivered' \
                   WHERE seller_id = $1 AND state = 'dispatched' AND dispatched_at >= $2 AND again IS NULL \
                   AND NOT EXISTS (SELECT 1 FROM shipment_line l \
                   JOIN orders o ON o.seller_id = l.seller_id AND o.order_id = l.order_id \
                   WHERE l.shipment_id = shipment.shipment_id AND o.status <> 'delivered')";
        let values: [Value; 2] = [i64::from(seller.number()).into(), to_ms(since).into()];
        Ok(self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?.rows_affected())
    }

    /// Notes a tracking number that came after a shipment had left. False when it has one already.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn add_tracking(&self, shipment: &Shipment) -> Result<bool, StoreError> {
        let sql = "UPDATE shipment SET carrier = $1, carrier_service = $2, tracking = $3 WHERE seller_id = $4 \
                   AND shipment_id = $5 AND tracking IS NULL AND state IN ('dispatched', 'delivered')";
        let values: [Value; 5] = [
            shipment.carrier.clone().into(),
            shipment.carrier_service.clone().into(),
            shipment.tracking.clone().into(),
            i64::from(shipment.seller.number()).into(),
            shipment.shipment_id.as_uuid().into(),
        ];
        let done = self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(done.rows_affected() == 1)
    }
}

/// The job that looks at the orders of a shipment that has left; `None` for one that has not.
pub(super) fn invoice_job(shipment: &Shipment) -> Option<NewJob> {
    let at = shipment.dispatched_at?;
    Some(NewJob { job_id: JobId::new(at), kind: JobKind::Invoice, orders: shipment.orders(), due_at: at })
}
