//! The spool folder beside the control socket: files with labels that people asked for, gone after 24 hours.
//!
//! Members of the control group write their own files there; the folder is the daemon's, so that it can remove what it
//! could not read. Under the unit it lies in memory (`/run`).

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use ordersync_types::Timestamp;

use crate::config::Config;
use crate::runtime::socket::give_to_group;

/// How long a file stays.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Makes the folder if it is not there: mode 1770, of the control group. Nobody but a file's writer can read it.
pub(crate) fn prepare(config: &Config) {
    let folder = config.spool();
    let made = match fs::DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = made {
        tracing::warn!(%error, folder = %folder.display(), "the spool folder cannot be made: labels need --output FILE");
        return;
    }
    let mode = match give_to_group(&folder, &config.control_group) {
        Ok(()) => 0o1770,
        Err(reason) => {
            tracing::debug!(reason, "the spool folder is the service's user's alone");
            0o700
        }
    };
    if let Err(error) = fs::set_permissions(&folder, fs::Permissions::from_mode(mode)) {
        tracing::debug!(%error, "the mode of the spool folder");
    }
}

/// Removes files that are older than 24 hours; tells how many. Links are removed, never followed.
pub(crate) fn clean(folder: &Path, now: Timestamp) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let mut removed = 0;
    for entry in entries.filter_map(Result::ok) {
        let Ok(found) = fs::symlink_metadata(entry.path()) else { continue };
        let Ok(written) = found.modified() else { continue };
        let written: Timestamp = written.into();
        let age = now.signed_duration_since(written).to_std().unwrap_or_default();
        if age < KEPT || found.is_dir() {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => removed += 1,
            Err(error) => {
                tracing::error!(%error, file = %entry.path().display(), "a spooled file is over 24 hours old and cannot be removed: remove it by hand");
            }
        }
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_after_a_day_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        fs::create_dir(&spool).unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "kept").unwrap();
        fs::write(spool.join("labels.pdf"), "old").unwrap();
        std::os::unix::fs::symlink(&elsewhere, spool.join("link")).unwrap();
        let written: Timestamp = fs::metadata(spool.join("labels.pdf")).unwrap().modified().unwrap().into();
        assert_eq!(clean(&spool, written + chrono::Duration::hours(23)), 0);
        assert_eq!(clean(&spool, written + chrono::Duration::hours(25)), 2);
        assert!(elsewhere.exists());
        assert_eq!(clean(&folder.path().join("absent"), written), 0);
    }
}
