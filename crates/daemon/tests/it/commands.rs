//! Commands without a daemon.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::home::{Home, private};

#[test]
fn init_makes_everything_once_and_a_second_run_changes_nothing() {
    let home = Home::empty();
    let first = home.init();
    assert_eq!(first.code, 0, "{}", first.err);
    let mode = |name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("state/data.db"), mode("state/keys.db")), (0o700, 0o600, 0o600));
    assert_eq!((mode("etc/root-secret"), mode("etc/recovery-file.age")), (0o600, 0o600));
    let secret = fs::read(home.path("etc/root-secret")).unwrap();
    assert!(!first.out.contains(std::str::from_utf8(&secret).unwrap()));
    let recovery = fs::read(home.path("etc/recovery-file.age")).unwrap();

    let second = home.run(&["--json", "init", "--unattended"]);
    assert_eq!(second.code, 0, "{}", second.err);
    assert!(second.json()["made"].as_array().unwrap().is_empty());
    assert_eq!(fs::read(home.path("etc/root-secret")).unwrap(), secret);
    assert_eq!(fs::read(home.path("etc/recovery-file.age")).unwrap(), recovery);
}

#[test]
fn init_goes_on_after_a_partial_failure_and_never_makes_a_second_secret() {
    let home = Home::empty();
    private(&home.path("short"), "short\n");
    let unattended = ["init", "--unattended", "--state-dir", "state", "--control-socket", "run/c.sock"];
    for (more, code, why) in [
        (&[][..], 2, "--passphrase-file"),
        (&["--passphrase-file", "short"], 1, "12 characters"),
        (&["--passphrase-file", "none"], 1, "none"),
        (&["--passphrase-file", "passphrase", "--keys", "nonsense:"], 78, "database URL"),
        (&["--passphrase-file", "passphrase", "--key-file", "state/secret"], 78, "lies in the data folder"),
    ] {
        let ended = home.run(&[&unattended[..], more].concat());
        assert!(ended.code == code && ended.err.contains(why), "{why}: {} {}", ended.code, ended.err);
        for made in ["state", "etc/root-secret", "etc/recovery-file.age", "etc/ordersync.toml"] {
            assert!(!home.path(made).exists(), "{why}: {made} was made");
        }
    }
    // the configuration cannot be made: there is a folder in its way
    fs::create_dir_all(home.path("run")).unwrap();
    fs::create_dir(home.path("etc/recovery")).unwrap();
    let ended = home.run(
        &[
            &unattended[..],
            &[
                "--passphrase-file",
                "passphrase",
                "--recovery-file",
                "etc/recovery/none/such/file",
                "--data",
                "sqlite:/proc/d.db",
            ],
        ]
        .concat(),
    );
    assert_ne!(ended.code, 0);
    let secret = fs::read(home.path("etc/root-secret")).unwrap();
    assert!(!home.config().exists());
    assert_eq!(home.init().code, 0);
    assert_eq!(fs::read(home.path("etc/root-secret")).unwrap(), secret);

    fs::remove_file(home.path("etc/root-secret")).unwrap();
    let ended = home.run(&["init", "--unattended", "--passphrase-file", "passphrase"]);
    assert!(ended.code == 78 && ended.err.contains("age --decrypt"), "{} {}", ended.code, ended.err);
    assert!(!home.path("etc/root-secret").exists());
}

#[test]
fn doctor_looks_also_when_nothing_opens() {
    let home = Home::new();
    let rows = |ended: &crate::home::Ended| -> Vec<(String, String)> {
        let rows = ended.json()["rows"].as_array().unwrap().clone();
        let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
        rows.iter().map(|row| (text(row, "name"), text(row, "state"))).collect()
    };
    let state = |rows: &[(String, String)], name: &str| rows.iter().find(|row| row.0 == name).unwrap().1.clone();
    fs::rename(home.path("state/keys.db"), home.path("state/elsewhere.db")).unwrap();
    let ended = home.run(&["--json", "doctor"]);
    assert_eq!(ended.code, 78, "{}", ended.out);
    let found = rows(&ended);
    for (name, expected) in [("configuration", "ok"), ("root secret", "ok"), ("disk", "ok"), ("start", "fail")] {
        assert_eq!(state(&found, name), expected, "{name}: {found:?}");
    }
    assert!(home.run(&["doctor"]).out.contains("the databases are not there or empty"));
    home.edit(|text| format!("moed = 1\n{text}"));
    let ended = home.run(&["--json", "doctor"]);
    assert_eq!((ended.code, state(&rows(&ended), "configuration").as_str()), (78, "fail"));
}

#[test]
fn without_a_daemon_commands_work_alone() {
    let home = Home::new();
    let ended = home.run(&["today"]);
    assert!(ended.code == 0 && ended.out.contains("To label: 0"), "{}{}", ended.out, ended.err);
    for arguments in [
        ["--json", "today", "", ""],
        ["--json", "doctor", "", ""],
        ["--json", "account", "list", ""],
        ["--json", "orders", "list", ""],
        ["--json", "orders", "rejected", ""],
        ["--json", "retention", "plan", ""],
        ["--json", "retention", "report", ""],
        ["--json", "keys", "status", ""],
        ["--json", "sync", "", ""],
        ["--json", "check-config", "", ""],
        ["--json", "retention", "run", "--dry-run"],
        ["--json", "retention", "run", "--yes"],
        ["--json", "orders", "retry", ""],
    ] {
        let arguments: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        let ended = home.run(&arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}{}", ended.out, ended.err);
        assert!(ended.json().is_object(), "{arguments:?}");
    }
    let export = home.run(&["orders", "export"]);
    assert!(export.code == 0 && export.out.starts_with("order_id,"), "{}", export.err);
}

