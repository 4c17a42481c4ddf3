//! The client: budget, authorise, try, and try again where that is right.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ordersync_types::{SharedClock, Timestamp};

use crate::bucket::BudgetGrant;
use crate::budget::{BudgetError, BudgetKey, BudgetLedger};
use crate::error::{ErrorKind, HttpError, Retry};
use crate::exchange::{Advice, Failure, Wire};
use crate::headers::HeaderSink;
use crate::hosts::{AllowedHosts, host_and_port};
use crate::request::{Operation, Request};
use crate::response::Response;
use crate::retry::{Jitter, backoff, http_date, retry_after, throttled};
use crate::settings::{ClientSettings, settings_error};

/// Puts the credential on a request. A connector owns the token and its renewal.
#[async_trait]
pub trait Authoriser: Send + Sync {
    /// Called before each try. `renew` is true once at most per request, after the vendor refused the credential
    /// set before (401; 403 where the operation says so): then get a new one, unless another task just did.
    ///
    /// # Errors
    /// Ends the request with this error.
    async fn authorise(&self, headers: &mut HeaderSink<'_>, renew: bool) -> Result<(), HttpError>;
}

/// The moment a host gave in the `Date` header of an answer: evidence about our own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateSeen {
    /// `host` or `host:port`.
    pub host: String,
    /// The host's time, whole seconds.
    pub server: Timestamp,
    /// Our clock's time when the answer was there.
    pub local: Timestamp,
}

/// Outbound HTTP for connectors and couriers. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct HttpClient {
    shared: Arc<Shared>,
    account: Arc<str>,
}

struct Shared {
    wire: Wire,
    hosts: AllowedHosts,
    clock: SharedClock,
    ledger: Arc<dyn BudgetLedger>,
    max_tries: u32,
    max_wait: Duration,
    jitter: Jitter,
    dates: Mutex<BTreeMap<String, (Timestamp, Timestamp)>>,
}

impl HttpClient {
    /// A client that talks to the hosts of `settings` only.
    ///
    /// # Errors
    /// `Config`, never to be repeated: a setting is wrong, or `ledger` counts nothing although a host is not a
    /// loopback address.
    pub fn new(settings: ClientSettings, clock: SharedClock, ledger: Arc<dyn BudgetLedger>) -> Result<Self, HttpError> {
        settings.check()?;
        let hosts = AllowedHosts::parse(&settings.allowed_hosts, settings.private_addresses).map_err(settings_error)?;
        if ledger.loopback_only() && !hosts.all_loopback() {
            return Err(settings_error("rate budgets may be off for loopback addresses only"));
        }
        let shared = Shared {
            wire: Wire::new(&settings)?,
            hosts,
            clock,
            ledger,
            max_tries: settings.max_tries,
            max_wait: settings.max_wait,
            jitter: Jitter::new(settings.jitter_seed),
            dates: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared), account: settings.account })
    }

    /// The same client, using the budgets of another account.
    #[must_use]
    pub fn for_account(&self, account: impl Into<Arc<str>>) -> Self {
        Self { shared: self.shared.clone(), account: account.into() }
    }

    /// Sends a request that needs no [`Authoriser`]; see [`Self::send_authorised`].
    ///
    /// # Errors
    /// [`HttpError`]; its `retry()` says whether to repeat.
    pub async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        self.run(request, None).await
    }

    /// Sends a request and reads the whole answer.
    ///
    /// Before each try one request is taken from the budget, which may mean waiting. 429 empties the budget and
    /// waits; 500 and above and failures of the network wait longer each time; other refusals end at once. Dropping
    /// the future ends every wait.
    ///
    /// # Errors
    /// [`HttpError`] for every status but 200 to 299 and for every failure; its `retry()` says whether to repeat.
    pub async fn send_authorised(&self, request: &Request, authoriser: &dyn Authoriser) -> Result<Response, HttpError> {
        self.run(request, Some(authoriser)).await
    }

    /// The last `Date` header of each host that has answered, by host.
    pub fn date_seen(&self) -> Vec<DateSeen> {
        let dates = self.shared.dates.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = |(host, &(server, local)): (&String, &_)| DateSeen { host: host.clone(), server, local };
        dates.iter().map(seen).collect()
    }

    async fn run(&self, request: &Request, authoriser: Option<&dyn Authoriser>) -> Result<Response, HttpError> {
        let operation = request.operation();
        let url = request.target()?;
        let refused = |reason| operation.error(ErrorKind::Config, Retry::Never, reason);
        self.shared.hosts.check(&url).map_err(refused)?;
        // held while waiting too: a task inside sleep_until does not count as busy, whatever guards it holds
        let _busy = self.shared.clock.busy();
        let mut call = Call {
            client: &self.shared,
            operation,
            host: host_and_port(&url),
            key: BudgetKey { account: self.account.clone(), operation: operation.budget() },
            wait_left: request.own_max_wait().unwrap_or(self.shared.max_wait),
            tries: 0,
            renewed: authoriser.is_none(),
        };
        let mut renew = false;
        loop {
            call.take_budget().await?;
            let mut headers = request.headers().clone();
            if let Some(authoriser) = authoriser {
                authoriser.authorise(&mut HeaderSink::new(operation.name(), &mut headers), renew).await?;
            }
            let started = self.shared.clock.monotonic();
            let outcome = self.shared.wire.attempt(request, &url, headers).await;
            call.note(&outcome, self.shared.clock.monotonic().saturating_sub(started));
            match outcome {
                Ok(response) => return Ok(response),
                Err(failure) => renew = call.recover(failure).await?,
            }
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpClient(account {}, {:?})", self.account, self.shared.hosts)
    }
}

