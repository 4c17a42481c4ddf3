//! What is printed in packing, laid out: pick lists, packing slips, and many labels as one document; invoices, receipts
//! and credit notes; and the daybook as files for whoever keeps the books. Implements the ports of
//! [`ordersync_core::paper`] and [`ordersync_core::invoicing::Exporter`].
//!
//! - **Pure.** The same input gives the same bytes; nothing of a document tells when or by what it was made.
//! - **Nothing is cut, and no text holds up a parcel.** Long texts are wrapped and go on on the next page. A character
//!   that cannot be printed is shown as a box, and a text of which that is most as a sentence that says where to look.
//! - **A wrong name is worse than none.** Who issues an invoice and who it is made out to is printed letter by letter or
//!   refused; titles of goods may have boxes.
//! - **No text is a formula** where a spreadsheet reads it, and no amount of money is a float but in a workbook's cells.
//! - **Labels are foreign.** A label file comes from a courier: of a PDF only what draws its pages is taken over.
#![expect(clippy::float_arithmetic, reason = "places on paper, never money; + - * / of IEEE floats are deterministic")]

mod daybook;
mod invoice;
mod join;
mod layout;
mod packing_slip;
mod pick_list;

use std::sync::Arc;

use ordersync_core::LabelFormat;
use ordersync_core::invoicing::InvoicePaper;
use ordersync_core::paper::{LabelJoiner, PackingSlip, PaperError, PaperRenderer, PerSheet, PickList};
use ordersync_render::Fonts;
use ordersync_types::Pii;

pub use crate::daybook::Exports;

use crate::join::{PdfJoiner, SheetJoiner, ZplJoiner};

/// Lays paper out with the seller's fonts. Holds nothing else.
pub struct Paper {
    fonts: Arc<Fonts>,
}

impl Paper {
    /// Paper set with these fonts, shared with others that draw.
    pub fn new(fonts: Arc<Fonts>) -> Self {
        Self { fonts }
    }
}

impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paper").finish_non_exhaustive()
    }
}

impl PaperRenderer for Paper {
    fn pick_list(&self, list: &PickList) -> Result<Vec<u8>, PaperError> {
        pick_list::write(&self.fonts, list)
    }

    fn packing_slips(&self, slips: &[PackingSlip]) -> Result<Pii<Vec<u8>>, PaperError> {
        packing_slip::write(&self.fonts, slips)
    }

    fn invoice(&self, paper: &InvoicePaper) -> Result<Pii<Vec<u8>>, PaperError> {
        invoice::write(&self.fonts, paper)
    }

    fn join_labels(&self, format: LabelFormat) -> Box<dyn LabelJoiner> {
        match format {
            LabelFormat::Pdf => Box::new(PdfJoiner::default()),
            LabelFormat::Zpl203 | LabelFormat::Zpl300 => Box::new(ZplJoiner::default()),
        }
    }

    fn join_on_sheets(&self, per_sheet: PerSheet) -> Box<dyn LabelJoiner> {
        Box::new(SheetJoiner::new(per_sheet))
    }
}
