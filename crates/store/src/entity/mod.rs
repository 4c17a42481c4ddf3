//! The tables as sea-orm entities, for reading and for single rows. Pages of orders go in by `bulk`.
#![expect(unreachable_pub, reason = "sea-orm's derive makes its types as public as the model")]

pub(crate) mod account;
pub(crate) mod account_credential;
pub(crate) mod audit_entry;
pub(crate) mod data_key;
pub(crate) mod key_encryption_key;
pub(crate) mod order_cursor;
pub(crate) mod order_line;
pub(crate) mod orders;
pub(crate) mod rejected_order;
pub(crate) mod retention_run;
