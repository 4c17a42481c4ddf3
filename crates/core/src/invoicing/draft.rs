//! What is to be issued for an order: decided from facts alone, before any number is taken. Pure.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};
use ordersync_order::{Discount, FundedBy, OrderFacts};
use ordersync_store::{Account, InvoiceIssuer, InvoiceRow, RateUsed, Shipment, StoredOrder, UninvoicedRow};
use ordersync_types::{Currency, InvoiceId, ShipmentId, Timestamp};
use ordersync_vat::{
    Booked, BookedAs, BuyerKind, Content, CreditWish, DeclaredCategory, Form, KnownRefund, Missing, MissingFact,
    PricedOrder, Sale, Scheme, TaxPoint, Treatment, credit, form_of, pending, price, refunds, treat,
};

use super::credits::{credit_draft, original_of, reason_of};
use super::due::{DueDispatch, cancelled, due_dispatches, may_still_leave};
use super::party::{InvoiceParty, KnownBuyer};
use super::settings::Business;
use super::stored::booked;
use super::{DocumentKind, Sterling};

/// What left longer ago is not invoiced any more: its documents may have been purged by now. Months.
const LONG_AGO: u32 = 60;

/// A document that is to be issued.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) sequence: i64,
    pub(super) kind: DocumentKind,
    pub(super) form: Form,
    pub(super) tax_point: TaxPoint,
    pub(super) shipment: Option<ShipmentId>,
    pub(super) buyer: BuyerKind,
    pub(super) party: Option<InvoiceParty>,
    pub(super) treatment: Treatment,
    pub(super) content: Content,
    pub(super) sterling: Option<Sterling>,
    /// The rate of all of its sterling amounts, on documents without VAT as well.
    pub(super) rate_used: Option<RateUsed>,
    pub(super) reason: Option<String>,
    /// On credit notes: what it takes back.
    pub(super) original: Option<Original>,
    pub(super) reversal: bool,
}

/// What a credit note takes back.
#[derive(Debug, Clone)]
pub(super) struct Original {
    pub(super) id: InvoiceId,
    pub(super) number: Option<String>,
    pub(super) issued_on: NaiveDate,
    pub(super) purge_after: Timestamp,
    /// Its party is on the credit note too.
    pub(super) has_party: bool,
}

/// What comes of looking at an order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) drafts: Vec<Draft>,
    /// Why something of it has no document.
    pub(super) uninvoiced: Option<UninvoicedRow>,
}

/// Another account has the same order.
#[derive(Debug, Clone)]
pub(super) struct Elsewhere {
    /// That account's label.
    pub(super) label: String,
    /// What its documents have, in minor units; `None`: nothing yet, but it is the older one and issues them.
    pub(super) documents: Option<i64>,
}

/// Everything that an order's documents follow from.
pub(super) struct Case<'a> {
    pub(super) order: &'a StoredOrder,
    pub(super) facts: &'a OrderFacts,
    pub(super) account: &'a Account,
    pub(super) shipments: &'a [&'a Shipment],
    pub(super) documents: &'a [InvoiceRow],
    pub(super) buyer: Option<&'a KnownBuyer>,
    /// It was seen to be a business before its data went.
    pub(super) was_business: bool,
    pub(super) elsewhere: Option<&'a Elsewhere>,
    pub(super) business: Result<&'a Business, Missing>,
    /// VAT categories by line.
    pub(super) categories: &'a HashMap<String, DeclaredCategory>,
    /// Rates by (currency, month).
    pub(super) rates: &'a HashMap<(String, String), (String, String)>,
    pub(super) now: Timestamp,
}

