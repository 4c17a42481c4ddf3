//! `ordersync completions` and `ordersync man`.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::print::out;
use crate::failure::{Exit, Failure};

/// Which shell.
#[derive(Debug, Args)]
pub(super) struct CompletionArguments {
    /// The shell.
    shell: Shell,
}

/// Where to.
#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Write one page a command into this folder, for example /usr/local/share/man/man1. Without it the main page is
    /// printed: `ordersync man | man -l -`.
    folder: Option<PathBuf>,
}

pub(super) fn completions(arguments: &CompletionArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "ordersync", &mut script);
    out(&script)?;
    Ok(Exit::Done)
}

pub(super) fn man(arguments: &ManArguments) -> Result<Exit, Failure> {
    if let Some(folder) = &arguments.folder {
        let failed = |error: std::io::Error| Failure::of_file("the manual cannot be written to", folder, &error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.map_err(|error| Failure::new(Exit::Failed, format!("the manual page: {error}")))?;
    out(&page)?;
    Ok(Exit::Done)
}
