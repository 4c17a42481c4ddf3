//! After the reading: labels for everything that can go, as one batch and one document.

use std::time::Duration;

use ordersync_daemon::failure::Failure;
use ordersync_http_client::Method;
use ordersync_types::{Clock, SystemClock};
use ordersync_web::dto::{CreateLabels, LabelRequest, LabelResults, ReadyList};
use serde_json::{Value, json};

use super::child::Daemon;
use super::report::thousandths;
use crate::failed;

/// Labels everything that can go and joins it; what it took.
///
/// # Errors
/// The daemon refuses, or there is nothing to label.
pub(super) async fn label_everything(daemon: &Daemon) -> Result<Value, Failure> {
    let (before, began) = (daemon.usage()?, SystemClock.monotonic());
    let ready: ReadyList = read(daemon.ask(Method::Get, "/v1/labels/ready", None).await?)?;
    let mut references = Vec::with_capacity(ready.orders.len());
    for batch in ready.orders.chunks(CreateLabels::MOST) {
        let label = |order: &ordersync_web::dto::ReadyOrder| LabelRequest {
            orders: vec![order.id.clone()],
            ..LabelRequest::default()
        };
        let body = CreateLabels { labels: batch.iter().map(label).collect(), ..CreateLabels::default() };
        let body = serde_json::to_value(&body).map_err(|error| failed(error.to_string()))?;
        let made: LabelResults = read(daemon.ask(Method::Post, "/v1/labels", Some(&body)).await?)?;
        references.extend(made.results.into_iter().filter_map(|result| result.label).map(|label| label.reference));
    }
    if references.is_empty() {
        return Err(failed("no order can be labelled"));
    }
    let (made, at) = (daemon.usage()?, SystemClock.monotonic());
    let document = daemon.bytes("/v1/labels/file", &json!({ "references": references })).await?;
    let (joined, end) = (daemon.usage()?, SystemClock.monotonic());
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    let count = u64::try_from(references.len()).unwrap_or_default();
    let (making, joining) = (ms(at.saturating_sub(began)), ms(end.saturating_sub(at)));
    Ok(json!({
        "made": count,
        "refused": ready.orders.len().saturating_sub(references.len()),
        "made_per_s": thousandths(count.saturating_mul(1_000_000) / making),
        "making_cpu_s": thousandths(made.cpu_ms.saturating_sub(before.cpu_ms)),
        "joined_per_s": thousandths(count.saturating_mul(1_000_000) / joining),
        "joining_cpu_s": thousandths(joined.cpu_ms.saturating_sub(made.cpu_ms)),
        "peak_rss_mib": thousandths(joined.peak_rss_kib.saturating_mul(1000) / 1024),
        "document_bytes": document.len(),
    }))
}

fn read<T: serde::de::DeserializeOwned>(answer: Value) -> Result<T, Failure> {
    serde_json::from_value(answer).map_err(|error| failed(format!("an answer cannot be read: {error}")))
}
