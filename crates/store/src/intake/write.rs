//! Writing a page in one transaction.

use ordersync_types::AccountId;
use sea_orm::{ConnectionTrait, Value};

use super::{BuyerRow, EventRow, LineRow, OrderRow, PageWrite, RecipientRow};
use crate::bulk::BulkInsert;
use crate::jobs::INSERT_JOBS;
use crate::rejected::write_rejected;
use crate::sql::statement;
use crate::time::{to_ms, to_ms_option};
use crate::{Databases, StoreError};

const ORDER_COLUMNS: &[&str] = &[
    "seller_id",
    "order_id",
    "account_id",
    "vendor_order_id",
    "marketplace",
    "status",
    "status_code",
    "fulfilled_by",
    "completeness",
    "created_at",
    "updated_at",
    "read_at",
    "ship_by",
    "deliver_by",
    "dispatched_at",
    "delivered_at",
    "history",
    "country",
    "territory",
    "currency",
    "grand_total_minor",
    "shipping_reviews",
    "tax_reviews",
    "subject",
    "facts_purge_after",
    "digest",
    "detail",
];
const INSERT_ORDERS: BulkInsert = BulkInsert { table: "orders", columns: ORDER_COLUMNS, tail: "" };
const INSERT_LINES: BulkInsert = BulkInsert {
    table: "order_line",
    columns: &[
        "seller_id",
        "order_id",
        "vendor_line_id",
        "position",
        "sku",
        "vendor_item_id",
        "title",
        "quantity",
        "quantity_dispatched",
        "total_minor",
        "detail",
    ],
    tail: "",
};
const INSERT_RECIPIENTS: BulkInsert = BulkInsert {
    table: "recipient",
    columns: &["seller_id", "order_id", "key_id", "row_version", "digest", "purge_after", "sealed"],
    tail: "ON CONFLICT (seller_id, order_id) DO UPDATE SET key_id = excluded.key_id, \
           row_version = excluded.row_version, digest = excluded.digest, purge_after = excluded.purge_after, \
           sealed = excluded.sealed",
};
const INSERT_BUYERS: BulkInsert = BulkInsert {
    table: "buyer",
    columns: &["seller_id", "subject", "account_id", "key_id", "row_version", "digest", "purge_after", "sealed"],
    tail: "ON CONFLICT (seller_id, subject) DO UPDATE SET key_id = excluded.key_id, \
           row_version = excluded.row_version, digest = excluded.digest, purge_after = excluded.purge_after, \
           sealed = excluded.sealed",
};
const INSERT_EVENTS: BulkInsert = BulkInsert {
    table: "order_event",
    columns: &["seller_id", "order_id", "event_id", "at", "kind", "detail"],
    tail: "",
};

