//! Pages as PDF 1.7.

mod embedding;

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use ordersync_types::Pii;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use zeroize::Zeroizing;

use crate::code128::Code128;
use crate::page::Element;
use crate::pdf::embedding::UsedGlyphs;
use crate::text::{DrawnLine, TextBlock};
use crate::units::{MM_PER_POINT, float};
use crate::{Area, Fonts, Page, PageSize, RenderError};

/// Width of a module of barcodes in mm.
const MODULE: f32 = 0.375;
/// How hard to compress, of 10: more takes longer and saves next to nothing on fonts.
const EFFORT: u8 = 4;

/// Fonts that the document uses, by their place.
type Used = BTreeMap<u8, UsedGlyphs>;

/// A number for each object of the file, in the order in which they are asked for.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// Writes the file.
pub(crate) fn write(fonts: &Fonts, pages: &[Page<'_>]) -> Result<Pii<Vec<u8>>, RenderError> {
    let faces = fonts.faces()?;
    let used = used_glyphs(pages);
    let mut numbers = Numbers(0);
    let mut pdf = Pdf::with_capacity(32 * 1024);
    let tree = numbers.next();
    pdf.catalog(numbers.next()).pages(tree);
    let font_refs: BTreeMap<u8, Ref> = used.keys().map(|font| (*font, numbers.next())).collect();
    let page_refs: Vec<(Ref, Ref)> = pages.iter().map(|_| (numbers.next(), numbers.next())).collect();
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(page_refs.iter().map(|(page, _)| *page)).count(count);
    for (page, (page_ref, content_ref)) in pages.iter().zip(page_refs) {
        let mut writer = pdf.page(page_ref);
        writer.parent(tree).contents(content_ref).media_box(media_box(page.size));
        let mut resources = writer.resources();
        let mut names = resources.fonts();
        for (font, font_ref) in &font_refs {
            names.pair(Name(&resource_name(*font)), *font_ref);
        }
        names.finish();
        resources.finish();
        writer.finish();
        let content = Zeroizing::new(content(page, &used));
        pdf.stream(content_ref, &compress_to_vec_zlib(&content, EFFORT)).filter(Filter::FlateDecode);
    }
    for ((font, glyphs), font_ref) in used.iter().zip(font_refs.values()) {
        let subset = fonts.subset(*font, &glyphs.numbers)?;
        let name = embedding::subset_name(fonts.name(*font), glyphs);
        embedding::write(&mut pdf, &mut numbers, *font_ref, faces.get(*font)?, &name, glyphs, &subset);
    }
    Ok(Pii::new(pdf.finish()))
}

fn used_glyphs(pages: &[Page<'_>]) -> Used {
    let mut used = Used::new();
    for element in pages.iter().flat_map(|page| &page.elements) {
        let Element::Text(block) = element else { continue };
        for glyph in block.lines().flat_map(|line| line.glyphs) {
            used.entry(glyph.font).or_default().add(glyph.id, glyph.character);
        }
    }
    used
}

/// How a font is called in the content of pages.
fn resource_name(font: u8) -> Vec<u8> {
    format!("F{font}").into_bytes()
}

fn media_box(size: PageSize) -> Rect {
    let hundredths = |mm: f32| (mm / MM_PER_POINT * 100.0).round() / 100.0;
    Rect::new(0.0, 0.0, hundredths(size.width()), hundredths(size.height()))
}

/// A length in points, to a thousandth (0.35 micrometres), so that no long fractions are written.
fn points(mm: f32) -> f32 {
    (mm / MM_PER_POINT * 1000.0).round() / 1000.0
}

fn content(page: &Page<'_>, used: &Used) -> Vec<u8> {
    let mut content = Content::new();
    let height = page.size.height();
    for element in &page.elements {
        match element {
            Element::Text(block) => draw_text(&mut content, block, height, used),
            Element::Fill(area) => {
                rectangle(&mut content, *area, height);
                content.fill_nonzero();
            }
            Element::Frame { outer, thickness } => {
                rectangle(&mut content, *outer, height);
                rectangle(&mut content, inside(*outer, *thickness), height);
                content.fill_even_odd();
            }
            Element::Barcode { area, code } => draw_bars(&mut content, *area, code, height),
        }
    }
    content.finish().into_vec()
}

/// PDF measures from the lower left corner.
fn rectangle(content: &mut Content, area: Area, page_height: f32) {
    let lower = page_height - area.y - area.height;
    content.rect(points(area.x), points(lower), points(area.width), points(area.height));
}

fn inside(outer: Area, thickness: f32) -> Area {
    Area {
        x: outer.x + thickness,
        y: outer.y + thickness,
        width: outer.width - 2.0 * thickness,
        height: outer.height - 2.0 * thickness,
    }
}

fn draw_bars(content: &mut Content, area: Area, code: &Code128, page_height: f32) {
    let left = area.x + (area.width - float(code.modules()) * MODULE) / 2.0;
    for bar in code.bars() {
        let x = left + float(bar.start) * MODULE;
        rectangle(content, Area { x, width: float(bar.width) * MODULE, ..area }, page_height);
    }
    content.fill_nonzero();
}

fn draw_text(content: &mut Content, block: &TextBlock, page_height: f32, used: &Used) {
    for line in block.lines() {
        // a text object of its own, so that readers of the text see where the line ends
        content.begin_text();
        draw_line(content, &line, block.size, page_height, used);
        content.end_text();
    }
}

/// Runs of glyphs of one font, each placed by itself; a shifted mark is a run of one.
fn draw_line(content: &mut Content, line: &DrawnLine<'_>, size: f32, page_height: f32, used: &Used) {
    let em = size * MM_PER_POINT;
    let mut x = line.x;
    let is_shifted = |glyph: &crate::text::Glyph| glyph.dx != 0.0 || glyph.dy != 0.0;
    for run in line.glyphs.chunk_by(|a, b| a.font == b.font && !is_shifted(a) && !is_shifted(b)) {
        let Some(first) = run.first() else { continue };
        let Some(glyphs) = used.get(&first.font) else { continue };
        let codes: Vec<u8> = run.iter().flat_map(|glyph| glyphs.code(glyph.id).to_be_bytes()).collect();
        let codes = Zeroizing::new(codes);
        let (left, baseline) = (x + first.dx * em, page_height - line.baseline + first.dy * em);
        content.set_font(Name(&resource_name(first.font)), size);
        content.set_text_matrix([1.0, 0.0, 0.0, 1.0, points(left), points(baseline)]);
        content.show(Str(&codes));
        x += run.iter().map(|glyph| glyph.advance).sum::<f32>() * em;
    }
}
