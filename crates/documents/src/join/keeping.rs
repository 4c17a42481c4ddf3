//! What of a label goes into the joined document: what is drawn, and nothing that acts, tells or hides.

use lopdf::{Dictionary, Object, Stream};

/// Kinds of objects that are no part of a page's picture. Those that lead to other pages would drag these along.
const DROPPED_TYPES: &[&[u8]] = &[
    b"Action",
    b"Catalog",
    b"EmbeddedFile",
    b"F",
    b"Filespec",
    b"Metadata",
    b"ObjStm",
    b"Outlines",
    b"Page",
    b"Pages",
    b"Sig",
    b"StructElem",
    b"StructTreeRoot",
    b"XRef",
];

/// Entries of streams that say something besides the picture, or, as `Ref`, replace it by another file's. `Length` is
/// written anew. (In other dictionaries these may be names of fonts or images.)
const DROPPED_STREAM_KEYS: &[&[u8]] =
    &[b"AF", b"LastModified", b"Length", b"Metadata", b"OPI", b"PieceInfo", b"Ref", b"StructParent", b"StructParents"];

/// Annotations that are part of the picture; what they do when they are touched is left out.
const DRAWN_ANNOTATIONS: &[&[u8]] = &[
    b"Circle",
    b"FreeText",
    b"Highlight",
    b"Ink",
    b"Line",
    b"PolyLine",
    b"Polygon",
    b"Square",
    b"Squiggly",
    b"Stamp",
    b"StrikeOut",
    b"Underline",
    b"Watermark",
    b"Widget",
];

/// What draws an annotation (ISO 32000-1, 12.5); `AP` is reduced to the usual appearance.
const ANNOTATION_KEYS: &[&[u8]] = &[
    b"AS",
    b"BE",
    b"BS",
    b"Border",
    b"C",
    b"CA",
    b"Contents",
    b"DA",
    b"DS",
    b"F",
    b"FixedPrint",
    b"IC",
    b"InkList",
    b"L",
    b"LE",
    b"MK",
    b"Q",
    b"QuadPoints",
    b"RD",
    b"Rect",
    b"Subtype",
    b"Type",
    b"Vertices",
];

/// Whether an object, not counting what is inside of it, is written. An object that is not becomes `null`.
pub(super) fn is_kept(object: &Object) -> bool {
    let dictionary = match object {
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::Name(_)
        | Object::String(..)
        | Object::Array(_)
        | Object::Reference(_) => return true,
    };
    let is_script = dictionary.has(b"JS") && name(dictionary, b"S") == Some(b"JavaScript");
    !is_script && name(dictionary, b"Type").is_none_or(|kind| !DROPPED_TYPES.contains(&kind))
}

/// The entries of a stream that are written.
pub(super) fn stream_entries(stream: &Stream) -> impl Iterator<Item = (&[u8], &Object)> {
    let entries = stream.dict.iter().map(|(key, value)| (key.as_slice(), value));
    entries.filter(|(key, _)| !DROPPED_STREAM_KEYS.contains(key))
}

/// The part of an annotation that is written; `appearance` is what `AP` stands for. `None` for one that draws nothing.
pub(super) fn annotation(annotation: &Dictionary, appearance: Option<&Dictionary>) -> Option<Dictionary> {
    let drawn = name(annotation, b"Subtype").is_some_and(|kind| DRAWN_ANNOTATIONS.contains(&kind));
    if !drawn {
        return None;
    }
    let mut kept = Dictionary::new();
    for (key, value) in annotation.iter().filter(|(key, _)| ANNOTATION_KEYS.contains(&key.as_slice())) {
        kept.set(key.clone(), value.clone());
    }
    if let Some(usual) = appearance.and_then(|appearance| appearance.get(b"N").ok()) {
        let mut appearance = Dictionary::new();
        appearance.set("N", usual.clone());
        kept.set("AP", appearance);
    }
    Some(kept)
}

/// A name in a dictionary.
pub(super) fn name<'d>(dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d [u8]> {
    dictionary.get(key).and_then(Object::as_name).ok()
}
