//! The courier from outside: what it is told, and what is on the paper.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the functions around the tests are test code too")]

mod contract;
mod pages;
mod paper;
mod refusals;

use std::sync::{Arc, LazyLock};

use ordersync_courier_api::{
    Confirmed, Consignment, CourierAdapter, CourierError, Destination, DestinationField, Label, LabelFormat,
    LabelMedia, LabelSize, Parcel, SenderProfile,
};
use ordersync_courier_local::{LocalConfig, LocalCourier};
use ordersync_render::Fonts;
use ordersync_types::{Country, Grams, Pii, ShipmentRef};

static COURIER: LazyLock<LocalCourier> =
    LazyLock::new(|| LocalCourier::new(&LocalConfig::default(), Arc::new(Fonts::dejavu())).unwrap());

/// Every media there is.
const MEDIA: [LabelMedia; 8] = [
    LabelMedia { size: LabelSize::Mm100x150, format: LabelFormat::Pdf },
    LabelMedia { size: LabelSize::In4x6, format: LabelFormat::Pdf },
    LabelMedia { size: LabelSize::A6, format: LabelFormat::Pdf },
    LabelMedia { size: LabelSize::A4, format: LabelFormat::Pdf },
    LabelMedia { size: LabelSize::Mm100x150, format: LabelFormat::Zpl203 },
    LabelMedia { size: LabelSize::In4x6, format: LabelFormat::Zpl203 },
    LabelMedia { size: LabelSize::Mm100x150, format: LabelFormat::Zpl300 },
    LabelMedia { size: LabelSize::In4x6, format: LabelFormat::Zpl300 },
];
const PDF: LabelMedia = LabelMedia { size: LabelSize::Mm100x150, format: LabelFormat::Pdf };

/// A parcel from a shop in the United Kingdom.
fn consignment(country: &str, fields: &[(DestinationField, &str)]) -> Consignment {
    let mut to = Destination::new(country.parse().unwrap());
    for (field, value) in fields {
        to.tell(*field, Pii::new((*value).to_owned()));
    }
    Consignment {
        reference: ShipmentRef::from_random(0x0123_4567_89AB_CDEF),
        to,
        from: SenderProfile {
            name: "Example Goods".to_owned(),
            lines: vec!["1 Invented Street".to_owned(), "Wexcombe".to_owned()],
            postcode: "ZZ99 9ZZ".to_owned(),
            country: Country::GB,
        },
        parcels: vec![Parcel { weight: Some(Grams::new(1250)), size: None }],
        customs: None,
        service: "stamps".to_owned(),
        media: PDF,
    }
}

fn to_rome() -> Consignment {
    consignment(
        "IT",
        &[
            (DestinationField::Name, "Maria Giovanna Esposito"),
            (DestinationField::AddressLine1, "Via Inventata 12, interno 4"),
            (DestinationField::City, "Roma"),
            (DestinationField::Region, "RM"),
            (DestinationField::Postcode, "00184"),
        ],
    )
}

async fn made(consignment: &Consignment) -> Result<Label, CourierError> {
    COURIER.create_label(consignment, Confirmed::by_a_person()).await
}
