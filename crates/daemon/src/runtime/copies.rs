//! Copies of both databases made before a newer program changes their schema: gone after seven days, and until then
//! every key that a purge destroys is destroyed in them too.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ordersync_store::{DatabaseUrl, Databases, OpenOptions, StoreError};
use ordersync_types::{KeyId, Timestamp};
use ordersync_vault::KeyState;

use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::files;

/// How long a copy is kept.
const KEPT_DAYS: i64 = 7;
/// Keys compared at once.
const BATCH: usize = 500;
/// The form of a copy's folder: the moment it was made, in UTC.
const FOLDER_FORM: &str = "before-upgrade-%Y%m%dT%H%M%SZ";

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
    let folder = config.copies().join(now.format(FOLDER_FORM).to_string());
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

/// Removes copies that are older than seven days, and destroys in the others what is destroyed in `live`. A copy in
/// which that fails is removed: the promise to purge is stronger than the wish to go back.
///
/// Tells how many copies there are and how many keys were destroyed in them.
pub(crate) async fn follow(config: &Config, live: &Databases, now: Timestamp) -> (usize, usize) {
    let (mut kept, mut destroyed) = (0, 0);
    for folder in folders(&config.copies()) {
        let old = made_at(&folder).is_none_or(|made| now.signed_duration_since(made).num_days() >= KEPT_DAYS);
        let followed = if old { None } else { Some(follow_one(&folder, live, now).await) };
        match followed {
            Some(Ok(keys)) => {
                kept += 1;
                destroyed += keys;
                continue;
            }
            Some(Err(error)) => {
                tracing::warn!(%error, folder = %folder.display(), "keys cannot be destroyed in this copy: it is removed");
            }
            None => {
                tracing::info!(folder = %folder.display(), "the copy made before an upgrade is over 7 days old: it is removed")
            }
        }
        if let Err(error) = fs::remove_dir_all(&folder) {
            tracing::error!(%error, folder = %folder.display(), "a copy of the databases must go, but cannot be removed: remove it by hand");
        }
    }
    (kept, destroyed)
}

