//! An order's facts as rows: pure.

use std::sync::Arc;

use ordersync_order::{Aspect, OrderFacts, OrderLine, OrderStatus, Review, Transition, transition};
use ordersync_store::{EventRow, KnownOrder, LineDetail, LineRow, OrderDetail, OrderRow};
use ordersync_types::{OrderId, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::CoreError;
use crate::retention::{Policies, facts_purge_after};

/// What intake must know of the account besides the order.
#[derive(Debug, Clone)]
pub(crate) struct AccountRules {
    pub(crate) go_live_at: Timestamp,
    pub(crate) personal_days: u32,
    pub(crate) fact_months: Option<u32>,
    /// What was said of the account's delivery data before, for orders that are held; `None` with a number of its own.
    pub(crate) policies: Option<Arc<Policies>>,
    /// The policies' class.
    pub(crate) class: String,
}

impl AccountRules {
    /// Days that the personal data of an order is kept: a longer time that came after it does not reach back.
    pub(crate) fn days_of(&self, known: Option<&KnownOrder>) -> u32 {
        let held = self.policies.as_ref().zip(known);
        let days = held.and_then(|(policies, known)| policies.days(&self.class, known.first_read_at));
        days.unwrap_or(self.personal_days)
    }
}

/// The digest of an order's facts: equal digests mean that there is nothing to write.
pub(crate) fn facts_digest(facts: &OrderFacts) -> Result<[u8; 16], CoreError> {
    let mut text = Vec::with_capacity(2048);
    serde_json::to_writer(&mut text, facts)?;
    let whole: [u8; 32] = Sha256::digest(&text).into();
    let mut digest = [0; 16];
    for (to, from) in digest.iter_mut().zip(whole) {
        *to = from;
    }
    Ok(digest)
}

/// The status that is to be stored, and how it came about.
pub(crate) fn next_status(known: Option<&KnownOrder>, facts: &OrderFacts) -> (OrderStatus, Option<Transition>) {
    let held = known.and_then(|known| OrderStatus::from_name(&known.status.0, known.status.1.as_deref()));
    match held {
        None => (facts.status.clone(), None),
        Some(held) => match transition(&held, &facts.status) {
            Transition::Keep => (held, Some(Transition::Keep)),
            step @ (Transition::Same | Transition::Forward | Transition::Back | Transition::Contradiction) => {
                (facts.status.clone(), Some(step))
            }
        },
    }
}

/// Whether an order is history: dispatched before the account went live. Decided when it is first seen.
pub(crate) fn is_history(known: Option<&KnownOrder>, facts: &OrderFacts, rules: &AccountRules) -> bool {
    match known {
        Some(known) => known.history,
        None => {
            let over = facts.status.is_dispatched() || facts.status == OrderStatus::Cancelled;
            over && facts.dispatched_at.unwrap_or(facts.updated_at) < rules.go_live_at
        }
    }
}

/// The facts of an order after what was held before: moments once known stay known.
pub(crate) fn order_row(
    order_id: OrderId,
    facts: OrderFacts,
    known: Option<&KnownOrder>,
    rules: &AccountRules,
    read_at: Timestamp,
    digest: [u8; 16],
) -> Result<OrderRow, CoreError> {
    let (status, step) = next_status(known, &facts);
    // The earliest delivery that was told stays: Amazon gives no time, only the order's last change.
    let delivered_at = match (known.and_then(|known| known.delivered_at), facts.delivered_at) {
        (Some(held), Some(told)) => Some(held.min(told)),
        (held, told) => held.or(told),
    };
    let mut row = OrderRow {
        order_id,
        vendor_order_id: facts.vendor_order_id.clone(),
        marketplace: facts.marketplace.as_str().to_owned(),
        status: status.name(),
        status_code: if let OrderStatus::Unknown(code) = &status { Some(code.as_str().to_owned()) } else { None },
        fulfilled_by: facts.fulfilled_by.name(),
        completeness: match facts.completeness {
            ordersync_order::Completeness::Full => "full",
            ordersync_order::Completeness::AddressOnly => "address_only",
        },
        created_at: facts.created_at,
        updated_at: facts.updated_at,
        first_read_at: known.map_or(read_at, |known| known.first_read_at),
        read_at,
        ship_by: facts.ship_by.latest,
        deliver_by: facts.deliver_by.latest,
        dispatched_at: dispatched_at(known.and_then(|known| known.dispatched_at), &facts),
        delivered_at,
        history: is_history(known, &facts, rules),
        country: facts.destination.map(|destination| destination.country.code()),
        territory: facts.destination.map(|destination| destination.territory.code()),
        currency: facts.currency.map(ordersync_types::Currency::code),
        grand_total_minor: facts.grand_total.map(|total| total.minor),
        shipping_reviews: 0,
        tax_reviews: 0,
        buyer_id: None,
        facts_purge_after: facts_purge_after(facts.updated_at, rules.fact_months),
        digest,
        detail: String::new(),
    };
    let mut detail = OrderDetail::of(facts);
    if step == Some(Transition::Contradiction) {
        let reason = "the marketplace took back a step that should be final: look at the order before packing it";
        detail.reviews.push(Review::new(Aspect::Shipping, "status", reason));
    }
    let reviews = |aspect| {
        let count = detail.reviews.iter().filter(|review| review.aspect == aspect).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    };
    row.shipping_reviews = reviews(Aspect::Shipping);
    row.tax_reviews = reviews(Aspect::Tax);
    row.detail = serde_json::to_string(&detail)?;
    Ok(row)
}

/// When the newest parcel left. Where a marketplace gives no time, it is the order's last change: then the first that was
/// told stays.
fn dispatched_at(known: Option<Timestamp>, facts: &OrderFacts) -> Option<Timestamp> {
    match (known, facts.dispatched_at) {
        (Some(known), Some(told)) if told != facts.updated_at => Some(known.max(told)),
        (known, told) => known.or(told),
    }
}

/// The rows of an order's lines.
pub(crate) fn line_rows(order_id: OrderId, lines: Vec<OrderLine>) -> Result<Vec<LineRow>, CoreError> {
    lines
        .into_iter()
        .zip(1_i64..)
        .map(|(mut line, position)| {
            let (sku, title) = (line.sku.take(), line.title.take());
            Ok(LineRow {
                order_id,
                vendor_line_id: line.vendor_line_id.as_str().to_owned(),
                position,
                sku,
                vendor_item_id: line.vendor_item_id.as_ref().map(|id| id.as_str().to_owned()),
                title,
                quantity: i64::from(line.quantity),
                quantity_dispatched: line.quantity_dispatched.map(i64::from),
                total_minor: line.total.map(|total| total.minor),
                detail: serde_json::to_string(&LineDetail::of(line))?,
            })
        })
        .collect()
}

/// The entry of a known order's history that this reading gives rise to.
pub(crate) fn event_row(known: &KnownOrder, row: &OrderRow, at: Timestamp) -> EventRow {
    let status = |name: &str, code: Option<&str>| match code {
        Some(code) => format!("{name} ({code})"),
        None => name.to_owned(),
    };
    let now = status(row.status, row.status_code.as_deref());
    let before = status(&known.status.0, known.status.1.as_deref());
    let (kind, detail) =
        if before == now { (EventRow::CHANGED, now) } else { (EventRow::STATUS, format!("{before} -> {now}")) };
    EventRow { order_id: known.order_id, event_id: event_id(at), at, kind, detail }
}

fn event_id(at: Timestamp) -> Uuid {
    ordersync_types::EventId::new(at).as_uuid()
}
