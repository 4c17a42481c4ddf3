//! Requests for orders and tokens, answered.

use std::sync::PoisonError;

use chrono::Duration;
use http::{Method, StatusCode};
use ordersync_types::Timestamp;
use serde_json::{Value, json};

use super::errors::invalid_input;
use super::plan::Plan;
use super::search::{Refusal, Search};
use super::state::State;
use super::visible::Included;
use super::{
    AmazonSettings, AmazonShop, PERSONAL_PATHS_AMAZON, errors, held, malformed, page, plan, render, search, visible,
};
use crate::ask::{Ask, pairs};
use crate::counters::Tally;
use crate::draw::Draw;
use crate::faults::Fault;
use crate::ledger::Entry;
use crate::reply::Reply;
use crate::server::Reset;

/// The order operations that are served.
#[derive(Debug, Clone, Copy)]
enum Operation<'a> {
    Search,
    Get(&'a str),
}

/// Orders placed longer ago are not found by searchOrders.
const REACH: Duration = Duration::days(730);

/// Longest user agent that is taken.
const LONGEST_AGENT: usize = 500;

impl AmazonShop {
    pub(crate) fn answer(&self, ask: &Ask) -> Result<Reply, Reset> {
        let now = self.now();
        if ask.path == "/auth/o2/token" {
            let seed = self.world.seed;
            let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
            return self.faulted(self.faults.for_tokens(), || held(&self.tokens).answer(ask, &settings, seed, now));
        }
        let operation = match ask.path.strip_prefix("/orders/2026-01-01/orders") {
            Some("") => Operation::Search,
            Some(rest) => match rest.strip_prefix('/').filter(|id| !id.is_empty() && !id.contains('/')) {
                Some(id) => Operation::Get(id),
                None => return Ok(errors::no_such_operation(StatusCode::NOT_FOUND)),
            },
            None => return Ok(errors::no_such_operation(StatusCode::NOT_FOUND)),
        };
        let number = Tally::add(&self.tally.requests, 1);
        let fault = self.faults.for_orders();
        let reply = self.faulted(fault, || self.orders(operation, ask, fault, now, number))?;
        let mut draw = Draw::of(self.world.seed, "request id", number);
        let id =
            format!("{:08x}-{:04x}-4000-8000-{:012x}", draw.below(1 << 32), draw.below(1 << 16), draw.below(1 << 48));
        let reply = reply.with("x-amzn-requestid", id);
        let shows_rate = reply.status.is_success() || matches!(reply.status.as_u16(), 400 | 404);
        if !shows_rate {
            return Ok(reply);
        }
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        let plan = match operation {
            Operation::Search => settings.search_plan,
            Operation::Get(_) => settings.get_plan,
        };
        Ok(reply.with("x-amzn-ratelimit-limit", plan.rate()))
    }

