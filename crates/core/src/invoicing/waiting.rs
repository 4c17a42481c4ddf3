//! The row of what has left and has no document: why, when and how much.

use chrono::{Months, NaiveDate};
use ordersync_order::Programme;
use ordersync_store::{UninvoicedRow, UninvoicedState};
use ordersync_types::Timestamp;
use ordersync_vat::{Booked, BookedAs, BuyerKind, MissingFact, TaxPoint, local_day};

use super::draft::{Case, Draft, Stop};
use super::due::left_at;
use super::settings::Business;
use super::storing::Ready;
use super::words::start_of_day;

impl Case<'_> {
    /// What waits of this order: what it is worth, less what holding documents have. Once all of that is on documents it is
    /// a refund that waits, with its own day.
    pub(super) fn uninvoiced(&self, stop: Stop, account: &[Booked], left: Option<Timestamp>) -> UninvoicedRow {
        let (state, fact, reason) = match stop {
            Stop::Missing(missing) => (UninvoicedState::Person, Some(missing.fact.name()), missing.reason),
            Stop::Marketplace(reason) => (UninvoicedState::Marketplace, None, reason),
            Stop::NoDocument(reason) => (UninvoicedState::NoDocument, None, reason),
        };
        let covered = holding(account) + self.elsewhere.and_then(|other| other.documents).unwrap_or(0);
        // With discounts that the marketplace pays, where the amounts can be read at all.
        let worth = match &self.business {
            Ok(business) => self.known(business).ok().map(|known| known.priced.total()),
            Err(_) => None,
        };
        let worth = worth.or(self.order.summary.grand_total_minor);
        let (at, gross) = match left {
            Some(at) => (at, worth.map(|worth| worth - covered)),
            None => (self.last_refund().unwrap_or_else(|| left_at(self.order)), Some(self.refund_left(account))),
        };
        let tax_point = match &self.business {
            Ok(business) if left.is_some() => {
                TaxPoint::of_sale(business.tax.tax_point, at, self.facts.created_at, business.tax.zone).day
            }
            Ok(business) => local_day(at, business.tax.zone),
            Err(_) => local_day(at, chrono_tz::Europe::London),
        };
        let seen = self.buyer.map(|known| known.kind == BuyerKind::Business);
        let stated = self.was_business || self.facts.programmes.contains(&Programme::Business);
        UninvoicedRow {
            order: self.order.summary.order_id,
            state,
            fact: fact.map(str::to_owned),
            reason,
            dispatched_at: Some(at),
            tax_point,
            business: if stated { Some(true) } else { seen },
            currency: self.order.summary.currency.clone(),
            gross_minor: gross,
            since: self.now,
            account: self.account.account,
            vendor_order_id: self.order.summary.vendor_order_id.clone(),
            territory: self.order.summary.territory.clone(),
            purge_after: purge_after(self.business.as_ref().ok().copied(), tax_point),
        }
    }

    /// When money went back last.
    fn last_refund(&self) -> Option<Timestamp> {
        let of_lines = self.facts.lines.iter().flat_map(|line| &line.refunds);
        self.facts.refunds.iter().chain(of_lines).filter_map(|refund| refund.at).max()
    }

    /// What went back and is on no credit note, as an amount below nothing, in minor units. A marketplace states refunds of
    /// the order or of its lines, or both.
    fn refund_left(&self, account: &[Booked]) -> i64 {
        let of_order: i64 = self.facts.refunds.iter().map(|refund| refund.money.minor).sum();
        let of_lines: i64 =
            self.facts.lines.iter().flat_map(|line| &line.refunds).map(|refund| refund.money.minor).sum();
        let credited: i64 = account
            .iter()
            .filter(|document| matches!(document.booked_as, BookedAs::Credit { reversal: false, .. }))
            .map(|document| document.content.gross().minor)
            .sum();
        (credited - of_order.max(of_lines)).min(0)
    }
}

/// What documents of sales have that no other replaced, in minor units.
fn holding(account: &[Booked]) -> i64 {
    let replaced = |place: usize| {
        account.iter().any(|other| matches!(other.booked_as, BookedAs::Credit { of, reversal: true } if of == place))
    };
    account
        .iter()
        .enumerate()
        .filter(|(place, document)| document.booked_as == BookedAs::Sale && !replaced(*place))
        .map(|(_, document)| document.content.gross().minor)
        .sum()
}

/// An order whose documents cannot be laid out: together they are what waits.
pub(super) fn unprintable_order(
    ready: &[Ready<'_>],
    first: &Ready<'_>,
    business: &Business,
    reason: String,
    now: Timestamp,
) -> UninvoicedRow {
    let order = first.order;
    let of_order = ready.iter().filter(|one| one.order.summary.order_id == order.summary.order_id);
    let worth = |draft: &Draft| {
        let gross = draft.content.gross().minor;
        if draft.original.is_some() { -gross } else { gross }
    };
    UninvoicedRow {
        order: order.summary.order_id,
        state: UninvoicedState::Person,
        fact: Some(MissingFact::Party.name().to_owned()),
        reason,
        dispatched_at: Some(left_at(order)),
        tax_point: first.draft.tax_point.day,
        business: Some(first.draft.buyer == BuyerKind::Business),
        currency: order.summary.currency.clone(),
        gross_minor: Some(of_order.map(|one| worth(&one.draft)).sum()),
        since: now,
        account: first.account.account,
        vendor_order_id: order.summary.vendor_order_id.clone(),
        territory: order.summary.territory.clone(),
        purge_after: purge_after(Some(business), first.draft.tax_point.day),
    }
}

/// When a sale without a document goes: when its document would, had it been issued at once. Before the seller's financial
/// years are known: seven years later.
fn purge_after(business: Option<&Business>, tax_point: NaiveDate) -> Timestamp {
    match business {
        Some(Business { tax, .. }) => start_of_day(tax.years.may_go_on(tax_point, tax_point), tax.zone),
        None => {
            let day = tax_point.checked_add_months(Months::new(84)).unwrap_or(NaiveDate::MAX);
            start_of_day(day, chrono_tz::Europe::London)
        }
    }
}
