//! The running daemon: opening, the control socket, the loops, stopping.

mod control;
mod copies;
mod evidence;
mod fulfilment;
mod http;
mod invoices;
mod jobs;
mod open;
mod poll;
mod scheduler;
mod shared;
mod socket;
mod spool;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ordersync_core::Core;
use ordersync_types::{Clock, SharedClock, SystemClock};
use ordersync_web::{Api, Caller, LocalApi, Role, ServeSettings, TcpSettings, serve_tcp, serve_unix};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::config::Config;
use crate::failure::Failure;
use crate::unix_names;
use control::Control;
use scheduler::{Ask, kept_going};

pub use open::VERSION;
pub(crate) use open::check_state_dir;
pub(crate) use shared::Shared;

/// How long stopping may take, in real time: less than the 10 seconds promised.
const GRACE: Duration = Duration::from_secs(8);

/// What the daemon is made of.
#[derive(Debug)]
pub struct Parts {
    /// The checked configuration.
    pub config: Config,
    /// Outside time. The binary gives the machine's clock; a simulated run gives a stepped one.
    pub clock: SharedClock,
    /// Whether it purges by itself, as the binary's always does. A simulated run may leave work for one that is killed.
    pub retention: bool,
}

/// The daemon as a library: the binary and simulated runs start it alike.
#[derive(Debug, Clone, Copy)]
pub struct Daemon;

impl Daemon {
    /// Opens everything, purges what is overdue, listens on the control socket, and starts the loops.
    ///
    /// # Errors
    /// A [`Failure`] with its exit code. Nothing runs then.
    pub async fn start(parts: Parts) -> Result<Running, Failure> {
        let Parts { config, clock, retention } = parts;
        let (fulfilment, invoicing) = fulfilment::settings(&config)?;
        let open = open::open(&config, &clock).await?;
        open.core.set_fulfilment(fulfilment);
        open.core.set_invoicing(invoicing);
        let shared = Arc::new(Shared::new(config, open));
        fulfilment::note_policies(&shared).await?;
        jobs::before_serving(&shared, retention).await;
        let listener = socket::listen(&shared.config())?;
        let http = http::listen(&shared.config())?;
        spool::prepare(&shared.config());
        let (asks_in, asks) = mpsc::channel(64);
        let control = Control { shared: shared.clone(), scheduler: Some(asks_in.clone()) };
        let api = api(&control);
        let stored = Arc::new(Notify::new());
        let mut tasks: JoinSet<()> = JoinSet::new();
        tasks.spawn(scheduler::supervise(shared.clone(), asks, stored.clone()));
        let tags = shared.clone();
        tasks.spawn(kept_going(shared.clone(), "search tags", move || jobs::search_tags(tags.clone(), stored.clone())));
        let settling = shared.clone();
        let settle = move || jobs::unanswered_labels(settling.clone());
        tasks.spawn(kept_going(shared.clone(), "labels without an answer", settle));
        let issuing = shared.clone();
        tasks.spawn(kept_going(shared.clone(), "invoices", move || invoices::issue(issuing.clone())));
        if retention {
            let purging = shared.clone();
            tasks.spawn(kept_going(shared.clone(), "retention", move || jobs::retention(purging.clone())));
        }
        let (served, serving) = (shared.clone(), api.clone());
        tasks.spawn(async move {
            let settings = ServeSettings { grace: GRACE, ..ServeSettings::default() };
            let roles = socket::roles(served.clone());
            serve_unix(listener, &serving, roles, settings, served.core.stopped()).await;
        });
        if let Some((listener, settings)) = http {
            let settings = TcpSettings { grace: GRACE, ..settings };
            let (served, serving) = (shared.clone(), api.clone());
            tracing::info!(address = ?listener.local_addr().ok(), tls = settings.tls.is_some(), "the HTTP interface listens");
            tasks.spawn(async move { serve_tcp(listener, &serving, settings, served.core.stopped()).await });
        }
        tracing::info!(version = VERSION, socket = %shared.config().control_socket.display(), "ordersync runs");
        Ok(Running { shared, api, asks: asks_in, tasks })
    }
}

/// A daemon that runs. Dropping it ends it at once; [`Self::stop`] ends it in order.
pub struct Running {
    shared: Arc<Shared>,
    api: Api,
    asks: mpsc::Sender<Ask>,
    tasks: JoinSet<()>,
}

impl Running {
    /// The use cases, for simulated runs.
    pub fn core(&self) -> &Arc<Core> {
        &self.shared.core
    }

