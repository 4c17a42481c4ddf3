//! `ordersync check-config`.

use std::path::Path;

use serde_json::json;

use super::print::Printer;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::key_source;

/// Reads the configuration and the root secret, and touches nothing else.
pub(super) fn run(file: &Path, printer: &Printer) -> Result<Exit, Failure> {
    let config = Config::load(file)?;
    let root = key_source::read(&config)?;
    let people = format!(
        "{} is right.\n  state folder    {}\n  root secret     {} ({})\n  control socket  {} (group {})\n",
        file.display(),
        config.state_dir.display(),
        root.id(),
        config.key,
        config.control_socket.display(),
        config.control_group,
    );
    let value = json!({
        "ok": true,
        "file": file.display().to_string(),
        "state_dir": config.state_dir.display().to_string(),
        "root_id": root.id().to_string(),
        "key_source": config.key.to_string(),
        "control_socket": config.control_socket.display().to_string(),
    });
    printer.value(&value, &people)?;
    Ok(Exit::Done)
}
