//! Two or four labels on each sheet of A4: every page becomes a picture of its own, set into its part of the sheet in its
//! true size. The sheet that is not full yet is all that waits.

use std::io::Read;

use flate2::read::ZlibDecoder;
use lopdf::{Dictionary, Object, Stream};
use ordersync_core::paper::{LabelJoiner, PaperError, PerSheet};
use ordersync_types::Pii;

use super::copying;
use super::label::{Label, Leaf};
use super::pdf::PdfJoiner;
use super::syntax::{self, put};
use super::{damaged, page, refused};

/// Width and height of A4 in points.
const SHEET: (f32, f32) = (595.28, 841.89);
/// A page may be larger than its part by this much, in points: less than a cutter's tolerance.
const TOLERANCE: f32 = 0.5;
/// Most bytes of what draws one page, unpacked.
const MOST_DRAWING: usize = 16 << 20;

/// One document of sheets.
#[derive(Debug)]
pub(crate) struct SheetJoiner {
    document: PdfJoiner,
    per_sheet: PerSheet,
    /// The pictures of the sheet that is being filled.
    waiting: Vec<Picture>,
}

/// A page as a picture in the document.
#[derive(Debug)]
struct Picture {
    number: u32,
    /// As a reader sees it, in points.
    width: f32,
    height: f32,
}

/// A page that is not written yet.
struct Drawn {
    form: Dictionary,
    content: Vec<u8>,
    width: f32,
    height: f32,
}

impl SheetJoiner {
    pub(crate) fn new(per_sheet: PerSheet) -> Self {
        Self { document: PdfJoiner::default(), per_sheet, waiting: Vec::new() }
    }

    fn write_sheet(&mut self, out: &mut Vec<u8>) {
        let (mut names, mut drawing) = (Vec::new(), Vec::new());
        for (place, picture) in self.waiting.drain(..).enumerate() {
            let number = picture.number;
            put(&mut names, format_args!("/L{place} {number} 0 R"));
            let [a, b, c, d, e, f] = placed(&picture, self.per_sheet, place).unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
            put(&mut drawing, format_args!("q {a} {b} {c} {d} {e} {f} cm /L{place} Do Q\n"));
        }
        let content = self.document.write_stream(out, b"", &drawing);
        let (width, height) = SHEET;
        let mut entries = Vec::new();
        put(&mut entries, format_args!("/MediaBox[0 0 {width} {height}]/Resources<</XObject<<"));
        entries.extend_from_slice(&names);
        put(&mut entries, format_args!(">>>>/Contents {content} 0 R"));
        self.document.write_page_of(out, &entries);
    }
}

