//! Text: checked, set into glyphs, wrapped and shrunk until it fits its box.

mod cleaning;
mod fitting;
mod setting;

use std::ops::Range;

use ordersync_types::Pii;
use zeroize::Zeroize;

use crate::units::MM_PER_POINT;
use crate::{Fonts, RenderError, Weight};

/// From one baseline to the next, in em.
const LINE_PITCH: f32 = 1.2;
/// From the top of the first line to its baseline, in em.
const ASCENT: f32 = 0.95;

/// Where a text stands and how far it may be wrapped and shrunk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextBox {
    /// What the text is, in words for the seller: stands in errors, for example `recipient name`.
    pub field: &'static str,
    /// Left edge in mm.
    pub x: f32,
    /// Upper edge in mm.
    pub y: f32,
    /// Width in mm.
    pub width: f32,
    /// The most lines, at least 1.
    pub lines: usize,
    /// Usual type size in points, at most 500.
    pub size: f32,
    /// Least type size in points, above 0; sizes between are tried in steps of half a point.
    pub least_size: f32,
    /// Weight of the type.
    pub weight: Weight,
    /// To which edge lines are set.
    pub align: Align,
}

impl TextBox {
    /// One line of 10 point, at least 7, at a place; the width is for the caller to set.
    pub fn at(field: &'static str, x: f32, y: f32) -> Self {
        Self { field, x, y, ..Self::default() }
    }
}

impl Default for TextBox {
    fn default() -> Self {
        let (weight, align) = (Weight::default(), Align::default());
        Self { field: "text", x: 0.0, y: 0.0, width: 0.0, lines: 1, size: 10.0, least_size: 7.0, weight, align }
    }
}

/// To which edge of its box a line is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Left edge.
    #[default]
    Left,
    /// Middle.
    Centre,
    /// Right edge.
    Right,
}

/// A text to be set.
#[derive(Debug, Clone, Copy)]
pub enum Words<'t> {
    /// Our own words.
    Own(&'t str),
    /// Words about a person.
    Personal(&'t Pii<String>),
}

impl<'t> From<&'t str> for Words<'t> {
    fn from(own: &'t str) -> Self {
        Self::Own(own)
    }
}

impl<'t> From<&'t Pii<String>> for Words<'t> {
    fn from(personal: &'t Pii<String>) -> Self {
        Self::Personal(personal)
    }
}

/// How a text came out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Width of the longest line in mm.
    pub width: f32,
    /// Height of all lines in mm; 0 for an empty text.
    pub height: f32,
    /// Lines used; 0 for an empty text.
    pub lines: usize,
    /// Type size used, in points.
    pub size: f32,
}

/// One character, ready to be drawn. Lengths in em.
#[derive(Clone, Copy, Zeroize)]
pub(crate) struct Glyph {
    /// Place of the font in [`Fonts`].
    pub(crate) font: u8,
    pub(crate) id: u16,
    pub(crate) character: char,
    pub(crate) advance: f32,
    /// Shift of a combining mark from the pen.
    pub(crate) dx: f32,
    /// Shift upwards.
    pub(crate) dy: f32,
}

/// A text that fits its box.
#[derive(Debug)]
pub(crate) struct TextBlock {
    glyphs: Pii<Vec<Glyph>>,
    lines: Vec<Line>,
    /// Type size in points.
    pub(crate) size: f32,
    width: f32,
}

#[derive(Debug)]
struct Line {
    glyphs: Range<usize>,
    x: f32,
    baseline: f32,
}

/// A line to be drawn: places in mm.
pub(crate) struct DrawnLine<'b> {
    pub(crate) glyphs: &'b [Glyph],
    pub(crate) x: f32,
    pub(crate) baseline: f32,
}

impl TextBlock {
    pub(crate) fn lines(&self) -> impl Iterator<Item = DrawnLine<'_>> {
        self.lines.iter().filter_map(|line| {
            let glyphs = self.glyphs.expose().get(line.glyphs.clone())?;
            Some(DrawnLine { glyphs, x: line.x, baseline: line.baseline })
        })
    }

    pub(crate) fn extent(&self) -> Extent {
        let lines = self.lines.len();
        let height = crate::units::float(lines) * LINE_PITCH * self.size * MM_PER_POINT;
        Extent { width: self.width, height, lines, size: self.size }
    }
}

/// Checks, sets and fits a text.
pub(crate) fn set(fonts: &Fonts, place: &TextBox, words: Words<'_>) -> Result<TextBlock, RenderError> {
    let text = match words {
        Words::Own(own) => own,
        Words::Personal(personal) => personal.expose(),
    };
    let text = cleaning::clean(place.field, text)?;
    let glyphs = setting::set(&fonts.faces()?, place, &text)?;
    fitting::fit(place, glyphs)
}
