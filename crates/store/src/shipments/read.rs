//! Reading shipments.

use ordersync_types::{OrderId, SellerId, ShipmentId, ShipmentRef};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{LabelState, Shipment, ShipmentLine, ShipmentState};
use crate::accounts::seller_from;
use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option};
use crate::{Databases, StoreError};

/// Pieces of a line that shipments hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedLine {
    /// The order.
    pub order: OrderId,
    /// The marketplace's id of the line.
    pub vendor_line_id: String,
    /// Pieces in shipments that have not left.
    pub waiting: i64,
    /// Pieces in shipments that have left.
    pub dispatched: i64,
}

#[derive(FromQueryResult)]
struct ShipmentRow {
    seller_id: i64,
    shipment_id: Uuid,
    reference: String,
    state: String,
    label: String,
    courier: String,
    service: String,
    media: String,
    parcels: i64,
    recipient_order_id: Uuid,
    address_digest: Option<Vec<u8>>,
    again: Option<String>,
    created_at: i64,
    created_by: String,
    labelled_at: Option<i64>,
    prints: i64,
    dispatched_at: Option<i64>,
    dispatched_by: Option<String>,
    carrier: Option<String>,
    carrier_service: Option<String>,
    tracking: Option<String>,
    courier_shipment_id: Option<String>,
    failure: Option<String>,
}

#[derive(FromQueryResult)]
struct LineRow {
    shipment_id: Uuid,
    order_id: Uuid,
    vendor_line_id: String,
    quantity: i64,
}

