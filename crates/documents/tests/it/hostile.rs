//! Labels that are no labels: each is a clear error, and the next good one is joined as if nothing had been.

use std::collections::BTreeMap;

use lopdf::encryption::crypt_filters::{Aes128CryptFilter, CryptFilter};
use lopdf::{EncryptionState, EncryptionVersion, Object, Permissions, StringFormat};
use ordersync_core::LabelFormat;
use ordersync_render::PageSize;

use crate::pdf_builder::{courier_label, pdf, shown, stream};
use crate::pdf_reader::{open, texts};
use crate::{add, joined, joiner, label};

/// Adds a bad label between two good ones: the document is that of the good ones. The error holds no word of the label.
fn refused(label: &[u8]) -> String {
    let good = [courier_label("before", "", "", &[]), courier_label("after", "", "", &[])];
    let mut joiner = joiner(LabelFormat::Pdf);
    let mut document = add(&mut *joiner, &good[0]).unwrap();
    let error = add(&mut *joiner, label).unwrap_err();
    document.extend(add(&mut *joiner, &good[1]).unwrap());
    document.extend(joiner.finish().unwrap());
    assert_eq!(document, joined(&good));
    assert_eq!(error.field, "label");
    assert!(!error.reason.contains("Ada"), "{error}");
    // as the first label, too
    let mut empty = crate::joiner(LabelFormat::Pdf);
    assert_eq!(add(&mut *empty, label).unwrap_err(), error);
    let document = [add(&mut *empty, &good[1]).unwrap(), empty.finish().unwrap()].concat();
    assert_eq!(document, joined(&good[1..]));
    error.reason
}

#[test]
fn what_is_no_pdf() {
    let noise: Vec<u8> = (0..1_u32 << 20).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    for bytes in [&b""[..], b"Ada Example", b"<html>Ada Example</html>", b"^XA^XZ", &noise] {
        assert!(refused(bytes).starts_with("it is no PDF"), "{}", refused(bytes));
    }
}

#[test]
fn garbage_behind_a_header() {
    let mut noise = b"%PDF-1.7\n".to_vec();
    noise.extend((0..1_u32 << 20).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]));
    assert!(refused(&noise).contains("damaged"));
    assert!(refused(b"%PDF-1.7\n").contains("damaged"));
    let brackets = [b"%PDF-1.7\n1 0 obj\n".to_vec(), vec![b'['; 1 << 20]].concat();
    assert!(refused(&brackets).contains("damaged"));
}

#[test]
fn a_truncated_label() {
    let label = label(PageSize::A6, &["Ada Example"]).expose().clone();
    for part in 1..40 {
        let cut = label.len() * part / 40;
        let reason = refused(&label[..cut]);
        assert!(reason.contains("damaged"), "{cut}: {reason}");
    }
    assert!(refused(&label[..label.len() - 40]).contains("damaged"));
}

#[test]
fn an_object_that_is_not_where_the_table_says() {
    let good = courier_label("Ada Example", "", "", &[]);
    for (what, instead) in [("4 0 obj", "9 9 obj"), ("5 0 obj", "5 0 xyz"), ("3 0 obj", "3 0 xyz")] {
        let at = good.windows(what.len()).position(|window| window == what.as_bytes()).unwrap();
        let mut bad = good.clone();
        bad[at..at + what.len()].copy_from_slice(instead.as_bytes());
        assert!(refused(&bad).contains("damaged"), "{what}");
    }
}

