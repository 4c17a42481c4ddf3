//! Sales that have left and have no document: those that wait for a person, and those that get none, each with the reason.

use chrono::NaiveDate;
use ordersync_types::{AccountId, OrderId, SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::bulk::{BulkInsert, Shared, placeholders};
use crate::sql::statement;
use crate::time::{from_ms, from_ms_option, to_ms, to_ms_option};
use crate::{Databases, StoreError};

/// What becomes of a sale without a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UninvoicedState {
    /// A person must act.
    Person,
    /// The marketplace issues its document.
    Marketplace,
    /// It gets none.
    NoDocument,
}

impl UninvoicedState {
    /// The name at rest and in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Marketplace => "marketplace",
            Self::NoDocument => "none",
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        [Self::Person, Self::Marketplace, Self::NoDocument]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| StoreError::damaged("uninvoiced.state", "not a state"))
    }
}

/// A sale without a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UninvoicedRow {
    /// The order.
    pub order: OrderId,
    /// What becomes of it.
    pub state: UninvoicedState,
    /// Which fact is missing, by name.
    pub fact: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// When it left.
    pub dispatched_at: Option<Timestamp>,
    /// The tax point that it would have.
    pub tax_point: NaiveDate,
    /// True for a business, when that is known.
    pub business: Option<bool>,
    /// ISO 4217, when there is a price.
    pub currency: Option<String>,
    /// What the buyer paid and no document covers, minor units.
    pub gross_minor: Option<i64>,
    /// Since when it is here.
    pub since: Timestamp,
    /// The account it was sold on.
    pub account: AccountId,
    /// The marketplace's order number.
    pub vendor_order_id: String,
    /// The territory that it went to.
    pub territory: Option<String>,
    /// When it goes: a sale is told to accountants as long as one with a document, though its order's facts go before.
    pub purge_after: Timestamp,
}

const INSERT: BulkInsert = BulkInsert {
    table: "uninvoiced",
    shared: &["seller_id"],
    columns: &[
        "order_id",
        "state",
        "fact",
        "reason",
        "dispatched_at",
        "tax_point",
        "business",
        "currency",
        "gross_minor",
        "since",
        "account_id",
        "vendor_order_id",
        "territory",
        "purge_after",
    ],
    tail: "ON CONFLICT (seller_id, order_id) DO UPDATE SET state = excluded.state, fact = excluded.fact, \
           reason = excluded.reason, dispatched_at = excluded.dispatched_at, tax_point = excluded.tax_point, \
           business = excluded.business, currency = excluded.currency, gross_minor = excluded.gross_minor, \
           account_id = excluded.account_id, territory = excluded.territory, purge_after = excluded.purge_after",
};

#[derive(FromQueryResult)]
struct Read {
    order_id: Uuid,
    state: String,
    fact: Option<String>,
    reason: String,
    dispatched_at: Option<i64>,
    tax_point: String,
    business: Option<i64>,
    currency: Option<String>,
    gross_minor: Option<i64>,
    since: i64,
    vendor_order_id: String,
    account_id: Uuid,
    territory: Option<String>,
    purge_after: i64,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// A person's, or the marketplace's.
    Anybody,
    /// A person's.
    Person,
}

