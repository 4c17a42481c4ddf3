//! Words and days that documents need.

use chrono::{NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use ordersync_types::Timestamp;
use ordersync_vat::{Scheme, Supply};

use super::draft::Draft;

/// The first moment of a day in a zone: the later one where clocks go forward over midnight.
pub(super) fn start_of_day(day: NaiveDate, zone: Tz) -> Timestamp {
    let midnight = day.and_time(NaiveTime::MIN);
    let first = zone.from_local_datetime(&midnight).earliest();
    let after_gap = || zone.from_local_datetime(&(midnight + chrono::Duration::hours(3))).earliest();
    first.or_else(after_gap).map_or_else(|| Utc.from_utc_datetime(&midnight), |moment| moment.with_timezone(&Utc))
}

/// What the law wants said on a document.
///
/// Source: HMRC's table of invoice contents (facts A2: goods without VAT are made clear); VATA 1994 s.30(6).
pub(super) fn notes(draft: &Draft) -> Vec<String> {
    let mut notes = Vec::new();
    let has = |supply: Supply| draft.content.groups.iter().any(|group| group.supply == supply);
    if draft.treatment.scheme == Scheme::Export {
        notes.push(format!("Zero-rated: goods exported from the United Kingdom to {}.", draft.treatment.ship_to));
    }
    if has(Supply::Exempt) {
        notes.push("Exempt from VAT.".to_owned());
    }
    let refunded: i64 = draft.content.refunds.iter().map(|used| used.amount).sum();
    if draft.original.is_none() && refunded > 0 {
        let money = ordersync_types::Money::new(refunded, draft.content.currency);
        notes.push(format!("{money} that was refunded before dispatch is taken off."));
    }
    notes
}

/// Items as one text, cut after some with how many more there are.
pub(super) fn list<'t>(items: impl Iterator<Item = &'t str>) -> String {
    const SHOWN: usize = 20;
    let all: Vec<&str> = items.collect();
    let mut text = all.iter().take(SHOWN).copied().collect::<Vec<_>>().join(" ");
    if all.len() > SHOWN {
        text.push_str(&format!(" and {} more", all.len() - SHOWN));
    }
    text
}
