//! The control socket, memory dumps, swap, and copies made before an upgrade.

use std::fs;
use std::os::unix::fs::MetadataExt;

use ordersync_web::dto::DoctorRow;

use super::{bad, ok, warn};
use crate::config::Config;

pub(super) fn rows(config: &Config, serving: bool) -> Vec<DoctorRow> {
    let mut rows = Vec::new();
    if serving {
        rows.push(socket(config));
        rows.push(core_dumps());
    }
    rows.push(swap());
    rows.extend(copies(config));
    rows
}

fn socket(config: &Config) -> DoctorRow {
    let (name, path) = ("control socket", config.control_socket.display());
    match fs::metadata(&config.control_socket) {
        Ok(found) if found.mode() & 0o777 == 0o660 => {
            ok(name, format!("{path}, for the group {}", config.control_group))
        }
        Ok(found) if found.mode() & 0o007 == 0 => warn(
            name,
            format!("{path} has mode {:04o}: only root and the service's user can use it", found.mode() & 0o777),
            &format!("make the group {} and add the service's user to it, then restart", config.control_group),
        ),
        Ok(found) => bad(name, format!("{path} has mode {:04o}", found.mode() & 0o777), "restart ordersync"),
        Err(error) => bad(name, format!("{path}: {error}"), "restart ordersync: its socket was removed"),
    }
}

/// A dump of the process's memory holds the root secret.
fn core_dumps() -> DoctorRow {
    let name = "core dumps";
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    match limit.and_then(|rest| rest.split_whitespace().next()) {
        Some("0") => ok(name, "are off"),
        Some(_) => warn(name, "are allowed: a dump would hold the root secret", "LimitCORE=0 in the unit"),
        None => warn(name, "it cannot be told whether they are off", "LimitCORE=0 in the unit"),
    }
}

fn swap() -> DoctorRow {
    let name = "swap";
    // The unit hides this file from the service, and keeps it out of swap by MemorySwapMax=0.
    let Ok(swaps) = fs::read_to_string("/proc/swaps") else {
        return ok(name, "cannot be seen from here: the unit keeps the daemon out of it");
    };
    if swaps.lines().count() > 1 {
        let hint = "encrypt the swap, or MemorySwapMax=0 in the unit";
        return warn(name, "is on: pages with secrets in them may reach the disk", hint);
    }
    ok(name, "is off")
}

fn copies(config: &Config) -> Option<DoctorRow> {
    let folder = config.copies();
    let copies = folder.all().len();
    (copies > 0).then(|| {
        let message = format!("{copies} made before an upgrade in {}: gone after 7 days", folder.path().display());
        ok("copies", message)
    })
}
