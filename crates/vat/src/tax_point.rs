//! When VAT falls due.

use chrono::{NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use ordersync_types::Timestamp;
use serde::{Deserialize, Serialize};

/// What makes the tax point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxPointRule {
    /// The goods leave. Money that the marketplace holds for the seller does not move it.
    ///
    /// Source: VATA 1994 s.6(2)(a), HMRC VATTOS3500 (the basic tax point).
    Dispatch,
    /// The buyer pays, if that comes before the goods leave. The marketplaces' time of the order stands for the payment.
    ///
    /// Source: VATA 1994 s.6(4), HMRC VATTOS5105.
    Payment,
    /// Money goes back: a credit note counts when the refund is made.
    ///
    /// Source: VAT Regulations 1995 reg. 24A and 38 (facts G1).
    Refund,
}

impl TaxPointRule {
    /// The word at rest and in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }

    /// The rule with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Dispatch, Self::Payment, Self::Refund].into_iter().find(|rule| rule.name() == name)
    }
}

/// A tax point: a calendar day in the seller's zone, and what made it. Never computed again after issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPoint {
    /// The day.
    pub day: NaiveDate,
    /// What made it.
    pub rule: TaxPointRule,
}

impl TaxPoint {
    /// That of a sale, by the seller's rule. Payment after dispatch makes none.
    pub fn of_sale(rule: TaxPointRule, dispatched_at: Timestamp, paid_at: Timestamp, zone: Tz) -> Self {
        let dispatch = Self { day: local_day(dispatched_at, zone), rule: TaxPointRule::Dispatch };
        match rule {
            TaxPointRule::Payment if paid_at < dispatched_at => {
                Self { day: local_day(paid_at, zone), rule: TaxPointRule::Payment }
            }
            TaxPointRule::Payment | TaxPointRule::Dispatch | TaxPointRule::Refund => dispatch,
        }
    }

    /// That of a refund.
    pub fn of_refund(refunded_at: Timestamp, zone: Tz) -> Self {
        Self { day: local_day(refunded_at, zone), rule: TaxPointRule::Refund }
    }
}

/// The calendar day of a moment in a zone; at the ends of the calendar, which no order reaches, that in UTC.
pub fn local_day(at: Timestamp, zone: Tz) -> NaiveDate {
    let utc = at.naive_utc();
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    utc.checked_add_offset(offset).unwrap_or(utc).date()
}