impl Databases {
    /// Writes a page in one transaction.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], [`StoreError::Full`]; else what the driver says. Nothing is written then.
    pub async fn write_page(&self, page: &PageWrite) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        if let Some(lease) = &page.lease {
            lease.check(&transaction).await?;
        }
        write_orders(&transaction, page).await?;
        write_people(&transaction, page).await?;
        let seller = i64::from(page.seller.number());
        let events = page.events.iter().flat_map(|event| event_values(seller, event)).collect();
        INSERT_EVENTS.run(&transaction, events).await?;
        INSERT_JOBS.run(&transaction, page.jobs.iter().flat_map(|job| job.values(page.seller)).collect()).await?;
        write_rejected(&transaction, page).await?;
        if page.moves_cursor {
            write_cursor(&transaction, page).await?;
        }
        crate::key_store::raise_relied_on(&transaction, page.keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn write_orders<C: ConnectionTrait>(transaction: &C, page: &PageWrite) -> Result<(), StoreError> {
    let seller = i64::from(page.seller.number());
    let new = page.orders.iter().filter(|order| !order.known);
    let mut values = Vec::with_capacity(page.orders.len() * ORDER_COLUMNS.len());
    new.for_each(|order| values.extend(order_values(seller, page.account, &order.row)));
    INSERT_ORDERS.run(transaction, values).await?;

    let backend = transaction.get_database_backend();
    for order in page.orders.iter().filter(|order| order.known) {
        // The first two columns are the key: they come last here, and what follows them is set anew.
        let set = ORDER_COLUMNS.get(2..).unwrap_or_default();
        let assignments: Vec<String> = (1..).zip(set).map(|(at, column)| format!("{column} = ${at}")).collect();
        let sql = format!(
            "UPDATE orders SET {} WHERE seller_id = ${} AND order_id = ${}",
            assignments.join(", "),
            set.len() + 1,
            set.len() + 2
        );
        let mut values = order_values(seller, page.account, &order.row);
        values.rotate_left(2);
        transaction.execute_raw(statement(backend, sql, values)).await?;
        if !order.lines.is_empty() {
            let sql = "DELETE FROM order_line WHERE seller_id = $1 AND order_id = $2";
            let values = [seller.into(), order.row.order_id.as_uuid().into()];
            transaction.execute_raw(statement(backend, sql, values)).await?;
        }
    }
    let lines = page.orders.iter().flat_map(|order| &order.lines);
    INSERT_LINES.run(transaction, lines.flat_map(|line| line_values(seller, line)).collect()).await?;
    Ok(())
}

async fn write_people<C: ConnectionTrait>(transaction: &C, page: &PageWrite) -> Result<(), StoreError> {
    let seller = i64::from(page.seller.number());
    let backend = transaction.get_database_backend();
    let recipients = page.recipients.iter().flat_map(|row| recipient_values(seller, row)).collect();
    INSERT_RECIPIENTS.run(transaction, recipients).await?;
    let buyers = page.buyers.iter().flat_map(|row| buyer_values(seller, page.account, row)).collect();
    INSERT_BUYERS.run(transaction, buyers).await?;
    for (order, purge_after) in &page.recipient_purges {
        let sql = "UPDATE recipient SET purge_after = $1 WHERE seller_id = $2 AND order_id = $3";
        let values = [to_ms(*purge_after).into(), seller.into(), order.as_uuid().into()];
        transaction.execute_raw(statement(backend, sql, values)).await?;
    }
    for (subject, purge_after) in &page.buyer_purges {
        let sql = "UPDATE buyer SET purge_after = $1 WHERE seller_id = $2 AND subject = $3";
        let values = [to_ms(*purge_after).into(), seller.into(), subject.as_bytes().to_vec().into()];
        transaction.execute_raw(statement(backend, sql, values)).await?;
    }
    Ok(())
}

async fn write_cursor<C: ConnectionTrait>(transaction: &C, page: &PageWrite) -> Result<(), StoreError> {
    let resume = page.resume.as_ref();
    let sql = "UPDATE order_cursor SET watermark = COALESCE($1, watermark), window_from = $2, window_to = $3, \
               page_token = $4, page_token_at = $5, polled_at = $6, caught_up_at = COALESCE($7, caught_up_at), \
               failed_at = NULL, failure = NULL WHERE seller_id = $8 AND account_id = $9";
    let values: [Value; 9] = [
        to_ms_option(page.watermark).into(),
        resume.map(|hint| to_ms(hint.window_from)).into(),
        resume.map(|hint| to_ms(hint.window_to)).into(),
        resume.and_then(|hint| hint.page_token.clone()).into(),
        resume.map(|hint| to_ms(hint.at)).into(),
        to_ms(page.at).into(),
        page.watermark.map(|_| to_ms(page.at)).into(),
        i64::from(page.seller.number()).into(),
        page.account.as_uuid().into(),
    ];
    let statement = statement(transaction.get_database_backend(), sql, values);
    let changed = transaction.execute_raw(statement).await?.rows_affected();
    if changed == 1 { Ok(()) } else { Err(StoreError::damaged("order_cursor", "the account has no cursor")) }
}

fn order_values(seller: i64, account: AccountId, row: &OrderRow) -> [Value; 27] {
    [
        seller.into(),
        row.order_id.as_uuid().into(),
        account.as_uuid().into(),
        row.vendor_order_id.as_str().into(),
        row.marketplace.as_str().into(),
        row.status.into(),
        row.status_code.clone().into(),
        row.fulfilled_by.into(),
        row.completeness.into(),
        to_ms(row.created_at).into(),
        to_ms(row.updated_at).into(),
        to_ms(row.read_at).into(),
        to_ms_option(row.ship_by).into(),
        to_ms_option(row.deliver_by).into(),
        to_ms_option(row.dispatched_at).into(),
        to_ms_option(row.delivered_at).into(),
        i64::from(row.history).into(),
        row.country.into(),
        row.territory.into(),
        row.currency.into(),
        row.grand_total_minor.into(),
        row.shipping_reviews.into(),
        row.tax_reviews.into(),
        row.subject.map(|subject| subject.to_vec()).into(),
        to_ms_option(row.facts_purge_after).into(),
        row.digest.to_vec().into(),
        row.detail.as_str().into(),
    ]
}

fn line_values(seller: i64, line: &LineRow) -> [Value; 11] {
    [
        seller.into(),
        line.order_id.as_uuid().into(),
        line.vendor_line_id.as_str().into(),
        line.position.into(),
        line.sku.clone().into(),
        line.vendor_item_id.clone().into(),
        line.title.clone().into(),
        line.quantity.into(),
        line.quantity_dispatched.into(),
        line.total_minor.into(),
        line.detail.as_str().into(),
    ]
}

fn recipient_values(seller: i64, row: &RecipientRow) -> [Value; 7] {
    [
        seller.into(),
        row.order_id.as_uuid().into(),
        row.key_id.number().into(),
        row.row_version.into(),
        row.digest.to_vec().into(),
        to_ms(row.purge_after).into(),
        row.sealed.as_bytes().to_vec().into(),
    ]
}

fn buyer_values(seller: i64, account: AccountId, row: &BuyerRow) -> [Value; 8] {
    [
        seller.into(),
        row.subject.as_bytes().to_vec().into(),
        account.as_uuid().into(),
        row.key_id.number().into(),
        row.row_version.into(),
        row.digest.to_vec().into(),
        to_ms(row.purge_after).into(),
        row.sealed.as_bytes().to_vec().into(),
    ]
}

fn event_values(seller: i64, event: &EventRow) -> [Value; 6] {
    [
        seller.into(),
        event.order_id.as_uuid().into(),
        event.event_id.into(),
        to_ms(event.at).into(),
        event.kind.into(),
        event.detail.as_str().into(),
    ]
}
