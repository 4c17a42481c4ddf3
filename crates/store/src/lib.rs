//! Entities and queries for the `data` and `keys` databases, the same on SQLite and on PostgreSQL.
//!
//! This crate sees open facts and [`ordersync_vault::Sealed`] cells, never a person in clear. It decides nothing:
//! what is to be written, when, and in which order, is core's.

mod accounts;
mod audit;
mod batch;
mod bulk;
mod canary;
mod columns;
mod connect;
mod cursor;
mod detail;
mod disclosures;
mod entity;
mod error;
mod exchange_rates;
mod facts;
mod intake;
mod invoices;
mod jobs;
mod key_remains;
mod key_store;
mod labels;
mod leases;
mod order_filter;
mod order_numbers;
mod order_work;
mod orders;
mod policies;
mod products;
mod rate_budgets;
mod registry;
mod rejected;
mod retention;
mod search;
mod shipments;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod tokens;
mod uninvoiced;
mod wipe;

pub use accounts::{Account, AccountInvoicing, AccountState, InvoiceIssuer, SealedCredential};
pub use audit::{AuditEntry, RetentionRun};
pub use columns::{
    BuyerColumn, ChannelCanary, ContactCanary, CredentialColumn, DeliveryCanary, InvoiceCanary, InvoicePartyColumn,
    LabelCanary, LabelColumn, LabelCopyColumn, NoteColumn, RecipientColumn,
};
pub use connect::{Database, DatabaseUrl, Databases, OpenOptions, SchemaState};
pub use cursor::{OrderCursor, ResumeHint};
pub use detail::{LineDetail, OrderDetail};
pub use disclosures::{DisclosureEntry, DisclosureFilter};
pub use error::StoreError;
pub use exchange_rates::ExchangeRateRow;
pub use intake::{
    BuyerRow, EventRow, KnownBuyer, KnownOrder, KnownRecord, LineRow, OrderRow, OrderWrite, PageWrite, ReadyPage,
    RecipientRow,
};
pub use invoices::{
    DaybookLine, DaybookMark, InvoiceFilter, InvoicePartyRow, InvoicePlace, InvoiceRate, InvoiceRow, InvoiceSeries,
    InvoicesWritten, RateUsed, SeriesUse, VoidRow,
};
pub use jobs::{ClaimedJob, JobKind, NewJob};
pub use key_store::{KekRow, KeysWritten};
pub use labels::{LabelCopyRow, LabelRow};
pub use leases::{Lease, LeaseProof};
pub use order_filter::OrderFilter;
pub use order_work::{HoldRow, NoteRow};
pub use orders::{OrderSummary, StoredLine, StoredOrder, TableCounts};
pub use policies::{Covers, Forward, RetentionPolicy};
pub use products::{ProductRow, SoldItem};
pub use registry::{ColumnClass, ColumnRule, Retention, TableRule, registry};
pub use rejected::RejectedRow;
pub use retention::{ClassState, DueRecord, RetentionClass, SealedClass};
pub use shipments::{LabelState, LabelledShipment, LineLimit, PackedLine, Shipment, ShipmentLine, ShipmentState};
pub use tokens::TokenRow;
pub use uninvoiced::{UninvoicedRow, UninvoicedState, WaitsFor};
pub use wipe::PhysicalStep;
