//! Writing shipments: planned with their pieces, asked for, labelled, dispatched, cancelled.

use std::collections::HashMap;

use ordersync_types::{KeyId, OrderId, SellerId, ShipmentId, Timestamp};
use ordersync_vault::Sealed;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use uuid::Uuid;

use super::leaving::invoice_job;
use super::{LabelState, Shipment, ShipmentState};
use crate::bulk::{BulkInsert, Shared, placeholders};
use crate::disclosures::{DisclosureEntry, add_disclosures};
use crate::jobs::add_job;
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, LabelColumn, StoreError};

/// The most pieces of a line that shipments may hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineLimit {
    /// The order.
    pub order: OrderId,
    /// The marketplace's id of the line.
    pub vendor_line_id: String,
    /// Pieces in all shipments that were not cancelled.
    pub most: i64,
}

/// A shipment whose label was made.
#[derive(Debug, Clone)]
pub struct LabelledShipment {
    /// Which.
    pub shipment: ShipmentId,
    /// The label key.
    pub key_id: KeyId,
    /// The label.
    pub sealed: Sealed<LabelColumn>,
    /// When it is to be purged.
    pub purge_after: Timestamp,
    /// The courier's id of it.
    pub courier_shipment_id: Option<String>,
    /// Tracking numbers, separated by spaces.
    pub tracking: Option<String>,
}

const INSERT_SHIPMENTS: BulkInsert = BulkInsert {
    table: "shipment",
    shared: &["seller_id", "state", "label", "courier", "prints"],
    columns: &[
        "shipment_id",
        "reference",
        "service",
        "media",
        "parcels",
        "recipient_order_id",
        "address_digest",
        "again",
        "created_at",
        "created_by",
        "dispatched_at",
        "dispatched_by",
        "carrier",
        "carrier_service",
        "tracking",
    ],
    tail: "",
};

const INSERT_LINES: BulkInsert = BulkInsert {
    table: "shipment_line",
    shared: &["seller_id"],
    columns: &["order_id", "vendor_line_id", "shipment_id", "quantity"],
    tail: "",
};

const INSERT_LABELS: BulkInsert = BulkInsert {
    table: "label",
    shared: &["seller_id", "row_version"],
    columns: &["shipment_id", "key_id", "purge_after", "sealed"],
    tail: "",
};

impl Databases {
    /// Stores new shipments with their lines, what is about to be told to whom, and, for those that have left already, a job
    /// that looks at their orders' invoices, in one transaction: those whose
    /// pieces are not in another shipment already. Gives the ids of those that are; nothing of them is stored.
    ///
    /// `limits` of a line may be left out: then it is not looked at (a second shipment on purpose).
    ///
    /// # Errors
    /// What the driver says; nothing is stored then.
    pub async fn add_shipments(
        &self,
        seller: SellerId,
        shipments: &[Shipment],
        limits: &[LineLimit],
        disclosures: &[DisclosureEntry],
    ) -> Result<Vec<ShipmentId>, StoreError> {
        let transaction = self.data.begin().await?;
        let mut room = self.room(&transaction, seller, limits).await?;
        let mut taken = Vec::new();
        let mut added: Vec<&Shipment> = Vec::with_capacity(shipments.len());
        for shipment in shipments {
            let fits = shipment.lines.iter().all(|line| {
                room.get(&(line.order, line.vendor_line_id.as_str())).is_none_or(|left| *left >= line.quantity)
            });
            if !fits {
                taken.push(shipment.shipment_id);
                continue;
            }
            for line in &shipment.lines {
                if let Some(left) = room.get_mut(&(line.order, line.vendor_line_id.as_str())) {
                    *left -= line.quantity;
                }
            }
            added.push(shipment);
        }
        let same = |one: &&Shipment, next: &&Shipment| {
            (one.state, one.label, &one.courier) == (next.state, next.label, &next.courier)
        };
        for group in added.chunk_by(same) {
            let Some(first) = group.first() else { continue };
            let shared = [
                Shared::Int(i64::from(seller.number())),
                Shared::Name(first.state.name().to_owned()),
                Shared::Name(first.label.name().to_owned()),
                Shared::Name(first.courier.clone()),
                Shared::Int(0),
            ];
            let values = group.iter().flat_map(|shipment| shipment_values(shipment)).collect();
            INSERT_SHIPMENTS.run(&transaction, &shared, values).await?;
        }
        let lines = added.iter().flat_map(|shipment| {
            shipment.lines.iter().flat_map(|line| -> [Value; 4] {
                [
                    line.order.as_uuid().into(),
                    line.vendor_line_id.clone().into(),
                    shipment.shipment_id.as_uuid().into(),
                    line.quantity.into(),
                ]
            })
        });
        INSERT_LINES.run(&transaction, &[Shared::Int(i64::from(seller.number()))], lines.collect()).await?;
        let told: Vec<&DisclosureEntry> =
            disclosures.iter().filter(|entry| entry.shipment.is_none_or(|id| !taken.contains(&id))).collect();
        add_disclosures(&transaction, seller, &told).await?;
        for job in added.iter().filter_map(|shipment| invoice_job(shipment)) {
            add_job(&transaction, seller, &job).await?;
        }
        transaction.commit().await?;
        Ok(taken)
    }

