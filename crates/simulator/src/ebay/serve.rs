//! Requests for orders and tokens, answered.

use std::sync::PoisonError;

use http::{Method, StatusCode};
use ordersync_types::Timestamp;
use serde_json::Value;

use super::errors::Refusal;
use super::plan::Plan;
use super::query::{Listing, Page, REACH};
use super::state::State;
use super::token::Standing;
use super::{EbayShop, PERSONAL_PATHS_EBAY, errors, held, list, malformed, plan, query, render, visible};
use crate::ask::{Ask, pairs};
use crate::counters::Tally;
use crate::draw::Draw;
use crate::faults::Fault;
use crate::ledger::{Entry, Ledger};
use crate::reply::Reply;
use crate::server::Reset;

impl EbayShop {
    pub(crate) fn answer(&self, ask: &Ask) -> Result<Reply, Reset> {
        let now = self.now();
        if ask.path == "/identity/v1/oauth2/token" {
            let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
            let seed = self.world.seed;
            return self.faulted(self.faults.for_tokens(), || held(&self.tokens).answer(ask, &settings, seed, now));
        }
        let rest = match ask.path.strip_prefix("/sell/fulfillment/v1/order") {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest.trim_start_matches('/'),
            Some(_) | None => return Ok(errors::no_such_operation(StatusCode::NOT_FOUND)),
        };
        if rest.contains('/') {
            return Ok(errors::no_such_operation(StatusCode::NOT_FOUND));
        }
        let number = Tally::add(&self.tally.requests, 1);
        let fault = self.faults.for_orders();
        self.faulted(fault, || self.orders(rest, ask, fault, now, number))
    }

    /// The answer, or what a fault makes of it.
    fn faulted(&self, fault: Option<Fault>, answer: impl FnOnce() -> Reply) -> Result<Reply, Reset> {
        let Some(fault) = fault else { return Ok(answer()) };
        let mut reply = match fault {
            Fault::TooManyRequests => errors::too_many(),
            Fault::InternalFailure => errors::internal(),
            Fault::Unavailable => errors::unavailable(),
            Fault::BadGateway => Reply::html(StatusCode::BAD_GATEWAY),
            Fault::HtmlError => Reply::html(StatusCode::BAD_REQUEST),
            Fault::Reset => return Err(Reset),
            Fault::ExpiredTokens => {
                self.expire_tokens();
                answer()
            }
            Fault::CutLength | Fault::CutChunked | Fault::SlowBody(_) => answer(),
            Fault::RepeatedPage | Fault::ReorderedUpdate | Fault::MalformedOrder => answer(),
        };
        reply.delivery = fault.delivery().unwrap_or(reply.delivery);
        Ok(reply)
    }

    fn orders(&self, id: &str, ask: &Ask, fault: Option<Fault>, now: Timestamp, nonce: u64) -> Reply {
        if let Some(book) = &self.fast {
            return match Listing::read(&ask.query, now) {
                Ok(Listing::Page(page)) if id.is_empty() => {
                    let (body, orders) = book.page(&ask.query, &page);
                    Tally::add(&self.tally.orders, orders);
                    Reply::raw(StatusCode::OK, body)
                }
                Ok(Listing::Page(_) | Listing::Ids(_)) => errors::not_found(),
                Err(refusal) => refusal.reply(),
            };
        }
        match held(&self.tokens).standing(ask, now) {
            Standing::Bad => return errors::bad_token(),
            Standing::NoScope => return errors::no_permission(),
            Standing::Good => {}
        }
        if self.over_quota(now) {
            return errors::too_many();
        }
        if ask.method != Method::GET {
            return errors::no_such_operation(StatusCode::METHOD_NOT_ALLOWED);
        }
        let answer =
            if id.is_empty() { self.list(&ask.query, fault, now, nonce) } else { self.get(id, &ask.query, now) };
        answer.unwrap_or_else(Refusal::reply)
    }

    /// Counts the call against the day's quota.
    fn over_quota(&self, now: Timestamp) -> bool {
        let quota = self.settings.read().unwrap_or_else(PoisonError::into_inner).daily_quota;
        let day = now.timestamp().div_euclid(86_400);
        let mut today = held(&self.today);
        if today.0 != day {
            *today = (day, 0);
        }
        today.1 += 1;
        let over = quota.is_some_and(|quota| today.1 > quota);
        if over {
            Tally::add(&self.tally.above_plan, 1);
        }
        over
    }

