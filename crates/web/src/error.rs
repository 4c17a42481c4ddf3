//! Failures as people and the log see them: each classified by hand, logged once, here.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use ordersync_connector_api::{ConnectorError, ErrorKind, Retry};
use ordersync_core::{CoreError, StoreError, VaultError};

use crate::control::{ControlError, ControlFault};
use crate::dto::{ErrorBody, ErrorDetail};

/// Exit codes of the command line.
pub(crate) mod exit {
    pub(crate) const FAILED: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const TRY_AGAIN: u8 = 75;
    pub(crate) const CONFIGURATION: u8 = 78;
}

/// A request failed.
#[derive(Debug)]
pub(crate) struct WebError {
    status: StatusCode,
    code: u8,
    message: String,
    hint: String,
    /// For the log; `None` when the caller's own sentence says it all.
    internal: Option<String>,
}

impl WebError {
    fn new(status: StatusCode, code: u8, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), hint: hint.into(), internal: None }
    }

    fn internal(mut self, internal: impl Into<String>) -> Self {
        self.internal = Some(internal.into());
        self
    }

    /// What the log should say of it.
    pub(crate) fn reason(&self) -> &str {
        self.internal.as_deref().unwrap_or(&self.message)
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The request cannot be read.
    pub(crate) fn bad_request(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, exit::USAGE, message, hint)
    }

    /// The request can be read, and what it asks for is not possible as asked.
    pub(crate) fn unprocessable(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, exit::USAGE, message, hint)
    }

    /// The caller may not.
    pub(crate) fn unauthorised(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, exit::FAILED, message, hint)
    }

    /// The caller may not do this.
    pub(crate) fn forbidden(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, exit::FAILED, message, hint)
    }

    /// The daemon is on its way out.
    pub(crate) fn stopping() -> Self {
        Self::try_again("the daemon is stopping", "ask again when it runs")
    }

    /// Its sentences for the person, for an answer that has several outcomes.
    pub(crate) fn into_sentences(self) -> (String, String) {
        (self.message, self.hint)
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, exit::FAILED, message, hint)
    }

    /// It does not fit what is there; something else must happen first.
    pub(crate) fn conflict(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::CONFLICT, exit::FAILED, message, hint)
    }

    /// There is no such path.
    pub(crate) fn no_route() -> Self {
        let hint = "see `ordersync --help`; the daemon and the command may be of different versions";
        Self::new(StatusCode::NOT_FOUND, exit::USAGE, "there is no such path in this interface", hint)
    }

    /// The path takes other methods.
    pub(crate) fn wrong_method() -> Self {
        let message = "this path does not take this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, exit::USAGE, message, "the header `allow` names those it takes")
    }

    /// The body is above the limit.
    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("the request's body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, exit::USAGE, message, "send less at a time")
    }

    /// The body is of a kind that is not read here.
    pub(crate) fn not_json() -> Self {
        let message = "the body must be JSON, with the header `content-type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, exit::USAGE, message, "")
    }

    /// It took too long.
    pub(crate) fn timed_out() -> Self {
        let hint = "try again; if it happens often, look at the machine's load and at `ordersync doctor`";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, exit::TRY_AGAIN, "this took too long and was given up", hint)
            .internal("an ordinary request ran into its time limit")
    }

    /// A part of the program did what it never should; `internal` holds no value.
    pub(crate) fn fault(internal: impl Into<String>) -> Self {
        let hint = "this is a fault of the program: see `journalctl -u ordersync`, and please report it";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, exit::FAILED, "the program failed at this request", hint)
            .internal(internal)
    }

    fn try_again(message: impl Into<String>, hint: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, exit::TRY_AGAIN, message, hint)
    }

    fn server(code: u8, message: impl Into<String>, hint: &str) -> Self {
        let message = message.into();
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, message.clone(), hint).internal(message)
    }

    /// A use case failed.
    pub(crate) fn core(error: CoreError) -> Self {
        let doctor = "run `ordersync doctor`";
        match error {
            CoreError::Store(error) => Self::store(&error),
            CoreError::Vault(error) => Self::vault(&error),
            CoreError::Connector(error) => Self::connector(&error),
            CoreError::NoSuchOrder(_) => {
                Self::not_found(error.to_string(), "see `ordersync orders list` and `ordersync orders rejected`")
            }
            CoreError::NoSuchAccount(_) => Self::not_found(error.to_string(), "see `ordersync account list`"),
            CoreError::AccountBusy(_) => {
                Self::new(StatusCode::CONFLICT, exit::TRY_AGAIN, error.to_string(), "wait a moment, then try again")
            }
            CoreError::NoRootSecret | CoreError::WrongRoot { .. } | CoreError::OldKeyStore { .. } => {
                Self::server(exit::CONFIGURATION, error.to_string(), doctor)
            }
            CoreError::KeyAbsent(_) | CoreError::KeySurvived(_) => {
                Self::server(exit::FAILED, error.to_string(), "look whether both databases are of the same moment")
            }
            CoreError::ClockNotTrusted(_) => {
                let hint = "set the clock right; if it is right, `ordersync retention run --clock-is-right`";
                Self::conflict(error.to_string(), hint)
            }
            CoreError::Refused { message, hint } => Self::conflict(message, &hint),
            CoreError::Stopped(_) | CoreError::Encode(_) => Self::fault(error.to_string()),
        }
    }

    /// A database failed.
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err` without a closure")]
    pub(crate) fn database(error: StoreError) -> Self {
        Self::store(&error)
    }

    fn store(error: &StoreError) -> Self {
        match error {
            StoreError::LabelTaken(_) => Self::conflict(error.to_string(), "choose another label"),
            StoreError::Full(_) => {
                Self::try_again(error.to_string(), "make room on the disk, then try again").internal(error.to_string())
            }
            StoreError::Busy | StoreError::KeyIdTaken | StoreError::LeaseLost(_) => {
                Self::try_again(error.to_string(), "try again in a moment").internal(error.to_string())
            }
            StoreError::Unreachable { database, .. } => {
                let message = format!("the {database} database cannot be reached");
                Self::try_again(message, "look whether the database runs, then try again").internal(error.to_string())
            }
            StoreError::Url(_)
            | StoreError::NoSuchFile(_)
            | StoreError::Pragma { .. }
            | StoreError::NewerSchema { .. } => {
                Self::server(exit::CONFIGURATION, error.to_string(), "run `ordersync doctor`")
            }
            StoreError::Damaged { .. } => {
                let message = "a row of the database holds something this program does not write";
                Self::server(exit::FAILED, message, "run `ordersync doctor`").internal(error.to_string())
            }
            StoreError::Database(_) if error.is_transient() => {
                Self::try_again("the database did not answer", "try again in a moment").internal(error.to_string())
            }
            StoreError::Database(_) => {
                let hint = "see `journalctl -u ordersync`, then run `ordersync doctor`";
                Self::server(exit::FAILED, "the database refused this", hint).internal(error.to_string())
            }
        }
    }

    fn vault(error: &VaultError) -> Self {
        if matches!(error, VaultError::NoRandom) {
            return Self::try_again(error.to_string(), "try again in a moment").internal(error.to_string());
        }
        let hint = "run `ordersync doctor`; if it names nothing, look whether both databases are of the same moment";
        Self::server(exit::FAILED, "a sealed record cannot be opened or made", hint).internal(error.to_string())
    }

    /// A marketplace failed. Its own sentence is for the seller and holds no body.
    pub(crate) fn connector(error: &ConnectorError) -> Self {
        let message = error.to_string();
        let failed = |hint: &str| Self::new(StatusCode::UNPROCESSABLE_ENTITY, exit::FAILED, message.clone(), hint);
        let later = |hint: &str| Self::try_again(message.clone(), hint);
        match error.kind {
            ErrorKind::Auth => failed(
                "give the program access again at the marketplace; new credentials of an account that is stored go in with `ordersync account credentials`",
            ),
            ErrorKind::Throttled => later("the marketplace asks for a pause; try again in some minutes"),
            ErrorKind::Transport | ErrorKind::StalePage => {
                later("look at the network and at the marketplace's status page, then try again")
            }
            ErrorKind::NotFound => Self::not_found(message, "look whether number and account are right"),
            ErrorKind::Unsupported => failed("this marketplace cannot do it"),
            ErrorKind::Config => {
                let hint = "correct the account's settings";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, exit::CONFIGURATION, message, hint)
            }
            ErrorKind::Malformed | ErrorKind::Rejected if error.retry != Retry::Never => {
                later("try again in some minutes; if it stays, please report it")
            }
            ErrorKind::Malformed => {
                Self::server(exit::FAILED, message, "the marketplace's answer is not understood: please report it")
            }
            ErrorKind::Rejected => failed("look at the account's settings; if they are right, please report it"),
        }
    }

    /// The process could not do it.
    pub(crate) fn control(error: ControlError) -> Self {
        let ControlError { fault, message, hint } = error;
        match fault {
            ControlFault::Settings => Self::new(StatusCode::UNPROCESSABLE_ENTITY, exit::CONFIGURATION, message, hint),
            ControlFault::Refused => Self::new(StatusCode::UNPROCESSABLE_ENTITY, exit::FAILED, message, hint),
            ControlFault::Unavailable => Self::try_again(message, &hint),
            ControlFault::Broken => Self::server(exit::FAILED, message, &hint),
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        if let Some(internal) = &self.internal {
            tracing::warn!(status = self.status.as_u16(), reason = %internal, "a request failed");
        }
        let detail = ErrorDetail { message: self.message, hint: self.hint, code: self.code };
        (self.status, axum::Json(ErrorBody { error: detail })).into_response()
    }
}
