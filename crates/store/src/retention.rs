//! The store's part of retention: what is due, and removing rows whose keys are gone.

use ordersync_types::{KeyId, SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::accounts::seller_from;
use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms};
use crate::{Databases, LabelState, StoreError};

/// What retention looks at by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetentionClass {
    /// Sealed records, each with a key that dies with it.
    Sealed(SealedClass),
    /// Invoices, credit notes, receipts and records of sales without their parties, and sales that wait for one.
    Invoices,
    /// The facts of orders, which name no person.
    Facts,
}

/// A class of sealed records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SealedClass {
    /// Labels, by shipment.
    Label,
    /// Where copies of labels lie that a person keeps outside.
    LabelCopy,
    /// Notes on orders.
    Note,
    /// Recipients, by order.
    Delivery,
    /// Buyers.
    Contact,
    /// Who invoices are made out to.
    InvoiceParty,
}

impl RetentionClass {
    /// Every class, in the order in which they are purged.
    pub const ALL: [Self; 8] = [
        Self::Sealed(SealedClass::Label),
        Self::Sealed(SealedClass::LabelCopy),
        Self::Sealed(SealedClass::Note),
        Self::Sealed(SealedClass::Delivery),
        Self::Sealed(SealedClass::Contact),
        Self::Sealed(SealedClass::InvoiceParty),
        Self::Invoices,
        Self::Facts,
    ];

    /// The name in plans and proofs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sealed(SealedClass::Label) => "label",
            Self::Sealed(SealedClass::LabelCopy) => "label_copy",
            Self::Sealed(SealedClass::Note) => "note",
            Self::Sealed(SealedClass::Delivery) => "delivery",
            Self::Sealed(SealedClass::Contact) => "contact",
            Self::Sealed(SealedClass::InvoiceParty) => "invoice_party",
            Self::Invoices => "invoice",
            Self::Facts => "facts",
        }
    }

    /// Tables and columns of the moment at which a row of it is due.
    fn due_columns(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Sealed(class) => vec![(class.row().0, "purge_after")],
            Self::Invoices => vec![("invoice", "purge_after"), ("uninvoiced", "purge_after")],
            Self::Facts => vec![("orders", "facts_purge_after")],
        }
    }
}

impl SealedClass {
    /// Its table, and the column that leads to a row beside the seller.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Label => ("label", "shipment_id"),
            Self::LabelCopy => ("label_copy", "copy_id"),
            Self::Note => ("order_note", "note_id"),
            Self::Delivery => ("recipient", "order_id"),
            Self::Contact => ("buyer", "buyer_id"),
            Self::InvoiceParty => ("invoice_party", "invoice_id"),
        }
    }
}

/// What is held of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassState {
    /// The class.
    pub class: RetentionClass,
    /// Records whose time is over.
    pub due: i64,
    /// Records in all, those due included.
    pub held: i64,
    /// When the earliest of them is due.
    pub earliest_due: Option<Timestamp>,
}

/// A sealed record that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueRecord {
    /// Whose data.
    pub seller: SellerId,
    /// Its row: the shipment, the copy, the note, the order or the buyer.
    pub id: Uuid,
    /// The key that dies with it.
    pub key_id: KeyId,
    /// When it was due.
    pub purge_after: Timestamp,
}

#[derive(FromQueryResult)]
struct DueRow {
    seller_id: i64,
    id: Uuid,
    key_id: i64,
    purge_after: i64,
}

impl Databases {
    /// Records of a class that are due at or before `cutoff`, earliest first, at most `limit`.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn due_records(
        &self,
        class: SealedClass,
        cutoff: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueRecord>, StoreError> {
        let (table, id) = class.row();
        let sql = format!(
            "SELECT seller_id, {id} AS id, key_id, purge_after FROM {table} \
             WHERE purge_after <= $1 ORDER BY purge_after LIMIT $2"
        );
        self.due(&sql, cutoff, limit).await?.into_iter().map(DueRow::read).collect()
    }

