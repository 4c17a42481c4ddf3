//! Texts broken into lines: at spaces and hyphens, and inside a word only when it is wider than a line.

use ordersync_render::{Document, Fonts, PageSize, RenderError, TextBox};
use ordersync_types::Pii;

use super::Style;

/// A page on which texts are measured: as wide as pages can be, and high enough for a line.
const MEASURE: PageSize = PageSize::millimetres(1500.0, 20.0);

/// What ends a line of a text.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Draws nothing, and would come between a letter and its marks: soft hyphen, joiners and the like.
const DRAWS_NOTHING: [char; 8] =
    ['\u{AD}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FE0E}', '\u{FE0F}', '\u{FEFF}'];

/// Stands for what cannot be printed.
const BOX: char = '\u{25A1}';

/// Stands for a text of which boxes would be most.
const MOSTLY_UNPRINTABLE: &str = "(in letters that cannot be printed here: see the order at the marketplace)";

/// Lines are filled a little less than their columns are wide, so that sums of floats do not overfill one.
const SLACK: f32 = 0.1;

/// Measures texts with the fonts that they will be set with.
#[derive(Clone, Copy)]
pub(crate) struct Ruler<'f> {
    fonts: &'f Fonts,
}

impl<'f> Ruler<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Self {
        Self { fonts }
    }

    /// The lines of a text in a column of some width in mm. Its own line ends are kept; empty lines are not. What cannot
    /// be printed is shown as a box: a buyer's picture letters hold up no parcel.
    ///
    /// # Errors
    /// Only what no text is at fault for.
    pub(crate) fn lines(
        &self,
        field: &'static str,
        text: &str,
        style: Style,
        width: f32,
    ) -> Result<Vec<Pii<String>>, RenderError> {
        let boxed = self.boxed(field, text, style);
        let text = boxed.as_deref().unwrap_or(text);
        let mut lines = Vec::new();
        let column = Filling { ruler: self, field, style, width: width - SLACK };
        for paragraph in text.split(LINE_ENDS).map(str::trim) {
            if self.width(field, paragraph, style)? <= column.width {
                lines.push(paragraph);
            } else {
                column.fill(paragraph, &mut lines)?;
            }
        }
        Ok(lines.into_iter().filter(|line| !line.is_empty()).map(|line| Pii::new(line.to_owned())).collect())
    }

    /// As [`Self::lines`], for texts that must stand as they are: what cannot be printed is an error.
    ///
    /// # Errors
    /// The text has a character that cannot be printed.
    pub(crate) fn exact_lines(
        &self,
        field: &'static str,
        text: &str,
        style: Style,
        width: f32,
    ) -> Result<Vec<Pii<String>>, RenderError> {
        for paragraph in text.split(LINE_ENDS) {
            self.width(field, paragraph, style)?;
        }
        self.lines(field, text, style, width)
    }

    /// The text with boxes for what cannot be printed, or a sentence when that is most of it; `None` when all can.
    fn boxed(&self, field: &'static str, text: &str, style: Style) -> Option<String> {
        let prints = |text: &str| self.width(field, text, style).is_ok();
        if !text.contains(DRAWS_NOTHING) && text.split(LINE_ENDS).all(prints) {
            return None;
        }
        let mut boxed = String::with_capacity(text.len());
        let (mut shown, mut lost) = (0_usize, 0_usize);
        for paragraph in text.split(LINE_ENDS) {
            boxed.push('\n');
            let seen: String = paragraph.chars().filter(|character| !DRAWS_NOTHING.contains(character)).collect();
            for (_, character) in characters(&seen) {
                if prints(character) {
                    boxed.push_str(character);
                    shown += usize::from(character.starts_with(char::is_alphanumeric));
                } else {
                    lost += 1;
                    if !boxed.ends_with(BOX) {
                        boxed.push(BOX);
                    }
                }
            }
        }
        Some(if lost > shown { MOSTLY_UNPRINTABLE.to_owned() } else { boxed })
    }

    /// Items one after the other, as many to a line as there is room for; none is broken unless it is wider than a line.
    ///
    /// # Errors
    /// Only what no text is at fault for.
    pub(crate) fn list(
        &self,
        field: &'static str,
        items: &[String],
        style: Style,
        width: f32,
    ) -> Result<Vec<Pii<String>>, RenderError> {
        let gap = self.space(field, style)?;
        let mut lines: Vec<String> = Vec::new();
        let mut used = f32::INFINITY;
        for (place, item) in items.iter().enumerate() {
            let boxed = self.boxed(field, item, style);
            let item = boxed.as_ref().unwrap_or(item);
            let item = if place + 1 < items.len() { format!("{item},") } else { item.clone() };
            let needed = self.width(field, &item, style)?;
            match lines.last_mut() {
                Some(line) if used + gap + needed <= width - SLACK => {
                    line.push(' ');
                    line.push_str(&item);
                    used += gap + needed;
                }
                _ => {
                    lines.push(item);
                    used = needed;
                }
            }
        }
        // an item that is wider than a line by itself is broken after all
        let broken: Result<Vec<_>, _> = lines.iter().map(|line| self.lines(field, line, style, width)).collect();
        Ok(broken?.into_iter().flatten().collect())
    }

    /// Width of a space between words in mm.
    fn space(&self, field: &'static str, style: Style) -> Result<f32, RenderError> {
        Ok(self.width(field, "n n", style)? - self.width(field, "nn", style)?)
    }

    /// Width of a text on one line in mm; infinite when it is wider than any page.
    fn width(&self, field: &'static str, text: &str, style: Style) -> Result<f32, RenderError> {
        let Style { size, weight } = style;
        let place = TextBox { width: MEASURE.width(), size, least_size: size, weight, ..TextBox::at(field, 0.0, 0.0) };
        match Document::new(self.fonts).page(MEASURE)?.text(&place, text) {
            Ok(extent) => Ok(extent.width),
            Err(RenderError::TooLong { .. }) => Ok(f32::INFINITY),
            Err(error) => Err(error),
        }
    }
}

