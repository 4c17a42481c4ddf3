//! Writing a page in one transaction.

use ordersync_types::BuyerId;
use sea_orm::{ConnectionTrait, Value};

use super::{BuyerRow, EventRow, LineRow, OrderRow, PageWrite, RecipientRow};
use crate::bulk::{BulkInsert, Shared};
use crate::jobs::INSERT_JOBS;
use crate::jobs::NewJob;
use crate::rejected::write_rejected;
use crate::sql::statement;
use crate::time::{to_ms, to_ms_option};
use crate::{Databases, StoreError};

/// The first is the key.
const ORDER_COLUMNS: &[&str] = &[
    "order_id",
    "vendor_order_id",
    "marketplace",
    "status",
    "status_code",
    "fulfilled_by",
    "completeness",
    "created_at",
    "updated_at",
    "first_read_at",
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
    "buyer_id",
    "facts_purge_after",
    "digest",
    "detail",
];
const INSERT_ORDERS: BulkInsert =
    BulkInsert { table: "orders", shared: &["seller_id", "account_id"], columns: ORDER_COLUMNS, tail: "" };
const INSERT_LINES: BulkInsert = BulkInsert {
    table: "order_line",
    shared: &["seller_id"],
    columns: &[
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
    shared: &["seller_id"],
    columns: &["order_id", "key_id", "row_version", "digest", "purge_after", "sealed"],
    tail: "ON CONFLICT (seller_id, order_id) DO UPDATE SET key_id = excluded.key_id, \
           row_version = excluded.row_version, digest = excluded.digest, purge_after = excluded.purge_after, \
           sealed = excluded.sealed",
};
const INSERT_BUYERS: BulkInsert = BulkInsert {
    table: "buyer",
    shared: &["seller_id", "account_id"],
    columns: &["buyer_id", "subject", "key_id", "row_version", "digest", "purge_after", "sealed"],
    tail: "ON CONFLICT (seller_id, buyer_id) DO UPDATE SET key_id = excluded.key_id, \
           row_version = excluded.row_version, digest = excluded.digest, purge_after = excluded.purge_after, \
           sealed = excluded.sealed",
};
const INSERT_EVENTS: BulkInsert = BulkInsert {
    table: "order_event",
    shared: &["seller_id"],
    columns: &["order_id", "event_id", "at", "kind", "detail"],
    tail: "",
};

impl Databases {
    /// Writes a page in one transaction.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], [`StoreError::Full`]; else what the driver says. Nothing is written then.
    pub async fn write_page(&self, mut page: PageWrite) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        if let Some(lease) = &page.lease {
            lease.check(&transaction).await?;
        }
        write_orders(&transaction, &mut page).await?;
        write_people(&transaction, &mut page).await?;
        let seller = [Shared::Int(i64::from(page.seller.number()))];
        INSERT_EVENTS.run(&transaction, &seller, page.events.drain(..).flat_map(event_values).collect()).await?;
        INSERT_JOBS.run(&transaction, &seller, page.jobs.iter().flat_map(NewJob::values).collect()).await?;
        write_rejected(&transaction, &page).await?;
        if page.moves_cursor {
            write_cursor(&transaction, &page).await?;
        }
        crate::key_store::raise_relied_on(&transaction, page.keys_sequence).await?;
        transaction.commit().await?;
        Ok(())
    }
}

