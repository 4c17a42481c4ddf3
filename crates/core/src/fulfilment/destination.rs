//! From a recipient to what a service may be told of it: the one place where personal data is chosen for a courier.

use ordersync_courier_api::{Destination, DestinationField, Need, Needs, Problem};
use ordersync_order::Recipient;
use ordersync_types::{Country, FieldState, Pii};

/// What a courier is told, and the same as a record, so that a later change can be seen by its keyed digest.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) destination: Destination,
    pub(crate) record: Recipient,
}

/// What a service with these needs is told of a recipient.
///
/// # Errors
/// A field that the service needs and the recipient does not have, each by its name.
pub(crate) fn told(recipient: &Recipient, country: Country, needs: &Needs) -> Result<Told, Vec<Problem>> {
    let address = Address::of(recipient);
    let mut destination = Destination::new(country);
    let mut record = Recipient { country: FieldState::value(country.code()), ..Recipient::default() };
    let mut problems = Vec::new();
    for field in DestinationField::ALL {
        let value = match needs.of(field) {
            Need::Never => continue,
            Need::IfGiven | Need::Required => address.value(recipient, field),
        };
        match value {
            Some(value) => {
                *slot(&mut record, field) = FieldState::Value(value.clone());
                destination.tell(field, value);
            }
            None if needs.of(field) == Need::Required => problems.push(Problem::missing(field)),
            None => {}
        }
    }
    if problems.is_empty() { Ok(Told { destination, record }) } else { Err(problems) }
}

/// The country that the address itself names, as two letters: what a person typed counts, whatever the marketplace says.
pub(crate) fn own_country(recipient: &Recipient) -> Option<Country> {
    recipient.country.get().and_then(|code| code.expose().trim().parse().ok())
}

/// The lines of an address, above each other.
struct Address {
    lines: [Option<Pii<String>>; 3],
}

impl Address {
    /// Three lines as the marketplace gives them; a street in parts (Brazil) becomes a line; a hub's reference stands
    /// directly above its street (eBay, international shipping: without it the hub cannot tell whose parcel it is).
    fn of(recipient: &Recipient) -> Self {
        let given = |state: &FieldState| state.get().filter(|_| state.is_given()).cloned();
        let street = given(&recipient.address_line1).or_else(|| {
            let parts = [&recipient.street_name, &recipient.street_number, &recipient.complement];
            joined(&parts.map(&given), " ")
        });
        let second = given(&recipient.address_line2).or_else(|| given(&recipient.neighbourhood));
        let third = given(&recipient.address_line3);
        // Amazon may leave the first line empty and put the street into the second.
        let (street, second, third) = match (street, second) {
            (None, None) => (third, None, None),
            (None, Some(second)) => (Some(second), third, None),
            (Some(street), second) => (Some(street), second, third),
        };
        let Some(reference) = given(&recipient.hub_reference) else { return Self { lines: [street, second, third] } };
        let reference = Some(Pii::new(format!("Reference #{}", reference.expose().trim_start_matches('#'))));
        Self { lines: [reference, street, joined(&[second, third], ", ")] }
    }

    fn value(&self, recipient: &Recipient, field: DestinationField) -> Option<Pii<String>> {
        let given = |state: &FieldState| state.get().filter(|_| state.is_given()).cloned();
        let [line1, line2, line3] = &self.lines;
        match field {
            DestinationField::Name => given(&recipient.name).or_else(|| given(&recipient.company)),
            // A name that is missing is filled with the company: it is not told twice.
            DestinationField::Company => given(&recipient.company).filter(|_| recipient.name.is_given()),
            DestinationField::AddressLine1 => line1.clone(),
            DestinationField::AddressLine2 => line2.clone(),
            DestinationField::AddressLine3 => line3.clone(),
            DestinationField::City => given(&recipient.city).or_else(|| given(&recipient.municipality)),
            DestinationField::Region => given(&recipient.region).or_else(|| given(&recipient.district)),
            DestinationField::Postcode => given(&recipient.postcode),
            DestinationField::Phone => given(&recipient.phone),
            DestinationField::Email => given(&recipient.email),
            DestinationField::DeliveryInstructions => given(&recipient.delivery_instructions),
        }
    }
}

fn joined(parts: &[Option<Pii<String>>], between: &str) -> Option<Pii<String>> {
    let mut text = String::new();
    for part in parts.iter().flatten() {
        if !text.is_empty() {
            text.push_str(between);
        }
        text.push_str(part.expose());
    }
    (!text.is_empty()).then(|| Pii::new(text))
}

