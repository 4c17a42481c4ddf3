//! Where we are in a window: pure arithmetic on milliseconds, offsets and totals.
//!
//! eBay pages by offset over a set that changes while it is read: an order that is modified leaves the window (it is
//! past and closed, so nothing comes in) and every later one moves up by one place. The place therefore holds the
//! total last seen. When it has fallen, as many orders as are missing may have slipped past the offset, and the next
//! page begins that much earlier.
//!
//! A window with more than 1,000 orders is read in pieces, so that few orders are read again when it is disturbed.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat};
use ordersync_connector_api::Window;
use ordersync_types::Timestamp;

/// A piece with more orders than this is cut in two.
const MOST_ORDERS: u64 = 1_000;
/// No piece is cut shorter than this.
const SHORTEST_MS: i64 = 60_000;

/// A place in a window. As text `FROM..TO@OFFSET` or `FROM..TO@OFFSET#TOTAL`, times in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    from_ms: i64,
    to_ms: i64,
    /// Orders of the piece to skip.
    pub(crate) offset: u64,
    /// Orders in the piece when its page before was read.
    total: Option<u64>,
}

/// The text is no place, or none of this window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoPlace;

/// eBay says that there are more orders, and gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stuck;

impl Place {
    pub(crate) fn start(window: Window) -> Self {
        Self { from_ms: window.from.timestamp_millis(), to_ms: end(window), offset: 0, total: None }
    }

    pub(crate) fn parse(text: &str, window: Window) -> Result<Self, NoPlace> {
        let place: Self = text.parse()?;
        let inside = window.from.timestamp_millis() <= place.from_ms
            && place.from_ms <= place.to_ms
            && place.to_ms <= end(window);
        if inside { Ok(place) } else { Err(NoPlace) }
    }

    /// The first and last moment of the piece as eBay's filter wants them.
    pub(crate) fn bounds(self) -> Option<(String, String)> {
        let written = |ms| Some(DateTime::from_timestamp_millis(ms)?.to_rfc3339_opts(SecondsFormat::Millis, true));
        Some((written(self.from_ms)?, written(self.to_ms)?))
    }

    /// The first half of this piece, when it holds too many orders to be read as one.
    pub(crate) fn halved(self, total: u64) -> Option<Self> {
        let length = self.to_ms.saturating_sub(self.from_ms);
        if self.offset > 0 || total <= MOST_ORDERS || length <= SHORTEST_MS {
            return None;
        }
        let half = (length / 2).max(SHORTEST_MS);
        Some(Self { to_ms: self.from_ms.saturating_add(half), total: None, ..self })
    }

    /// Where to go on after a page here that listed so many orders of so many in the piece; `None` at the window's
    /// end.
    pub(crate) fn after(self, window: Window, listed: u64, total: u64) -> Result<Option<Self>, Stuck> {
        let gone = self.total.map_or(0, |before| before.saturating_sub(total));
        let offset = if gone > 0 { self.offset.saturating_sub(gone) } else { self.offset.saturating_add(listed) };
        if offset < total {
            if gone == 0 && listed == 0 {
                return Err(Stuck);
            }
            return Ok(Some(Self { offset, total: Some(total), ..self }));
        }
        if self.to_ms >= end(window) {
            return Ok(None);
        }
        // pieces share their border: eBay shows milliseconds, and may keep more. A piece may be twice as long as the
        // one before, which fitted.
        let length = self.to_ms.saturating_sub(self.from_ms).max(SHORTEST_MS);
        let to_ms = self.to_ms.saturating_add(length.saturating_mul(2)).min(end(window));
        Ok(Some(Self { from_ms: self.to_ms, to_ms, offset: 0, total: None }))
    }

    /// Up to where the window has been read when its last page is.
    pub(crate) fn bound(self) -> Option<Timestamp> {
        DateTime::from_timestamp_millis(self.to_ms)
    }
}

