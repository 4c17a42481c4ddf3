//! The fonts: DejaVu Sans and its bold, and fonts that the caller adds for characters these lack.

use std::fmt;
use std::sync::OnceLock;

use ttf_parser::gpos::PositioningSubtable;
use ttf_parser::{Face, GlyphId, RawFace, Tag, name_id};

use crate::RenderError;

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weight {
    /// DejaVu Sans.
    #[default]
    Regular,
    /// DejaVu Sans Bold.
    Bold,
}

/// The fonts that text is set with, in the order in which they are asked for a character. Make it once and share it: the
/// embedded ones are unpacked when the first text is set.
pub struct Fonts {
    embedded: OnceLock<Result<Vec<FontFile>, RenderError>>,
    added: Vec<FontFile>,
}

struct FontFile {
    /// The file with an empty table of names.
    data: Vec<u8>,
    /// Which font of a collection.
    index: u32,
    /// The name that PDF readers show.
    name: String,
}

const REGULAR: usize = 0;
const BOLD: usize = 1;
/// Places of the embedded fonts; those that are added come after them.
const EMBEDDED: usize = 2;

impl Fonts {
    /// DejaVu Sans and DejaVu Sans Bold: Latin with all its extensions, Greek, Cyrillic, Armenian, Georgian.
    pub fn dejavu() -> Self {
        Self { embedded: OnceLock::new(), added: Vec::new() }
    }

    /// Adds a font (TrueType or OpenType with CFF outlines; `index` tells which of a collection, otherwise 0) for
    /// characters that the fonts before it lack, in both weights.
    ///
    /// # Errors
    /// [`RenderError::Font`]: it cannot be read, or has no outlines that a PDF can embed (bitmap fonts, CFF2).
    pub fn with_font(mut self, data: Vec<u8>, index: u32) -> Result<Self, RenderError> {
        let file = FontFile::read(EMBEDDED + self.added.len(), data, index)?;
        self.added.push(file);
        Ok(self)
    }

    fn files(&self) -> Result<impl Iterator<Item = &FontFile>, RenderError> {
        let embedded = self.embedded.get_or_init(|| {
            let files = [dejavu::sans::regular(), dejavu::sans::bold()];
            files.into_iter().enumerate().map(|(place, data)| FontFile::read(place, data.to_vec(), 0)).collect()
        });
        Ok(embedded.as_ref().map_err(Clone::clone)?.iter().chain(&self.added))
    }

    fn file(&self, font: u8) -> Result<&FontFile, RenderError> {
        let index = usize::from(font);
        self.files()?.nth(index).ok_or(RenderError::Font { index, reason: "there is no such font" })
    }

    /// The font's own name.
    pub(crate) fn name(&self, font: u8) -> &str {
        self.file(font).map_or("", |file| &file.name)
    }

    /// The fonts ready for use. Reads table directories only, which takes microseconds.
    pub(crate) fn faces(&self) -> Result<Faces<'_>, RenderError> {
        let parsed = self.files()?.enumerate().map(|(index, file)| {
            let refuse = |_| RenderError::Font { index, reason: "not a font that can be read" };
            Face::parse(&file.data, file.index).map_err(refuse)
        });
        Ok(Faces(parsed.collect::<Result<_, _>>()?))
    }

    /// The font with only the glyphs named, renumbered as the remapper says.
    pub(crate) fn subset(&self, font: u8, glyphs: &subsetter::GlyphRemapper) -> Result<Vec<u8>, RenderError> {
        let refuse = |_| RenderError::Font { index: usize::from(font), reason: "it cannot be reduced for embedding" };
        let file = self.file(font)?;
        subsetter::subset(&file.data, file.index, glyphs).map_err(refuse)
    }
}

impl FontFile {
    fn read(place: usize, data: Vec<u8>, index: u32) -> Result<Self, RenderError> {
        let refuse = |reason| RenderError::Font { index: place, reason };
        let face = Face::parse(&data, index).map_err(|_| refuse("not a font that can be read"))?;
        if face.tables().glyf.is_none() && face.tables().cff.is_none() {
            return Err(refuse("it has no TrueType or CFF outlines"));
        }
        if u8::try_from(place).is_err() {
            return Err(refuse("too many fonts"));
        }
        let name = postscript_name(&face);
        let data = without_names(data, index);
        let trial = subsetter::GlyphRemapper::new();
        subsetter::subset(&data, index, &trial).map_err(|_| refuse("it cannot be reduced for embedding"))?;
        Ok(Self { data, index, name })
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fonts").field("added", &self.added.len()).finish()
    }
}

