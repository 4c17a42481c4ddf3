//! Reading the root secret. Each refusal is its own error, and nothing is ever made here.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ordersync_vault::{RootSecret, VaultError};
use rustix::fs::OFlags;
use zeroize::Zeroizing;

use crate::config::{Config, KeySource};
use crate::environment;

/// The root secret cannot be had from its source. Says what to do; never holds a part of it. Exit code 78.
#[derive(Debug, thiserror::Error)]
pub enum KeySourceError {
    /// The process was not given credentials.
    #[error(
        "the root secret is the systemd credential {name}, but this process was given no credentials: start it by \
         `systemctl start ordersync`, with LoadCredentialEncrypted={name}:... in the unit"
    )]
    NoCredentials {
        /// The credential's name.
        name: String,
    },
    /// The process was given credentials, but not this one.
    #[error(
        "systemd gave no credential {name}: look whether /etc/credstore.encrypted/{name} is there (OPERATING.md, \
         \"Install\") and the unit has LoadCredentialEncrypted={name}"
    )]
    NoSuchCredential {
        /// The credential's name.
        name: String,
    },
    /// The file is not there.
    #[error("the key file {} does not exist: look whether [key] source is right; if it is lost, write it anew from \
             the recovery file (`age --decrypt FILE`)", .0.display())]
    NoFile(PathBuf),
    /// The file is a link.
    #[error("the key file {} is a link: name the file itself, so that nobody can point it elsewhere", .0.display())]
    Link(PathBuf),
    /// The path names something else than a file.
    #[error("the key file {} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Others may use the file.
    #[error("the key file {} has mode {mode:04o}: others may read it; run `chmod 600 {}`", path.display(), path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its mode, the lowest 12 bits.
        mode: u32,
    },
    /// The file belongs to somebody else.
    #[error("the key file {} belongs to user {owner}: it must belong to the service's user ({own}) or to root", path.display())]
    Owner {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        own: u32,
    },
    /// The file lies where data lies.
    #[error(
        "the key file {} lies in the data folder {}: who copies that folder for a backup copies the secret with it; \
         move the file out, for example to /etc/ordersync, and change [key] source",
        path.display(), folder.display()
    )]
    InDataFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The file or credential cannot be read.
    #[error("{source_name} cannot be read: {error}; run this as root or as the service's user")]
    Unreadable {
        /// `the key file PATH` or `the credential NAME`.
        source_name: String,
        /// What the system says.
        error: io::Error,
    },
    /// The variable is not set.
    #[error("the variable {0} of the environment is not set: it must hold the root secret")]
    NoVariable(String),
    /// It could be read and is no root secret.
    #[error("{source_name} holds no root secret: {error}")]
    NotASecret {
        /// Which source.
        source_name: String,
        /// What is wrong with it.
        error: VaultError,
    },
}

/// A root secret has 64 characters; more than this is something else.
const MOST_BYTES: u64 = 4096;

/// Reads the root secret from the configured source.
///
/// # Errors
/// [`KeySourceError`]: a person must act.
pub fn read(config: &Config) -> Result<RootSecret, KeySourceError> {
    match &config.key {
        KeySource::Credential(name) => {
            let folder = environment::credentials_directory();
            let folder = folder.ok_or_else(|| KeySourceError::NoCredentials { name: name.clone() })?;
            let source_name = format!("the credential {name}");
            match File::open(folder.join(name)) {
                Ok(file) => parse(source_name, file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Err(KeySourceError::NoSuchCredential { name: name.clone() })
                }
                Err(error) => Err(KeySourceError::Unreadable { source_name, error }),
            }
        }
        KeySource::File(path) => read_file(path, &config.data_folders()),
        KeySource::Environment(name) => {
            let value = environment::variable(name).ok_or_else(|| KeySourceError::NoVariable(name.clone()))?;
            let value = Zeroizing::new(value);
            let source_name = format!("the variable {name}");
            RootSecret::parse(&value).map_err(|error| KeySourceError::NotASecret { source_name, error })
        }
    }
}

/// Refuses a key file below one of `folders`. The file need not be there yet.
///
/// # Errors
/// [`KeySourceError::InDataFolder`].
pub fn check_place(path: &Path, folders: &[PathBuf]) -> Result<(), KeySourceError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().unwrap_or_else(|_| parent.to_path_buf());
    for folder in folders {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if parent.starts_with(&real) {
            return Err(KeySourceError::InDataFolder { path: path.to_path_buf(), folder: folder.clone() });
        }
    }
    Ok(())
}

fn read_file(path: &Path, data_folders: &[PathBuf]) -> Result<RootSecret, KeySourceError> {
    let source_name = format!("the key file {}", path.display());
    let failed = |error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            return KeySourceError::NoFile(path.to_path_buf());
        }
        KeySourceError::Unreadable { source_name: source_name.clone(), error }
    };
    let seen = path.symlink_metadata().map_err(failed)?;
    if seen.is_symlink() {
        return Err(KeySourceError::Link(path.to_path_buf()));
    }
    check_place(path, data_folders)?;
    // What was looked at may have been swapped since: the opened file counts, and a link is not followed.
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(failed)?;
    check_file(path, &file.metadata().map_err(failed)?)?;
    parse(source_name.clone(), file)
}

fn check_file(path: &Path, metadata: &Metadata) -> Result<(), KeySourceError> {
    let path = path.to_path_buf();
    if !metadata.is_file() {
        return Err(KeySourceError::NotAFile(path));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeySourceError::Mode { path, mode });
    }
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != own && owner != 0 {
        return Err(KeySourceError::Owner { path, owner, own });
    }
    Ok(())
}

fn parse(source_name: String, file: File) -> Result<RootSecret, KeySourceError> {
    // The buffer never grows, so the secret is not left behind in an outgrown one.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(MOST_BYTES).unwrap_or_default()));
    if let Err(error) = file.take(MOST_BYTES).read_to_string(&mut text) {
        return Err(KeySourceError::Unreadable { source_name, error });
    }
    RootSecret::parse(&text).map_err(|error| KeySourceError::NotASecret { source_name, error })
}
