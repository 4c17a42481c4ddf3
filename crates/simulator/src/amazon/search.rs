//! searchOrders: its parameters, read as strictly as the contract says.

use chrono::{DateTime, Duration, Utc};
use ordersync_types::Timestamp;

use super::market::REGION;
use super::token::PageToken;
use super::visible::Included;
use crate::ask::pairs;

const PARAMETERS: [&str; 10] = [
    "createdAfter",
    "createdBefore",
    "lastUpdatedAfter",
    "lastUpdatedBefore",
    "fulfillmentStatuses",
    "marketplaceIds",
    "fulfilledBy",
    "maxResultsPerPage",
    "paginationToken",
    "includedData",
];

const STATUSES: [&str; 7] =
    ["PENDING_AVAILABILITY", "PENDING", "UNSHIPPED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED", "UNFULFILLABLE"];

/// A search, understood.
#[derive(Debug)]
pub(super) struct Search {
    /// True: by time of ordering; false: by time of the last update.
    pub(super) by_creation: bool,
    /// Lower bound, included.
    pub(super) after: Timestamp,
    /// Upper bound, included: the caller's, the first page's, or two minutes ago.
    pub(super) before: Timestamp,
    pub(super) statuses: Vec<String>,
    pub(super) marketplaces: Vec<String>,
    pub(super) fulfilled_by: Vec<String>,
    pub(super) page_size: usize,
    pub(super) included: Vec<Included>,
    /// Where the page begins: after this time and order.
    pub(super) cursor: Option<(Timestamp, String)>,
    /// Digest of every parameter that must not change from page to page.
    pub(super) digest: u64,
}

/// Why a request is refused with 400: names the parameter, never its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) String);

fn refuse<T>(reason: &str) -> Result<T, Refusal> {
    Err(Refusal(reason.to_owned()))
}

/// Upper bounds must be this much in the past.
const SETTLING: Duration = Duration::minutes(2);

/// How long a paging token may be used.
const TOKEN_LIFE: Duration = Duration::hours(24);

impl Search {
    pub(super) fn read(query: &str, seed: u64, now: Timestamp) -> Result<Self, Refusal> {
        let given = pairs(query);
        check_names(&given)?;
        let get = |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let time = |name: &str| get(name).map(|text| parse_time(name, text)).transpose();
        let bounds =
            (time("createdAfter")?, time("createdBefore")?, time("lastUpdatedAfter")?, time("lastUpdatedBefore")?);
        let (by_creation, after, before) = match bounds {
            (Some(after), before, None, None) => (true, after, before),
            (None, None, Some(after), before) => (false, after, before),
            (None, _, None, _) => return refuse("one of createdAfter and lastUpdatedAfter is required"),
            (Some(_), _, _, _) | (_, _, Some(_), _) => {
                return refuse("created and lastUpdated bounds exclude each other");
            }
        };
        if before.is_some_and(|before| before < after) {
            return refuse("the upper bound lies before the lower one");
        }
        if before.is_some_and(|before| before > now - SETTLING) {
            return refuse("the upper bound must be at least two minutes in the past");
        }
        let digest = digest(&given, seed);
        let token = get("paginationToken").map(|text| PageToken::read(text, seed)).transpose()?;
        if let Some(token) = &token {
            if token.digest != digest {
                return refuse("paginationToken: other parameters than on the first page");
            }
            if now > token.issued + TOKEN_LIFE {
                return refuse("paginationToken: expired");
            }
        }
        let bound = token.as_ref().map(|token| token.bound).or(before).unwrap_or(now - SETTLING);
        if after > bound {
            return refuse("the lower bound must be at least two minutes in the past");
        }
        Ok(Self {
            by_creation,
            after,
            before: bound,
            statuses: list(&given, "fulfillmentStatuses", usize::MAX, |value| STATUSES.contains(&value))?,
            marketplaces: list(&given, "marketplaceIds", 50, |value| REGION.contains(&value))?,
            fulfilled_by: list(&given, "fulfilledBy", 2, |value| matches!(value, "MERCHANT" | "AMAZON"))?,
            page_size: page_size(get("maxResultsPerPage"))?,
            included: included(&given)?,
            cursor: token.and_then(|token| token.cursor),
            digest,
        })
    }
}

/// Known names, each once, none empty.
fn check_names(given: &[(String, String)]) -> Result<(), Refusal> {
    for (at, (name, value)) in given.iter().enumerate() {
        if !PARAMETERS.contains(&name.as_str()) {
            return refuse("unknown parameter");
        }
        if value.is_empty() {
            return Err(Refusal(format!("{name}: empty")));
        }
        if given.iter().take(at).any(|(earlier, _)| earlier == name) {
            return Err(Refusal(format!("{name}: given twice; lists are joined by commas")));
        }
    }
    Ok(())
}