#[test]
fn exit_codes_say_what_kind_of_failure() {
    let home = Home::new();
    let code = |arguments: &[&str]| home.run(arguments).code;
    assert_eq!(code(&["fly"]), 2);
    assert_eq!(code(&["account", "add", "amazon", "--region", "eu", "--label", "x", "--sandbox"]), 2);
    assert_eq!(code(&["--help"]), 0);
    assert_eq!(code(&["orders", "show", "00-00000-00000"]), 1);
    assert_eq!(code(&["account", "remove", "nobody", "--yes"]), 1);
    let error = home.run(&["--json", "account", "check", "nobody"]);
    assert_eq!((error.code, error.json()["error"]["code"].as_u64()), (1, Some(1)));

    let secret = fs::read_to_string(home.path("etc/root-secret")).unwrap();
    fs::remove_file(home.path("etc/root-secret")).unwrap();
    let alone = home.run(&["today"]);
    assert!(alone.code == 75 && alone.err.contains("systemctl start ordersync"), "{}", alone.err);
    assert_eq!(code(&["serve"]), 78, "a daemon without its secret is a matter of configuration");

    private(&home.path("etc/root-secret"), &secret.chars().rev().collect::<String>());
    let wrong = home.run(&["serve"]);
    assert!(wrong.code == 78 && wrong.err.contains("these databases were made with"), "{}", wrong.err);
    private(&home.path("etc/root-secret"), &secret);

    home.edit(|text| text.replace("mode = \"production\"", "mode = \"production\"\nmoed = 1"));
    let config = home.run(&["today"]);
    assert!(config.code == 78 && config.err.contains("moed") && config.err.contains(":7:1:"), "{}", config.err);
}

#[test]
fn an_older_program_refuses_a_newer_schema_with_both_versions() {
    let home = Home::new();
    // a newer program's migration, written into the file where ours was
    let path = home.path("state/data.db");
    let bytes = fs::read(&path).unwrap();
    let (ours, newer) = (b"m20261121_000004", b"m20991231_000004");
    let mut changed = bytes.clone();
    let places: Vec<usize> = (0..bytes.len() - ours.len()).filter(|at| &bytes[*at..*at + ours.len()] == ours).collect();
    assert!(!places.is_empty());
    for at in places {
        changed[at..at + newer.len()].copy_from_slice(newer);
    }
    fs::write(&path, &changed).unwrap();
    for command in ["serve", "today"] {
        let ended = home.run(&[command]);
        assert_eq!(ended.code, 78, "{}", ended.err);
        assert!(
            ended.err.contains("m20991231_000004") && ended.err.contains("this program knows schemas up to m2026"),
            "{}",
            ended.err
        );
    }
    let after = fs::read(&path).unwrap();
    // the first 100 bytes are SQLite's header, with counters that opening alone may raise
    let written: Vec<usize> = (100..after.len()).filter(|at| after.get(*at) != changed.get(*at)).collect();
    assert!(after.len() == changed.len() && written.is_empty(), "nothing may be written: bytes {written:?}");
}

#[test]
fn a_state_folder_that_is_gone_or_no_folder_is_said_clearly() {
    let home = Home::new();
    home.edit(|text| text.replace("/state\"", "/elsewhere\""));
    let gone = home.run(&["serve"]);
    assert!(gone.code == 78 && gone.err.contains("does not exist") && gone.err.contains("init"), "{}", gone.err);
    fs::write(home.path("elsewhere"), "").unwrap();
    let file = home.run(&["serve"]);
    assert!(file.code == 78 && file.err.contains("is not a folder"), "{}", file.err);
}

#[test]
fn the_recovery_file_is_tested_and_a_wrong_passphrase_told() {
    let home = Home::new();
    private(&home.path("wrong"), "another passphrase\n");
    let test = |passphrase: &str| {
        home.run(&["--json", "keys", "escrow", "test", "etc/recovery-file.age", "--passphrase-file", passphrase])
    };
    let wrong = test("wrong");
    assert!(wrong.code == 1 && wrong.out.contains("does not open the recovery file"), "{}", wrong.out);
    private(&home.path("credentials"), r#"{"client_id": "i", "client_secret": "s", "refresh_token": "r"}"#);
    let add = ["account", "add", "ebay", "--label", "real", "--credentials-file", "credentials"];
    let refused = home.run(&add);
    assert!(refused.code == 1 && refused.err.contains("recovery file"), "{} {}", refused.code, refused.err);
    let right = test("passphrase");
    assert_eq!(right.code, 0, "{}", right.err);
    let tested = home.run(&["--json", "keys", "status"]).json();
    assert!(tested["escrow_tested_at"].is_string(), "{tested}");

    let again = home.run(&["keys", "escrow", "export", "etc/recovery-file.age", "--passphrase-file", "passphrase"]);
    assert!(again.code == 1 && again.err.contains("not overwritten"), "{}", again.err);
    fs::set_permissions(home.path("passphrase"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = home.run(&["keys", "escrow", "export", "new.age", "--passphrase-file", "passphrase"]);
    assert!(open.code == 1 && open.err.contains("chmod 600"), "{}", open.err);
}

#[test]
fn completions_and_manual_pages_come_out() {
    let home = Home::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = home.run(&["completions", shell]);
        assert!(script.code == 0 && script.out.contains("ordersync"), "{shell}");
    }
    let page = home.run(&["man"]);
    assert!(page.code == 0 && page.out.contains(".TH"));
    assert_eq!(home.run(&["man", "pages"]).code, 0);
    assert!(home.path("pages/ordersync-account-add.1").exists());
}
