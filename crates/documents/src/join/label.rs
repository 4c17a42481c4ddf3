//! A label as it came: parsed, and refused when it is encrypted, damaged or no PDF.

use std::collections::HashSet;

use lopdf::xref::{XrefEntry, XrefRecovery};
use lopdf::{DecompressError, Dictionary, Document, Error, LoadOptions, Object, ObjectId};
use ordersync_core::paper::PaperError;
use zeroize::Zeroize;

use super::{damaged, refused};

/// The most bytes that all compressed objects of a label may unpack to; what pages and fonts hold stays packed.
const MOST_UNPACKED: usize = 16 << 20;

/// A parsed label. Its texts and streams are wiped when it is dropped.
pub(super) struct Label {
    document: Document,
}

/// A page with what it inherits from the page tree (ISO 32000-1, 7.7.3.4).
#[derive(Clone, Copy)]
pub(super) struct Leaf<'l> {
    pub(super) page: &'l Dictionary,
    above: [Option<&'l Object>; 4],
}

/// Most pages of one label.
const MOST_PAGES: usize = 500;
/// Most references that lead from one to the next.
const MOST_STEPS: usize = 16;
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

impl<'l> Leaf<'l> {
    /// The value of one of the entries that can be inherited.
    pub(super) fn inherited(&self, key: &[u8]) -> Option<&'l Object> {
        let own = self.page.get(key).ok();
        let above = || INHERITED.iter().zip(self.above).find(|(name, _)| **name == key).and_then(|(_, value)| value);
        own.or_else(above)
    }
}

impl Label {
    /// Parses a label.
    ///
    /// # Errors
    /// It is encrypted, damaged, no PDF, or unpacks to too much. Repaired documents are refused too: something of the
    /// label may be missing.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PaperError> {
        let loaded =
            Document::load_mem_with_options(bytes, LoadOptions::with_max_decompressed_size(most_of_each(bytes)));
        let label = Self { document: loaded.map_err(|error| unreadable(&error))? };
        if label.document.trailer.has(b"Encrypt") || label.document.was_encrypted() {
            return Err(encrypted());
        }
        match label.document.xref_recovery {
            None | Some(XrefRecovery::OffsetCorrected) => {}
            Some(_) => return Err(damaged("its table of objects is missing or wrong")),
        }
        if label.has_hidden_layers() {
            return Err(refused("it has layers that are not shown; ask the courier for labels without layers"));
        }
        Ok(label)
    }

    /// The pages in their order.
    ///
    /// # Errors
    /// The page tree is damaged, or has no page.
    pub(super) fn pages(&self) -> Result<Vec<Leaf<'_>>, PaperError> {
        let wrong = || damaged("its pages cannot be found");
        let root = self.document.catalog().and_then(|catalog| catalog.get(b"Pages")).map_err(|_| wrong())?;
        let mut leaves = Vec::new();
        let mut met = HashSet::new();
        let mut ahead = vec![(root, [None; 4])];
        while let Some((node, above)) = ahead.pop() {
            // a page that is met twice would make a tree without end
            if !node.as_reference().is_ok_and(|id| met.insert(id)) {
                return Err(wrong());
            }
            let node = self.resolve(node).as_dict().map_err(|_| wrong())?;
            let leaf = Leaf { page: node, above };
            let is_node = node.has(b"Kids") || super::keeping::name(node, b"Type") == Some(b"Pages");
            if !is_node {
                leaves.push(leaf);
                if leaves.len() > MOST_PAGES {
                    return Err(refused("it has more than 500 pages; ask the courier for a label by itself"));
                }
                continue;
            }
            let kids = node.get(b"Kids").ok().map(|kids| self.resolve(kids)).and_then(|kids| kids.as_array().ok());
            let below = INHERITED.map(|key| leaf.inherited(key));
            ahead.extend(kids.ok_or_else(wrong)?.iter().rev().map(|kid| (kid, below)));
        }
        if leaves.is_empty() { Err(wrong()) } else { Ok(leaves) }
    }

    /// What a reference stands for, `null` when it stands for nothing; any other object as it is.
    pub(super) fn resolve<'l>(&'l self, object: &'l Object) -> &'l Object {
        self.document.dereference(object).map_or(&Object::Null, |(_, object)| object)
    }

    /// What a reference stands for, as [`Self::resolve`]; for what is drawn, where a gap would go unseen.
    ///
    /// # Errors
    /// The document lists it, and it cannot be read.
    pub(super) fn follow<'l>(&'l self, mut object: &'l Object) -> Result<&'l Object, PaperError> {
        for _ in 0..MOST_STEPS {
            let Object::Reference(id) = object else { return Ok(object) };
            object = self.object(*id)?.unwrap_or(&Object::Null);
        }
        Err(damaged("a reference of it leads nowhere"))
    }

    /// An object by its number; `None` for one that the document does not have, which stands for `null`.
    ///
    /// # Errors
    /// The document lists it, and it cannot be read.
    pub(super) fn object(&self, id: ObjectId) -> Result<Option<&Object>, PaperError> {
        if let Some(object) = self.document.objects.get(&id) {
            return if self.is_unread(object) {
                Err(damaged("one of its streams cannot be read"))
            } else {
                Ok(Some(object))
            };
        }
        match self.document.reference_table.get(id.0) {
            Some(XrefEntry::Normal { .. } | XrefEntry::Compressed { .. }) => {
                Err(damaged("one of its objects cannot be read"))
            }
            Some(XrefEntry::Free | XrefEntry::UnusableFree) | None => Ok(None),
        }
    }

    /// Whether a stream's length was of no use, so that the library left it empty.
    fn is_unread(&self, object: &Object) -> bool {
        let Ok(stream) = object.as_stream() else { return false };
        let says_empty = || {
            stream.dict.get(b"Length").is_ok_and(|length| self.resolve(length).as_i64().is_ok_and(|length| length == 0))
        };
        stream.start_position.is_some() && stream.content.is_empty() && !says_empty()
    }

    /// Whether optional content is off: joined, the label would show it (ISO 32000-1, 8.11.4).
    fn has_hidden_layers(&self) -> bool {
        let entry = |dictionary: &Dictionary, key: &[u8]| {
            dictionary.get(key).ok().map(|value| self.resolve(value).clone()).unwrap_or(Object::Null)
        };
        let Ok(catalog) = self.document.catalog() else { return false };
        let layers = entry(catalog, b"OCProperties");
        let Ok(settings) = layers.as_dict().map(|layers| entry(layers, b"D")) else { return false };
        let Ok(settings) = settings.as_dict() else { return false };
        let filled = |key: &[u8]| entry(settings, key).as_array().is_ok_and(|list| !list.is_empty());
        // `AS`: what is shown hangs on whether it is seen or printed.
        filled(b"OFF")
            || filled(b"AS")
            || super::keeping::name(settings, b"BaseState").is_some_and(|state| state != b"ON")
    }
}

