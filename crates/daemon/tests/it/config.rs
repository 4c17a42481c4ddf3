//! The configuration: what is refused, where the error points, what the usual values are.

use std::path::Path;
use std::time::Duration;

use ordersync_daemon::config::{Config, KeySource, LogFormat};
use ordersync_store::DatabaseUrl;

const KEY: &str = "[key]\nsource = \"credential:root-secret\"\n";

fn refused(text: &str) -> String {
    Config::parse(Path::new("/etc/ordersync/o.toml"), text).unwrap_err().to_string()
}

#[test]
fn a_word_that_is_no_level_does_not_silence_the_log() {
    for (level, taken) in [("info", true), ("warn,ordersync_core=debug", true), ("warning", false), ("verbose", false)]
    {
        let text = format!("[key]\nsource = \"credential:x\"\n[log]\nlevel = \"{level}\"\n");
        assert_eq!(Config::parse(Path::new("o.toml"), &text).is_ok(), taken, "{level}");
    }
}

#[test]
fn a_short_configuration_has_usual_values() {
    let config = Config::parse(Path::new("/etc/ordersync/o.toml"), KEY).unwrap();
    assert_eq!(config.data, DatabaseUrl::Sqlite("/var/lib/ordersync/data.db".into()));
    assert_eq!(config.keys, DatabaseUrl::Sqlite("/var/lib/ordersync/keys.db".into()));
    assert_eq!(config.control_socket, Path::new("/run/ordersync/control.sock"));
    assert_eq!(config.key, KeySource::Credential("root-secret".to_owned()));
    assert_eq!((config.poll.amazon, config.poll.ebay), (Duration::from_secs(180), Duration::from_secs(300)));
    assert_eq!((config.retention.ebay_days, config.log.format), (30, LogFormat::Pretty));
}

#[test]
fn relative_paths_start_at_the_file() {
    let text = format!(
        "state_dir = \"s\"\nkeys = \"sqlite:k/keys.db\"\n{}",
        KEY.replace("credential:root-secret", "file:k.hex")
    );
    let config = Config::parse(Path::new("/srv/o/o.toml"), &text).unwrap();
    assert_eq!(config.data, DatabaseUrl::Sqlite("/srv/o/s/data.db".into()));
    assert_eq!(config.keys, DatabaseUrl::Sqlite("/srv/o/k/keys.db".into()));
    assert_eq!(config.key, KeySource::File("/srv/o/k.hex".into()));
}

#[test]
fn every_refusal_points_at_its_place() {
    let with_key = |text: &str| format!("{text}\n{KEY}");
    let after_key = |text: &str| format!("{KEY}{text}\n");
    for (text, place, says) in [
        (with_key("intervall = 3"), ":1:1:", "intervall"),
        (after_key("[poll]\namazon_secnds = 3"), ":4:1:", "amazon_secnds"),
        (after_key("[poll]\namazon_seconds = 3"), ":4:18:", "10 to 86400"),
        (after_key("[retention]\nebay_days = 20"), ":4:13:", "30 to 90"),
        (after_key("[retention]\nebay_days = 91"), ":4:13:", "30 to 90"),
        (after_key("[log]\nformat = \"xml\""), ":4:10:", "journald"),
        (after_key("[log]\nlevel = \"loud==\""), ":4:9:", "error, warn, info"),
        (after_key("[roles.users]\nada = \"king\""), ":4:7:", "admin"),
        (after_key("[roles.users]\n\"a b\" = \"admin\""), ":4:1:", "Unix user"),
        (with_key("data = \"mysql://x\""), ":1:8:", "sqlite: or postgres://"),
        (with_key("state_dir = \"\""), ":1:13:", "empty"),
        (with_key("mode = \"test\""), ":1:8:", "production"),
        (with_key("state_dir = 3"), ":1:13:", "string"),
        (with_key("state_dir = \"a"), ":1:", "string"),
        ("[key]\nsource = \"vault:x\"".to_owned(), ":2:10:", "credential:NAME"),
        ("[key]\nsource = \"file:\"".to_owned(), ":2:10:", "file:PATH"),
        ("[key]\nsource = \"credential:../x\"".to_owned(), ":2:10:", "without a slash"),
        ("[key]\nsource = \"environment:ROOT\"".to_owned(), ":2:10:", "development only"),
        ("[key]\n".to_owned(), ":1:1:", "source"),
        (String::new(), "o.toml:", "[key]"),
        (with_key("data = \"sqlite:/x.db\"\nkeys = \"sqlite:/x.db\""), "o.toml:", "two databases"),
    ] {
        let said = refused(&text);
        assert!(said.contains(place) && said.contains(says), "{text:?} gave {said}");
    }
    let development = "mode = \"development\"\n[key]\nsource = \"environment:ROOT\"";
    Config::parse(Path::new("o.toml"), development).unwrap();
}

#[test]
fn a_password_in_a_url_is_never_shown() {
    let text =
        format!("data = \"postgres://u:hidden-password@h/d\"\nkeys = \"postgres://u:hidden-password@h/d\"\n{KEY}");
    assert!(!refused(&text).contains("hidden-password"));
    let text = format!("data = \"postgre://u:hidden-password@h/d\"\n{KEY}");
    assert!(!refused(&text).contains("hidden-password"), "{}", refused(&text));
    let text = format!("data = \"postgres://u:hidden-password@h/d\"\n{KEY}");
    let config = Config::parse(Path::new("o.toml"), &text).unwrap();
    assert!(!format!("{config:?}").contains("hidden-password"));
}
