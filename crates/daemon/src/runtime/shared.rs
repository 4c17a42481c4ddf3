//! What every part of the process uses: core, connectors, the configuration in force.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use ordersync_connector_api::MarketplaceConnector;
use ordersync_core::{Account, AccountState, Core, CoreError, SyncReport, caught};
use ordersync_types::AccountId;
use ordersync_vault::RootSecret;
use ordersync_web::dto::{SyncOutcome, SyncResult};

use crate::config::Config;
use crate::connectors::{self, Connectors};
use crate::escrow::EscrowRecord;
use crate::ledger::StoreLedger;
use crate::runtime::evidence::MachineEvidence;
use crate::runtime::open::Open;

pub(crate) struct Shared {
    pub(crate) core: Arc<Core>,
    pub(crate) connectors: Arc<Connectors>,
    pub(crate) root: RootSecret,
    pub(crate) escrow: EscrowRecord,
    config: RwLock<Arc<Config>>,
}

impl Shared {
    pub(crate) fn new(config: Config, open: Open) -> Self {
        let Open { core, root } = open;
        let ledger = Arc::new(StoreLedger::new(core.store.clone()));
        let connectors = Arc::new(Connectors::new(core.clock.clone(), ledger, config.retention));
        core.set_time_evidence(Arc::new(MachineEvidence { connectors: connectors.clone() }));
        Self {
            connectors,
            escrow: EscrowRecord::open(config.escrow_record(), &root),
            config: RwLock::new(Arc::new(config)),
            root,
            core,
        }
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        self.config.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another configuration in force.
    pub(crate) fn configure(&self, config: Config) {
        self.connectors.configure(config.retention);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    /// The connector of a stored account, made when it is not there yet.
    pub(crate) async fn connector(&self, account: &Account) -> Result<Arc<dyn MarketplaceConnector>, CoreError> {
        if let Some(connector) = self.connectors.cached(account.account, &account.settings) {
            return Ok(connector);
        }
        // Databases answer from outside the runtime: only a guard keeps simulated time from moving meanwhile.
        let _busy = self.core.clock.busy();
        let credential = self.core.credential(account).await?;
        let made = self.connectors.make(account.account, &account.connector, &account.settings, credential);
        made.map_err(CoreError::Connector)
    }

    /// The account as it is stored now; `None` when it was removed.
    pub(crate) async fn account(&self, id: AccountId) -> Result<Option<Account>, CoreError> {
        let _busy = self.core.clock.busy();
        Ok(self.core.store.accounts().await?.into_iter().find(|account| account.account == id))
    }

    /// Reads an account up to the present. A panic on the way is an error like any other.
    pub(crate) async fn read(&self, account: &Account) -> Result<SyncReport, CoreError> {
        let read = async {
            let settings =
                connectors::sync_settings(&account.connector, &account.settings).map_err(CoreError::Connector)?;
            let connector = self.connector(account).await?;
            self.core.sync_account(account, &connector, settings).await
        };
        let result = match caught("reading an account", read).await {
            Ok(result) => result,
            Err(panicked) => {
                tracing::error!(account = %account.label, error = %panicked, "reading the account");
                Err(CoreError::Stopped("reading the account"))
            }
        };
        if result.as_ref().is_ok_and(|report| report.counts.changed > 0)
            && let Err(error) = self.core.follow_dispatches(account.seller).await
        {
            tracing::warn!(%error, "parcels that left by the marketplace's word could not be noted");
        }
        self.tell(account, &result).await;
        result
    }

    /// Logs how reading went, and notes on the account what core has not noted itself.
    async fn tell(&self, account: &Account, result: &Result<SyncReport, CoreError>) {
        let _busy = self.core.clock.busy();
        match result {
            Ok(report) if report.pages > 0 => tracing::info!(
                account = %account.label,
                pages = report.pages,
                new = report.counts.new,
                changed = report.counts.changed,
                unchanged = report.counts.unchanged,
                rejected = report.counts.rejected,
                "read"
            ),
            Ok(_) => tracing::debug!(account = %account.label, "nothing to read yet"),
            Err(CoreError::AccountBusy(_)) => {
                tracing::debug!(account = %account.label, "another daemon or command reads this account");
            }
            Err(error) => {
                tracing::warn!(account = %account.label, %error, "the account could not be read");
                let (at, text) = (self.core.clock.now(), error.to_string());
                let noted = self.core.store.note_poll_failure(account.seller, account.account, at, &text).await;
                if let Err(error) = noted {
                    tracing::warn!(account = %account.label, %error, "the failure could not be noted");
                }
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("core", &self.core).finish_non_exhaustive()
    }
}

/// What reading an account did, for the person who asked.
pub(crate) fn outcome(account: &Account, result: Result<SyncReport, CoreError>) -> SyncOutcome {
    let result = match result {
        Ok(report) => SyncResult::Done {
            pages: report.pages,
            new: report.counts.new,
            changed: report.counts.changed,
            unchanged: report.counts.unchanged,
            rejected: report.counts.rejected,
            caught_up_to: report.watermark,
        },
        Err(error) => {
            let (retry, hint) = advice(&error, &account.label);
            SyncResult::Failed { message: error.to_string(), hint, retry }
        }
    };
    SyncOutcome { account: account.label.clone(), result }
}

/// An account that is not read at present, for the person who asked.
pub(crate) fn skipped(account: &Account) -> Option<SyncOutcome> {
    let hint = match account.state {
        AccountState::Active => return None,
        AccountState::NeedsConsent => {
            format!(
                "give the program access again at the marketplace, then `ordersync account credentials {0}` (or, if they did \
                 not change, `ordersync account check {0}`)",
                account.label
            )
        }
        AccountState::Removed => String::new(),
    };
    let message = account.state_reason.clone().unwrap_or_else(|| "the account is not read".to_owned());
    Some(SyncOutcome { account: account.label.clone(), result: SyncResult::Skipped { message, hint } })
}

/// Whether it goes on by itself, and what to do.
fn advice(error: &CoreError, label: &str) -> (bool, String) {
    use ordersync_connector_api::Retry;
    match error {
        CoreError::Connector(error) => match error.retry {
            Retry::Never => (false, format!("`ordersync account check {label}` says more")),
            Retry::Backoff | Retry::After(_) | Retry::Exhausted => (true, "it is tried again by itself".to_owned()),
        },
        CoreError::AccountBusy(_) => (true, "it goes on by itself".to_owned()),
        CoreError::Store(error) if error.is_transient() => (true, "it is tried again by itself".to_owned()),
        CoreError::Store(_)
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
        | CoreError::Stopped(_)
        | CoreError::Encode(_) => (false, "`ordersync doctor` says more".to_owned()),
    }
}
