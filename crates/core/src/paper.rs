//! What is printed besides labels, and the port to whoever lays it out.

use std::fmt;

use ordersync_courier_api::{LabelFormat, SenderProfile};
use ordersync_types::{Money, Pii, ShipmentRef, Timestamp};

use crate::invoicing::InvoicePaper;

/// Lays paper out. Pure: the same input gives the same bytes.
pub trait PaperRenderer: Send + Sync {
    /// A pick list, A4.
    ///
    /// # Errors
    /// [`PaperError`]; never repeat.
    fn pick_list(&self, list: &PickList) -> Result<Vec<u8>, PaperError>;

    /// Packing slips, A4, each beginning on a page of its own.
    ///
    /// # Errors
    /// [`PaperError`]; never repeat.
    fn packing_slips(&self, slips: &[PackingSlip]) -> Result<Pii<Vec<u8>>, PaperError>;

    /// An invoice, a receipt or a credit note, A4.
    ///
    /// # Errors
    /// [`PaperError`]; never repeat.
    fn invoice(&self, paper: &InvoicePaper) -> Result<Pii<Vec<u8>>, PaperError>;

    /// Begins one document of many labels of one format.
    fn join_labels(&self, format: LabelFormat) -> Box<dyn LabelJoiner>;

    /// Begins one document of many PDF labels, several on each sheet of A4, in their true size.
    fn join_on_sheets(&self, per_sheet: PerSheet) -> Box<dyn LabelJoiner>;
}

/// How many labels stand on a sheet of A4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PerSheet {
    /// One above the other, each in a half.
    Two,
    /// In quarters, line by line: 105 x 148.5 mm each, which A6 fits.
    Four,
}

impl PerSheet {
    /// How many there are.
    pub const fn parts(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// With so many parts; `None` unless that is 2 or 4.
    pub fn of(parts: u8) -> Option<Self> {
        [Self::Two, Self::Four].into_iter().find(|sheet| sheet.parts() == usize::from(parts))
    }
}

/// One document that grows label by label: what is finished is handed on at once, so that memory does not grow with
/// the number of labels.
pub trait LabelJoiner: Send {
    /// The next bytes, with this label in them.
    ///
    /// # Errors
    /// [`PaperError`] when the label cannot be read: nothing of it is in the document.
    fn add(&mut self, label: &Pii<Vec<u8>>) -> Result<Pii<Vec<u8>>, PaperError>;

    /// The last bytes.
    ///
    /// # Errors
    /// [`PaperError`] when the document has no label.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, PaperError>;
}

/// Paper could not be laid out. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperError {
    /// Which field, for example `gift message`.
    pub field: String,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

impl fmt::Display for PaperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

impl std::error::Error for PaperError {}

/// What to fetch from the shelves. Holds no person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickList {
    /// When it was made.
    pub at: Timestamp,
    /// How many orders it is for.
    pub orders: usize,
    /// In the order of the shelves: by SKU.
    pub rows: Vec<PickRow>,
}

/// One product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickRow {
    /// The SKU; the marketplace's item where there is none.
    pub sku: String,
    /// Its title at the marketplace.
    pub title: String,
    /// Pieces in all.
    pub quantity: i64,
    /// The orders' numbers, each with its pieces.
    pub orders: Vec<(String, i64)>,
}

/// What goes into a parcel for the buyer to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackingSlip {
    /// The marketplace's order number.
    pub order_number: String,
    /// When it was ordered.
    pub ordered_at: Timestamp,
    /// The shipment's reference, when there is one: printed as a barcode.
    pub reference: Option<ShipmentRef>,
    /// The seller; `None` when the configuration does not say.
    pub from: Option<SenderProfile>,
    /// True for a present: no prices.
    pub gift: bool,
    /// What is in the parcel.
    pub lines: Vec<SlipLine>,
    /// What was paid for all, delivery included; not on a gift slip.
    pub total: Option<Money>,
    /// The buyer's note to the seller.
    pub buyer_note: Option<Pii<String>>,
}

/// One line of a packing slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipLine {
    /// The SKU.
    pub sku: Option<String>,
    /// Its title at the marketplace.
    pub title: String,
    /// Pieces.
    pub quantity: i64,
    /// Price of all pieces; not on a gift slip.
    pub price: Option<Money>,
    /// What the giver wrote.
    pub gift_message: Option<Pii<String>>,
    /// Who gives it.
    pub gift_sender: Option<Pii<String>>,
    /// Whether it is to be wrapped.
    pub gift_wrap: bool,
}
