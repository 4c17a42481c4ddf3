//! The column registry: what every column holds, why, and how long. A test compares it with both catalogues, so that
//! no column can be added without saying so.

/// What kind of thing a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnClass {
    /// A fact without a person.
    Fact,
    /// An id or a keyed tag that leads to a record, without content.
    Identifier,
    /// A sealed record of persons, or a tag or digest made from one: goes with the record.
    Personal,
    /// A sealed credential or a wrapped key.
    Secret,
}

/// How long rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// With the label key: 21 days after the label was made.
    Label,
    /// With the order's delivery key: 30 days after delivery, or after the fallbacks of `core::retention`.
    Delivery,
    /// With the buyer's contact key, which goes with the last delivery key.
    Contact,
    /// With the account's channel key, destroyed when the account is removed.
    Channel,
    /// Facts of an order: Amazon 18 months after the last change, otherwise while the business needs them.
    Facts,
    /// Six years, for accountability.
    Accountability,
    /// While the work it stands for lasts.
    Work,
    /// A key row: destroyed with what it seals; its tombstone goes 35 days after its last data row.
    Key,
    /// As long as the installation.
    Installation,
}

/// What one column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnRule {
    /// The column's name.
    pub column: &'static str,
    /// What it holds.
    pub class: ColumnClass,
}

/// What one table is for.
#[derive(Debug, Clone, Copy)]
pub struct TableRule {
    /// The table's name.
    pub table: &'static str,
    /// True in the `keys` database.
    pub in_keys: bool,
    /// What it is for.
    pub purpose: &'static str,
    /// The legal basis, as the letter of Art. 6(1) UK and EU GDPR; empty where no person is concerned.
    pub basis: &'static str,
    /// How long its rows are kept.
    pub retention: Retention,
    /// Its columns.
    pub columns: &'static [ColumnRule],
}

macro_rules! columns {
    ($($class:ident: $($column:ident)+;)+) => {
        &[$($(ColumnRule { column: stringify!($column), class: ColumnClass::$class },)+)+]
    };
}

/// Every table of both databases, but for the migrators' own.
pub const REGISTRY: &[TableRule] = &[
    TableRule {
        table: "installation",
        in_keys: false,
        purpose: "the key sequence that the data relies on",
        basis: "",
        retention: Retention::Installation,
        columns: columns! { Fact: name value; },
    },
    TableRule {
        table: "canary",
        in_keys: false,
        purpose: "showing that keys and formats still fit, without opening anybody's record",
        basis: "",
        retention: Retention::Installation,
        columns: columns! { Identifier: key_id; Fact: class sealed; },
    },
    TableRule {
        table: "account",
        in_keys: false,
        purpose: "the seller's marketplace accounts",
        basis: "",
        retention: Retention::Installation,
        columns: columns! {
            Identifier: seller_id account_id;
            Fact: label connector settings state state_reason go_live_at first_window_days added_at;
        },
    },
    TableRule {
        table: "account_credential",
        in_keys: false,
        purpose: "signing in at the marketplace",
        basis: "",
        retention: Retention::Channel,
        columns: columns! {
            Identifier: seller_id account_id key_id;
            Fact: row_version written_at;
            Secret: sealed;
        },
    },
    TableRule {
        table: "order_cursor",
        in_keys: false,
        purpose: "how far an account has been read",
        basis: "",
        retention: Retention::Work,
        columns: columns! {
            Identifier: seller_id account_id;
            Fact: watermark window_from window_to page_token page_token_at polled_at caught_up_at failed_at failure;
        },
    },
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
    TableRule {
        table: "job",
        in_keys: false,
        purpose: "work to be done",
        basis: "",
        retention: Retention::Work,
        columns: columns! {
            Identifier: seller_id job_id orders;
            Fact: kind due_at tries claimed_by claimed_until failure;
        },
    },
    TableRule {
        table: "lease",
        in_keys: false,
        purpose: "sharing work between daemons",
        basis: "",
        retention: Retention::Work,
        columns: columns! { Fact: name holder fence expires_at; },
    },
    TableRule {
        table: "rate_budget",
        in_keys: false,
        purpose: "never asking more often than a marketplace allows",
        basis: "",
        retention: Retention::Work,
        columns: columns! { Fact: name credit_ms updated_at; },
    },
    TableRule {
        table: "heartbeat",
        in_keys: false,
        purpose: "knowing how long the daemon was off",
        basis: "",
        retention: Retention::Work,
        columns: columns! { Fact: name at boot since_boot_ms; },
    },
    TableRule {
        table: "audit_entry",
        in_keys: false,
        purpose: "who did what to which record",
        basis: "c, f",
        retention: Retention::Accountability,
        columns: columns! { Identifier: entry_id seller_id subject_id; Fact: at actor action subject_kind detail; },
    },
    TableRule {
        table: "disclosure",
        in_keys: false,
        purpose: "who was told which fields",
        basis: "c",
        retention: Retention::Accountability,
        columns: columns! {
            Identifier: disclosure_id seller_id order_id shipment_id;
            Fact: at recipient purpose fields;
        },
    },
    TableRule {
        table: "retention_policy",
        in_keys: false,
        purpose: "how long what was kept, since when",
        basis: "c",
        retention: Retention::Accountability,
        columns: columns! {
            Identifier: class since;
            Fact: days covers_held;
        },
    },
    TableRule {
        table: "retention_run",
        in_keys: false,
        purpose: "proof of what was purged",
        basis: "c",
        retention: Retention::Accountability,
        columns: columns! {
            Identifier: run_id;
            Fact: started_at finished_at cutoff state class due destroyed late_max_ms oldest_left physical probe
                failure outside;
        },
    },
    TableRule {
        table: "key_encryption_key",
        in_keys: true,
        purpose: "telling the right root secret from a wrong one",
        basis: "",
        retention: Retention::Installation,
        columns: columns! { Identifier: kek_id; Fact: generation check_value uses_reserved state created_at; },
    },
    TableRule {
        table: "data_key",
        in_keys: true,
        purpose: "sealing records so that each can be destroyed by itself",
        basis: "b, c, f",
        retention: Retention::Key,
        columns: columns! {
            Identifier: key_id seller_id kek_id;
            Fact: class generation kek_generation uses_reserved state created_at expires_at destroyed_at reason
                rows_gone_at;
            Personal: scope;
            Secret: wrapped check_value;
        },
    },
    TableRule {
        table: "key_store_state",
        in_keys: true,
        purpose: "telling an old copy of the key store from the newest",
        basis: "",
        retention: Retention::Installation,
        columns: columns! { Fact: name value; },
    },
];
