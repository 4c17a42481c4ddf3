//! The day's work, and whether anything is late or broken.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use chrono::Duration;
use ordersync_core::fulfilment::{ABANDONED, Work, is_late, status_of};
use ordersync_core::{
    Account, AccountState, OrderFilter, OrderSummary, ShipmentState, StoredOrder, UninvoicedRow, WaitsFor,
};
use ordersync_types::{OrderId, Timestamp};

use super::Labels;
use super::invoices::{every_label, waiting_view};
use super::retention::run_view;
use crate::api::{Api, SELLER};
use crate::dto::{
    AccountProgress, HeldOrder, KeysHealth, RetentionHealth, StatusView, WaitingInvoice, WaitingParcel, WorkOrder,
};
use crate::error::WebError;

/// An account that has not caught up for this long after a failure is broken, not just unlucky.
const PATIENCE: Duration = Duration::hours(1);

/// `GET /v1/status`.
pub(crate) async fn status(State(api): State<Api>) -> Result<Json<StatusView>, WebError> {
    let now = api.core.clock.now();
    let accounts = api.core.store.accounts().await.map_err(WebError::database)?;
    let list = worklist(&api, &Labels::of(&accounts), now).await?;
    let (accounts, mut attention) = progress(&api, &accounts, now).await?;
    let retention = retention_health(&api, now).await?;
    if retention.overdue {
        attention.push("personal data is kept beyond its time: run `ordersync retention run`".to_owned());
    }
    if let Some(fault) = api.core.clock_fault().await.map_err(WebError::core)? {
        attention.push(format!("nothing is purged: {fault}; set the clock right (`ordersync doctor`)"));
    }
    if let Err(error) = api.core.store.try_writing().await {
        attention.push(format!("nothing can be stored ({error}): run `ordersync doctor`"));
    }
    if let Some(fault) = api.core.canary_fault() {
        attention.push(format!("keys and sealed records do not fit ({fault}): run `ordersync doctor`"));
    }
    let (labelled_count, labelled) = waiting(&api, ShipmentState::Labelled, now).await?;
    let (stopped, labelled): (Vec<_>, Vec<_>) = labelled.into_iter().partition(|parcel| parcel.failure.is_some());
    let labelled_count = labelled_count.saturating_sub(u64::try_from(stopped.len()).unwrap_or_default());
    let (_, unknown) = waiting(&api, ShipmentState::Unknown, now).await?;
    let (_, mut unanswered) = waiting(&api, ShipmentState::Requested, now).await?;
    unanswered.retain(|parcel| now.signed_duration_since(parcel.since) >= ABANDONED);
    if !unknown.is_empty() {
        attention.push(
            "a courier may have made labels that we do not have: look at its own pages, then void or dispatch"
                .to_owned(),
        );
    }
    let invoices = invoices(&api, now).await?;
    if !invoices.late.is_empty() {
        attention.push(format!(
            "{} of businesses left over {} hours ago without an invoice: `ordersync invoice list --waiting`",
            orders(u64::try_from(invoices.late.len()).unwrap_or(u64::MAX)),
            StatusView::BUSINESS_HOURS
        ));
    }
    let broken = !attention.is_empty();
    let late = list.late > 0;
    if late {
        attention.insert(0, format!("{} should have left by now: see those marked late", orders(list.late)));
    }
    let tested_at = api.escrow.escrow_tested_at();
    Ok(Json(StatusView {
        at: now,
        late,
        broken,
        attention,
        to_label_count: list.to_label_count,
        late_count: list.late,
        to_label: list.to_label,
        label_elsewhere_count: list.label_elsewhere_count,
        label_elsewhere: list.label_elsewhere,
        labelled_count,
        labelled,
        stopped,
        to_confirm_count: list.to_confirm_count,
        to_confirm: list.to_confirm,
        unanswered,
        unknown,
        held_count: list.held_count,
        held: list.held,
        tax_review_count: list.tax_reviews,
        invoices_waiting_counts: invoices.counts,
        invoices_waiting: invoices.waiting,
        late_business_invoices: invoices.late,
        packed_elsewhere_count: list.elsewhere,
        rejected_count: accounts.iter().map(|account| account.rejected).sum(),
        accounts,
        retention,
        keys: KeysHealth { escrow_tested: tested_at.is_some(), escrow_tested_at: tested_at },
    }))
}

/// Sales without an invoice.
struct Invoices {
    counts: Vec<(String, i64)>,
    waiting: Vec<WaitingInvoice>,
    late: Vec<WaitingInvoice>,
}

