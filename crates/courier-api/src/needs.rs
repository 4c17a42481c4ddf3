//! What a service must be told of a recipient.

/// A field of a recipient that a courier may be told. The country is no field: it decides the lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DestinationField {
    /// The person, or the shop of a pick-up point.
    Name,
    /// The company, where the delivery needs it.
    Company,
    /// First line of the address.
    AddressLine1,
    /// Second line.
    AddressLine2,
    /// Third line.
    AddressLine3,
    /// Town.
    City,
    /// County, state or province.
    Region,
    /// Postcode.
    Postcode,
    /// Telephone number.
    Phone,
    /// E-mail address.
    Email,
    /// Words for whoever delivers it.
    DeliveryInstructions,
}

impl DestinationField {
    /// Every field, in the order of an address.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Company,
        Self::AddressLine1,
        Self::AddressLine2,
        Self::AddressLine3,
        Self::City,
        Self::Region,
        Self::Postcode,
        Self::Phone,
        Self::Email,
        Self::DeliveryInstructions,
    ];

    /// The name in errors and in disclosure records: that of the recipient's field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Company => "company",
            Self::AddressLine1 => "address_line1",
            Self::AddressLine2 => "address_line2",
            Self::AddressLine3 => "address_line3",
            Self::City => "city",
            Self::Region => "region",
            Self::Postcode => "postcode",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::DeliveryInstructions => "delivery_instructions",
        }
    }
}

/// Whether a service is told a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// It is never told.
    Never,
    /// It is told when the order has it: without it the parcel may not arrive.
    IfGiven,
    /// Without it there is no label.
    Required,
}

/// What a service is told on one lane: a field that is not listed is never told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    fields: &'static [(DestinationField, Need)],
    /// Whether it must be told what is in the parcel (customs).
    pub customs: bool,
}

impl Needs {
    /// These fields.
    pub const fn new(fields: &'static [(DestinationField, Need)], customs: bool) -> Self {
        Self { fields, customs }
    }

    /// Whether this field is told.
    pub fn of(&self, field: DestinationField) -> Need {
        self.fields.iter().find(|(listed, _)| *listed == field).map_or(Need::Never, |(_, need)| *need)
    }
}
