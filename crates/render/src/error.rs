//! The one error type of the crate.

/// A page could not be made. Says which field and which code point or count, never a text. Repeating cannot help: the
/// text, the layout or the configured fonts must change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The text does not fit its box at the least size, on as many lines as allowed.
    #[error("{field} is too long for the page ({characters} characters)")]
    TooLong {
        /// The name that the caller gave the box.
        field: &'static str,
        /// Length of the text after spaces were collapsed.
        characters: usize,
    },
    /// No font has a character. A font that has it can be configured.
    #[error("{field} has a character that no font has (U+{code_point:04X})")]
    MissingGlyph {
        /// The name that the caller gave the box.
        field: &'static str,
        /// The character's Unicode number.
        code_point: u32,
    },
    /// A character is of a script that cannot be set: written from right to left, or with letters that change shape.
    #[error("{field} has a character of a script that cannot be printed (U+{code_point:04X})")]
    UnsupportedScript {
        /// The name that the caller gave the box.
        field: &'static str,
        /// The character's Unicode number.
        code_point: u32,
    },
    /// A control character, other than a tab or line end: these are read as spaces.
    #[error("{field} has a control character (U+{code_point:04X})")]
    ControlCharacter {
        /// The name that the caller gave the box.
        field: &'static str,
        /// The character's Unicode number.
        code_point: u32,
    },
    /// Content of a barcode: 1 to 80 characters of printable ASCII.
    #[error("{field} cannot be a barcode: 1 to 80 characters of printable ASCII")]
    BarcodeContent {
        /// The name that the caller gave the barcode.
        field: &'static str,
    },
    /// An element is not wholly on the page, or has no size.
    #[error("{element} does not lie on the page")]
    OffPage {
        /// The field's name, or the kind of element.
        element: &'static str,
    },
    /// Width and height of a page: 10 to 1500 mm.
    #[error("a page has 10 to 1500 mm on each side")]
    PageSize,
    /// A document without a page.
    #[error("the document has no page")]
    NoPage,
    /// A font file that cannot be used.
    #[error("font {index}: {reason}")]
    Font {
        /// Its place in the order of fonts: 0 and 1 are DejaVu Sans and DejaVu Sans Bold.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}
