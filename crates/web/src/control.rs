//! What the API needs from the process around it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use ordersync_connector_api::{AccountCredential, MarketplaceConnector};
use ordersync_core::Account;
use ordersync_types::{Secret, Timestamp};

use crate::dto::{DoctorRow, SyncOutcome};

/// An account that somebody wants to add.
#[derive(Debug)]
pub struct AccountDraft {
    /// What people will call it.
    pub label: String,
    /// The connector's name, for example `amazon`.
    pub connector: String,
    /// The connector's own settings: a JSON object as text, without secrets.
    pub settings: String,
    /// What it signs in with.
    pub credential: AccountCredential,
}

/// A connector made for a draft.
pub struct TrialConnector {
    /// The connector, with the draft's credential.
    pub connector: Arc<dyn MarketplaceConnector>,
    /// True when every address it calls is a loopback address: then no real shop is behind it.
    pub loopback: bool,
}

impl fmt::Debug for TrialConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrialConnector").field("loopback", &self.loopback).finish_non_exhaustive()
    }
}

/// What the process does for the API: connectors, the scheduler, and what only it can see.
#[async_trait]
pub trait DaemonControl: Send + Sync {
    /// The connector of a stored account (credentials opened by core), cached while its settings do not change.
    ///
    /// # Errors
    /// [`ControlError`]; see its fault for whether to repeat.
    async fn connector(&self, account: &Account) -> Result<Arc<dyn MarketplaceConnector>, ControlError>;

    /// A connector for an account that is not stored yet. Reads the settings strictly; calls nobody.
    ///
    /// # Errors
    /// [`ControlFault::Settings`] when the connector's name or settings are wrong: never repeat.
    async fn trial_connector(&self, draft: &AccountDraft) -> Result<TrialConnector, ControlError>;

    /// An account was added, removed or set going again: forget its cached connector, look at the list again.
    async fn accounts_changed(&self);

    /// Reads this account, or all, up to the present; the scheduler does it. Tells per account what happened, when
    /// done. Empty when no account has this label.
    async fn sync_now(&self, label: Option<&str>) -> Vec<SyncOutcome>;

    /// What only the process knows: settings in force, paths, versions, the clock, listening sockets.
    async fn doctor(&self) -> Vec<DoctorRow>;
}

/// The recovery file of the root secret, which the process alone holds.
#[async_trait]
pub trait EscrowControl: Send + Sync {
    /// The recovery file: the root secret under this passphrase. Takes about a second of work.
    ///
    /// # Errors
    /// [`ControlFault::Refused`] for a passphrase that is too short; else as its fault says.
    async fn escrow_export(&self, passphrase: Secret<String>) -> Result<Vec<u8>, ControlError>;

    /// Opens a recovery file and compares it with the root secret in use; a success is recorded.
    ///
    /// # Errors
    /// [`ControlFault::Refused`] when the file or the passphrase is wrong.
    async fn escrow_test(&self, file: Vec<u8>, passphrase: Secret<String>) -> Result<EscrowVerdict, ControlError>;

    /// When a recovery file of the root secret in use was last tested with success; `None`: never. Until then no
    /// production account may be added.
    fn escrow_tested_at(&self) -> Option<Timestamp>;
}

/// What testing a recovery file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowVerdict {
    /// The id of the root secret in the file.
    pub root_id: String,
    /// When the success was recorded.
    pub tested_at: Timestamp,
}

/// Why the process could not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlFault {
    /// Settings are wrong: exit code 78, status 422.
    Settings,
    /// What was given is refused: exit code 1, status 422.
    Refused,
    /// Not now; repeat later: exit code 75, status 503.
    Unavailable,
    /// A fault of the program or the machine: exit code 1, status 500.
    Broken,
}

/// The process could not do something. Holds no credential, no value and no personal field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ControlError {
    /// What kind of failure.
    pub fault: ControlFault,
    /// What is wrong, for the person.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl ControlError {
    /// A failure with its two sentences.
    pub fn new(fault: ControlFault, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { fault, message: message.into(), hint: hint.into() }
    }
}
