//! What is wrong with a configuration, and where.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A value that cannot be used, at its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    span: Option<Range<usize>>,
    message: String,
}

impl Problem {
    /// At a place.
    pub fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), message: message.into() }
    }

    /// Of something that is not there.
    pub fn missing(message: impl Into<String>) -> Self {
        Self { span: None, message: message.into() }
    }
}

/// The configuration cannot be used. Says file, line and column, and what to do. Exit code 78.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line and column, from 1, counted in characters; `None` when something is missing.
    pub place: Option<(usize, usize)>,
    /// The text at the place: a key or a value, cut off at 60 characters. Never of the root secret, which no key of
    /// the configuration holds.
    pub found: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

/// How much of the text at a place is shown.
const SHOWN_CHARS: usize = 60;

impl ConfigError {
    pub(super) fn unreadable(file: &Path, error: &io::Error) -> Self {
        let kind = error.kind();
        let message = if kind == io::ErrorKind::NotFound {
            "there is no such file: run `ordersync init` to make one, or name yours with --config".to_owned()
        } else if kind == io::ErrorKind::PermissionDenied {
            "no permission to read it: run this as root or as the service's user, or ask the admin".to_owned()
        } else if kind == io::ErrorKind::InvalidData {
            "it is not UTF-8 text".to_owned()
        } else {
            format!("it cannot be read: {error}")
        };
        Self { file: file.to_path_buf(), place: None, found: None, message }
    }

    pub(super) fn from_toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let said = error.message().replace("unknown field", "unknown key").replace("missing field", "missing key");
        let message = if said.starts_with("unknown key") { format!("{said}; check the spelling") } else { said };
        Self::of_problem(file, text, Problem { span: error.span(), message })
    }

    pub(super) fn of_problem(file: &Path, text: &str, problem: Problem) -> Self {
        let place = problem.span.as_ref().map(|span| line_and_column(text, span.start));
        let found = problem.span.and_then(|span| text.get(span)).and_then(|found| {
            let line = found.lines().next().unwrap_or_default();
            (!line.is_empty()).then(|| line.chars().take(SHOWN_CHARS).collect())
        });
        // A database's URL may hold a password.
        let found = found.filter(|found: &String| !found.contains("://"));
        Self { file: file.to_path_buf(), place, found, message: problem.message }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        f.write_str(": ")?;
        if let Some(found) = &self.found
            && !self.message.contains(found.as_str())
        {
            write!(f, "{found}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
