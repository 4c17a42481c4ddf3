//! Writes PDFs as a courier might, object by object.

use std::io::Write;

/// Objects 1, 2, 3, ... as they are given, a table, and a trailer with `/Root 1 0 R` and `more`.
pub(crate) fn pdf(objects: &[&[u8]], more: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.6\n".to_vec();
    let mut table = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        writeln!(table, "{:010} 00000 n ", bytes.len()).unwrap();
        writeln!(bytes, "{number} 0 obj").unwrap();
        bytes.extend_from_slice(object);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let (start, size) = (bytes.len(), objects.len() + 1);
    write!(bytes, "xref\n0 {size}\n0000000000 65535 f \n").unwrap();
    bytes.extend(table);
    write!(bytes, "trailer\n<</Size {size}/Root 1 0 R{more}>>\nstartxref\n{start}\n%%EOF\n").unwrap();
    bytes
}

/// A stream object.
pub(crate) fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let mut object = format!("<<{entries}/Length {}>>\nstream\n", content.len()).into_bytes();
    object.extend_from_slice(content);
    object.extend_from_slice(b"\nendstream");
    object
}

/// A text on a page, in the font `F1`.
pub(crate) fn shown(text: &str) -> Vec<u8> {
    stream("", format!("BT /F1 12 Tf 10 100 Td ({text}) Tj ET").as_bytes())
}

pub(crate) const HELVETICA: &[u8] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

/// A label of one page as a courier might write it; `catalog` and `page` are added to their dictionaries, and `more`
/// objects follow from number 6.
pub(crate) fn courier_label(text: &str, catalog: &str, page: &str, more: &[&[u8]]) -> Vec<u8> {
    let catalog = format!("<</Type/Catalog/Pages 2 0 R{catalog}>>");
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{page}>>"
    );
    let content = shown(text);
    let mut objects: Vec<&[u8]> =
        vec![catalog.as_bytes(), b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page.as_bytes(), &content, HELVETICA];
    objects.extend(more);
    pdf(&objects, "")
}
