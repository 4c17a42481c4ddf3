//! What went wrong while a page was laid out, as the port says it.

use ordersync_courier_api::Problem;
use ordersync_render::RenderError;

/// The problem with a field, by the field's name; never its text.
pub(crate) fn problem(error: &RenderError) -> Problem {
    let unprintable = |field, reason| Problem::Unprintable { field, reason };
    match *error {
        RenderError::TooLong { field, characters } => Problem::TooLong { field, found: characters },
        RenderError::MissingGlyph { field, code_point } => unprintable(
            field,
            format!(
                "no font has the character U+{code_point:04X}: write it otherwise, or configure a font that has it"
            ),
        ),
        RenderError::UnsupportedScript { field, code_point } => unprintable(
            field,
            format!(
                "the character U+{code_point:04X} is of a script that cannot be printed: write it in Latin letters"
            ),
        ),
        RenderError::ControlCharacter { field, code_point } => {
            unprintable(field, format!("it has the control character U+{code_point:04X}: type it again"))
        }
        RenderError::BarcodeContent { field } => Problem::Refused { field, reason: error.to_string() },
        RenderError::OffPage { .. } | RenderError::PageSize | RenderError::NoPage | RenderError::Font { .. } => {
            Problem::Refused { field: "label", reason: error.to_string() }
        }
    }
}
