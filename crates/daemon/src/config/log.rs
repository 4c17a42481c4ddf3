//! Where log lines go: the section `[log]`.

use serde::Deserialize;
use toml::Spanned;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::Problem;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// To the journal, with fields.
    Journald,
    /// To standard error, one JSON object a line.
    Json,
    /// To standard error, for people.
    #[default]
    Pretty,
}

/// Where log lines go and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The format.
    pub format: LogFormat,
    /// A level (`info`), or levels by target (`info,ordersync_core=debug`).
    pub level: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    #[serde(default)]
    format: LogFormat,
    level: Option<Spanned<String>>,
}

/// Levels, alone or by part. A word that is no level would be taken for a part's name, and silence all others.
fn is_level(text: &str) -> bool {
    let each = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    text.split(',').all(each) && text.parse::<Targets>().is_ok()
}

impl Section {
    pub(super) fn checked(self) -> Result<Log, Problem> {
        let level = match self.level {
            None => "info".to_owned(),
            Some(level) if is_level(level.get_ref()) => level.into_inner(),
            Some(level) => {
                return Err(Problem::at(
                    level.span(),
                    "must be error, warn, info, debug or trace, or levels by part such as `info,ordersync_core=debug`",
                ));
            }
        };
        Ok(Log { format: self.format, level })
    }
}
