//! The recovery file: making it, testing it, and remembering that it was tested.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;

use ordersync_types::{Secret, Timestamp};
use ordersync_vault::RootSecret;
use ordersync_vault::escrow::{self, EscrowError};
use serde::{Deserialize, Serialize};

use crate::files;

/// Shortest passphrase of a recovery file. Whoever holds the file may guess for years.
pub const SHORTEST_PASSPHRASE: usize = 12;

/// What is kept about the last test that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Tested {
    /// The id of the root secret that the file gave back.
    root_id: String,
    tested_at: Timestamp,
}

/// The record of the last successful test, a small file beside the databases: it is about this machine's root
/// secret, and holds its id only.
#[derive(Debug)]
pub struct EscrowRecord {
    file: PathBuf,
    root_id: String,
    tested_at: Mutex<Option<Timestamp>>,
}

impl EscrowRecord {
    /// Reads the record. One of another root secret, or one that cannot be read, counts as none.
    pub fn open(file: PathBuf, root: &RootSecret) -> Self {
        let root_id = root.id().to_string();
        let tested = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<Tested>(&bytes).ok());
        let tested_at = tested.filter(|tested| tested.root_id == root_id).map(|tested| tested.tested_at);
        Self { file, root_id, tested_at: Mutex::new(tested_at) }
    }

    /// When a recovery file of this root secret was last tested with success.
    pub fn tested_at(&self) -> Option<Timestamp> {
        *self.tested_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a success.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn record(&self, at: Timestamp) -> io::Result<()> {
        let tested = Tested { root_id: self.root_id.clone(), tested_at: at };
        files::replace_private(&self.file, serde_json::to_string(&tested)?.as_bytes())?;
        *self.tested_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
        Ok(())
    }

    /// The record's file.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// A recovery file of `root`. Takes about a second of work.
///
/// # Errors
/// A sentence for the person: the passphrase is too short, or the file could not be made.
pub fn export(root: &RootSecret, passphrase: &Secret<String>) -> Result<Vec<u8>, String> {
    check_passphrase(passphrase)?;
    escrow::seal_root(root, passphrase).map_err(|error| error.to_string())
}

/// Whether a passphrase is long enough for a recovery file.
///
/// # Errors
/// A sentence for the person.
pub fn check_passphrase(passphrase: &Secret<String>) -> Result<(), String> {
    if passphrase.expose().chars().count() >= SHORTEST_PASSPHRASE {
        return Ok(());
    }
    Err(format!(
        "the passphrase is too short: at least {SHORTEST_PASSPHRASE} characters, best six words drawn at random"
    ))
}

/// Opens a recovery file and compares it with `root`. Takes about a second of work.
///
/// # Errors
/// A sentence for the person.
pub fn test(root: &RootSecret, file: &[u8], passphrase: &Secret<String>) -> Result<(), String> {
    let opened = escrow::open_root(file, passphrase).map_err(|error: EscrowError| error.to_string())?;
    if opened.id() == root.id() {
        return Ok(());
    }
    Err(format!(
        "the file holds root secret {}, but {} is in use: it is of another installation or an older one",
        opened.id(),
        root.id()
    ))
}