impl LabelJoiner for SheetJoiner {
    fn add(&mut self, label: &Pii<Vec<u8>>) -> Result<Pii<Vec<u8>>, PaperError> {
        let bytes = label.expose();
        let label = Label::read(bytes)?;
        let mut drawn = Vec::new();
        for leaf in label.pages()? {
            let drawing = drawn_page(&label, &leaf)?;
            let picture = Picture { number: 0, width: drawing.width, height: drawing.height };
            if placed(&picture, self.per_sheet, 0).is_none() {
                let parts = self.per_sheet.parts();
                return Err(refused(&format!("it is too large for {parts} on a sheet of A4; make labels of size a6")));
            }
            drawn.push(drawing);
        }
        let roots: Vec<Object> = drawn.iter().map(|page| Object::Dictionary(page.form.clone())).collect();
        let needed = copying::needed(&label, &roots)?;
        self.document.check_room(needed.objects.len() + 4 * drawn.len(), bytes.len())?;
        // nothing fails from here on
        let mut next = Vec::with_capacity(bytes.len().saturating_mul(2).saturating_add(4096));
        self.document.begin(&mut next);
        let numbers = self.document.write_objects(&mut next, &needed);
        for Drawn { form, content, width, height } in drawn {
            let mut entries = zeroize::Zeroizing::new(Vec::new());
            syntax::write_entries(&mut entries, &form, &numbers);
            let content = zeroize::Zeroizing::new(content);
            let number = self.document.write_stream(&mut next, &entries, &content);
            self.waiting.push(Picture { number, width, height });
            if self.waiting.len() == self.per_sheet.parts() {
                self.write_sheet(&mut next);
            }
        }
        self.document.hand_on(&next);
        Ok(Pii::new(next))
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, PaperError> {
        let mut last = Vec::new();
        if !self.waiting.is_empty() {
            self.write_sheet(&mut last);
        }
        self.document.finish_after(last)
    }
}

/// Where a picture goes on the sheet, as the six numbers of a matrix (ISO 32000-1, 8.3.3): in the middle of its part, upright
/// if it fits and else turned by a quarter. `None`: it fits neither way.
fn placed(picture: &Picture, per_sheet: PerSheet, place: usize) -> Option<[f32; 6]> {
    let columns: u16 = match per_sheet {
        PerSheet::Two => 1,
        PerSheet::Four => 2,
    };
    let place = u16::try_from(place).ok()?;
    let (part_width, part_height) = (SHEET.0 / f32::from(columns), SHEET.1 / 2.0);
    // From the top left, line by line.
    let left = part_width * f32::from(place % columns);
    let bottom = part_height * f32::from(1 - (place / columns).min(1));
    let middle = |part: f32, size: f32| (part - size) / 2.0;
    let fits = |width: f32, height: f32| width <= part_width + TOLERANCE && height <= part_height + TOLERANCE;
    let (width, height) = (picture.width, picture.height);
    if fits(width, height) {
        let (x, y) = (left + middle(part_width, width), bottom + middle(part_height, height));
        Some([1.0, 0.0, 0.0, 1.0, rounded(x), rounded(y)])
    } else if fits(height, width) {
        let (x, y) = (left + middle(part_width, height) + height, bottom + middle(part_height, width));
        Some([0.0, 1.0, -1.0, 0.0, rounded(x), rounded(y)])
    } else {
        None
    }
}

/// To hundredths of a point.
fn rounded(length: f32) -> f32 {
    (length * 100.0).round() / 100.0
}

/// A page as a form (ISO 32000-1, 8.10): its lower left corner at the origin, upright as a reader shows it.
fn drawn_page(label: &Label, leaf: &Leaf<'_>) -> Result<Drawn, PaperError> {
    let page = page::by_itself(label, leaf)?;
    if page.has(b"Annots") {
        return Err(refused("it has stamps beside its content, which cannot be set on a sheet; print it by itself"));
    }
    let corners = page.get(b"CropBox").or_else(|_| page.get(b"MediaBox")).map_err(|_| damaged("a page has no size"))?;
    let corners: Vec<f32> = corners.as_array().into_iter().flatten().filter_map(|one| one.as_float().ok()).collect();
    let [x0, y0, x1, y1] = corners.as_slice() else { return Err(damaged("a page has no size")) };
    let (x0, x1, y0, y1) = (x0.min(*x1), x0.max(*x1), y0.min(*y1), y0.max(*y1));
    let unit = page.get(b"UserUnit").ok().and_then(|unit| label.resolve(unit).as_float().ok()).unwrap_or(1.0);
    if !(0.1..=75.0).contains(&unit) {
        return Err(damaged("the unit of a page is wrong"));
    }
    let turn = page.get(b"Rotate").ok().and_then(|turn| label.resolve(turn).as_i64().ok()).unwrap_or(0);
    let (matrix, width, height) = match turn.rem_euclid(360) {
        90 => ([0.0, -1.0, 1.0, 0.0, -y0, x1], y1 - y0, x1 - x0),
        180 => ([-1.0, 0.0, 0.0, -1.0, x1, y1], x1 - x0, y1 - y0),
        270 => ([0.0, 1.0, -1.0, 0.0, y1, -x0], y1 - y0, x1 - x0),
        _ => ([1.0, 0.0, 0.0, 1.0, -x0, -y0], x1 - x0, y1 - y0),
    };
    let numbers = |numbers: &[f32]| numbers.iter().map(|number| Object::Real(*number)).collect::<Vec<_>>();
    let mut form = Dictionary::new();
    form.set("Type", "XObject");
    form.set("Subtype", "Form");
    form.set("BBox", numbers(&[x0, y0, x1, y1]));
    form.set("Matrix", numbers(&matrix.map(|number| number * unit)));
    for key in ["Resources", "Group"] {
        if let Ok(value) = page.get(key.as_bytes()) {
            form.set(key, value.clone());
        }
    }
    let (content, packing) = content(label, &page)?;
    packing.into_iter().for_each(|(key, value)| form.set(key, value));
    Ok(Drawn { form, content, width: width * unit, height: height * unit })
}

/// How a stream is packed, as entries of its dictionary.
type Packing = Vec<(&'static str, Object)>;

/// What draws a page, as one stream: one that is one already stays packed as it is, several are unpacked.
fn content(label: &Label, page: &Dictionary) -> Result<(Vec<u8>, Packing), PaperError> {
    let Ok(contents) = page.get(b"Contents") else { return Ok((Vec::new(), Vec::new())) };
    let contents = label.follow(contents)?;
    let unreadable = || damaged("the content of a page cannot be read");
    if let Ok(stream) = contents.as_stream() {
        copying::check_whole(stream)?;
        let entry = |key: &'static str| stream.dict.get(key.as_bytes()).ok().map(|value| (key, value.clone()));
        return Ok((stream.content.clone(), ["Filter", "DecodeParms"].into_iter().filter_map(entry).collect()));
    }
    let Ok(parts) = contents.as_array() else {
        return if contents.is_null() { Ok((Vec::new(), Vec::new())) } else { Err(unreadable()) };
    };
    let mut whole = Vec::new();
    for part in parts {
        let stream = label.follow(part)?.as_stream().map_err(|_| unreadable())?;
        copying::check_whole(stream)?;
        unpack(stream, &mut whole)?;
        // A part may end in the middle of what the next one goes on with, but never within a word (7.8.2).
        whole.push(b'\n');
    }
    Ok((whole, Vec::new()))
}

/// Adds what a part unpacks to: whole, and not too much of it.
fn unpack(stream: &Stream, whole: &mut Vec<u8>) -> Result<(), PaperError> {
    let is_plain = !stream.dict.has(b"DecodeParms");
    let packed = match stream.dict.get(b"Filter") {
        Err(_) => false,
        Ok(Object::Name(name)) if name == b"FlateDecode" && is_plain => true,
        Ok(Object::Array(names))
            if is_plain && matches!(names.as_slice(), [Object::Name(name)] if name == b"FlateDecode") =>
        {
            true
        }
        Ok(_) => {
            return Err(refused("its content is packed in a way that no sheet can be made of; print it by itself"));
        }
    };
    let most = MOST_DRAWING.saturating_sub(whole.len());
    if !packed {
        whole.extend_from_slice(&stream.content);
    } else {
        let room = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let unpacked = ZlibDecoder::new(stream.content.as_slice()).take(room).read_to_end(whole);
        unpacked.map_err(|_| damaged("the content of a page cannot be unpacked"))?;
    }
    if whole.len() > MOST_DRAWING {
        return Err(refused("the PDF unpacks to too much; ask the courier for another label"));
    }
    Ok(())
}
