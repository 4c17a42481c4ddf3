//! Characters become glyphs: the first font that has one, and combining marks at the place their font gives.

use ordersync_types::Pii;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use zeroize::Zeroizing;

use super::{Glyph, TextBox};
use crate::RenderError;
use crate::font::Faces;

/// One glyph for each character.
pub(super) fn set(faces: &Faces<'_>, place: &TextBox, text: &Pii<String>) -> Result<Pii<Vec<Glyph>>, RenderError> {
    let text = text.expose();
    let mut glyphs = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in text.chars() {
        let glyph = if is_mark(character) {
            mark(faces, place.field, character, glyphs.last())?
        } else {
            let missing = RenderError::MissingGlyph { field: place.field, code_point: u32::from(character) };
            let found = faces.find(place.weight, character).ok_or(missing)?;
            Glyph { font: found.font, id: found.glyph, character, advance: found.advance, dx: 0.0, dy: 0.0 }
        };
        glyphs.push(glyph);
    }
    Ok(Pii::new(std::mem::take(&mut *glyphs)))
}

/// Marks that are left after NFC: those of a pair that has no character of its own, such as a Yoruba vowel with a dot
/// below and a tone above.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x0300..=0x036F | 0x0483..=0x0489 | 0x3099..=0x309A)
}

/// A mark over or under the glyph before it. A second mark on one letter would have to be stacked on the first: refused.
fn mark(faces: &Faces<'_>, field: &'static str, character: char, base: Option<&Glyph>) -> Result<Glyph, RenderError> {
    let code_point = u32::from(character);
    let base = base.filter(|base| !is_mark(base.character));
    let base = base.ok_or(RenderError::UnsupportedScript { field, code_point })?;
    let found = faces.find_in(base.font, character).ok_or(RenderError::MissingGlyph { field, code_point })?;
    let offset = faces.mark_offset(base.font, base.id, found.glyph).or_else(|| {
        let bare = faces.find_in(base.font, bare_letter(base.character, character)?)?;
        faces.mark_offset(base.font, bare.glyph, found.glyph)
    });
    let (dx, dy) = offset.ok_or(RenderError::UnsupportedScript { field, code_point })?;
    Ok(Glyph { font: base.font, id: found.glyph, character, advance: 0.0, dx: dx - base.advance, dy })
}

/// The letter below the marks of a composed one, when none of them stands where the new mark goes: fonts say where marks
/// go for plain letters more often than for composed ones.
fn bare_letter(composed: char, mark: char) -> Option<char> {
    let mut parts = std::iter::once(composed).nfd();
    let letter = parts.next()?;
    let place = canonical_combining_class(mark);
    parts.all(|part| canonical_combining_class(part) != place).then_some(letter)
}
