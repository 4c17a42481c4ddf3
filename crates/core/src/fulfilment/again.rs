//! Why pieces are packed once more, and what may be said of a parcel in open columns: names of carriers and numbers, and no
//! sentences, which belong into a note.

use std::fmt;
use std::str::FromStr;

use super::DispatchWish;
use crate::CoreError;

/// Longest name of a carrier or a service, in characters.
const MOST_NAME: usize = 40;
/// Longest tracking number, in characters.
const MOST_TRACKING: usize = 64;

/// Why pieces that are packed or have left are packed once more. More words about it belong into a note, which is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each name says it")]
pub enum Again {
    Lost,
    Damaged,
    WrongItem,
    Incomplete,
    Returned,
    SparePart,
    Printing,
    Other,
}

impl Again {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Lost,
        Self::Damaged,
        Self::WrongItem,
        Self::Incomplete,
        Self::Returned,
        Self::SparePart,
        Self::Printing,
        Self::Other,
    ];

    /// The name at rest and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Damaged => "damaged",
            Self::WrongItem => "wrong-item",
            Self::Incomplete => "incomplete",
            Self::Returned => "returned",
            Self::SparePart => "spare-part",
            Self::Printing => "printing",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Again {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No reason of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("again: must be one of {}; say more with `ordersync orders note`", Again::ALL.map(Again::name).join(", "))]
pub struct NoSuchReason;

impl FromStr for Again {
    type Err = NoSuchReason;

    fn from_str(text: &str) -> Result<Self, NoSuchReason> {
        Self::ALL.into_iter().find(|reason| reason.name() == text).ok_or(NoSuchReason)
    }
}

/// What stands on a parcel: letters, digits and a few signs, none of which a terminal or a printer acts on.
pub(super) fn check_open(wish: &DispatchWish) -> Result<(), CoreError> {
    let name = |c: char| c.is_alphanumeric() || " &.,+-'()/".contains(c);
    let number = |c: char| c.is_ascii_alphanumeric() || " -./".contains(c);
    check("carrier", wish.carrier.as_deref(), MOST_NAME, name, "letters, digits, spaces and & . , + - ' ( ) /")?;
    check("service", wish.service.as_deref(), MOST_NAME, name, "letters, digits, spaces and & . , + - ' ( ) /")?;
    check("tracking", wish.tracking.as_deref(), MOST_TRACKING, number, "A-Z a-z 0-9, spaces and - . /")?;
    match &wish.tracking {
        Some(tracking) if !tracking.bytes().any(|byte| byte.is_ascii_digit()) => {
            refused("tracking: a tracking number has digits".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}

fn check(field: &str, text: Option<&str>, most: usize, fits: impl Fn(char) -> bool, of: &str) -> Result<(), CoreError> {
    match text {
        Some(text) if text.trim().is_empty() || text.chars().count() > most || !text.chars().all(fits) => {
            refused(format!("{field}: must be 1 to {most} of {of}"))
        }
        Some(_) | None => Ok(()),
    }
}

fn refused(message: String) -> Result<(), CoreError> {
    Err(CoreError::Refused {
        message,
        hint: "what is to be said of a buyer belongs into `ordersync orders note`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_on_a_parcel_passes_and_free_text_does_not() {
        let with = |carrier: &str, tracking: &str| DispatchWish {
            target: "X".to_owned(),
            carrier: Some(carrier.to_owned()),
            service: None,
            tracking: Some(tracking.to_owned()),
        };
        for (carrier, tracking) in
            [("Royal Mail", "TT 1234 5678 5GB"), ("Österreichische Post (EMS)", "00340434161094000000"), ("DPD", "1/2")]
        {
            check_open(&with(carrier, tracking)).unwrap();
        }
        for (carrier, tracking, field) in [
            ("", "1", "carrier"),
            ("a\u{1b}[2J", "1", "carrier"),
            ("ada@buyer.example", "1", "carrier"),
            (&"x".repeat(41), "1", "carrier"),
            ("DPD", "left with a neighbour", "tracking"),
            ("DPD", "^XZ1", "tracking"),
            ("DPD", " ", "tracking"),
            ("DPD", &"1".repeat(65), "tracking"),
        ] {
            let refused = check_open(&with(carrier, tracking)).unwrap_err().to_string();
            assert!(refused.starts_with(field), "{carrier} {tracking}: {refused}");
        }
    }

    #[test]
    fn every_reason_is_read_as_it_is_written() {
        for reason in Again::ALL {
            assert_eq!(reason.to_string().parse(), Ok(reason));
        }
        assert!("because Ada said so".parse::<Again>().unwrap_err().to_string().contains("spare-part"));
    }
}
