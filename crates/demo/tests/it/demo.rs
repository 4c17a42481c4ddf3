//! Starting the demo, and one finished run that several tests look at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, OnceLock};

use ordersync_daemon::config::Config;
use ordersync_daemon::runtime::{self, Local};
use ordersync_testkit::SteppedClock;
use ordersync_types::Timestamp;
use serde_json::Value;

/// When the sixty days of the tests' runs end.
pub(crate) const END: &str = "2026-06-30T12:00:00Z";
/// How many orders they have.
pub(crate) const ORDERS: usize = 60;

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ordersync-demo"));
    command.args(arguments);
    command
}

pub(crate) fn printed(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

/// A folder that the next run of the tests uses again.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// The arguments of the tests' run into `folder`.
pub(crate) fn usual(folder: &Path) -> Vec<String> {
    let words = ["--orders", "60", "--seed", "7", "--end", END, "--out"].map(str::to_owned);
    words.into_iter().chain([folder.to_str().unwrap().to_owned()]).collect()
}

/// A run with `--once` that has ended well: its folder and what it printed.
pub(crate) fn finished() -> &'static (PathBuf, Output) {
    static FINISHED: OnceLock<(PathBuf, Output)> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let folder = folder("demo-once");
        let output = command(&["--once"]).args(usual(&folder)).output().unwrap();
        assert!(output.status.success(), "{}\n{}", printed(&output.stdout), printed(&output.stderr));
        (folder, output)
    })
}

pub(crate) fn summary(folder: &Path) -> BTreeMap<String, Value> {
    serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap()
}

/// One line of `people.jsonl`.
pub(crate) struct Person {
    pub(crate) order: String,
    pub(crate) path: String,
    pub(crate) value: String,
}

pub(crate) fn people(folder: &Path) -> Vec<Person> {
    let text = fs::read_to_string(folder.join("people.jsonl")).unwrap();
    let field = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|line| Person { order: field(&line, "order"), path: field(&line, "path"), value: field(&line, "value") })
        .collect()
}

/// What the command line does with the folder's configuration while no daemon runs, at `now`.
pub(crate) async fn command_line(folder: &Path, now: Timestamp) -> Local {
    let config = Config::load(&folder.join("ordersync.toml")).unwrap();
    runtime::local(config, Arc::new(SteppedClock::new(now))).await.unwrap()
}

/// Asks, and gives the status and the body.
pub(crate) async fn ask(local: &Local, method: &str, path: &str) -> (u16, String) {
    let body = (method == "POST").then(|| b"{}".to_vec());
    let answer = local.api.call(method, path, body).await.unwrap();
    (answer.status, printed(&answer.body))
}
