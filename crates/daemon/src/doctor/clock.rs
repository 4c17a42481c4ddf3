//! The machine's clock: what the system says of it, and what the marketplaces' answers say.

use std::path::Path;

use chrono::Duration;
use ordersync_web::dto::DoctorRow;

use super::{bad, ok, warn};
use crate::runtime::Shared;

/// systemd-timesyncd makes this file once the clock was set from the network (`systemd-timesyncd.service(8)`).
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
/// A clock that is this far off spoils windows and expiry times.
const FAR_OFF: Duration = Duration::minutes(5);
/// A clock that is this far off deserves a look.
const OFF: Duration = Duration::seconds(30);

pub(super) async fn rows(shared: &Shared) -> Vec<DoctorRow> {
    let mut rows = vec![if Path::new(SYNCHRONISED).exists() {
        ok("clock service", "the clock is set from the network")
    } else {
        let message = "systemd-timesyncd has not set the clock (another service may do so)";
        warn("clock service", message, "`timedatectl` says whether the clock is synchronised")
    }];
    rows.push(evidence(shared));
    let now = shared.core.clock.now();
    match shared.core.store.newest_audit_at().await {
        Ok(Some(newest)) if newest.signed_duration_since(now) > FAR_OFF => rows.push(bad(
            "clock history",
            format!(
                "the audit holds an entry of {}, which lies ahead of the clock",
                newest.format("%Y-%m-%d %H:%M UTC")
            ),
            "set the clock right: it went back",
        )),
        Ok(_) => {}
        Err(error) => rows.push(bad("clock history", error.to_string(), "look whether the database runs")),
    }
    rows
}

/// The largest difference to a marketplace's `Date`, which has whole seconds.
fn evidence(shared: &Shared) -> DoctorRow {
    let name = "clock";
    let seen = shared.connectors.dates_seen();
    let Some(worst) = seen.iter().max_by_key(|seen| seen.local.signed_duration_since(seen.server).abs()) else {
        return ok(name, "no marketplace has answered yet: nothing to compare with");
    };
    let off = worst.local.signed_duration_since(worst.server);
    let side = if off > Duration::zero() { "ahead of" } else { "behind" };
    let message = format!("{} seconds {side} the clock of {}", off.num_seconds().abs(), worst.host);
    if off.abs() > FAR_OFF {
        bad(name, message, "set the machine's clock right (`timedatectl set-ntp true`), then restart ordersync")
    } else if off.abs() > OFF {
        warn(name, message, "let a time service set the clock (`timedatectl set-ntp true`)")
    } else {
        ok(name, message)
    }
}