    /// How many pieces of each limited line may still be packed. The orders' rows stay locked on PostgreSQL, so that two
    /// people who press the same button are one after the other; SQLite has one writer.
    async fn room<'a>(
        &self,
        transaction: &DatabaseTransaction,
        seller: SellerId,
        limits: &'a [LineLimit],
    ) -> Result<HashMap<(OrderId, &'a str), i64>, StoreError> {
        let mut room: HashMap<(OrderId, &str), i64> =
            limits.iter().map(|limit| ((limit.order, limit.vendor_line_id.as_str()), limit.most)).collect();
        let mut orders: Vec<OrderId> = limits.iter().map(|limit| limit.order).collect();
        orders.sort_unstable();
        orders.dedup();
        let lines: HashMap<(OrderId, String), &str> = limits
            .iter()
            .map(|limit| ((limit.order, limit.vendor_line_id.clone()), limit.vendor_line_id.as_str()))
            .collect();
        for chunk in orders.chunks(500) {
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|order| Value::from(order.as_uuid())));
            let list = placeholders(2, chunk.len());
            if self.data.kind() == "postgres" {
                let sql = format!(
                    "SELECT order_id FROM orders WHERE seller_id = $1 AND order_id IN ({list}) \
                     ORDER BY order_id FOR UPDATE"
                );
                transaction.query_all_raw(statement(self.data.backend, sql, values.clone())).await?;
            }
            let sql = format!(
                "SELECT l.order_id, l.vendor_line_id, CAST(SUM(l.quantity) AS BIGINT) FROM shipment_line l \
                 JOIN shipment s ON s.seller_id = l.seller_id AND s.shipment_id = l.shipment_id \
                 WHERE l.seller_id = $1 AND s.state <> 'cancelled' AND s.again IS NULL AND l.order_id IN ({list}) \
                 GROUP BY l.order_id, l.vendor_line_id"
            );
            for row in transaction.query_all_raw(statement(self.data.backend, sql, values)).await? {
                let (order, line): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let packed: i64 = row.try_get_by_index(2)?;
                let order = OrderId::from_uuid(order);
                let left = lines.get(&(order, line)).and_then(|line| room.get_mut(&(order, *line)));
                if let Some(left) = left {
                    *left -= packed;
                }
            }
        }
        Ok(room)
    }

    /// Stores labels, in one transaction: those shipments that are still *requested* or *unknown* become *labelled*.
    /// Gives the ids of the others: their labels are not stored.
    ///
    /// # Errors
    /// What the driver says; nothing is stored then.
    pub async fn add_labels(
        &self,
        seller: SellerId,
        labels: Vec<LabelledShipment>,
        at: Timestamp,
        keys_sequence: i64,
    ) -> Result<Vec<ShipmentId>, StoreError> {
        let transaction = self.data.begin().await?;
        let mut values: Vec<Value> = Vec::with_capacity(labels.len() * 4);
        let mut moved_on = Vec::new();
        for label in labels {
            let sql = "UPDATE shipment SET state = 'labelled', label = 'present', labelled_at = $1, \
                       courier_shipment_id = $2, tracking = $3, failure = NULL \
                       WHERE seller_id = $4 AND shipment_id = $5 AND state IN ('requested', 'unknown')";
            let update: [Value; 5] = [
                to_ms(at).into(),
                label.courier_shipment_id.into(),
                label.tracking.into(),
                i64::from(seller.number()).into(),
                label.shipment.as_uuid().into(),
            ];
            let updated = transaction.execute_raw(statement(self.data.backend, sql, update)).await?.rows_affected();
            if updated == 1 {
                values.push(label.shipment.as_uuid().into());
                values.push(label.key_id.number().into());
                values.push(to_ms(label.purge_after).into());
                values.push(label.sealed.into_bytes().into());
            } else {
                moved_on.push(label.shipment);
            }
        }
        let shared = [Shared::Int(i64::from(seller.number())), Shared::Int(1)];
        INSERT_LABELS.run(&transaction, &shared, values).await?;
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(moved_on)
    }

    /// Moves a shipment from one of `from` to `to`, with the reason. False when it stood elsewhere.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn move_shipment(
        &self,
        seller: SellerId,
        shipment: ShipmentId,
        from: &[ShipmentState],
        to: ShipmentState,
        failure: Option<&str>,
    ) -> Result<bool, StoreError> {
        let names: Vec<String> = from.iter().map(|state| format!("'{}'", state.name())).collect();
        let sql = format!(
            "UPDATE shipment SET state = $1, failure = $2 WHERE seller_id = $3 AND shipment_id = $4 AND state IN ({})",
            names.join(", ")
        );
        let values: [Value; 4] = [
            to.name().into(),
            failure.map(str::to_owned).into(),
            i64::from(seller.number()).into(),
            shipment.as_uuid().into(),
        ];
        let done = self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Pieces that were packed once more because of this shipment, which is voided now, are packed as usual: without that
    /// they would count as open.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn count_pieces_of_other_labels(&self, voided: &Shipment) -> Result<u64, StoreError> {
        let sql = "UPDATE shipment SET again = NULL WHERE seller_id = $1 AND again IS NOT NULL AND state <> 'cancelled' \
                   AND shipment_id IN (SELECT other.shipment_id FROM shipment_line other JOIN shipment_line mine \
                   ON mine.seller_id = other.seller_id AND mine.order_id = other.order_id \
                   AND mine.vendor_line_id = other.vendor_line_id WHERE mine.shipment_id = $2)";
        let values: [Value; 2] = [i64::from(voided.seller.number()).into(), voided.shipment_id.as_uuid().into()];
        Ok(self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?.rows_affected())
    }

    /// Counts prints of these shipments' labels.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn count_prints(&self, seller: SellerId, shipments: &[ShipmentId]) -> Result<(), StoreError> {
        for chunk in shipments.chunks(500) {
            let sql = format!(
                "UPDATE shipment SET prints = prints + 1 WHERE seller_id = $1 AND shipment_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|id| Value::from(id.as_uuid())));
            self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        Ok(())
    }

    /// Removes labels whose keys are destroyed; their shipments stay, as `left` says. Tells how many had one.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_labels(
        &self,
        seller: SellerId,
        shipments: &[Uuid],
        left: LabelState,
        keys_sequence: i64,
    ) -> Result<u64, StoreError> {
        let mut removed = 0;
        let transaction = self.data.begin().await?;
        for chunk in shipments.chunks(200) {
            let list = placeholders(2, chunk.len());
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|id| Value::from(*id)));
            let mut of_chunk = 0;
            for sql in [
                format!("DELETE FROM label WHERE seller_id = $1 AND shipment_id IN ({list})"),
                format!(
                    "UPDATE shipment SET label = '{}', address_digest = NULL \
                     WHERE seller_id = $1 AND label = 'present' AND shipment_id IN ({list})",
                    left.name()
                ),
            ] {
                // Of the last: the shipments that had a label.
                let done = transaction.execute_raw(statement(self.data.backend, sql, values.clone())).await?;
                of_chunk = done.rows_affected();
            }
            removed += of_chunk;
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(removed)
    }
}

fn shipment_values(shipment: &Shipment) -> [Value; 15] {
    [
        shipment.shipment_id.as_uuid().into(),
        shipment.reference.as_str().into(),
        shipment.service.clone().into(),
        shipment.media.clone().into(),
        i64::from(shipment.parcels).into(),
        shipment.recipient_order.as_uuid().into(),
        shipment.address_digest.map(|digest| digest.to_vec()).into(),
        shipment.again.clone().into(),
        to_ms(shipment.created_at).into(),
        shipment.created_by.clone().into(),
        shipment.dispatched_at.map(to_ms).into(),
        shipment.dispatched_by.clone().into(),
        shipment.carrier.clone().into(),
        shipment.carrier_service.clone().into(),
        shipment.tracking.clone().into(),
    ]
}
