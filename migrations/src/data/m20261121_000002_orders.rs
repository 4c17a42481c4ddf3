//! Orders, their lines, the two sealed records of each, their history, and the orders that could not be read.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}

const UP: &str = "
CREATE TABLE orders (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    account_id {uuid} NOT NULL,
    vendor_order_id {text} NOT NULL,
    marketplace {text} NOT NULL,
    status {text} NOT NULL,
    status_code {text},
    fulfilled_by {text} NOT NULL,
    completeness {text} NOT NULL,
    created_at {int} NOT NULL,
    updated_at {int} NOT NULL,
    first_read_at {int} NOT NULL,
    read_at {int} NOT NULL,
    ship_by {int},
    deliver_by {int},
    dispatched_at {int},
    delivered_at {int},
    history {int} NOT NULL,
    country {text},
    territory {text},
    currency {text},
    grand_total_minor {int},
    shipping_reviews {int} NOT NULL,
    tax_reviews {int} NOT NULL,
    buyer_id {uuid},
    delivery_purged_at {int},
    facts_purge_after {int},
    digest {blob} NOT NULL,
    detail {text} NOT NULL,
    PRIMARY KEY (seller_id, order_id)
) {end};

CREATE UNIQUE INDEX orders_vendor ON orders (seller_id, account_id, vendor_order_id);

CREATE INDEX orders_buyer ON orders (seller_id, buyer_id) WHERE buyer_id IS NOT NULL;

CREATE INDEX orders_open ON orders (seller_id, ship_by) WHERE status IN ('unshipped', 'partially_shipped', 'unknown');

CREATE INDEX orders_facts_purge ON orders (facts_purge_after) WHERE facts_purge_after IS NOT NULL;

CREATE TABLE order_line (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    vendor_line_id {text} NOT NULL,
    position {int} NOT NULL,
    sku {text},
    vendor_item_id {text},
    title {text},
    quantity {int} NOT NULL,
    quantity_dispatched {int},
    total_minor {int},
    detail {text} NOT NULL,
    PRIMARY KEY (seller_id, order_id, vendor_line_id)
) {clustered};

CREATE TABLE recipient (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    digest {blob} NOT NULL,
    purge_after {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (seller_id, order_id)
) {clustered};

CREATE INDEX recipient_purge ON recipient (purge_after);

CREATE TABLE buyer (
    seller_id {int} NOT NULL,
    buyer_id {uuid} NOT NULL,
    subject {blob} NOT NULL,
    account_id {uuid} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    digest {blob} NOT NULL,
    purge_after {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (seller_id, buyer_id)
) {end};

CREATE UNIQUE INDEX buyer_subject ON buyer (seller_id, subject);

CREATE INDEX buyer_purge ON buyer (purge_after);

CREATE TABLE order_event (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    event_id {uuid} NOT NULL,
    at {int} NOT NULL,
    kind {text} NOT NULL,
    detail {text} NOT NULL,
    PRIMARY KEY (seller_id, order_id, event_id)
) {clustered};

CREATE TABLE rejected_order (
    seller_id {int} NOT NULL,
    account_id {uuid} NOT NULL,
    vendor_order_id {text} NOT NULL,
    updated_at {int},
    field {text} NOT NULL,
    reason {text} NOT NULL,
    program_version {text} NOT NULL,
    first_seen_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    try_after {int} NOT NULL,
    tries {int} NOT NULL,
    PRIMARY KEY (seller_id, account_id, vendor_order_id)
) {end};

CREATE TABLE search_tag (
    seller_id {int} NOT NULL,
    field {int} NOT NULL,
    generation {int} NOT NULL,
    tag {int} NOT NULL,
    order_id {uuid} NOT NULL,
    PRIMARY KEY (seller_id, field, generation, tag, order_id)
) {clustered};

CREATE INDEX search_tag_order ON search_tag (seller_id, order_id)
";