    fn list(&self, query: &str, fault: Option<Fault>, now: Timestamp, nonce: u64) -> Result<Reply, Refusal> {
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        let mut page = match Listing::read(query, now)? {
            Listing::Page(page) => page,
            Listing::Ids(ids) => {
                let known = ids.iter().filter_map(|id| ledger.find(id, now));
                let reachable: Vec<&Entry> = known.filter(|entry| entry.created >= now - REACH).collect();
                let orders: Vec<Value> = reachable.iter().map(|entry| self.in_list(entry, now, false)).collect();
                return Ok(self.page("", ids.len().max(1), 0, orders.len(), &orders));
            }
        };
        let found = self.matching(&ledger, &page, now);
        if fault == Some(Fault::RepeatedPage) {
            page.offset = page.offset.saturating_sub(page.limit);
        }
        let shown = found.iter().skip(page.offset).take(page.limit);
        let mut orders: Vec<Value> = shown.clone().map(|entry| self.in_list(entry, now, page.breakdown)).collect();
        if fault == Some(Fault::ReorderedUpdate) {
            let stale = shown.clone().find_map(|entry| Some((entry, entry.before_last_change(now)?)));
            orders.extend(stale.map(|(entry, then)| self.in_list(entry, then, page.breakdown)));
        }
        if fault == Some(Fault::MalformedOrder) {
            let mut draw = Draw::of(self.world.seed, "malformed", nonce);
            let at = usize::try_from(draw.below(u64::try_from(orders.len()).unwrap_or(0))).unwrap_or(0);
            orders.get_mut(at).into_iter().for_each(|order| malformed::spoil(order, &mut draw));
        }
        Ok(self.page(query, page.limit, page.offset, found.len(), &orders))
    }

    /// What the filter lets through, newest order first.
    fn matching<'a>(&self, ledger: &'a Ledger, page: &Page, now: Timestamp) -> Vec<&'a Entry> {
        let filter = &page.filter;
        let timed = if filter.by_creation {
            ledger.placed(filter.from, filter.to, now)
        } else {
            ledger.updated(filter.from, filter.to, now)
        };
        let wanted = |entry: &&Entry| {
            let status = || State::at(entry, now).fulfillment_status();
            entry.created >= now - REACH && filter.statuses.is_none_or(|pair| pair.contains(&status()))
        };
        let mut found: Vec<&Entry> = timed.into_iter().map(|(_, entry)| entry).filter(wanted).collect();
        found.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        found
    }

    fn page(&self, query: &str, limit: usize, offset: usize, total: usize, orders: &[Value]) -> Reply {
        self.count(orders);
        let texts: Vec<String> = orders.iter().map(Value::to_string).collect();
        Reply::raw(StatusCode::OK, list::body(query, limit, offset, total, texts.iter().map(String::as_bytes)))
    }

    fn get(&self, id: &str, query: &str, now: Timestamp) -> Result<Reply, Refusal> {
        let breakdown = query::breakdown(&pairs(query))?;
        if !plan::is_order_id(id) {
            return Err(Refusal::OrderId);
        }
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        let found = ledger.find(id, now).filter(|entry| entry.created >= now - REACH);
        let Some(entry) = found else { return Ok(errors::not_found()) };
        let order = self.shown(entry, now, breakdown);
        self.count(std::slice::from_ref(&order));
        Ok(Reply::json(StatusCode::OK, &order))
    }

    /// The order as getOrders sends it.
    fn in_list(&self, entry: &Entry, now: Timestamp, breakdown: bool) -> Value {
        let mut order = self.shown(entry, now, breakdown);
        visible::listed(&mut order);
        order
    }

    /// The order as getOrder sends it.
    pub(super) fn shown(&self, entry: &Entry, now: Timestamp, breakdown: bool) -> Value {
        let mut order = rendered(&self.plan(entry), entry, now, breakdown);
        visible::age(&mut order, entry.created, now);
        order
    }

    pub(super) fn plan(&self, entry: &Entry) -> Plan {
        Plan::of(&self.world, entry.number, entry.created, &entry.template)
    }

    fn count(&self, orders: &[Value]) {
        Tally::add(&self.tally.orders, orders.len());
        let values = orders.iter().map(|order| crate::truth::count(order, &PERSONAL_PATHS_EBAY)).sum();
        Tally::add(&self.tally.personal_values, values);
    }
}

/// The order with everything it may carry.
pub(super) fn rendered(plan: &Plan, entry: &Entry, now: Timestamp, breakdown: bool) -> Value {
    let mut order = render::order(plan, entry, &State::at(entry, now), breakdown);
    entry.patch(&mut order, now);
    order
}
