//! Copies of both databases that the daemon made before an upgrade: every key that a purge destroys is destroyed in them
//! too, and they are gone after seven days.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Duration;
use ordersync_store::{DatabaseUrl, Databases, OpenOptions, StoreError};
use ordersync_types::{KeyId, Timestamp};

use crate::Core;

/// How long a copy is kept.
const KEPT: Duration = Duration::days(7);
/// Keys compared at once.
const BATCH: u32 = 500;
/// The form of a copy's folder: the moment it was made, in UTC.
const FOLDER_FORM: &str = "before-upgrade-%Y%m%dT%H%M%SZ";

/// The folder under which copies lie, each in a folder of its own with `data.db` and `keys.db`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiesFolder(PathBuf);

/// What a purge did about one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// The copy's folder by name.
    pub copy: String,
    /// Keys destroyed in it.
    pub destroyed: u64,
    /// Why it was, or had to be, removed; `None` while it is kept.
    pub removed: Option<String>,
    /// What the system says when it had to be removed and could not be.
    pub left: Option<String>,
}

impl CopiesFolder {
    /// Copies under this folder. It need not exist.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder for a copy made at this moment.
    pub fn of_copy(&self, at: Timestamp) -> PathBuf {
        self.0.join(at.format(FOLDER_FORM).to_string())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The copies, oldest first.
    pub fn all(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.0) else { return Vec::new() };
        let mut folders: Vec<PathBuf> =
            entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        folders
    }
}

impl Core {
    /// Destroys in every copy what is destroyed in the key store, and removes copies that are over seven days old. A
    /// copy in which that fails is removed: the promise to purge is stronger than the wish to go back.
    pub async fn follow_copies(&self) -> Vec<CopyReport> {
        let Some(copies) = &self.copies else { return Vec::new() };
        let now = self.clock.now();
        let mut reports = Vec::new();
        for folder in copies.all() {
            let old = made_at(&folder).is_none_or(|made| now.signed_duration_since(made) >= KEPT);
            let (destroyed, reason) = if old {
                (0, Some("over 7 days old".to_owned()))
            } else {
                match follow_one(&folder, &self.store, now).await {
                    Ok(destroyed) => (destroyed, None),
                    Err(error) => (0, Some(format!("keys cannot be destroyed in it ({error})"))),
                }
            };
            let left = reason.as_ref().and_then(|reason| remove(&folder, reason));
            let copy = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            reports.push(CopyReport { copy, destroyed, removed: reason, left });
        }
        reports
    }
}

/// Removes a copy; tells what stood in the way.
fn remove(folder: &Path, reason: &str) -> Option<String> {
    match fs::remove_dir_all(folder) {
        Ok(()) => {
            tracing::info!(folder = %folder.display(), reason, "the copy made before an upgrade is removed");
            None
        }
        Err(error) => {
            tracing::error!(%error, reason, folder = %folder.display(), "a copy of the databases must go, but cannot be removed: remove it by hand");
            Some(format!("{error}; remove it by hand"))
        }
    }
}

fn made_at(folder: &Path) -> Option<Timestamp> {
    let name = folder.file_name()?.to_str()?;
    chrono::NaiveDateTime::parse_from_str(name, FOLDER_FORM).ok().map(|made| made.and_utc())
}

async fn follow_one(folder: &Path, live: &Databases, now: Timestamp) -> Result<u64, StoreError> {
    let url = |name: &str| DatabaseUrl::Sqlite(folder.join(name));
    let copy = Databases::open(&url("data.db"), &url("keys.db"), OpenOptions::default()).await?;
    let done = destroy_as_live(&copy, live, now).await;
    copy.close().await?;
    done
}

/// Destroys what is destroyed in `live`; tells how many keys. A key that is absent there says nothing: it is never read
/// as purged. Tombstones outlive copies by far, so none is missed.
async fn destroy_as_live(copy: &Databases, live: &Databases, now: Timestamp) -> Result<u64, StoreError> {
    let (mut after, mut destroyed) = (0, 0_u64);
    loop {
        let gone: Vec<KeyId> = live.destroyed_keys(after, BATCH).await?;
        let Some(last) = gone.last() else { break };
        after = last.number();
        let left = copy.keys_still_active(&gone).await?;
        if !left.is_empty() {
            copy.destroy_keys(&left, now, "retention").await?;
            destroyed = destroyed.saturating_add(u64::try_from(left.len()).unwrap_or(u64::MAX));
        }
    }
    if destroyed > 0 {
        copy.physical_step().await?;
    }
    Ok(destroyed)
}
