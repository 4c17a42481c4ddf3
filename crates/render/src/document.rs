//! A document: pages that share their fonts.

use ordersync_types::Pii;

use crate::{Fonts, Page, PageSize, RenderError, Resolution, pdf, zpl};

/// Pages, in order. `Debug` shows no text.
#[derive(Debug)]
pub struct Document<'f> {
    fonts: &'f Fonts,
    pages: Vec<Page<'f>>,
}

impl<'f> Document<'f> {
    /// A document without pages.
    pub fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, pages: Vec::new() }
    }

    /// Adds an empty page and gives it out to be filled.
    ///
    /// # Errors
    /// [`RenderError::PageSize`]: a side outside 10 to 1500 mm.
    pub fn page(&mut self, size: PageSize) -> Result<&mut Page<'f>, RenderError> {
        let page = Page::new(self.fonts, size)?;
        self.pages.push(page);
        self.pages.last_mut().ok_or(RenderError::NoPage)
    }

    /// The document as PDF 1.7: text as text with embedded fonts, bars and rules as vectors, no metadata. A function of
    /// the pages and fonts alone.
    ///
    /// # Errors
    /// [`RenderError::NoPage`]; [`RenderError::Font`] when a configured font cannot be reduced.
    pub fn pdf(&self) -> Result<Pii<Vec<u8>>, RenderError> {
        self.check()?;
        pdf::write(self.fonts, &self.pages)
    }

    /// The document as ZPL II, one format (`^XA` to `^XZ`) for each page: ASCII only, text as graphics. A function of
    /// the pages and fonts alone.
    ///
    /// # Errors
    /// [`RenderError::NoPage`].
    pub fn zpl(&self, resolution: Resolution) -> Result<Pii<Vec<u8>>, RenderError> {
        self.check()?;
        zpl::write(self.fonts, &self.pages, resolution)
    }

    fn check(&self) -> Result<(), RenderError> {
        if self.pages.is_empty() { Err(RenderError::NoPage) } else { Ok(()) }
    }
}
