//! getOrders: its parameters, read as strictly as eBay reads them.

use chrono::{DateTime, Duration, Utc};
use ordersync_types::Timestamp;

use super::errors::Refusal;
use crate::ask::{pairs, value};

/// A list of orders asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// These numbers; everything else in the query is ignored.
    Ids(Vec<String>),
    /// A page of a filtered list.
    Page(Page),
}

/// A page of a filtered list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) filter: Filter,
    pub(super) limit: usize,
    pub(super) offset: usize,
    pub(super) breakdown: bool,
}

/// Which orders: by time of ordering or of change, and by status.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) by_creation: bool,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// The two statuses that are let through, if only those.
    pub(super) statuses: Option<[&'static str; 2]>,
}

/// As far back as orders can be had.
pub(super) const REACH: Duration = Duration::days(730);

/// Without a filter, orders placed since.
const USUAL: Duration = Duration::days(90);

/// Most order numbers in one call.
const MOST_IDS: usize = 50;

impl Listing {
    pub(super) fn read(query: &str, now: Timestamp) -> Result<Self, Refusal> {
        let given = pairs(query);
        if let Some(ids) = value(&given, "orderIds") {
            let ids: Vec<String> = ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect();
            return if ids.len() > MOST_IDS { Err(Refusal::TooManyIds) } else { Ok(Self::Ids(ids)) };
        }
        let breakdown = breakdown(&given)?;
        let filter = match query.split('&').find_map(|part| part.strip_prefix("filter=")) {
            None | Some("") => Filter { by_creation: true, from: now - USUAL, to: now, statuses: None },
            // Brackets, braces and bars must arrive encoded, and only once.
            Some(raw) if raw.contains(['[', ']', '{', '|', '}']) => return Err(Refusal::FilterValue),
            Some(_) => Filter::read(value(&given, "filter").unwrap_or_default(), now)?,
        };
        let limit = match value(&given, "limit").map(str::parse::<usize>) {
            None => 50,
            Some(Ok(limit)) if (1..=200).contains(&limit) => limit,
            Some(Ok(_) | Err(_)) => return Err(Refusal::Limit),
        };
        let offset = value(&given, "offset").map_or(Ok(0), str::parse::<usize>).map_err(|_| Refusal::Offset)?;
        Ok(Self::Page(Page { filter, limit, offset, breakdown }))
    }
}

/// Whether the only field group is asked for.
pub(super) fn breakdown(given: &[(String, String)]) -> Result<bool, Refusal> {
    match value(given, "fieldGroups") {
        None => Ok(false),
        Some("TAX_BREAKDOWN") => Ok(true),
        Some(_) => Err(Refusal::FieldGroup),
    }
}

impl Filter {
    fn read(text: &str, now: Timestamp) -> Result<Self, Refusal> {
        let (mut created, mut modified, mut statuses) = (None, None, None);
        for criterion in text.split(',') {
            let (name, given) = criterion.split_once(':').ok_or(Refusal::FilterValue)?;
            let again = match name {
                "creationdate" => created.replace(range(given, now)?).is_some(),
                "lastmodifieddate" => modified.replace(range(given, now)?).is_some(),
                "orderfulfillmentstatus" => statuses.replace(status_pair(given)?).is_some(),
                _ => return Err(Refusal::FilterName),
            };
            if again {
                return Err(Refusal::FilterValue);
            }
        }
        // With both dates, eBay uses the time of ordering alone.
        let (by_creation, (from, to)) = match (created, modified) {
            (Some(range), _) => (true, range),
            (None, Some(range)) => (false, range),
            (None, None) => (true, (now - USUAL, now)),
        };
        Ok(Self { by_creation, from, to, statuses })
    }
}

fn range(text: &str, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or(Refusal::FilterValue)?;
    let (from, to) = inside.split_once("..").ok_or(Refusal::FilterValue)?;
    if from.is_empty() {
        return Err(Refusal::NoStart);
    }
    let from = date(from)?;
    let to = if to.is_empty() { None } else { Some(date(to)?) };
    if from > now || to.is_some_and(|to| to > now) {
        return Err(Refusal::Future);
    }
    let to = to.unwrap_or(now);
    if from > to {
        return Err(Refusal::Backwards);
    }
    if from < now - REACH {
        return Err(Refusal::TooFar);
    }
    Ok((from, to))
}

