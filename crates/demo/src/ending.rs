//! The last ten lines: what happened, where everything is, what to try.

use std::path::{Path, PathBuf};

use crate::folder::Folder;
use crate::summary::Summary;

/// How commands of the daemon are typed: the binary when it was built beside this one, else through cargo.
pub(crate) fn command(folder: &Folder) -> String {
    let config = quoted(&folder.file("ordersync.toml"));
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("ordersync")));
    match beside.filter(|program| program.is_file()) {
        Some(program) => format!("{} --config {config}", quoted(&program)),
        None => format!("cargo run --release --quiet --package ordersync-daemon -- --config {config}"),
    }
}

/// Ten lines, no more and no fewer.
pub(crate) fn lines(folder: &Folder, summary: &Summary, sample: Option<&str>) -> [String; 10] {
    let Summary { orders, lines, rejected, personal_values, recipients, buyers, .. } = summary;
    let statuses: Vec<String> = summary.by_status.iter().map(|(status, count)| format!("{count} {status}")).collect();
    let marketplaces = summary.by_marketplace.len();
    let show = sample.map_or_else(|| "today".to_owned(), |order| format!("orders show {order}"));
    [
        format!(
            "{orders} orders with {lines} lines came from {marketplaces} marketplaces; {rejected} could not be read."
        ),
        format!("They are {}.", statuses.join(", ")),
        format!(
            "{} PDF and {} ZPL labels were made, {} parcels left; {} labels (21 days) and {} addresses (30 days after \
             delivery) are gone for good, keys first.",
            summary.labels_pdf,
            summary.labels_zpl,
            summary.dispatched,
            summary.labels_purged,
            summary.deliveries_purged
        ),
        format!(
            "{} invoices, {} credit notes and {} records of sales; {} wait for a person. The month's daybook: {}",
            summary.invoices,
            summary.credit_notes,
            summary.sale_records,
            summary.tax_review,
            at(folder, "exports/")
        ),
        format!(
            "{recipients} recipients and {buyers} buyers are held, each sealed under a key of its own. A second sync \
             changed {} rows.",
            summary.second_sync_changes
        ),
        format!("All the daemon wrote: {} and {}", at(folder, "data/"), at(folder, "ordersync.log")),
        format!("{personal_values} personal values to search it for: {}", at(folder, "people.jsonl")),
        format!(
            "All of this in numbers: {}; the packer's labels: {}",
            at(folder, "summary.json"),
            at(folder, "labels/")
        ),
        "Try next, after the command below: `orders list`, `orders show ORDER`, `today`, `invoice list`, `doctor`"
            .to_owned(),
        format!("  {} {show}", command(folder)),
    ]
}

fn at(folder: &Folder, name: &str) -> String {
    folder.file(name).display().to_string()
}

/// The path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = PathBuf::from(path).display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte);
    if text.bytes().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_pasted_into_a_shell() {
        assert_eq!(quoted(Path::new("/tmp/ordersync-demo-1/a.toml")), "/tmp/ordersync-demo-1/a.toml");
        assert_eq!(quoted(Path::new("/tmp/it's here")), "'/tmp/it'\\''s here'");
    }
}
