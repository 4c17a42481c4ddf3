//! Credit notes: what of issued documents goes back, with the VAT that those documents had.

use crate::content::{DocumentLine, GrossLine, LineOf, RefundUse};
use crate::limits::{below_nothing, sum, too_large, within_limits};
use crate::rounding::{share, spread};
use crate::sale::{Booked, BookedAs};
use crate::{Content, Missing, MissingFact, VatGroup};

/// What is to go back, in minor units of the order's currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreditWish {
    /// Which refund it is.
    pub reference: String,
    /// Parts for a line: (the marketplace's id of the line, minor units).
    pub lines: Vec<(String, i64)>,
    /// For delivery.
    pub delivery: i64,
    /// For the order as a whole.
    pub goodwill: i64,
}

impl CreditWish {
    /// The same, with what a line's part exceeds the line by taken from the delivery: a marketplace that gives a line's
    /// money back gives back its delivery with it, and documents have delivery as a line of its own.
    #[must_use]
    pub fn with_delivery_of_lines(mut self, booked: &[Booked]) -> Self {
        let sales = || booked.iter().enumerate().filter(|(_, document)| document.booked_as == BookedAs::Sale);
        for (id, amount) in &mut self.lines {
            let left = sum(sales().map(|(place, document)| {
                let credited: Vec<&Content> = credits_of(booked, place).collect();
                let left = Left::of(&document.content, &credited);
                sum(left.lines.iter().filter(|(line, _)| line.of.is_of(id)).map(|(_, left)| (*left).max(0)))
            }));
            let over = amount.saturating_sub(left).max(0);
            *amount -= over;
            self.delivery = self.delivery.saturating_add(over);
        }
        self
    }
}

/// The credit notes that take so much back, each with the place of the document that it is for: oldest first, and none
/// for more than is left on its document.
///
/// The VAT of a credit note is the share that the document's VAT has in what was taken back until then, less what
/// earlier ones had: when all is taken back, so is all VAT (VAT Regulations 1995 reg. 15C, facts G1).
///
/// # Errors
/// [`MissingFact::Refund`] when more is to go back than the documents are for, or less than nothing.
pub fn credit(booked: &[Booked], wish: &CreditWish) -> Result<Vec<(usize, Content)>, Missing> {
    let mut wish = wish.clone();
    let amounts = || wish.lines.iter().map(|(_, amount)| *amount).chain([wish.delivery, wish.goodwill]);
    if amounts().any(|amount| amount < 0) {
        return Err(Missing::new(MissingFact::Refund, "what goes back cannot be below nothing"));
    }
    within_limits(amounts())?;
    let contents = || booked.iter().map(|document| &document.content);
    within_limits(
        contents().flat_map(|content| &content.groups).flat_map(|group| [group.net, group.vat, group.gross]),
    )?;
    within_limits(contents().flat_map(|content| &content.lines).map(|line| line.gross))?;
    let mut notes = Vec::new();
    for (place, document) in booked.iter().enumerate() {
        if document.booked_as != BookedAs::Sale {
            continue;
        }
        let credited: Vec<&Content> = credits_of(booked, place).collect();
        let mut left = Left::of(&document.content, &credited);
        let mut lines = Vec::new();
        let mut uses = Vec::new();
        for (id, amount) in wish.lines.iter_mut().filter(|(_, amount)| *amount > 0) {
            let taken = left.take(*amount, |of| of.is_of(id), &mut lines);
            *amount -= taken;
            if taken > 0 {
                uses.push(RefundUse { reference: wish.reference.clone(), line: Some(id.clone()), amount: taken });
            }
        }
        let of_delivery = left.take(wish.delivery, |of| *of == LineOf::Delivery, &mut lines);
        wish.delivery -= of_delivery;
        let of_goodwill = left.take_by_value(wish.goodwill, &mut lines)?;
        wish.goodwill -= of_goodwill;
        if of_delivery + of_goodwill > 0 {
            uses.push(RefundUse { reference: wish.reference.clone(), line: None, amount: of_delivery + of_goodwill });
        }
        if !lines.is_empty() {
            notes.push((place, content(&document.content, &credited, lines, uses)?));
        }
    }
    let over = sum(wish.lines.iter().map(|(_, amount)| *amount).chain([wish.delivery, wish.goodwill]));
    if over > 0 {
        let currency = booked.first().map(|document| document.content.currency);
        let over = currency
            .map_or_else(|| over.to_string(), |currency| ordersync_types::Money::new(over, currency).to_string());
        let reason =
            format!("{over} more went back than is left on the documents for it: compensation is no credit note");
        return Err(Missing::new(MissingFact::Refund, reason));
    }
    Ok(notes)
}

/// The credit note that takes all of a document back, pieces and all, so that another can take its place.
///
/// # Errors
/// [`MissingFact::Refund`] when something of it was taken back before.
pub fn reversal(booked: &[Booked], place: usize) -> Result<Content, Missing> {
    let document = booked.get(place).filter(|document| document.booked_as == BookedAs::Sale);
    let Some(document) = document.filter(|_| credits_of(booked, place).next().is_none()) else {
        let reason = "a credit note was written for it already: what is left of it cannot be issued anew";
        return Err(Missing::new(MissingFact::Refund, reason));
    };
    Ok(Content { refunds: Vec::new(), ..document.content.clone() })
}

