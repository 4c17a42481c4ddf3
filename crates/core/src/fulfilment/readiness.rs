//! Which orders can be labelled, which are not ours to label, which wait and for what: pure.

use ordersync_order::{Aspect, CancellationState, DeliverTo, FulfilledBy, OrderStatus, PaymentStatus, Programme};
use ordersync_store::{PackedLine, StoredOrder};
use ordersync_types::Timestamp;

use super::pieces::{contradiction, every_piece, open_lines};
use crate::HeldBy;

/// What is to be done with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Nothing: it is not open, or it is history.
    None,
    /// The marketplace packs it.
    Elsewhere,
    /// It is packed here, but the label is not ours to make.
    OtherLabel(Hold),
    /// These pieces can be labelled: (the marketplace's id of the line, pieces).
    Label(Vec<(String, i64)>),
    /// All its pieces are in shipments that have not left.
    Packed,
    /// All its pieces have left, as we recorded it; the marketplace does not say so yet.
    Left,
    /// It waits.
    Held(Hold),
}

/// Why an order waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hold {
    /// In sentences, the gravest first.
    pub reasons: Vec<String>,
    /// What to do about the gravest.
    pub hint: String,
}

impl Hold {
    fn of(reason: impl Into<String>, hint: &str) -> Self {
        let mut hold = Self::default();
        hold.add(reason, hint);
        hold
    }

    fn add(&mut self, reason: impl Into<String>, hint: &str) {
        if self.reasons.is_empty() {
            hint.clone_into(&mut self.hint);
        }
        self.reasons.push(reason.into());
    }

    /// All of it in one sentence.
    pub fn text(&self) -> String {
        self.reasons.join("; ")
    }
}

/// The statuses in which an order may have to be packed: the store is asked for these.
pub fn open_statuses() -> impl Iterator<Item = &'static str> {
    OrderStatus::every().into_iter().filter(OrderStatus::is_open).map(|status| status.name())
}

/// The order's status as it was stored.
pub fn status_of(name: &str, code: Option<&str>) -> OrderStatus {
    OrderStatus::from_name(name, code).unwrap_or(OrderStatus::NotStated)
}

/// What is to be done with an order. `packed`: its pieces in shipments; `held_by`: who holds it back here.
pub fn work(order: &StoredOrder, packed: &[PackedLine], held_by: Option<&HeldBy>) -> Work {
    let status = status_of(&order.summary.status, order.summary.status_code.as_deref());
    if order.summary.history || !status.is_open() {
        return Work::None;
    }
    if is_packed_elsewhere(order) {
        return Work::Elsewhere;
    }
    let mut hold = stops(order, &status, held_by);
    if let Some(at) = order.summary.delivery_purged_at {
        let reason = format!("the address was deleted on {} (delivery data: 30 days after delivery)", at.date_naive());
        hold.add(reason, "open the order at the marketplace if it must go still");
    }
    for_reviews(order, &status, &mut hold);
    if !hold.reasons.is_empty() {
        return Work::Held(hold);
    }
    let open = open_lines(order, packed);
    if !open.is_empty() {
        return match other_label(order) {
            Some(reason) => Work::OtherLabel(reason),
            None => Work::Label(open),
        };
    }
    if every_piece(order).is_empty() {
        return match other_label(order) {
            Some(reason) => Work::OtherLabel(reason),
            None => {
                Work::Held(Hold::of("every piece of it was cancelled", "nothing is to be sent; see the marketplace"))
            }
        };
    }
    let waiting = packed.iter().any(|line| line.order == order.summary.order_id && line.waiting > 0);
    if waiting { Work::Packed } else { Work::Left }
}

/// Why a parcel with pieces of this order must not leave, though it may be packed; `None`: nothing stands against it.
pub(super) fn stops_dispatch(order: &StoredOrder, held_by: Option<&HeldBy>) -> Option<Hold> {
    if is_packed_elsewhere(order) {
        return Some(Hold::of("the marketplace packs it", "nothing of it is to be sent from here"));
    }
    let status = status_of(&order.summary.status, order.summary.status_code.as_deref());
    Some(stops(order, &status, held_by)).filter(|hold| !hold.reasons.is_empty())
}

