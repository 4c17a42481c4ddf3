//! `loadtest`: one line of JSON, and a failure when something is not stored.

use serde_json::Value;

use crate::demo::{command, printed};

fn loadtest(arguments: &[&str]) -> (Option<i32>, Value, String) {
    let daemon = env!("CARGO_BIN_EXE_ordersync-demo-daemon");
    let output = command(&["loadtest", "--daemon", daemon]).args(arguments).output().unwrap();
    let (line, said) = (printed(&output.stdout), printed(&output.stderr));
    assert!(line.lines().count() <= 1, "{line}");
    (output.status.code(), serde_json::from_str(&line).unwrap_or_default(), said)
}

#[test]
fn three_hundred_orders_are_measured() {
    let (code, line, said) = loadtest(&["--amazon", "200", "--ebay", "100", "--preload", "50"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(line["orders"], 300);
    assert_eq!(line["rows"]["orders"], 350, "with those that were there before");
    assert_eq!(line["rows"]["account"], 4);
    assert!(line["rows"]["data_key"].as_i64().unwrap() > 350);
    for name in ["orders_per_s", "seconds", "cpu_s", "peak_rss_mib", "disk_mib"] {
        assert!(line[name].as_f64().is_some_and(|number| number > 0.0), "{name}: {line}");
    }
    for name in ["p50", "p99"] {
        assert!(line["page_write_ms"].get(name).is_some(), "{line}");
    }
}

#[test]
fn sqlite_files_may_lie_elsewhere_and_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("sqlite:{}", folder.path().join("load.db").display());
    let (code, line, said) = loadtest(&["--amazon", "0", "--ebay", "40", "--store", &store]);
    assert_eq!((code, line["orders"].as_i64()), (Some(0), Some(40)), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_stand_in_that_does_not_hold_what_was_said_is_refused() {
    let (code, _, said) = loadtest(&["--amazon-url", "http://127.0.0.1:9", "--ebay", "0"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("cannot be reached"), "{said}");
}
