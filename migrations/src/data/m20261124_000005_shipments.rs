//! Shipments, their labels, copies of labels outside, addresses that a person typed, holds and notes.

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
CREATE TABLE shipment (
    seller_id {int} NOT NULL,
    shipment_id {uuid} NOT NULL,
    reference {text} NOT NULL,
    state {text} NOT NULL,
    label {text} NOT NULL,
    courier {text} NOT NULL,
    service {text} NOT NULL,
    media {text} NOT NULL,
    parcels {int} NOT NULL,
    recipient_order_id {uuid} NOT NULL,
    address_digest {blob},
    again {text},
    created_at {int} NOT NULL,
    created_by {text} NOT NULL,
    labelled_at {int},
    prints {int} NOT NULL,
    dispatched_at {int},
    dispatched_by {text},
    carrier {text},
    carrier_service {text},
    tracking {text},
    courier_shipment_id {text},
    failure {text},
    PRIMARY KEY (seller_id, shipment_id)
) {end};

CREATE UNIQUE INDEX shipment_reference ON shipment (seller_id, reference);

CREATE INDEX shipment_recipient ON shipment (seller_id, recipient_order_id);

CREATE INDEX shipment_open ON shipment (seller_id, state) WHERE state IN ('draft', 'requested', 'labelled', 'unknown');

CREATE TABLE shipment_line (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    vendor_line_id {text} NOT NULL,
    shipment_id {uuid} NOT NULL,
    quantity {int} NOT NULL,
    PRIMARY KEY (seller_id, order_id, vendor_line_id, shipment_id)
) {clustered};

CREATE INDEX shipment_line_shipment ON shipment_line (shipment_id);

CREATE TABLE label (
    seller_id {int} NOT NULL,
    shipment_id {uuid} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    purge_after {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (seller_id, shipment_id)
) {end};

CREATE INDEX label_purge ON label (purge_after);

CREATE TABLE label_copy (
    seller_id {int} NOT NULL,
    copy_id {uuid} NOT NULL,
    owner {text} NOT NULL,
    made_at {int} NOT NULL,
    due_at {int} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    purge_after {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (seller_id, copy_id)
) {end};

CREATE INDEX label_copy_due ON label_copy (seller_id, owner, due_at);

CREATE INDEX label_copy_purge ON label_copy (purge_after);

CREATE TABLE order_hold (
    seller_id {int} NOT NULL,
    order_id {uuid} NOT NULL,
    held_at {int} NOT NULL,
    held_by {text} NOT NULL,
    PRIMARY KEY (seller_id, order_id)
) {end};

CREATE TABLE order_note (
    seller_id {int} NOT NULL,
    note_id {uuid} NOT NULL,
    order_id {uuid} NOT NULL,
    kind {text} NOT NULL,
    written_at {int} NOT NULL,
    written_by {text} NOT NULL,
    key_id {int} NOT NULL,
    row_version {int} NOT NULL,
    purge_after {int} NOT NULL,
    sealed {blob} NOT NULL,
    PRIMARY KEY (seller_id, note_id)
) {end};

CREATE INDEX order_note_order ON order_note (order_id);

CREATE INDEX order_note_purge ON order_note (purge_after);

ALTER TABLE recipient ADD COLUMN typed_at {int};

ALTER TABLE disclosure ADD COLUMN shipment_id {uuid};

CREATE INDEX disclosure_courier ON disclosure (seller_id, recipient, at);

ALTER TABLE retention_run ADD COLUMN outside {int};

ALTER TABLE heartbeat ADD COLUMN boot {text};

ALTER TABLE heartbeat ADD COLUMN since_boot_ms {int}
";