fn slot(record: &mut Recipient, field: DestinationField) -> &mut FieldState {
    match field {
        DestinationField::Name => &mut record.name,
        DestinationField::Company => &mut record.company,
        DestinationField::AddressLine1 => &mut record.address_line1,
        DestinationField::AddressLine2 => &mut record.address_line2,
        DestinationField::AddressLine3 => &mut record.address_line3,
        DestinationField::City => &mut record.city,
        DestinationField::Region => &mut record.region,
        DestinationField::Postcode => &mut record.postcode,
        DestinationField::Phone => &mut record.phone,
        DestinationField::Email => &mut record.email,
        DestinationField::DeliveryInstructions => &mut record.delivery_instructions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDS: Needs = Needs::new(
        &[
            (DestinationField::Name, Need::Required),
            (DestinationField::Company, Need::IfGiven),
            (DestinationField::AddressLine1, Need::Required),
            (DestinationField::AddressLine2, Need::IfGiven),
            (DestinationField::AddressLine3, Need::IfGiven),
            (DestinationField::City, Need::Required),
            (DestinationField::Postcode, Need::Required),
        ],
        false,
    );

    fn recipient() -> Recipient {
        Recipient {
            name: FieldState::value("Ada Example"),
            address_line1: FieldState::value("12 Invented Street"),
            address_line2: FieldState::value("Flat 3"),
            city: FieldState::value("Wexcombe"),
            postcode: FieldState::value("ZZ1 1ZZ"),
            phone: FieldState::value("01632 960001"),
            email: FieldState::value("ada@buyer.example"),
            buyer_note: FieldState::value("leave it with Bob"),
            ..Recipient::default()
        }
    }

    fn text(told: &Told, field: DestinationField) -> Option<&str> {
        told.destination.get(field).map(|value| value.expose().as_str())
    }

    #[test]
    fn what_a_service_does_not_need_is_not_told() {
        let told = told(&recipient(), Country::GB, &NEEDS).unwrap();
        let names: Vec<&str> = told.destination.told().map(DestinationField::name).collect();
        assert_eq!(names, ["name", "address_line1", "address_line2", "city", "postcode"]);
        assert!(told.record.phone == FieldState::NotSent && told.record.buyer_note == FieldState::NotSent);
    }

    #[test]
    fn what_is_needed_and_missing_is_named() {
        let without = Recipient { city: FieldState::value("  "), name: FieldState::NotSent, ..recipient() };
        let problems = told(&without, Country::GB, &NEEDS).unwrap_err();
        assert_eq!(problems, [Problem::missing(DestinationField::Name), Problem::missing(DestinationField::City)]);
    }

    #[test]
    fn a_street_in_the_second_or_third_line_is_the_first() {
        let street = || FieldState::value("3 Invented Row");
        for (line2, line3) in [(street(), FieldState::NotSent), (FieldState::value(" "), street())] {
            let (line1, line2, line3) = (FieldState::NotSent, line2, line3);
            let moved = Recipient { address_line1: line1, address_line2: line2, address_line3: line3, ..recipient() };
            let told = told(&moved, Country::GB, &NEEDS).unwrap();
            assert_eq!(text(&told, DestinationField::AddressLine1), Some("3 Invented Row"));
            assert_eq!(text(&told, DestinationField::AddressLine2), None);
        }
    }

    #[test]
    fn a_company_without_a_person_is_told_once() {
        let company = Recipient { name: FieldState::NotSent, company: FieldState::value("Example Ltd"), ..recipient() };
        let told = told(&company, Country::GB, &NEEDS).unwrap();
        assert_eq!(text(&told, DestinationField::Name), Some("Example Ltd"));
        assert_eq!(text(&told, DestinationField::Company), None);
    }

    #[test]
    fn a_hubs_reference_stands_directly_above_the_street() {
        let hub = Recipient {
            hub_reference: FieldState::value("1234567890123456"),
            address_line3: FieldState::value("Unit 9"),
            ..recipient()
        };
        let told = told(&hub, Country::GB, &NEEDS).unwrap();
        assert_eq!(text(&told, DestinationField::AddressLine1), Some("Reference #1234567890123456"));
        assert_eq!(text(&told, DestinationField::AddressLine2), Some("12 Invented Street"));
        assert_eq!(text(&told, DestinationField::AddressLine3), Some("Flat 3, Unit 9"));
    }
}