/// A column that is being filled with a paragraph.
struct Filling<'r, 'f> {
    ruler: &'r Ruler<'f>,
    field: &'static str,
    style: Style,
    width: f32,
}

impl Filling<'_, '_> {
    fn fill<'t>(&self, paragraph: &'t str, lines: &mut Vec<&'t str>) -> Result<(), RenderError> {
        let space = self.ruler.space(self.field, self.style)?;
        // the line in hand: from where to where in the paragraph, and how wide it is
        let (mut start, mut end, mut used) = (0, 0, 0.0);
        for (at, piece) in self.pieces(paragraph)? {
            let needed = self.measure(piece)?;
            let gap = if at > end && end > start { space } else { 0.0 };
            if end > start && used + gap + needed > self.width {
                lines.push(paragraph.get(start..end).unwrap_or_default());
                (start, used) = (at, needed);
            } else if end > start {
                used += gap + needed;
            } else {
                (start, used) = (at, needed);
            }
            end = at + piece.len();
        }
        lines.push(paragraph.get(start..end).unwrap_or_default());
        Ok(())
    }

    /// What is not broken, with its place: words, their parts up to a hyphen, characters of a part that is wider than a
    /// line.
    fn pieces<'t>(&self, paragraph: &'t str) -> Result<Vec<(usize, &'t str)>, RenderError> {
        let mut pieces = Vec::new();
        let mut at = 0;
        for part in paragraph.split_inclusive(|c: char| c.is_whitespace() || c == '-') {
            let piece = part.trim_end();
            if self.measure(piece)? <= self.width {
                pieces.push((at, piece));
            } else {
                pieces.extend(characters(piece).map(|(place, character)| (at + place, character)));
            }
            at += part.len();
        }
        pieces.retain(|(_, piece)| !piece.is_empty());
        Ok(pieces)
    }

    fn measure(&self, text: &str) -> Result<f32, RenderError> {
        self.ruler.width(self.field, text, self.style)
    }
}

