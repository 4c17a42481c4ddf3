//! Rows of the daybook, read page by page, and what tells one state of a period from another.

use chrono::NaiveDate;
use ordersync_types::{AccountId, InvoiceId, SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{InvoicePlace, InvoiceRate, RateUsed, day_from};
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, StoreError};

/// What a document has of one rate, with what the daybook says of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the one of the same name of InvoiceRow")]
pub struct DaybookLine {
    pub invoice_id: InvoiceId,
    pub account: AccountId,
    pub vendor_order_id: String,
    pub kind: String,
    pub number: Option<String>,
    pub issue_date: NaiveDate,
    pub tax_point: NaiveDate,
    pub tax_point_rule: String,
    pub business: bool,
    pub ship_from: String,
    pub ship_to: String,
    pub vat_country: String,
    pub scheme: String,
    pub currency: String,
    pub original_number: Option<String>,
    /// True for what takes something back.
    pub takes_back: bool,
    pub rate: InvoiceRate,
    pub rate_used: Option<RateUsed>,
}

/// What changes whenever a document of the period comes or goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaybookMark {
    /// How many there are.
    pub documents: i64,
    /// When the newest was issued, in milliseconds.
    pub newest: i64,
    /// The sum of all moments of issue, modulo 2^53: tells a document that came from one that went.
    pub moments: i64,
    /// The sum of their gross amounts in minor units.
    pub gross: i64,
}

#[derive(FromQueryResult)]
struct Read {
    invoice_id: Uuid,
    account_id: Uuid,
    vendor_order_id: String,
    kind: String,
    number: Option<String>,
    issue_date: String,
    tax_point: String,
    tax_point_rule: String,
    business: i64,
    ship_from: String,
    ship_to: String,
    vat_country: String,
    scheme: String,
    currency: String,
    original_number: Option<String>,
    takes_back: i64,
    fx_rate: Option<String>,
    fx_source: Option<String>,
    supply: String,
    rate: i64,
    net_minor: i64,
    vat_minor: i64,
    gross_minor: i64,
}

impl Databases {
    /// The daybook's rows of up to `documents` documents after a place, whose tax points lie from `from` to `to`, in the
    /// order of tax points, ids and rates.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn daybook_lines(
        &self,
        seller: SellerId,
        (from, to): (NaiveDate, NaiveDate),
        after: Option<InvoicePlace>,
        documents: u32,
    ) -> Result<Vec<DaybookLine>, StoreError> {
        let (day, id) = after.map_or((from, Uuid::nil()), |(day, id)| (day, id.as_uuid()));
        let sql = "SELECT i.invoice_id, i.account_id, i.vendor_order_id, i.kind, i.number, i.issue_date, i.tax_point, \
                   i.tax_point_rule, i.business, i.ship_from, i.ship_to, i.vat_country, i.scheme, i.currency, \
                   i.original_number, CAST(CASE WHEN i.original_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS takes_back, \
                   i.fx_rate, i.fx_source, r.supply, r.rate, r.net_minor, r.vat_minor, r.gross_minor FROM \
                   (SELECT * FROM invoice WHERE seller_id = $1 AND tax_point >= $2 AND tax_point <= $3 \
                   AND (tax_point > $4 OR invoice_id > $5) ORDER BY tax_point, invoice_id LIMIT $6) i \
                   JOIN invoice_rate r ON r.seller_id = i.seller_id AND r.invoice_id = i.invoice_id \
                   ORDER BY i.tax_point, i.invoice_id, r.position";
        let values: [Value; 6] = [
            i64::from(seller.number()).into(),
            day.to_string().into(),
            to.to_string().into(),
            day.to_string().into(),
            id.into(),
            i64::from(documents).into(),
        ];
        let rows = Read::find_by_statement(statement(self.data.backend, sql, values)).all(&self.data.read).await?;
        rows.into_iter().map(Read::read).collect()
    }

    /// Orders that were placed within a stretch of time and left after it, or have not left: (currency, orders, minor
    /// units).
    ///
    /// # Errors
    /// What the driver says.
    pub async fn paid_but_later(
        &self,
        seller: SellerId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(String, u64, i64)>, StoreError> {
        let sql = "SELECT currency, COUNT(*), CAST(COALESCE(SUM(grand_total_minor), 0) AS BIGINT) FROM orders \
                   WHERE seller_id = $1 AND created_at >= $2 AND created_at < $3 AND history = 0 \
                   AND (dispatched_at IS NULL OR dispatched_at >= $4) AND currency IS NOT NULL \
                   AND grand_total_minor IS NOT NULL \
                   AND status NOT IN ('cancelled', 'unfulfillable', 'pending', 'pre_order') \
                   GROUP BY currency ORDER BY currency";
        let (seller, until) = (i64::from(seller.number()), to_ms(until));
        let values: [Value; 4] = [seller.into(), to_ms(from).into(), until.into(), until.into()];
        let rows = self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await?;
        let read = |row: &sea_orm::QueryResult| {
            let orders: i64 = row.try_get_by_index(1)?;
            Ok((row.try_get_by_index(0)?, u64::try_from(orders).unwrap_or_default(), row.try_get_by_index(2)?))
        };
        rows.iter().map(read).collect()
    }

    /// What tells this state of a period from every other.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn daybook_mark(
        &self,
        seller: SellerId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<DaybookMark, StoreError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(MAX(issued_at), 0) AS BIGINT), \
                   CAST(COALESCE(SUM(issued_at % 1000003), 0) AS BIGINT), \
                   CAST(COALESCE(SUM(gross_minor), 0) AS BIGINT) FROM invoice \
                   WHERE seller_id = $1 AND tax_point >= $2 AND tax_point <= $3";
        let values: [Value; 3] = [i64::from(seller.number()).into(), from.to_string().into(), to.to_string().into()];
        let row = self.data.read.query_one_raw(statement(self.data.backend, sql, values)).await?;
        let none = DaybookMark { documents: 0, newest: 0, moments: 0, gross: 0 };
        row.map_or(Ok(none), |row| {
            Ok(DaybookMark {
                documents: row.try_get_by_index(0)?,
                newest: row.try_get_by_index(1)?,
                moments: row.try_get_by_index(2)?,
                gross: row.try_get_by_index(3)?,
            })
        })
    }
}

impl Read {
    fn read(self) -> Result<DaybookLine, StoreError> {
        let Self { supply, rate, net_minor, vat_minor, gross_minor, .. } = self;
        Ok(DaybookLine {
            invoice_id: InvoiceId::from_uuid(self.invoice_id),
            account: AccountId::from_uuid(self.account_id),
            vendor_order_id: self.vendor_order_id,
            kind: self.kind,
            number: self.number,
            issue_date: day_from("invoice.issue_date", &self.issue_date)?,
            tax_point: day_from("invoice.tax_point", &self.tax_point)?,
            tax_point_rule: self.tax_point_rule,
            business: self.business != 0,
            ship_from: self.ship_from,
            ship_to: self.ship_to,
            vat_country: self.vat_country,
            scheme: self.scheme,
            currency: self.currency,
            original_number: self.original_number,
            takes_back: self.takes_back != 0,
            rate: InvoiceRate { supply, rate, net_minor, vat_minor, gross_minor },
            rate_used: RateUsed::read(self.fx_rate, self.fx_source),
        })
    }
}