async fn write_orders<C: ConnectionTrait>(transaction: &C, page: &mut PageWrite) -> Result<(), StoreError> {
    let seller = i64::from(page.seller.number());
    let shared = [Shared::Int(seller), Shared::Id(page.account.as_uuid())];
    let (known, new): (Vec<_>, Vec<_>) = page.orders.drain(..).partition(|order| order.known);
    let (mut orders, mut lines) = (Vec::with_capacity(new.len() * ORDER_COLUMNS.len()), Vec::new());
    for order in new {
        orders.extend(order_values(order.row));
        lines.extend(order.lines.into_iter().flat_map(line_values));
    }
    INSERT_ORDERS.run(transaction, &shared, orders).await?;

    let backend = transaction.get_database_backend();
    for order in known {
        // The key comes last here, and what follows it is set anew.
        let set = ORDER_COLUMNS.get(1..).unwrap_or_default();
        let assignments: Vec<String> = (1..).zip(set).map(|(at, column)| format!("{column} = ${at}")).collect();
        let sql = format!(
            "UPDATE orders SET {} WHERE order_id = ${} AND seller_id = ${}",
            assignments.join(", "),
            set.len() + 1,
            set.len() + 2
        );
        let order_id = order.row.order_id;
        let mut values = order_values(order.row);
        values.rotate_left(1);
        let values = values.into_iter().chain([seller.into()]);
        transaction.execute_raw(statement(backend, sql, values)).await?;
        if !order.lines.is_empty() {
            let sql = "DELETE FROM order_line WHERE seller_id = $1 AND order_id = $2";
            let values = [seller.into(), order_id.as_uuid().into()];
            transaction.execute_raw(statement(backend, sql, values)).await?;
        }
        lines.extend(order.lines.into_iter().flat_map(line_values));
    }
    INSERT_LINES.run(transaction, &[Shared::Int(seller)], lines).await?;
    Ok(())
}

async fn write_people<C: ConnectionTrait>(transaction: &C, page: &mut PageWrite) -> Result<(), StoreError> {
    let seller = i64::from(page.seller.number());
    let backend = transaction.get_database_backend();
    let shared = [Shared::Int(seller)];
    INSERT_RECIPIENTS.run(transaction, &shared, page.recipients.drain(..).flat_map(recipient_values).collect()).await?;
    let shared = [Shared::Int(seller), Shared::Id(page.account.as_uuid())];
    INSERT_BUYERS.run(transaction, &shared, page.buyers.drain(..).flat_map(buyer_values).collect()).await?;
    for (order, purge_after) in &page.recipient_purges {
        let sql = "UPDATE recipient SET purge_after = $1 WHERE seller_id = $2 AND order_id = $3";
        let values = [to_ms(*purge_after).into(), seller.into(), order.as_uuid().into()];
        transaction.execute_raw(statement(backend, sql, values)).await?;
    }
    for (buyer, purge_after) in &page.buyer_purges {
        let sql = "UPDATE buyer SET purge_after = $1 WHERE seller_id = $2 AND buyer_id = $3";
        let values = [to_ms(*purge_after).into(), seller.into(), buyer.as_uuid().into()];
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

fn order_values(row: OrderRow) -> [Value; 26] {
    [
        row.order_id.as_uuid().into(),
        String::from(row.vendor_order_id).into(),
        row.marketplace.into(),
        row.status.into(),
        row.status_code.into(),
        row.fulfilled_by.into(),
        row.completeness.into(),
        to_ms(row.created_at).into(),
        to_ms(row.updated_at).into(),
        to_ms(row.first_read_at).into(),
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
        row.buyer_id.map(BuyerId::as_uuid).into(),
        to_ms_option(row.facts_purge_after).into(),
        row.digest.to_vec().into(),
        row.detail.into(),
    ]
}

fn line_values(line: LineRow) -> [Value; 10] {
    [
        line.order_id.as_uuid().into(),
        line.vendor_line_id.into(),
        line.position.into(),
        line.sku.into(),
        line.vendor_item_id.into(),
        line.title.into(),
        line.quantity.into(),
        line.quantity_dispatched.into(),
        line.total_minor.into(),
        line.detail.into(),
    ]
}

fn recipient_values(row: RecipientRow) -> [Value; 6] {
    [
        row.order_id.as_uuid().into(),
        row.key_id.number().into(),
        row.row_version.into(),
        row.digest.to_vec().into(),
        to_ms(row.purge_after).into(),
        row.sealed.into_bytes().into(),
    ]
}

fn buyer_values(row: BuyerRow) -> [Value; 7] {
    [
        row.buyer_id.as_uuid().into(),
        row.subject.as_bytes().to_vec().into(),
        row.key_id.number().into(),
        row.row_version.into(),
        row.digest.to_vec().into(),
        to_ms(row.purge_after).into(),
        row.sealed.into_bytes().into(),
    ]
}

fn event_values(event: EventRow) -> [Value; 5] {
    [
        event.order_id.as_uuid().into(),
        event.event_id.into(),
        to_ms(event.at).into(),
        event.kind.into(),
        event.detail.into(),
    ]
}
