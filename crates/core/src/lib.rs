//! The use cases: what happens with an order from the moment a connector hands it over.
//!
//! Core decides *when* and *whether*; it calls the store and the vault directly and knows marketplaces only through
//! `connector-api`. It is the one place where a sealed record is opened, and there the audit entry is written.

mod accounts;
mod canary;
mod error;
mod intake;
mod key_ring;
mod open;
mod panics;
mod rejected;
pub mod retention;
mod search;
mod sync;

use std::sync::Mutex;

use ordersync_types::SharedClock;
use tokio::sync::watch;

// For the floors that see the store and the vault through core alone.
pub use ordersync_store::{
    Account, AccountState, DatabaseUrl, Databases, LineDetail, OpenOptions, OrderCursor, OrderDetail, OrderFilter,
    OrderSummary, RejectedRow, RetentionRun, StoreError, StoredLine, StoredOrder,
};
pub use ordersync_vault::{KeyClass, RootSecret, VaultError};

pub use accounts::NewAccount;
pub use error::CoreError;
pub use intake::PageCounts;
pub use key_ring::KeyRing;
pub use open::{Actor, Opened};
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
    stopping: watch::Sender<bool>,
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
            stopping: watch::Sender::new(false),
        }
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
