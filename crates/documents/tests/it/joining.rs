//! Joined labels: every page as it was, and nothing else.

use std::sync::LazyLock;

use ordersync_core::LabelFormat;
use ordersync_render::PageSize;
use proptest::prelude::*;

use crate::pdf_builder::{HELVETICA, courier_label, pdf, shown, stream};
use crate::pdf_reader::{open, page, sizes, texts, words};
use crate::{add, joined, joiner, label};

#[test]
fn every_page_is_as_in_its_own_label() {
    let labels = [
        label(PageSize::MM_100X150, &["Ada Example", "Parcel two of Ada Example"]),
        label(PageSize::A6, &["Zażółć Gęślą Jaźń"]),
        label(PageSize::IN_4X6, &["Ελένη Παράδειγμα"]),
    ];
    let bytes: Vec<&Vec<u8>> = labels.iter().map(|label| label.expose()).collect();
    let document = joined(&bytes);
    assert_eq!(texts(&document), bytes.iter().flat_map(|label| texts(label)).collect::<Vec<_>>());
    assert_eq!(sizes(&document), bytes.iter().flat_map(|label| sizes(label)).collect::<Vec<_>>());
    assert_eq!(texts(&document).len(), 4);
    let (whole, single) = (open(&document), open(bytes[2]));
    let content = |document: &lopdf::Document, number: u32| document.get_page_content(document.get_pages()[&number]);
    assert_eq!(content(&whole, 4), content(&open(bytes[2]), 1));
    assert_eq!(
        whole.get_page_fonts(whole.get_pages()[&4]).unwrap().len(),
        single.get_page_fonts(single.get_pages()[&1]).unwrap().len()
    );
}

#[test]
fn the_same_labels_give_the_same_bytes() {
    let labels = || ["Ada Example", "Ben Sample"].map(|name| label(PageSize::A6, &[name]).expose().clone());
    assert_eq!(joined(&labels()), joined(&labels()));
}

#[test]
fn many_pages_stand_in_a_tree_and_in_order() {
    let labels: Vec<Vec<u8>> = (0..200).map(|number| courier_label(&format!("label {number}"), "", "", &[])).collect();
    let document = joined(&labels);
    let expected: Vec<String> = (0..200).map(|number| format!("label {number}")).collect();
    assert_eq!(texts(&document), expected);
    let open = open(&document);
    let root = open.catalog().unwrap().get_deref(b"Pages", &open).unwrap().as_dict().unwrap();
    assert_eq!(root.get(b"Kids").unwrap().as_array().unwrap().len(), 4, "nodes of 64 pages");
    assert_eq!(root.get(b"Count").unwrap().as_i64().unwrap(), 200);
}

#[test]
fn what_a_page_inherits_is_put_into_it() {
    let (first, second) = (shown("first"), shown("second"));
    let label = pdf(
        &[
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 2/Kids[3 0 R 6 0 R]/MediaBox 9 0 R/Rotate 90/Resources<</Font<</F1 8 0 R>>>>>>",
            b"<</Type/Pages/Parent 2 0 R/Count 1/Kids[4 0 R]/CropBox[0 0 100 200]/MediaBox[0 0 100.5 200]>>",
            b"<</Type/Page/Parent 3 0 R/Contents 5 0 R/UserUnit 2>>",
            &first,
            b"<</Type/Page/Parent 2 0 R/Contents[7 0 R 7 0 R]/Rotate 180>>",
            &second,
            HELVETICA,
            b"[0 0 10 0 R 400]",
            b"300",
        ],
        "",
    );
    let document = joined(&[&label]);
    assert_eq!(texts(&document), ["first", "second second"]);
    assert_eq!(sizes(&document), [[0.0, 0.0, 100.5, 200.0], [0.0, 0.0, 300.0, 400.0]]);
    let document = open(&document);
    let entry = |number, key: &str| page(&document, number).get(key.as_bytes()).and_then(|value| value.as_i64()).ok();
    assert_eq!((entry(1, "Rotate"), entry(2, "Rotate")), (Some(90), Some(180)));
    assert_eq!((entry(1, "UserUnit"), entry(2, "UserUnit")), (Some(2), None));
    assert!(page(&document, 1).has(b"CropBox") && !page(&document, 2).has(b"CropBox"));
}

