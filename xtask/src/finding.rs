//! What a rule reports.

use std::fmt;

/// One line of `cargo xtask tidy`: where, which rule, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Path below the workspace root, with `:line` where a line is known.
    path: String,
    rule: &'static str,
    advice: String,
}

impl Finding {
    pub(crate) fn new(path: impl Into<String>, rule: &'static str, advice: impl Into<String>) -> Self {
        Self { path: path.into(), rule, advice: advice.into() }
    }

    /// A finding at a line, counted from 1.
    pub(crate) fn at(path: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), rule, advice)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.path, self.rule, self.advice)
    }
}
