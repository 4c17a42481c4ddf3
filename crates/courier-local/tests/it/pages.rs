//! What stands on the paper, and where.

use ordersync_courier_api::{DestinationField, LabelMedia, LabelSize, Parcel};
use ordersync_types::Grams;

use crate::{MEDIA, PDF, consignment, made, paper, to_rome};

#[tokio::test]
async fn a_label_abroad_has_these_lines_and_no_other() {
    let label = made(&to_rome()).await.unwrap();
    let reference = to_rome().reference;
    assert_eq!(
        paper::lines(&label),
        [
            "Example Goods",
            "1 Invented Street",
            "Wexcombe",
            "ZZ99 9ZZ",
            "UNITED KINGDOM",
            "Post, stamps",
            "Maria Giovanna Esposito",
            "Via Inventata 12, interno 4",
            "00184 ROMA RM",
            "ITALY",
            &format!("{reference} · parcel 1 of 1 · 1.25 kg"),
        ]
    );
    assert_eq!(label.keys, ordersync_courier_api::CourierKeys::default());
}

#[tokio::test]
async fn a_label_at_home_names_no_country() {
    let home = consignment(
        "GB",
        &[
            (DestinationField::Name, "Ada Example"),
            (DestinationField::Company, "Example & Daughters"),
            (DestinationField::AddressLine1, "12 Invented Street"),
            (DestinationField::AddressLine2, "Flat 3"),
            (DestinationField::City, "Wexcombe"),
            (DestinationField::Postcode, "ZZ1 1ZZ"),
        ],
    );
    let lines = paper::lines(&made(&home).await.unwrap());
    assert_eq!(
        lines[5..11],
        ["Ada Example", "Example & Daughters", "12 Invented Street", "Flat 3", "WEXCOMBE", "ZZ1 1ZZ"]
    );
    assert!(!lines.iter().any(|line| line.contains("UNITED KINGDOM")));
}

#[tokio::test]
async fn type_is_large_enough_for_sorting_machines() {
    let sizes = paper::type_sizes(&made(&to_rome()).await.unwrap());
    assert_eq!(sizes[0], 7.0, "return address");
    let recipient = &sizes[6..10];
    assert!(recipient.iter().all(|size| *size >= 10.0), "{recipient:?}");
    assert!(recipient[2] >= 12.0, "postcode: {recipient:?}");
}

#[tokio::test]
async fn each_parcel_has_its_page() {
    let mut three = to_rome();
    three.parcels =
        [Some(350), None, Some(2000)].map(|weight| Parcel { weight: weight.map(Grams::new), size: None }).to_vec();
    let lines = paper::lines(&made(&three).await.unwrap());
    let feet: Vec<&str> = lines.iter().filter_map(|line| line.split_once(" · ").map(|(_, rest)| rest)).collect();
    assert_eq!(feet, ["parcel 1 of 3 · 350 g", "parcel 2 of 3", "parcel 3 of 3 · 2 kg"]);
    for media in MEDIA.into_iter().filter(|media| media.format.is_zpl()) {
        let label = made(&ordersync_courier_api::Consignment { media, ..three.clone() }).await.unwrap();
        assert_eq!(String::from_utf8_lossy(label.bytes.expose()).matches("^XA").count(), 3);
    }
}

/// On an A4 sheet everything is in the upper left quarter; on any paper 4 mm stay free.
#[tokio::test]
async fn nothing_is_outside_of_the_label() {
    let mm = 72.0 / 25.4;
    for (size, page, label) in [
        (LabelSize::Mm100x150, [100.0, 150.0], [100.0, 150.0]),
        (LabelSize::In4x6, [101.6, 152.4], [101.6, 152.4]),
        (LabelSize::A6, [105.0, 148.0], [105.0, 148.0]),
        (LabelSize::A4, [210.0, 297.0], [105.0, 148.5]),
    ] {
        let drawn = made(&ordersync_courier_api::Consignment { media: LabelMedia { size, ..PDF }, ..to_rome() }).await;
        let mut bars = 0;
        for (operator, numbers) in paper::operations(&drawn.unwrap(), 1) {
            let (x, y) = match operator.as_str() {
                "Tm" => (numbers[4], numbers[5]),
                "re" => {
                    bars += 1;
                    assert!(numbers[0] + numbers[2] <= (label[0] - 4.0) * mm + 0.1, "{size:?}: right edge");
                    (numbers[0], numbers[1])
                }
                // no curve, line, picture or form: nothing that could be taken for a mark of postage
                other => {
                    assert!(["BT", "ET", "Tf", "Tj", "f"].contains(&other), "{other}");
                    continue;
                }
            };
            let (left, below) = (x / mm, page[1] - y / mm);
            assert!(left >= 3.99 && left <= label[0] - 4.0, "{size:?}: {left}");
            assert!(below >= 4.0 && below <= label[1] - 3.99, "{size:?}: {below}");
        }
        // the rule, and three bars for each of twelve to fourteen symbols
        assert!((1 + 13 * 3..60).contains(&bars), "{bars}");
    }
}
