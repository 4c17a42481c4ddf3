//! The installation, its accounts and its own work.

use super::{ColumnClass, ColumnRule, Retention, TableRule, columns};

pub(super) const TABLES: &[TableRule] = &[
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
            Fact: label connector settings state state_reason go_live_at first_window_days added_at invoices invoice_from
                stock_countries;
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
        table: "api_token",
        in_keys: false,
        purpose: "letting programs of an accountant in",
        basis: "",
        retention: Retention::Accountability,
        columns: columns! {
            Identifier: seller_id token_id;
            Fact: label role hash created_at created_by expires_at revoked_at revoked_by used_at;
        },
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
];
