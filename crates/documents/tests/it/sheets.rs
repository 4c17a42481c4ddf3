//! Several labels on a sheet of A4: in their true size, in order, and nothing lost.

use ordersync_core::paper::{PaperError, PaperRenderer, PerSheet};
use ordersync_render::PageSize;

use crate::pdf_builder::{HELVETICA, courier_label, pdf, shown, stream};
use crate::pdf_reader::{open, page, sizes, unbroken};
use crate::{PAPER, add, label};

fn sheets(per_sheet: PerSheet, labels: &[Vec<u8>]) -> Result<Vec<u8>, PaperError> {
    let mut joiner = PAPER.join_on_sheets(per_sheet);
    let mut document: Vec<u8> = Vec::new();
    for label in labels {
        document.extend(add(&mut *joiner, label)?);
    }
    document.extend(joiner.finish()?);
    Ok(document)
}

fn labels(size: PageSize, count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| label(size, &[&format!("Ada Example {number}")]).expose().clone()).collect()
}

/// The matrices that a sheet's pictures are set with.
fn matrices(document: &[u8], sheet: u32) -> Vec<Vec<f32>> {
    let document = open(document);
    let content = document.get_page_content(document.get_pages()[&sheet]);
    let text = String::from_utf8(content).unwrap();
    let numbers = |line: &str| line.split(' ').filter_map(|word| word.parse().ok()).collect();
    text.lines().filter(|line| line.starts_with("q ")).map(numbers).collect()
}

/// How many forms a sheet shows, and the text of all of them.
fn forms(document: &[u8], sheet: u32) -> (usize, String) {
    let document = open(document);
    let resources = page(&document, sheet).get(b"Resources").unwrap().as_dict().unwrap();
    let pictures = resources.get(b"XObject").unwrap().as_dict().unwrap();
    let mut text = String::new();
    for (_, form) in pictures {
        let form = document.get_object(form.as_reference().unwrap()).unwrap().as_stream().unwrap();
        text.push_str(&String::from_utf8_lossy(&form.get_plain_content().unwrap()));
    }
    (pictures.len(), text)
}

#[test]
fn four_a6_labels_stand_in_the_quarters_of_a_sheet() {
    let document = sheets(PerSheet::Four, &labels(PageSize::A6, 6)).unwrap();
    assert_eq!(sizes(&document), vec![[0.0, 0.0, 595.28, 841.89]; 2]);
    assert_eq!((forms(&document, 1).0, forms(&document, 2).0), (4, 2));
    let places: Vec<(f32, f32)> = matrices(&document, 1).iter().map(|matrix| (matrix[4], matrix[5])).collect();
    let (left, right) = (places[0].0, places[1].0);
    assert!((0.0..2.0).contains(&left) && (297.0..299.0).contains(&right), "{places:?}");
    assert!(places[0].1 > 420.0 && places[2].1 < 2.0 && places[2].0 == left && places[3].0 == right, "{places:?}");
    for matrix in matrices(&document, 1) {
        assert_eq!(&matrix[..4], [1.0, 0.0, 0.0, 1.0], "true size");
    }
    assert_eq!(document, sheets(PerSheet::Four, &labels(PageSize::A6, 6)).unwrap(), "the same bytes each time");
}

#[test]
fn two_stand_one_above_the_other_and_larger_ones_lie_on_their_side() {
    let upright = sheets(PerSheet::Two, &labels(PageSize::A6, 2)).unwrap();
    assert_eq!(matrices(&upright, 1).iter().map(|matrix| matrix[0]).collect::<Vec<_>>(), [1.0, 1.0]);
    for size in [PageSize::MM_100X150, PageSize::IN_4X6] {
        let turned = sheets(PerSheet::Two, &labels(size, 3)).unwrap();
        for matrix in matrices(&turned, 1) {
            assert_eq!(&matrix[..4], [0.0, 1.0, -1.0, 0.0]);
            assert!(matrix[4] > 300.0 && matrix[4] < 595.28, "all of it is on the sheet: {matrix:?}");
        }
        assert_eq!(sizes(&turned).len(), 2);
        let refused = sheets(PerSheet::Four, &labels(size, 1)).unwrap_err();
        assert!(refused.reason.contains("too large for 4") && refused.reason.contains("a6"), "{refused}");
    }
    assert!(sheets(PerSheet::Two, &labels(PageSize::A4, 1)).is_err());
    assert!(sheets(PerSheet::Two, &[]).is_err());
}

