//! Where the root secret comes from: the section `[key]`.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Mode, Problem};

/// Where the root secret comes from. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A systemd credential of this name, in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// A file of mode 0600 that belongs to the service's user or to root.
    File(PathBuf),
    /// A variable of the environment; in development only.
    Environment(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Environment(name) => write!(f, "environment:{name}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    source: Spanned<String>,
}

const FORMS: &str = "must be credential:NAME, file:PATH or environment:NAME";

pub(super) fn checked(section: Option<Spanned<Section>>, folder: &Path, mode: Mode) -> Result<KeySource, Problem> {
    let Some(section) = section else {
        return Err(Problem::missing(format!("the section [key] is missing; its key `source` {FORMS}")));
    };
    let source = section.into_inner().source;
    let wrong = |message: &str| Err(Problem::at(source.span(), message));
    let Some((kind, rest)) = source.get_ref().split_once(':') else { return wrong(FORMS) };
    if rest.is_empty() {
        return wrong(FORMS);
    }
    match kind {
        "credential" if is_name(rest) => Ok(KeySource::Credential(rest.to_owned())),
        "file" => Ok(KeySource::File(folder.join(rest))),
        "environment" if !is_name(rest) => wrong("a variable's name is letters, digits and underscores"),
        "environment" if mode == Mode::Development => Ok(KeySource::Environment(rest.to_owned())),
        "environment" => wrong(
            "the root secret may come from the environment in development only: every child process and every memory \
             dump holds it. Use credential:NAME or file:PATH, or set mode = \"development\" on a developer's machine",
        ),
        "credential" => wrong("a credential's name is letters, digits, `-`, `_` and `.`, without a slash"),
        _ => wrong(FORMS),
    }
}

fn is_name(text: &str) -> bool {
    !text.starts_with('.') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
