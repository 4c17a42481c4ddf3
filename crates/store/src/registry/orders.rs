//! Orders and what is packed of them.

use super::{ColumnClass, ColumnRule, Retention, TableRule, columns};

pub(super) const TABLES: &[TableRule] = &[
    TableRule {
        table: "orders",
        in_keys: false,
        purpose: "packing, invoicing and accounts",
        basis: "b, c",
        retention: Retention::Facts,
        columns: columns! {
            Identifier: seller_id order_id account_id vendor_order_id;
            Fact: marketplace status status_code fulfilled_by completeness created_at updated_at first_read_at
                read_at ship_by deliver_by dispatched_at delivered_at history country territory currency grand_total_minor
                shipping_reviews tax_reviews delivery_purged_at facts_purge_after digest detail;
            Personal: buyer_id;
        },
    },
    TableRule {
        table: "order_line",
        in_keys: false,
        purpose: "packing, invoicing and accounts",
        basis: "",
        retention: Retention::Facts,
        columns: columns! {
            Identifier: seller_id order_id vendor_line_id;
            Fact: position sku vendor_item_id title quantity quantity_dispatched total_minor detail;
        },
    },
    TableRule {
        table: "recipient",
        in_keys: false,
        purpose: "delivering the order",
        basis: "b",
        retention: Retention::Delivery,
        columns: columns! {
            Identifier: seller_id order_id key_id;
            Fact: row_version purge_after typed_at;
            Personal: digest sealed;
        },
    },
    TableRule {
        table: "buyer",
        in_keys: false,
        purpose: "answering the buyer and invoicing",
        basis: "b, f",
        retention: Retention::Contact,
        columns: columns! {
            Identifier: seller_id buyer_id account_id key_id;
            Fact: row_version purge_after;
            Personal: subject digest sealed;
        },
    },
    TableRule {
        table: "order_event",
        in_keys: false,
        purpose: "telling how an order came to be as it is",
        basis: "",
        retention: Retention::Facts,
        columns: columns! { Identifier: seller_id order_id event_id; Fact: at kind detail; },
    },
    TableRule {
        table: "shipment",
        in_keys: false,
        purpose: "packing, dispatching and finding a parcel again",
        basis: "b",
        retention: Retention::Facts,
        columns: columns! {
            Identifier: seller_id shipment_id reference recipient_order_id tracking courier_shipment_id;
            Fact: state label courier service media parcels again created_at created_by labelled_at prints dispatched_at
                dispatched_by carrier carrier_service failure;
            Personal: address_digest;
        },
    },
    TableRule {
        table: "shipment_line",
        in_keys: false,
        purpose: "what is in which parcel",
        basis: "",
        retention: Retention::Facts,
        columns: columns! { Identifier: seller_id order_id vendor_line_id shipment_id; Fact: quantity; },
    },
    TableRule {
        table: "label",
        in_keys: false,
        purpose: "printing a label again",
        basis: "b",
        retention: Retention::Label,
        columns: columns! {
            Identifier: seller_id shipment_id key_id;
            Fact: row_version purge_after;
            Personal: sealed;
        },
    },
    TableRule {
        table: "label_copy",
        in_keys: false,
        purpose: "finding and deleting copies of labels that a person made",
        basis: "b",
        retention: Retention::Label,
        columns: columns! {
            Identifier: seller_id copy_id key_id;
            Fact: owner made_at due_at row_version purge_after;
            Personal: sealed;
        },
    },
    TableRule {
        table: "order_hold",
        in_keys: false,
        purpose: "holding an order back",
        basis: "",
        retention: Retention::Facts,
        columns: columns! { Identifier: seller_id order_id; Fact: held_at held_by; },
    },
    TableRule {
        table: "order_note",
        in_keys: false,
        purpose: "what the shop must know of an order",
        basis: "f",
        retention: Retention::Delivery,
        columns: columns! {
            Identifier: seller_id note_id order_id key_id;
            Fact: kind written_at written_by row_version purge_after;
            Personal: sealed;
        },
    },
    TableRule {
        table: "rejected_order",
        in_keys: false,
        purpose: "reading again what could not be read",
        basis: "",
        retention: Retention::Work,
        columns: columns! {
            Identifier: seller_id account_id vendor_order_id;
            Fact: updated_at field reason program_version first_seen_at last_seen_at try_after tries;
        },
    },
    TableRule {
        table: "search_tag",
        in_keys: false,
        purpose: "finding an order by name or postcode",
        basis: "b",
        retention: Retention::Delivery,
        columns: columns! { Identifier: seller_id order_id; Fact: field generation; Personal: tag; },
    },
];
