//! Many labels become one document, label by label. What is kept between two labels is places in the document, never
//! its content.

mod copying;
mod keeping;
mod label;
mod page;
mod pdf;
mod places;
mod sheets;
mod syntax;
mod zpl;

use ordersync_core::paper::PaperError;

pub(crate) use pdf::PdfJoiner;
pub(crate) use sheets::SheetJoiner;
pub(crate) use zpl::ZplJoiner;

fn refused(reason: &str) -> PaperError {
    PaperError { field: "label".to_owned(), reason: reason.to_owned() }
}

fn damaged(what: &str) -> PaperError {
    refused(&format!("the PDF is damaged ({what}); ask the courier for the label again"))
}

/// The answer to [`ordersync_core::paper::LabelJoiner::finish`] before any label.
fn empty() -> PaperError {
    PaperError { field: "labels".to_owned(), reason: "the document has no label".to_owned() }
}
