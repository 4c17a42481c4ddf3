//! Folders, databases and room on the disk.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ordersync_store::{DatabaseUrl, Databases};
use ordersync_web::dto::DoctorRow;
use url::Url;

use super::{bad, ok, warn};
use crate::config::{Config, KeySource};
use crate::key_source;

/// Less room than this is too little to go on, in bytes.
const FEW_BYTES: u64 = 200 << 20;
/// Less room than this deserves a look, in bytes.
const SOME_BYTES: u64 = 2 << 30;

pub(super) fn rows(config: &Config, store: &Databases) -> Vec<DoctorRow> {
    let mut rows = vec![state_dir(&config.state_dir), key(config), databases(config, store)];
    rows.extend(key_cluster(config));
    rows.push(room(&config.state_dir));
    rows
}

/// The same without the databases.
pub(super) fn rows_without_store(config: &Config) -> Vec<DoctorRow> {
    let mut rows = vec![state_dir(&config.state_dir), key(config)];
    rows.extend(key_cluster(config));
    rows.push(room(&config.state_dir));
    rows
}

fn state_dir(folder: &Path) -> DoctorRow {
    let name = "state folder";
    match std::fs::metadata(folder) {
        Ok(found) if found.mode() & 0o077 == 0 => ok(name, format!("{} is private", folder.display())),
        Ok(found) => {
            let message =
                format!("{} has mode {:04o}: others may look into it", folder.display(), found.mode() & 0o7777);
            warn(name, message, &format!("chmod 700 {}", folder.display()))
        }
        Err(error) => bad(name, format!("{}: {error}", folder.display()), "correct state_dir in the configuration"),
    }
}

fn key(config: &Config) -> DoctorRow {
    let name = "root secret";
    if let Err(error) = key_source::read(config) {
        return bad(name, error.to_string(), "correct it: a daemon that runs holds the secret until its next start");
    }
    match &config.key {
        KeySource::Environment(_) => {
            warn(name, "comes from the environment", "use a systemd credential or a file outside development")
        }
        source @ (KeySource::Credential(_) | KeySource::File(_)) => ok(name, format!("is read from {source}")),
    }
}

/// Opening has proved what hangs on the databases: schemas, and on SQLite the settings of every connection.
fn databases(config: &Config, store: &Databases) -> DoctorRow {
    let name = "databases";
    if store.data.kind() == "sqlite" && store.keys.kind() == "sqlite" {
        for url in [&config.data, &config.keys] {
            if let DatabaseUrl::Sqlite(path) = url
                && let Ok(found) = std::fs::metadata(path)
                && found.mode() & 0o077 != 0
            {
                let message = format!("{} has mode {:04o}: others may read it", path.display(), found.mode() & 0o7777);
                return warn(name, message, &format!("chmod 600 {}", path.display()));
            }
        }
        return ok(name, "SQLite with WAL, synchronous=FULL and secure_delete=ON; both schemas are this version's");
    }
    ok(name, format!("data on {}, keys on {}; both schemas are this version's", store.data.kind(), store.keys.kind()))
}

/// On PostgreSQL destroyed keys live on in the log and the backups of the cluster that holds them.
fn key_cluster(config: &Config) -> Option<DoctorRow> {
    let (DatabaseUrl::Postgres(data), DatabaseUrl::Postgres(keys)) = (&config.data, &config.keys) else { return None };
    let place = |url: &str| {
        let url = Url::parse(url).ok()?;
        Some((url.host_str().unwrap_or("localhost").to_owned(), url.port().unwrap_or(5432)))
    };
    let name = "key cluster";
    Some(if place(data) == place(keys) {
        bad(
            name,
            "data and keys are on the same PostgreSQL cluster: destroyed keys live on in its backups, so the promise \
             that purged data is gone from backups is not kept",
            "move `keys` to another cluster, or to a SQLite file",
        )
    } else {
        ok(name, "keys are on another PostgreSQL server than data")
    })
}

fn room(folder: &Path) -> DoctorRow {
    let name = "disk";
    let Ok(found) = rustix::fs::statvfs(folder) else {
        return warn(name, "the room left cannot be told", "look with `df`");
    };
    let left = found.f_bavail.saturating_mul(found.f_frsize);
    let message = format!("{} MiB left at {}", left >> 20, folder.display());
    if left < FEW_BYTES {
        bad(name, message, "make room: reading stops when the disk is full, and goes on by itself afterwards")
    } else if left < SOME_BYTES {
        warn(name, message, "make room before it runs out")
    } else {
        ok(name, message)
    }
}
