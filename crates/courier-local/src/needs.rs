//! What a service must be told, by the country of the address. A telephone number or e-mail address is never among it.

use DestinationField::{AddressLine1, AddressLine2, AddressLine3, City, Company, Name, Postcode, Region};
use Need::{IfGiven, Never, Required};
use ordersync_courier_api::{Destination, DestinationField, Need, Needs, Problem};
use ordersync_types::Country;

type Fields = [(DestinationField, Need); 8];

const fn fields(city: Need, region: Need, postcode: Need) -> Fields {
    [
        (Name, Required),
        (Company, IfGiven),
        (AddressLine1, Required),
        (AddressLine2, IfGiven),
        (AddressLine3, IfGiven),
        (City, city),
        (Region, region),
        (Postcode, postcode),
    ]
}

const USUAL: &Fields = &fields(Required, Never, Required);
const WITH_STATE: &Fields = &fields(Required, Required, Required);
const WITH_PROVINCE: &Fields = &fields(Required, IfGiven, Required);
const WITH_COUNTY: &Fields = &fields(Required, IfGiven, IfGiven);
const ONE_TOWN: &Fields = &fields(IfGiven, Never, IfGiven);
const WITHOUT_POSTCODE: &Fields = &fields(Required, Never, IfGiven);

/// Where the state or province is part of every address (UPU, postal addressing systems, by country; read 2026-11).
const STATE: &str = "AU CA US";
/// Where it is written when it is known.
const PROVINCE: &str = "AR BR CN ES ID IN IT JP KR MX MY PH TH TR TW UA VE VN";
/// Ireland and others where a county or island helps and many addresses have no postcode.
const COUNTY: &str = "AE BS CV FJ HN IE JM KY NG PA PG";
/// Countries that are one town.
const TOWN: &str = "AI GI HK MC MO SG VA";
/// Countries without postcodes, or where few addresses have one.
const NO_POSTCODE: &str = "AG AO AW BB BF BI BJ BO BQ BW BZ CD CF CG CI CK CM CO CW DJ DM ER GA GD GH GM GN GQ GY HT \
    KI KM KN KP LC LR LY ML MR MS MW NR NU QA RW SB SC SL SO SR SS ST SX SY TD TG TK TL TO TT TV UG VC VU WS YE ZM ZW";

/// The needs for a country.
pub(crate) fn of(country: Country) -> Needs {
    let listed = |list: &str| list.split_ascii_whitespace().any(|code| code == country.code());
    let fields = if listed(STATE) {
        WITH_STATE
    } else if listed(PROVINCE) {
        WITH_PROVINCE
    } else if listed(COUNTY) {
        WITH_COUNTY
    } else if listed(TOWN) {
        ONE_TOWN
    } else if listed(NO_POSTCODE) {
        WITHOUT_POSTCODE
    } else {
        USUAL
    };
    Needs::new(fields, false)
}

/// The fields that are required and not told: a stopgap without a letter or digit, such as `-`, tells nothing.
pub(crate) fn missing(needs: Needs, to: &Destination) -> Vec<Problem> {
    let is_told = |field| to.get(field).is_some_and(|value| value.expose().chars().any(char::is_alphanumeric));
    let gaps = DestinationField::ALL.into_iter().filter(|field| needs.of(*field) == Required && !is_told(*field));
    gaps.map(Problem::missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_follow_the_country() {
        let needs = |code: &str| of(code.parse().unwrap());
        for country in ["GB", "US", "IE", "SG", "QA", "IT"] {
            assert_eq!(needs(country).of(DestinationField::Phone), Never);
            assert_eq!(needs(country).of(DestinationField::Email), Never);
            assert_eq!(needs(country).of(DestinationField::DeliveryInstructions), Never);
            assert_eq!(needs(country).of(Name), Required);
            assert!(!needs(country).customs);
        }
        assert_eq!((needs("GB").of(Region), needs("GB").of(Postcode)), (Never, Required));
        assert_eq!((needs("US").of(Region), needs("US").of(Postcode)), (Required, Required));
        assert_eq!((needs("IT").of(Region), needs("IT").of(Postcode)), (IfGiven, Required));
        assert_eq!((needs("IE").of(Region), needs("IE").of(Postcode)), (IfGiven, IfGiven));
        assert_eq!((needs("SG").of(City), needs("QA").of(Postcode)), (IfGiven, IfGiven));
    }

    #[test]
    fn lists_name_each_country_once() {
        let all: Vec<&str> = [STATE, PROVINCE, COUNTY, TOWN, NO_POSTCODE]
            .iter()
            .flat_map(|list| list.split_ascii_whitespace())
            .inspect(|code| assert!(code.parse::<Country>().is_ok(), "{code}"))
            .collect();
        let different: std::collections::BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(different.len(), all.len());
    }
}
