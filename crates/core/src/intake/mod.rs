//! Intake: a page of orders becomes rows, keys and sealed cells. Preparing writes keys and nothing else; the page is
//! then written whole by the store. Running it twice gives what running it once gives.

mod people;
mod rows;

use std::collections::{HashMap, HashSet};

use chrono::Duration;
use ordersync_connector_api::{ConnectorInfo, OrderPage, RejectedOrder};
use ordersync_order::Order;
use ordersync_store::{
    Account, JobKind, KnownOrder, LeaseProof, NewJob, OrderWrite, PageWrite, ReadyPage, RejectedRow, ResumeHint,
};
use ordersync_types::{JobId, OrderId, Timestamp, VendorOrderId};
use ordersync_vault::SubjectKey;

use crate::invoicing::may_need_invoice;
use crate::retention::{delivery_of, has_own_days};
use crate::{Core, CoreError};
use people::PeoplePlan;
use rows::{AccountRules, event_row, facts_digest, is_history, line_rows, order_row};

/// How long a rejected order waits until it is read again.
const REJECTED_RETRY: Duration = Duration::hours(24);

/// What a page did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PageCounts {
    /// Orders seen for the first time.
    pub new: u64,
    /// Orders with a change.
    pub changed: u64,
    /// Orders read again without a change.
    pub unchanged: u64,
    /// Readings older than what is stored.
    pub stale: u64,
    /// Orders that could not be read.
    pub rejected: u64,
}

impl PageCounts {
    /// Adds another page's counts.
    pub fn add(&mut self, other: &Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.stale += other.stale;
        self.rejected += other.rejected;
    }
}

/// Where a page stands: what the write must carry besides its orders.
#[derive(Debug, Clone)]
pub(crate) struct PagePlace {
    pub(crate) resume: Option<ResumeHint>,
    pub(crate) watermark: Option<Timestamp>,
    pub(crate) moves_cursor: bool,
    pub(crate) lease: Option<LeaseProof>,
}

/// A page ready to be written.
pub(crate) struct PreparedPage {
    pub(crate) write: ReadyPage,
    /// How many orders it writes.
    pub(crate) orders: usize,
    pub(crate) counts: PageCounts,
}

/// The orders and buyers of a page: whoever prepares another page with one of them must wait until it is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched {
    orders: HashSet<VendorOrderId>,
    subjects: HashSet<SubjectKey>,
}

impl Touched {
    pub(crate) fn meets(&self, other: &Self) -> bool {
        !self.orders.is_disjoint(&other.orders) || !self.subjects.is_disjoint(&other.subjects)
    }
}

/// One order of the page that is not stale, with what is held of it.
struct Arrival {
    order: Order,
    order_id: OrderId,
    known: Option<KnownOrder>,
    digest: [u8; 16],
    history: bool,
}

impl Core {
    /// What a page would touch, before anything is looked up.
    pub(crate) fn touched(&self, account: &Account, page: &OrderPage) -> Touched {
        let subjects = page.orders.iter().map(|order| self.subject(account, order)).collect();
        let read = page.orders.iter().map(|order| &order.facts.vendor_order_id);
        let rejected = page.rejected.iter().filter_map(|rejected| rejected.vendor_order_id.as_ref());
        Touched { orders: read.chain(rejected).cloned().collect(), subjects }
    }

    /// The buyer's subject; an order without a buyer's id stands alone.
    fn subject(&self, account: &Account, order: &Order) -> SubjectKey {
        let alone;
        let key = match &order.people.buyer_key {
            Some(key) => key,
            None => {
                alone = ordersync_types::Pii::new(format!("order:{}", order.facts.vendor_order_id));
                &alone
            }
        };
        self.keys.tree().subject(account.seller, account.account, key)
    }

    /// Prepares a page: looks up what is known, makes keys (durable before this returns), seals.
    pub(crate) async fn prepare_page(
        &self,
        account: &Account,
        info: &ConnectorInfo,
        page: OrderPage,
        place: PagePlace,
    ) -> Result<PreparedPage, CoreError> {
        let now = self.clock.now();
        let rules = AccountRules {
            go_live_at: account.go_live_at,
            personal_days: info.personal_days_after_delivery,
            fact_months: info.fact_months_after_change,
            policies: (!has_own_days(account)).then(|| self.policies()),
            class: delivery_of(&account.connector),
        };
        let OrderPage { orders, rejected, .. } = page;
        let orders = newest_of_each(orders);
        let accepted = self.accepted(account, &orders).await?;
        let mut counts = PageCounts { rejected: count(rejected.len()), ..PageCounts::default() };
        let mut arrivals = self.arrivals(account, orders, &rules, now, &mut counts).await?;
        let mut plan = PeoplePlan::make(self, account, &mut arrivals, &rules, now).await?;
        plan.seal(self, account, now).await?;

        let mut write = PageWrite {
            seller: account.seller,
            account: account.account,
            at: now,
            orders: Vec::new(),
            recipients: Vec::new(),
            recipient_purges: Vec::new(),
            buyers: Vec::new(),
            buyer_purges: Vec::new(),
            events: Vec::new(),
            jobs: Vec::new(),
            rejected: rejected.into_iter().map(|rejected| self.rejected_row(rejected, now)).collect(),
            accepted,
            resume: place.resume,
            watermark: place.watermark,
            moves_cursor: place.moves_cursor,
            keys_sequence: 0,
            lease: place.lease,
        };
        for arrival in arrivals {
            write_arrival(&mut write, arrival, &plan, &rules, now, &mut counts)?;
        }
        if !plan.recipients.is_empty() {
            let orders = plan.recipients.iter().map(|row| row.order_id).collect();
            write.jobs.push(NewJob { job_id: JobId::new(now), kind: JobKind::FillSearchTags, orders, due_at: now });
        }
        // A new order that waits to be packed has nothing to invoice; a known one may have left by our own record.
        let may_have_left = |order: &&OrderWrite| {
            !order.row.history && may_need_invoice(order.row.status) && (order.known || order.row.status != "unshipped")
        };
        let left: Vec<OrderId> = write.orders.iter().filter(may_have_left).map(|order| order.row.order_id).collect();
        if !left.is_empty() {
            write.jobs.push(NewJob { job_id: JobId::new(now), kind: JobKind::Invoice, orders: left, due_at: now });
        }
        write.recipients = plan.recipients;
        write.recipient_purges = plan.recipient_purges;
        write.buyers = plan.buyers;
        write.buyer_purges = plan.buyer_purges;
        write.keys_sequence = plan.keys_sequence;
        let orders = write.orders.len();
        Ok(PreparedPage { write: self.store.ready_page(write), orders, counts })
    }

