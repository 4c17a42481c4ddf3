//! A place within a window: Amazon's page token, and how the pages before it were asked for.

use ordersync_connector_api::PageToken;

/// Amazon takes a page token only with the parameters of the page before it, so these belong to the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// With all parts of the orders.
    Whole,
    /// Without parts, each order then read by itself, because Amazon refuses one of the parts.
    OneByOne,
}

impl Reading {
    fn mark(self) -> &'static str {
        match self {
            Self::Whole => "whole:",
            Self::OneByOne => "one-by-one:",
        }
    }

    /// The place that Amazon's token stands for.
    pub(crate) fn place(self, token: &str) -> PageToken {
        PageToken::new(format!("{}{token}", self.mark()))
    }

    /// The reading and Amazon's token; `None` for words that are not ours.
    pub(crate) fn of_place(place: &PageToken) -> Option<(Self, &str)> {
        [Self::Whole, Self::OneByOne]
            .into_iter()
            .find_map(|reading| Some((reading, place.as_str().strip_prefix(reading.mark())?)))
            .filter(|(_, token)| !token.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        for reading in [Reading::Whole, Reading::OneByOne] {
            let place = reading.place("a+b/c:=");
            assert_eq!(Reading::of_place(&place), Some((reading, "a+b/c:=")));
        }
        for wrong in ["", "whole:", "token", "part:token"] {
            assert_eq!(Reading::of_place(&PageToken::new(wrong)), None, "{wrong}");
        }
    }
}