/// How much of a document has not been taken back: (net, VAT, gross) by what and rate.
pub fn left_of(booked: &[Booked], place: usize) -> Vec<VatGroup> {
    let Some(document) = booked.get(place) else { return Vec::new() };
    let mut groups = document.content.groups.clone();
    for group in &mut groups {
        for credited in credits_of(booked, place).flat_map(|content| &content.groups) {
            if (credited.supply, credited.rate) == (group.supply, group.rate) {
                group.net = group.net.saturating_sub(credited.net);
                group.vat = group.vat.saturating_sub(credited.vat);
                group.gross = group.gross.saturating_sub(credited.gross);
            }
        }
    }
    groups
}

fn credits_of(booked: &[Booked], place: usize) -> impl Iterator<Item = &Content> {
    let is_it = move |document: &&Booked| matches!(document.booked_as, BookedAs::Credit { of, .. } if of == place);
    booked.iter().filter(is_it).map(|document| &document.content)
}

/// What can still be taken back from a document.
struct Left<'c> {
    lines: Vec<(&'c DocumentLine, i64)>,
    /// Goodwill takes from a rate as a whole, so that a line may have more left than its rate.
    groups: Vec<(VatGroup, i64)>,
}

impl<'c> Left<'c> {
    fn of(content: &'c Content, credited: &[&Content]) -> Self {
        let same = |a: &DocumentLine, b: &DocumentLine| (&a.of, a.supply, a.rate) == (&b.of, b.supply, b.rate);
        let lines = content.lines.iter().map(|line| {
            let credits = credited.iter().flat_map(|content| &content.lines);
            let taken = sum(credits.filter(|other| same(line, other)).map(|other| other.gross));
            (line, line.gross.saturating_sub(taken))
        });
        let groups = content.groups.iter().map(|group| {
            let credits = credited.iter().flat_map(|content| &content.groups);
            let same = credits.filter(|other| (other.supply, other.rate) == (group.supply, group.rate));
            (*group, group.gross.saturating_sub(sum(same.map(|other| other.gross))))
        });
        Self { lines: lines.collect(), groups: groups.collect() }
    }

    /// Takes up to `amount` from the lines that are asked for; tells how much.
    fn take(&mut self, amount: i64, wanted: impl Fn(&LineOf) -> bool, into: &mut Vec<GrossLine>) -> i64 {
        let mut taken = 0;
        for (line, left) in &mut self.lines {
            if !wanted(&line.of) {
                continue;
            }
            let group =
                self.groups.iter_mut().find(|(group, _)| (group.supply, group.rate) == (line.supply, line.rate));
            let Some((_, of_group)) = group else { continue };
            let part = (amount - taken).min(*left).min(*of_group);
            if part <= 0 {
                continue;
            }
            *left -= part;
            *of_group -= part;
            taken += part;
            into.push(GrossLine {
                of: line.of.clone(),
                sku: line.sku.clone(),
                description: line.description.clone(),
                quantity: 1,
                supply: line.supply,
                rate: line.rate,
                basis: line.basis.clone(),
                gross: part,
            });
        }
        taken
    }

    /// Takes up to `amount` from all rates by what they have left; tells how much.
    fn take_by_value(&mut self, amount: i64, into: &mut Vec<GrossLine>) -> Result<i64, Missing> {
        let weights: Vec<i64> = self.groups.iter().map(|(_, left)| (*left).max(0)).collect();
        let taken = amount.min(sum(weights.iter().copied()));
        if taken <= 0 {
            return Ok(0);
        }
        let parts = spread(taken, &weights).ok_or_else(below_nothing)?;
        let several = parts.iter().filter(|part| **part > 0).count() > 1;
        for ((group, left), part) in self.groups.iter_mut().zip(parts).filter(|(_, part)| *part > 0) {
            *left -= part;
            let rate = group.rate;
            into.push(GrossLine {
                of: LineOf::Goodwill,
                sku: None,
                description: if several {
                    format!("Price reduction, part at {rate} %")
                } else {
                    "Price reduction".to_owned()
                },
                quantity: 1,
                supply: group.supply,
                rate,
                basis: "a lower price for the order as a whole, by value".to_owned(),
                gross: part,
            });
        }
        Ok(taken)
    }
}

fn content(
    sale: &Content,
    credited: &[&Content],
    lines: Vec<GrossLine>,
    uses: Vec<RefundUse>,
) -> Result<Content, Missing> {
    let mut groups = Vec::new();
    for group in &sale.groups {
        let same = |supply, rate| (supply, rate) == (group.supply, group.rate);
        let gross = sum(lines.iter().filter(|line| same(line.supply, line.rate)).map(|line| line.gross));
        if gross == 0 {
            continue;
        }
        let earlier =
            credited.iter().flat_map(|content| &content.groups).filter(|other| same(other.supply, other.rate));
        let before = sum(earlier.map(|other| other.gross));
        let vat_until = |gross: i64| share(group.vat, gross, group.gross).ok_or_else(too_large);
        let vat = vat_until(before.saturating_add(gross))? - vat_until(before)?;
        groups.push(VatGroup { supply: group.supply, rate: group.rate, net: gross - vat, vat, gross });
    }
    Content::spread_over_lines(sale.currency, lines, groups, uses)
}
