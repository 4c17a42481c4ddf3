//! `--once`: what a run leaves behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ordersync_types::Timestamp;
use serde_json::json;

use crate::demo::{END, ORDERS, ask, command, command_line, finished, people, printed, summary};

#[test]
fn a_run_leaves_what_it_promises_and_nobody_else_can_read_it() {
    let (folder, _) = finished();
    for name in [
        "data/data.db",
        "data/keys.db",
        "ordersync.log",
        "people.jsonl",
        "summary.json",
        "ordersync.toml",
        "root-secret",
    ] {
        let found = fs::metadata(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(found.len() > 0, "{name}");
        assert_eq!(found.permissions().mode() & 0o077, 0, "{name}");
    }
    assert!(!folder.join("control.sock").exists(), "the daemon has stopped");
    let log = fs::read_to_string(folder.join("ordersync.log")).unwrap();
    assert!(log.lines().next().is_some_and(|line| line.starts_with("2026-05-01T12:00:00Z")), "in simulated time");
    assert!(log.lines().last().is_some_and(|line| line.starts_with(END) && line.ends_with("stopped")));
    assert!(!log.contains(" ERROR ") && !log.contains("panic"), "{log}");
}

#[test]
fn the_summary_says_that_every_promise_was_kept() {
    let (folder, _) = finished();
    let summary = summary(folder);
    let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("{name}: {summary:?}"));
    for name in ["orders", "placed"] {
        assert_eq!(number(name), ORDERS as u64, "{name}");
    }
    for name in ["rejected", "missing", "stale", "second_sync_changes", "deliveries_wrong"] {
        assert_eq!(number(name), 0, "{name}");
    }
    for name in ["by_status", "by_marketplace"] {
        let counts = summary[name].as_object().unwrap();
        assert_eq!(counts.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), ORDERS as u64, "{name}");
        assert!(counts.len() > 2, "{name}: {counts:?}");
    }
    assert!(number("deliveries_purged") > 0);
    assert_eq!(number("deliveries_purged"), number("deliveries_due"));
    assert!(number("recipients") > 0 && number("buyers") > 0 && number("lines") >= ORDERS as u64);
    assert_eq!(number("personal_values"), people(folder).len() as u64);
    assert!(number("labels_pdf") > 0 && number("labels_zpl") == number("labels_pdf"));
    assert_eq!(number("labels_purged"), number("labels_due"));
    assert!(number("labels_purged") > 0 && number("dispatched") > 0 && number("disclosures") == number("shipments"));
    assert_eq!(summary["packing_failures"], json!([]));
    assert!(summary["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!((&summary["seed"], &summary["end"]), (&json!(7), &json!(END)));
}

#[test]
fn it_prints_the_cost_the_weeks_and_ten_lines() {
    let (folder, output) = finished();
    let text = printed(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("minutes") && lines[0].contains("GB"), "{}", lines[0]);
    let weeks: Vec<&&str> = lines.iter().filter(|line| line.starts_with("week ")).collect();
    assert_eq!(weeks.len(), 8, "{text}");
    let last_week = lines.iter().rposition(|line| line.starts_with("week ")).unwrap();
    assert_eq!(lines.len() - last_week - 1, 10, "{text}");
    assert!(text.contains(&format!("--config {}", folder.join("ordersync.toml").display())), "{text}");
    assert_eq!(printed(&output.stderr), "");
}

#[tokio::test]
async fn every_read_only_request_is_answered_afterwards() {
    let (folder, _) = finished();
    let local = command_line(folder, END.parse::<Timestamp>().unwrap()).await;
    for path in [
        "/v1/version",
        "/v1/status",
        "/v1/doctor",
        "/v1/accounts",
        "/v1/orders?limit=5",
        "/v1/rejected",
        "/v1/retention/plan",
        "/v1/retention/report",
        "/v1/keys/status",
    ] {
        let (status, body) = ask(&local, "GET", path).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok_and(|json| json.is_object()), "{path}: {body}");
    }
    let (status, csv) = ask(&local, "GET", "/v1/orders/export").await;
    assert_eq!(status, 200);
    assert!(csv.lines().count() > ORDERS, "{} rows", csv.lines().count());
    local.close().await;
}

#[test]
fn a_folder_that_no_demo_made_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("summary.json");
    fs::write(&mine, "mine").unwrap();
    let output = command(&["--once", "--out", folder.path().to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = printed(&output.stderr);
    assert!(said.contains("no demo made it") && said.contains("nothing was touched"), "{said}");
    assert_eq!(fs::read_to_string(mine).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn wrong_arguments_are_usage_errors() {
    for arguments in [
        &["--orders", "1"][..],
        &["--orders", "many"],
        &["--end", "yesterday"],
        &["--end", "1969-01-01T00:00:00Z", "--once"],
        &["--fast"],
        &["loadtest", "--amazon", "0", "--ebay", "0"],
        &["loadtest", "--amazon", "0", "--ebay", "1", "--store", "mysql:x"],
        &["--once", "loadtest"],
    ] {
        let daemon = env!("CARGO_BIN_EXE_ordersync-demo-daemon");
        let mut command = command(arguments);
        if arguments[0] == "loadtest" {
            command.args(["--daemon", daemon]);
        }
        assert_eq!(command.output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}
