//! A font in a PDF: the glyphs that are used, their widths, and which characters they stand for.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId, RawFace, Tag};

use super::{EFFORT, Numbers};

const SYSTEM: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
const CFF: Tag = Tag::from_bytes(b"CFF ");

/// Glyphs of one font that a document uses.
#[derive(Default)]
pub(super) struct UsedGlyphs {
    /// Their numbers in the reduced font, which are their codes in the PDF.
    pub(super) numbers: GlyphRemapper,
    /// What they stand for, by new number. Where two characters share a glyph, the first one met.
    characters: BTreeMap<u16, char>,
}

impl UsedGlyphs {
    pub(super) fn add(&mut self, glyph: u16, character: char) {
        let number = self.numbers.remap(glyph);
        self.characters.entry(number).or_insert(character);
    }

    /// A glyph's code in the PDF.
    pub(super) fn code(&self, glyph: u16) -> u16 {
        self.numbers.get(glyph).unwrap_or(0)
    }
}

/// Writes the font's objects.
pub(super) fn write(
    pdf: &mut Pdf,
    numbers: &mut Numbers,
    font: Ref,
    face: &Face<'_>,
    name: &str,
    used: &UsedGlyphs,
    subset: &[u8],
) {
    let (cid_font, descriptor, file, to_unicode) = (numbers.next(), numbers.next(), numbers.next(), numbers.next());
    let name = Name(name.as_bytes());
    // CFF outlines are embedded bare, TrueType with its tables
    let cff = RawFace::parse(subset, 0).ok().and_then(|tables| tables.table(CFF));
    pdf.type0_font(font)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_font)
        .to_unicode(to_unicode);
    write_cid_font(pdf, cid_font, descriptor, face, used, name, cff.is_some());
    write_descriptor(pdf, descriptor, file, face, name, cff.is_some());
    let compressed = compress_to_vec_zlib(cff.unwrap_or(subset), EFFORT);
    let mut stream = pdf.stream(file, &compressed);
    stream.filter(Filter::FlateDecode);
    if cff.is_some() {
        stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    }
    stream.finish();
    let mut cmap: UnicodeCmap = UnicodeCmap::new(Name(b"Custom"), SYSTEM);
    for (code, character) in &used.characters {
        cmap.pair(*code, *character);
    }
    let cmap = compress_to_vec_zlib(cmap.finish().as_slice(), EFFORT);
    pdf.stream(to_unicode, &cmap).filter(Filter::FlateDecode);
}

fn write_cid_font(
    pdf: &mut Pdf,
    id: Ref,
    descriptor: Ref,
    face: &Face<'_>,
    used: &UsedGlyphs,
    name: Name<'_>,
    is_cff: bool,
) {
    let mut cid_font = pdf.cid_font(id);
    cid_font.subtype(if is_cff { CidFontType::Type0 } else { CidFontType::Type2 });
    cid_font.base_font(name).system_info(SYSTEM).font_descriptor(descriptor).default_width(0.0);
    if !is_cff {
        cid_font.cid_to_gid_map_predefined(Name(b"Identity"));
    }
    let em = f32::from(face.units_per_em());
    let width = |glyph| thousandths(f32::from(face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0)), em);
    cid_font.widths().consecutive(0, used.numbers.remapped_gids().map(width));
    cid_font.finish();
}

fn write_descriptor(pdf: &mut Pdf, id: Ref, file: Ref, face: &Face<'_>, name: Name<'_>, is_cff: bool) {
    let em = f32::from(face.units_per_em());
    let scaled = |units: i16| thousandths(f32::from(units), em);
    let bounds = face.global_bounding_box();
    let mut descriptor = pdf.font_descriptor(id);
    descriptor
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(scaled(bounds.x_min), scaled(bounds.y_min), scaled(bounds.x_max), scaled(bounds.y_max)))
        .italic_angle(0.0)
        .ascent(scaled(face.ascender()))
        .descent(scaled(face.descender()))
        .cap_height(scaled(face.capital_height().unwrap_or(face.ascender())))
        .stem_v(if face.is_bold() { 140.0 } else { 80.0 });
    if is_cff {
        descriptor.font_file3(file);
    } else {
        descriptor.font_file2(file);
    }
}

/// Font units as thousandths of an em, to a tenth.
fn thousandths(units: f32, em: f32) -> f32 {
    (units / em * 10_000.0).round() / 10.0
}

/// `ABCDEF+Name`: six letters that differ between subsets (PDF 1.7, 9.6.4), from the glyphs by FNV-1a, so that the same
/// glyphs give the same name.
pub(super) fn subset_name(font: &str, used: &UsedGlyphs) -> String {
    let bytes = used.numbers.remapped_gids().flat_map(u16::to_be_bytes);
    let mut hash = bytes
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    // the high bits depend on all bytes
    hash >>= 24;
    let mut name = String::with_capacity(48);
    for _ in 0..6 {
        name.push(char::from(b'A' + u8::try_from(hash % 26).unwrap_or(0)));
        hash /= 26;
    }
    name.push('+');
    name.push_str(font);
    name
}
