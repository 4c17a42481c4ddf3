//! What can go wrong in a use case.

use ordersync_connector_api::ConnectorError;
use ordersync_store::StoreError;
use ordersync_types::KeyId;
use ordersync_vault::{KekId, VaultError};

/// A use case failed.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sealing or opening failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A marketplace failed.
    #[error(transparent)]
    Connector(Box<ConnectorError>),
    /// The key store knows no root secret: `init` has not run, or the wrong key store is configured.
    #[error("the key store is empty: run `ordersync init`, or look whether `keys` points at the right database")]
    NoRootSecret,
    /// The databases belong to another root secret.
    #[error(
        "the root secret is {found}, but these databases were made with {}: give the right key; nothing was written",
        expected.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    )]
    WrongRoot {
        /// The id of the secret that was given.
        found: KekId,
        /// The ids that the key store knows.
        expected: Vec<KekId>,
    },
    /// The key store is an older copy than the data relies on.
    #[error(
        "the key store is an old copy: it stands at {keys}, the data relies on {data}; put the newest key store in \
         place (see OPERATING.md, restore), then start again; nothing was written"
    )]
    OldKeyStore {
        /// The key store's sequence number.
        keys: i64,
        /// The one that the data relies on.
        data: i64,
    },
    /// A key row that must be there is not: never read as purged.
    #[error("key {0} is not in the key store: it is damaged or the wrong one; nothing was read as purged")]
    KeyAbsent(KeyId),
    /// A destroyed key still opens: the purge stops, no row is removed.
    #[error("key {0} still opens after it was destroyed; the purge stopped")]
    KeySurvived(KeyId),
    /// The clock cannot be trusted to say that something is due: nothing is destroyed.
    #[error("nothing is purged, because the clock cannot be trusted: {0}")]
    ClockNotTrusted(String),
    /// There is no such order.
    #[error("there is no order {0} here")]
    NoSuchOrder(String),
    /// There is no such account.
    #[error("there is no account {0}")]
    NoSuchAccount(String),
    /// Somebody else works on this account at the moment.
    #[error("account {0} is being read by another daemon or command; it will go on by itself")]
    AccountBusy(String),
    /// What was asked for cannot be done; nothing was changed.
    #[error("{message}")]
    Refused {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A part of the pipeline ended without a result.
    #[error("{0} stopped unexpectedly")]
    Stopped(&'static str),
    /// Facts could not be written as JSON.
    #[error("an order's facts could not be encoded")]
    Encode(#[from] serde_json::Error),
}

impl From<ConnectorError> for CoreError {
    fn from(error: ConnectorError) -> Self {
        Self::Connector(Box::new(error))
    }
}
