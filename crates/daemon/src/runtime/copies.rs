//! Copies of both databases made before a newer program changes their schema. What becomes of them is core's:
//! `ordersync_core::retention`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ordersync_store::DatabaseUrl;
use ordersync_types::Timestamp;

use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::files;

/// Copies both databases, when they are SQLite files. Nobody else may have them open.
///
/// # Errors
/// Another process uses the files (try again), or there is no room or no right to copy them.
pub(crate) fn make(config: &Config, now: Timestamp) -> Result<Option<PathBuf>, Failure> {
    let (DatabaseUrl::Sqlite(data), DatabaseUrl::Sqlite(keys)) = (&config.data, &config.keys) else {
        tracing::warn!("a newer schema: no copy is made of PostgreSQL databases; rely on your own backup of both");
        return Ok(None);
    };
    for path in [data, keys] {
        refuse_in_use(path)?;
    }
    let folder = config.copies().of_copy(now);
    let failed =
        |error: io::Error| Failure::of_file("the databases cannot be copied before the upgrade to", &folder, &error);
    files::create_private_folder(&folder).map_err(failed)?;
    let copied = copy(data, &folder.join("data.db")).and_then(|()| copy(keys, &folder.join("keys.db")));
    if let Err(error) = copied {
        if let Err(left) = fs::remove_dir_all(&folder) {
            tracing::warn!(%left, "half a copy could not be removed");
        }
        return Err(failed(error));
    }
    tracing::info!(folder = %folder.display(), "both databases were copied before the upgrade; kept for 7 days");
    Ok(Some(folder))
}

/// Closing the last connection of a database empties its write-ahead log: what is left says that somebody has it open.
fn refuse_in_use(path: &Path) -> Result<(), Failure> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match fs::metadata(&log) {
        Ok(log) if log.len() > 0 => {
            let message = format!("{} must be upgraded, but another process has it open", path.display());
            Err(Failure::new(Exit::TryAgain, message)
                .hint("stop the older ordersync first (`systemctl stop ordersync`), then start this one again"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    files::create_private(to, b"")?;
    let mut copy = fs::File::options().write(true).open(to)?;
    io::copy(&mut source, &mut copy)?;
    copy.sync_all()
}

#[cfg(test)]
mod tests {
    use ordersync_store::{Databases, OpenOptions};

    use super::*;

    #[tokio::test]
    async fn databases_in_use_are_not_copied_and_a_copy_opens() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let text = "state_dir = \"state\"\n[key]\nsource = \"credential:x\"\n";
        let config = Config::parse(&folder.path().join("o.toml"), text).unwrap();
        let made: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
        let options = OpenOptions { create: true, migrate: true };
        let live = Databases::open(&config.data, &config.keys, options).await.unwrap();
        live.beat(made, None).await.unwrap();
        let refused = make(&config, made).unwrap_err();
        assert_eq!(refused.exit, Exit::TryAgain, "{refused}: somebody has the databases open");
        live.close().await.unwrap();

        let copy = make(&config, made).unwrap().unwrap();
        assert_eq!(config.copies().all(), std::slice::from_ref(&copy));
        let url = |name: &str| DatabaseUrl::Sqlite(copy.join(name));
        let opened = Databases::open(&url("data.db"), &url("keys.db"), OpenOptions::default()).await.unwrap();
        assert_eq!(opened.key_sequences().await.unwrap(), (0, 0));
        opened.close().await.unwrap();
    }
}