    /// The API in this process, with every right, for simulated runs.
    pub fn local_api(&self) -> LocalApi {
        LocalApi::new(&self.api, own_caller())
    }

    /// Reads the configuration again. What cannot change while running (databases, key, socket) stays until the
    /// next start, with a line in the log.
    ///
    /// # Errors
    /// The configuration is refused; the old one stays in force.
    pub async fn reload(&self) -> Result<(), Failure> {
        let old = self.shared.config();
        let mut new = Config::load(&old.file)?;
        if (&new.data, &new.keys, &new.key) != (&old.data, &old.keys, &old.key)
            || (&new.control_socket, &new.control_group) != (&old.control_socket, &old.control_group)
            || new.http != old.http
            || (&new.state_dir, &new.log, new.mode) != (&old.state_dir, &old.log, old.mode)
        {
            tracing::warn!(
                "changes of databases, key, control socket, HTTP interface, state folder, log or mode count after a restart"
            );
            (new.data, new.keys, new.key) = (old.data.clone(), old.keys.clone(), old.key.clone());
            (new.control_socket, new.control_group) = (old.control_socket.clone(), old.control_group.clone());
            new.http = old.http.clone();
            (new.state_dir, new.log, new.mode) = (old.state_dir.clone(), old.log.clone(), old.mode);
        }
        let (fulfilment, invoicing) = fulfilment::settings(&new)?;
        self.shared.core.set_fulfilment(fulfilment);
        self.shared.core.set_invoicing(invoicing);
        self.shared.configure(new);
        fulfilment::note_policies(&self.shared).await?;
        drop(self.asks.send(Ask::LookAgain).await);
        tracing::info!("the configuration was read again");
        Ok(())
    }

    /// Stops: no further page is asked for, the pages in hand are stored, requests under way are answered, within
    /// the bound of 8 seconds of real time. Then closes the databases.
    pub async fn stop(mut self) {
        tracing::info!("stopping: the pages in hand are stored first");
        self.shared.core.stop();
        let ended = tokio::time::timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            tracing::warn!(left = self.tasks.len(), "not everything ended in time; what was not stored is read again");
            self.tasks.shutdown().await;
        }
        let socket = self.shared.config().control_socket.clone();
        if let Err(error) = std::fs::remove_file(&socket) {
            tracing::debug!(%error, "the control socket could not be removed");
        }
        if let Err(error) = self.shared.core.store.clone().close().await {
            tracing::warn!(%error, "closing the databases");
        }
        tracing::info!("stopped");
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

/// The API inside a command, while no daemon runs: the same router over the same databases, with the rights of
/// whoever can read the root secret.
///
/// # Errors
/// A [`Failure`] with its exit code.
pub async fn local(config: Config, clock: SharedClock) -> Result<Local, Failure> {
    let (fulfilment, invoicing) = fulfilment::settings(&config)?;
    let open = open::open(&config, &clock).await?;
    open.core.set_fulfilment(fulfilment);
    open.core.set_invoicing(invoicing);
    let control = Control { shared: Arc::new(Shared::new(config, open)), scheduler: None };
    fulfilment::note_policies(&control.shared).await?;
    // Where no daemon runs, nobody else does.
    jobs::settle_labels(&control.shared).await;
    Ok(Local { api: LocalApi::new(&api(&control), own_caller()), shared: control.shared })
}

/// The API inside a command.
#[derive(Debug)]
pub struct Local {
    /// Asks it.
    pub api: LocalApi,
    shared: Arc<Shared>,
}

impl Local {
    /// The folder for files that go after 24 hours; made when it is not there, and cleaned: where no daemon runs, nobody
    /// else does.
    pub(crate) fn spool(&self) -> std::path::PathBuf {
        let config = self.shared.config();
        spool::prepare(&config);
        spool::clean(&config.spool(), SystemClock.now());
        config.spool()
    }

    /// Closes the databases.
    pub async fn close(self) {
        if let Err(error) = self.shared.core.store.clone().close().await {
            tracing::warn!(%error, "closing the databases");
        }
    }
}

fn api(control: &Control) -> Api {
    Api::new(control.shared.core.clone(), Arc::new(control.clone()), Arc::new(control.clone()))
}

fn own_caller() -> Caller {
    let uid = rustix::process::geteuid().as_raw();
    let name = unix_names::user_name(uid);
    Caller { user: name.unwrap_or_else(|| uid.to_string()), uid: Some(uid), role: Role::Admin }
}
