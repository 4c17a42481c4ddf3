//! The configuration: one TOML file, parsed once into checked types. Unknown keys are refused, and every refusal
//! points at its place. Accounts are not here: they live in the database.

mod business;
mod databases;
mod http;
mod key;
mod labels;
mod log;
mod poll;
mod problem;
mod retention;
mod roles;

use std::path::{Path, PathBuf};

use ordersync_core::invoicing::Business;
use ordersync_core::retention::CopiesFolder;
use ordersync_store::DatabaseUrl;
use serde::Deserialize;
use toml::Spanned;

pub use http::{Http, TlsFiles};
pub use key::KeySource;
pub use labels::Labels;
pub use log::{Log, LogFormat};
pub use poll::Poll;
pub use problem::{ConfigError, Problem};
pub use retention::Retention;
pub use roles::Roles;

/// Where the configuration is unless `--config` says otherwise.
pub const DEFAULT_PATH: &str = "/etc/ordersync/ordersync.toml";
/// Where the control socket is unless the configuration says otherwise.
pub const DEFAULT_SOCKET: &str = "/run/ordersync/control.sock";
/// The commented sample that `init` writes, with places for what it asks.
pub const SAMPLE: &str = include_str!("sample.toml");

/// Where the program stands: what is allowed in development is refused in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Real orders.
    #[default]
    Production,
    /// A developer's machine: the root secret may come from the environment.
    Development,
}

/// The checked configuration. All paths are absolute or relative to the process, never to the file any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// Production or development.
    pub mode: Mode,
    /// Where the daemon keeps its files: the databases by default, copies made before an upgrade.
    pub state_dir: PathBuf,
    /// The `data` database.
    pub data: DatabaseUrl,
    /// The `keys` database.
    pub keys: DatabaseUrl,
    /// Where the root secret comes from.
    pub key: KeySource,
    /// The Unix socket of the JSON API.
    pub control_socket: PathBuf,
    /// The Unix group that may use the socket.
    pub control_group: String,
    /// Who may do what, by Unix user and group.
    pub roles: Roles,
    /// How often accounts are read.
    pub poll: Poll,
    /// Where log lines go.
    pub log: Log,
    /// How long personal data is kept where the marketplace leaves a choice.
    pub retention: Retention,
    /// Who sends, and what labels are made with.
    pub labels: Labels,
    /// The HTTP interface; `None`: off.
    pub http: Option<Http>,
    /// The seller as a business; `None`: nothing is invoiced yet.
    pub business: Option<Business>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mode: Mode,
    state_dir: Option<Spanned<String>>,
    data: Option<Spanned<String>>,
    keys: Option<Spanned<String>>,
    control_socket: Option<Spanned<String>>,
    control_group: Option<Spanned<String>>,
    key: Option<Spanned<key::Section>>,
    #[serde(default)]
    roles: roles::Section,
    #[serde(default)]
    poll: poll::Section,
    #[serde(default)]
    log: log::Section,
    #[serde(default)]
    retention: retention::Section,
    sender: Option<labels::Sender>,
    #[serde(default)]
    labels: labels::Section,
    business: Option<business::BusinessSection>,
    http: Option<http::Section>,
    #[serde(default)]
    vat: business::VatSection,
}

impl Config {
    /// Reads and checks the file. Touches nothing else: neither databases nor the root secret.
    ///
    /// # Errors
    /// [`ConfigError`] with file, line, column and key. Never repeat.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::unreadable(file, &error))?;
        Self::parse(file, &text)
    }

    /// Where the control socket is by a file that may be refused otherwise: a daemon that has read an earlier state of it
    /// still listens there. `None` when the file does not say so in a readable way.
    pub fn control_socket_of(file: &Path) -> Option<PathBuf> {
        let text = std::fs::read_to_string(file).ok()?;
        // Only the line counts: the rest of the file may not even be TOML.
        let line = text.lines().take_while(|line| !line.starts_with('[')).find(|line| {
            line.trim_start().strip_prefix("control_socket").is_some_and(|rest| rest.trim_start().starts_with('='))
        });
        let Some(line) = line else { return Some(PathBuf::from(DEFAULT_SOCKET)) };
        let table: toml::Table = line.parse().ok()?;
        let given = table.get("control_socket")?.as_str()?;
        Some(file.parent().unwrap_or(Path::new(".")).join(given))
    }

    /// Checks `text` as if it stood in `file`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let parsed: File = toml::from_str(text).map_err(|error| ConfigError::from_toml(file, text, &error))?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::checked(file, folder, parsed).map_err(|problem| ConfigError::of_problem(file, text, problem))
    }

    fn checked(file: &Path, folder: &Path, parsed: File) -> Result<Self, Problem> {
        let state_dir = path_or(parsed.state_dir, folder, "/var/lib/ordersync")?;
        let data = databases::url(parsed.data, folder, &state_dir, "data.db")?;
        let keys = databases::url(parsed.keys, folder, &state_dir, "keys.db")?;
        databases::apart(&data, &keys)?;
        let labels = parsed.labels.checked(parsed.sender, folder)?;
        let business = business::checked(parsed.business, parsed.vat, labels.sender.as_ref())?;
        let key = key::checked(parsed.key, folder, parsed.mode)?;
        Ok(Self {
            file: file.to_path_buf(),
            mode: parsed.mode,
            control_socket: path_or(parsed.control_socket, folder, DEFAULT_SOCKET)?,
            control_group: group_or_default(parsed.control_group)?,
            roles: parsed.roles.checked()?,
            poll: parsed.poll.checked()?,
            log: parsed.log.checked()?,
            retention: parsed.retention.checked()?,
            labels,
            business,
            http: parsed.http.map(|section| section.checked(folder)).transpose()?,
            state_dir,
            data,
            keys,
            key,
        })
    }

    /// The folders that hold data, keys, or copies of them: a root secret must not lie there, since who copies them
    /// for a backup would copy the secret with them.
    pub fn data_folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.state_dir.clone()];
        for url in [&self.data, &self.keys] {
            if let DatabaseUrl::Sqlite(path) = url
                && let Some(folder) = path.parent()
            {
                folders.push(folder.to_path_buf());
            }
        }
        folders.dedup();
        folders
    }

    /// The file in which it is kept that the recovery file was tested.
    pub fn escrow_record(&self) -> PathBuf {
        self.state_dir.join("escrow-tested.json")
    }

    /// The folder beside the control socket for files with labels, gone after 24 hours.
    pub fn spool(&self) -> PathBuf {
        self.control_socket.with_file_name("spool")
    }

    /// The private folder for exports while they are written; what is in it has no name.
    pub fn exports(&self) -> PathBuf {
        self.state_dir.clone()
    }

    /// The folder of the copies made before an upgrade.
    pub fn copies(&self) -> CopiesFolder {
        CopiesFolder::new(self.state_dir.join("copies"))
    }
}

fn path_or(given: Option<Spanned<String>>, folder: &Path, usual: &str) -> Result<PathBuf, Problem> {
    let Some(given) = given else { return Ok(PathBuf::from(usual)) };
    if given.get_ref().is_empty() {
        return Err(Problem::at(given.span(), "the path is empty: leave the key out for the usual place"));
    }
    Ok(folder.join(given.into_inner()))
}

fn group_or_default(given: Option<Spanned<String>>) -> Result<String, Problem> {
    let Some(given) = given else { return Ok("ordersync".to_owned()) };
    roles::check_name(&given)?;
    Ok(given.into_inner())
}
