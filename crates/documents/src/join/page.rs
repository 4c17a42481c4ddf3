//! A page by itself: what it inherits is put into it, and what does not belong to its picture is left out.

use lopdf::{Dictionary, Object};
use ordersync_core::paper::PaperError;

use super::label::{Label, Leaf};
use super::{damaged, keeping};

/// Entries that are taken as they are (ISO 32000-1, table 30). What is not listed acts, tells or hides: annotations
/// are looked at one by one, and `Resources`, boxes and `Rotate` may be inherited.
const KEPT: &[&[u8]] = &[b"Contents", b"Group", b"UserUnit"];

/// The page's entries, without `Type` and `Parent`. References are the label's own.
///
/// # Errors
/// The page has no size, or is otherwise damaged.
pub(super) fn by_itself(label: &Label, leaf: &Leaf<'_>) -> Result<Dictionary, PaperError> {
    let mut page = Dictionary::new();
    let size = leaf.inherited(b"MediaBox").and_then(|corners| rectangle(label, corners));
    page.set("MediaBox", size.ok_or_else(|| damaged("a page has no size"))?);
    if let Some(part) = given(label, leaf, b"CropBox")? {
        page.set("CropBox", rectangle(label, part).ok_or_else(|| damaged("the visible part of a page is wrong"))?);
    }
    if let Some(turn) = given(label, leaf, b"Rotate")? {
        let turn = label.resolve(turn).as_i64().ok().filter(|turn| turn % 90 == 0);
        page.set("Rotate", turn.ok_or_else(|| damaged("a page is turned by no quarter"))?);
    }
    let resources = given(label, leaf, b"Resources")?;
    if resources.is_some_and(|resources| label.resolve(resources).as_dict().is_err()) {
        return Err(damaged("the fonts and images of a page cannot be found"));
    }
    page.set("Resources", resources.cloned().unwrap_or_else(|| Dictionary::new().into()));
    for key in KEPT {
        if let Ok(value) = leaf.page.get(key) {
            page.set(key.to_vec(), value.clone());
        }
    }
    check_contents(label, leaf.page)?;
    let annotations = annotations(label, leaf.page)?;
    if !annotations.is_empty() {
        page.set("Annots", annotations);
    }
    Ok(page)
}

/// An entry that may be inherited; one that stands for `null` is none.
fn given<'l>(label: &'l Label, leaf: &Leaf<'l>, key: &[u8]) -> Result<Option<&'l Object>, PaperError> {
    let Some(entry) = leaf.inherited(key) else { return Ok(None) };
    Ok(if label.follow(entry)?.is_null() { None } else { Some(entry) })
}

/// Four numbers that are not all on one line.
fn rectangle(label: &Label, corners: &Object) -> Option<Object> {
    let corners = label.resolve(corners).as_array().ok()?;
    let corners: Vec<&Object> = corners.iter().map(|corner| label.resolve(corner)).collect();
    let numbers: Vec<f32> = corners.iter().filter_map(|corner| corner.as_float().ok()).collect();
    let [left, bottom, right, top] = numbers.as_slice() else { return None };
    let is_area = corners.len() == 4 && left != right && bottom != top;
    is_area.then(|| Object::Array(corners.into_iter().cloned().collect()))
}

/// A page's content is a stream or several: anything else would print as an empty page.
fn check_contents(label: &Label, page: &Dictionary) -> Result<(), PaperError> {
    let Some(contents) = page.get(b"Contents").ok().map(|contents| label.resolve(contents)) else { return Ok(()) };
    let is_stream = |object: &Object| label.resolve(object).as_stream().is_ok();
    let readable = contents.as_array().map_or_else(|_| is_stream(contents), |parts| parts.iter().all(is_stream));
    if readable { Ok(()) } else { Err(damaged("the content of a page cannot be read")) }
}

fn annotations(label: &Label, page: &Dictionary) -> Result<Vec<Object>, PaperError> {
    let mut kept = Vec::new();
    let Ok(listed) = page.get(b"Annots") else { return Ok(kept) };
    for annotation in label.follow(listed)?.as_array().into_iter().flatten() {
        let Ok(annotation) = label.follow(annotation)?.as_dict() else { continue };
        let appearance = annotation.get(b"AP").ok().map(|appearance| label.follow(appearance)).transpose()?;
        let appearance = appearance.and_then(|appearance| appearance.as_dict().ok());
        kept.extend(keeping::annotation(annotation, appearance).map(Object::Dictionary));
    }
    Ok(kept)
}