/// Letters, digits and hyphens of the font's name for programs.
fn postscript_name(face: &Face<'_>) -> String {
    let names = face.names().into_iter().filter(|name| name.name_id == name_id::POST_SCRIPT_NAME);
    let name = names.filter_map(|name| name.to_string()).next().unwrap_or_default();
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
}

/// Sets the number of entries in the table of names to 0. It holds licences and descriptions, which no reader of a PDF
/// looks at, and which would be a third of every label.
fn without_names(mut data: Vec<u8>, index: u32) -> Vec<u8> {
    let tables = RawFace::parse(&data, index).map(|face| face.table_records);
    let names = tables.ok().and_then(|tables| tables.into_iter().find(|table| table.tag == Tag::from_bytes(b"name")));
    // the count is the second 16-bit number of the table
    let count = names.and_then(|table| usize::try_from(table.offset).ok()).map(|start| start + 2..start + 4);
    if let Some(count) = count.and_then(|range| data.get_mut(range)) {
        count.fill(0);
    }
    data
}

/// Parsed fonts, by the place that glyphs name.
pub(crate) struct Faces<'a>(Vec<Face<'a>>);

/// A character's glyph.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Place of the font.
    pub(crate) font: u8,
    pub(crate) glyph: u16,
    /// Width in em.
    pub(crate) advance: f32,
}

impl<'a> Faces<'a> {
    pub(crate) fn get(&self, font: u8) -> Result<&Face<'a>, RenderError> {
        let index = usize::from(font);
        self.0.get(index).ok_or(RenderError::Font { index, reason: "there is no such font" })
    }

    /// The first font that has the character: that of the weight, then added ones, then that of the other weight.
    pub(crate) fn find(&self, weight: Weight, character: char) -> Option<Found> {
        let (first, last) = match weight {
            Weight::Regular => (REGULAR, BOLD),
            Weight::Bold => (BOLD, REGULAR),
        };
        let order = [first].into_iter().chain(BOLD + 1..self.0.len()).chain([last]);
        order.filter_map(|font| u8::try_from(font).ok()).find_map(|font| self.find_in(font, character))
    }

    /// The character's glyph in one font.
    pub(crate) fn find_in(&self, font: u8, character: char) -> Option<Found> {
        let face = self.0.get(usize::from(font))?;
        let glyph = face.glyph_index(character).filter(|glyph| glyph.0 != 0)?;
        let advance = f32::from(face.glyph_hor_advance(glyph)?) / f32::from(face.units_per_em());
        Some(Found { font, glyph: glyph.0, advance })
    }

    /// Where a mark stands relative to its base, in em, if the font knows it.
    pub(crate) fn mark_offset(&self, font: u8, base: u16, mark: u16) -> Option<(f32, f32)> {
        let face = self.0.get(usize::from(font))?;
        let (base, mark) = (GlyphId(base), GlyphId(mark));
        let lookups = face.tables().gpos?.lookups.into_iter();
        let (x, y) = lookups
            .flat_map(|lookup| lookup.subtables.into_iter::<PositioningSubtable<'_>>())
            .find_map(|table| anchor_distance(table, base, mark))?;
        let em = f32::from(face.units_per_em());
        Some((x / em, y / em))
    }
}

/// From the mark's anchor to the base's one, in font units.
fn anchor_distance(table: PositioningSubtable<'_>, base: GlyphId, mark: GlyphId) -> Option<(f32, f32)> {
    let PositioningSubtable::MarkToBase(table) = table else { return None };
    let (class, mark_anchor) = table.marks.get(table.mark_coverage.get(mark)?)?;
    let base_anchor = table.anchors.get(table.base_coverage.get(base)?, class)?;
    let along = |to: i16, from: i16| f32::from(to) - f32::from(from);
    Some((along(base_anchor.x, mark_anchor.x), along(base_anchor.y, mark_anchor.y)))
}
