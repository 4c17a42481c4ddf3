//! The few variables of the environment that are read, all in one place.

use std::path::PathBuf;

/// The folder of the credentials that systemd gave this process (`systemd.exec(5)`, "Credentials").
pub(crate) fn credentials_directory() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// A variable by name: the root secret in development.
#[expect(clippy::disallowed_methods, reason = "the one place that reads a variable the configuration names")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