impl Case<'_> {
    /// What is to be issued, and what waits.
    ///
    /// # Errors
    /// A stored document that cannot be read.
    pub(super) fn plan(&self) -> Result<Plan, serde_json::Error> {
        let mut plan = Plan::default();
        if self.order.summary.history {
            return Ok(plan);
        }
        let mut account = booked(self.documents)?;
        let due = due_dispatches(self.order, self.shipments, self.documents, &account);
        if due.is_empty() && account.is_empty() {
            return Ok(plan);
        }
        let outcome = self.sales(&due, &mut account, &mut plan).and_then(|()| self.credits(&account, &mut plan));
        if let Err(stop) = outcome {
            plan.uninvoiced = Some(self.uninvoiced(stop, &account, due.first().map(|due| due.dispatch.at)));
        }
        Ok(plan)
    }

    /// Nothing is written for these.
    fn nobody_issues(&self, left_at: Timestamp) -> Result<(), Stop> {
        let label = &self.account.label;
        let invoicing = &self.account.invoicing;
        match invoicing.issuer {
            Some(InvoiceIssuer::Us) => {}
            Some(InvoiceIssuer::Nobody) => {
                return Err(Stop::NoDocument(format!("invoices of account {label} are not written here")));
            }
            Some(InvoiceIssuer::Marketplace) => {
                let reason = format!("the marketplace issues the invoices of account {label}");
                return Err(Stop::Marketplace(reason));
            }
            None => {
                let reason = format!(
                    "account {label} does not say who issues its invoices: `ordersync account invoices {label} --by us`, \
                     `marketplace` or `none`"
                );
                return Err(Missing::new(MissingFact::Setting, reason).into());
            }
        }
        self.is_elsewhere()?;
        if left_at.checked_add_months(Months::new(LONG_AGO)).is_none_or(|long_after| long_after < self.now) {
            return Err(Stop::NoDocument("it left more than five years ago".to_owned()));
        }
        if self.facts.replaces.is_some() {
            return Err(Stop::NoDocument("a replacement is not paid for: the first order has the invoice".to_owned()));
        }
        Ok(())
    }

    /// What another account invoices is not invoiced once more. Documents of its own are carried on with in any case.
    fn is_elsewhere(&self) -> Result<(), Stop> {
        let Some(Elsewhere { label, documents }) = self.elsewhere else { return Ok(()) };
        if !self.documents.is_empty() {
            return Ok(());
        }
        match (documents, self.order.summary.grand_total_minor) {
            (Some(gross), Some(total)) if *gross < total => {
                let reason = format!("part of it is invoiced as an order of account {label}: invoice the rest by hand");
                Err(Missing::new(MissingFact::Order, reason).into())
            }
            (Some(_), _) => Err(Stop::NoDocument(format!("it is invoiced as an order of account {label}"))),
            (None, _) => Err(Stop::NoDocument(format!("account {label} reads the same order and invoices it"))),
        }
    }

    /// Nothing was paid, neither by the buyer nor by the marketplace for one.
    fn was_free(&self) -> bool {
        let by_other = |discount: &Discount| discount.funded_by == FundedBy::Marketplace;
        let others_pay = self.facts.discounts.iter().any(by_other)
            || self.facts.lines.iter().flat_map(|line| &line.discounts).any(by_other);
        let counts = self.business.as_ref().is_ok_and(|business| business.tax.marketplace_discounts_count);
        self.facts.grand_total.is_some_and(|total| total.minor == 0) && !(others_pay && counts)
    }

    fn sales(&self, due: &[DueDispatch], account: &mut Vec<Booked>, plan: &mut Plan) -> Result<(), Stop> {
        let before = |due: &DueDispatch| self.account.invoicing.from.is_some_and(|from| due.dispatch.at < from);
        let Some(first) = due.iter().find(|due| !before(due)).or_else(|| due.first()) else { return Ok(()) };
        self.nobody_issues(first.dispatch.at)?;
        if self.documents.is_empty() && due.iter().all(before) {
            return Err(Stop::NoDocument("it left before invoices are written here".to_owned()));
        }
        if self.was_free() {
            return Err(Stop::NoDocument("nothing was paid for it".to_owned()));
        }
        let business = self.business.as_ref().map_err(Clone::clone)?;
        let known = self.known(business)?;
        let sale = self.sale(&known);
        for due in due {
            let tax_point =
                TaxPoint::of_sale(business.tax.tax_point, due.dispatch.at, self.facts.created_at, business.tax.zone);
            let content = sale.content(&due.dispatch, tax_point.day, account)?;
            if before(due) {
                // Another program's document has these pieces, and the delivery with the first of them.
                account.push(Booked { booked_as: BookedAs::Sale, content });
                continue;
            }
            let draft = self.sale_draft(business, &known, tax_point, due.shipment, content)?;
            account.push(Booked { booked_as: BookedAs::Sale, content: draft.content.clone() });
            plan.drafts.push(Draft { sequence: self.next_sequence(plan), ..draft });
        }
        Ok(())
    }

    fn next_sequence(&self, plan: &Plan) -> i64 {
        let stored = self.documents.iter().map(|row| row.sequence + 1).max().unwrap_or(0);
        stored.saturating_add(i64::try_from(plan.drafts.len()).unwrap_or(i64::MAX))
    }

    fn sale_draft(
        &self,
        business: &Business,
        known: &Known,
        tax_point: TaxPoint,
        shipment: Option<ShipmentId>,
        content: Content,
    ) -> Result<Draft, Stop> {
        let Known { priced, treatment, .. } = known;
        let buyer = self.buyer.map_or(BuyerKind::Consumer, |known| known.kind);
        if self.was_business && buyer == BuyerKind::Consumer {
            self.party()?;
        }
        let sterling = self.sterling(priced.currency, tax_point.day, &content);
        let pence = match &sterling {
            _ if priced.currency == Currency::GBP => Some(content.gross().minor),
            Some(sterling) => Some(sterling.net.minor + sterling.vat.minor),
            None => None,
        };
        if sterling.is_none() && priced.currency != Currency::GBP && content.vat().minor != 0 {
            let month = tax_point.day.format("%Y-%m");
            let reason = format!(
                "VAT must be shown in sterling, and no rate of {} is known for {month}: \
                 `ordersync invoice rates --import FILE` with HMRC's file of that month",
                priced.currency
            );
            return Err(Missing::new(MissingFact::ExchangeRate, reason).into());
        }
        // A free piece that left, or one whose price went back before, is recorded so that it is not looked at again.
        let nobody_gets_it = treatment.scheme == Scheme::MarketplaceDeemed || content.gross().minor == 0;
        let form = if nobody_gets_it { Form::Receipt } else { form_of(&business.tax, buyer, pence) };
        let kind = match form {
            _ if nobody_gets_it => DocumentKind::Record,
            Form::Full | Form::Simplified => DocumentKind::Invoice,
            Form::Receipt => DocumentKind::Receipt,
        };
        let party = if form == Form::Full { Some(self.party()?) } else { None };
        let rate_used = sterling.as_ref().map(Sterling::rate_used);
        let sterling = sterling.filter(|_| content.vat().minor != 0);
        Ok(Draft {
            sequence: 0,
            kind,
            form,
            tax_point,
            shipment,
            buyer,
            party,
            treatment: treatment.clone(),
            content,
            sterling,
            rate_used,
            reason: None,
            original: None,
            reversal: false,
        })
    }

    /// Who a full invoice is made out to.
    fn party(&self) -> Result<InvoiceParty, Missing> {
        let number = &self.order.summary.vendor_order_id;
        let known = self.buyer.filter(|known| known.kind == BuyerKind::Business || !self.was_business);
        let known = known.map(|known| &known.party).filter(|party| party.is_whole());
        known.cloned().ok_or_else(|| {
            let reason = format!(
                "a full invoice needs the buyer's name and address, which are not held: \
                 `ordersync invoice issue {number} --party` takes them"
            );
            Missing::new(MissingFact::Party, reason)
        })
    }

    /// Sterling amounts by the rate of the tax point's month, where there is one.
    fn sterling(&self, currency: Currency, day: NaiveDate, content: &Content) -> Option<Sterling> {
        if currency == Currency::GBP {
            return None;
        }
        let month = day.format("%Y-%m").to_string();
        let (rate, source) = self.rates.get(&(currency.code().to_owned(), month))?;
        Sterling::of(RateUsed { rate: rate.clone(), source: source.clone() }, content)
    }

    /// Credit notes for what went back after the documents were issued.
    fn credits(&self, account: &[Booked], plan: &mut Plan) -> Result<(), Stop> {
        if account.is_empty() {
            return Ok(());
        }
        let mut account = account.to_vec();
        for refund in self.open_refunds(&account)? {
            let wish = self.wish_of(&refund, &account);
            let notes = credit(&account, &wish)?;
            for (place, content) in notes {
                let Some(draft_of) = self.documents.get(place) else {
                    if plan.drafts.is_empty() {
                        // Another program's document has it, and its credit note too.
                        continue;
                    }
                    // What was decided in this pass has no number yet: its refund is looked at when it is stored.
                    return Ok(());
                };
                let original = original_of(draft_of);
                let at = refund.at.unwrap_or(self.now);
                let zone = self.business.as_ref().map_err(Clone::clone)?.tax.zone;
                let booked_as = BookedAs::Credit { of: place, reversal: false };
                account.push(Booked { booked_as, content: content.clone() });
                let draft =
                    credit_draft(draft_of, original, content, TaxPoint::of_refund(at, zone), reason_of(&refund, zone));
                plan.drafts.push(Draft { sequence: self.next_sequence(plan), ..draft? });
            }
        }
        Ok(())
    }

    /// What went back and no document takes into account, without the price of pieces that were cancelled.
    fn open_refunds(&self, account: &[Booked]) -> Result<Vec<KnownRefund>, Stop> {
        if cancelled(self.order).is_empty() {
            return Ok(pending(&refunds(self.facts)?, account));
        }
        let business = self.business.as_ref().map_err(Clone::clone)?;
        Ok(self.sale(&self.known(business)?).open_refunds(account)?)
    }

    /// Treatment, amounts and refunds.
    pub(super) fn known(&self, business: &Business) -> Result<Known, Missing> {
        let treatment = treat(self.facts, &business.tax, &self.account.invoicing.stock)?;
        let mut priced = price(self.facts, &business.tax)?;
        let states_its_own = |tax: &ordersync_order::CollectedTax| tax.money.is_some();
        let own = self.facts.lines.iter().flat_map(|line| &line.collected_tax).any(states_its_own);
        if treatment.scheme == Scheme::MarketplaceDeemed && !own {
            priced = priced.without_stated_tax();
        }
        Ok(Known { treatment, priced, refunds: refunds(self.facts)?, cancelled: cancelled(self.order) })
    }

    fn sale<'k>(&'k self, known: &'k Known) -> Sale<'k> {
        Sale {
            facts: self.facts,
            priced: &known.priced,
            treatment: &known.treatment,
            categories: self.categories,
            cancelled: &known.cancelled,
            refunds: &known.refunds,
        }
    }

    /// What of a refund can be taken back now: a line's part only if the line is on a document, or nothing more of the
    /// order can leave.
    fn wish_of(&self, refund: &KnownRefund, account: &[Booked]) -> CreditWish {
        let waits = may_still_leave(self.order, account);
        let is_booked = |line: &str| ordersync_vat::pieces_booked(account, line) > 0;
        let lines = refund.lines.iter().filter(|(line, _)| !waits || is_booked(line)).cloned().collect();
        let wish = CreditWish { reference: refund.reference.clone(), lines, delivery: 0, goodwill: refund.rest };
        wish.with_delivery_of_lines(account)
    }
}

/// What follows from an order's facts.
pub(super) struct Known {
    treatment: Treatment,
    pub(super) priced: PricedOrder,
    refunds: Vec<KnownRefund>,
    cancelled: HashMap<String, i64>,
}

/// Why an order has no document.
#[derive(Debug)]
pub(super) enum Stop {
    /// A person must act.
    Missing(Missing),
    /// The marketplace issues it.
    Marketplace(String),
    /// It gets none.
    NoDocument(String),
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}