    /// The orders that were rejected before.
    async fn accepted(&self, account: &Account, orders: &[Order]) -> Result<Vec<VendorOrderId>, CoreError> {
        let mut ids: Vec<VendorOrderId> = orders.iter().map(|order| order.facts.vendor_order_id.clone()).collect();
        let rejected = self.store.rejected_among(account.seller, account.account, &ids).await?;
        ids.retain(|id| rejected.contains(id.as_str()));
        Ok(ids)
    }

    async fn arrivals(
        &self,
        account: &Account,
        orders: Vec<Order>,
        rules: &AccountRules,
        now: Timestamp,
        counts: &mut PageCounts,
    ) -> Result<Vec<Arrival>, CoreError> {
        let ids: Vec<VendorOrderId> = orders.iter().map(|order| order.facts.vendor_order_id.clone()).collect();
        let mut known = self.store.known_orders(account.seller, account.account, &ids).await?;
        if known.len() < ids.len() && self.adopt_orders(account, &ids).await? > 0 {
            known = self.store.known_orders(account.seller, account.account, &ids).await?;
        }
        let mut known: HashMap<String, KnownOrder> =
            known.into_iter().map(|order| (order.vendor_order_id.clone(), order)).collect();
        let mut arrivals = Vec::with_capacity(orders.len());
        for order in orders {
            let known = known.remove(order.facts.vendor_order_id.as_str());
            if known.as_ref().is_some_and(|known| known.updated_at > order.facts.updated_at) {
                counts.stale += 1;
                continue;
            }
            let digest = facts_digest(&order.facts)?;
            let history = is_history(known.as_ref(), &order.facts, rules);
            let order_id = known.as_ref().map_or_else(|| OrderId::new(now), |known| known.order_id);
            arrivals.push(Arrival { order, order_id, known, digest, history });
        }
        Ok(arrivals)
    }

    pub(crate) fn rejected_row(&self, rejected: RejectedOrder, now: Timestamp) -> RejectedRow {
        let vendor_order_id = match rejected.vendor_order_id {
            Some(id) => id.as_str().to_owned(),
            None => format!("unreadable:{}", rejected.field),
        };
        RejectedRow {
            vendor_order_id,
            updated_at: rejected.updated_at,
            field: rejected.field,
            reason: rejected.reason,
            program_version: self.program_version.to_owned(),
            first_seen_at: now,
            try_after: now.checked_add_signed(REJECTED_RETRY).unwrap_or(now),
            tries: 1,
        }
    }
}

fn write_arrival(
    write: &mut PageWrite,
    arrival: Arrival,
    plan: &PeoplePlan,
    rules: &AccountRules,
    now: Timestamp,
    counts: &mut PageCounts,
) -> Result<(), CoreError> {
    let known = arrival.known.as_ref();
    let buyer_id = plan.buyer_of(arrival.order_id);
    let same_facts = known.is_some_and(|known| known.digest == arrival.digest);
    let same_buyer = known.is_some_and(|known| known.buyer_id == buyer_id);
    if same_facts && same_buyer {
        if plan.touches(arrival.order_id) {
            counts.changed += 1
        } else {
            counts.unchanged += 1
        }
        return Ok(());
    }
    let mut facts = arrival.order.facts;
    let lines = std::mem::take(&mut facts.lines);
    let lines = if same_facts { Vec::new() } else { line_rows(arrival.order_id, lines)? };
    let mut row = order_row(arrival.order_id, facts, known, rules, now, arrival.digest)?;
    row.buyer_id = buyer_id;
    match known {
        Some(known) => {
            counts.changed += 1;
            write.events.push(event_row(known, &row, now));
        }
        None => counts.new += 1,
    }
    write.orders.push(OrderWrite { row, lines, known: known.is_some() });
    Ok(())
}

/// Each order once: of two readings of one order the newer, of two equally new the later.
fn newest_of_each(orders: Vec<Order>) -> Vec<Order> {
    let mut places: HashMap<VendorOrderId, usize> = HashMap::with_capacity(orders.len());
    let mut kept: Vec<Order> = Vec::with_capacity(orders.len());
    for order in orders {
        let place = places.get(&order.facts.vendor_order_id).and_then(|at| kept.get_mut(*at));
        match place {
            Some(held) if held.facts.updated_at <= order.facts.updated_at => *held = order,
            Some(_) => {}
            None => {
                places.insert(order.facts.vendor_order_id.clone(), kept.len());
                kept.push(order);
            }
        }
    }
    kept
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
