//! Money that went back, told apart by what it is for, each refund once.

use ordersync_order::{OrderFacts, Refund};
use ordersync_types::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::limits::{LARGEST, sum};
use crate::{Missing, MissingFact};

/// One refund that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRefund {
    /// Tells it from every other refund of the order: the marketplace's reference, else made of its date and amount.
    pub reference: String,
    /// When, if stated.
    pub at: Option<Timestamp>,
    /// Parts of it that are for a line: (the marketplace's id of the line, minor units), each line once.
    pub lines: Vec<(String, i64)>,
    /// The rest, in minor units: a lower price for the order as a whole.
    pub rest: i64,
}

impl KnownRefund {
    /// All of it, in minor units.
    pub fn total(&self) -> i64 {
        sum(self.lines.iter().map(|(_, part)| *part)).saturating_add(self.rest)
    }
}

/// The refunds of an order that were made, oldest first. Those that are pending or failed are none.
///
/// A marketplace may state one refund for the order and once more for the lines that it is for: those are put together
/// by reference; without one in common, only if their sums are the same.
///
/// # Errors
/// [`MissingFact::Refund`] when the lines' parts exceed the order's refund, nothing tells whether they are the same, or
/// a refund is in another currency than the order or out of range.
pub fn refunds(facts: &OrderFacts) -> Result<Vec<KnownRefund>, Missing> {
    let mut of_order: Vec<KnownRefund> = Vec::new();
    for refund in facts.refunds.iter().filter(|refund| is_made(refund)) {
        let amount = amount_of(facts, refund)?;
        // A refund may come in several payments under one reference.
        let known = known_of(&mut of_order, refund, amount);
        known.rest = known.rest.saturating_add(amount);
    }
    let mut of_lines: Vec<KnownRefund> = Vec::new();
    for line in &facts.lines {
        for refund in line.refunds.iter().filter(|refund| is_made(refund)) {
            let amount = amount_of(facts, refund)?;
            let known = known_of(&mut of_lines, refund, amount);
            let id = line.vendor_line_id.as_str();
            match known.lines.iter_mut().find(|(line, _)| line == id) {
                Some((_, part)) => *part = part.saturating_add(amount),
                None => known.lines.push((id.to_owned(), amount)),
            }
        }
    }
    let mut known = put_together(of_order, of_lines, facts)?;
    known.retain(|refund| refund.total() > 0);
    known.sort_by(|a, b| (a.at, &a.reference).cmp(&(b.at, &b.reference)));
    Ok(known)
}

fn put_together(
    of_order: Vec<KnownRefund>,
    of_lines: Vec<KnownRefund>,
    facts: &OrderFacts,
) -> Result<Vec<KnownRefund>, Missing> {
    if of_order.is_empty() || of_lines.is_empty() {
        return Ok(of_order.into_iter().chain(of_lines).collect());
    }
    let in_words = |minor: i64| match facts.currency {
        Some(currency) => Money::new(minor, currency).to_string(),
        None => minor.to_string(),
    };
    let share_one = of_lines.iter().any(|line| of_order.iter().any(|order| order.reference == line.reference));
    if !share_one {
        let all = |refunds: &[KnownRefund]| sum(refunds.iter().map(KnownRefund::total));
        let (order_sum, line_sum) = (all(&of_order), all(&of_lines));
        if order_sum == line_sum {
            return Ok(of_lines);
        }
        let reason = format!(
            "refunds of {} on the order and of {} on its lines: whether they are the same is not stated",
            in_words(order_sum),
            in_words(line_sum)
        );
        return Err(Missing::new(MissingFact::Refund, reason));
    }
    let mut known = of_order;
    for refund in of_lines {
        let Some(whole) = known.iter_mut().find(|order| order.reference == refund.reference) else {
            known.push(refund);
            continue;
        };
        let part = refund.total();
        if part > whole.rest {
            let (whole, part) = (in_words(whole.rest), in_words(part));
            let reason = format!("refund {} is {whole} on the order and {part} on its lines", refund.reference);
            return Err(Missing::new(MissingFact::Refund, reason));
        }
        whole.rest -= part;
        whole.at = whole.at.or(refund.at);
        whole.lines = refund.lines;
    }
    Ok(known)
}

/// A refund without a status is one that was made; eBay's `PENDING` and `FAILED` are none.
fn is_made(refund: &Refund) -> bool {
    refund.status.as_ref().is_none_or(|status| status.as_str() == "REFUNDED")
}

/// How much went back, whichever sign the marketplace gives it.
fn amount_of(facts: &OrderFacts, refund: &Refund) -> Result<i64, Missing> {
    if let Some(currency) = facts.currency.filter(|currency| *currency != refund.money.currency) {
        let reason = format!("a refund of {} on an order in {currency}", refund.money);
        return Err(Missing::new(MissingFact::Refund, reason));
    }
    let amount = refund.money.minor.checked_abs().filter(|amount| *amount <= LARGEST);
    amount.ok_or_else(|| Missing::new(MissingFact::Refund, "a refund is out of range"))
}

fn known_of<'k>(known: &'k mut Vec<KnownRefund>, refund: &Refund, amount: i64) -> &'k mut KnownRefund {
    let reference = match (&refund.reference, refund.at) {
        (Some(reference), _) => reference.as_str().to_owned(),
        (None, Some(at)) => format!("at:{}:{amount}", at.timestamp_millis()),
        (None, None) => format!("undated:{amount}"),
    };
    let place = known.iter().position(|refund| refund.reference == reference).unwrap_or(known.len());
    if place == known.len() {
        known.push(KnownRefund { reference, at: refund.at, lines: Vec::new(), rest: 0 });
    }
    #[expect(clippy::indexing_slicing, reason = "the place was found, or made just now")]
    &mut known[place]
}
