//! Pages as ZPL II for label printers.
//!
//! All text and bars are sent as graphics (`^GF`), since the printer's own fonts have widths of their own and lack most
//! letters beyond Latin-1. So no field data (`^FD`) is sent at all, and no text can be read as a command.
//! Source: Zebra, ZPL II programming guide (`^CI`, `^FO`, `^GB`, `^GF`, `^LH`, `^LL`, `^PQ`, `^PW`, and its scheme of
//! repeated hexadecimal digits).

mod bitmap;
mod graphic;
mod raster;

use std::fmt::Write as _;

use ordersync_types::Pii;
use zeroize::Zeroizing;

use crate::code128::Code128;
use crate::page::Element;
use crate::units::{MM_PER_INCH, count};
use crate::zpl::bitmap::Bitmap;
use crate::{Area, Fonts, Page, RenderError};

/// Dots per inch of a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// 203 dpi: 8 dots a millimetre.
    Dpi203,
    /// 300 dpi: 11.8 dots a millimetre.
    Dpi300,
}

impl Resolution {
    fn dots_per_mm(self) -> f32 {
        match self {
            Self::Dpi203 => 203.0 / MM_PER_INCH,
            Self::Dpi300 => 300.0 / MM_PER_INCH,
        }
    }

    /// A length or place in whole dots.
    fn dots(self, mm: f32) -> usize {
        count(mm * self.dots_per_mm())
    }

    /// Dots of a module of barcodes: 0.375 mm and 0.339 mm.
    fn module(self) -> usize {
        match self {
            Self::Dpi203 => 3,
            Self::Dpi300 => 4,
        }
    }
}

/// Writes the formats.
pub(crate) fn write(fonts: &Fonts, pages: &[Page<'_>], resolution: Resolution) -> Result<Pii<Vec<u8>>, RenderError> {
    let faces = fonts.faces()?;
    let mut out = Zeroizing::new(String::with_capacity(64 * 1024));
    for page in pages {
        let (width, height) = (resolution.dots(page.size.width()), resolution.dots(page.size.height()));
        push(&mut out, format_args!("^XA^CI28^PW{width}^LL{height}^LH0,0\n"));
        for element in &page.elements {
            match element {
                Element::Text(block) => {
                    let canvas = raster::draw(&faces, block, resolution.dots_per_mm(), (width, height))?;
                    push_bitmap(&mut out, (canvas.x, canvas.y), &canvas.bitmap);
                }
                Element::Fill(area) => push_box(&mut out, resolution, *area, None),
                Element::Frame { outer, thickness } => push_box(&mut out, resolution, *outer, Some(*thickness)),
                Element::Barcode { area, code } => push_bars(&mut out, resolution, *area, code),
            }
        }
        push(&mut out, format_args!("^PQ1^XZ\n"));
    }
    Ok(Pii::new(std::mem::take(&mut *out).into_bytes()))
}

/// Writing to a string cannot fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok());
}

/// `^GB`: width, height and thickness in dots; a thickness of the lesser side fills it.
fn push_box(out: &mut String, resolution: Resolution, area: Area, thickness: Option<f32>) {
    let (left, top) = (resolution.dots(area.x), resolution.dots(area.y));
    let width = resolution.dots(area.x + area.width).saturating_sub(left).max(1);
    let height = resolution.dots(area.y + area.height).saturating_sub(top).max(1);
    let least = width.min(height);
    let thickness = thickness.map_or(least, |mm| resolution.dots(mm).clamp(1, least));
    push(out, format_args!("^FO{left},{top}^GB{width},{height},{thickness}^FS\n"));
}

fn push_bars(out: &mut String, resolution: Resolution, area: Area, code: &Code128) {
    let module = resolution.module();
    let width = code.modules() * module;
    let left = resolution.dots(area.x + area.width / 2.0).saturating_sub(width / 2);
    let top = resolution.dots(area.y);
    let height = resolution.dots(area.y + area.height).saturating_sub(top);
    let mut bitmap = Bitmap::new(width, height);
    for bar in code.bars() {
        for x in bar.start * module..(bar.start + bar.width) * module {
            bitmap.blacken_column(x);
        }
    }
    push_bitmap(out, (left, top), &bitmap);
}

fn push_bitmap(out: &mut String, (left, top): (usize, usize), bitmap: &Bitmap) {
    let Some(cropped) = bitmap.ink() else { return };
    let (left, top) = (left + cropped.x, top + cropped.y);
    let (total, per_row) = (cropped.rows.len() * cropped.bytes_per_row, cropped.bytes_per_row);
    push(out, format_args!("^FO{left},{top}^GFA,{total},{total},{per_row},"));
    graphic::encode(&cropped.rows, out);
    out.push_str("^FS\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_dots_are_those_of_the_printers() {
        let dots = |size: crate::PageSize, at: Resolution| (at.dots(size.width()), at.dots(size.height()));
        use crate::PageSize as Size;
        assert_eq!(dots(Size::MM_100X150, Resolution::Dpi203), (799, 1199));
        assert_eq!(dots(Size::IN_4X6, Resolution::Dpi203), (812, 1218));
        assert_eq!(dots(Size::MM_100X150, Resolution::Dpi300), (1181, 1772));
        assert_eq!(dots(Size::IN_4X6, Resolution::Dpi300), (1200, 1800));
        assert_eq!((Resolution::Dpi203.dots(0.375), Resolution::Dpi203.module()), (3, 3));
    }
}
