//! `summary.json`: what came of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::TimeDelta;
use ordersync_core::{Core, OrderFilter, OrderSummary};
use ordersync_daemon::failure::Failure;
use ordersync_simulator::OrderTruth;
use ordersync_types::{SellerId, Timestamp};
use serde::Serialize;

use crate::books::Books;
use crate::failed;
use crate::packer::Packed;

/// The one seller of an installation.
pub(crate) const SELLER: SellerId = SellerId::new(1);

/// What came of a run. For one seed and one end everything but `seconds` is the same.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// The seed.
    pub(crate) seed: u64,
    /// The first moment.
    pub(crate) from: Timestamp,
    /// The last moment.
    pub(crate) end: Timestamp,
    /// Orders that were placed at the stand-ins.
    pub(crate) placed: usize,
    /// Orders stored.
    pub(crate) orders: usize,
    /// Orders that could not be read.
    pub(crate) rejected: usize,
    /// Orders placed that are neither stored nor rejected. Must be 0.
    pub(crate) missing: usize,
    /// Orders stored in an older state than the marketplace's, changes of the last minutes aside. Must be 0.
    pub(crate) stale: usize,
    /// Orders stored, by status.
    pub(crate) by_status: BTreeMap<String, usize>,
    /// Orders stored, by marketplace.
    pub(crate) by_marketplace: BTreeMap<String, usize>,
    /// Order lines stored.
    pub(crate) lines: i64,
    /// Sealed recipients held at the end.
    pub(crate) recipients: i64,
    /// Sealed buyers held at the end.
    pub(crate) buyers: i64,
    /// Lines of `people.jsonl`.
    pub(crate) personal_values: usize,
    /// Of the orders whose recipient was ever held, how many were due for deletion by the stand-ins' reckoning.
    pub(crate) deliveries_due: usize,
    /// Orders whose recipient was deleted.
    pub(crate) deliveries_purged: usize,
    /// Orders of which either is true but not both. Must be 0.
    pub(crate) deliveries_wrong: usize,
    /// Labels made as PDF.
    pub(crate) labels_pdf: usize,
    /// Labels made as ZPL.
    pub(crate) labels_zpl: usize,
    /// Shipments stored.
    pub(crate) shipments: i64,
    /// Parcels that left.
    pub(crate) dispatched: usize,
    /// Parcels that were stopped at the door, because their order was cancelled.
    pub(crate) stopped: usize,
    /// Labels that had to be gone: made 21 days ago or more.
    pub(crate) labels_due: usize,
    /// Labels that are gone.
    pub(crate) labels_purged: i64,
    /// Hand-overs to the courier that were written down.
    pub(crate) disclosures: i64,
    /// Orders that were refused a label, for example for a name in letters that the built-in font lacks.
    pub(crate) labels_refused: usize,
    /// Requests of the packer that failed. Must be empty.
    pub(crate) packing_failures: Vec<String>,
    /// Invoices issued.
    pub(crate) invoices: i64,
    /// Credit notes issued.
    pub(crate) credit_notes: i64,
    /// Receipts issued.
    pub(crate) receipts: i64,
    /// Records of sales whose tax the marketplace remits, or for which nothing was paid.
    pub(crate) sale_records: i64,
    /// Sales that have left and whose invoice waits for a person.
    pub(crate) tax_review: i64,
    /// Sums of the daybook of all days, in minor units, by currency: what waits is in its gross alone.
    pub(crate) daybook: BTreeMap<String, DaybookSums>,
    /// Orders that left, have neither a document nor a reason for having none. Must be 0.
    pub(crate) uninvoiced_without_reason: i64,
    /// Documents that are not what was issued, and numbers that nothing explains. Must be empty.
    pub(crate) invoice_faults: Vec<String>,
    /// Rows that a second sync changed after the first had read everything. Must be 0.
    pub(crate) second_sync_changes: i64,
    /// How long the run took, in real time.
    pub(crate) seconds: f64,
}

/// Sums of a daybook in one currency, in minor units.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct DaybookSums {
    /// Without VAT.
    pub(crate) net: i64,
    /// The VAT.
    pub(crate) vat: i64,
    /// With VAT.
    pub(crate) gross: i64,
    /// Of what waits for its document.
    pub(crate) awaiting: i64,
}

/// What is known beforehand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) seed: u64,
    pub(crate) from: Timestamp,
    pub(crate) personal_values: usize,
    pub(crate) second_sync_changes: i64,
    pub(crate) seconds: f64,
}

