//! Reading documents.

use std::collections::HashMap;

use chrono::NaiveDate;
use ordersync_types::{AccountId, InvoiceId, KeyId, OrderId, SellerId, ShipmentId};
use ordersync_vault::Sealed;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{InvoicePartyRow, InvoiceRate, InvoiceRow, RateUsed, day_from};
use crate::accounts::seller_from;
use crate::bulk::placeholders;
use crate::sql::statement;
use crate::time::from_ms;
use crate::{Databases, StoreError};

/// A place in the order of tax points.
pub type InvoicePlace = (NaiveDate, InvoiceId);

/// Which documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// First tax point.
    pub from: Option<NaiveDate>,
    /// Last tax point.
    pub to: Option<NaiveDate>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this account.
    pub account: Option<AccountId>,
    /// Only those after this place.
    pub after: Option<InvoicePlace>,
    /// At most so many.
    pub limit: u32,
}

#[derive(FromQueryResult)]
struct Read {
    seller_id: i64,
    invoice_id: Uuid,
    order_id: Uuid,
    sequence: i64,
    account_id: Uuid,
    vendor_order_id: String,
    shipment_id: Option<Uuid>,
    kind: String,
    form: String,
    number: Option<String>,
    series_number: Option<i64>,
    issued_at: i64,
    issue_date: String,
    tax_point: String,
    tax_point_rule: String,
    business: i64,
    ship_from: String,
    ship_to: String,
    vat_country: String,
    scheme: String,
    currency: String,
    net_minor: i64,
    vat_minor: i64,
    gross_minor: i64,
    original_id: Option<Uuid>,
    original_number: Option<String>,
    reversal: i64,
    content: String,
    template: i64,
    sha256: Option<Vec<u8>>,
    purge_after: i64,
    issued_by: String,
    fx_rate: Option<String>,
    fx_source: Option<String>,
}

#[derive(FromQueryResult)]
struct RateRead {
    invoice_id: Uuid,
    supply: String,
    rate: i64,
    net_minor: i64,
    vat_minor: i64,
    gross_minor: i64,
}

#[derive(FromQueryResult)]
struct PartyRead {
    invoice_id: Uuid,
    key_id: i64,
    row_version: i64,
    purge_after: i64,
    sealed: Vec<u8>,
}

impl Read {
    fn read(self) -> Result<InvoiceRow, StoreError> {
        let hash = |bytes: Vec<u8>| bytes.try_into().map_err(|_| StoreError::damaged("invoice.sha256", "not 32 bytes"));
        Ok(InvoiceRow {
            seller: seller_from(self.seller_id)?,
            invoice_id: InvoiceId::from_uuid(self.invoice_id),
            order: OrderId::from_uuid(self.order_id),
            sequence: self.sequence,
            account: AccountId::from_uuid(self.account_id),
            vendor_order_id: self.vendor_order_id,
            shipment: self.shipment_id.map(ShipmentId::from_uuid),
            kind: self.kind,
            form: self.form,
            number: self.number,
            series_number: self.series_number,
            issued_at: from_ms(self.issued_at)?,
            issue_date: day_from("invoice.issue_date", &self.issue_date)?,
            tax_point: day_from("invoice.tax_point", &self.tax_point)?,
            tax_point_rule: self.tax_point_rule,
            business: self.business != 0,
            ship_from: self.ship_from,
            ship_to: self.ship_to,
            vat_country: self.vat_country,
            scheme: self.scheme,
            currency: self.currency,
            net_minor: self.net_minor,
            vat_minor: self.vat_minor,
            gross_minor: self.gross_minor,
            original: self.original_id.map(InvoiceId::from_uuid),
            original_number: self.original_number,
            reversal: self.reversal != 0,
            content: self.content,
            template: self.template,
            sha256: self.sha256.map(hash).transpose()?,
            purge_after: from_ms(self.purge_after)?,
            issued_by: self.issued_by,
            rate_used: RateUsed::read(self.fx_rate, self.fx_source),
            rates: Vec::new(),
        })
    }
}

