//! A4 pages out of bands: strips across the page, one below the other, that go on on the next page.

mod lines;
mod sheet;
mod table;

use chrono::NaiveDate;
use ordersync_core::paper::PaperError;
use ordersync_render::{RenderError, Weight};
use ordersync_types::Timestamp;

pub(crate) use lines::Ruler;
pub(crate) use sheet::{Band, Item, Row, Sheet, TextItem};
pub(crate) use table::{Cell, Column, header, row, titles};

/// Left edge of what is printed, in mm; as much is left at the right.
pub(crate) const LEFT: f32 = 15.0;
/// Width of what is printed.
pub(crate) const WIDTH: f32 = 180.0;

/// Size in points and weight of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) weight: Weight,
}

impl Style {
    pub(crate) const HEADING: Self = Self { size: 24.0, weight: Weight::Bold };
    pub(crate) const TITLE: Self = Self { size: 16.0, weight: Weight::Bold };
    pub(crate) const SUM: Self = Self { size: 13.0, weight: Weight::Bold };
    pub(crate) const NAME: Self = Self { size: 11.0, weight: Weight::Bold };
    pub(crate) const TEXT: Self = Self { size: 10.0, weight: Weight::Regular };
    pub(crate) const STRONG: Self = Self { size: 10.0, weight: Weight::Bold };
    pub(crate) const SMALL: Self = Self { size: 9.0, weight: Weight::Regular };
    pub(crate) const TINY: Self = Self { size: 7.5, weight: Weight::Regular };
    pub(crate) const SMALL_STRONG: Self = Self { size: 9.0, weight: Weight::Bold };

    /// From one line to the next, in mm: 1.2 times the size, a point being 25.4 / 72 mm.
    pub(crate) fn pitch(self) -> f32 {
        self.size * 1.2 * 25.4 / 72.0
    }
}

/// A date for people, in UTC: `24 November 2026`.
pub(crate) fn date(at: Timestamp) -> String {
    at.format("%-d %B %Y").to_string()
}

/// A day for people: `24 November 2026`.
pub(crate) fn day(on: NaiveDate) -> String {
    on.format("%-d %B %Y").to_string()
}

/// Why something cannot be printed, with the place that it belongs to: an order or a product, no text of it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are faults of the layout, and tell no field")]
pub(crate) fn unprintable(place: &str, error: &RenderError) -> PaperError {
    let (field, reason) = match error {
        RenderError::MissingGlyph { field, code_point } => (
            *field,
            format!("no font has the character U+{code_point:04X}; add a font that has it, or change the text"),
        ),
        RenderError::UnsupportedScript { field, code_point } => {
            (*field, format!("the script of the character U+{code_point:04X} cannot be printed; change the text"))
        }
        RenderError::ControlCharacter { field, code_point } => {
            (*field, format!("the control character U+{code_point:04X} cannot be printed; remove it from the text"))
        }
        RenderError::TooLong { field, characters } => {
            (*field, format!("it is too long for the page ({characters} characters); shorten it"))
        }
        other => ("page", other.to_string()),
    };
    let field = if place.is_empty() { field.to_owned() } else { format!("{place}, {field}") };
    PaperError { field, reason }
}