impl Summary {
    /// Looks at the databases and holds them against the truth.
    ///
    /// # Errors
    /// The databases cannot be read.
    pub(crate) async fn collect(
        core: &Core,
        truth: &[OrderTruth],
        packed: &Packed,
        books: Books,
        known: Known,
    ) -> Result<Self, Failure> {
        let end = core.clock.now();
        let filter = OrderFilter { limit: u64::from(u32::MAX), ..OrderFilter::default() };
        let orders = core.store.list_orders(SELLER, &filter).await?;
        let ids: Vec<_> = orders.iter().map(|order| order.order_id).collect();
        let recipients = core.store.recipients(SELLER, &ids).await?;
        let with_recipient: BTreeSet<_> = recipients.iter().map(|row| row.order_id).collect();
        let numbers = |wanted: &dyn Fn(&OrderSummary) -> bool| -> BTreeSet<&str> {
            orders.iter().filter(|order| wanted(order)).map(|order| order.vendor_order_id.as_str()).collect()
        };
        let purged = numbers(&|order| order.delivery_purged_at.is_some());
        let held = numbers(&|order| with_recipient.contains(&order.order_id));
        let over: BTreeSet<&str> =
            truth.iter().filter(|order| order.delivery_due() <= end).map(|order| order.order.as_str()).collect();
        let due: BTreeSet<&str> =
            over.iter().filter(|id| purged.contains(*id) || held.contains(*id)).copied().collect();
        let mut rejected = Vec::new();
        for account in core.store.accounts().await? {
            rejected.extend(core.store.rejected_orders(account.seller, account.account, None).await?);
        }
        let stored = numbers(&|_| true);
        let is_rejected = |id: &str| rejected.iter().any(|order| order.vendor_order_id == id);
        let known_order = |order: &&OrderTruth| stored.contains(order.order.as_str()) || is_rejected(&order.order);
        let number = async |sql| core.store.number(false, sql).await;
        Ok(Self {
            seed: known.seed,
            from: known.from,
            end,
            placed: truth.len(),
            orders: orders.len(),
            rejected: rejected.len(),
            missing: truth.iter().filter(|order| !known_order(order)).count(),
            stale: stale(&orders, truth, end),
            by_status: counted(orders.iter().map(|order| &order.status)),
            by_marketplace: counted(orders.iter().map(|order| &order.marketplace)),
            lines: number("SELECT COUNT(*) FROM order_line").await,
            recipients: number("SELECT COUNT(*) FROM recipient").await,
            buyers: number("SELECT COUNT(*) FROM buyer").await,
            personal_values: known.personal_values,
            deliveries_due: due.len(),
            deliveries_purged: purged.len(),
            deliveries_wrong: due.symmetric_difference(&purged).count(),
            labels_pdf: packed.pdf,
            labels_zpl: packed.zpl,
            shipments: number("SELECT COUNT(*) FROM shipment").await,
            dispatched: packed.dispatched,
            stopped: packed.stopped,
            labels_due: packed.labels_due(end),
            labels_purged: number("SELECT COUNT(*) FROM shipment WHERE label = 'purged'").await,
            disclosures: number("SELECT COUNT(*) FROM disclosure").await,
            labels_refused: packed.refused.len(),
            packing_failures: packed.failures.clone(),
            invoices: books.kinds.get("invoice").copied().unwrap_or_default(),
            credit_notes: books.kinds.get("credit").copied().unwrap_or_default(),
            receipts: books.kinds.get("receipt").copied().unwrap_or_default(),
            sale_records: books.kinds.get("none").copied().unwrap_or_default(),
            tax_review: books.tax_review,
            daybook: books.sums,
            uninvoiced_without_reason: books.without_reason,
            invoice_faults: books.faults,
            second_sync_changes: known.second_sync_changes,
            seconds: known.seconds,
        })
    }

    /// What is not as it must be, a sentence each.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.missing != 0 || self.orders > self.placed {
            let Self { placed, orders, rejected, missing, .. } = self;
            faults.push(format!(
                "{placed} orders were placed, but {orders} are stored and {rejected} rejected: {missing} are missing"
            ));
        }
        if self.stale != 0 {
            faults.push(format!("{} orders are stored in an older state than the marketplace's", self.stale));
        }
        if self.second_sync_changes != 0 {
            faults.push(format!("a second sync changed {} rows", self.second_sync_changes));
        }
        if usize::try_from(self.labels_purged) != Ok(self.labels_due) {
            let Self { labels_due, labels_purged, .. } = self;
            faults.push(format!("{labels_due} labels were due and {labels_purged} are deleted"));
        }
        if self.labels_zpl != self.labels_pdf {
            let Self { labels_pdf, labels_zpl, .. } = self;
            faults.push(format!("{labels_pdf} PDF labels were made, but {labels_zpl} once more as ZPL"));
        }
        if self.uninvoiced_without_reason != 0 {
            let count = self.uninvoiced_without_reason;
            faults.push(format!("{count} orders left without a document and without a reason for it"));
        }
        if let Some(fault) = self.invoice_faults.first() {
            faults.push(format!("{} faults of documents, first: {fault}", self.invoice_faults.len()));
        }
        if let Some(failure) = self.packing_failures.first() {
            faults.push(format!("the packer failed {} times, first: {failure}", self.packing_failures.len()));
        }
        if self.deliveries_wrong != 0 {
            let Self { deliveries_wrong, deliveries_due, deliveries_purged, .. } = self;
            faults.push(format!(
                "{deliveries_due} addresses were due and {deliveries_purged} are deleted, but not the same: \
                 {deliveries_wrong} orders differ"
            ));
        }
        faults
    }

    /// Writes it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).map_err(|error| failed(error.to_string()))?;
        std::fs::write(path, text + "\n")
            .map_err(|error| Failure::of_file("the summary cannot be written:", path, &error))
    }
}

/// A window ends some minutes in the past: what changed since is read by the next poll.
const UNREAD: TimeDelta = TimeDelta::minutes(10);

fn stale(orders: &[OrderSummary], truth: &[OrderTruth], end: Timestamp) -> usize {
    let settled = truth.iter().filter(|order| order.last_updated < end - UNREAD);
    let updated: BTreeMap<&str, Timestamp> = settled.map(|order| (order.order.as_str(), order.last_updated)).collect();
    let older = |order: &&OrderSummary| {
        let known = updated.get(order.vendor_order_id.as_str());
        known.is_some_and(|updated| order.updated_at < *updated)
    };
    orders.iter().filter(older).count()
}

fn counted<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}