/// One request with all its tries.
struct Call<'a> {
    client: &'a Shared,
    operation: &'a Operation,
    host: String,
    key: BudgetKey,
    wait_left: Duration,
    tries: u32,
    renewed: bool,
}

impl Call<'_> {
    async fn take_budget(&mut self) -> Result<(), HttpError> {
        loop {
            let now = self.client.clock.now();
            let grant = self.client.ledger.take(&self.key, self.operation.plan(), now).await;
            let wake = match grant.map_err(|error| self.ledger_failed(error))? {
                BudgetGrant::Granted => return Ok(()),
                BudgetGrant::WaitUntil(wake) => wake,
            };
            let wait = (wake - now).to_std().unwrap_or_default();
            if !self.wait(wait).await {
                let reason = "the rate budget is used up";
                return Err(self.operation.error(ErrorKind::Throttled, Retry::After(wait), reason));
            }
        }
    }

    /// Waits, or says false at once when that would be longer than this request may wait.
    async fn wait(&mut self, wait: Duration) -> bool {
        let Some(left) = self.wait_left.checked_sub(wait) else { return false };
        let Ok(step) = chrono::TimeDelta::from_std(wait) else { return false };
        let Some(wake) = self.client.clock.now().checked_add_signed(step) else { return false };
        self.wait_left = left;
        self.client.clock.sleep_until(wake).await;
        true
    }

    /// Waits as the failure demands and says whether the credential is to be renewed; or gives up with the error.
    async fn recover(&mut self, failure: Failure) -> Result<bool, HttpError> {
        let Failure { error, advice, reached, .. } = failure;
        if reached && !self.operation.repeatable() {
            return Err(error.with_outcome_unclear());
        }
        if advice == Advice::Renew && !self.renewed {
            self.renewed = true;
            return Ok(true);
        }
        self.tries += 1;
        let asked = self.retry_after_of(&error);
        let wait = match advice {
            Advice::Never | Advice::Renew => return Err(error),
            Advice::Backoff => backoff(self.tries, asked, &self.client.jitter),
            Advice::Throttled => {
                let (plan, now) = (self.operation.plan(), self.client.clock.now());
                self.client.ledger.drain(&self.key, plan, now).await.map_err(|error| self.ledger_failed(error))?;
                throttled(self.tries, plan, asked, &self.client.jitter)
            }
        };
        let gives_up = self.tries >= self.client.max_tries;
        if !gives_up && self.wait(wait).await {
            return Ok(false);
        }
        Err(error.with_retry(match advice {
            _ if asked.is_some() => Retry::After(wait),
            Advice::Throttled => Retry::After(wait),
            Advice::Never | Advice::Renew | Advice::Backoff if gives_up => Retry::Exhausted,
            Advice::Never | Advice::Renew | Advice::Backoff => Retry::Backoff,
        }))
    }

    fn retry_after_of(&self, error: &HttpError) -> Option<Duration> {
        let date = error.header("date").and_then(http_date);
        retry_after(error.header("retry-after")?, date, self.client.clock.now())
    }

    fn ledger_failed(&self, error: BudgetError) -> HttpError {
        let reason = "the rate budget could not be asked";
        self.operation.error(ErrorKind::Transport, Retry::Backoff, reason).with_source(error)
    }

    /// The one log line of a try, and the evidence about our clock.
    fn note(&self, outcome: &Result<Response, Failure>, took: Duration) {
        let (status, bytes, date) = match outcome {
            Ok(answer) => (Some(answer.status), answer.body.len(), answer.header("date")),
            Err(failure) => (failure.error.status(), failure.bytes, failure.error.header("date")),
        };
        if let Some(server) = date.and_then(http_date) {
            let mut dates = self.client.dates.lock().unwrap_or_else(PoisonError::into_inner);
            dates.insert(self.host.clone(), (server, self.client.clock.now()));
        }
        tracing::debug!(
            operation = self.operation.name(),
            host = self.host,
            status,
            duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            bytes,
            attempt = self.tries + 1,
            "outbound request"
        );
    }
}
