//! What is refused, and that nobody's data is in it.

use std::sync::Arc;

use ordersync_courier_api::{
    Consignment, CourierAdapter, DestinationField, ErrorKind, LabelFormat, LabelMedia, LabelSize, Parcel, Problem,
    Retry,
};
use ordersync_courier_local::{LocalConfig, LocalCourier};
use ordersync_render::Fonts;
use ordersync_types::Pii;

use crate::{COURIER, MEDIA, made, paper, to_rome};

fn with(field: DestinationField, value: &str) -> Consignment {
    let mut consignment = to_rome();
    consignment.to.tell(field, Pii::new(value.to_owned()));
    consignment
}

async fn refused(consignment: &Consignment) -> Vec<Problem> {
    let problems = COURIER.check(consignment);
    let error = made(consignment).await.unwrap_err();
    assert_eq!((error.kind, error.retry, error.unclear), (ErrorKind::Rejected, Retry::Never, false));
    assert_eq!(error.problems, problems);
    problems
}

#[tokio::test]
async fn long_fields_are_wrapped_and_shrunk_then_refused_by_name() {
    let long = "Associazione Culturale Amici della Fotografia Analogica e dei Mestieri Antichi di Roma e Provincia";
    let all = [
        DestinationField::Name,
        DestinationField::Company,
        DestinationField::AddressLine1,
        DestinationField::AddressLine2,
        DestinationField::AddressLine3,
        DestinationField::City,
        DestinationField::Region,
    ];
    // as long as a marketplace lets them be, all at once
    let mut full = to_rome();
    for field in all {
        full.to.tell(field, Pii::new(long.chars().take(70).collect()));
    }
    for media in MEDIA {
        let full = Consignment { media, ..full.clone() };
        assert_eq!(COURIER.check(&full), [], "{media}");
        assert!(made(&full).await.is_ok(), "{media}");
    }
    let text = paper::lines(&made(&with(DestinationField::Name, long)).await.unwrap()).join(" ");
    assert!(text.contains(long), "{text}");

    for field in all {
        let too_long = "Wexcombe ".repeat(30);
        let problems = refused(&with(field, &too_long)).await;
        assert_eq!(problems, [Problem::TooLong { field: field.name(), found: 269 }]);
    }
    let problems = refused(&with(DestinationField::Postcode, &"0".repeat(60))).await;
    assert_eq!(problems, [Problem::TooLong { field: "postcode", found: 60 }]);
}

#[tokio::test]
async fn every_problem_is_told_at_once_without_a_value() {
    let mut broken = with(DestinationField::Name, "\u{05D0}\u{05D1}");
    broken.to.tell(DestinationField::AddressLine1, Pii::new("Via Inventata \u{202E}12".to_owned()));
    broken.to.tell(DestinationField::AddressLine2, Pii::new("\u{738B} Inventata".to_owned()));
    let problems = refused(&broken).await;
    let fields: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(fields.len(), 3, "{fields:?}");
    assert!(fields[0].starts_with("name: ") && fields[0].contains("U+05D0"), "{fields:?}");
    assert!(fields[1].starts_with("address_line1: ") && fields[1].contains("U+202E"), "{fields:?}");
    assert!(fields[2].starts_with("address_line2: ") && fields[2].contains("U+738B"), "{fields:?}");
    let error = made(&broken).await.unwrap_err();
    let shown = format!("{error} {error:?} {broken:?}");
    for value in ["Inventata", "Maria", "Roma", "00184", "\u{05D0}", "\u{738B}"] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

#[tokio::test]
async fn a_stopgap_is_no_value() {
    for stopgap in ["", " ", "-", "...", "\u{200B}"] {
        assert_eq!(
            refused(&with(DestinationField::City, stopgap)).await,
            [Problem::Missing { field: "city" }],
            "{stopgap:?}"
        );
    }
    // where it is not needed it is printed as it is
    assert!(made(&with(DestinationField::AddressLine2, "-")).await.is_ok());
    assert!(made(&with(DestinationField::AddressLine2, " ")).await.is_ok());
}

#[tokio::test]
async fn commands_in_an_address_reach_no_printer() {
    let hostile = with(DestinationField::Name, "^XZ^XA^FO0,0^FDfree^FS~JR _5E");
    for media in MEDIA.into_iter().filter(|media| media.format.is_zpl()) {
        let label = made(&Consignment { media, ..hostile.clone() }).await.unwrap();
        let zpl = String::from_utf8_lossy(label.bytes.expose()).into_owned();
        assert!(!zpl.contains('~') && !zpl.contains("^FD") && zpl.matches("^XZ").count() == 1, "{media}");
    }
}

#[tokio::test]
async fn media_services_and_parcels_that_there_are_not() {
    for size in [LabelSize::A6, LabelSize::A4] {
        for format in [LabelFormat::Zpl203, LabelFormat::Zpl300] {
            let consignment = Consignment { media: LabelMedia { size, format }, ..to_rome() };
            assert_eq!(made(&consignment).await.unwrap_err().kind, ErrorKind::Unsupported);
            assert!(COURIER.check(&consignment)[0].to_string().starts_with("media: "));
        }
    }
    let inland = Consignment { service: "rm-2nd".to_owned(), ..to_rome() };
    assert_eq!(made(&inland).await.unwrap_err().kind, ErrorKind::Unsupported);
    assert!(COURIER.check(&inland)[0].to_string().starts_with("service: "));
    for count in [0, 100] {
        let parcels = vec![Parcel { weight: None, size: None }; count];
        let problems = refused(&Consignment { parcels, ..to_rome() }).await;
        assert!(problems[0].to_string().starts_with("parcels: "));
    }
    let mut crowded = to_rome();
    crowded.from.lines = vec!["Invented Street ".repeat(12); 4];
    assert!(refused(&crowded).await.iter().all(|problem| problem.to_string().starts_with("sender_address: ")));
}

#[test]
fn the_configuration_chooses_services() {
    let fonts = Arc::new(Fonts::dejavu());
    let config: LocalConfig = toml::from_str("services = [\"rm-2nd\", \"stamps\"]").unwrap();
    let courier = LocalCourier::new(&config, Arc::clone(&fonts)).unwrap();
    let codes: Vec<&str> = courier.services().iter().map(|service| service.code).collect();
    assert_eq!(codes, ["rm-2nd", "stamps"]);
    assert_eq!(courier.check(&Consignment { service: "counter".to_owned(), ..to_rome() }).len(), 1);
    let unknown: LocalConfig = toml::from_str("services = [\"owl\"]").unwrap();
    let error = LocalCourier::new(&unknown, fonts).unwrap_err();
    assert!(error.kind == ErrorKind::Config && error.to_string().contains("rm-2nd"), "{error}");
    assert!(toml::from_str::<LocalConfig>("service = \"owl\"").is_err());
}