impl Databases {
    /// The document with this number.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn invoice(&self, seller: SellerId, number: &str) -> Result<Option<InvoiceRow>, StoreError> {
        Ok(self.invoices_where(seller, "number = $2", vec![number.into()]).await?.pop())
    }

    /// The documents of these orders, each order's in their order.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn invoices_of(&self, seller: SellerId, orders: &[OrderId]) -> Result<Vec<InvoiceRow>, StoreError> {
        let mut found = Vec::new();
        for chunk in orders.chunks(400) {
            let list = placeholders(2, chunk.len());
            let condition = format!("order_id IN ({list}) ORDER BY order_id, sequence");
            let values = chunk.iter().map(|order| Value::from(order.as_uuid())).collect();
            found.extend(self.invoices_where(seller, &condition, values).await?);
        }
        Ok(found)
    }

    /// Documents by filter, in the order of tax points and ids.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn invoices(&self, seller: SellerId, filter: &InvoiceFilter) -> Result<Vec<InvoiceRow>, StoreError> {
        let mut conditions: Vec<String> = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        let mut add = |text: &str, value: Value| {
            values.push(value);
            conditions.push(text.replace('?', &format!("${}", values.len() + 1)));
        };
        if let Some(from) = filter.from {
            add("tax_point >= ?", from.to_string().into());
        }
        if let Some(to) = filter.to {
            add("tax_point <= ?", to.to_string().into());
        }
        if let Some(kind) = &filter.kind {
            add("kind = ?", kind.as_str().into());
        }
        if let Some(account) = filter.account {
            add("account_id = ?", account.as_uuid().into());
        }
        if let Some((day, id)) = filter.after {
            add("tax_point >= ?", day.to_string().into());
            values.extend([Value::from(day.to_string()), Value::from(id.as_uuid())]);
            let last = values.len() + 1;
            conditions.push(format!("(tax_point > ${} OR invoice_id > ${last})", last - 1));
        }
        values.push(i64::from(filter.limit).into());
        let place = values.len() + 1;
        let condition = if conditions.is_empty() { "1 = 1".to_owned() } else { conditions.join(" AND ") };
        let condition = format!("{condition} ORDER BY tax_point, invoice_id LIMIT ${place}");
        self.invoices_where(seller, &condition, values).await
    }

    async fn invoices_where(
        &self,
        seller: SellerId,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<Vec<InvoiceRow>, StoreError> {
        let sql = format!("SELECT * FROM invoice WHERE seller_id = $1 AND {condition}");
        let mut all = vec![Value::from(i64::from(seller.number()))];
        all.extend(values);
        let rows = Read::find_by_statement(statement(self.data.backend, sql, all)).all(&self.data.read).await?;
        let mut invoices = rows.into_iter().map(Read::read).collect::<Result<Vec<_>, _>>()?;
        for chunk in invoices.chunks_mut(400) {
            let ids: Vec<InvoiceId> = chunk.iter().map(|invoice| invoice.invoice_id).collect();
            let mut rates = self.invoice_rates(seller, &ids).await?;
            for invoice in chunk {
                invoice.rates = rates.remove(&invoice.invoice_id).unwrap_or_default();
            }
        }
        Ok(invoices)
    }

    /// What holding documents of sales have under these numbers of marketplaces, by order: (number, order, account, gross in
    /// minor units).
    ///
    /// # Errors
    /// What the driver says.
    pub async fn invoiced_numbers(
        &self,
        seller: SellerId,
        numbers: &[&str],
    ) -> Result<Vec<(String, OrderId, AccountId, i64)>, StoreError> {
        let mut found = Vec::new();
        for chunk in numbers.chunks(400) {
            let sql = format!(
                "SELECT vendor_order_id, order_id, account_id, CAST(SUM(CASE WHEN original_id IS NULL THEN gross_minor \
                 WHEN reversal = 1 THEN -gross_minor ELSE 0 END) AS BIGINT) FROM invoice \
                 WHERE seller_id = $1 AND vendor_order_id IN ({}) GROUP BY vendor_order_id, order_id, account_id",
                placeholders(2, chunk.len())
            );
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|number| Value::from(*number)));
            for row in self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await? {
                let (order, account): (Uuid, Uuid) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
                let ids = (OrderId::from_uuid(order), AccountId::from_uuid(account));
                found.push((row.try_get_by_index(0)?, ids.0, ids.1, row.try_get_by_index(3)?));
            }
        }
        Ok(found)
    }

    async fn invoice_rates(
        &self,
        seller: SellerId,
        ids: &[InvoiceId],
    ) -> Result<HashMap<InvoiceId, Vec<InvoiceRate>>, StoreError> {
        let sql = format!(
            "SELECT invoice_id, supply, rate, net_minor, vat_minor, gross_minor FROM invoice_rate \
             WHERE seller_id = $1 AND invoice_id IN ({}) ORDER BY invoice_id, position",
            placeholders(2, ids.len())
        );
        let mut values = vec![Value::from(i64::from(seller.number()))];
        values.extend(ids.iter().map(|id| Value::from(id.as_uuid())));
        let mut of: HashMap<InvoiceId, Vec<InvoiceRate>> = HashMap::with_capacity(ids.len());
        for row in RateRead::find_by_statement(statement(self.data.backend, sql, values)).all(&self.data.read).await? {
            let RateRead { invoice_id, supply, rate, net_minor, vat_minor, gross_minor } = row;
            let rate = InvoiceRate { supply, rate, net_minor, vat_minor, gross_minor };
            of.entry(InvoiceId::from_uuid(invoice_id)).or_default().push(rate);
        }
        Ok(of)
    }

    /// The sealed parties of these documents; one without a party is not told.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn invoice_parties(
        &self,
        seller: SellerId,
        invoices: &[InvoiceId],
    ) -> Result<Vec<InvoicePartyRow>, StoreError> {
        let mut parties = Vec::new();
        for chunk in invoices.chunks(400) {
            let sql = format!(
                "SELECT invoice_id, key_id, row_version, purge_after, sealed FROM invoice_party \
                 WHERE seller_id = $1 AND invoice_id IN ({})",
                placeholders(2, chunk.len())
            );
            let mut values = vec![Value::from(i64::from(seller.number()))];
            values.extend(chunk.iter().map(|id| Value::from(id.as_uuid())));
            let statement = statement(self.data.backend, sql, values);
            for row in PartyRead::find_by_statement(statement).all(&self.data.read).await? {
                parties.push(InvoicePartyRow {
                    invoice_id: InvoiceId::from_uuid(row.invoice_id),
                    key_id: KeyId::from_number(row.key_id)
                        .map_err(|error| StoreError::damaged("invoice_party.key_id", error.to_string()))?,
                    row_version: row.row_version,
                    purge_after: from_ms(row.purge_after)?,
                    sealed: Sealed::from_bytes(row.sealed),
                });
            }
        }
        Ok(parties)
    }
}