#[test]
fn a_couriers_label_is_drawn_whole_upright_and_with_its_fonts() {
    // Turned, cut, in a unit of its own, and its content in two parts, one of them packed by nobody.
    let (first, second) = (shown("Ada"), shown("Example"));
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 500]/CropBox[10 20 110 220]/Rotate 90/UserUnit 1.5\
                /Contents[4 0 R 6 0 R]/Resources<</Font<</F1 5 0 R>>>>>>";
    let tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>";
    let catalog = b"<</Type/Catalog/Pages 2 0 R>>";
    let label = pdf(&[catalog, tree, page.as_bytes(), &first, HELVETICA, &second], "");
    let document = sheets(PerSheet::Two, &[label.clone(), label]).unwrap();
    let (count, text) = forms(&document, 1);
    assert!(count == 2 && text.matches("(Ada)").count() == 2 && text.matches("(Example)").count() == 2, "{text}");
    let (whole, _) = (open(&document), unbroken(&document));
    let mut form = whole.objects.values().filter_map(|object| object.as_stream().ok());
    let form = form.find(|stream| stream.dict.has(b"BBox")).unwrap();
    let numbers = |key: &[u8]| -> Vec<f32> {
        form.dict.get(key).unwrap().as_array().unwrap().iter().map(|number| number.as_float().unwrap()).collect()
    };
    assert_eq!(numbers(b"BBox"), [10.0, 20.0, 110.0, 220.0]);
    assert_eq!(numbers(b"Matrix"), [0.0, -1.5, 1.5, 0.0, -30.0, 165.0], "seen as 300 wide and 150 high");
    assert!(form.dict.get(b"Resources").unwrap().as_dict().unwrap().has(b"Font"));

    let stamp = stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b"0 0 9 9 re f");
    let annotation: &[u8] = b"<</Type/Annot/Subtype/Stamp/Rect[0 0 9 9]/AP<</N 6 0 R>>>>";
    let stamped = courier_label("stamped", "", "/Annots[7 0 R]", &[&stamp, annotation]);
    assert!(sheets(PerSheet::Two, &[stamped]).unwrap_err().reason.contains("print it by itself"));
}

#[test]
fn packed_parts_are_unpacked_whole_or_refused() {
    use std::io::Write;
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let label = |part: &[u8], entries: &str| {
        let page = "<</Type/Page/MediaBox[0 0 99 99]/Contents[4 0 R 5 0 R]/Resources<<>>>>";
        let objects: [&[u8]; 5] = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page.as_bytes(),
            &shown("Ada"),
            &stream(entries, part),
        ];
        pdf(&objects, "")
    };
    let drawing = b"BT (Example) Tj ET";
    for entries in ["/Filter/FlateDecode", "/Filter[/FlateDecode]"] {
        let document = sheets(PerSheet::Two, &[label(&packed(drawing), entries)]).unwrap();
        assert!(forms(&document, 1).1.contains("(Example)"));
    }
    let cut = packed(&b"(Ada Example) Tj ".repeat(500));
    let reason = |part: &[u8], entries: &str| sheets(PerSheet::Two, &[label(part, entries)]).unwrap_err().reason;
    assert!(reason(&cut[..cut.len() / 2], "/Filter/FlateDecode").contains("cannot be unpacked"));
    assert!(reason(b"no zlib", "/Filter/FlateDecode").contains("cannot be unpacked"));
    assert!(reason(&packed(&vec![b' '; 20 << 20]), "/Filter/FlateDecode").contains("too much"));
    for entries in ["/Filter/LZWDecode", "/Filter 9 0 R", "/Filter/FlateDecode/DecodeParms<</Predictor 12>>"] {
        assert!(reason(&packed(drawing), entries).contains("by itself"), "{entries}");
    }
}
