//! Which orders can be dispatched, which wait and for what: pure.

use ordersync_core::StoredOrder;
use ordersync_order::{Aspect, CancellationState, FulfilledBy, OrderStatus, PaymentStatus};
use ordersync_types::Timestamp;

/// What is to be done with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// Nothing: it is not open, or it is history.
    None,
    /// The marketplace packs it.
    Elsewhere,
    /// It can be dispatched.
    Dispatch,
    /// It waits.
    Held(Hold),
}

/// Why an order waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Hold {
    /// In sentences, the gravest first.
    pub(crate) reasons: Vec<String>,
    /// What to do about the gravest.
    pub(crate) hint: String,
}

impl Hold {
    fn add(&mut self, reason: impl Into<String>, hint: &str) {
        if self.reasons.is_empty() {
            hint.clone_into(&mut self.hint);
        }
        self.reasons.push(reason.into());
    }
}

/// The statuses in which an order may have to be packed: the store is asked for these.
pub(crate) fn open_statuses() -> impl Iterator<Item = &'static str> {
    OrderStatus::every().into_iter().filter(OrderStatus::is_open).map(|status| status.name())
}

/// The order's status as it was stored.
pub(crate) fn status_of(name: &str, code: Option<&str>) -> OrderStatus {
    OrderStatus::from_name(name, code).unwrap_or(OrderStatus::NotStated)
}

/// What is to be done with an order.
pub(crate) fn work(order: &StoredOrder) -> Work {
    let status = status_of(&order.summary.status, order.summary.status_code.as_deref());
    if order.summary.history || !status.is_open() {
        return Work::None;
    }
    let mut hold = Hold::default();
    match &order.detail.fulfilled_by {
        FulfilledBy::Fba | FulfilledBy::Marketplace(_) => return Work::Elsewhere,
        FulfilledBy::Merchant => {}
        FulfilledBy::NotStated | FulfilledBy::Unknown(_) => {
            hold.add("the marketplace does not say who packs it", "look at the order at the marketplace");
        }
    }
    for_cancellation(order, &mut hold);
    for_payment(order, &status, &mut hold);
    for_reviews(order, &status, &mut hold);
    if hold.reasons.is_empty() { Work::Dispatch } else { Work::Held(hold) }
}

fn for_cancellation(order: &StoredOrder, hold: &mut Hold) {
    let open = order.detail.cancellations.iter().any(|one| match one.state {
        CancellationState::Requested | CancellationState::Unknown(_) => true,
        CancellationState::Declined | CancellationState::Done => false,
    });
    if open {
        let hint = "accept or decline the request at the marketplace; do not dispatch before";
        hold.add("a request to cancel is open", hint);
    }
}

fn for_payment(order: &StoredOrder, status: &OrderStatus, hold: &mut Hold) {
    match &order.detail.payment {
        PaymentStatus::Failed => hold.add("the payment was refused", "do not dispatch; see the marketplace"),
        PaymentStatus::FullyRefunded => hold.add("all of the money went back to the buyer", "do not dispatch"),
        PaymentStatus::Pending => hold.add("the payment is not settled", "wait: it goes on by itself"),
        PaymentStatus::Unknown(code) => {
            hold.add(format!("the payment has a state this program does not know ({code})"), "see the marketplace");
        }
        PaymentStatus::Paid | PaymentStatus::PartiallyRefunded | PaymentStatus::NotStated => {
            if *status == OrderStatus::Pending {
                hold.add("the marketplace has not released it yet", "wait: it goes on by itself");
            }
        }
    }
    if *status == OrderStatus::PreOrder {
        hold.add("it is a pre-order", "wait until the marketplace releases it");
    }
}

fn for_reviews(order: &StoredOrder, status: &OrderStatus, hold: &mut Hold) {
    let hint = "look at the order at the marketplace; if the program is wrong, report the field and the code";
    let before = hold.reasons.len();
    for review in order.detail.reviews.iter().filter(|review| review.aspect == Aspect::Shipping) {
        let code = review.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
        hold.add(format!("{}: {}{code}", review.field, review.reason), hint);
    }
    let told = hold.reasons.len() > before;
    if !told && order.summary.shipping_reviews > 0 {
        hold.add("something about its dispatch must be looked at", hint);
    } else if let (false, OrderStatus::Unknown(code)) = (told, status) {
        hold.add(format!("its status is one this program does not know ({code})"), hint);
    }
}

/// True when an order should have left by now.
pub(crate) fn is_late(ship_by: Option<Timestamp>, now: Timestamp) -> bool {
    ship_by.is_some_and(|latest| latest < now)
}
