//! Glyphs are broken into lines; when there are too many lines, the type gets smaller.

use std::ops::Range;

use ordersync_types::Pii;

use super::{ASCENT, Align, Glyph, LINE_PITCH, Line, TextBlock, TextBox};
use crate::RenderError;
use crate::units::{MM_PER_POINT, float};

/// Between one type size that is tried and the next, in points.
const STEP: f32 = 0.5;
/// The largest type size, in points.
const LARGEST: f32 = 500.0;

/// Finds the largest size, from the usual to the least, at which the text fits the box.
pub(super) fn fit(place: &TextBox, glyphs: Pii<Vec<Glyph>>) -> Result<TextBlock, RenderError> {
    let has_sizes = place.least_size > 0.0 && place.least_size <= LARGEST && place.size <= LARGEST;
    if !has_sizes {
        return Err(RenderError::OffPage { element: place.field });
    }
    let pieces = pieces(glyphs.expose());
    let mut size = place.size.max(place.least_size);
    loop {
        if let Some(lines) = break_lines(&pieces, place.width / (size * MM_PER_POINT), place.lines) {
            return Ok(block(place, glyphs, &lines, size));
        }
        if size <= place.least_size {
            return Err(RenderError::TooLong { field: place.field, characters: glyphs.expose().len() });
        }
        size = (size - STEP).max(place.least_size);
    }
}

/// What is not broken: a word, a part of a word up to its hyphen, one ideograph. Widths in em.
struct Piece {
    glyphs: Range<usize>,
    width: f32,
    /// Width of the space after it, which is left out at the end of a line.
    space: f32,
}

fn pieces(glyphs: &[Glyph]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut width = 0.0;
    for (at, glyph) in glyphs.iter().enumerate() {
        let next = glyphs.get(at + 1).map(|next| next.character);
        if glyph.character == ' ' {
            pieces.push(Piece { glyphs: start..at, width, space: glyph.advance });
            (start, width) = (at + 1, 0.0);
            continue;
        }
        width += glyph.advance;
        if next.is_some_and(|next| next != ' ' && may_break(glyph.character, next)) {
            pieces.push(Piece { glyphs: start..at + 1, width, space: 0.0 });
            (start, width) = (at + 1, 0.0);
        }
    }
    pieces.push(Piece { glyphs: start..glyphs.len(), width, space: 0.0 });
    pieces.retain(|piece| !piece.glyphs.is_empty());
    pieces
}

/// Whether a line may end between two characters without a space.
fn may_break(before: char, after: char) -> bool {
    let after_hyphen = matches!(before, '-' | '\u{2010}' | '\u{2013}') && after.is_alphanumeric();
    after_hyphen || is_ideograph(before) && is_ideograph(after)
}

/// Han and Kana, which are written without spaces.
fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character), 0x3041..=0x30FA | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..)
}

/// Lines no wider than `limit` em, each as full as it can be, or `None` when there would be more than `most`.
fn break_lines(pieces: &[Piece], limit: f32, most: usize) -> Option<Vec<(Range<usize>, f32)>> {
    let mut lines: Vec<(Range<usize>, f32)> = Vec::new();
    // the space between the last piece and the next, if they share a line
    let mut space = 0.0;
    for piece in pieces {
        let begun = lines.len();
        match lines.last_mut() {
            Some((glyphs, width)) if *width + space + piece.width <= limit => {
                glyphs.end = piece.glyphs.end;
                *width += space + piece.width;
            }
            _ if piece.width <= limit && begun < most => lines.push((piece.glyphs.clone(), piece.width)),
            _ => return None,
        }
        space = piece.space;
    }
    Some(lines)
}

fn block(place: &TextBox, glyphs: Pii<Vec<Glyph>>, lines: &[(Range<usize>, f32)], size: f32) -> TextBlock {
    let em = size * MM_PER_POINT;
    let drawn = lines.iter().enumerate().map(|(number, (range, width))| {
        let free = place.width - width * em;
        let indent = match place.align {
            Align::Left => 0.0,
            Align::Centre => free / 2.0,
            Align::Right => free,
        };
        let baseline = place.y + (float(number) * LINE_PITCH + ASCENT) * em;
        Line { glyphs: range.clone(), x: place.x + indent, baseline }
    });
    let widest = lines.iter().map(|(_, width)| *width).fold(0.0, f32::max);
    TextBlock { glyphs, lines: drawn.collect(), size, width: widest * em }
}