    /// Removes records whose keys are destroyed, with what hangs on them.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_records(
        &self,
        class: SealedClass,
        seller: SellerId,
        ids: &[Uuid],
        at: Timestamp,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        match class {
            SealedClass::Label => self.remove_labels(seller, ids, LabelState::Purged, keys_sequence).await.map(|_| ()),
            SealedClass::LabelCopy => self.remove_label_copies(seller, ids, keys_sequence).await,
            SealedClass::Note => self.remove_notes(seller, ids, keys_sequence).await,
            SealedClass::Delivery => self.remove_recipients(seller, ids, at, keys_sequence).await,
            SealedClass::Contact => self.remove_buyers(seller, ids, keys_sequence).await,
            SealedClass::InvoiceParty => self.remove_invoice_parties(seller, ids, at, keys_sequence).await,
        }
    }

    async fn due(&self, sql: &str, cutoff: Timestamp, limit: u32) -> Result<Vec<DueRow>, StoreError> {
        let values: [Value; 2] = [to_ms(cutoff).into(), i64::from(limit).into()];
        let statement = statement(self.data.backend, sql, values);
        Ok(DueRow::find_by_statement(statement).all(&self.data.read).await?)
    }

    /// Removes recipients whose delivery keys are destroyed, with their search tags, and leaves the tombstone on the
    /// order.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    async fn remove_recipients(
        &self,
        seller: SellerId,
        orders: &[Uuid],
        at: Timestamp,
        keys_sequence: i64,
    ) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        for chunk in orders.chunks(200) {
            let ids = chunk.iter().map(|order| Value::from(*order));
            for table in ["recipient", "search_tag"] {
                let list = placeholders(2, chunk.len());
                let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND order_id IN ({list})");
                let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
                values.extend(ids.clone());
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
            let list = placeholders(3, chunk.len());
            let sql = format!(
                "UPDATE orders SET delivery_purged_at = $1 \
                 WHERE seller_id = $2 AND delivery_purged_at IS NULL AND order_id IN ({list})"
            );
            let mut values: Vec<Value> = vec![to_ms(at).into(), i64::from(seller.number()).into()];
            values.extend(ids);
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes buyers whose contact keys are destroyed, and cuts their orders off from them.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    async fn remove_buyers(&self, seller: SellerId, buyers: &[Uuid], keys_sequence: i64) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        for chunk in buyers.chunks(200) {
            let list = placeholders(2, chunk.len());
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(chunk.iter().map(|buyer| Value::from(*buyer)));
            for sql in [
                format!("DELETE FROM buyer WHERE seller_id = $1 AND buyer_id IN ({list})"),
                format!("UPDATE orders SET buyer_id = NULL WHERE seller_id = $1 AND buyer_id IN ({list})"),
            ] {
                let statement = statement(self.data.backend, sql, values.clone());
                transaction.execute_raw(statement).await?;
            }
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes the facts of orders whose time is over (Amazon: 18 months after the last change), at most `limit`;
    /// tells how many. An order whose recipient is still held stays.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_due_facts(&self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let sql = "SELECT o.seller_id, o.order_id AS id, CAST(0 AS BIGINT) AS key_id, o.facts_purge_after AS purge_after \
                   FROM orders o WHERE o.facts_purge_after <= $1 AND NOT EXISTS (SELECT 1 FROM recipient r \
                   WHERE r.seller_id = o.seller_id AND r.order_id = o.order_id) ORDER BY o.facts_purge_after LIMIT $2";
        let rows = self.due(sql, cutoff, limit).await?;
        let transaction = self.data.begin().await?;
        for row in &rows {
            for sql in [
                "DELETE FROM shipment_line WHERE shipment_id IN \
                 (SELECT shipment_id FROM shipment WHERE seller_id = $1 AND recipient_order_id = $2)",
                "DELETE FROM shipment WHERE seller_id = $1 AND recipient_order_id = $2",
            ] {
                let values: [Value; 2] = [row.seller_id.into(), row.id.into()];
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
            // What waits for a document stays as long as documents; that a sale gets none is of no use without it.
            let sql = "DELETE FROM uninvoiced WHERE seller_id = $1 AND order_id = $2 AND state = 'none'";
            let values: [Value; 2] = [row.seller_id.into(), row.id.into()];
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            for table in ["order_line", "order_event", "search_tag", "order_hold", "orders"] {
                let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND order_id = $2");
                let values: [Value; 2] = [row.seller_id.into(), row.id.into()];
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
        }
        transaction.commit().await?;
        u64::try_from(rows.len()).map_err(|_| StoreError::damaged("orders", "too many rows"))
    }

    /// What is held of each class, and what of it is due at or before `cutoff`.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn retention_state(&self, cutoff: Timestamp) -> Result<Vec<ClassState>, StoreError> {
        let mut state = Vec::new();
        for class in RetentionClass::ALL {
            let mut of_class = ClassState { class, due: 0, held: 0, earliest_due: None };
            for (table, column) in class.due_columns() {
                let sql = format!(
                    "SELECT (SELECT COUNT(*) FROM {table} WHERE {column} <= $1), (SELECT COUNT(*) FROM {table}), \
                     (SELECT MIN({column}) FROM {table} WHERE {column} IS NOT NULL)"
                );
                let statement = statement(self.data.backend, sql, [to_ms(cutoff).into()]);
                let Some(row) = self.data.read.query_one_raw(statement).await? else { continue };
                let (due, held): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let earliest = from_ms_option(row.try_get_by_index(2)?)?;
                of_class.due += due;
                of_class.held += held;
                of_class.earliest_due = of_class.earliest_due.into_iter().chain(earliest).min();
            }
            state.push(of_class);
        }
        Ok(state)
    }
}

impl DueRow {
    fn read(self) -> Result<DueRecord, StoreError> {
        Ok(DueRecord {
            seller: seller_from(self.seller_id)?,
            id: self.id,
            key_id: KeyId::from_number(self.key_id)
                .map_err(|error| StoreError::damaged("key_id", error.to_string()))?,
            purge_after: from_ms(self.purge_after)?,
        })
    }
}