/// The last millisecond of the window.
fn end(window: Window) -> i64 {
    window.to.timestamp_millis()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}@{}", self.from_ms, self.to_ms, self.offset)?;
        self.total.map_or(Ok(()), |total| write!(f, "#{total}"))
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (times, place) = text.split_once('@').ok_or(NoPlace)?;
        let (from, to) = times.split_once("..").ok_or(NoPlace)?;
        let (offset, total) = match place.split_once('#') {
            Some((offset, total)) => (offset, Some(total.parse().map_err(|_| NoPlace)?)),
            None => (place, None),
        };
        let ms = |text: &str| text.parse().map_err(|_| NoPlace);
        Ok(Self { from_ms: ms(from)?, to_ms: ms(to)?, offset: offset.parse().map_err(|_| NoPlace)?, total })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        chrono::Utc.timestamp_millis_opt(ms).unwrap()
    }

    fn window(from: i64, to: i64) -> Window {
        Window { from: at(from), to: at(to) }
    }

    #[test]
    fn a_crowded_window_is_halved_and_a_minute_is_not() {
        let place = Place::start(window(0, 3_600_000));
        assert_eq!(place.halved(1_000), None);
        assert_eq!(place.halved(1_001).unwrap().to_string(), "0..1800000@0");
        assert_eq!(Place::start(window(0, 60_000)).halved(5_000), None);
        assert_eq!(Place::start(window(0, 60_001)).halved(5_000).unwrap().to_string(), "0..60000@0");
        let later = Place { offset: 200, ..place };
        assert_eq!(later.halved(5_000), None, "only a first page is cut");
    }

    #[test]
    fn a_fallen_total_steps_back_by_what_is_gone() {
        let window = window(0, 3_600_000);
        let place = Place::parse("0..3600000@400#601", window).unwrap();
        assert_eq!(place.after(window, 200, 601), Ok(Some(Place { offset: 600, ..place })));
        let back = place.after(window, 200, 598).unwrap().unwrap();
        assert_eq!(back.to_string(), "0..3600000@397#598");
        assert_eq!(place.after(window, 0, 400).unwrap().unwrap().offset, 199);
        assert_eq!(place.after(window, 0, 601), Err(Stuck));
    }

    #[test]
    fn pieces_follow_one_another_to_the_end_of_the_window() {
        let window = window(0, 1_000_000);
        let mut place = Place::start(window).halved(4_000).unwrap().halved(2_000).unwrap();
        let mut pieces = vec![place.to_string()];
        while let Some(next) = place.after(window, 10, 10).unwrap() {
            pieces.push(next.to_string());
            place = next;
        }
        assert_eq!(pieces, ["0..250000@0", "250000..750000@0", "750000..1000000@0"]);
        assert_eq!(place.bound(), Some(window.to));
    }

    #[test]
    fn a_text_that_is_no_place_of_the_window_is_refused() {
        let window = window(1_000, 2_000);
        for text in ["", "1000..2000", "1000..2000@", "1000..2000@-1", "1000..2000@1#", "999..2000@0", "1000..2001@0"] {
            assert_eq!(Place::parse(text, window), Err(NoPlace), "{text}");
        }
        assert_eq!(Place::parse("1500..1400@0", window), Err(NoPlace));
        assert!(Place::parse("1000..2000@1#7", window).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(place) = Place::parse(&text, window(0, 10_000_000)) {
                prop_assert_eq!(Place::parse(&place.to_string(), window(0, 10_000_000)), Ok(place));
            }
        }

        /// Orders leave a window while it is read: whatever stayed to the end is seen.
        #[test]
        fn nothing_that_stays_is_skipped(
            count in 0_usize..900,
            page_size in 1_usize..200,
            leaving in prop::collection::vec((0_usize..12, 0_usize..900), 0..40),
        ) {
            let window = window(0, 50_000);
            let mut orders: Vec<usize> = (0..count).collect();
            let mut seen = std::collections::HashSet::new();
            let mut place = Place::start(window);
            for request in 0.. {
                prop_assert!(request < 5_000, "no end");
                for (_, order) in leaving.iter().filter(|(when, _)| *when == request) {
                    orders.retain(|known| known != order);
                }
                let start = usize::try_from(place.offset).unwrap();
                let page: Vec<usize> = orders.iter().copied().skip(start).take(page_size).collect();
                seen.extend(page.iter().copied());
                match place.after(window, page.len() as u64, orders.len() as u64).unwrap() {
                    Some(next) => place = next,
                    None => break,
                }
            }
            for order in &orders {
                prop_assert!(seen.contains(order), "order {order} was skipped");
            }
        }
    }
}
