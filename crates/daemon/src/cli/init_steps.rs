//! The steps of `init`. Each keeps what is there and says so; none overwrites anything.

use std::path::Path;

use ordersync_core::KeyRing;
use ordersync_store::{DatabaseUrl, Databases, OpenOptions, SchemaState};
use ordersync_types::{Secret, Timestamp};
use ordersync_vault::{KekId, RootSecret};

use super::keys::write_recovery;
use crate::config::{Config, KeySource, SAMPLE};
use crate::escrow;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::key_source;
use crate::runtime::check_state_dir;

/// What was made and what was there already.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) made: Vec<String>,
    pub(super) kept: Vec<String>,
}

impl Done {
    pub(super) fn made(&mut self, what: &str, path: &Path) {
        self.made.push(format!("{what} {}", path.display()));
    }

    pub(super) fn kept(&mut self, what: &str, path: &Path) {
        self.kept.push(format!("{what} {}", path.display()));
    }

    pub(super) fn text(&self) -> String {
        let made = self.made.iter().map(|line| format!("made  {line}\n"));
        made.chain(self.kept.iter().map(|line| format!("kept  {line}\n"))).collect()
    }
}

/// The state folder, mode 0700.
pub(super) fn state_dir(config: &Config, done: &mut Done) -> Result<(), Failure> {
    let folder = &config.state_dir;
    if folder.is_dir() {
        done.kept("state folder", folder);
    } else {
        files::create_private_folder(folder)
            .map_err(|error| Failure::of_file("the state folder cannot be made:", folder, &error))?;
        done.made("state folder", folder);
    }
    check_state_dir(folder)
}

/// The root secrets that the key store knows; none when there is no key store yet.
pub(super) async fn known_roots(config: &Config) -> Result<Vec<KekId>, Failure> {
    let (data, keys) = Databases::schema_state(&config.data, &config.keys).await?;
    if data == SchemaState::Empty || keys == SchemaState::Empty {
        return Ok(Vec::new());
    }
    let store = Databases::open(&config.data, &config.keys, OpenOptions::default()).await?;
    let known = store.keks().await;
    store.close().await?;
    Ok(known?.into_iter().map(|kek| kek.kek_id).collect())
}

/// The root secret: the one that is there, else a new one. Where databases know one, no other is ever made.
pub(super) fn root_secret(
    config: &Config,
    file: Option<&Path>,
    known: &[KekId],
    done: &mut Done,
) -> Result<RootSecret, Failure> {
    let Some(path) = file else { return Ok(key_source::read(config)?) };
    if path.symlink_metadata().is_ok() {
        let file = Config { key: KeySource::File(path.to_path_buf()), ..config.clone() };
        let root = key_source::read(&file)?;
        done.kept("root secret", path);
        return Ok(root);
    }
    if matches!(config.key, KeySource::Credential(_))
        && let Ok(root) = key_source::read(config)
    {
        return Ok(root);
    }
    if !known.is_empty() {
        let ids: Vec<String> = known.iter().map(ToString::to_string).collect();
        let message = format!(
            "the databases in {} belong to root secret {}, and {} is not there",
            config.state_dir.display(),
            ids.join(" or "),
            path.display()
        );
        return Err(Failure::new(Exit::Configuration, message).hint(format!(
            "write it from the recovery file: `age --decrypt RECOVERY-FILE | tail -n 1 > {0} && chmod 600 {0}`; no new \
             secret is made, since it could open nothing",
            path.display()
        )));
    }
    let failed = |error: std::io::Error| Failure::of_file("the root secret cannot be written to", path, &error);
    if let Some(folder) = path.parent() {
        files::create_open_folder(folder).map_err(failed)?;
    }
    let root = RootSecret::generate().map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    files::create_private(path, root.to_hex().expose().as_bytes()).map_err(failed)?;
    done.made("root secret", path);
    Ok(root)
}