async fn invoices(api: &Api, now: Timestamp) -> Result<Invoices, WebError> {
    let labels = every_label(api).await?;
    let store = &api.core.store;
    let counts = store.waiting_invoice_counts(SELLER).await.map_err(WebError::database)?;
    let waiting = store.waiting_invoices(SELLER, WaitsFor::Person, None, None, StatusView::MOST_WAITING).await;
    let waiting = waiting.map_err(WebError::database)?;
    let left_before = now.checked_sub_signed(Duration::hours(StatusView::BUSINESS_HOURS)).unwrap_or(now);
    let late = store.late_business_invoices(SELLER, left_before).await.map_err(WebError::database)?;
    let views = |rows: &[UninvoicedRow]| rows.iter().map(|one| waiting_view(one, &labels)).collect();
    Ok(Invoices { counts, waiting: views(&waiting), late: views(&late) })
}

fn orders(count: u64) -> String {
    if count == 1 { "1 order".to_owned() } else { format!("{count} orders") }
}

#[derive(Default)]
struct Worklist {
    to_label: Vec<WorkOrder>,
    label_elsewhere: Vec<HeldOrder>,
    held: Vec<HeldOrder>,
    to_confirm: Vec<WorkOrder>,
    to_label_count: u64,
    label_elsewhere_count: u64,
    held_count: u64,
    to_confirm_count: u64,
    late: u64,
    tax_reviews: u64,
    elsewhere: u64,
}

impl Worklist {
    fn add(&mut self, order: &StoredOrder, work: Work, labels: &Labels, now: Timestamp) {
        let entry = work_order(order, labels, now);
        match work {
            Work::None => {}
            // Its parcel is listed by itself.
            Work::Packed => self.late += u64::from(entry.late),
            Work::Left => {
                self.late += u64::from(entry.late);
                self.to_confirm_count += 1;
                self.to_confirm.push(entry);
            }
            Work::Elsewhere => self.elsewhere += 1,
            Work::Label(_) => {
                self.late += u64::from(entry.late);
                self.to_label_count += 1;
                self.tax_reviews += u64::from(entry.tax_reviews > 0);
                self.to_label.push(entry);
            }
            Work::OtherLabel(hold) => {
                self.late += u64::from(entry.late);
                self.label_elsewhere_count += 1;
                self.tax_reviews += u64::from(entry.tax_reviews > 0);
                self.label_elsewhere.push(HeldOrder { order: entry, reasons: hold.reasons, hint: hold.hint });
            }
            Work::Held(hold) => {
                self.late += u64::from(entry.late);
                self.held_count += 1;
                self.held.push(HeldOrder { order: entry, reasons: hold.reasons, hint: hold.hint });
            }
        }
    }

    /// Keeps the first of each list, so that memory does not grow with the number of open orders.
    fn trim(&mut self) {
        for list in [&mut self.to_label, &mut self.to_confirm] {
            list.sort_by(|a, b| rank(a).cmp(&rank(b)));
            list.truncate(StatusView::MOST_LISTED);
        }
        for list in [&mut self.label_elsewhere, &mut self.held] {
            list.sort_by(|a, b| rank(&a.order).cmp(&rank(&b.order)));
            list.truncate(StatusView::MOST_LISTED);
        }
    }
}

/// Late first, then by the moment it must leave (those without one last), then by account and number.
fn rank(order: &WorkOrder) -> (bool, bool, Option<Timestamp>, &str, &str) {
    (!order.late, order.ship_by.is_none(), order.ship_by, &order.account, &order.number)
}

async fn worklist(api: &Api, labels: &Labels, now: Timestamp) -> Result<Worklist, WebError> {
    let mut list = Worklist::default();
    let each = api.core.each_open_order(SELLER, |page| {
        for (order, work) in page {
            list.add(&order, work, labels, now);
        }
        list.trim();
    });
    each.await.map_err(WebError::core)?;
    Ok(list)
}