fn parse_time(name: &str, text: &str) -> Result<Timestamp, Refusal> {
    // An unencoded `+` of an offset arrives as a space.
    let spaced = text.contains(' ') || !text.contains('T');
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) if !spaced => Ok(time.with_timezone(&Utc)),
        Ok(_) | Err(_) => Err(Refusal(format!("{name}: not an ISO 8601 date and time"))),
    }
}

fn page_size(text: Option<&str>) -> Result<usize, Refusal> {
    match text.map(str::parse::<usize>) {
        None => Ok(100),
        Some(Ok(size)) if (1..=100).contains(&size) => Ok(size),
        Some(Ok(_) | Err(_)) => refuse("maxResultsPerPage: not a number from 1 to 100"),
    }
}

fn list(
    given: &[(String, String)],
    name: &str,
    most: usize,
    known: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Refusal> {
    let Some(text) = crate::ask::value(given, name) else { return Ok(Vec::new()) };
    let values: Vec<String> = text.split(',').map(str::to_owned).collect();
    if values.len() > most {
        return Err(Refusal(format!("{name}: more than {most} values")));
    }
    if !values.iter().all(|value| known(value)) {
        return Err(Refusal(format!("{name}: unknown value")));
    }
    Ok(values)
}

/// The parts asked for by `includedData`.
pub(super) fn included(given: &[(String, String)]) -> Result<Vec<Included>, Refusal> {
    let part = |value: &str| Included::ALL.into_iter().find(|part| part.name() == value);
    let names = list(given, "includedData", usize::MAX, |value| part(value).is_some())?;
    Ok(names.iter().filter_map(|value| part(value)).collect())
}

/// FNV-1a over every parameter but the page's size and token, in the order of their names.
fn digest(given: &[(String, String)], seed: u64) -> u64 {
    let mut kept: Vec<&(String, String)> =
        given.iter().filter(|(name, _)| name != "maxResultsPerPage" && name != "paginationToken").collect();
    kept.sort();
    let bytes = kept.iter().flat_map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes(), b"&"]).flatten();
    bytes.fold(0xCBF2_9CE4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn now() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 5, 1, 12, 0, 0).unwrap()
    }

    #[test]
    fn what_the_contract_forbids_is_refused() {
        let good = "lastUpdatedAfter=2026-05-01T10:00:00Z";
        assert!(Search::read(good, 1, now()).is_ok());
        let many = format!("{good}&marketplaceIds={}", ["A1F83G8C2ARO7P"; 51].join(","));
        for bad in [
            "",
            "includedData=BUYER",
            "createdBefore=2026-05-01T10:00:00Z",
            "createdAfter=2026-05-01T10:00:00Z&lastUpdatedAfter=2026-05-01T10:00:00Z",
            "createdAfter=2026-05-01T10:00:00Z&lastUpdatedBefore=2026-05-01T10:00:00Z",
            "lastUpdatedAfter=2026-05-01T10:00:00Z&createdBefore=2026-05-01T10:00:00Z",
            "lastUpdatedAfter=2026-05-01T10:00:00Z&lastUpdatedBefore=2026-05-01T09:59:59Z",
            "lastUpdatedAfter=2026-05-01T10:00:00Z&lastUpdatedBefore=2026-05-01T11:58:01Z",
            "lastUpdatedAfter=2026-05-01T11:58:00.001Z",
            "lastUpdatedAfter=2026-05-01T10:00:00+01:00",
            "lastUpdatedAfter=2026-05-01",
            "lastUpdatedAfter=2026-05-01%2010:00:00Z",
            "lastUpdatedAfter=yesterday",
            "lastUpdatedAfter=",
            &format!("{good}&includedData=BUYER&includedData=TAX"),
            &format!("{good}&includedData=buyer"),
            &format!("{good}&includedData=BUYER,,TAX"),
            &format!("{good}&fulfillmentStatuses=CANCELED"),
            &format!("{good}&fulfilledBy=MFN"),
            &format!("{good}&marketplaceIds=ATVPDKIKX0DER"),
            &many,
            &format!("{good}&maxResultsPerPage=0"),
            &format!("{good}&maxResultsPerPage=101"),
            &format!("{good}&MarketplaceIds=A1F83G8C2ARO7P"),
            &format!("{good}&paginationToken=abc"),
        ] {
            assert!(Search::read(bad, 1, now()).is_err(), "{bad}");
        }
        for fine in [
            "lastUpdatedAfter=2026-05-01T10:00:00%2B01:00",
            "lastUpdatedAfter=2026-05-01T10:00:00Z&lastUpdatedBefore=2026-05-01T10:00:00Z",
            "createdAfter=2026-05-01T10:00:00.123Z&createdBefore=2026-05-01T11:58:00Z&maxResultsPerPage=100",
            "createdAfter=2026-05-01T10:00:00Z&fulfillmentStatuses=PENDING,UNSHIPPED&fulfilledBy=MERCHANT,AMAZON",
        ] {
            assert!(Search::read(fine, 1, now()).is_ok(), "{fine}");
        }
    }
}
