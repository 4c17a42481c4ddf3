//! What only the process can look at: files, the machine, the clock. Each look is a row and never an error.

mod clock;
mod machine;
mod storage;

use std::path::Path;

use ordersync_web::dto::{DoctorRow, DoctorState};

use crate::config::Config;
use crate::failure::Failure;
use crate::runtime::{Shared, VERSION};

/// All rows of this process. `serving`: a daemon, not a command by itself.
pub(crate) async fn rows(shared: &Shared, serving: bool) -> Vec<DoctorRow> {
    let config = shared.config();
    let how = if serving { "a running daemon" } else { "this command by itself, no daemon runs" };
    let mut rows = vec![ok("program", format!("ordersync {VERSION}, answered by {how}"))];
    if !serving {
        rows.push(warn("daemon", "no daemon runs: orders are not read by themselves", "`systemctl start ordersync`"));
    }
    rows.push(ok("configuration", format!("{} is read", config.file.display())));
    rows.extend(storage::rows(&config, &shared.core.store));
    rows.extend(clock::rows(shared).await);
    rows.extend(machine::rows(&config, serving));
    rows
}

/// What can be looked at when neither a daemon answers nor the databases open: the failure is a row among the others.
pub(crate) fn rows_without_core(file: &Path, failure: &Failure) -> Vec<DoctorRow> {
    let mut rows = vec![ok("program", format!("ordersync {VERSION}, answered by this command by itself"))];
    match Config::load(file) {
        Err(error) => rows.push(bad("configuration", error.to_string(), "correct it, then `ordersync check-config`")),
        Ok(config) => {
            rows.push(ok("configuration", format!("{} is read", config.file.display())));
            rows.extend(storage::rows_without_store(&config));
            rows.extend(machine::rows(&config, false));
            rows.push(bad("start", failure.message.clone(), &failure.hint));
        }
    }
    rows
}

fn row(name: &str, state: DoctorState, message: impl Into<String>, hint: &str) -> DoctorRow {
    DoctorRow { name: name.to_owned(), state, message: message.into(), hint: hint.to_owned() }
}

fn ok(name: &str, message: impl Into<String>) -> DoctorRow {
    row(name, DoctorState::Ok, message, "")
}

fn warn(name: &str, message: impl Into<String>, hint: &str) -> DoctorRow {
    row(name, DoctorState::Warn, message, hint)
}

fn bad(name: &str, message: impl Into<String>, hint: &str) -> DoctorRow {
    row(name, DoctorState::Fail, message, hint)
}
