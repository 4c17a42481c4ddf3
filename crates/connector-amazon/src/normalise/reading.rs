//! What every part of an order is read with: where we are, what was noticed, and the small conversions.

use chrono::DateTime;
use ordersync_order::{Aspect, RawCode, Review};
use ordersync_types::{Currency, Money, MoneyError, Timestamp};

use crate::dto;

/// A place in the answer. Made on the stack and written out only when there is something to say about it.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Field(&'static str),
    Item(&'static str, usize),
}

impl<'p> Path<'p> {
    /// A field of the order itself; `name` may hold dots.
    pub(super) const fn of_order(name: &'static str) -> Path<'static> {
        Path { parent: None, step: Step::Field(name) }
    }

    /// An entry of a list of the order itself.
    pub(super) const fn of_list(name: &'static str, index: usize) -> Path<'static> {
        Path { parent: None, step: Step::Item(name, index) }
    }

    /// A field below this place.
    pub(super) const fn field(&'p self, name: &'static str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Field(name) }
    }

    /// An entry of a list below this place.
    pub(super) const fn item(&'p self, name: &'static str, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Item(name, index) }
    }

    /// `orderItems[2].proceeds.proceedsTotal`.
    pub(super) fn text(&self) -> String {
        let mut text = self.parent.map(|parent| parent.text() + ".").unwrap_or_default();
        match self.step {
            Step::Field(name) => text.push_str(name),
            Step::Item(name, index) => text.push_str(&format!("{name}[{index}]")),
        }
        text
    }
}

/// Why an order cannot be read. Holds no value of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) reason: &'static str,
}

impl Fault {
    pub(super) fn at(path: &Path<'_>, reason: &'static str) -> Self {
        Self { field: path.text(), reason }
    }
}

/// What is gathered while one order is read.
pub(super) struct Reading<'a> {
    reviews: Vec<Review>,
    currency: Option<(&'a str, Currency)>,
    mixed: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new() -> Self {
        Self { reviews: Vec::new(), currency: None, mixed: false }
    }

    /// The currency of the first amount that was read, and what was noticed.
    pub(super) fn finish(self) -> (Option<Currency>, Vec<Review>) {
        (self.currency.map(|(_, currency)| currency), self.reviews)
    }

    pub(super) fn review(&mut self, aspect: Aspect, path: &Path<'_>, reason: &str) {
        self.reviews.push(Review::new(aspect, &path.text(), reason));
    }

    /// Notes a value that the contract does not list, and keeps its code.
    pub(super) fn unknown(&mut self, aspect: Aspect, path: &Path<'_>, value: &str) -> RawCode {
        let code = RawCode::new(value);
        self.reviews.push(Review::unknown_value(aspect, &path.text(), code.clone()));
        code
    }

    /// An amount. All amounts of an order should be of one currency; others are kept and noted once.
    pub(super) fn money(&mut self, path: &Path<'_>, money: &'a dto::Money<'_>) -> Result<Money, Fault> {
        let currency = self.currency(path, &money.currency_code)?;
        Money::parse(&money.amount, currency).map_err(|error| {
            let reason = match error {
                MoneyError::TooPrecise => "more decimal places than the currency has",
                MoneyError::OutOfRange => "an amount out of range",
                MoneyError::NotDecimal | MoneyError::UnknownCurrency | MoneyError::MixedCurrencies(..) => {
                    "not a decimal number"
                }
            };
            Fault::at(&path.field("amount"), reason)
        })
    }

    fn currency(&mut self, path: &Path<'_>, code: &'a str) -> Result<Currency, Fault> {
        if let Some((_, currency)) = self.currency.filter(|(known, _)| *known == code) {
            return Ok(currency);
        }
        let path = path.field("currencyCode");
        let currency: Currency = code.parse().map_err(|_| Fault::at(&path, "not an ISO 4217 currency code"))?;
        if self.currency.is_none() {
            self.currency = Some((code, currency));
        } else if !self.mixed {
            self.mixed = true;
            self.review(Aspect::Tax, &path, "the order's amounts are in more than one currency");
        }
        Ok(currency)
    }

    /// A time that the contract requires.
    pub(super) fn time(path: &Path<'_>, text: &str) -> Result<Timestamp, Fault> {
        parse_time(text).ok_or_else(|| Fault::at(path, "not an ISO 8601 time"))
    }

    /// A time that may be absent; one that cannot be read is noted and left out.
    pub(super) fn optional_time(&mut self, path: &Path<'_>, text: Option<&dto::Text<'_>>) -> Option<Timestamp> {
        let text = given(text)?;
        let time = parse_time(text);
        if time.is_none() {
            self.review(Aspect::Info, path, "a time that cannot be read: left out");
        }
        time
    }

    /// A text of the seller's own, without control characters and cut at `most` characters.
    pub(super) fn listing_text(
        &mut self,
        path: &Path<'_>,
        text: Option<&dto::Text<'_>>,
        most: usize,
    ) -> Option<String> {
        let text = given(text)?;
        // the usual case: short and plain
        if text.len() <= most && !text.chars().any(char::is_control) {
            return Some(text.to_owned());
        }
        let mut chars = text.chars().filter(|c| !c.is_control());
        let kept: String = chars.by_ref().take(most).collect();
        if chars.next().is_some() {
            self.review(Aspect::Info, path, "longer than is kept: cut");
        }
        Some(kept).filter(|kept| !kept.is_empty())
    }
}

/// Reads RFC 3339 with or without fractions of a second, in UTC or with an offset.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// The text, unless it is absent or empty.
pub(super) fn given<'t>(text: Option<&'t dto::Text<'_>>) -> Option<&'t str> {
    text.map(|text| &**text).filter(|text| !text.is_empty())
}

/// The code of a field that holds somebody's reason. A word in small letters could be a person's, so only the
/// spelling that Amazon uses for codes (`A-Z 0-9 _`) is kept, and of anything else the length.
pub(super) fn reason_code(text: &str) -> RawCode {
    let is_code = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    if is_code { RawCode::new(text) } else { RawCode::new(&format!("unreadable:{}", text.chars().count())) }
}
