//! How a command ends: exit codes, and the sentences for the person.

use std::fmt;

use ordersync_core::CoreError;
use ordersync_http_client::unix::UnixError;
use ordersync_store::StoreError;
use ordersync_web::dto::{ErrorDetail, Refusal};

use crate::config::ConfigError;
use crate::key_source::KeySourceError;

/// The exit codes of every command (`sysexits.h` for the two high ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done,
    /// Failed, or something is late or broken.
    Failed,
    /// The command line itself is wrong.
    Usage,
    /// Not now: try again.
    TryAgain,
    /// The configuration, a key or a database is not what it must be: a person must act.
    Configuration,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::TryAgain => 75,
            Self::Configuration => 78,
        }
    }

    /// The exit that an answer of the API names.
    pub const fn of_code(code: u8) -> Self {
        match code {
            0 => Self::Done,
            2 => Self::Usage,
            75 => Self::TryAgain,
            78 => Self::Configuration,
            _ => Self::Failed,
        }
    }
}

/// A command failed. Holds no secret and no person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What is wrong and where.
    pub message: String,
    /// What to do about it; empty when the message says it.
    pub hint: String,
}

impl Failure {
    /// A failure whose message says everything.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: String::new() }
    }

    /// The same with what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// As an error of the API.
    pub(crate) fn detail(&self) -> ErrorDetail {
        ErrorDetail { message: self.message.clone(), hint: self.hint.clone(), code: self.exit.code() }
    }

    /// As the refusal of one of several things; `more` says what to do about that one.
    pub(crate) fn refusal(&self, more: &str) -> Refusal {
        let hint =
            [self.hint.as_str(), more].into_iter().filter(|hint| !hint.is_empty()).collect::<Vec<_>>().join("; ");
        Refusal { message: self.message.clone(), hint, unclear: false }
    }

    /// A file or folder could not be used. Full disks and the like may pass; missing rights do not.
    pub fn of_file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let kind = error.kind();
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded].contains(&kind);
        let refused = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem].contains(&kind);
        let exit = match (full, refused) {
            (true, _) => Exit::TryAgain,
            (_, true) => Exit::Configuration,
            (false, false) => Exit::Failed,
        };
        let failure = Self::new(exit, format!("{what} {}: {error}", path.display()));
        if full {
            failure.hint("make room on the disk, then try again")
        } else if kind == ErrorKind::PermissionDenied {
            failure.hint("run this as root or as the service's user, or correct the folder's owner and mode")
        } else if kind == ErrorKind::ReadOnlyFilesystem {
            failure.hint("the folder is mounted read-only: mount it for writing")
        } else {
            failure
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\n  {}", self.hint) }
    }
}

impl std::error::Error for Failure {}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Configuration, error.to_string())
    }
}

impl From<KeySourceError> for Failure {
    fn from(error: KeySourceError) -> Self {
        Self::new(Exit::Configuration, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Url(_)
            | StoreError::NoSuchFile(_)
            | StoreError::NewerSchema { .. }
            | StoreError::Pragma { .. } => Exit::Configuration,
            StoreError::Unreachable { .. } | StoreError::Full(_) | StoreError::Busy | StoreError::LeaseLost(_) => {
                Exit::TryAgain
            }
            StoreError::KeyIdTaken
            | StoreError::Damaged { .. }
            | StoreError::LabelTaken(_)
            | StoreError::Database(_) => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<CoreError> for Failure {
    fn from(error: CoreError) -> Self {
        let exit = match error {
            CoreError::Store(error) => return error.into(),
            CoreError::NoRootSecret
            | CoreError::WrongRoot { .. }
            | CoreError::OldKeyStore { .. }
            | CoreError::KeyAbsent(_) => Exit::Configuration,
            CoreError::AccountBusy(_) => Exit::TryAgain,
            CoreError::Vault(_)
            | CoreError::Connector(_)
            | CoreError::KeySurvived(_)
            | CoreError::ClockNotTrusted(_)
            | CoreError::NoSuchOrder(_)
            | CoreError::NoSuchAccount(_)
            | CoreError::Refused { .. }
            | CoreError::Stopped(_)
            | CoreError::Encode(_) => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<UnixError> for Failure {
    fn from(error: UnixError) -> Self {
        let exit = match &error {
            UnixError::NoSocket { .. } | UnixError::Refused { .. } | UnixError::Broken { .. } => Exit::TryAgain,
            UnixError::PermissionDenied { .. } | UnixError::TooLarge { .. } | UnixError::Invalid { .. } => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}