#[test]
fn an_encrypted_label() {
    for password in ["", "secret"] {
        let mut document = open(&courier_label("Ada Example", "", "", &[]));
        let id = Object::String(b"0123456789ABCDEF".to_vec(), StringFormat::Literal);
        document.trailer.set("ID", vec![id.clone(), id]);
        let filter: std::sync::Arc<dyn CryptFilter> = std::sync::Arc::new(Aes128CryptFilter);
        let version = EncryptionVersion::V4 {
            document: &document,
            encrypt_metadata: true,
            crypt_filters: BTreeMap::from([(b"StdCF".to_vec(), filter)]),
            stream_filter: b"StdCF".to_vec(),
            string_filter: b"StdCF".to_vec(),
            owner_password: "owner",
            user_password: password,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        assert!(refused(&bytes).starts_with("the PDF is encrypted"), "password {password:?}: {}", refused(&bytes));
    }
}

#[test]
fn a_label_with_a_script_is_joined_without_it() {
    let label = courier_label("scripted", "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", "", &[]);
    let document = joined(&[label]);
    assert_eq!(texts(&document), ["scripted"]);
    assert!(!document.windows(2).any(|window| window == b"JS"));
}

#[test]
fn page_trees_that_lead_nowhere() {
    let catalog: &[u8] = b"<</Type/Catalog/Pages 2 0 R>>";
    for (tree, page) in [
        ("<</Type/Pages/Kids[2 0 R]/Count 1>>", "null"),
        ("<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", "<</Type/Page/MediaBox[0 0 9 9]>>"),
        ("<</Type/Pages/Kids[]/Count 0>>", "null"),
        ("<</Type/Pages/Kids[7 0 R]/Count 1>>", "null"),
        ("<</Type/Pages/Kids[3 0 R]/Count 1>>", "(Ada Example)"),
        ("<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Kids[2 0 R]>>"),
        ("<</Type/Pages/Kids 5/Count 1>>", "null"),
        ("(Ada Example)", "null"),
    ] {
        let reason = refused(&pdf(&[catalog, tree.as_bytes(), page.as_bytes()], ""));
        assert!(reason.contains("damaged"), "{tree}: {reason}");
    }
    assert!(refused(&pdf(&[b"null"], "")).contains("damaged"));
}

#[test]
fn pages_that_cannot_be_printed() {
    let content = shown("Ada Example");
    for (page, told) in [
        ("<</Type/Page/Contents 4 0 R>>", "no size"),
        ("<</Type/Page/MediaBox[0 0 9]/Contents 4 0 R>>", "no size"),
        ("<</Type/Page/MediaBox[0 0 9 /A]/Contents 4 0 R>>", "no size"),
        ("<</Type/Page/MediaBox[0 0 0 9]/Contents 4 0 R>>", "no size"),
        ("<</Type/Page/MediaBox[0 0 9 9]/CropBox[0]/Contents 4 0 R>>", "visible part"),
        ("<</Type/Page/MediaBox[0 0 9 9]/Rotate 45/Contents 4 0 R>>", "turned"),
        ("<</Type/Page/MediaBox[0 0 9 9]/Contents(Ada Example)>>", "content"),
        ("<</Type/Page/MediaBox[0 0 9 9]/Contents[4 0 R 8 0 R]>>", "content"),
        ("<</Type/Page/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</A 5 0 R>>>>>>", "another file"),
    ] {
        let outside = stream("/Type/XObject/F(/etc/hostname)", b"");
        let tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
        let label = pdf(&[b"<</Type/Catalog/Pages 2 0 R>>", tree, page.as_bytes(), &content, &outside], "");
        let reason = refused(&label);
        assert!(reason.contains(told), "{page}: {reason}");
    }
}

#[test]
fn what_would_be_joined_as_blank_paper() {
    let catalog: &[u8] = b"<</Type/Catalog/Pages 2 0 R>>";
    let tree: &[u8] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
    let page = |resources: &str| format!("<</Type/Page/MediaBox[0 0 9 9]/Contents 4 0 R/Resources {resources}>>");
    let unmeasured = |length: &str| format!("<</Length {length}>>\nstream\nBT (Ada Example) Tj ET\nendstream");
    let (plain, content) = (page("<<>>"), shown("Ada Example"));
    for length in ["9 0 R", "5 0 R", "null", "(Ada Example)"] {
        let stream = unmeasured(length);
        let reason = refused(&pdf(&[catalog, tree, plain.as_bytes(), stream.as_bytes(), b"(no number)"], ""));
        assert!(reason.contains("damaged"), "{length}: {reason}");
    }
    // The same in an image, which the page leads to.
    let image = unmeasured("9 0 R");
    let drawn = page("<</XObject<</A 5 0 R>>>>");
    assert!(refused(&pdf(&[catalog, tree, drawn.as_bytes(), &content, image.as_bytes()], "")).contains("stream"));
    // A length that is somewhere else is a length.
    let later = unmeasured("5 0 R");
    let good = pdf(&[catalog, tree, plain.as_bytes(), later.as_bytes(), b"22"], "");
    assert!(add(&mut *joiner(LabelFormat::Pdf), &good).is_ok());
    for resources in ["5 0 R", "(Ada Example)", "[1 2]"] {
        let page = page(resources);
        let reason = refused(&pdf(&[catalog, tree, page.as_bytes(), &content, b"(no fonts)"], ""));
        assert!(reason.contains("fonts and images"), "{resources}: {reason}");
    }
    for settings in
        ["/D<</OFF[5 0 R]>>", "/D<</AS[<</Event/Print/OCGs[5 0 R]/Category[/Print]>>]>>", "/D<</BaseState/OFF>>"]
    {
        let layers = format!("/OCProperties<</OCGs[5 0 R]{settings}>>");
        assert!(refused(&courier_label("Ada Example", &layers, "", &[])).contains("layers"), "{settings}");
    }
    let many: Vec<String> = (0..501).map(|at| format!("{} 0 R", at + 3)).collect();
    let tree = format!("<</Type/Pages/Kids[{}]/Count 501>>", many.join(" "));
    let mut objects: Vec<&[u8]> = vec![catalog, tree.as_bytes()];
    objects.extend(std::iter::repeat_n(&b"<</Type/Page/MediaBox[0 0 9 9]>>"[..], 501));
    assert!(refused(&pdf(&objects, "")).contains("500 pages"));
}

#[test]
fn a_label_that_unpacks_to_gigabytes() {
    let mut document = open(&courier_label("bomb", "", "", &[]));
    let mut packed = Vec::new();
    for number in 0..400_i64 {
        let text = Object::String(vec![b'A'; 1 << 17], StringFormat::Literal);
        document.add_object(vec![Object::Integer(number), text]);
    }
    document.save_modern(&mut packed).unwrap();
    assert!(packed.len() < 1 << 20, "{}", packed.len());
    assert!(refused(&packed).contains("unpacks to too much"));
}
