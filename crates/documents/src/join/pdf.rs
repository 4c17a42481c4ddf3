//! PDF: the objects of each label are written at once under new numbers, and what ties them together at the end.

use std::collections::HashMap;

use lopdf::Object;
use ordersync_core::paper::{LabelJoiner, PaperError};
use ordersync_types::Pii;
use sha2::{Digest, Sha256};

use super::copying::{self, Needed};
use super::label::Label;
use super::places::{CATALOG, Places, ROOT};
use super::syntax::{self, Numbers, put};
use super::{page, refused};

/// Pages under one node of the page tree.
const NODE_PAGES: usize = 64;

const HEADER: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";

/// One document of many labels. Keeps where objects lie and digests of them, some 500 bytes a label; no content.
#[derive(Debug, Default)]
pub(crate) struct PdfJoiner {
    places: Places,
    /// Numbers of the objects that were written, by SHA-256 of what was written: an equal one is not written again.
    shared: HashMap<[u8; 32], u32>,
    tree: PageTree,
    /// The header is written.
    begun: bool,
}

/// The page tree: a root, nodes of [`NODE_PAGES`] pages, pages.
#[derive(Debug, Default)]
struct PageTree {
    /// Numbers of the nodes that are written.
    nodes: Vec<u32>,
    /// The node that is being filled: its number and those of its pages.
    open: Option<(u32, Vec<u32>)>,
    pages: usize,
}

impl LabelJoiner for PdfJoiner {
    fn add(&mut self, label: &Pii<Vec<u8>>) -> Result<Pii<Vec<u8>>, PaperError> {
        let bytes = label.expose();
        let label = Label::read(bytes)?;
        let leaves = label.pages()?;
        let pages = leaves.iter().map(|leaf| page::by_itself(&label, leaf)).collect::<Result<Vec<_>, _>>()?;
        let pages: Vec<Object> = pages.into_iter().map(Object::Dictionary).collect();
        let needed = copying::needed(&label, &pages)?;
        self.check_room(needed.objects.len() + 3 * pages.len(), bytes.len())?;
        // nothing fails from here on
        let mut next = Vec::with_capacity(bytes.len().saturating_mul(2).saturating_add(4096));
        self.begin(&mut next);
        let numbers = self.write_objects(&mut next, &needed);
        for page in &pages {
            self.write_page(&mut next, page, &numbers);
        }
        self.hand_on(&next);
        Ok(Pii::new(next))
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, PaperError> {
        self.finish_after(Vec::new())
    }
}

impl PdfJoiner {
    /// Whether so many more objects, and what `read` bytes may become, have a place.
    ///
    /// # Errors
    /// They have not.
    pub(super) fn check_room(&self, objects: usize, read: usize) -> Result<(), PaperError> {
        // what is written is seldom longer than what was read, and then only by unpacked dictionaries
        if self.places.has_room(objects, read.saturating_add(1 << 28)) {
            return Ok(());
        }
        Err(refused("the document has as many labels as a PDF can hold; print the rest by itself"))
    }

    /// Writes the header before everything else.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.begun {
            out.extend_from_slice(HEADER);
            self.begun = true;
        }
    }

    /// Counts bytes that are handed on.
    pub(super) fn hand_on(&mut self, out: &[u8]) {
        self.places.hand_on(out);
    }

    /// The end of the document, after what is not handed on yet.
    ///
    /// # Errors
    /// It has no page.
    pub(super) fn finish_after(mut self, mut last: Vec<u8>) -> Result<Vec<u8>, PaperError> {
        if self.tree.pages == 0 {
            return Err(super::empty());
        }
        self.close_node(&mut last);
        let root = node(None, &self.tree.nodes, self.tree.pages);
        self.places.write(&mut last, ROOT, &root);
        let mut catalog = Vec::new();
        put(&mut catalog, format_args!("<</Type/Catalog/Pages {ROOT} 0 R>>"));
        self.places.write(&mut last, CATALOG, &catalog);
        self.places.write_table(&mut last);
        Ok(last)
    }

    /// Writes a stream with these entries besides its length; gives its number.
    pub(super) fn write_stream(&mut self, out: &mut Vec<u8>, entries: &[u8], content: &[u8]) -> u32 {
        let mut body = zeroize::Zeroizing::new(Vec::with_capacity(entries.len() + content.len() + 64));
        put(&mut body, format_args!("<<"));
        body.extend_from_slice(entries);
        put(&mut body, format_args!("/Length {}>>\nstream\n", content.len()));
        body.extend_from_slice(content);
        body.extend_from_slice(b"\nendstream");
        let number = self.places.reserve();
        self.places.write(out, number, &body);
        number
    }

    /// Writes the objects that are not in the document yet, and tells the numbers of all.
    pub(super) fn write_objects(&mut self, out: &mut Vec<u8>, needed: &Needed<'_>) -> Numbers {
        let mut numbers: Numbers = needed.early.iter().map(|id| (*id, self.places.reserve())).collect();
        for (id, object) in &needed.objects {
            let mut body = zeroize::Zeroizing::new(Vec::with_capacity(most_bytes(object)));
            syntax::write(&mut body, object, &numbers);
            if let Some(number) = numbers.get(id) {
                self.places.write(out, *number, &body);
                continue;
            }
            let digest = Sha256::digest(body.as_slice()).into();
            let number = *self.shared.entry(digest).or_insert_with(|| {
                let number = self.places.reserve();
                self.places.write(out, number, &body);
                number
            });
            numbers.insert(*id, number);
        }
        numbers
    }

    /// Writes a page, which is never shared: a reader may take a page that is met twice for a mistake.
    fn write_page(&mut self, out: &mut Vec<u8>, page: &Object, numbers: &Numbers) {
        let Object::Dictionary(page) = page else { return };
        let mut entries = Vec::new();
        syntax::write_entries(&mut entries, page, numbers);
        self.write_page_of(out, &entries);
    }

    /// Writes a page with these entries.
    pub(super) fn write_page_of(&mut self, out: &mut Vec<u8>, entries: &[u8]) {
        if self.tree.open.as_ref().is_some_and(|(_, pages)| pages.len() >= NODE_PAGES) {
            self.close_node(out);
        }
        let number = self.places.reserve();
        let (node, pages) = self.tree.open.get_or_insert_with(|| (self.places.reserve(), Vec::new()));
        pages.push(number);
        self.tree.pages += 1;
        let mut body = Vec::new();
        put(&mut body, format_args!("<</Type/Page/Parent {node} 0 R"));
        body.extend_from_slice(entries);
        body.extend_from_slice(b">>");
        self.places.write(out, number, &body);
    }

    fn close_node(&mut self, out: &mut Vec<u8>) {
        if let Some((number, pages)) = self.tree.open.take() {
            self.places.write(out, number, &node(Some(ROOT), &pages, pages.len()));
            self.tree.nodes.push(number);
        }
    }
}

/// A node of the page tree.
fn node(parent: Option<u32>, kids: &[u32], pages: usize) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, format_args!("<</Type/Pages/Count {pages}"));
    if let Some(parent) = parent {
        put(&mut body, format_args!("/Parent {parent} 0 R"));
    }
    body.extend_from_slice(b"/Kids[");
    for kid in kids {
        put(&mut body, format_args!("{kid} 0 R "));
    }
    body.extend_from_slice(b"]>>");
    body
}

/// Room for a stream and its dictionary, so that no outgrown copy of it is left in memory.
fn most_bytes(object: &Object) -> usize {
    object.as_stream().map_or(256, |stream| stream.content.len().saturating_add(1024))
}
