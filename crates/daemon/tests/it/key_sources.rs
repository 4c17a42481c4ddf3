//! Where the root secret comes from: each refusal is its own, says what to do, and ends with 78.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use ordersync_daemon::config::{Config, KeySource};
use ordersync_daemon::key_source::{self, KeySourceError};

use crate::home::{Home, ended, private};

const HEX: &str = "4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b4b";

fn config(folder: &Path, key: &Path) -> Config {
    fs::create_dir_all(folder.join("state")).unwrap();
    let text = format!("state_dir = \"state\"\n[key]\nsource = \"file:{}\"\n", key.display());
    Config::parse(&folder.join("o.toml"), &text).unwrap()
}

#[test]
fn a_private_file_outside_the_data_is_read_and_every_other_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = folder.join("root-secret");
    private(&key, HEX);
    assert!(key_source::read(&config(folder, &key)).is_ok());

    let refused = |path: &Path| key_source::read(&config(folder, path)).err().unwrap();
    assert!(matches!(refused(&folder.join("none")), KeySourceError::NoFile(_)));
    let link = folder.join("link");
    symlink(&key, &link).unwrap();
    assert!(matches!(refused(&link), KeySourceError::Link(_)));
    assert!(matches!(refused(&folder.join("state")), KeySourceError::NotAFile(_) | KeySourceError::Mode { .. }));
    for mode in [0o640, 0o604, 0o610] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let error = refused(&key);
        assert!(matches!(error, KeySourceError::Mode { mode: found, .. } if found == mode), "{error}");
        assert!(error.to_string().contains("chmod 600"));
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(key_source::read(&config(folder, &key)).is_ok());
    let inside = folder.join("state/root-secret");
    private(&inside, HEX);
    assert!(matches!(refused(&inside), KeySourceError::InDataFolder { .. }));
    // not by a detour either
    assert!(matches!(refused(&folder.join("state/../state/root-secret")), KeySourceError::InDataFolder { .. }));
    let other = folder.join("other");
    private(&other, "not a secret at all");
    let error = refused(&other);
    assert!(matches!(error, KeySourceError::NotASecret { .. }) && !error.to_string().contains("not a secret at all"));
    private(&other, &"0".repeat(64));
    assert!(matches!(refused(&other), KeySourceError::NotASecret { .. }));
}

#[test]
fn a_file_of_another_user_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("root-secret");
    private(&key, HEX);
    if chown(&key, Some(12345), None).is_err() {
        return; // only root can give a file away; elsewhere there is nothing to refuse
    }
    let error = key_source::read(&config(folder.path(), &key)).err().unwrap();
    assert!(matches!(error, KeySourceError::Owner { owner: 12345, .. }), "{error}");
}

#[test]
fn a_credential_comes_from_the_folder_of_systemd_only() {
    let home = Home::empty();
    fs::write(home.config(), "state_dir = \"../state\"\n[key]\nsource = \"credential:root-secret\"\n").unwrap();
    let without = home.run(&["check-config"]);
    assert!(without.code == 78 && without.err.contains("systemctl start ordersync"), "{}", without.err);
    fs::create_dir(home.path("credentials")).unwrap();
    let with = || {
        ended(
            home.command(&["--json", "check-config"])
                .env("CREDENTIALS_DIRECTORY", home.path("credentials"))
                .output()
                .unwrap(),
        )
    };
    let absent = with();
    assert!(absent.code == 78 && absent.out.contains("LoadCredentialEncrypted=root-secret"), "{}", absent.out);
    fs::write(home.path("credentials/root-secret"), format!("{HEX}\n")).unwrap();
    let there = with();
    assert_eq!((there.code, there.json()["ok"].as_bool()), (0, Some(true)));
    assert!(!there.out.contains(HEX));
}

#[test]
fn the_environment_is_for_development() {
    let home = Home::empty();
    let text = "mode = \"development\"\nstate_dir = \"../state\"\n[key]\nsource = \"environment:ORDERSYNC_ROOT\"\n";
    fs::write(home.config(), text).unwrap();
    assert_eq!(home.run(&["check-config"]).code, 78);
    let with = ended(home.command(&["check-config"]).env("ORDERSYNC_ROOT", HEX).output().unwrap());
    assert_eq!(with.code, 0, "{}", with.err);
    assert!(matches!(Config::load(&home.config()).unwrap().key, KeySource::Environment(_)));
}
