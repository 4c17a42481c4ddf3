//! What the parts of `normalise` share: where we stand in the order, what a person must look at, and how single
//! values are read.

use std::fmt;

use chrono::{DateTime, TimeDelta};
use ordersync_order::{Aspect, RawCode, Review};
use ordersync_types::{Country, Currency, FieldState, Money, Timestamp, Withheld};

use crate::dto::{Amount, Text, text};

/// eBay leaves out names, telephone numbers, street lines and gift texts of orders older than this.
/// Source: Sell Fulfillment API v1.20.7, `ExtendedContact`, `Address`, `GiftDetails`.
const PERSONAL_DAYS: TimeDelta = TimeDelta::days(90);
/// eBay leaves out the e-mail address of orders older than this. Source: the same, `ExtendedContact.email`.
const EMAIL_DAYS: TimeDelta = TimeDelta::days(14);

/// A place in eBay's order, written out only when something is the matter there.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'static str,
    index: Option<usize>,
}

impl Path<'_> {
    /// The order itself.
    pub(super) const ORDER: Path<'static> = Path { parent: None, name: "", index: None };

    /// A field of this.
    pub(super) fn at<'s>(&'s self, name: &'static str) -> Path<'s> {
        Path { parent: Some(self), name, index: None }
    }

    /// An element of an array field of this.
    pub(super) fn item<'s>(&'s self, name: &'static str, index: usize) -> Path<'s> {
        Path { parent: Some(self), name, index: Some(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !parent.name.is_empty() {
                f.write_str(".")?;
            }
        }
        f.write_str(self.name)?;
        self.index.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

/// Why an order cannot be normalised. Holds no value of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rejection {
    pub(super) field: String,
    pub(super) reason: String,
}

impl Rejection {
    pub(super) fn new(path: Path<'_>, reason: impl fmt::Display) -> Self {
        Self { field: path.to_string(), reason: reason.to_string() }
    }

    pub(super) fn missing(path: Path<'_>) -> Self {
        Self::new(path, "missing")
    }
}

/// An amount that eBay converted from another currency.
pub(super) struct Conversion {
    pub(super) field: String,
    /// What the buyer paid, when it can be read.
    pub(super) paid: Option<Money>,
}

/// What is gathered while an order is read.
pub(super) struct Reading {
    /// Texts of people are left out because of the order's age.
    pub(super) withheld: bool,
    /// The e-mail address is left out because of the order's age.
    pub(super) email_withheld: bool,
    pub(super) reviews: Vec<Review>,
    /// The currency of the first amount that was read.
    pub(super) currency: Option<Currency>,
    /// The first amount in another currency.
    pub(super) other_currency: Option<String>,
    pub(super) conversion: Option<Conversion>,
}

impl Reading {
    pub(super) fn new(created_at: Timestamp, read_at: Timestamp) -> Self {
        let age = read_at - created_at;
        Self {
            withheld: age > PERSONAL_DAYS,
            email_withheld: age > EMAIL_DAYS,
            reviews: Vec::new(),
            currency: None,
            other_currency: None,
            conversion: None,
        }
    }

    pub(super) fn review(&mut self, aspect: Aspect, path: Path<'_>, reason: &str) {
        self.reviews.push(Review::new(aspect, &path.to_string(), reason));
    }

    /// Keeps a value this program does not know, and says so.
    pub(super) fn unknown(&mut self, aspect: Aspect, path: Path<'_>, value: &str) -> RawCode {
        let code = RawCode::new(value);
        self.reviews.push(Review::unknown_value(aspect, &path.to_string(), code.clone()));
        code
    }

    /// Says that there is a value this program does not know, where nothing of ours keeps it.
    pub(super) fn note_unknown(&mut self, aspect: Aspect, path: Path<'_>, value: &str) {
        self.reviews.push(Review::unknown_value(aspect, &path.to_string(), RawCode::new(value)));
    }

    /// A text of a person; a gap or an empty text in an old order is eBay's doing.
    pub(super) fn person(&self, field: &Option<Text<'_>>) -> FieldState {
        personal(text(field), self.withheld)
    }

    /// An e-mail address.
    pub(super) fn email(&self, field: &Option<Text<'_>>) -> FieldState {
        personal(text(field), self.email_withheld)
    }

    /// A time the order can do without.
    pub(super) fn time(&mut self, field: &Option<Text<'_>>, path: Path<'_>) -> Option<Timestamp> {
        let written = text(field)?;
        let time = parse_time(written);
        if time.is_none() {
            self.review(Aspect::Info, path, "not a date and time of the contract's form; left out");
        }
        time
    }

    /// A country, for an aspect that needs it. eBay's older sites write `UK`.
    pub(super) fn country(&mut self, aspect: Aspect, field: &Option<Text<'_>>, path: Path<'_>) -> Option<Country> {
        let written = text(field)?;
        let country = parse_country(written);
        if country.is_none() {
            // part of an address: whatever is longer than a code might be somebody's words
            self.note_unknown(aspect, path, if written.len() <= 3 { written } else { "NOT_A_CODE" });
        }
        country
    }

    /// An amount; `None` when it is absent or `{}`.
    pub(super) fn money(&mut self, amount: &Option<Amount<'_>>, path: Path<'_>) -> Result<Option<Money>, Rejection> {
        let Some(amount) = amount else { return Ok(None) };
        let (value, currency) = match (text(&amount.value), text(&amount.currency)) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(Rejection::missing(path.at("value"))),
            (Some(_), None) => return Err(Rejection::missing(path.at("currency"))),
            (Some(value), Some(currency)) => (value, currency),
        };
        let currency: Currency = currency.parse().map_err(|error| Rejection::new(path.at("currency"), error))?;
        let money = Money::parse(value, currency).map_err(|error| Rejection::new(path.at("value"), error))?;
        if *self.currency.get_or_insert(currency) != currency && self.other_currency.is_none() {
            self.other_currency = Some(path.to_string());
        }
        if self.conversion.is_none() && is_converted(amount, currency) {
            self.conversion = Some(Conversion { field: path.to_string(), paid: paid(amount) });
        }
        Ok(Some(money))
    }
}