    /// The answer, or what a fault makes of it.
    fn faulted(&self, fault: Option<Fault>, answer: impl FnOnce() -> Reply) -> Result<Reply, Reset> {
        let Some(fault) = fault else { return Ok(answer()) };
        let mut reply = match fault {
            Fault::TooManyRequests => errors::quota_exceeded(),
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

    fn orders(&self, operation: Operation<'_>, ask: &Ask, fault: Option<Fault>, now: Timestamp, nonce: u64) -> Reply {
        if let Some(book) = &self.fast {
            return match (operation, Search::read(&ask.query, self.world.seed, now)) {
                (Operation::Search, Ok(search)) => {
                    let (body, orders) = book.page(&search, self.world.seed, now, nonce);
                    Tally::add(&self.tally.orders, orders);
                    Reply::raw(StatusCode::OK, body)
                }
                (Operation::Search, Err(Refusal(reason))) => invalid_input(&reason),
                (Operation::Get(_), _) => errors::not_found(),
            };
        }
        if let Some(refusal) = self.refused(operation, ask, now) {
            return refusal;
        }
        let answer = match operation {
            Operation::Search => self.search(&ask.query, fault, now, nonce),
            Operation::Get(id) => self.get(id, &ask.query, now),
        };
        answer.unwrap_or_else(|Refusal(reason)| invalid_input(&reason))
    }

    /// What is wrong with a request before its parameters are looked at.
    fn refused(&self, operation: Operation<'_>, ask: &Ask, now: Timestamp) -> Option<Reply> {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        let Some(token) = ask.header("x-amz-access-token") else {
            return Some(errors::unauthorized("The access token is missing."));
        };
        if !held(&self.tokens).is_good(token, now) {
            return Some(errors::unauthorized("The access token is unknown or has expired."));
        }
        let roles = settings.roles;
        if !(roles.orders || roles.delivery || roles.tax) {
            return Some(errors::unauthorized("The application has no role for orders."));
        }
        let kept = {
            let mut buckets = held(&self.buckets);
            match operation {
                Operation::Search => buckets.0.take(now),
                Operation::Get(_) => buckets.1.take(now),
            }
        };
        if !kept {
            Tally::add(&self.tally.above_plan, 1);
            if settings.enforce_plans {
                return Some(errors::quota_exceeded());
            }
        }
        if ask.method != Method::GET {
            return Some(errors::no_such_operation(StatusCode::METHOD_NOT_ALLOWED));
        }
        let agent = ask.header("user-agent").unwrap_or_default();
        if !agent.contains("Language=") || agent.len() > LONGEST_AGENT {
            return Some(invalid_input("user-agent: a Language attribute is required, 500 characters are the most"));
        }
        None
    }

    fn search(&self, query: &str, fault: Option<Fault>, now: Timestamp, nonce: u64) -> Result<Reply, Refusal> {
        let search = Search::read(query, self.world.seed, now)?;
        self.check_outage(&search.included)?;
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        let from = search.cursor.as_ref().map_or(search.after, |(at, _)| *at);
        let mut found = if search.by_creation {
            ledger.placed(from, search.before, now)
        } else {
            ledger.updated(from, search.before, now)
        };
        found.sort_by(|(at, entry), (other_at, other)| (at, &entry.id).cmp(&(other_at, &other.id)));
        let beyond = |at: Timestamp, entry: &Entry| match &search.cursor {
            Some((cursor, id)) => (at, &entry.id) > (*cursor, id),
            None => true,
        };
        let mut matching = found.into_iter().filter(|(at, entry)| {
            beyond(*at, entry) && entry.created >= now - REACH && self.wanted(&search, entry, now)
        });
        let page: Vec<(Timestamp, &Entry)> = matching.by_ref().take(search.page_size).collect();
        let more = matching.next().is_some();
        let mut orders: Vec<Value> = page.iter().map(|(_, entry)| self.shown(entry, now, &search.included)).collect();
        let mut last = page.last().map(|(at, entry)| (*at, entry.id.clone()));
        match fault {
            Some(Fault::RepeatedPage) => last = search.cursor.clone(),
            Some(Fault::ReorderedUpdate) => {
                let stale = page.iter().rev().find_map(|(_, entry)| Some((entry, entry.before_last_change(now)?)));
                orders.extend(stale.map(|(entry, then)| self.shown(entry, then, &search.included)));
            }
            Some(Fault::MalformedOrder) => {
                let mut draw = Draw::of(self.world.seed, "malformed", nonce);
                let at = usize::try_from(draw.below(u64::try_from(orders.len()).unwrap_or(0))).unwrap_or(0);
                orders.get_mut(at).into_iter().for_each(|order| malformed::spoil(order, &mut draw));
            }
            _ => {}
        }
        let token = more.then(|| page::next(&search, last, now, nonce));
        self.count(&orders);
        let texts: Vec<String> = orders.iter().map(Value::to_string).collect();
        let body = page::body(&search, texts.iter().map(String::as_bytes), token.as_ref(), self.world.seed);
        Ok(Reply::raw(StatusCode::OK, body))
    }

    fn get(&self, id: &str, query: &str, now: Timestamp) -> Result<Reply, Refusal> {
        let given = pairs(query);
        if given.iter().any(|(name, _)| name != "includedData") || given.len() > 1 {
            return Err(Refusal("unknown parameter, or one given twice".to_owned()));
        }
        if !plan::is_order_id(id) {
            return Err(Refusal("orderId: three, seven and seven digits joined by hyphens".to_owned()));
        }
        let included = search::included(&given)?;
        self.check_outage(&included)?;
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = ledger.find(id, now) else { return Ok(errors::not_found()) };
        let order = self.shown(entry, now, &included);
        self.count(std::slice::from_ref(&order));
        Ok(Reply::json(StatusCode::OK, &json!({"order": order})))
    }

    fn check_outage(&self, included: &[Included]) -> Result<(), Refusal> {
        match self.faults.outage() {
            Some(value) if included.iter().any(|part| part.name() == value) => {
                Err(Refusal("includedData: a value is not available".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the search's lists let the order through.
    fn wanted(&self, search: &Search, entry: &Entry, now: Timestamp) -> bool {
        if search.statuses.is_empty() && search.marketplaces.is_empty() && search.fulfilled_by.is_empty() {
            return true;
        }
        let order = self.shown(entry, now, &[Included::Fulfillment]);
        let holds = |list: &[String], path: &str| {
            let texts = crate::fields::texts(&order, path);
            list.is_empty() || texts.iter().any(|text| list.iter().any(|value| value == text))
        };
        holds(&search.statuses, "fulfillment.fulfillmentStatus")
            && holds(&search.marketplaces, "salesChannel.marketplaceId")
            && holds(&search.fulfilled_by, "fulfillment.fulfilledBy")
    }

    /// The order at `now` with these parts, as a caller sees it.
    pub(super) fn shown(&self, entry: &Entry, now: Timestamp, included: &[Included]) -> Value {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        let plan = self.plan(entry, &settings);
        let mut order = rendered(&plan, entry, &settings, now);
        visible::withhold(&mut order, &plan, &State::at(entry, now), &settings, now);
        visible::project(&mut order, included);
        order
    }

    pub(super) fn plan(&self, entry: &Entry, settings: &AmazonSettings) -> Plan {
        Plan::of(&self.world, settings.fba_percent, entry.number, entry.created, &entry.template)
    }

    fn count(&self, orders: &[Value]) {
        Tally::add(&self.tally.orders, orders.len());
        let values = orders.iter().map(|order| crate::truth::count(order, &PERSONAL_PATHS_AMAZON)).sum();
        Tally::add(&self.tally.personal_values, values);
    }
}

/// The order at `now` with everything the contract carries, nothing withheld.
pub(super) fn rendered(plan: &Plan, entry: &Entry, settings: &AmazonSettings, now: Timestamp) -> Value {
    let mut order = render::order(plan, entry, &State::at(entry, now), settings.negative_discounts);
    entry.patch(&mut order, now);
    order
}