/// Why an order that is not open cannot be packed once more; `None`: it left from here, and can.
pub(super) fn stops_again(order: &StoredOrder, held_by: Option<&HeldBy>) -> Option<Hold> {
    let status = status_of(&order.summary.status, order.summary.status_code.as_deref());
    if !status.is_dispatched() {
        return Some(Hold::of(format!("it is not open ({})", status.name()), "do not send it"));
    }
    if order.summary.history {
        let hint = "make its label at the marketplace";
        return Some(Hold::of("it left before this installation began, and its address is not held", hint));
    }
    stops_dispatch(order, held_by).or_else(|| other_label(order))
}

fn is_packed_elsewhere(order: &StoredOrder) -> bool {
    match &order.detail.fulfilled_by {
        FulfilledBy::Fba | FulfilledBy::Marketplace(_) => true,
        FulfilledBy::Merchant | FulfilledBy::NotStated | FulfilledBy::Unknown(_) => false,
    }
}

/// What speaks against sending anything of an order that may be packed here, the gravest first.
fn stops(order: &StoredOrder, status: &OrderStatus, held_by: Option<&HeldBy>) -> Hold {
    let mut hold = Hold::default();
    if matches!(order.detail.fulfilled_by, FulfilledBy::NotStated | FulfilledBy::Unknown(_)) {
        hold.add("the marketplace does not say who packs it", "look at the order at the marketplace");
    }
    match held_by {
        Some(HeldBy::Person(who)) => {
            hold.add(format!("{who} holds it back"), "`ordersync orders release` when it may go");
        }
        Some(HeldBy::Account(label)) => {
            let hint = "`ordersync account remove` the one of the two accounts that is too many";
            hold.add(format!("account {label} reads the same order"), hint);
        }
        None => {}
    }
    for_cancellation(order, &mut hold);
    for_payment(order, status, &mut hold);
    if let Some(reason) = contradiction(order) {
        hold.add(reason, "look at the order at the marketplace; it goes on by itself once the counts agree");
    }
    hold
}

/// Why the label of an order that is packed here is somebody else's to make.
pub(super) fn other_label(order: &StoredOrder) -> Option<Hold> {
    let lines = order.lines.iter().flat_map(|line| &line.detail.programmes);
    for programme in order.detail.programmes.iter().chain(lines) {
        let (reason, hint) = match programme {
            Programme::Prime => ("it is a Prime order", "buy its label in Seller Central: Prime takes no other"),
            Programme::ShipPlus => ("it is an FBM Ship+ order", "its label comes from the marketplace"),
            Programme::InStorePickup => ("the buyer fetches it from the shop", "no label is needed"),
            Programme::MarketplaceDelivery => ("the marketplace collects it", "its label comes from the marketplace"),
            Programme::MarketplaceLabel => ("the marketplace provides its label", "print that label"),
            Programme::Digital => ("nothing is posted", "no label is needed"),
            Programme::Premium
            | Programme::Business
            | Programme::InvoiceByMarketplace
            | Programme::ClickAndCollect
            | Programme::PreOrder
            | Programme::ExportHub
            | Programme::Authentication
            | Programme::Vault
            | Programme::Subscription
            | Programme::Transparency
            | Programme::GiftWrap
            | Programme::DeliveryDuty(_)
            | Programme::Other(_) => continue,
        };
        return Some(Hold::of(reason, hint));
    }
    None
}

/// Why an order may not share a parcel with another of the same recipient.
pub fn stands_alone(order: &StoredOrder) -> Option<&'static str> {
    if order.detail.deliver_to == Some(DeliverTo::Hub) {
        return Some("it goes to the marketplace's hub, which takes one order a parcel");
    }
    other_label(order).map(|_| "its label is the marketplace's")
}

fn for_cancellation(order: &StoredOrder, hold: &mut Hold) {
    if has_open_cancellation(order) {
        let hint = "accept or decline the request at the marketplace; do not dispatch before";
        hold.add("a request to cancel is open", hint);
    }
}

/// Whether the buyer wants to cancel and nobody has answered.
pub fn has_open_cancellation(order: &StoredOrder) -> bool {
    order.detail.cancellations.iter().any(|one| match one.state {
        CancellationState::Requested | CancellationState::Unknown(_) => true,
        CancellationState::Declined | CancellationState::Done => false,
    })
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
pub fn is_late(ship_by: Option<Timestamp>, now: Timestamp) -> bool {
    ship_by.is_some_and(|latest| latest < now)
}
