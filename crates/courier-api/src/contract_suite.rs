//! What every courier must keep, whatever it is: run against the adapter by its own tests.
#![expect(clippy::panic, reason = "a suite for tests: it fails by panicking")]

use ordersync_types::{Country, Grams, Pii, ShipmentRef};

use crate::{
    Confirmed, Consignment, CourierAdapter, Destination, DestinationField, ErrorKind, Label, LabelMedia, Lane, Need,
    Parcel, SenderProfile,
};

/// The text that a field of a sample consignment holds: of the field alone, in capitals and digits so that no layout
/// changes it.
pub fn marker(field: DestinationField) -> String {
    match field {
        DestinationField::Name => "MARKNAME1".to_owned(),
        DestinationField::Company => "MARKCOMPANY2".to_owned(),
        DestinationField::AddressLine1 => "MARKLINE3".to_owned(),
        DestinationField::AddressLine2 => "MARKLINE4".to_owned(),
        DestinationField::AddressLine3 => "MARKLINE5".to_owned(),
        DestinationField::City => "MARKTOWN6".to_owned(),
        DestinationField::Region => "MARKREGION7".to_owned(),
        DestinationField::Postcode => "MK7 8AA".to_owned(),
        DestinationField::Phone => "01632960009".to_owned(),
        DestinationField::Email => "mark10@buyer.example".to_owned(),
        DestinationField::DeliveryInstructions => "MARKNOTE11".to_owned(),
    }
}

/// A consignment of one parcel for a service, built from its needs as core does.
///
/// # Panics
/// When the adapter does not know its own service.
pub fn sample(adapter: &dyn CourierAdapter, service: &str, lane: Lane, media: LabelMedia) -> Consignment {
    let needs = adapter.needs(service, lane).unwrap_or_else(|error| panic!("{service}: {error}"));
    let mut to = Destination::new(lane.to);
    for field in DestinationField::ALL {
        if needs.of(field) != Need::Never {
            to.tell(field, Pii::new(marker(field)));
        }
    }
    Consignment {
        reference: ShipmentRef::from_random(0x0123_4567_89AB_CDEF),
        to,
        from: SenderProfile {
            name: "Example Goods".to_owned(),
            lines: vec!["1 Invented Street".to_owned(), "Wexcombe".to_owned()],
            postcode: "ZZ99 9ZZ".to_owned(),
            country: lane.from,
        },
        parcels: vec![Parcel { weight: Some(Grams::new(500)), size: None }],
        customs: None,
        service: service.to_owned(),
        media,
    }
}

/// Every service makes a label of each media whose text (by `text_of`) holds what the service needs and no other
/// marker; the same consignment gives the same bytes; a missing field that is required is refused by its name.
///
/// # Panics
/// When the adapter breaks the contract.
pub async fn keeps_the_contract(
    adapter: &dyn CourierAdapter,
    lanes: &[Lane],
    media: &[LabelMedia],
    text_of: impl Fn(&Label) -> String,
) {
    assert!(!adapter.services().is_empty(), "a courier has a service");
    for service in adapter.services() {
        for lane in lanes {
            let needs = adapter.needs(service.code, *lane).unwrap_or_else(|error| panic!("{}: {error}", service.code));
            for media in media {
                let consignment = sample(adapter, service.code, *lane, *media);
                assert_eq!(adapter.check(&consignment), [], "{} {media}", service.code);
                let label = made(adapter, &consignment).await;
                assert_eq!(label.media, *media);
                let again = made(adapter, &consignment).await;
                assert!(label.bytes == again.bytes, "{} {media}: other bytes for the same consignment", service.code);
                let text = text_of(&label);
                for field in DestinationField::ALL {
                    let told = needs.of(field) != Need::Never;
                    assert_eq!(text.contains(&marker(field)), told, "{} {media}: {}", service.code, field.name());
                }
            }
            refuses_gaps(adapter, service.code, *lane, media).await;
        }
    }
    let nowhere = Lane { from: Country::GB, to: Country::GB };
    let unknown = adapter.needs("no-such-service", nowhere).err().map(|error| error.kind);
    assert_eq!(unknown, Some(ErrorKind::Unsupported));
}

async fn made(adapter: &dyn CourierAdapter, consignment: &Consignment) -> Label {
    let made = adapter.create_label(consignment, Confirmed::by_a_person()).await;
    made.unwrap_or_else(|error| panic!("{} {}: {error}", consignment.service, consignment.media))
}

async fn refuses_gaps(adapter: &dyn CourierAdapter, service: &str, lane: Lane, media: &[LabelMedia]) {
    let Some(media) = media.first() else { return };
    let needs = adapter.needs(service, lane).unwrap_or_else(|error| panic!("{service}: {error}"));
    for field in DestinationField::ALL {
        if needs.of(field) != Need::Required {
            continue;
        }
        let whole = sample(adapter, service, lane, *media);
        let mut to = Destination::new(lane.to);
        for told in whole.to.told().filter(|told| *told != field) {
            to.tell(told, Pii::new(marker(told)));
        }
        let consignment = Consignment { to, ..whole };
        let problems: Vec<String> = adapter.check(&consignment).iter().map(ToString::to_string).collect();
        assert!(problems.iter().any(|problem| problem.starts_with(field.name())), "{service}: {}", field.name());
        let refused = adapter.create_label(&consignment, Confirmed::by_a_person()).await;
        let refused = refused.err().unwrap_or_else(|| panic!("{service}: a label without {}", field.name()));
        assert!(refused.kind == ErrorKind::Rejected && !refused.unclear, "{refused:?}");
    }
}
