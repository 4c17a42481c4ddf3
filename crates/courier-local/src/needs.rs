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
const ONE_TOWN: &Fields = &fields(IfGiven, IfGiven, IfGiven);
const WITHOUT_POSTCODE: &Fields = &fields(Required, Never, IfGiven);

// Which parts an address has follows libaddressinput's metadata (formats and required fields by country; read 2026-11); where
// it requires a province that orders often lack, the province is told when it is known, and no parcel waits for it.

/// Where the state is part of every address.
const STATE: &str = "AU CA US";
/// Where a state, province or island is written when it is known.
const PROVINCE: &str = "AS BR CN EE ES FM IN IT JP KR LT LV MH MP MX MY PF PW RO RU TR TW UA VI";
/// The same, where addresses may do without a postcode.
const COUNTY: &str = "AE AM AR BB BS BY CC CL CO CR CU CV CX EG FJ HN ID IE IQ IR JM KI KN KP KY KZ MN MZ NF NG NI NR PA \
    PE PG PH SC SO SR SV TH TV UY UZ VE VN";
/// Countries that are one town.
const TOWN: &str = "AG AI GI HK MC MO SG VA VG";
/// Countries without postcodes, or where addresses may do without.
const NO_POSTCODE: &str = "AD AF AL AO AQ AW AZ BA BD BF BG BH BI BJ BM BN BO BQ BT BV BW BZ CD CF CG CI CK CM CW CY DJ DM DO \
    DZ EC EH ER ET FO GA GD GE GH GM GN GQ GT GW GY HR HT IL IS JO KE KG KH KM KW LA LB LC LK LR LS LY \
    MA MD ME MG MK ML MM MR MS MT MU MV MW NA NE NP NU OM PK PS PY QA RS RW SA SB SD SI SL SN SS ST SX \
    SY SZ TD TF TG TJ TK TL TM TN TO TT TZ UG VC VU WS YE ZM ZW";

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
        assert_eq!((needs("CO").of(Region), needs("EG").of(Postcode)), (IfGiven, IfGiven));
        assert_eq!((needs("DE").of(Region), needs("DE").of(Postcode)), (Never, Required));
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
