//! Reads a PDF with lopdf.

use lopdf::content::Content;
use lopdf::{Document, Object};

/// The document, from its bytes.
pub(crate) fn open(bytes: &[u8]) -> Document {
    Document::load_mem(bytes).unwrap()
}

/// Text of all pages, by the fonts' own tables of characters; line ends as spaces.
pub(crate) fn text(bytes: &[u8]) -> String {
    let document = open(bytes);
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Width and height of a page in points.
pub(crate) fn media_box(bytes: &[u8], page: u32) -> [f32; 4] {
    let document = open(bytes);
    let page = document.get_dictionary(document.get_pages()[&page]).unwrap();
    let corners = page.get(b"MediaBox").unwrap().as_array().unwrap();
    std::array::from_fn(|at| corners[at].as_float().unwrap())
}

/// Filled rectangles of the first page, in points: x, y, width, height.
pub(crate) fn rectangles(bytes: &[u8]) -> Vec<[f32; 4]> {
    let document = open(bytes);
    let content = document.get_page_content(document.get_pages()[&1]);
    let operations = Content::decode(&content).unwrap().operations;
    let rectangles = operations.iter().filter(|operation| operation.operator == "re");
    rectangles.map(|operation| std::array::from_fn(|at| operation.operands[at].as_float().unwrap())).collect()
}

/// Every key of every dictionary.
pub(crate) fn keys(document: &Document) -> Vec<String> {
    let mut keys = Vec::new();
    for object in document.objects.values() {
        collect(object, &mut keys);
    }
    keys.extend(document.trailer.iter().map(|(key, _)| String::from_utf8_lossy(key).into_owned()));
    keys
}

fn collect(object: &Object, keys: &mut Vec<String>) {
    let dictionary = match object {
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        Object::Array(objects) => return objects.iter().for_each(|object| collect(object, keys)),
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Reference(_) => return,
    };
    for (key, value) in dictionary {
        keys.push(String::from_utf8_lossy(key).into_owned());
        collect(value, keys);
    }
}
