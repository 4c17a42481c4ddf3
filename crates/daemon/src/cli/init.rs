//! `ordersync init`: everything a new installation needs. Each step keeps what is there, so that it can be run again.

use std::path::{Path, PathBuf};

use clap::Args;
use ordersync_types::{Clock, Secret, SystemClock};
use serde_json::json;

use super::init_steps::{self as steps, Done};
use super::print::Printer;
use super::prompt;
use crate::config::{Config, KeySource};
use crate::escrow;
use crate::failure::{Exit, Failure};
use crate::key_source;

/// What a new installation is made of. Whatever is not given is asked for, unless --unattended.
#[derive(Debug, Args)]
#[command(after_help = "\
Run it as the service's user or as root. For unattended use:
  ordersync init --unattended --passphrase-file /root/passphrase --recovery-file /root/ordersync-recovery.age

With --credential NAME the root secret is meant to become a systemd credential: it is written to --key-file once,
and the command that encrypts it for this machine is printed.")]
pub(super) struct Arguments {
    /// Ask nothing: take the usual answers for what is not given. Needs --passphrase-file.
    #[arg(long)]
    unattended: bool,
    /// Where the daemon keeps its files [usual: /var/lib/ordersync].
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    /// The file of the root secret [usual: root-secret beside the configuration].
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Have the daemon read the root secret from a systemd credential of this name.
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
    /// The recovery file, which must not be there yet [usual: recovery-file.age beside the configuration].
    #[arg(long, value_name = "FILE")]
    recovery_file: Option<PathBuf>,
    /// Read the recovery file's passphrase from the first line of this file, or of standard input for `-`.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The data database, sqlite:PATH or postgres://... [usual: data.db in the state folder].
    #[arg(long, value_name = "URL")]
    data: Option<String>,
    /// The keys database; on PostgreSQL of another cluster than data [usual: keys.db in the state folder].
    #[arg(long, value_name = "URL")]
    keys: Option<String>,
    /// The control socket [usual: /run/ordersync/control.sock].
    #[arg(long, value_name = "FILE")]
    control_socket: Option<PathBuf>,
    /// The Unix group that may use the control socket [usual: ordersync].
    #[arg(long, value_name = "GROUP")]
    control_group: Option<String>,
    /// VAT on goods that you do not list: standard, or ask [usual: ask].
    #[arg(long, value_name = "WHAT")]
    goods_not_listed: Option<String>,
    /// Where log lines go: journald, json or pretty [usual: journald].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

const UNATTENDED: &str = "say --unattended, and give --passphrase-file FILE";

pub(super) async fn run(file: &Path, arguments: Arguments, printer: &Printer) -> Result<Exit, Failure> {
    let file = std::path::absolute(file).map_err(|error| Failure::of_file("cannot use", file, &error))?;
    let mut done = Done::default();
    let written = file.symlink_metadata().is_ok();
    let text = if written { None } else { Some(asked(&file, &arguments)?) };
    let config = match &text {
        Some(text) => Config::parse(&file, text)?,
        None => {
            done.kept("configuration", &file);
            Config::load(&file)?
        }
    };
    let folder = file.parent().unwrap_or(Path::new("/"));
    let secret_file = match (&config.key, &arguments.key_file) {
        (KeySource::File(path), _) => Some(path.clone()),
        (KeySource::Credential(_), given) => Some(given.clone().unwrap_or_else(|| folder.join("root-secret"))),
        (KeySource::Environment(_), _) => None,
    };
    // Everything that can be refused is looked at before anything is made.
    if let Some(secret) = &secret_file {
        key_source::check_place(secret, &config.data_folders())?;
    }
    let known = steps::known_roots(&config).await?;
    let recovery = arguments.recovery_file.clone().unwrap_or_else(|| folder.join("recovery-file.age"));
    // The databases are introduced to the secret last: where they know it, its recovery file was made before.
    let wanted = known.is_empty() || (arguments.recovery_file.is_some() && arguments.passphrase_file.is_some());
    let there = recovery.symlink_metadata().is_ok();
    let passphrase = if wanted && !there { Some(new_passphrase(&arguments)?) } else { None };

    steps::state_dir(&config, &mut done)?;
    let root = steps::root_secret(&config, secret_file.as_deref(), &known, &mut done)?;
    if there {
        done.kept("recovery file", &recovery);
    }
    if let Some(passphrase) = passphrase {
        steps::recovery_file(&recovery, &root, &passphrase, &mut done)?;
    }
    steps::databases(&config, &root, SystemClock.now(), &mut done).await?;
    if let Some(text) = text {
        steps::configuration(&file, &text, &config, &mut done)?;
    }
    let next = next_steps(&file, &config, secret_file.as_deref(), &recovery);
    let value = json!({
        "config": file.display().to_string(),
        "state_dir": config.state_dir.display().to_string(),
        "root_id": root.id().to_string(),
        "recovery_file": recovery.display().to_string(),
        "made": done.made,
        "kept": done.kept,
        "next": next,
    });
    let people = format!("{}\nRoot secret {}\n\nNext:\n  {}\n", done.text(), root.id(), next.join("\n  "));
    printer.value(&value, &people)?;
    Ok(Exit::Done)
}

/// The passphrase of a recovery file that is to be made.
fn new_passphrase(arguments: &Arguments) -> Result<Secret<String>, Failure> {
    if arguments.unattended && arguments.passphrase_file.is_none() {
        return Err(Failure::new(Exit::Usage, "--unattended needs --passphrase-file FILE for the recovery file"));
    }
    let passphrase = prompt::passphrase(arguments.passphrase_file.as_deref(), true)?;
    escrow::check_passphrase(&passphrase).map_err(|sentence| Failure::new(Exit::Failed, sentence))?;
    Ok(passphrase)
}

/// The configuration's text: the commented sample with the answers in their places.
fn asked(file: &Path, arguments: &Arguments) -> Result<String, Failure> {
    let folder = file.parent().unwrap_or(Path::new("/"));
    let ask = |question: &str, usual: String| {
        if arguments.unattended { Ok(usual) } else { prompt::line(question, &usual, UNATTENDED) }
    };
    let path = |path: &Path| -> Result<String, Failure> {
        let path = std::path::absolute(path).map_err(|error| Failure::of_file("cannot use", path, &error))?;
        path.to_str()
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(Exit::Usage, format!("{} is not UTF-8: choose another path", path.display())))
    };
    let state_dir = match &arguments.state_dir {
        Some(given) => path(given)?,
        None => ask("Folder for databases", "/var/lib/ordersync".to_owned())?,
    };
    let key = match (&arguments.credential, &arguments.key_file) {
        (Some(name), _) => format!("credential:{name}"),
        (None, Some(given)) => format!("file:{}", path(given)?),
        (None, None) => format!("file:{}", ask("File for the root secret", path(&folder.join("root-secret"))?)?),
    };
    let goods_not_listed = match &arguments.goods_not_listed {
        Some(given) => given.clone(),
        None => ask("VAT on goods you do not list: standard, or ask per product", "ask".to_owned())?,
    };
    let control_socket = arguments.control_socket.as_deref().map(path).transpose()?;
    Ok(steps::filled_sample(&[
        ("state_dir", Some(state_dir)),
        ("source", Some(key)),
        ("data", arguments.data.clone()),
        ("keys", arguments.keys.clone()),
        ("control_socket", control_socket),
        ("control_group", arguments.control_group.clone()),
        ("format", arguments.log_format.clone()),
        ("goods_not_listed", Some(goods_not_listed)),
    ]))
}

fn next_steps(file: &Path, config: &Config, secret: Option<&Path>, recovery: &Path) -> Vec<String> {
    let mut next = Vec::new();
    if let (KeySource::Credential(name), Some(secret)) = (&config.key, secret) {
        let secret = secret.display();
        next.push(format!(
            "systemd-creds encrypt --name={name} {secret} /etc/credstore.encrypted/{name} && shred -u {secret}"
        ));
    }
    let recovery = recovery.display();
    let named = if file == Path::new(crate::config::DEFAULT_PATH) {
        String::new()
    } else {
        format!(" --config {}", file.display())
    };
    next.push(format!("move {recovery} to another place, away from this machine and its backups"));
    next.push("systemctl enable --now ordersync".to_owned());
    next.push(format!("ordersync{named} keys escrow test {recovery}"));
    next.push(format!("ordersync{named} account add amazon"));
    next
}
