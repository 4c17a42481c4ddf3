//! Invoices and what they need.

use super::{ColumnClass, ColumnRule, Retention, TableRule, columns};

pub(super) const TABLES: &[TableRule] = &[
    TableRule {
        table: "product",
        in_keys: false,
        purpose: "what the seller declares of goods",
        basis: "",
        retention: Retention::Installation,
        columns: columns! {
            Identifier: seller_id product_key;
            Fact: title vat weight_g commodity_code origin customs_description changed_at changed_by;
        },
    },
    TableRule {
        table: "invoice_series",
        in_keys: false,
        purpose: "numbering invoices",
        basis: "",
        retention: Retention::Installation,
        columns: columns! {
            Identifier: seller_id;
            Fact: kind prefix first_number next_number set_at set_by;
        },
    },
    TableRule {
        table: "invoice_void",
        in_keys: false,
        purpose: "explaining numbers without a document",
        basis: "",
        retention: Retention::Installation,
        columns: columns! {
            Identifier: seller_id number;
            Fact: kind series_number at voided_by reason;
        },
    },
    TableRule {
        table: "invoice",
        in_keys: false,
        purpose: "VAT records",
        basis: "c",
        retention: Retention::Invoice,
        columns: columns! {
            Identifier: seller_id invoice_id order_id account_id vendor_order_id shipment_id number original_id
                original_number;
            Fact: sequence kind form series_number issued_at issue_date tax_point tax_point_rule business ship_from ship_to
                vat_country scheme currency net_minor vat_minor gross_minor reversal content template sha256 purge_after
                issued_by fx_rate fx_source;
        },
    },
    TableRule {
        table: "invoice_rate",
        in_keys: false,
        purpose: "VAT records",
        basis: "",
        retention: Retention::Invoice,
        columns: columns! {
            Identifier: seller_id invoice_id;
            Fact: position supply rate net_minor vat_minor gross_minor;
        },
    },
    TableRule {
        table: "invoice_party",
        in_keys: false,
        purpose: "who a VAT invoice is made out to",
        basis: "c",
        retention: Retention::Invoice,
        columns: columns! {
            Identifier: seller_id invoice_id key_id;
            Fact: row_version purge_after;
            Personal: sealed;
        },
    },
    TableRule {
        table: "invoice_purge",
        in_keys: false,
        purpose: "naming the invoices that a purge removes in the same transaction",
        basis: "",
        retention: Retention::Work,
        columns: columns! { Identifier: seller_id invoice_id; Fact: cutoff; },
    },
    TableRule {
        table: "uninvoiced",
        in_keys: false,
        purpose: "sales that have left and have no document",
        basis: "",
        retention: Retention::Invoice,
        columns: columns! {
            Identifier: seller_id order_id account_id vendor_order_id;
            Fact: state fact reason dispatched_at tax_point business currency gross_minor since territory purge_after;
        },
    },
    TableRule {
        table: "exchange_rate",
        in_keys: false,
        purpose: "sterling amounts of sales in another currency",
        basis: "",
        retention: Retention::Installation,
        columns: columns! { Fact: currency month rate source imported_at imported_by; },
    },
];
