//! A dispatch becomes the content of an invoice, a receipt or a record: what left, at what price and rate.

use std::collections::HashMap;

use chrono::NaiveDate;
use ordersync_order::{OrderFacts, OrderLine};
use ordersync_types::{Money, Timestamp};

use crate::content::{GrossLine, LineOf, RefundUse};
use crate::limits::{LARGEST, below_nothing, sum, within_limits};
use crate::pieces::price_of_next;
use crate::rounding::{share, spread, vat_in};
use crate::{
    Content, KnownRefund, Missing, MissingFact, PricedLine, PricedOrder, Rate, Scheme, Supply, Treatment, VatCategory,
};

/// What is known of a sale before its documents.
#[derive(Debug)]
pub struct Sale<'a> {
    /// The order.
    pub facts: &'a OrderFacts,
    /// Its amounts.
    pub priced: &'a PricedOrder,
    /// How it is treated.
    pub treatment: &'a Treatment,
    /// The VAT category of each line, by the marketplace's id of it; needed within the United Kingdom only.
    pub categories: &'a HashMap<String, DeclaredCategory>,
    /// Pieces of each line whose cancellation is done.
    pub cancelled: &'a HashMap<String, i64>,
    /// Money that went back.
    pub refunds: &'a [KnownRefund],
}

/// The VAT category of a product, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredCategory {
    /// The category.
    pub category: VatCategory,
    /// A product row, or the seller's declaration for goods not listed.
    pub basis: String,
}

/// Pieces that left together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// When.
    pub at: Timestamp,
    /// (The marketplace's id of the line, pieces), pieces above 0.
    pub pieces: Vec<(String, i64)>,
}

/// A document of the order that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// What it is.
    pub booked_as: BookedAs,
    /// What stands on it.
    pub content: Content,
}

/// What an issued document is in the order's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookedAs {
    /// An invoice, a receipt or a record of a sale.
    Sale,
    /// What takes some of a sale back.
    Credit {
        /// The place of that sale in the list.
        of: usize,
        /// True when it takes all of it back, pieces included, because another document takes its place.
        reversal: bool,
    },
}

