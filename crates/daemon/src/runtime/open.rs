//! From a configuration to an open [`Core`]: root secret, schemas, copies, databases, key ring.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ordersync_core::{Core, KeyRing};
use ordersync_store::{Databases, OpenOptions, SchemaState};
use ordersync_types::SharedClock;
use ordersync_vault::RootSecret;

use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::key_source;
use crate::runtime::copies;

/// This program's version, in rejected orders and in `version`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is open.
pub(crate) struct Open {
    pub(crate) core: Arc<Core>,
    pub(crate) root: RootSecret,
}

/// Opens everything. Makes nothing: that is `init`'s. An older schema is brought up to date, after a copy.
///
/// # Errors
/// A [`Failure`] with its exit code; nothing was written, unless it says so.
pub(crate) async fn open(config: &Config, clock: &SharedClock) -> Result<Open, Failure> {
    let root = key_source::read(config)?;
    check_state_dir(&config.state_dir)?;
    let (data, keys) = Databases::schema_state(&config.data, &config.keys).await?;
    if data == SchemaState::Empty || keys == SchemaState::Empty {
        return Err(Failure::new(Exit::Configuration, "the databases are not there or empty").hint(
            "run `ordersync init`, or look whether `state_dir`, `data` and `keys` in the configuration are right",
        ));
    }
    let behind = data != SchemaState::Current || keys != SchemaState::Current;
    if behind {
        copies::make(config, clock.now())?;
    }
    let options = OpenOptions { create: false, migrate: behind };
    let store = Databases::open(&config.data, &config.keys, options).await?;
    if behind {
        tracing::info!(version = VERSION, "the databases were brought up to this version's schema");
    }
    let ring = if behind {
        KeyRing::upgraded(&store, &root, clock.now()).await?
    } else {
        KeyRing::open(&store, &root).await?
    };
    let mut core = Core::new(store, clock.clone(), ring, VERSION);
    core.copies = Some(config.copies());
    Ok(Open { core: Arc::new(core), root })
}

/// Tries whether files can be made in the state folder: SQLite would only say that it cannot open its file.
pub(crate) fn check_state_dir(folder: &Path) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::of_file("the state folder cannot be used:", folder, error);
    match fs::metadata(folder) {
        Ok(found) if !found.is_dir() => {
            let message = format!("the state folder {} is not a folder", folder.display());
            return Err(Failure::new(Exit::Configuration, message));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let message = format!("the state folder {} does not exist", folder.display());
            return Err(Failure::new(Exit::Configuration, message)
                .hint("run `ordersync init`, or look whether `state_dir` in the configuration is right"));
        }
        Err(error) => return Err(failed(&error)),
    }
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let tried = fs::File::create(&probe).and_then(|_| fs::remove_file(&probe));
    tried.map_err(|error| failed(&error))
}
