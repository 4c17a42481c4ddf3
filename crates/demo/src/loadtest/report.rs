//! The one line that a load test prints.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use ordersync_daemon::failure::Failure;
use serde_json::{Value, json};

/// The field of core's log line about a stored page, in microseconds.
const PAGE_WRITE: &str = "page_write_us";

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) orders: i64,
    pub(crate) elapsed: Duration,
    pub(crate) cpu_ms: u64,
    pub(crate) peak_rss_kib: u64,
    pub(crate) disk_bytes: u64,
    /// How long each page's transaction took, in microseconds, shortest first.
    pub(crate) page_writes: Vec<u64>,
}

impl Measured {
    /// The line. Page times are `null` when the daemon's log told none.
    pub(crate) fn line(&self, rows: &BTreeMap<&'static str, i64>) -> Value {
        let ms = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        let orders = u64::try_from(self.orders).unwrap_or(0);
        json!({
            "orders": self.orders,
            "orders_per_s": thousandths(orders.saturating_mul(1_000_000) / ms),
            "seconds": thousandths(ms),
            "cpu_s": thousandths(self.cpu_ms),
            "peak_rss_mib": thousandths(self.peak_rss_kib.saturating_mul(1000) / 1024),
            "rows": rows,
            "disk_mib": thousandths(self.disk_bytes.saturating_mul(1000) / (1024 * 1024)),
            "page_write_ms": {
                "p50": self.percentile(50).map(thousandths),
                "p99": self.percentile(99).map(thousandths),
            },
        })
    }

    /// The smallest time that `percent` of the pages did not exceed.
    fn percentile(&self, percent: usize) -> Option<u64> {
        let rank = (self.page_writes.len() * percent).div_ceil(100);
        self.page_writes.get(rank.saturating_sub(1)).copied()
    }
}

/// The number that many thousandths make, without floating-point arithmetic.
pub(crate) fn thousandths(number: u64) -> Value {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

/// Reads the times of pages from the daemon's log (JSON lines), shortest first.
///
/// # Errors
/// The log cannot be read.
pub(crate) fn page_writes(log: &Path) -> Result<Vec<u64>, Failure> {
    let failed = |error: std::io::Error| Failure::of_file("the daemon's log cannot be read:", log, &error);
    let mut times = Vec::new();
    for line in BufReader::new(File::open(log).map_err(failed)?).lines() {
        let line = line.map_err(failed)?;
        // Most lines are about something else: only those with the name are taken apart.
        if line.contains(PAGE_WRITE) {
            let parsed: Value = serde_json::from_str(&line).unwrap_or_default();
            times.extend(parsed.pointer(&format!("/fields/{PAGE_WRITE}")).and_then(Value::as_u64));
        }
    }
    times.sort_unstable();
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(page_writes: Vec<u64>) -> Measured {
        Measured {
            orders: 300,
            elapsed: Duration::from_millis(1500),
            cpu_ms: 730,
            peak_rss_kib: 51_712,
            disk_bytes: 1_572_864,
            page_writes,
        }
    }

    #[test]
    fn the_line_holds_what_was_measured() {
        let line = measured((1..=200).map(|time| time * 100).collect()).line(&[("orders", 300)].into());
        assert_eq!(
            line.to_string(),
            "{\"cpu_s\":0.73,\"disk_mib\":1.5,\"orders\":300,\"orders_per_s\":200.0,\
             \"page_write_ms\":{\"p50\":10.0,\"p99\":19.8},\"peak_rss_mib\":50.5,\"rows\":{\"orders\":300},\"seconds\":1.5}"
        );
        assert_eq!(measured(vec![7]).percentile(99), Some(7));
        assert_eq!(measured(Vec::new()).line(&BTreeMap::new()).pointer("/page_write_ms/p50"), Some(&Value::Null));
    }

    #[test]
    fn times_of_pages_come_from_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let lines = "{\"level\":\"DEBUG\",\"fields\":{\"message\":\"stored\",\"page_write_us\":900}}\nnot json page_write_us\n\
                     {\"fields\":{\"message\":\"read\"}}\n{\"fields\":{\"page_write_us\":30}}\n";
        std::fs::write(&log, lines).unwrap();
        assert_eq!(page_writes(&log).unwrap(), [30, 900]);
        assert!(page_writes(&folder.path().join("absent")).is_err());
    }
}