/// The copies, oldest first.
pub(crate) fn folders(copies: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(copies) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn made_at(folder: &Path) -> Option<Timestamp> {
    let name = folder.file_name()?.to_str()?;
    chrono::NaiveDateTime::parse_from_str(name, FOLDER_FORM).ok().map(|made| made.and_utc())
}

async fn follow_one(folder: &Path, live: &Databases, now: Timestamp) -> Result<usize, StoreError> {
    let url = |name: &str| DatabaseUrl::Sqlite(folder.join(name));
    let copy = Databases::open(&url("data.db"), &url("keys.db"), OpenOptions::default()).await?;
    let gone = gone_keys(&copy, live).await;
    let done = match gone {
        Ok(gone) if gone.is_empty() => Ok(0),
        Ok(gone) => destroy(&copy, &gone, now).await.map(|()| gone.len()),
        Err(error) => Err(error),
    };
    copy.close().await?;
    done
}

/// The keys of the copy's records that are active there and destroyed in the live key store. A
/// key that is absent there says nothing: it is never read as purged.
async fn gone_keys(copy: &Databases, live: &Databases) -> Result<Vec<KeyId>, StoreError> {
    let all = Timestamp::MAX_UTC;
    let mut ids: Vec<KeyId> = copy.due_recipients(all, u32::MAX).await?.into_iter().map(|due| due.key_id).collect();
    ids.extend(copy.due_buyers(all, u32::MAX).await?.into_iter().map(|due| due.key_id));
    for account in copy.accounts().await? {
        ids.extend(copy.credential(account.seller, account.account).await?.map(|credential| credential.key_id));
    }
    ids.sort_unstable();
    ids.dedup();
    let mut gone = Vec::new();
    for batch in ids.chunks(BATCH) {
        let (now, then) = (live.keys_by_id(batch).await?, copy.keys_by_id(batch).await?);
        let active = |id: &&KeyId| then.get(id).is_some_and(|row| row.state != KeyState::Destroyed);
        let destroyed = |id: &&KeyId| now.get(id).is_some_and(|row| row.state == KeyState::Destroyed);
        gone.extend(batch.iter().filter(active).filter(destroyed).copied());
    }
    Ok(gone)
}

async fn destroy(copy: &Databases, gone: &[KeyId], now: Timestamp) -> Result<(), StoreError> {
    for batch in gone.chunks(BATCH) {
        copy.destroy_keys(batch, now, "retention").await?;
    }
    copy.physical_step().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ordersync_connector_api::AccountCredential;
    use ordersync_core::{Actor, Core, KeyRing, NewAccount};
    use ordersync_types::{Secret, SellerId, SystemClock};
    use ordersync_vault::{KeyClass, RootSecret, ScopeId};

    use super::*;

    async fn core(config: &Config, create: bool) -> Core {
        let options = OpenOptions { create, migrate: create };
        let store = Databases::open(&config.data, &config.keys, options).await.unwrap();
        let root = RootSecret::parse(&"4b".repeat(32)).unwrap();
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let ring = KeyRing::introduce(&store, &root, now).await.unwrap();
        Core::new(store, Arc::new(SystemClock), ring, "0.1.0")
    }

    async fn with_account(core: &Core) -> ordersync_core::Account {
        let secret = || Secret::new("invented".to_owned());
        let new = NewAccount {
            seller: SellerId::new(1),
            label: "ebay".to_owned(),
            connector: "ebay".to_owned(),
            settings: "{}".to_owned(),
            go_live_at: "2026-11-01T00:00:00Z".parse().unwrap(),
            first_window_days: 1,
            credential: AccountCredential { client_id: secret(), client_secret: secret(), refresh_token: secret() },
        };
        core.add_account(new, &Actor::system("test")).await.unwrap()
    }

    #[tokio::test]
    async fn a_copy_loses_the_keys_that_are_destroyed_and_goes_after_a_week() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let text = "state_dir = \"state\"\n[key]\nsource = \"credential:x\"\n";
        let config = Config::parse(&folder.path().join("o.toml"), text).unwrap();
        let made: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
        let live = core(&config, true).await;
        let account = with_account(&live).await;
        let refused = make(&config, made).unwrap_err();
        assert_eq!(refused.exit, Exit::TryAgain, "{refused}: somebody has the databases open");
        live.store.close().await.unwrap();

        let copy = make(&config, made).unwrap().unwrap();
        let live = core(&config, false).await;
        assert_eq!(follow(&config, &live.store, made).await, (1, 0), "nothing is destroyed yet");
        live.remove_account(&account, &Actor::system("test")).await.unwrap();
        assert_eq!(follow(&config, &live.store, made).await, (1, 1));
        assert_eq!(follow(&config, &live.store, made).await, (1, 0));
        let url = |name: &str| DatabaseUrl::Sqlite(copy.join(name));
        let opened = Databases::open(&url("data.db"), &url("keys.db"), OpenOptions::default()).await.unwrap();
        let scope = ScopeId::from_uuid(account.account.as_uuid());
        let keys = opened.keys_of_scopes(account.seller, KeyClass::Channel, &[scope]).await.unwrap();
        assert_eq!(keys.iter().map(|key| key.state).collect::<Vec<_>>(), [KeyState::Destroyed]);
        opened.close().await.unwrap();

        assert_eq!(follow(&config, &live.store, made + chrono::Duration::days(7)).await, (0, 0));
        assert!(!copy.exists());
        live.store.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_copy_that_cannot_follow_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let text = "state_dir = \"state\"\n[key]\nsource = \"credential:x\"\n";
        let config = Config::parse(&folder.path().join("o.toml"), text).unwrap();
        let now: Timestamp = "2026-11-02T10:00:00Z".parse().unwrap();
        let live = core(&config, true).await;
        let broken = config.copies().join("before-upgrade-20261102T090000Z");
        files::create_private_folder(&broken).unwrap();
        std::fs::write(broken.join("data.db"), "no database").unwrap();
        assert_eq!(follow(&config, &live.store, now).await, (0, 0));
        assert!(!broken.exists());
        live.store.close().await.unwrap();
    }
}
