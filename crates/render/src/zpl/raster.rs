//! Text as dots.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::RenderError;
use crate::font::Faces;
use crate::text::{Glyph, TextBlock};
use crate::units::{MM_PER_POINT, count, whole};
use crate::zpl::bitmap::Bitmap;

/// A dot is black when the letter covers at least this share of it.
const COVERED: f32 = 0.5;

/// A bitmap and where it stands on the page, in dots.
pub(super) struct Canvas {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) bitmap: Bitmap,
}

/// Draws the lines of a text on a page of this many dots.
pub(super) fn draw(
    faces: &Faces<'_>,
    block: &TextBlock,
    dots_per_mm: f32,
    page: (usize, usize),
) -> Result<Canvas, RenderError> {
    let em = block.size * MM_PER_POINT * dots_per_mm;
    let mut canvas = canvas(block, dots_per_mm, em, page);
    let rasterizer = Rasterizer::new(0, 0);
    let mut pen = GlyphPen { rasterizer, scale: 1.0, origin: ORIGIN, at: ORIGIN, start: ORIGIN };
    for line in block.lines() {
        let mut x = line.x * dots_per_mm;
        for glyph in line.glyphs {
            // whole dots, so that a letter looks the same wherever it stands; the pen itself is not rounded
            let left = whole(x + glyph.dx * em);
            let baseline = whole(line.baseline * dots_per_mm - glyph.dy * em);
            pen.draw(faces.get(glyph.font)?, glyph, em, (left, baseline), &mut canvas);
            x += glyph.advance * em;
        }
    }
    Ok(canvas)
}

const ORIGIN: Point = Point { x: 0.0, y: 0.0 };

/// White, around the lines with an em to spare on each side, but no further than the page.
fn canvas(block: &TextBlock, dots_per_mm: f32, em: f32, page: (usize, usize)) -> Canvas {
    let left = block.lines().map(|line| line.x).fold(f32::INFINITY, f32::min) * dots_per_mm - em;
    let top = block.lines().map(|line| line.baseline).fold(f32::INFINITY, f32::min) * dots_per_mm - 2.0 * em;
    let extent = block.extent();
    let (x, y) = (count(left).min(page.0), count(top).min(page.1));
    let right = count(left + extent.width * dots_per_mm + 2.0 * em + 1.0).clamp(x, page.0);
    let bottom = count(top + extent.height * dots_per_mm + 2.0 * em + 1.0).clamp(y, page.1);
    Canvas { x, y, bitmap: Bitmap::new(right - x, bottom - y) }
}

/// Fills outlines. Places of the outline are in dots from the upper left corner of a glyph's own small grid.
struct GlyphPen {
    rasterizer: Rasterizer,
    /// Dots of a font unit.
    scale: f32,
    /// The glyph's origin on its grid.
    origin: Point,
    at: Point,
    start: Point,
}

impl GlyphPen {
    fn draw(&mut self, face: &Face<'_>, glyph: &Glyph, em: f32, (left, baseline): (i32, i32), canvas: &mut Canvas) {
        let id = GlyphId(glyph.id);
        let Some(bounds) = face.glyph_bounding_box(id) else { return };
        self.scale = em / f32::from(face.units_per_em());
        let before = (-f32::from(bounds.x_min) * self.scale).ceil() + 1.0;
        let above = (f32::from(bounds.y_max) * self.scale).ceil() + 1.0;
        let width = count(before + f32::from(bounds.x_max) * self.scale) + 2;
        let height = count(above - f32::from(bounds.y_min) * self.scale) + 2;
        self.origin = point(before, above);
        self.rasterizer.reset(width, height);
        face.outline_glyph(id, self);
        // the grid's corner on the page, then on the canvas
        let (left, top) = (left.saturating_sub(whole(before)), baseline.saturating_sub(whole(above)));
        self.rasterizer.for_each_pixel_2d(|x, y, coverage| {
            if coverage >= COVERED
                && let Some(x) = on_canvas(left, x, canvas.x)
                && let Some(y) = on_canvas(top, y, canvas.y)
            {
                canvas.bitmap.blacken(x, y);
            }
        });
    }

    fn place(&self, x: f32, y: f32) -> Point {
        point(self.origin.x + x * self.scale, self.origin.y - y * self.scale)
    }
}

/// A dot's place on the canvas; `None` before its edge.
fn on_canvas(grid: i32, dot: u32, canvas: usize) -> Option<usize> {
    usize::try_from(grid.checked_add_unsigned(dot)?).ok()?.checked_sub(canvas)
}

impl OutlineBuilder for GlyphPen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.place(x, y);
        self.at = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.place(x, y);
        self.rasterizer.draw_line(self.at, to);
        self.at = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.rasterizer.draw_quad(self.at, self.place(x1, y1), to);
        self.at = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let to = self.place(x, y);
        self.rasterizer.draw_cubic(self.at, self.place(x1, y1), self.place(x2, y2), to);
        self.at = to;
    }

    fn close(&mut self) {
        self.rasterizer.draw_line(self.at, self.start);
        self.at = self.start;
    }
}