impl Sale<'_> {
    /// The content of the document for one dispatch. When its total is nothing, no invoice is due; but it must be among the
    /// `booked` of later calls all the same, because its pieces have left and the refunds that it names are used.
    ///
    /// Pieces get their share of the line's price, so that all pieces together have all of it; delivery goes with the
    /// first dispatch and takes the liability of the goods, by their value (VATA 1994 s.19(4); facts F1, F2); wrapping is a
    /// supply of its own and standard-rated (Notice 700/24 s.2); money that went back before the dispatch is taken off.
    ///
    /// # Errors
    /// The [`Missing`] fact.
    pub fn content(&self, dispatch: &Dispatch, day: NaiveDate, booked: &[Booked]) -> Result<Content, Missing> {
        self.within_limits()?;
        self.compare_stated_tax(day)?;
        let refunds = self.open_refunds(booked)?;
        let mut lines: Vec<GrossLine> = Vec::new();
        for (id, pieces) in pieces_by_line(dispatch)? {
            let (line, priced) = self.line(id)?;
            let before = pieces_booked(booked, id);
            let sold = priced.quantity - self.cancelled_of(priced);
            let until = before.saturating_add(pieces);
            if until > sold {
                let reason = format!("{until} pieces of line {id} have left, and {sold} were sold");
                return Err(Missing::new(MissingFact::Order, reason));
            }
            let gross = price_of_next(priced, pieces, booked)?;
            let (supply, rate, basis) = self.tax_of(id, day)?;
            let sku = line.sku.clone();
            let description = description(line);
            let of = LineOf::Goods(id.to_owned());
            lines.push(GrossLine { of, sku, description, quantity: pieces, supply, rate, basis, gross });
            let wrapping = LineOf::Wrapping(id.to_owned());
            if priced.wrapping > 0 && !is_booked(booked, &wrapping) {
                let (supply, rate) = self.rate_of(VatCategory::Standard, day)?;
                lines.push(GrossLine {
                    of: wrapping,
                    sku: None,
                    description: "Gift wrapping".to_owned(),
                    quantity: 1,
                    supply,
                    rate,
                    basis: "wrapping is a supply of its own".to_owned(),
                    gross: priced.wrapping,
                });
            }
        }
        if !is_booked(booked, &LineOf::Delivery) {
            lines.extend(self.delivery(day)?);
        }
        let used = take_refunds_off(&refunds, dispatch.at, &mut lines)?;
        Content::of_gross(self.priced.currency, lines, used)
    }

    fn within_limits(&self) -> Result<(), Missing> {
        let priced = || self.priced.lines.iter();
        within_limits(priced().flat_map(|line| [line.goods, line.delivery, line.wrapping, line.stated_tax]))?;
        within_limits(priced().map(|line| line.quantity))?;
        within_limits(self.refunds.iter().flat_map(|refund| [refund.rest, refund.total()]))?;
        let amounts = || priced().flat_map(|line| [line.goods, line.delivery, line.wrapping, line.quantity]);
        if amounts().any(|amount| amount < 0) { Err(below_nothing()) } else { Ok(()) }
    }

    fn line(&self, id: &str) -> Result<(&OrderLine, &PricedLine), Missing> {
        let unknown = || Missing::new(MissingFact::Order, format!("the order has no line {id} any more"));
        let line = self.facts.lines.iter().find(|line| line.vendor_line_id.as_str() == id).ok_or_else(unknown)?;
        let priced = self.priced.lines.iter().find(|line| line.vendor_line_id == id).ok_or_else(unknown)?;
        Ok((line, priced))
    }

    fn rate_of(&self, category: VatCategory, day: NaiveDate) -> Result<(Supply, Rate), Missing> {
        match self.treatment.scheme {
            Scheme::Export => Ok((Supply::Export, Rate::ZERO)),
            Scheme::MarketplaceDeemed => Ok((Supply::Zero, Rate::ZERO)),
            Scheme::NotRegistered => Ok((Supply::OutsideScope, Rate::ZERO)),
            Scheme::Uk => {
                let unknown = || Missing::new(MissingFact::Setting, format!("no VAT rate is known for {day}"));
                Ok((category.into(), category.rate_on(day).ok_or_else(unknown)?))
            }
        }
    }

    fn tax_of(&self, id: &str, day: NaiveDate) -> Result<(Supply, Rate, String), Missing> {
        if self.treatment.scheme != Scheme::Uk {
            let (supply, rate) = self.rate_of(VatCategory::Standard, day)?;
            return Ok((supply, rate, self.treatment.reason.clone()));
        }
        let unlisted = || Missing::new(MissingFact::Product, format!("the VAT category of line {id} is not known"));
        let declared = self.categories.get(id).ok_or_else(unlisted)?;
        let (supply, rate) = self.rate_of(declared.category, day)?;
        Ok((supply, rate, declared.basis.clone()))
    }

    /// Delivery of the whole order, by the value of its goods at each rate.
    fn delivery(&self, day: NaiveDate) -> Result<Vec<GrossLine>, Missing> {
        let total = sum(self.priced.lines.iter().map(|line| line.delivery));
        if total == 0 {
            return Ok(Vec::new());
        }
        let mut rates: Vec<(Supply, Rate, i64)> = Vec::new();
        for line in &self.priced.lines {
            let kept = line.quantity - self.cancelled_of(line);
            if kept == 0 {
                continue;
            }
            let (supply, rate, _) = self.tax_of(&line.vendor_line_id, day)?;
            let value = share(line.goods, kept, line.quantity).unwrap_or(0);
            match rates.iter_mut().find(|known| (known.0, known.1) == (supply, rate)) {
                Some(known) => known.2 = known.2.saturating_add(value),
                None => rates.push((supply, rate, value)),
            }
        }
        if let [only] = rates.as_mut_slice() {
            only.2 = 1;
        }
        let weights: Vec<i64> = rates.iter().map(|(_, _, value)| *value).collect();
        let several = weights.iter().filter(|weight| **weight > 0).count() > 1;
        let parts = spread(total, &weights).ok_or_else(|| {
            let reason = "delivery is charged on goods of several rates that have no price to share it by";
            Missing::new(MissingFact::Amounts, reason)
        })?;
        let line = |((supply, rate, _), gross): (&(Supply, Rate, i64), i64)| GrossLine {
            of: LineOf::Delivery,
            sku: None,
            description: if several { format!("Delivery, part at {rate} %") } else { "Delivery".to_owned() },
            quantity: 1,
            supply: *supply,
            rate: *rate,
            basis: "delivery takes the liability of the goods, by their value".to_owned(),
            gross,
        };
        Ok(rates.iter().zip(parts).filter(|(_, part)| *part > 0).map(line).collect())
    }

    /// Tax that the marketplace works out must be ours on every line, to the penny for each amount that it rounds by itself.
    fn compare_stated_tax(&self, day: NaiveDate) -> Result<(), Missing> {
        let states_none = self.priced.lines.iter().all(|line| line.stated_tax == 0);
        if states_none || self.treatment.scheme == Scheme::MarketplaceDeemed {
            return Ok(());
        }
        for line in self.priced.lines.iter().filter(|line| line.quantity > self.cancelled_of(line)) {
            let (_, rate, _) = self.tax_of(&line.vendor_line_id, day)?;
            let (_, of_wrapping) = self.rate_of(VatCategory::Standard, day)?;
            let amounts = [(line.goods, rate), (line.delivery, rate), (line.wrapping, of_wrapping)];
            let ours = sum(amounts.iter().map(|(gross, rate)| vat_in(*gross, *rate)));
            let roundings = sum(amounts.iter().map(|(gross, _)| i64::from(*gross != 0)));
            if (line.stated_tax - ours).abs() > roundings {
                let money = |minor: i64| Money::new(minor, self.priced.currency);
                let (id, stated, ours) = (&line.vendor_line_id, money(line.stated_tax), money(ours));
                let reason =
                    format!("the marketplace states tax of {stated} on line {id}, but by your products it is {ours}");
                return Err(Missing::new(MissingFact::Product, reason));
            }
        }
        Ok(())
    }
}