#[test]
fn nothing_that_tells_or_acts_is_taken_over() {
    let script = stream("", b"app.alert('hello')");
    let metadata = stream("/Type/Metadata/Subtype/XML", b"<x:xmpmeta>made by Ada Example</x:xmpmeta>");
    let attached = stream("/Type/EmbeddedFile", b"attached bytes");
    let picture = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Metadata 7 0 R/PieceInfo<</Maker<</Private(x)>>>>/LastModified(D:20261124)",
        b"0 0 9 9 re f",
    );
    let label = courier_label(
        "kept",
        "/OpenAction<</S/JavaScript/JS 6 0 R>>/AA<</WC<</S/JavaScript/JS 6 0 R>>>>/Metadata 7 0 R\
         /Names<</EmbeddedFiles<</Names[(a) 9 0 R]>>/JavaScript<</Names[(j)<</S/JavaScript/JS 6 0 R>>]>>>>/Lang(en)",
        "/AA<</O<</S/JavaScript/JS 6 0 R>>>>/Metadata 7 0 R/PieceInfo<</Maker 10 0 R>>/LastModified(D:20261124)\
         /Annots[11 0 R 12 0 R 13 0 R 14 0 R]/Thumb 10 0 R/AF[9 0 R]",
        &[
            &script,
            &metadata,
            &attached,
            b"<</Type/Filespec/F(a.txt)/EF<</F 8 0 R>>>>",
            &picture,
            b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://courier.example/)>>>>",
            b"<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/AP<</N 10 0 R/D 10 0 R>>/NM(stamp-1)/P 3 0 R/M(D:20261124)>>",
            b"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 9 0 R>>",
            b"<</Type/Annot/Subtype/Widget/Rect[0 0 9 9]/AP<</N 10 0 R>>/AA<</E<</S/JavaScript/JS 6 0 R>>>>>>",
        ],
    );
    let mut with_info = label.clone();
    let trailer = with_info.windows(12).rposition(|window| window == b"/Root 1 0 R>").unwrap();
    with_info.splice(trailer..trailer, *b"/Info<</Author(Ada Example)/CreationDate(D:20261124)>>/ID[<AB><CD>]");
    let document = joined(&[label, with_info]);
    assert_eq!(texts(&document), ["kept", "kept"]);
    let open = open(&document);
    let annotations = page(&open, 1).get(b"Annots").unwrap().as_array().unwrap();
    assert_eq!(annotations.len(), 2, "the stamp, and the picture of the field");
    let words = words(&open);
    for word in [
        "OpenAction",
        "AA",
        "A",
        "JS",
        "JavaScript",
        "URI",
        "Names",
        "EmbeddedFile",
        "Filespec",
        "EF",
        "AF",
        "Metadata",
        "PieceInfo",
        "LastModified",
        "Thumb",
        "Info",
        "ID",
        "Author",
        "CreationDate",
        "NM",
        "M",
        "P",
        "D",
        "Lang",
        "FS",
    ] {
        assert!(!words.iter().any(|found| found == word), "{word}");
    }
    let raw = String::from_utf8_lossy(&document);
    for text in ["D:2", "xmpmeta", "alert", "attached", "courier.example", "Ada Example", "stamp-1"] {
        assert!(!raw.contains(text), "{text}");
    }
    assert_eq!(open.trailer.iter().count(), 2, "Size and Root");
    assert_eq!(open.catalog().unwrap().iter().count(), 2, "Type and Pages");
}

#[test]
fn a_label_whose_layers_are_off_is_refused_and_one_that_shows_them_is_not() {
    let layers = |settings: &str| {
        let catalog = format!("/OCProperties<</OCGs[6 0 R]/D<<{settings}>>>>");
        courier_label("layered", &catalog, "", &[b"<</Type/OCG/Name(draft)>>"])
    };
    assert_eq!(texts(&joined(&[layers("/ON[6 0 R]/OFF[]")])), ["layered"]);
    for settings in ["/OFF[6 0 R]", "/BaseState/OFF"] {
        let refused = add(&mut *joiner(LabelFormat::Pdf), &layers(settings)).unwrap_err();
        assert!(refused.reason.contains("layers"), "{refused}");
    }
}

#[test]
fn objects_that_refer_to_each_other_in_a_circle_are_written_once() {
    let form = stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</Self 6 0 R/Other 7 0 R>>>>", b"");
    let other = stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</Back 6 0 R>>>>", b"");
    let label = courier_label("round", "", "/Group<</S/Transparency/X 6 0 R>>", &[&form, &other]);
    let document = joined(&[&label, &label]);
    assert_eq!(texts(&document), ["round", "round"]);
    assert_eq!(document.windows(5).filter(|window| window == b"/Self").count(), 2, "once in each label");
}

#[test]
fn compressed_objects_are_read() {
    let mut document = open(&courier_label("packed", "", "", &[]));
    let mut packed = Vec::new();
    document.save_modern(&mut packed).unwrap();
    assert!(!packed.windows(5).any(|window| window == b"/Page"), "the page is in an object stream");
    assert_eq!(texts(&joined(&[packed])), ["packed"]);
}

#[test]
fn nothing_is_kept_but_places() {
    let mut joiner = joiner(LabelFormat::Pdf);
    let name = "Ada-Example-Name-On-The-Label";
    add(&mut *joiner, &courier_label(name, "", "", &[])).unwrap();
    let last = joiner.finish().unwrap();
    assert!(last.len() < 600, "{} bytes: tree, table and trailer", last.len());
    assert!(!String::from_utf8_lossy(&last).contains(name));
}

#[test]
fn a_document_without_labels_is_refused() {
    for format in LabelFormat::ALL {
        assert_eq!(joiner(format).finish().unwrap_err().to_string(), "labels: the document has no label");
    }
}

/// Sound labels: of a courier, the same with its objects packed, ours.
static SOUND: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let plain = courier_label("sound", "", "/Annots[6 0 R]", &[b"<</Subtype/Stamp/AP<</N 4 0 R>>>>"]);
    let mut packed = Vec::new();
    open(&plain).save_modern(&mut packed).unwrap();
    [plain, packed, label(PageSize::A6, &["Ada Example"]).expose().clone()]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_damaged_label_gives_its_pages_or_an_error(
        kind in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = SOUND.get(kind).unwrap().clone();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut joiner = joiner(LabelFormat::Pdf);
        let mut document = add(&mut *joiner, &bytes).unwrap_or_default();
        document.extend(add(&mut *joiner, &courier_label("good", "", "", &[])).unwrap());
        document.extend(joiner.finish().unwrap());
        let document = open(&document);
        let last = *document.get_pages().keys().next_back().unwrap();
        let text = document.extract_text(&[last]).unwrap();
        prop_assert_eq!(text.trim(), "good");
    }
}
