//! The test command itself: what it promises on paper, and what it refuses to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn script(below_root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(below_root)
}

fn run(below_root: &str, arguments: &[&str]) -> Output {
    Command::new(script(below_root)).args(arguments).output().expect("bash runs the script")
}

fn printed(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the scripts print UTF-8")
}

#[test]
fn help_names_every_flag() {
    let output = run("tests/run", &["--help"]);
    assert!(output.status.success());
    let help = printed(&output.stdout);
    for flag in ["--sqlite-only", "--long", "--help"] {
        assert!(help.contains(&format!("\n  {flag} ")), "--help does not explain {flag}:\n{help}");
    }
}

#[test]
fn an_unknown_flag_is_a_usage_error_before_any_step() {
    let output = run("tests/run", &["--fast"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output.stderr).contains("unknown argument: --fast"));
    assert!(output.stdout.is_empty());
}

#[test]
fn the_build_server_runs_the_whole_test_command() {
    let text = fs::read_to_string(script(".ci/run")).expect(".ci/run is there");
    let commands: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let [settings, last] = commands.as_slice() else { panic!(".ci/run does more than call tests/run: {commands:?}") };
    assert_eq!(*settings, "set -euo pipefail");
    assert!(last.starts_with("exec ") && last.ends_with("/../tests/run\""), "{last}");
}

#[test]
fn only_a_folder_with_our_clusters_is_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let precious = folder.path().join("precious");
    fs::write(&precious, "kept").expect("a file");
    let path = folder.path().to_str().expect("UTF-8");

    let stop = run("tests/postgres", &["stop", path]);
    assert_eq!(stop.status.code(), Some(1));
    assert!(printed(&stop.stderr).contains("nothing is removed"));

    let start = run("tests/postgres", &["start", path]);
    assert_eq!(start.status.code(), Some(1));
    assert!(printed(&start.stderr).contains("is not empty"));
    assert_eq!(fs::read_to_string(precious).expect("still there"), "kept");

    let nowhere = folder.path().join("never-made");
    assert!(run("tests/postgres", &["stop", nowhere.to_str().expect("UTF-8")]).status.success());
}

#[test]
fn postgres_without_a_command_or_folder_is_a_usage_error() {
    for arguments in [&[][..], &["start"], &["stop"], &["restart", "x"], &["start", ""]] {
        assert_eq!(run("tests/postgres", arguments).status.code(), Some(2), "{arguments:?}");
    }
}
