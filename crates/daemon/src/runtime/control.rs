//! What the API asks of this process.

use std::sync::Arc;

use async_trait::async_trait;
use ordersync_connector_api::{ConnectorError, MarketplaceConnector};
use ordersync_core::{Account, CoreError};
use ordersync_types::{Secret, Timestamp};
use ordersync_vault::RootSecret;
use ordersync_web::dto::{DoctorRow, SyncOutcome};
use ordersync_web::{
    AccountDraft, ControlError, ControlFault, DaemonControl, EscrowControl, EscrowVerdict, TrialConnector,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::runtime::scheduler::Ask;
use crate::runtime::shared::{Shared, outcome, skipped};
use crate::{connectors, doctor, escrow};

/// The process behind the API: the running daemon, or a command that runs by itself.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    pub(crate) shared: Arc<Shared>,
    /// `None` in a command: it reads accounts itself.
    pub(crate) scheduler: Option<mpsc::Sender<Ask>>,
}

#[async_trait]
impl DaemonControl for Control {
    async fn connector(&self, account: &Account) -> Result<Arc<dyn MarketplaceConnector>, ControlError> {
        self.shared.connector(account).await.map_err(|error| match error {
            CoreError::Connector(error) => of_settings(&error),
            CoreError::Store(error) if error.is_transient() => {
                ControlError::new(ControlFault::Unavailable, error.to_string(), "try again in a moment")
            }
            error @ (CoreError::Store(_)
            | CoreError::Vault(_)
            | CoreError::NoRootSecret
            | CoreError::WrongRoot { .. }
            | CoreError::OldKeyStore { .. }
            | CoreError::KeyAbsent(_)
            | CoreError::KeySurvived(_)
            | CoreError::ClockNotTrusted(_)
            | CoreError::NoSuchOrder(_)
            | CoreError::NoSuchAccount(_)
            | CoreError::Refused { .. }
            | CoreError::AccountBusy(_)
            | CoreError::Stopped(_)
            | CoreError::Encode(_)) => {
                ControlError::new(ControlFault::Broken, error.to_string(), "`ordersync doctor` says more")
            }
        })
    }

    async fn trial_connector(&self, draft: &AccountDraft) -> Result<TrialConnector, ControlError> {
        let loopback =
            connectors::is_stand_in(&draft.connector, &draft.settings).map_err(|error| of_settings(&error))?;
        let made = self.shared.connectors.trial(&draft.connector, &draft.settings, draft.credential.clone());
        Ok(TrialConnector { connector: made.map_err(|error| of_settings(&error))?, loopback })
    }

    async fn accounts_changed(&self) {
        self.shared.connectors.forget_all();
        if let Some(scheduler) = &self.scheduler {
            // A scheduler that has gone needs no news.
            drop(scheduler.send(Ask::LookAgain).await);
        }
    }

    async fn sync_now(&self, label: Option<&str>) -> Vec<SyncOutcome> {
        if let Some(scheduler) = &self.scheduler {
            let (answer, answered) = oneshot::channel();
            drop(scheduler.send(Ask::Sync(label.map(str::to_owned), answer)).await);
            return answered.await.unwrap_or_default();
        }
        let accounts = match self.shared.core.store.accounts().await {
            Ok(accounts) => accounts,
            Err(error) => {
                tracing::error!(%error, "the accounts cannot be listed");
                return Vec::new();
            }
        };
        let mut outcomes = Vec::new();
        for account in accounts.iter().filter(|account| label.is_none_or(|label| label == account.label)) {
            let result = match skipped(account) {
                Some(skipped) => skipped,
                None => outcome(account, self.shared.read(account).await),
            };
            outcomes.push(result);
        }
        outcomes
    }

    async fn doctor(&self) -> Vec<DoctorRow> {
        doctor::rows(&self.shared, self.scheduler.is_some()).await
    }
}

#[async_trait]
impl EscrowControl for Control {
    async fn escrow_export(&self, passphrase: Secret<String>) -> Result<Vec<u8>, ControlError> {
        let made = off_thread(self.shared.root.clone(), move |root| escrow::export(root, &passphrase)).await?;
        made.map_err(|sentence| refused(sentence, "choose another passphrase"))
    }

    async fn escrow_test(&self, file: Vec<u8>, passphrase: Secret<String>) -> Result<EscrowVerdict, ControlError> {
        let tested = off_thread(self.shared.root.clone(), move |root| escrow::test(root, &file, &passphrase)).await?;
        tested.map_err(|sentence| {
            refused(
                sentence,
                "type the passphrase again, or make a new recovery file with `ordersync keys escrow export`",
            )
        })?;
        let tested_at = self.shared.core.clock.now();
        self.shared.escrow.record(tested_at).map_err(|error| {
            let message = format!(
                "the test succeeded, but cannot be recorded in {}: {error}",
                self.shared.escrow.file().display()
            );
            ControlError::new(ControlFault::Broken, message, "make room or correct the folder's mode, then test again")
        })?;
        Ok(EscrowVerdict { root_id: self.shared.root.id().to_string(), tested_at })
    }

    fn escrow_tested_at(&self) -> Option<Timestamp> {
        self.shared.escrow.tested_at()
    }
}

fn of_settings(error: &ConnectorError) -> ControlError {
    ControlError::new(ControlFault::Settings, error.message.clone(), "correct the account's settings")
}

fn refused(message: String, hint: &str) -> ControlError {
    ControlError::new(ControlFault::Refused, message, hint)
}

/// A second of work beside the runtime's own threads, so that polling and answers go on.
async fn off_thread<T: Send + 'static>(
    root: RootSecret,
    work: impl FnOnce(&RootSecret) -> T + Send + 'static,
) -> Result<T, ControlError> {
    let mut set = JoinSet::new();
    set.spawn_blocking(move || work(&root));
    let done = set.join_next().await.and_then(Result::ok);
    done.ok_or_else(|| {
        ControlError::new(ControlFault::Broken, "the work on the recovery file stopped unexpectedly", "try again")
    })
}