impl Drop for Label {
    fn drop(&mut self) {
        self.document.objects.values_mut().for_each(wipe);
    }
}

fn wipe(object: &mut Object) {
    match object {
        Object::String(text, _) => text.zeroize(),
        Object::Array(elements) => elements.iter_mut().for_each(wipe),
        Object::Dictionary(dictionary) => dictionary.iter_mut().for_each(|(_, value)| wipe(value)),
        Object::Stream(stream) => {
            stream.content.zeroize();
            stream.dict.iter_mut().for_each(|(_, value)| wipe(value));
        }
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::Reference(_) => {}
    }
}

/// How much each stream may unpack to, so that all together stay below [`MOST_UNPACKED`]. A stream cannot hide its
/// keyword.
fn most_of_each(bytes: &[u8]) -> usize {
    let keyword = b"endstream";
    let streams = bytes.windows(keyword.len()).filter(|window| window == keyword).count();
    MOST_UNPACKED / streams.max(1)
}

fn encrypted() -> PaperError {
    refused("the PDF is encrypted; ask the courier for labels that are not")
}

/// Errors of the library may quote the document, so only their kind is told.
#[expect(clippy::wildcard_enum_match_arm, reason = "of forty errors only these mean something else than damage")]
fn unreadable(error: &Error) -> PaperError {
    match error {
        Error::Decryption(_) | Error::InvalidPassword | Error::UnsupportedSecurityHandler(_) => encrypted(),
        Error::Decompress(DecompressError::MemoryLimitExceeded { .. }) => {
            refused("the PDF unpacks to too much; ask the courier for another label")
        }
        Error::Parse(lopdf::ParseError::InvalidFileHeader) => {
            refused("it is no PDF; ask the courier for the label again")
        }
        _ => damaged("it cannot be read"),
    }
}
