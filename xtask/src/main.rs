//! The project's own tool: `cargo xtask tidy` checks what the compiler and clippy cannot see, rule by rule.
//!
//! Each rule is a module of [`rules`] that reads a [`workspace::Workspace`] and returns findings; it holds its
//! exceptions as data, each with a reason. Exit codes: 0 nothing found, 1 findings or no answer, 2 usage.

mod finding;
mod rules;
mod source;
mod workspace;

use std::io::{self, Write};
use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "usage: cargo xtask tidy

Checks the workspace against the project's own rules and prints one line per finding: `path: rule: what to do`.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["tidy"] => tidy(),
        ["-h" | "--help"] => io::stdout().write_all(USAGE.as_bytes()).map(|()| ExitCode::SUCCESS).map_err(Into::into),
        _ => io::stderr().write_all(USAGE.as_bytes()).map(|()| ExitCode::from(2)).map_err(Into::into),
    };
    result.unwrap_or_else(|error| {
        // Nothing is left to tell when stderr itself is closed.
        drop(writeln!(io::stderr(), "xtask: {error:#}"));
        ExitCode::FAILURE
    })
}

fn tidy() -> anyhow::Result<ExitCode> {
    let workspace = Workspace::load()?;
    let findings = rules::check(&workspace);
    let mut out = io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let (files, crates) = (workspace.files.len(), workspace.packages.len());
    writeln!(out, "tidy: {crates} crates, {files} files, {} findings", findings.len())?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
