//! Reads a PDF with lopdf.

use lopdf::{Dictionary, Document, Object};

/// The document, which must be whole: nothing of it may need repair.
pub(crate) fn open(bytes: &[u8]) -> Document {
    let document = Document::load_mem(bytes).unwrap();
    assert_eq!(document.xref_recovery, None);
    document
}

/// Text of each page, by the fonts' own tables of characters; line ends as spaces.
pub(crate) fn texts(bytes: &[u8]) -> Vec<String> {
    let document = open(bytes);
    let text = |page: &u32| document.extract_text(&[*page]).unwrap();
    document.get_pages().keys().map(|page| text(page).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Text of all pages without any space: texts that were wrapped can be found in it.
pub(crate) fn unbroken(bytes: &[u8]) -> String {
    texts(bytes).concat().split_whitespace().collect()
}

/// A page's dictionary, counted from 1.
pub(crate) fn page(document: &Document, number: u32) -> &Dictionary {
    document.get_dictionary(document.get_pages()[&number]).unwrap()
}

/// Corners of each page in points, as the page itself says.
pub(crate) fn sizes(bytes: &[u8]) -> Vec<[f32; 4]> {
    let document = open(bytes);
    let size = |number: &u32| {
        let corners = page(&document, *number).get(b"MediaBox").unwrap().as_array().unwrap();
        std::array::from_fn(|at| corners[at].as_float().unwrap())
    };
    document.get_pages().keys().map(size).collect()
}

/// Every key and every name anywhere in the document.
pub(crate) fn words(document: &Document) -> Vec<String> {
    let mut words = Vec::new();
    document.objects.values().for_each(|object| collect(object, &mut words));
    collect(&Object::Dictionary(document.trailer.clone()), &mut words);
    words
}

fn collect(object: &Object, words: &mut Vec<String>) {
    let dictionary = match object {
        Object::Name(name) => return words.push(String::from_utf8_lossy(name).into_owned()),
        Object::Array(elements) => return elements.iter().for_each(|element| collect(element, words)),
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::String(..)
        | Object::Reference(_) => return,
    };
    for (key, value) in dictionary {
        words.push(String::from_utf8_lossy(key).into_owned());
        collect(value, words);
    }
}
