//! A text as it came becomes a text that can be set, or is refused.

use ordersync_types::Pii;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::RenderError;

/// NFC, trimmed, with one space where there was any space, tab or line end, and without invisible characters that have
/// no effect.
pub(super) fn clean(field: &'static str, text: &str) -> Result<Pii<String>, RenderError> {
    // NFC takes at most three times the bytes (Unicode standard annex 15), so no outgrown copy stays behind.
    let mut cleaned = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
    let mut space = false;
    for character in text.chars().filter(|c| !has_no_effect(*c)).nfc() {
        if character.is_whitespace() {
            space = true;
            continue;
        }
        check(field, character)?;
        if space && !cleaned.is_empty() {
            cleaned.push(' ');
        }
        space = false;
        cleaned.push(character);
    }
    Ok(Pii::new(std::mem::take(&mut *cleaned)))
}

/// Characters that draw nothing and that left-to-right text without joined letters does not need: soft hyphen,
/// grapheme joiner, zero-width space, left-to-right mark, word joiner, byte-order mark, the choice between a drawn and
/// a coloured form.
fn has_no_effect(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{34F}' | '\u{200B}' | '\u{200E}' | '\u{2060}' | '\u{FEFF}' | '\u{FE0E}' | '\u{FE0F}'
    )
}

fn check(field: &'static str, character: char) -> Result<(), RenderError> {
    let code_point = u32::from(character);
    // besides the control characters proper: those that change the direction of writing
    if character.is_control() || matches!(code_point, 0x061C | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069) {
        return Err(RenderError::ControlCharacter { field, code_point });
    }
    // U+200C and U+200D: they ask for letters to be joined or not; U+206A to U+206F: deprecated format characters
    let format = matches!(code_point, 0x200C | 0x200D | 0x2061..=0x206F);
    if format || !SIMPLE.iter().any(|(first, last)| (*first..=*last).contains(&code_point)) {
        return Err(RenderError::UnsupportedScript { field, code_point });
    }
    Ok(())
}

/// Blocks whose characters stand side by side from left to right, one glyph each (The Unicode Standard 16, Blocks).
/// Whatever is not listed, such as Hebrew, Arabic and the scripts of India and South-East Asia, would come out wrong.
const SIMPLE: &[(u32, u32)] = &[
    (0x0021, 0x02FF),   // Latin, letters of phonetics, spacing modifiers
    (0x0300, 0x036F),   // combining marks, see setting.rs
    (0x0370, 0x058F),   // Greek, Cyrillic, Armenian
    (0x10A0, 0x10FF),   // Georgian
    (0x13A0, 0x13FF),   // Cherokee
    (0x1C80, 0x1CBF),   // Cyrillic extended C, Georgian capitals
    (0x1D00, 0x1DBF),   // phonetic extensions
    (0x1E00, 0x1FFF),   // Latin additional, Greek extended
    (0x2010, 0x20CF),   // punctuation, superscripts, currency
    (0x2100, 0x2BFF),   // letterlike, numbers, arrows, mathematics, symbols
    (0x2C60, 0x2C7F),   // Latin extended C
    (0x2D00, 0x2D2F),   // Georgian supplement
    (0x2E00, 0x312F),   // more punctuation, radicals, Kana, Bopomofo
    (0x3130, 0x318F),   // Hangul compatibility letters
    (0x31A0, 0x4DBF),   // Bopomofo and Kana extended, enclosed forms, Han extension A
    (0x4E00, 0x9FFF),   // Han
    (0xA640, 0xA66E),   // Cyrillic extended B, without its marks
    (0xA700, 0xA7FF),   // tone letters, Latin extended D
    (0xAB30, 0xAB6F),   // Latin extended E
    (0xAC00, 0xD7A3),   // Hangul syllables
    (0xF900, 0xFB06),   // Han compatibility, Latin ligatures
    (0xFE30, 0xFE4F),   // compatibility forms
    (0xFF01, 0xFFEE),   // half and full width forms
    (0x1F000, 0x1FAFF), // pictures, where a font draws them
    (0x20000, 0x3FFFD), // Han extensions B and later
];

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        clean("name", text).unwrap().expose().clone()
    }

    #[test]
    fn spaces_collapse_and_marks_compose() {
        assert_eq!(cleaned("  Ada\t \u{A0}Example \r\n"), "Ada Example");
        assert_eq!(cleaned("Zoe\u{308} \u{1100}\u{1161}"), "Zo\u{EB} \u{AC00}");
        assert_eq!(cleaned("Bau\u{AD}stra\u{200B}sse\u{FEFF}"), "Baustrasse");
        assert_eq!(cleaned(" \u{3000}\n\u{2028}"), "");
    }

    #[test]
    fn what_cannot_be_set_is_named_by_its_number() {
        let control = |code_point| Err(RenderError::ControlCharacter { field: "name", code_point });
        let script = |code_point| Err(RenderError::UnsupportedScript { field: "name", code_point });
        let refused = |text: &str| clean("name", text).map(|_| ());
        assert_eq!(refused("a\0b"), control(0));
        assert_eq!(refused("a\u{7F}"), control(0x7F));
        assert_eq!(refused("a\u{202E}b"), control(0x202E));
        assert_eq!(refused("a\u{2067}b"), control(0x2067));
        assert_eq!(refused("\u{5D0}"), script(0x5D0));
        assert_eq!(refused("\u{627}"), script(0x627));
        assert_eq!(refused("\u{928}"), script(0x928));
        assert_eq!(refused("a\u{200D}b"), script(0x200D));
        assert_eq!(refused("\u{E000}"), script(0xE000));
    }
}
