//! What many labels have in common stands in the joined document once.

use crate::joined;
use crate::pdf_builder::{pdf, shown, stream};
use crate::pdf_reader::{open, texts};

/// A label whose font program and logo are the courier's, the same on each label, with numbers of their own.
fn branded(text: &str, shift: usize) -> Vec<u8> {
    let program = stream("/Length1 5000", &[7; 5000]);
    let mask = stream("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", b"a");
    let number = |place: usize| place + shift;
    let logo = stream(
        &format!(
            "/Type/XObject/Subtype/Image/Width 50/Height 50/ColorSpace/DeviceGray/BitsPerComponent 8/SMask {} 0 R",
            number(9)
        ),
        &[9; 2500],
    );
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]/Contents {} 0 R/Resources<</Font<</F1 {} 0 R>>\
         /XObject<</Logo {} 0 R>>>>>>",
        number(4),
        number(5),
        number(8)
    );
    let font = format!(
        "<</Type/Font/Subtype/TrueType/BaseFont/Brand/FontDescriptor {} 0 R/Encoding/WinAnsiEncoding>>",
        number(6)
    );
    let descriptor = format!("<</Type/FontDescriptor/FontName/Brand/Flags 32/FontFile2 {} 0 R>>", number(7));
    let content = shown(text);
    let mut objects: Vec<&[u8]> =
        vec![b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page.as_bytes()];
    objects.extend(std::iter::repeat_n(b"null".as_slice(), shift));
    objects.extend([&content[..], font.as_bytes(), descriptor.as_bytes(), &program, &logo, &mask]);
    pdf(&objects, "")
}

#[test]
fn equal_fonts_and_pictures_are_shared_whatever_their_numbers() {
    let one = joined(&[branded("label 1", 0)]).len();
    let labels: Vec<Vec<u8>> = (1..=50).map(|number| branded(&format!("label {number}"), number % 3)).collect();
    let document = joined(&labels);
    let expected: Vec<String> = (1..=50).map(|number| format!("label {number}")).collect();
    assert_eq!(texts(&document), expected);
    let each = (document.len() - one) / 49;
    assert!(each < 450, "{each} bytes for each label after the first");
    let open = open(&document);
    let fonts = open.objects.values().filter(|object| object.as_dict().is_ok_and(|font| font.has_type(b"Font")));
    assert_eq!(fonts.count(), 1, "the font's dictionaries are shared with its program");
}
