//! A page: what stands where.

use crate::code128::{self, Code128};
use crate::text::{self, Extent, TextBlock, TextBox, Words};
use crate::units::{MM_PER_INCH, MM_PER_POINT, float};
use crate::{Fonts, RenderError};

/// Places are accepted this far outside of the page, in mm, so that sums of floats do not refuse a page.
const TOLERANCE: f32 = 0.01;

/// Least height of a barcode in mm, so that a hand scanner meets all of it.
const LEAST_BAR_HEIGHT: f32 = 13.0;

/// Width and height of a page. 10 to 1500 mm each, checked by [`crate::Document::page`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageSize {
    width: f32,
    height: f32,
}

impl PageSize {
    /// 210 by 297 mm.
    pub const A4: Self = Self::millimetres(210.0, 297.0);
    /// 105 by 148 mm.
    pub const A6: Self = Self::millimetres(105.0, 148.0);
    /// 100 by 150 mm, the usual label of European couriers.
    pub const MM_100X150: Self = Self::millimetres(100.0, 150.0);
    /// 4 by 6 inches, the usual label of American printers.
    pub const IN_4X6: Self = Self::inches(4.0, 6.0);

    /// A size in millimetres.
    pub const fn millimetres(width: f32, height: f32) -> Self {
        Self { width, height }
    }

    /// A size in inches.
    pub const fn inches(width: f32, height: f32) -> Self {
        Self { width: width * MM_PER_INCH, height: height * MM_PER_INCH }
    }

    /// A size in points (72 to the inch).
    pub const fn points(width: f32, height: f32) -> Self {
        Self { width: width * MM_PER_POINT, height: height * MM_PER_POINT }
    }

    /// Width in mm.
    pub const fn width(self) -> f32 {
        self.width
    }

    /// Height in mm.
    pub const fn height(self) -> f32 {
        self.height
    }

    fn is_usable(self) -> bool {
        [self.width, self.height].iter().all(|side| (10.0..=1500.0).contains(side))
    }
}

/// A rectangle on the page, in mm from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width, above 0.
    pub width: f32,
    /// Height, above 0.
    pub height: f32,
}

/// One page of a [`crate::Document`]. `Debug` shows no text; glyphs are wiped when it is dropped.
#[derive(Debug)]
pub struct Page<'f> {
    fonts: &'f Fonts,
    pub(crate) size: PageSize,
    pub(crate) elements: Vec<Element>,
}

/// What a page is made of, in the order in which it was added.
#[derive(Debug)]
pub(crate) enum Element {
    Text(TextBlock),
    Fill(Area),
    Frame { outer: Area, thickness: f32 },
    Barcode { area: Area, code: Code128 },
}

impl<'f> Page<'f> {
    pub(crate) fn new(fonts: &'f Fonts, size: PageSize) -> Result<Self, RenderError> {
        if size.is_usable() { Ok(Self { fonts, size, elements: Vec::new() }) } else { Err(RenderError::PageSize) }
    }

    /// The page's size.
    pub fn size(&self) -> PageSize {
        self.size
    }

    /// Sets a text in a box and says how much of it was used, so that the next element can stand below. The text is
    /// NFC-normalised and trimmed first; tabs, line ends and runs of spaces become one space, and invisible characters
    /// without effect (soft hyphens, zero-width spaces) are left out. Nothing is drawn for a text that is empty then:
    /// [`Extent::lines`] is 0.
    ///
    /// # Errors
    /// Any error of [`RenderError`] that names a field: that of the box.
    pub fn text<'t>(&mut self, place: &TextBox, words: impl Into<Words<'t>>) -> Result<Extent, RenderError> {
        let block = text::set(self.fonts, place, words.into())?;
        let extent = block.extent();
        if extent.lines > 0 {
            let area = Area { x: place.x, y: place.y, width: place.width, height: extent.height };
            self.check(place.field, area)?;
            self.elements.push(Element::Text(block));
        }
        Ok(extent)
    }

    /// What [`Page::text`] would answer, without drawing and without a look at where the box stands.
    ///
    /// # Errors
    /// As [`Page::text`], but for [`RenderError::OffPage`].
    pub fn measure<'t>(&self, place: &TextBox, words: impl Into<Words<'t>>) -> Result<Extent, RenderError> {
        text::set(self.fonts, place, words.into()).map(|block| block.extent())
    }

    /// A black rectangle: a rule, if it is flat or thin.
    ///
    /// # Errors
    /// [`RenderError::OffPage`].
    pub fn fill(&mut self, area: Area) -> Result<(), RenderError> {
        self.check("rule", area)?;
        self.elements.push(Element::Fill(area));
        Ok(())
    }

    /// A black outline of `thickness` mm, inside of the area.
    ///
    /// # Errors
    /// [`RenderError::OffPage`], also when the line is thicker than half of the area.
    pub fn frame(&mut self, area: Area, thickness: f32) -> Result<(), RenderError> {
        self.check("frame", area)?;
        let fits = thickness > 0.0 && thickness * 2.0 <= area.width.min(area.height);
        if !fits {
            return Err(RenderError::OffPage { element: "frame" });
        }
        self.elements.push(Element::Frame { outer: area, thickness });
        Ok(())
    }

    /// A Code 128 barcode in the middle of a strip `width` mm wide, with its quiet zones of 10 modules. A module is
    /// 0.375 mm in PDF, 3 dots at 203 dpi and 4 dots at 300 dpi; a strip takes about `width / 4.1 - 5` letters or twice
    /// as many digits. `height`: at least 13 mm. The content is for machines: not a person's data.
    ///
    /// # Errors
    /// [`RenderError::BarcodeContent`], [`RenderError::TooLong`] when it is wider than the strip,
    /// [`RenderError::OffPage`], also when it is lower than 13 mm.
    pub fn barcode(
        &mut self,
        field: &'static str,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        content: &str,
    ) -> Result<(), RenderError> {
        let area = Area { x, y, width, height };
        self.check(field, area)?;
        if height < LEAST_BAR_HEIGHT {
            return Err(RenderError::OffPage { element: field });
        }
        let code = Code128::encode(content).ok_or(RenderError::BarcodeContent { field })?;
        let needed = float(code.modules() + 2 * code128::QUIET_MODULES) * code128::WIDEST_MODULE;
        if needed > width + TOLERANCE {
            return Err(RenderError::TooLong { field, characters: content.len() });
        }
        self.elements.push(Element::Barcode { area, code });
        Ok(())
    }

    fn check(&self, element: &'static str, area: Area) -> Result<(), RenderError> {
        let inside = area.x >= -TOLERANCE
            && area.y >= -TOLERANCE
            && area.width > 0.0
            && area.height > 0.0
            && area.x + area.width <= self.size.width + TOLERANCE
            && area.y + area.height <= self.size.height + TOLERANCE;
        if inside { Ok(()) } else { Err(RenderError::OffPage { element }) }
    }
}
