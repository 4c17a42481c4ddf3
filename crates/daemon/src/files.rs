//! Writing files that hold something worth hiding, and never over an existing one by mistake.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Writes a new file of mode 0600, durably.
///
/// # Errors
/// `AlreadyExists` when something is there already, a dangling link included.
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a file would be taken for a whole one by the next try.
        fs::remove_file(path)?;
        return Err(error);
    }
    sync_folder(path)
}

/// Writes a file of mode 0600 in place of what is there, at once or not at all.
///
/// # Errors
/// What the system says; the old file is then untouched.
pub(crate) fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    create_private(&draft, bytes)?;
    fs::rename(&draft, path)?;
    sync_folder(path)
}

/// Makes a folder of mode 0700 with its parents, if it is not there.
///
/// # Errors
/// What the system says.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a folder that everybody may look into, if it is not there: what is private in it has modes of its own.
///
/// # Errors
/// What the system says.
pub(crate) fn create_open_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// A new or renamed entry is durable once its folder is.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
