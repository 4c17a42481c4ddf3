//! Where a run puts everything.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use ordersync_daemon::failure::{Exit, Failure};

use crate::{failed, say};

/// Says that a demo made the folder, so that the next one may replace it.
const MARKER: &str = ".ordersync-demo";
/// What a demo makes besides, and may remove again.
const MADE: [&str; 11] = [
    "data",
    "exports",
    "invoices",
    "labels",
    "ordersync.log",
    "people.jsonl",
    "summary.json",
    "ordersync.toml",
    "root-secret",
    "control.sock",
    "spool",
];
/// A Unix socket's path has room for 107 bytes (unix(7)).
const LONGEST_SOCKET_PATH: usize = 107;

/// The folder of one run.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder given, or a fresh one; private to its user. What an earlier demo left there is removed.
    ///
    /// # Errors
    /// Usage: the folder holds something that no demo made, or a demo runs there. Else what the system says.
    pub(crate) fn prepare(given: Option<&Path>) -> Result<Self, Failure> {
        let Some(given) = given else {
            let fresh = tempfile::Builder::new().prefix("ordersync-demo-").tempdir();
            let fresh = fresh.map_err(|error| failed(format!("no temporary folder can be made: {error}")))?;
            return Self::marked(&fresh.keep());
        };
        let of_file = |what: &str, error: &io::Error| Failure::of_file(what, given, error);
        fs::create_dir_all(given).map_err(|error| of_file("the folder cannot be made:", &error))?;
        let empty =
            fs::read_dir(given).map_err(|error| of_file("the folder cannot be read:", &error))?.next().is_none();
        let folder = Self::at(given)?;
        if !empty && !folder.file(MARKER).is_file() {
            let message = format!("{} is not empty, and no demo made it", given.display());
            return Err(Failure::new(Exit::Usage, message).hint("name a new or empty folder; nothing was touched"));
        }
        if UnixStream::connect(folder.socket()).is_ok() {
            let message = format!("a demo still runs in {}", given.display());
            return Err(Failure::new(Exit::Usage, message).hint("end it with Ctrl-C first, or name another folder"));
        }
        if MADE.iter().any(|name| folder.file(name).exists()) {
            say(&format!("What an earlier demo left in {} is replaced.", given.display()));
        }
        for name in MADE {
            remove(&folder.file(name))?;
        }
        Self::marked(given)
    }

    fn at(path: &Path) -> Result<Self, Failure> {
        let path = path.canonicalize().map_err(|error| Failure::of_file("the folder cannot be used:", path, &error))?;
        Ok(Self { path })
    }

    fn marked(path: &Path) -> Result<Self, Failure> {
        let folder = Self::at(path)?;
        let marked = fs::set_permissions(&folder.path, Permissions::from_mode(0o700))
            .and_then(|()| File::create(folder.file(MARKER)));
        marked.map_err(|error| Failure::of_file("the folder cannot be written to:", path, &error))?;
        Ok(folder)
    }

    /// The folder itself, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The daemon's socket: in the folder, or among the temporary files when the folder's path is too long for one.
    pub(crate) fn socket(&self) -> PathBuf {
        let socket = self.file("control.sock");
        if socket.as_os_str().len() <= LONGEST_SOCKET_PATH {
            return socket;
        }
        std::env::temp_dir().join(format!("ordersync-demo-{}.sock", std::process::id()))
    }
}

fn remove(path: &Path) -> Result<(), Failure> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(|error| Failure::of_file("what an earlier demo left cannot be removed:", path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_made_is_replaced() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("deep/new");
        let folder = Folder::prepare(Some(&path)).unwrap();
        fs::create_dir(folder.file("data")).unwrap();
        fs::write(folder.file("data/old"), "old").unwrap();
        fs::write(folder.file("mine.txt"), "kept").unwrap();
        Folder::prepare(Some(&path)).unwrap();
        assert!(!path.join("data").exists() && path.join("mine.txt").exists());

        let error = Folder::prepare(Some(outer.path())).unwrap_err();
        assert_eq!(error.exit, Exit::Usage);
        assert!(error.to_string().contains("no demo made it"), "{error}");
        assert!(path.join("mine.txt").exists());
    }

    #[test]
    fn a_folder_with_a_long_path_has_its_socket_elsewhere() {
        let outer = tempfile::tempdir().unwrap();
        let long = Folder::prepare(Some(&outer.path().join("x".repeat(120)))).unwrap();
        assert!(long.socket().as_os_str().len() <= LONGEST_SOCKET_PATH, "{}", long.socket().display());
        assert!(!long.socket().starts_with(long.path()));
        let short = Folder::prepare(None).unwrap();
        assert!(short.socket().starts_with(short.path()));
        fs::remove_dir_all(short.path()).unwrap();
    }
}
