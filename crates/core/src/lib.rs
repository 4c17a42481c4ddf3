//! The use cases: what happens with an order from the moment a connector hands it over.
//!
//! Core decides *when* and *whether*; it calls the store and the vault directly and knows marketplaces only through
//! `connector-api`. It is the one place where a sealed record is opened, and there the audit entry is written.

mod accounts;
mod canary;
mod doubles;
mod error;
pub mod fulfilment;
mod intake;
pub mod invoicing;
mod key_ring;
mod label_copies;
mod open;
mod order_work;
mod panics;
pub mod paper;
mod rejected;
pub mod retention;
mod search;
mod sync;
mod tokens;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use ordersync_types::SharedClock;
use tokio::sync::{Notify, watch};

// For the floors that see the store and the vault through core alone.
pub use ordersync_courier_api::{LabelFormat, LabelMedia, LabelSize, SenderProfile};
pub use ordersync_store::{
    Account, AccountInvoicing, AccountState, ClassState, DatabaseUrl, Databases, DisclosureEntry, DisclosureFilter,
    InvoiceFilter, InvoiceIssuer, InvoiceRow, JobKind, LabelState, LineDetail, OpenOptions, OrderCursor, OrderDetail,
    OrderFilter, OrderSummary, PackedLine, ProductRow, RejectedRow, RetentionClass, RetentionRun, SealedClass,
    Shipment, ShipmentLine, ShipmentState, StoreError, StoredLine, StoredOrder, TokenRow, UninvoicedRow,
    UninvoicedState, WaitsFor,
};
pub use ordersync_vault::{KeyClass, RootSecret, VaultError};

pub use accounts::NewAccount;
pub use doubles::HeldBy;
pub use error::CoreError;
use fulfilment::FulfilmentSettings;
pub use intake::PageCounts;
pub use key_ring::KeyRing;
pub use label_copies::{LabelCopy, NewLabelCopy};
pub use open::{Actor, Opened};
pub use order_work::{NoteKind, OrderNote, TypedAddress};
pub use panics::{Caught, caught};
pub use rejected::RetryReport;
pub use sync::{SyncReport, SyncSettings};

/// Everything the use cases need: the databases, the keys and the time.
#[derive(Debug)]
pub struct Core {
    /// Both databases.
    pub store: Databases,
    /// Outside time.
    pub clock: SharedClock,
    /// Makes and opens data keys.
    pub keys: KeyRing,
    /// This process, in leases: random, new at each start.
    pub holder: String,
    /// The program's version, in rejected orders: an upgrade reads them again.
    pub program_version: &'static str,
    /// Where copies of both databases lie that the daemon made, and that every purge must reach.
    pub copies: Option<retention::CopiesFolder>,
    canary_fault: Mutex<Option<String>>,
    fulfilment: RwLock<Option<Arc<FulfilmentSettings>>>,
    evidence: OnceLock<Arc<dyn retention::TimeEvidence>>,
    stopping: watch::Sender<bool>,
    unanswered: Notify,
    settling: tokio::sync::Mutex<()>,
    policies: RwLock<Arc<retention::Policies>>,
    invoicing: RwLock<Option<Arc<invoicing::InvoicingSettings>>>,
    invoices_due: Notify,
}

impl Core {
    /// Puts the parts together.
    pub fn new(store: Databases, clock: SharedClock, keys: KeyRing, program_version: &'static str) -> Self {
        let holder = ordersync_types::EventId::new(clock.now()).to_string();
        Self {
            store,
            clock,
            keys,
            holder,
            program_version,
            copies: None,
            canary_fault: Mutex::new(None),
            fulfilment: RwLock::new(None),
            evidence: OnceLock::new(),
            stopping: watch::Sender::new(false),
            unanswered: Notify::new(),
            settling: tokio::sync::Mutex::new(()),
            policies: RwLock::default(),
            invoicing: RwLock::new(None),
            invoices_due: Notify::new(),
        }
    }

    /// Sets who gives evidence of the time; once, at the start. Without one the clock is trusted.
    pub fn set_time_evidence(&self, evidence: Arc<dyn retention::TimeEvidence>) {
        // The first one stays.
        let _first = self.evidence.set(evidence).is_ok();
    }

    /// Sets what labels are made with, in place of what was set before.
    pub fn set_fulfilment(&self, settings: FulfilmentSettings) {
        *self.fulfilment.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(settings));
    }

    /// What labels are made with.
    ///
    /// # Errors
    /// [`CoreError::Stopped`] in a process that makes none.
    pub fn fulfilment(&self) -> Result<Arc<FulfilmentSettings>, CoreError> {
        let set = self.fulfilment.read().unwrap_or_else(PoisonError::into_inner).clone();
        set.ok_or(CoreError::Stopped("setting up labels"))
    }

    /// Asks for an end: reading an account finishes the page in hand, asks for no other, and returns what it did.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until an end is asked for.
    pub async fn stopped(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _seen = self.stopping.subscribe().wait_for(|stopping| *stopping).await.is_ok();
    }
}