/// The one form: `2026-01-01T00:00:00.000Z`.
fn date(text: &str) -> Result<Timestamp, Refusal> {
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if form != "0000-00-00T00:00:00.000Z" {
        return Err(Refusal::Date);
    }
    DateTime::parse_from_rfc3339(text).map(|date| date.with_timezone(&Utc)).map_err(|_| Refusal::Date)
}

/// Only two pairs are supported.
fn status_pair(text: &str) -> Result<[&'static str; 2], Refusal> {
    match text {
        "{NOT_STARTED|IN_PROGRESS}" => Ok(["NOT_STARTED", "IN_PROGRESS"]),
        "{FULFILLED|IN_PROGRESS}" => Ok(["FULFILLED", "IN_PROGRESS"]),
        _ => Err(Refusal::FilterValue),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn now() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 5, 1, 12, 0, 0).unwrap()
    }

    #[test]
    fn filters_are_read_by_the_grammar_and_nothing_else() {
        let range = |text: &str| format!("filter=lastmodifieddate:%5B{text}%5D");
        for (query, refusal) in [
            ("limit=201", Refusal::Limit),
            ("limit=0", Refusal::Limit),
            ("limit=ten", Refusal::Limit),
            ("offset=-1", Refusal::Offset),
            ("offset=x", Refusal::Offset),
            ("fieldGroups=TAX", Refusal::FieldGroup),
            ("fieldGroups=", Refusal::FieldGroup),
            ("filter=modifieddate:%5B2026-04-01T00:00:00.000Z..%5D", Refusal::FilterName),
            ("filter=lastmodifieddate", Refusal::FilterValue),
            ("filter=lastmodifieddate:2026-04-01T00:00:00.000Z..", Refusal::FilterValue),
            ("filter=lastmodifieddate:[2026-04-01T00:00:00.000Z..]", Refusal::FilterValue),
            ("filter=lastmodifieddate:%255B2026-04-01T00:00:00.000Z..%255D", Refusal::FilterValue),
            ("filter=orderfulfillmentstatus:%7BNOT_STARTED|IN_PROGRESS%7D", Refusal::FilterValue),
            ("filter=orderfulfillmentstatus:%7BNOT_STARTED%7D", Refusal::FilterValue),
            ("filter=orderfulfillmentstatus:NOT_STARTED", Refusal::FilterValue),
            ("filter=orderfulfillmentstatus:%7BNOT_STARTED%7CFULFILLED%7D", Refusal::FilterValue),
            (&range("..2026-04-01T00:00:00.000Z"), Refusal::NoStart),
            (&range("2026-04-01T00:00:00Z.."), Refusal::Date),
            (&range("2026-04-01.."), Refusal::Date),
            (&range("2026-13-01T00:00:00.000Z.."), Refusal::Date),
            (&range("2026-04-02T00:00:00.000Z..2026-04-01T00:00:00.000Z"), Refusal::Backwards),
            (&range("2026-04-02T00:00:00.000Z..2026-05-01T12:00:00.001Z"), Refusal::Future),
            (&range("2026-05-02T00:00:00.000Z.."), Refusal::Future),
            (&range("2024-04-01T00:00:00.000Z..2026-04-01T00:00:00.000Z"), Refusal::TooFar),
        ] {
            assert_eq!(Listing::read(query, now()), Err(refusal), "{query}");
        }
    }

    #[test]
    fn the_time_of_ordering_wins_and_order_numbers_win_over_all() {
        let both = "filter=lastmodifieddate:%5B2026-04-01T00:00:00.000Z..%5D,creationdate:%5B2026-03-01T00:00:00.000Z..%5D,\
                    orderfulfillmentstatus:%7BFULFILLED%7CIN_PROGRESS%7D&limit=200&offset=7&fieldGroups=TAX_BREAKDOWN";
        let from = Utc.with_ymd_and_hms(2026, 3, 1, 0, 0, 0).unwrap();
        let filter = Filter { by_creation: true, from, to: now(), statuses: Some(["FULFILLED", "IN_PROGRESS"]) };
        let page = Page { filter, limit: 200, offset: 7, breakdown: true };
        assert_eq!(Listing::read(both, now()), Ok(Listing::Page(page)));
        let ids = vec!["1".to_owned(), "2".to_owned()];
        assert_eq!(Listing::read("orderIds=1,2&limit=999&fieldGroups=X", now()), Ok(Listing::Ids(ids)));
        let many = vec!["1"; 51].join(",");
        assert_eq!(Listing::read(&format!("orderIds={many}"), now()), Err(Refusal::TooManyIds));
    }
}
