//! Texts broken into lines: at spaces and hyphens, and inside a word only when it is wider than a line.

use ordersync_render::{Document, Fonts, PageSize, RenderError, TextBox};
use ordersync_types::Pii;

use super::Style;

/// A page on which texts are measured: as wide as pages can be, and high enough for a line.
const MEASURE: PageSize = PageSize::millimetres(1500.0, 20.0);

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

    /// The lines of a text in a column of some width in mm. Its own line ends are kept; empty lines are not.
    ///
    /// # Errors
    /// The text has a character that cannot be printed.
    pub(crate) fn lines(
        &self,
        field: &'static str,
        text: &str,
        style: Style,
        width: f32,
    ) -> Result<Vec<Pii<String>>, RenderError> {
        let mut lines = Vec::new();
        let column = Filling { ruler: self, field, style, width: width - SLACK };
        for paragraph in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).map(str::trim) {
            if self.width(field, paragraph, style)? <= column.width {
                lines.push(paragraph);
            } else {
                column.fill(paragraph, &mut lines)?;
            }
        }
        Ok(lines.into_iter().filter(|line| !line.is_empty()).map(|line| Pii::new(line.to_owned())).collect())
    }

    /// Items one after the other, as many to a line as there is room for; none is broken unless it is wider than a line.
    ///
    /// # Errors
    /// An item has a character that cannot be printed.
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
    fn what_cannot_be_printed_is_an_error() {
        let fonts = Fonts::dejavu();
        let lines = Ruler::new(&fonts).lines("note", "fine \u{10FFFF}", Style::TEXT, 100.0);
        assert!(lines.is_err_and(|error| error.to_string().starts_with("note")));
    }
}