impl Databases {
    /// The shipment with this reference.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn shipment(&self, seller: SellerId, reference: &ShipmentRef) -> Result<Option<Shipment>, StoreError> {
        let value = vec![Value::from(reference.as_str())];
        Ok(self.shipments_where(seller, "reference = $2", value).await?.pop())
    }

    /// The shipments with these references, in no promised order.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn shipments(&self, seller: SellerId, references: &[ShipmentRef]) -> Result<Vec<Shipment>, StoreError> {
        let mut shipments = Vec::with_capacity(references.len());
        for chunk in references.chunks(500) {
            let condition = format!("reference IN ({})", placeholders(2, chunk.len()));
            let values = chunk.iter().map(|reference| Value::from(reference.as_str())).collect();
            shipments.extend(self.shipments_where(seller, &condition, values).await?);
        }
        Ok(shipments)
    }

    /// The shipments that hold pieces of these orders, oldest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn shipments_of(&self, seller: SellerId, orders: &[OrderId]) -> Result<Vec<Shipment>, StoreError> {
        let mut shipments = Vec::new();
        for chunk in orders.chunks(400) {
            let condition = format!(
                "shipment_id IN (SELECT shipment_id FROM shipment_line WHERE seller_id = $2 AND order_id IN ({}))",
                placeholders(3, chunk.len())
            );
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|order| Value::from(order.as_uuid())));
            shipments.extend(self.shipments_where(seller, &condition, values).await?);
        }
        shipments.sort_by_key(|shipment| shipment.shipment_id);
        shipments.dedup_by_key(|shipment| shipment.shipment_id);
        Ok(shipments)
    }

    /// Shipments in this state, oldest first, at most `limit` after the one named. The four states of a shipment that
    /// has not left have an index.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn shipments_in(
        &self,
        seller: SellerId,
        state: ShipmentState,
        after: Option<ShipmentId>,
        limit: u32,
    ) -> Result<Vec<Shipment>, StoreError> {
        let condition = format!("{} AND shipment_id > $2 ORDER BY shipment_id LIMIT $3", state.condition());
        let after = after.map_or(Uuid::nil(), ShipmentId::as_uuid);
        self.shipments_where(seller, &condition, vec![after.into(), i64::from(limit).into()]).await
    }

    /// How many shipments are in this state: one of the four of a shipment that has not left.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn shipment_count(&self, seller: SellerId, state: ShipmentState) -> Result<u64, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM shipment WHERE seller_id = $1 AND {}", state.condition());
        let values = [i64::from(seller.number()).into()];
        let row = self.data.read.query_one_raw(statement(self.data.backend, sql, values)).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn shipments_where(
        &self,
        seller: SellerId,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<Vec<Shipment>, StoreError> {
        let sql = format!("SELECT * FROM shipment WHERE seller_id = $1 AND {condition}");
        let mut all = vec![Value::from(i64::from(seller.number()))];
        all.extend(values);
        let statement = statement(self.data.backend, sql, all);
        let rows = ShipmentRow::find_by_statement(statement).all(&self.data.read).await?;
        let mut shipments = rows.into_iter().map(ShipmentRow::read).collect::<Result<Vec<_>, _>>()?;
        for chunk in shipments.chunks_mut(500) {
            self.add_lines(seller, chunk).await?;
        }
        Ok(shipments)
    }

    async fn add_lines(&self, seller: SellerId, shipments: &mut [Shipment]) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT shipment_id, order_id, vendor_line_id, quantity FROM shipment_line \
             WHERE shipment_id IN ({}) AND +seller_id = ${}",
            placeholders(1, shipments.len()),
            shipments.len() + 1
        );
        // The sign keeps SQLite from reading all lines of the seller by the primary key.
        let mut values: Vec<Value> =
            shipments.iter().map(|shipment| Value::from(shipment.shipment_id.as_uuid())).collect();
        values.push(i64::from(seller.number()).into());
        let statement = statement(self.data.backend, sql, values);
        let mut of: std::collections::HashMap<Uuid, Vec<ShipmentLine>> = std::collections::HashMap::new();
        for row in LineRow::find_by_statement(statement).all(&self.data.read).await? {
            let LineRow { shipment_id, order_id, vendor_line_id, quantity } = row;
            let line = ShipmentLine { order: OrderId::from_uuid(order_id), vendor_line_id, quantity };
            of.entry(shipment_id).or_default().push(line);
        }
        for shipment in shipments {
            shipment.lines = of.remove(&shipment.shipment_id.as_uuid()).unwrap_or_default();
            shipment.lines.sort_unstable();
        }
        Ok(())
    }

    /// Pieces of these orders' lines in shipments; a line without any is not told.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn packed_lines(&self, seller: SellerId, orders: &[OrderId]) -> Result<Vec<PackedLine>, StoreError> {
        let mut packed = Vec::new();
        for chunk in orders.chunks(500) {
            let sql = format!(
                "SELECT l.order_id, l.vendor_line_id, \
                 CAST(SUM(CASE WHEN s.state IN ('draft', 'requested', 'unknown', 'labelled') THEN l.quantity ELSE 0 END) AS BIGINT), \
                 CAST(SUM(CASE WHEN s.state IN ('dispatched', 'delivered') THEN l.quantity ELSE 0 END) AS BIGINT) \
                 FROM shipment_line l JOIN shipment s ON s.seller_id = l.seller_id AND s.shipment_id = l.shipment_id \
                 WHERE l.seller_id = $1 AND s.again IS NULL AND l.order_id IN ({}) GROUP BY l.order_id, l.vendor_line_id",
                placeholders(2, chunk.len())
            );
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|order| Value::from(order.as_uuid())));
            let rows = self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await?;
            for row in rows {
                packed.push(PackedLine {
                    order: OrderId::from_uuid(row.try_get_by_index(0)?),
                    vendor_line_id: row.try_get_by_index(1)?,
                    waiting: row.try_get_by_index(2)?,
                    dispatched: row.try_get_by_index(3)?,
                });
            }
        }
        Ok(packed)
    }
}

impl ShipmentRow {
    fn read(self) -> Result<Shipment, StoreError> {
        let damaged = |field: &'static str| StoreError::damaged(field, "not what was written");
        let digest = |bytes: Vec<u8>| bytes.try_into().map_err(|_| damaged("shipment.address_digest"));
        Ok(Shipment {
            seller: seller_from(self.seller_id)?,
            shipment_id: ShipmentId::from_uuid(self.shipment_id),
            reference: self.reference.parse().map_err(|_| damaged("shipment.reference"))?,
            state: ShipmentState::from_name(&self.state)?,
            label: LabelState::from_name(&self.label)?,
            courier: self.courier,
            service: self.service,
            media: self.media,
            parcels: u32::try_from(self.parcels).map_err(|_| damaged("shipment.parcels"))?,
            recipient_order: OrderId::from_uuid(self.recipient_order_id),
            address_digest: self.address_digest.map(digest).transpose()?,
            again: self.again,
            created_at: from_ms(self.created_at)?,
            created_by: self.created_by,
            labelled_at: from_ms_option(self.labelled_at)?,
            prints: self.prints,
            dispatched_at: from_ms_option(self.dispatched_at)?,
            dispatched_by: self.dispatched_by,
            carrier: self.carrier,
            carrier_service: self.carrier_service,
            tracking: self.tracking,
            courier_shipment_id: self.courier_shipment_id,
            failure: self.failure,
            lines: Vec::new(),
        })
    }
}