/// Pieces of each line, in the order of the dispatch; a line may be in several parcels of it.
fn pieces_by_line(dispatch: &Dispatch) -> Result<Vec<(&str, i64)>, Missing> {
    let mut pieces: Vec<(&str, i64)> = Vec::new();
    for (id, number) in &dispatch.pieces {
        if !(1..=LARGEST).contains(number) {
            let reason = format!("{number} pieces of line {id} cannot have left");
            return Err(Missing::new(MissingFact::Order, reason));
        }
        match pieces.iter_mut().find(|(known, _)| known == id) {
            Some((_, known)) => *known = known.saturating_add(*number),
            None => pieces.push((id, *number)),
        }
    }
    if pieces.is_empty() {
        return Err(Missing::new(MissingFact::Order, "nothing is in the dispatch"));
    }
    Ok(pieces)
}

/// Takes off what went back before the goods left: a line's part off the line, if it is in this dispatch, and the rest
/// off all by value. What does not fit stays for a later document.
fn take_refunds_off(
    refunds: &[KnownRefund],
    dispatched_at: Timestamp,
    lines: &mut [GrossLine],
) -> Result<Vec<RefundUse>, Missing> {
    let mut used = Vec::new();
    for refund in refunds.iter().filter(|refund| refund.at.is_some_and(|at| at <= dispatched_at)) {
        for (id, part) in &refund.lines {
            let mut left = *part;
            for line in lines.iter_mut().filter(|line| line.of.is_of(id)) {
                let amount = left.min(line.gross);
                line.gross -= amount;
                left -= amount;
            }
            if left < *part {
                let (reference, amount) = (refund.reference.clone(), part - left);
                used.push(RefundUse { reference, line: Some(id.clone()), amount });
            }
        }
        let gross: Vec<i64> = lines.iter().map(|line| line.gross).collect();
        let amount = refund.rest.min(sum(gross.iter().copied()));
        if amount > 0 {
            let parts = spread(amount, &gross).ok_or_else(below_nothing)?;
            for (line, part) in lines.iter_mut().zip(parts) {
                line.gross -= part;
            }
            used.push(RefundUse { reference: refund.reference.clone(), line: None, amount });
        }
    }
    Ok(used)
}

/// Sales that hold: those that no reversal takes back.
fn holding(booked: &[Booked]) -> impl Iterator<Item = &Content> {
    let is_reversed = |place: usize| {
        booked.iter().any(|other| matches!(other.booked_as, BookedAs::Credit { of, reversal: true } if of == place))
    };
    let sales = booked.iter().enumerate().filter(|(_, document)| document.booked_as == BookedAs::Sale);
    sales.filter(move |(place, _)| !is_reversed(*place)).map(|(_, document)| &document.content)
}

fn is_booked(booked: &[Booked], what: &LineOf) -> bool {
    holding(booked).any(|content| content.lines.iter().any(|line| line.of == *what))
}

/// Pieces of a line that stand on documents which hold.
pub fn pieces_booked(booked: &[Booked], vendor_line_id: &str) -> i64 {
    sum(holding(booked).map(|content| content.pieces_of(vendor_line_id)))
}

/// What of the refunds no document that holds takes into account yet. A refund that a person has booked as something
/// else than the marketplace stated, for example a line's as goodwill, is used up by it all the same.
///
/// The price of cancelled pieces is still in it: [`Sale::open_refunds`] is without.
pub fn pending(refunds: &[KnownRefund], booked: &[Booked]) -> Vec<KnownRefund> {
    let credits =
        booked.iter().filter(|document| document.booked_as != BookedAs::Sale).map(|document| &document.content);
    let uses: Vec<&RefundUse> = holding(booked).chain(credits).flat_map(|content| &content.refunds).collect();
    let mut left: Vec<KnownRefund> = refunds.to_vec();
    for refund in &mut left {
        let of_refund = || uses.iter().filter(|used| used.reference == refund.reference);
        let mut over = sum(of_refund().map(|used| used.amount)).max(0);
        for (line, part) in &mut refund.lines {
            let of_line = of_refund().filter(|used| used.line.as_deref() == Some(line)).map(|used| used.amount);
            take_from(part, sum(of_line), &mut over);
        }
        take_from(&mut refund.rest, i64::MAX, &mut over);
        for (_, part) in &mut refund.lines {
            take_from(part, i64::MAX, &mut over);
        }
        refund.lines.retain(|(_, part)| *part > 0);
    }
    left.retain(|refund| refund.total() > 0);
    left
}

/// Lowers an amount by what is used of it, at most to nothing.
fn take_from(amount: &mut i64, most: i64, over: &mut i64) {
    *amount = (*amount).max(0);
    let taken = (*amount).min(most).min(*over).max(0);
    *amount -= taken;
    *over -= taken;
}

fn description(line: &OrderLine) -> String {
    line.title
        .clone()
        .or_else(|| line.sku.clone())
        .or_else(|| line.vendor_item_id.as_ref().map(|id| id.as_str().to_owned()))
        .unwrap_or_else(|| format!("Item {}", line.vendor_line_id))
}
