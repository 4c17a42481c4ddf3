//! Who was told which fields of whom, when and why: names of fields, never a value.

use ordersync_types::{EventId, OrderId, SellerId, ShipmentId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::bulk::{BulkInsert, Shared};
use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, StoreError};

/// One hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureEntry {
    /// When.
    pub at: Timestamp,
    /// To whom, for example a courier's name.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// Whose order.
    pub order: OrderId,
    /// In which shipment; `None` where there is none.
    pub shipment: Option<ShipmentId>,
    /// Names of the fields, separated by spaces.
    pub fields: String,
}

/// Which hand-overs to list. Every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct DisclosureFilter {
    /// Of this order.
    pub order: Option<OrderId>,
    /// To this recipient.
    pub recipient: Option<String>,
    /// At most this many.
    pub limit: u32,
}

const INSERT: BulkInsert = BulkInsert {
    table: "disclosure",
    shared: &["seller_id"],
    columns: &["disclosure_id", "at", "recipient", "purpose", "order_id", "shipment_id", "fields"],
    tail: "",
};

/// Writes them in the transaction that plans the hand-over: what is told was written down before.
pub(crate) async fn add_disclosures<C: ConnectionTrait>(
    connection: &C,
    seller: SellerId,
    entries: &[&DisclosureEntry],
) -> Result<(), StoreError> {
    let values = entries.iter().flat_map(|entry| -> [Value; 7] {
        [
            EventId::new(entry.at).as_uuid().into(),
            to_ms(entry.at).into(),
            entry.recipient.clone().into(),
            entry.purpose.clone().into(),
            entry.order.as_uuid().into(),
            entry.shipment.map(ShipmentId::as_uuid).into(),
            entry.fields.clone().into(),
        ]
    });
    INSERT.run(connection, &[Shared::Int(i64::from(seller.number()))], values.collect()).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    at: i64,
    recipient: String,
    purpose: String,
    order_id: Uuid,
    shipment_id: Option<Uuid>,
    fields: String,
}

impl Databases {
    /// Hand-overs by filter, newest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn disclosures(
        &self,
        seller: SellerId,
        filter: &DisclosureFilter,
    ) -> Result<Vec<DisclosureEntry>, StoreError> {
        let mut sql = "SELECT at, recipient, purpose, order_id, shipment_id, fields FROM disclosure \
                       WHERE seller_id = $1"
            .to_owned();
        let mut values = vec![Value::from(i64::from(seller.number()))];
        if let Some(order) = filter.order {
            values.push(order.as_uuid().into());
            sql.push_str(&format!(" AND order_id = ${}", values.len()));
        }
        if let Some(recipient) = &filter.recipient {
            values.push(recipient.as_str().into());
            sql.push_str(&format!(" AND recipient = ${}", values.len()));
        }
        values.push(i64::from(filter.limit).into());
        sql.push_str(&format!(" ORDER BY at DESC, disclosure_id DESC LIMIT ${}", values.len()));
        let rows = Row::find_by_statement(statement(self.data.backend, sql, values)).all(&self.data.read).await?;
        rows.into_iter()
            .map(|row| {
                Ok(DisclosureEntry {
                    at: from_ms(row.at)?,
                    recipient: row.recipient,
                    purpose: row.purpose,
                    order: OrderId::from_uuid(row.order_id),
                    shipment: row.shipment_id.map(ShipmentId::from_uuid),
                    fields: row.fields,
                })
            })
            .collect()
    }
}
