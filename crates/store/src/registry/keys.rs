//! The key store.

use super::{ColumnClass, ColumnRule, Retention, TableRule, columns};

pub(super) const TABLES: &[TableRule] = &[
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
