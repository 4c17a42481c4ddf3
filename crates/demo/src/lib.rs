#![doc = include_str!("../README.md")]

mod arguments;
mod books;
mod ending;
mod folder;
mod hourly_clock;
mod installation;
mod living_on;
mod loadtest;
mod log;
mod opening;
mod packer;
mod progress;
mod rows;
mod run;
mod shops;
mod summary;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;
use ordersync_daemon::failure::{Exit, Failure};

/// Reads the command line, does what it says, and tells how it went: 0 done, 1 failed, 2 usage.
pub fn main() -> ExitCode {
    // What is written holds keys and sealed records: it is for its own user.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let arguments = Arguments::parse_from(given(std::env::args_os()));
    let ended = runtime().and_then(|runtime| match &arguments.command {
        None => runtime.block_on(run::run(&arguments.demo)),
        Some(Command::Loadtest(options)) => runtime.block_on(loadtest::run(options)),
    });
    let exit = ended.err().map_or(Exit::Done, |failure| {
        complain(&failure.to_string());
        failure.exit
    });
    ExitCode::from(exit.code())
}

/// The words given, without the first `--`: the cargo aliases end with one already, so that both `cargo demo --once` and
/// `cargo demo -- --once` mean the same.
fn given(words: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut first = true;
    words.filter(move |word| word != "--" || !std::mem::take(&mut first))
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| failed(format!("the program cannot start: {error}")))
}

/// Something went wrong that no other exit code fits.
fn failed(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Failed, message)
}

/// Prints a line. Who closed the pipe wants no more of them.
fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Prints a line on standard error.
fn complain(line: &str) {
    drop(writeln!(std::io::stderr(), "ordersync-demo: {line}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_separator_too_many_is_taken_away() {
        let parsed = |words: &str| {
            let words = words.split_whitespace().map(OsString::from);
            Arguments::try_parse_from(given(words))
        };
        for words in ["demo --once --orders 5", "demo -- --once --orders 5"] {
            let demo = parsed(words).unwrap().demo;
            assert_eq!((demo.once, demo.orders), (true, 5), "{words}");
        }
        for words in ["demo loadtest --ebay 3", "demo -- loadtest --ebay 3", "demo loadtest -- --ebay 3"] {
            let Some(Command::Loadtest(options)) = parsed(words).unwrap().command else { panic!("{words}") };
            assert_eq!(options.ebay, Some(3), "{words}");
        }
        assert!(parsed("demo -- -- --once").is_err());
    }
}
