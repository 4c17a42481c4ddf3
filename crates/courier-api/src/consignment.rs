//! What a courier is told: a consignment, and nothing of the order behind it.

use ordersync_types::{Country, Grams, Millimetres, Money, Pii, ShipmentRef};

use crate::{DestinationField, LabelMedia};

/// Parcels for one recipient by one service. Holds exactly the fields that the service needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consignment {
    /// Our opaque reference, which is also the key of idempotency.
    pub reference: ShipmentRef,
    /// Where it goes.
    pub to: Destination,
    /// The seller.
    pub from: SenderProfile,
    /// The parcels, 1 to 99.
    pub parcels: Vec<Parcel>,
    /// What customs must be told; `None` where no border is crossed.
    pub customs: Option<Customs>,
    /// The service's code.
    pub service: String,
    /// Size and format of the label that is wanted.
    pub media: LabelMedia,
}

/// A recipient as far as a service needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The country of the address.
    pub country: Country,
    fields: Vec<(DestinationField, Pii<String>)>,
}

impl Destination {
    /// A destination of which nothing but the country is told.
    pub fn new(country: Country) -> Self {
        Self { country, fields: Vec::new() }
    }

    /// Tells a field, in place of what was told of it before.
    pub fn tell(&mut self, field: DestinationField, value: Pii<String>) {
        self.fields.retain(|(told, _)| *told != field);
        self.fields.push((field, value));
        self.fields.sort_by_key(|(told, _)| *told);
    }

    /// A field's value; `None` when it is not told.
    pub fn get(&self, field: DestinationField) -> Option<&Pii<String>> {
        self.fields.iter().find(|(told, _)| *told == field).map(|(_, value)| value)
    }

    /// The fields that are told, in the order of an address.
    pub fn told(&self) -> impl Iterator<Item = DestinationField> + '_ {
        self.fields.iter().map(|(field, _)| *field)
    }
}

/// Who sends: the seller's own particulars, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderProfile {
    /// The trading name; 1 to 60 characters.
    pub name: String,
    /// Lines of the return address, 1 to 4, town included.
    pub lines: Vec<String>,
    /// Postcode; may be empty where there are none.
    pub postcode: String,
    /// Country.
    pub country: Country,
}

/// One parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parcel {
    /// Its weight, when it is known.
    pub weight: Option<Grams>,
    /// Length, width and height, when they are known.
    pub size: Option<[Millimetres; 3]>,
}

/// What customs must be told of a consignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customs {
    /// What is in it.
    pub items: Vec<CustomsItem>,
}

/// One kind of goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomsItem {
    /// What it is, in plain words.
    pub description: String,
    /// Pieces.
    pub quantity: u32,
    /// Value of all pieces.
    pub value: Money,
    /// Weight of all pieces.
    pub weight: Grams,
    /// Commodity code, 6 to 10 digits.
    pub commodity_code: String,
    /// Where it was made.
    pub origin: Country,
}
