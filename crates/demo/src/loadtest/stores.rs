//! Where a load test stores: SQLite files, or two new databases on a PostgreSQL server.

use std::path::{Path, PathBuf};

use ordersync_core::{DatabaseUrl, Databases, OpenOptions};
use ordersync_daemon::failure::{Exit, Failure};
use ordersync_types::{Clock, SystemClock};

/// The databases of one load test.
#[derive(Debug)]
pub(crate) enum Stores {
    /// Files in the test's own folder.
    OwnFolder(PathBuf),
    /// Files somewhere else, made by this test.
    Files([PathBuf; 2]),
    /// Databases on a server, made by this test: the server's own database, then our two names.
    Server(String, [String; 2]),
}

impl Stores {
    /// Takes the store that was asked for, and makes room for it.
    ///
    /// # Errors
    /// Usage: the address is none, or names a file that is there already. Else what the server says.
    pub(crate) async fn prepare(asked: Option<&str>, folder: &Path) -> Result<Self, Failure> {
        let Some(asked) = asked else { return Ok(Self::OwnFolder(folder.join("data"))) };
        match asked.parse::<DatabaseUrl>() {
            Ok(DatabaseUrl::Sqlite(data)) => {
                let keys = data.with_extension("keys.db");
                if data.exists() || keys.exists() {
                    let message = format!("{} or {} is there already", data.display(), keys.display());
                    return Err(Failure::new(Exit::Usage, message).hint("name a file that does not exist yet"));
                }
                let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
                Ok(Self::Files([absolute(data), absolute(keys)]))
            }
            Ok(DatabaseUrl::Postgres(server)) => {
                let name = format!("ordersync_loadtest_{}", SystemClock.now().timestamp_millis());
                let names = [format!("{name}_data"), format!("{name}_keys")];
                run_on(&server, &names.each_ref().map(|name| format!("CREATE DATABASE {name}"))).await?;
                Ok(Self::Server(server, names))
            }
            Err(error) => Err(Failure::new(Exit::Usage, format!("--store: {error}"))),
        }
    }

    /// The addresses for the configuration; none for the usual files.
    pub(crate) fn urls(&self) -> Option<[String; 2]> {
        match self {
            Self::OwnFolder(_) => None,
            Self::Files(paths) => Some(paths.each_ref().map(|path| format!("sqlite:{}", path.display()))),
            Self::Server(server, names) => Some(names.each_ref().map(|name| with_name(server, name))),
        }
    }

    /// What the databases use of the disk, in bytes, write-ahead logs of SQLite included.
    pub(crate) async fn bytes(&self, store: &Databases) -> u64 {
        match self {
            Self::OwnFolder(folder) => files_in(folder).map(|path| size(&path)).sum(),
            Self::Files(paths) => paths.iter().flat_map(|path| with_logs(path)).map(|path| size(&path)).sum(),
            Self::Server(..) => {
                let sql = "SELECT pg_database_size(current_database())";
                let bytes = store.number(false, sql).await + store.number(true, sql).await;
                u64::try_from(bytes).unwrap_or(0)
            }
        }
    }

    /// Removes what was made.
    ///
    /// # Errors
    /// It cannot be removed; its names are in the message.
    pub(crate) async fn remove(self) -> Result<(), Failure> {
        match self {
            Self::OwnFolder(_) => Ok(()),
            Self::Files(paths) => {
                for path in paths.iter().flat_map(|path| with_logs(path)).filter(|path| path.exists()) {
                    std::fs::remove_file(&path)
                        .map_err(|error| Failure::of_file("cannot be removed:", &path, &error))?;
                }
                Ok(())
            }
            Self::Server(server, names) => {
                run_on(&server, &names.each_ref().map(|name| format!("DROP DATABASE IF EXISTS {name}"))).await
            }
        }
    }
}

/// Runs statements in the server's own database, which is left as it is.
async fn run_on(server: &str, statements: &[String]) -> Result<(), Failure> {
    let url = DatabaseUrl::Postgres(server.to_owned());
    let store = Databases::open(&url, &url, OpenOptions::default()).await?;
    for statement in statements {
        store.run_raw(false, statement).await;
    }
    Ok(store.close().await?)
}

/// The server's address with another database's name; what follows a `?` stays.
fn with_name(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').map_or((server, None), |(address, rest)| (address, Some(rest)));
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(authority..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| authority + at);
    let base = address.get(..end).unwrap_or(address);
    match options {
        Some(options) => format!("{base}/{name}?{options}"),
        None => format!("{base}/{name}"),
    }
}

fn files_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path())
}

fn with_logs(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}

fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |found| found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_a_database_is_replaced() {
        assert_eq!(with_name("postgres://u:p@h:5432/main", "x"), "postgres://u:p@h:5432/x");
        assert_eq!(with_name("postgres://h", "x"), "postgres://h/x");
        assert_eq!(with_name("postgresql:///a?host=/run/pg", "x"), "postgresql:///x?host=/run/pg");
    }

    #[tokio::test]
    async fn files_that_exist_are_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("load.db");
        let url = format!("sqlite:{}", data.display());
        let stores = Stores::prepare(Some(&url), folder.path()).await.unwrap();
        let keys = folder.path().join("load.keys.db");
        assert_eq!(stores.urls(), Some([url.clone(), format!("sqlite:{}", keys.display())]));
        std::fs::write(&keys, "mine").unwrap();
        assert_eq!(Stores::prepare(Some(&url), folder.path()).await.unwrap_err().exit, Exit::Usage);
        assert_eq!(Stores::prepare(Some("mysql:x"), folder.path()).await.unwrap_err().exit, Exit::Usage);
        stores.remove().await.unwrap();
        assert!(!keys.exists());
    }
}
