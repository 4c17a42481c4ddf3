//! What `ordersync init` makes, for a run in one folder: configuration, root secret, databases.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ordersync_core::{Databases, KeyRing, OpenOptions, RootSecret};
use ordersync_daemon::config::Config;
use ordersync_daemon::failure::Failure;
use ordersync_types::Timestamp;

use crate::failed;

/// Between two polls, in seconds. With the daemon's own shake of up to a tenth, and rounded up to a full hour by the
/// run's clock, this is always six hours: orders are seen in most of their states, and each run polls alike.
const POLL_SECONDS: u64 = 19_200;

/// What the configuration says beyond the usual.
#[derive(Debug)]
pub(crate) struct Wishes {
    /// The control socket.
    pub(crate) socket: PathBuf,
    /// The databases, data first; without them, files in `data/`.
    pub(crate) stores: Option<[String; 2]>,
    /// Seconds between polls; without them, as in production.
    pub(crate) poll_seconds: Option<u64>,
    /// The log's format and level.
    pub(crate) log: (&'static str, &'static str),
}

impl Wishes {
    /// For a simulated run.
    pub(crate) fn of_demo(socket: &Path) -> Self {
        Self { socket: socket.to_path_buf(), stores: None, poll_seconds: Some(POLL_SECONDS), log: ("pretty", "info") }
    }

    fn config_text(&self) -> String {
        // JSON's way to write a string is one of TOML's.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut text = String::from(
            "# Made by the ordersync demo. Every command works with it: `ordersync --config FILE orders list`.\n\
             mode = \"development\"\nstate_dir = \"data\"\n",
        );
        text += &format!("control_socket = {}\n", quoted(&self.socket.display().to_string()));
        if let Some([data, keys]) = &self.stores {
            text += &format!("data = {}\nkeys = {}\n", quoted(data), quoted(keys));
        }
        text += "\n[sender]\nname = \"Example Goods\"\nlines = [\"1 Invented Street\", \"Wexcombe\"]\npostcode = \"ZZ99 9ZZ\"\n\
                 country = \"GB\"\n";
        text += "\n[business]\nvat_number = \"GB999999973\"\n\n[vat]\ngoods_not_listed = \"standard\"\n";
        text += "\n[key]\nsource = \"file:root-secret\"\n";
        if let Some(seconds) = self.poll_seconds {
            text += &format!("\n[poll]\namazon_seconds = {seconds}\nebay_seconds = {seconds}\n");
        }
        let (format, level) = self.log;
        text + &format!("\n[log]\nformat = \"{format}\"\nlevel = \"{level}\"\n")
    }
}

/// Makes everything in the folder that a daemon needs to start, as of `now`.
///
/// # Errors
/// A [`Failure`]; what was made stays in the folder.
pub(crate) async fn install(folder: &Path, wishes: &Wishes, now: Timestamp) -> Result<Config, Failure> {
    let data = folder.join("data");
    let made = DirBuilder::new().mode(0o700).create(&data);
    made.map_err(|error| Failure::of_file("the data folder cannot be made:", &data, &error))?;
    let root = new_root_secret(&folder.join("root-secret"))?;
    let file = folder.join("ordersync.toml");
    fs::write(&file, wishes.config_text())
        .map_err(|error| Failure::of_file("the configuration cannot be written:", &file, &error))?;
    let config = Config::load(&file)?;
    let options = OpenOptions { create: true, migrate: true };
    let store = Databases::open(&config.data, &config.keys, options).await?;
    KeyRing::introduce(&store, &root, now).await?;
    store.close().await?;
    Ok(config)
}

/// A new root secret, in a file that nobody else can read.
fn new_root_secret(path: &Path) -> Result<RootSecret, Failure> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| failed(format!("the system gives no random bytes: {error}")))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let written = write_private(path, &text);
    written.map_err(|error| Failure::of_file("the root secret cannot be written:", path, &error))?;
    RootSecret::parse(&text).map_err(|error| failed(error.to_string()))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_quotes_and_spaces_can_stand_in_the_configuration() {
        let socket = Path::new("/tmp/a \"b\" \\ ü/control.sock");
        let wishes =
            Wishes { stores: Some(["sqlite:/a/d.db".into(), "sqlite:/a/k.db".into()]), ..Wishes::of_demo(socket) };
        let config = Config::parse(Path::new("/tmp/x/ordersync.toml"), &wishes.config_text()).unwrap();
        assert_eq!(config.control_socket, socket);
        assert_eq!(config.data, ordersync_core::DatabaseUrl::Sqlite("/a/d.db".into()));
        assert_eq!(config.state_dir, Path::new("/tmp/x/data"));
    }

    #[test]
    fn polls_are_six_hours_apart_whatever_the_shake() {
        let seconds = i64::try_from(POLL_SECONDS).unwrap();
        assert!(seconds > 5 * 3600 && seconds + seconds / 10 <= 6 * 3600);
    }
}