/// Parcels in this state that have not left: how many, and the oldest of them, late ones first.
async fn waiting(api: &Api, state: ShipmentState, now: Timestamp) -> Result<(u64, Vec<WaitingParcel>), WebError> {
    let store = &api.core.store;
    let limit = u32::try_from(StatusView::MOST_LISTED).unwrap_or(u32::MAX);
    let shipments = store.shipments_in(SELLER, state, None, limit).await.map_err(WebError::database)?;
    let ids: Vec<_> = shipments.iter().flat_map(|shipment| shipment.orders()).collect();
    let filter =
        OrderFilter { limit: u64::try_from(ids.len()).unwrap_or(u64::MAX), ids: Some(ids), ..OrderFilter::default() };
    let orders = store.list_orders(SELLER, &filter).await.map_err(WebError::database)?;
    let orders: HashMap<OrderId, &OrderSummary> = orders.iter().map(|order| (order.order_id, order)).collect();
    let parcels = shipments.iter().map(|shipment| {
        let held: Vec<&OrderSummary> =
            shipment.orders().into_iter().filter_map(|id| orders.get(&id).copied()).collect();
        let ship_by = held.iter().filter_map(|order| order.ship_by).min();
        let over = held.iter().find(|order| !status_of(&order.status, order.status_code.as_deref()).is_open());
        let over = over.map(|order| format!("{} is {}", order.vendor_order_id, order.status));
        WaitingParcel {
            reference: shipment.reference.to_string(),
            orders: held.into_iter().map(|order| order.vendor_order_id.clone()).collect(),
            courier: shipment.courier.clone(),
            since: shipment.labelled_at.unwrap_or(shipment.created_at),
            ship_by,
            late: over.is_none() && is_late(ship_by, now),
            failure: shipment.failure.clone().or(over),
        }
    });
    let mut parcels: Vec<WaitingParcel> = parcels.collect();
    parcels.sort_by_key(|parcel| !parcel.late);
    let count = store.shipment_count(SELLER, state).await.map_err(WebError::database)?;
    Ok((count, parcels))
}

fn work_order(order: &StoredOrder, labels: &Labels, now: Timestamp) -> WorkOrder {
    let summary = &order.summary;
    WorkOrder {
        id: summary.order_id.to_string(),
        account: labels.label(summary.account),
        number: summary.vendor_order_id.clone(),
        status: summary.status.clone(),
        ship_by: summary.ship_by,
        late: is_late(summary.ship_by, now),
        territory: summary.territory.clone(),
        lines: u64::try_from(order.lines.len()).unwrap_or(u64::MAX),
        pieces: order.lines.iter().map(|line| line.quantity).fold(0, i64::saturating_add),
        tax_reviews: summary.tax_reviews,
    }
}

async fn progress(
    api: &Api,
    accounts: &[Account],
    now: Timestamp,
) -> Result<(Vec<AccountProgress>, Vec<String>), WebError> {
    let mut rows = Vec::with_capacity(accounts.len());
    let mut attention = Vec::new();
    for account in accounts {
        let (seller, id) = (account.seller, account.account);
        let cursor = api.core.store.order_cursor(seller, id).await.map_err(WebError::database)?;
        let rejected = api.core.store.rejected_orders(seller, id, None).await.map_err(WebError::database)?;
        let stopped = account.state == AccountState::NeedsConsent;
        let since = cursor.caught_up_at.unwrap_or(account.added_at);
        let failing = cursor.failure.is_some() && now.signed_duration_since(since) > PATIENCE;
        let hint = if stopped {
            "give the program access again at the marketplace, then run `ordersync account credentials`"
        } else if cursor.failure.is_some() {
            "it is tried again by itself; if it stays, run `ordersync account check`"
        } else {
            ""
        };
        if stopped || failing {
            attention.push(format!("account {} is not read: {hint}", account.label));
        }
        rows.push(AccountProgress {
            account: account.label.clone(),
            state: account.state.name().to_owned(),
            caught_up_to: cursor.watermark,
            caught_up_at: cursor.caught_up_at,
            failed_at: cursor.failed_at,
            failure: if stopped { account.state_reason.clone().or(cursor.failure) } else { cursor.failure },
            hint: hint.to_owned(),
            rejected: u64::try_from(rejected.len()).unwrap_or(u64::MAX),
        });
    }
    Ok((rows, attention))
}

pub(crate) async fn retention_health(api: &Api, now: Timestamp) -> Result<RetentionHealth, WebError> {
    let state = api.core.plan_retention().await.map_err(WebError::core)?;
    let earliest_due = state.iter().filter_map(|class| class.earliest_due).min();
    let grace = Duration::hours(RetentionHealth::GRACE_HOURS);
    let newest = api.core.store.retention_runs(1).await.map_err(WebError::database)?.pop();
    Ok(RetentionHealth {
        overdue: earliest_due.is_some_and(|due| now.signed_duration_since(due) > grace),
        due: state.iter().map(|class| class.due).fold(0, i64::saturating_add),
        earliest_due,
        newest_run: newest.map(run_view),
    })
}
