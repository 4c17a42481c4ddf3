//! How often accounts are read: the section `[poll]`.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Problem;

/// How long after a poll the next one begins, by connector. What a marketplace allows is not decided here but by the
/// rate budgets: a shorter interval only waits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Poll {
    /// Amazon: 3 minutes, since `searchOrders` gives one request in 179 seconds.
    pub amazon: Duration,
    /// eBay: 5 minutes, within 5,000 requests a day for a dozen accounts.
    pub ebay: Duration,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    amazon_seconds: Option<Spanned<u64>>,
    ebay_seconds: Option<Spanned<u64>>,
}

impl Section {
    pub(super) fn checked(self) -> Result<Poll, Problem> {
        Ok(Poll { amazon: seconds(self.amazon_seconds, 180)?, ebay: seconds(self.ebay_seconds, 300)? })
    }
}

fn seconds(given: Option<Spanned<u64>>, usual: u64) -> Result<Duration, Problem> {
    let Some(given) = given else { return Ok(Duration::from_secs(usual)) };
    if !(10..=86_400).contains(given.get_ref()) {
        return Err(Problem::at(given.span(), "must be 10 to 86400 seconds"));
    }
    Ok(Duration::from_secs(given.into_inner()))
}
