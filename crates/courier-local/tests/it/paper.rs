//! Reads a label's PDF with lopdf.

use lopdf::Document;
use lopdf::content::Content;
use ordersync_courier_api::Label;

/// Lines of text, in the order in which they were drawn.
pub(crate) fn lines(label: &Label) -> Vec<String> {
    let document = Document::load_mem(label.bytes.expose()).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The operations of a page, and their numbers.
pub(crate) fn operations(label: &Label, page: u32) -> Vec<(String, Vec<f32>)> {
    let document = Document::load_mem(label.bytes.expose()).unwrap();
    let content = document.get_page_content(document.get_pages()[&page]);
    let operations = Content::decode(&content).unwrap().operations;
    let numbers = |operands: &[lopdf::Object]| operands.iter().filter_map(|object| object.as_float().ok()).collect();
    operations.into_iter().map(|operation| (operation.operator, numbers(&operation.operands))).collect()
}

/// Type sizes in the order in which lines were drawn.
pub(crate) fn type_sizes(label: &Label) -> Vec<f32> {
    operations(label, 1).iter().filter(|(operator, _)| operator == "Tf").map(|(_, numbers)| numbers[0]).collect()
}
