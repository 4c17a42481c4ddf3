//! What the machine and the marketplaces know about the time.

use std::fs;
use std::sync::Arc;

use ordersync_core::retention::TimeEvidence;
use ordersync_types::Timestamp;

use crate::connectors::Connectors;

/// The kernel's count since the machine's start, and the dates of the marketplaces' answers.
pub(crate) struct MachineEvidence {
    pub(crate) connectors: Arc<Connectors>,
}

impl TimeEvidence for MachineEvidence {
    fn since_boot(&self) -> Option<(String, i64)> {
        let name = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let since = fs::read_to_string("/proc/uptime").ok()?;
        Some((name.trim().to_owned(), milliseconds(since.split(' ').next()?)?))
    }

    fn dates_seen(&self) -> Vec<(Timestamp, Timestamp)> {
        self.connectors.dates_seen().into_iter().map(|seen| (seen.server, seen.local)).collect()
    }
}

/// Seconds with two decimals, as `/proc/uptime` (proc(5)) has them.
fn milliseconds(seconds: &str) -> Option<i64> {
    let (whole, part) = seconds.split_once('.')?;
    let (whole, part): (i64, i64) = (whole.parse().ok()?, part.get(..2)?.parse().ok()?);
    Some(whole * 1_000 + part * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_count_is_read() {
        assert_eq!(milliseconds("350735.47"), Some(350_735_470));
        assert_eq!(milliseconds("x"), None);
    }
}