/// Characters with the marks that stand on them, and their places.
fn characters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = text.char_indices().filter(|(_, character)| !is_mark(*character)).map(|(at, _)| at);
    let mut starts = starts.skip_while(|at| *at == 0).chain([text.len()]);
    let mut from = 0;
    std::iter::from_fn(move || {
        let to = starts.next()?;
        let character = (from, text.get(from..to)?);
        from = to;
        Some(character)
    })
}

/// Marks that a font may set over or under a character, as in `ordersync-render`.
fn is_mark(character: char) -> bool {
    matches!(u32::from(character), 0x0300..=0x036F | 0x0483..=0x0489 | 0x3099..=0x309A)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, width: f32) -> Vec<String> {
        let fonts = Fonts::dejavu();
        let lines = Ruler::new(&fonts).lines("note", text, Style::TEXT, width).unwrap();
        lines.iter().map(|line| line.expose().clone()).collect()
    }

    #[test]
    fn lines_end_at_spaces_and_hyphens_and_the_texts_own_line_ends() {
        assert_eq!(broken("a short note", 100.0), ["a short note"]);
        assert_eq!(broken("first\r\n\r\n  second  ", 100.0), ["first", "second"]);
        assert_eq!(broken("please ring the bell", 22.0), ["please ring", "the bell"]);
        assert_eq!(broken("blue-green tinted", 15.0), ["blue-", "green", "tinted"]);
        assert_eq!(broken(" \n", 20.0), [""; 0]);
    }

    #[test]
    fn a_word_that_is_wider_than_a_line_is_broken_and_nothing_of_it_is_lost() {
        let word = "Donaudampfschifffahrtsgesellschaftskapita\u{323}\u{308}n".repeat(30);
        let lines = broken(&format!("the {word} came"), 20.0);
        assert!(lines.len() > 30);
        assert_eq!(lines.concat().replace(' ', ""), format!("the{word}came"));
        assert!(lines.iter().all(|line| !line.starts_with(is_mark)), "a mark stays with its letter");
    }

    #[test]
    fn lists_keep_their_items_whole() {
        let fonts = Fonts::dejavu();
        let items: Vec<String> = (1..=9).map(|number| format!("204-000000{number} × {number}")).collect();
        let lines = Ruler::new(&fonts).list("orders", &items, Style::TEXT, 70.0).unwrap();
        let lines: Vec<&str> = lines.iter().map(|line| line.expose().as_str()).collect();
        assert_eq!(lines.first(), Some(&"204-0000001 × 1, 204-0000002 × 2,"));
        assert_eq!(lines.join(" "), items.join(", "));
    }

    #[test]
    fn what_cannot_be_printed_is_a_box_and_most_of_a_text_a_sentence() {
        assert_eq!(broken("Alles Gute \u{1F382}\u{1F389} Ada\n\u{10FFFF}", 100.0), ["Alles Gute □ Ada", "□"]);
        assert_eq!(broken("\u{1F9F6} Wool\u{7}, blue", 100.0), ["□ Wool□, blue"]);
        assert_eq!(broken("fine\n\u{301}abc", 100.0), ["fine", "□abc"]);
        assert_eq!(broken("fa\u{200B}\u{301}r and \u{2764}\u{FE0F}", 100.0), ["fa\u{301}r and \u{2764}"]);
        for mostly in
            ["\u{5E9}\u{5DC}\u{5D5}\u{5DD} x", "\u{1F382}", "\u{0E2A}\u{0E27}\u{0E31}\u{0E2A}\u{0E14}\u{0E35}"]
        {
            assert_eq!(broken(mostly, 300.0), [MOSTLY_UNPRINTABLE]);
        }
    }
}