impl Databases {
    /// Notes sales without a document; one that is noted keeps since when.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn note_uninvoiced(&self, seller: SellerId, rows: &[UninvoicedRow]) -> Result<(), StoreError> {
        let values = rows.iter().flat_map(|row| -> [Value; 14] {
            [
                row.order.as_uuid().into(),
                row.state.name().into(),
                row.fact.clone().into(),
                row.reason.as_str().into(),
                to_ms_option(row.dispatched_at).into(),
                row.tax_point.to_string().into(),
                row.business.map(i64::from).into(),
                row.currency.clone().into(),
                row.gross_minor.into(),
                to_ms(row.since).into(),
                row.account.as_uuid().into(),
                row.vendor_order_id.as_str().into(),
                row.territory.clone().into(),
                to_ms(row.purge_after).into(),
            ]
        });
        let transaction = self.data.begin().await?;
        INSERT.run(&transaction, &[Shared::Int(i64::from(seller.number()))], values.collect()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes orders off the list.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn settle_uninvoiced(&self, seller: SellerId, orders: &[OrderId]) -> Result<(), StoreError> {
        for chunk in orders.chunks(500) {
            let list = placeholders(2, chunk.len());
            let sql = format!("DELETE FROM uninvoiced WHERE seller_id = $1 AND order_id IN ({list})");
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(chunk.iter().map(|order| Value::from(order.as_uuid())));
            self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        Ok(())
    }

    /// What waits, by tax point, at most `limit` after a place; `waits`: for whom; `period`: only tax points from and to
    /// these days.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn waiting_invoices(
        &self,
        seller: SellerId,
        waits: WaitsFor,
        period: Option<(NaiveDate, NaiveDate)>,
        after: Option<(NaiveDate, OrderId)>,
        limit: u32,
    ) -> Result<Vec<UninvoicedRow>, StoreError> {
        let (from, to) = period.unwrap_or((NaiveDate::MIN, NaiveDate::MAX));
        let text = |day: NaiveDate| if day == NaiveDate::MAX { "9999-99-99".to_owned() } else { day.to_string() };
        let (day, id) = match after {
            Some((day, id)) => (text(day), id.as_uuid()),
            None if from == NaiveDate::MIN => (String::new(), Uuid::nil()),
            None => (text(from), Uuid::nil()),
        };
        let state = match waits {
            WaitsFor::Anybody => "u.state <> 'none'",
            WaitsFor::Person => "u.state = 'person'",
        };
        let condition = format!(
            "{state} AND u.tax_point >= $2 AND u.tax_point <= $3 \
             AND (u.tax_point > $4 OR u.order_id > $5) ORDER BY u.tax_point, u.order_id LIMIT $6"
        );
        let values: Vec<Value> =
            vec![day.clone().into(), text(to).into(), day.into(), id.into(), i64::from(limit).into()];
        self.uninvoiced_where(seller, &condition, values).await
    }

    /// What is noted of these orders.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn uninvoiced(&self, seller: SellerId, orders: &[OrderId]) -> Result<Vec<UninvoicedRow>, StoreError> {
        let mut found = Vec::new();
        for chunk in orders.chunks(500) {
            let condition = format!("u.order_id IN ({})", placeholders(2, chunk.len()));
            let values = chunk.iter().map(|order| Value::from(order.as_uuid())).collect();
            found.extend(self.uninvoiced_where(seller, &condition, values).await?);
        }
        Ok(found)
    }

    async fn uninvoiced_where(
        &self,
        seller: SellerId,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<Vec<UninvoicedRow>, StoreError> {
        let sql = format!(
            "SELECT u.order_id, u.state, u.fact, u.reason, u.dispatched_at, u.tax_point, u.business, u.currency, \
             u.gross_minor, u.since, u.vendor_order_id, u.account_id, u.territory, u.purge_after FROM uninvoiced u \
             WHERE u.seller_id = $1 AND {condition}"
        );
        let mut all = vec![Value::from(i64::from(seller.number()))];
        all.extend(values);
        let rows = Read::find_by_statement(statement(self.data.backend, sql, all)).all(&self.data.read).await?;
        rows.into_iter().map(Read::read).collect()
    }

    /// Removes sales without a document that are due at or before `cutoff`, at most `limit`; tells how many.
    ///
    /// # Errors
    /// What the driver says; nothing is removed then.
    pub async fn remove_due_uninvoiced(&self, cutoff: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let sql = "DELETE FROM uninvoiced WHERE (seller_id, order_id) IN \
                   (SELECT seller_id, order_id FROM uninvoiced WHERE purge_after <= $1 LIMIT $2)";
        let values: [Value; 2] = [to_ms(cutoff).into(), i64::from(limit).into()];
        Ok(self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?.rows_affected())
    }

    /// How many wait for a person, by the missing fact.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn waiting_invoice_counts(&self, seller: SellerId) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = "SELECT COALESCE(fact, ''), COUNT(*) FROM uninvoiced WHERE seller_id = $1 AND state = 'person' \
                   GROUP BY COALESCE(fact, '') ORDER BY 1";
        let statement = statement(self.data.backend, sql, [i64::from(seller.number()).into()]);
        let rows = self.data.read.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    /// Business orders that left before this moment and still have no document.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn late_business_invoices(
        &self,
        seller: SellerId,
        left_before: Timestamp,
    ) -> Result<Vec<UninvoicedRow>, StoreError> {
        let condition =
            "u.state <> 'none' AND u.business = 1 AND u.dispatched_at < $2 ORDER BY u.tax_point, u.order_id LIMIT 500";
        self.uninvoiced_where(seller, condition, vec![to_ms(left_before).into()]).await
    }
}

impl Read {
    fn read(self) -> Result<UninvoicedRow, StoreError> {
        let day = |text: &str| text.parse().map_err(|_| StoreError::damaged("uninvoiced.tax_point", "not a day"));
        Ok(UninvoicedRow {
            order: OrderId::from_uuid(self.order_id),
            state: UninvoicedState::from_name(&self.state)?,
            fact: self.fact,
            reason: self.reason,
            dispatched_at: from_ms_option(self.dispatched_at)?,
            tax_point: day(&self.tax_point)?,
            business: self.business.map(|business| business != 0),
            currency: self.currency,
            gross_minor: self.gross_minor,
            since: from_ms(self.since)?,
            account: AccountId::from_uuid(self.account_id),
            vendor_order_id: self.vendor_order_id,
            territory: self.territory,
            purge_after: from_ms(self.purge_after)?,
        })
    }
}
