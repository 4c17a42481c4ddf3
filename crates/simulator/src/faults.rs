//! Faults, drawn from a seed and the number of the request, or ordered one by one.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::draw::Draw;

/// Something that goes wrong with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429 with the marketplace's body, though the plan was kept.
    TooManyRequests,
    /// 500 with the marketplace's body.
    InternalFailure,
    /// 502 with an HTML page, as a gateway answers.
    BadGateway,
    /// 503 with the marketplace's body.
    Unavailable,
    /// 400 with an HTML page.
    HtmlError,
    /// The connection is reset before any answer.
    Reset,
    /// `Content-Length` promises more than comes.
    CutLength,
    /// A chunked body without its last chunk.
    CutChunked,
    /// A body in eight pieces, this many milliseconds (real time) before each.
    SlowBody(u32),
    /// All access tokens expire now, before this request is looked at.
    ExpiredTokens,
    /// The page's orders are sent again: Amazon's next page repeats this one, eBay's page repeats the one before.
    RepeatedPage,
    /// After the page's newest order comes the same order as it was before its last update.
    ReorderedUpdate,
    /// One order of the page does not keep to the contract.
    MalformedOrder,
}

/// How often things go wrong, in a thousand requests each. All zero and no outage unless set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRates {
    /// What the draws follow from.
    pub seed: u64,
    /// Storms of 429 that begin.
    pub storm: u64,
    /// Requests a storm lasts.
    pub storm_length: u64,
    /// [`Fault::InternalFailure`].
    pub internal_failure: u64,
    /// [`Fault::BadGateway`].
    pub bad_gateway: u64,
    /// [`Fault::Unavailable`].
    pub unavailable: u64,
    /// [`Fault::HtmlError`].
    pub html_error: u64,
    /// [`Fault::Reset`].
    pub reset: u64,
    /// [`Fault::CutLength`].
    pub cut_length: u64,
    /// [`Fault::CutChunked`].
    pub cut_chunked: u64,
    /// [`Fault::SlowBody`].
    pub slow_body: u64,
    /// Milliseconds before each piece of a slow body.
    pub slow_body_ms: u32,
    /// [`Fault::ExpiredTokens`].
    pub expired_tokens: u64,
    /// [`Fault::RepeatedPage`].
    pub repeated_page: u64,
    /// [`Fault::ReorderedUpdate`].
    pub reordered_update: u64,
    /// [`Fault::MalformedOrder`].
    pub malformed_order: u64,
    /// An `includedData` value that Amazon answers with 400 while this is set, for example `FULFILLMENT`.
    pub outage: Option<String>,
}

impl FaultRates {
    /// A bit of everything: about one request in six goes wrong.
    pub const fn rough_day(seed: u64) -> Self {
        Self {
            seed,
            storm: 8,
            storm_length: 4,
            internal_failure: 15,
            bad_gateway: 10,
            unavailable: 15,
            html_error: 0,
            reset: 15,
            cut_length: 15,
            cut_chunked: 10,
            slow_body: 10,
            slow_body_ms: 5,
            expired_tokens: 10,
            repeated_page: 10,
            reordered_update: 20,
            malformed_order: 10,
            outage: None,
        }
    }

    /// What happens to request `number`. A pure function, so that a run can be repeated.
    fn fault(&self, number: u64) -> Option<Fault> {
        let begins = |at: u64| Draw::of(self.seed, "storm", at).below(1000) < self.storm;
        let window = number.saturating_sub(self.storm_length.saturating_sub(1))..=number;
        if self.storm > 0 && self.storm_length > 0 && window.into_iter().any(begins) {
            return Some(Fault::TooManyRequests);
        }
        let table = [
            (self.internal_failure, Fault::InternalFailure),
            (self.bad_gateway, Fault::BadGateway),
            (self.unavailable, Fault::Unavailable),
            (self.html_error, Fault::HtmlError),
            (self.reset, Fault::Reset),
            (self.cut_length, Fault::CutLength),
            (self.cut_chunked, Fault::CutChunked),
            (self.slow_body, Fault::SlowBody(self.slow_body_ms)),
            (self.expired_tokens, Fault::ExpiredTokens),
            (self.repeated_page, Fault::RepeatedPage),
            (self.reordered_update, Fault::ReorderedUpdate),
            (self.malformed_order, Fault::MalformedOrder),
        ];
        let mut left = Draw::of(self.seed, "fault", number).below(1000);
        for (share, fault) in table {
            match left.checked_sub(share) {
                None => return Some(fault),
                Some(rest) => left = rest,
            }
        }
        None
    }
}

