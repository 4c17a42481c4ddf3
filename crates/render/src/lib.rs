//! Pages of text, rules and barcodes, and two ways to draw the same page: as PDF and as ZPL for label printers.
//!
//! ```
//! # use ordersync_render::{Document, Fonts, PageSize, RenderError, Resolution, TextBox};
//! # fn label() -> Result<(), RenderError> {
//! let fonts = Fonts::dejavu(); // once; shared by all documents
//! let mut document = Document::new(&fonts);
//! let page = document.page(PageSize::A6)?;
//! let drawn = page.text(&TextBox { width: 80.0, lines: 2, ..TextBox::at("recipient name", 8.0, 20.0) }, "Ada Example")?;
//! page.barcode("reference", 8.0, 30.0 + drawn.height, 80.0, 14.0, "ABCD1234")?;
//! let (for_office_printers, for_label_printers) = (document.pdf()?, document.zpl(Resolution::Dpi203)?);
//! # Ok(()) }
//! ```
//!
//! - **Units.** Places and sizes on the page are millimetres from its upper left corner; type is measured in points.
//! - **Nothing is cut.** Text is wrapped, then set smaller step by step, then refused: [`RenderError::TooLong`].
//! - **Nothing is guessed.** A character that no font has, or of a script that this crate cannot set (from right to
//!   left, or with joined letters), is refused. Errors name the field and the code point, never the text.
//! - **No text is a command.** In ZPL all text is drawn as graphics, so that none can end a field or start a command.
//! - **Same input, same bytes.** No clock, no chance, no metadata: a PDF has no title, author, producer or date.
//! - Pure: no I/O. Glyphs of a page are wiped when it is dropped; what is drawn comes back as
//!   [`ordersync_types::Pii`].
#![expect(clippy::float_arithmetic, reason = "places on paper, never money; + - * / of IEEE floats are deterministic")]

mod code128;
mod document;
mod error;
mod font;
mod page;
mod pdf;
mod text;
mod units;
mod zpl;

pub use document::Document;
pub use error::RenderError;
pub use font::{Fonts, Weight};
pub use page::{Area, Page, PageSize};
pub use text::{Align, Extent, TextBox, Words};
pub use zpl::Resolution;
