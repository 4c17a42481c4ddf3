//! Writing a page in one transaction.

use ordersync_types::{AccountId, BuyerId, OrderId, SellerId, Timestamp};
use sea_orm::Value;

use super::{BuyerRow, EventRow, LineRow, OrderRow, OrderWrite, PageWrite, RecipientRow};
use crate::batch::Batch;
use crate::bulk::{BulkInsert, Shared};
use crate::jobs::INSERT_JOBS;
use crate::jobs::NewJob;
use crate::rejected::add_rejected;
use crate::time::{to_ms, to_ms_option};
use crate::{Databases, LeaseProof, ResumeHint, StoreError};

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
    tail: "",
};
const INSERT_BUYERS: BulkInsert = BulkInsert {
    table: "buyer",
    shared: &["seller_id", "account_id"],
    columns: &["buyer_id", "subject", "key_id", "row_version", "digest", "purge_after", "sealed"],
    tail: "",
};
const INSERT_EVENTS: BulkInsert = BulkInsert {
    table: "order_event",
    shared: &["seller_id"],
    columns: &["order_id", "event_id", "at", "kind", "detail"],
    tail: "",
};

/// A page whose statements are made: all that is left is to run them.
pub struct ReadyPage {
    batch: Batch,
    lease: Option<LeaseProof>,
}

impl Databases {
    /// Makes the statements of a page, so that the database is not held while it is done.
    pub fn ready_page(&self, page: PageWrite) -> ReadyPage {
        let mut batch = Batch::new(self.data.backend);
        let PageWrite { seller, account, at, orders, lease, .. } = page;
        let seller_shared = [Shared::Int(i64::from(seller.number()))];
        let account_shared = [Shared::Int(i64::from(seller.number())), Shared::Id(account.as_uuid())];
        add_orders(&mut batch, seller, &account_shared, orders);
        add_recipients(&mut batch, seller, page.recipients, &page.recipient_purges);
        add_buyers(&mut batch, seller, &account_shared, page.buyers, &page.buyer_purges);
        INSERT_EVENTS.add_to(&mut batch, &seller_shared, page.events.into_iter().flat_map(event_values).collect());
        INSERT_JOBS.add_to(&mut batch, &seller_shared, page.jobs.iter().flat_map(NewJob::values).collect());
        add_rejected(&mut batch, (seller, account, at), &page.rejected, &page.accepted);
        if page.moves_cursor {
            add_cursor(&mut batch, (seller, account, at), page.resume.as_ref(), page.watermark);
        }
        crate::key_store::add_relied_on(&mut batch, page.keys_sequence);
        ReadyPage { batch, lease }
    }

    /// Writes pages that follow each other in one transaction, under the lease of the last.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], [`StoreError::Full`]; else what the driver says. Nothing is written then.
    pub async fn write_pages(&self, pages: Vec<ReadyPage>) -> Result<(), StoreError> {
        let mut all = Batch::new(self.data.backend);
        let mut last_lease = None;
        for ReadyPage { batch, lease } in pages {
            all.append(batch);
            last_lease = lease.or(last_lease);
        }
        all.write(&self.data, last_lease.as_ref()).await
    }
}

fn add_orders(batch: &mut Batch, seller: SellerId, shared: &[Shared], page: Vec<OrderWrite>) {
    let seller = i64::from(seller.number());
    let (known, new): (Vec<_>, Vec<_>) = page.into_iter().partition(|order| order.known);
    let (mut orders, mut lines) = (Vec::with_capacity(new.len() * ORDER_COLUMNS.len()), Vec::new());
    for order in new {
        orders.extend(order_values(order.row));
        lines.extend(order.lines.into_iter().flat_map(line_values));
    }
    INSERT_ORDERS.add_to(batch, shared, orders);
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
        batch.add_for_one_row("orders", sql, values.into_iter().chain([seller.into()]));
        if !order.lines.is_empty() {
            let sql = "DELETE FROM order_line WHERE seller_id = $1 AND order_id = $2";
            batch.add(sql, [seller.into(), order_id.as_uuid().into()]);
        }
        lines.extend(order.lines.into_iter().flat_map(line_values));
    }
    INSERT_LINES.add_to(batch, &[Shared::Int(seller)], lines);
}

fn add_recipients(batch: &mut Batch, seller: SellerId, rows: Vec<RecipientRow>, purges: &[(OrderId, Timestamp)]) {
    let seller = i64::from(seller.number());
    let (new, changed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.row_version == 1);
    INSERT_RECIPIENTS.add_to(batch, &[Shared::Int(seller)], new.into_iter().flat_map(recipient_values).collect());
    // A row that is gone was purged since the page was read: the purge stands. One that a person typed meanwhile stands
    // too: the key that this page was sealed under is destroyed.
    for row in changed {
        let sql = "UPDATE recipient SET key_id = $1, row_version = $2, digest = $3, purge_after = $4, sealed = $5 \
                   WHERE order_id = $6 AND seller_id = $7 AND row_version < $8 AND typed_at IS NULL";
        let row_version = row.row_version;
        let mut values = recipient_values(row);
        values.rotate_left(1);
        batch.add(sql, values.into_iter().chain([seller.into(), row_version.into()]));
    }
    for (order, purge_after) in purges {
        let sql = "UPDATE recipient SET purge_after = $1 WHERE seller_id = $2 AND order_id = $3";
        batch.add(sql, [to_ms(*purge_after).into(), seller.into(), order.as_uuid().into()]);
    }
}

fn add_buyers(
    batch: &mut Batch,
    seller: SellerId,
    shared: &[Shared],
    rows: Vec<BuyerRow>,
    purges: &[(BuyerId, Timestamp)],
) {
    let seller = i64::from(seller.number());
    let (new, changed): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.row_version == 1);
    INSERT_BUYERS.add_to(batch, shared, new.into_iter().flat_map(buyer_values).collect());
    // As with recipients.
    for row in changed {
        let sql = "UPDATE buyer SET subject = $1, key_id = $2, row_version = $3, digest = $4, purge_after = $5, \
                   sealed = $6 WHERE buyer_id = $7 AND seller_id = $8";
        let mut values = buyer_values(row);
        values.rotate_left(1);
        batch.add(sql, values.into_iter().chain([seller.into()]));
    }
    for (buyer, purge_after) in purges {
        let sql = "UPDATE buyer SET purge_after = $1 WHERE seller_id = $2 AND buyer_id = $3";
        batch.add(sql, [to_ms(*purge_after).into(), seller.into(), buyer.as_uuid().into()]);
    }
}

fn add_cursor(
    batch: &mut Batch,
    (seller, account, at): (SellerId, AccountId, Timestamp),
    resume: Option<&ResumeHint>,
    watermark: Option<Timestamp>,
) {
    let sql = "UPDATE order_cursor SET watermark = COALESCE($1, watermark), window_from = $2, window_to = $3, \
               page_token = $4, page_token_at = $5, polled_at = $6, caught_up_at = COALESCE($7, caught_up_at), \
               failed_at = NULL, failure = NULL WHERE seller_id = $8 AND account_id = $9";
    let values: [Value; 9] = [
        to_ms_option(watermark).into(),
        resume.map(|hint| to_ms(hint.window_from)).into(),
        resume.map(|hint| to_ms(hint.window_to)).into(),
        resume.and_then(|hint| hint.page_token.clone()).into(),
        resume.map(|hint| to_ms(hint.at)).into(),
        to_ms(at).into(),
        watermark.map(|_| to_ms(at)).into(),
        i64::from(seller.number()).into(),
        account.as_uuid().into(),
    ];
    batch.add_for_one_row("order_cursor", sql, values);
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