/// The switchboard of one stand-in's faults. May be used while requests are served.
#[derive(Debug, Default)]
pub struct FaultDesk {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rates: FaultRates,
    ordered: VecDeque<Fault>,
    ordered_for_tokens: VecDeque<Fault>,
    requests: u64,
    injected: u64,
}

impl FaultDesk {
    /// Faults at these rates from now on; `FaultRates::default()` switches them off. Those ordered one by one stay.
    pub fn set(&self, rates: FaultRates) {
        self.state().rates = rates;
    }

    /// The rates in force.
    pub fn rates(&self) -> FaultRates {
        self.state().rates.clone()
    }

    /// The next request for orders that no ordered fault waits for meets this one.
    pub fn next(&self, fault: Fault) {
        self.state().ordered.push_back(fault);
    }

    /// As [`FaultDesk::next`], for the next request for a token.
    pub fn next_token(&self, fault: Fault) {
        self.state().ordered_for_tokens.push_back(fault);
    }

    /// How many faults were injected so far.
    pub fn injected(&self) -> u64 {
        self.state().injected
    }

    pub(crate) fn for_orders(&self) -> Option<Fault> {
        let mut state = self.state();
        let number = state.requests;
        state.requests += 1;
        let fault = state.ordered.pop_front().or_else(|| state.rates.fault(number));
        state.injected += u64::from(fault.is_some());
        fault
    }

    pub(crate) fn for_tokens(&self) -> Option<Fault> {
        let mut state = self.state();
        let fault = state.ordered_for_tokens.pop_front();
        state.injected += u64::from(fault.is_some());
        fault
    }

    pub(crate) fn outage(&self) -> Option<String> {
        self.state().rates.outage.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    pub(crate) fn delivery(self) -> Option<crate::reply::Delivery> {
        use crate::reply::Delivery;
        match self {
            Self::CutLength => Some(Delivery::CutLength),
            Self::CutChunked => Some(Delivery::CutChunked),
            Self::SlowBody(ms) => Some(Delivery::Slow(Duration::from_millis(u64::from(ms)))),
            Self::TooManyRequests | Self::InternalFailure | Self::BadGateway | Self::Unavailable => None,
            Self::HtmlError | Self::Reset | Self::ExpiredTokens => None,
            Self::RepeatedPage | Self::ReorderedUpdate | Self::MalformedOrder => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_repeat_with_their_seed_and_keep_to_their_rates() {
        let rates = FaultRates::rough_day(4);
        let run = |rates: &FaultRates| (0..20_000).map(|n| rates.fault(n)).collect::<Vec<_>>();
        assert_eq!(run(&rates), run(&rates));
        assert_ne!(run(&rates), run(&FaultRates::rough_day(5)));
        let broken = run(&rates).iter().filter(|fault| fault.is_some()).count();
        assert!((2_500..4_500).contains(&broken), "{broken}");
        let resets = run(&rates).iter().filter(|fault| **fault == Some(Fault::Reset)).count();
        assert!((200..400).contains(&resets), "{resets}");
        assert!(run(&FaultRates::default()).iter().all(Option::is_none));
    }

    #[test]
    fn storms_last() {
        let rates = FaultRates { storm: 5, storm_length: 6, ..FaultRates::default() };
        let storm: Vec<bool> = (0..20_000).map(|n| rates.fault(n) == Some(Fault::TooManyRequests)).collect();
        let shortest = storm.split(|hit| !hit).map(<[bool]>::len).filter(|len| *len > 0).min().unwrap();
        assert!(shortest >= 6, "{shortest}");
    }

    #[test]
    fn ordered_faults_come_first_and_once() {
        let desk = FaultDesk::default();
        desk.next(Fault::Reset);
        desk.next_token(Fault::Unavailable);
        assert_eq!((desk.for_orders(), desk.for_orders()), (Some(Fault::Reset), None));
        assert_eq!((desk.for_tokens(), desk.for_tokens()), (Some(Fault::Unavailable), None));
        assert_eq!(desk.injected(), 2);
    }
}
