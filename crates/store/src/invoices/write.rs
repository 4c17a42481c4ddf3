//! Issuing: documents, rates, parties and numbers in one transaction.

use ordersync_types::{InvoiceId, OrderId, SellerId};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::series::take_numbers;
use super::{InvoicePartyRow, InvoiceRow, SeriesUse};
use crate::bulk::{BulkInsert, Shared, placeholders};
use crate::error::is_unique_violation;
use crate::sql::statement;
use crate::time::to_ms;
use crate::{Databases, StoreError};

/// What came of issuing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoicesWritten {
    /// All are stored.
    All,
    /// A series stands elsewhere by now, because somebody else took numbers: nothing is stored.
    SeriesMoved,
    /// An order has another document by now: nothing is stored.
    OrderMoved,
}

const INSERT_INVOICES: BulkInsert = BulkInsert {
    table: "invoice",
    shared: &["seller_id"],
    columns: &[
        "invoice_id",
        "order_id",
        "sequence",
        "account_id",
        "vendor_order_id",
        "shipment_id",
        "kind",
        "form",
        "number",
        "series_number",
        "issued_at",
        "issue_date",
        "tax_point",
        "tax_point_rule",
        "business",
        "ship_from",
        "ship_to",
        "vat_country",
        "scheme",
        "currency",
        "net_minor",
        "vat_minor",
        "gross_minor",
        "original_id",
        "original_number",
        "reversal",
        "content",
        "template",
        "sha256",
        "purge_after",
        "issued_by",
        "fx_rate",
        "fx_source",
    ],
    tail: "",
};

const INSERT_RATES: BulkInsert = BulkInsert {
    table: "invoice_rate",
    shared: &["seller_id"],
    columns: &["invoice_id", "position", "supply", "rate", "net_minor", "vat_minor", "gross_minor"],
    tail: "",
};

const INSERT_PARTIES: BulkInsert = BulkInsert {
    table: "invoice_party",
    shared: &["seller_id", "row_version"],
    columns: &["invoice_id", "key_id", "purge_after", "sealed"],
    tail: "",
};

impl Databases {
    /// Stores documents with their numbers and parties, all or none, and takes their orders off the list of what waits.
    ///
    /// # Errors
    /// What the driver says; nothing is stored then.
    pub async fn add_invoices(
        &self,
        seller: SellerId,
        numbers: &[SeriesUse],
        invoices: &[InvoiceRow],
        parties: &[InvoicePartyRow],
        settled: &[OrderId],
        keys_sequence: i64,
    ) -> Result<InvoicesWritten, StoreError> {
        let transaction = self.data.begin().await?;
        for taken in numbers {
            if !take_numbers(&transaction, seller, taken).await? {
                transaction.rollback().await?;
                return Ok(InvoicesWritten::SeriesMoved);
            }
        }
        let shared = [Shared::Int(i64::from(seller.number()))];
        let rows = invoices.iter().flat_map(invoice_values).collect();
        match INSERT_INVOICES.run(&transaction, &shared, rows).await {
            Ok(_) => {}
            Err(StoreError::Database(error)) if is_unique_violation(&error) => {
                transaction.rollback().await?;
                return Ok(InvoicesWritten::OrderMoved);
            }
            Err(error) => return Err(error),
        }
        let rates = invoices.iter().flat_map(rate_values).collect();
        INSERT_RATES.run(&transaction, &shared, rates).await?;
        let party = |party: &InvoicePartyRow| -> [Value; 4] {
            [
                party.invoice_id.as_uuid().into(),
                party.key_id.number().into(),
                to_ms(party.purge_after).into(),
                party.sealed.as_bytes().to_vec().into(),
            ]
        };
        let shared = [Shared::Int(i64::from(seller.number())), Shared::Int(1)];
        INSERT_PARTIES.run(&transaction, &shared, parties.iter().flat_map(party).collect()).await?;
        for chunk in settled.chunks(500) {
            let list = placeholders(2, chunk.len());
            let sql = format!("DELETE FROM uninvoiced WHERE seller_id = $1 AND order_id IN ({list})");
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(chunk.iter().map(|order| Value::from(order.as_uuid())));
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        crate::key_store::raise_relied_on(&transaction, keys_sequence).await?;
        match transaction.commit().await {
            Ok(()) => Ok(InvoicesWritten::All),
            Err(error) if is_serialisation(&error) => Ok(InvoicesWritten::SeriesMoved),
            Err(error) => Err(error.into()),
        }
    }
}

/// PostgreSQL ended the transaction because another one changed the same rows.
fn is_serialisation(error: &DbErr) -> bool {
    error.to_string().contains("40001")
}

fn invoice_values(row: &InvoiceRow) -> [Value; 33] {
    [
        row.invoice_id.as_uuid().into(),
        row.order.as_uuid().into(),
        row.sequence.into(),
        row.account.as_uuid().into(),
        row.vendor_order_id.as_str().into(),
        row.shipment.map(|shipment| shipment.as_uuid()).into(),
        row.kind.as_str().into(),
        row.form.as_str().into(),
        row.number.clone().into(),
        row.series_number.into(),
        to_ms(row.issued_at).into(),
        row.issue_date.to_string().into(),
        row.tax_point.to_string().into(),
        row.tax_point_rule.as_str().into(),
        i64::from(row.business).into(),
        row.ship_from.as_str().into(),
        row.ship_to.as_str().into(),
        row.vat_country.as_str().into(),
        row.scheme.as_str().into(),
        row.currency.as_str().into(),
        row.net_minor.into(),
        row.vat_minor.into(),
        row.gross_minor.into(),
        row.original.map(InvoiceId::as_uuid).into(),
        row.original_number.clone().into(),
        i64::from(row.reversal).into(),
        row.content.as_str().into(),
        row.template.into(),
        row.sha256.map(|hash| hash.to_vec()).into(),
        to_ms(row.purge_after).into(),
        row.issued_by.as_str().into(),
        row.rate_used.as_ref().map(|used| used.rate.as_str()).into(),
        row.rate_used.as_ref().map(|used| used.source.as_str()).into(),
    ]
}

fn rate_values(row: &InvoiceRow) -> Vec<Value> {
    let values = row.rates.iter().zip(0_i64..).flat_map(|(rate, position)| -> [Value; 7] {
        [
            row.invoice_id.as_uuid().into(),
            position.into(),
            rate.supply.as_str().into(),
            rate.rate.into(),
            rate.net_minor.into(),
            rate.vat_minor.into(),
            rate.gross_minor.into(),
        ]
    });
    values.collect()
}
