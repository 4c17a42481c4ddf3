//! Money that went back for pieces that never left: it lowers no document, because those pieces stand on none.

use ordersync_types::Money;

use crate::limits::sum;
use crate::rounding::share;
use crate::sale::{Booked, Sale, pending, pieces_booked};
use crate::{KnownRefund, Missing, MissingFact, PricedLine};

/// What is never invoiced of a line, because its pieces were cancelled before they left.
struct Cancelled {
    /// Of the goods; of the wrapping too when no piece is left.
    price: i64,
    /// Its delivery, when no piece is left: it stays on the first document, unless it went back.
    delivery: i64,
}

impl Sale<'_> {
    /// What of the refunds is still to be taken into account: [`pending`] without the price of cancelled pieces. This, and
    /// not `pending` alone, is what lowers an invoice and what credit notes are for.
    ///
    /// A refund is the price of cancelled pieces if it is exactly that. With a line that is cancelled as a whole goes its
    /// wrapping, and its delivery may have gone back too: that part is a lower price for the order as a whole.
    ///
    /// # Errors
    /// [`MissingFact::Refund`] when pieces were cancelled and money went back, and it is not sure whether for them.
    pub fn open_refunds(&self, booked: &[Booked]) -> Result<Vec<KnownRefund>, Missing> {
        let mut open = pending(self.refunds, booked);
        let mut unexplained = Cancelled { price: 0, delivery: 0 };
        for line in &self.priced.lines {
            let cancelled = self.never_invoiced(line, booked);
            let parts: Vec<&mut i64> = parts_of(&mut open, &line.vendor_line_id).collect();
            let back = sum(parts.iter().map(|part| **part));
            if cancelled.price == 0 {
                continue;
            } else if back == 0 {
                unexplained.price = unexplained.price.saturating_add(cancelled.price);
                unexplained.delivery = unexplained.delivery.saturating_add(cancelled.delivery);
            } else if !take_price(parts, &cancelled) {
                return Err(self.doubt(&format!("pieces of line {}", line.vendor_line_id), &cancelled, back));
            }
        }
        let rests: Vec<&mut i64> = open.iter_mut().map(|refund| &mut refund.rest).collect();
        let back = sum(rests.iter().map(|rest| **rest));
        if unexplained.price > 0 && back > 0 && !take_price(rests, &unexplained) {
            return Err(self.doubt("pieces", &unexplained, back));
        }
        let gone = |id: &str| {
            let line = self.priced.lines.iter().find(|line| line.vendor_line_id == id);
            line.is_some_and(|line| self.cancelled_of(line) == line.quantity) && pieces_booked(booked, id) == 0
        };
        for refund in &mut open {
            for (_, part) in refund.lines.iter_mut().filter(|(id, _)| gone(id)) {
                refund.rest = refund.rest.saturating_add(std::mem::take(part));
            }
            refund.lines.retain(|(_, part)| *part > 0);
        }
        open.retain(|refund| refund.total() > 0);
        Ok(open)
    }

    /// Pieces of a line whose cancellation is done, at most all.
    pub(crate) fn cancelled_of(&self, line: &PricedLine) -> i64 {
        self.cancelled.get(&line.vendor_line_id).copied().unwrap_or(0).clamp(0, line.quantity.max(0))
    }

    /// A cancelled piece that stands on a document left nevertheless, and its price is to be credited.
    fn never_invoiced(&self, line: &PricedLine, booked: &[Booked]) -> Cancelled {
        let not_booked = line.quantity.saturating_sub(pieces_booked(booked, &line.vendor_line_id));
        let pieces = self.cancelled_of(line).min(not_booked).max(0);
        let kept = share(line.goods, line.quantity - pieces, line.quantity).unwrap_or(line.goods);
        let goods = line.goods - kept;
        if pieces > 0 && pieces == line.quantity {
            return Cancelled { price: goods.saturating_add(line.wrapping), delivery: line.delivery };
        }
        Cancelled { price: goods, delivery: 0 }
    }

    fn doubt(&self, what: &str, cancelled: &Cancelled, back: i64) -> Missing {
        let money = |minor: i64| Money::new(minor, self.priced.currency);
        let (price, back) = (money(cancelled.price), money(back));
        let reason = format!(
            "{what} worth {price} were cancelled and {back} went back: whether that is the same money must be said"
        );
        Missing::new(MissingFact::Refund, reason)
    }
}

fn parts_of<'o>(open: &'o mut [KnownRefund], id: &'o str) -> impl Iterator<Item = &'o mut i64> {
    let parts = open.iter_mut().flat_map(|refund| &mut refund.lines);
    parts.filter(move |(line, _)| line == id).map(|(_, part)| part)
}

/// Takes the price, with or without the delivery that went back with it, out of the one part that it is, or else out of
/// all parts if they are it together; the delivery stays. False when it is neither.
fn take_price(mut parts: Vec<&mut i64>, cancelled: &Cancelled) -> bool {
    for delivery in [0, cancelled.delivery] {
        let wanted = cancelled.price.saturating_add(delivery);
        if let Some(part) = parts.iter_mut().find(|part| ***part == wanted) {
            **part = delivery;
            return true;
        }
    }
    let back = sum(parts.iter().map(|part| **part));
    for delivery in [0, cancelled.delivery] {
        if back == cancelled.price.saturating_add(delivery) {
            parts.iter_mut().for_each(|part| **part = 0);
            if let Some(first) = parts.first_mut() {
                **first = delivery;
            }
            return true;
        }
    }
    false
}