fn personal(written: Option<&str>, withheld: bool) -> FieldState {
    match written {
        None | Some("") if withheld => FieldState::Withheld(Withheld::Age),
        None => FieldState::NotSent,
        Some(written) => FieldState::value(written),
    }
}

fn is_converted(amount: &Amount<'_>, currency: Currency) -> bool {
    text(&amount.converted_from_currency).is_some_and(|from| from != currency.code())
        || (amount.converted_from_currency.is_none() && amount.converted_from_value.is_some())
}

fn paid(amount: &Amount<'_>) -> Option<Money> {
    let currency = text(&amount.converted_from_currency)?.parse().ok()?;
    Money::parse(text(&amount.converted_from_value)?, currency).ok()
}

/// Reads ISO 8601 with or without milliseconds, `Z` or an offset.
pub(super) fn parse_time(written: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(written).ok().map(|time| time.to_utc())
}

pub(super) fn parse_country(written: &str) -> Option<Country> {
    if written == "UK" { Some(Country::GB) } else { written.parse().ok() }
}

/// A text of an open column: without control characters, at most `longest` characters. `None` when nothing is left.
pub(super) fn open_text(
    reading: &mut Reading,
    field: &Option<Text<'_>>,
    longest: usize,
    path: Path<'_>,
) -> Option<String> {
    let written = text(field)?;
    let kept: String = written.chars().filter(|c| !c.is_control()).take(longest).collect();
    if written.chars().filter(|c| !c.is_control()).nth(longest).is_some() {
        reading.review(Aspect::Info, path, "longer than what is stored; cut");
    }
    (!kept.is_empty()).then_some(kept)
}