/// The recovery file.
pub(super) fn recovery_file(
    path: &Path,
    root: &RootSecret,
    passphrase: &Secret<String>,
    done: &mut Done,
) -> Result<(), Failure> {
    let bytes = escrow::export(root, passphrase).map_err(|sentence| Failure::new(Exit::Failed, sentence))?;
    write_recovery(path, &bytes)?;
    done.made("recovery file", path);
    Ok(())
}

/// Both databases, and the root secret introduced to them. A schema that is only behind is left to `serve`, which
/// copies the databases first.
pub(super) async fn databases(
    config: &Config,
    root: &RootSecret,
    now: Timestamp,
    done: &mut Done,
) -> Result<(), Failure> {
    let (data, keys) = Databases::schema_state(&config.data, &config.keys).await?;
    let empty = data == SchemaState::Empty || keys == SchemaState::Empty;
    for (url, state) in [(&config.data, &data), (&config.keys, &keys)] {
        if let DatabaseUrl::Sqlite(path) = url {
            if let Some(folder) = path.parent() {
                let failed = |error: std::io::Error| Failure::of_file("the folder cannot be made:", folder, &error);
                files::create_private_folder(folder).map_err(failed)?;
            }
            if *state == SchemaState::Empty { done.made("database", path) } else { done.kept("database", path) }
        }
    }
    let options = OpenOptions { create: true, migrate: empty };
    let store = Databases::open(&config.data, &config.keys, options).await?;
    let introduced = KeyRing::introduce(&store, root, now).await;
    store.close().await?;
    introduced?;
    Ok(())
}

/// The configuration file. It may be read by everybody, unless a database's URL may hold a password.
pub(super) fn configuration(path: &Path, text: &str, config: &Config, done: &mut Done) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let failed = |error: std::io::Error| Failure::of_file("the configuration cannot be written to", path, &error);
    if let Some(folder) = path.parent() {
        files::create_open_folder(folder).map_err(failed)?;
    }
    files::create_private(path, text.as_bytes()).map_err(failed)?;
    let password = [&config.data, &config.keys].iter().any(|url| matches!(url, DatabaseUrl::Postgres(_)));
    if !password {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).map_err(failed)?;
    }
    done.made("configuration", path);
    Ok(())
}

/// The sample with some keys set: the key's line, commented out or not, is replaced.
pub(super) fn filled_sample(answers: &[(&str, Option<String>)]) -> String {
    let mut text = String::with_capacity(SAMPLE.len() + 256);
    // Keys of later sections may be called alike.
    let mut filled: Vec<&str> = Vec::new();
    for line in SAMPLE.lines() {
        let bare = line.strip_prefix('#').unwrap_or(line);
        let answer = answers.iter().find_map(|(key, value)| {
            let rest = bare.strip_prefix(key)?.trim_start();
            if rest.starts_with('=') && !filled.contains(key) {
                value.as_ref().map(|value| (*key, value))
            } else {
                None
            }
        });
        match answer {
            // A JSON string is a TOML basic string.
            Some((key, value)) => {
                text.push_str(&format!("{key} = {}", serde_json::Value::from(value.as_str())));
                filled.push(key);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_right_configuration_and_takes_the_answers() {
        let file = Path::new("/etc/ordersync/ordersync.toml");
        Config::parse(file, SAMPLE).unwrap();
        let awkward = "/srv/a \"quoted\" folder\\x";
        let text = filled_sample(&[
            ("state_dir", Some(awkward.to_owned())),
            ("data", Some("sqlite:/srv/d.db".to_owned())),
            ("source", Some("credential:root".to_owned())),
            ("format", Some("json".to_owned())),
            ("control_group", None),
        ]);
        let config = Config::parse(file, &text).unwrap();
        assert_eq!(config.state_dir, Path::new(awkward));
        assert_eq!(config.data, DatabaseUrl::Sqlite("/srv/d.db".into()));
        assert_eq!(config.key, KeySource::Credential("root".to_owned()));
        assert_eq!(config.control_group, "ordersync");
        assert_eq!(text.lines().count(), SAMPLE.lines().count());
    }
}
