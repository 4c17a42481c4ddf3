//! Town, region and postcode as the post of their country writes them (libaddressinput's formats by country; read 2026-11).

use ordersync_courier_api::{Destination, DestinationField as Field};
use ordersync_types::{Country, Pii};

/// Where the postcode stands before the town, on one line.
const POSTCODE_FIRST: &str = "AD AR AT AX AZ BA BE BG BL BY CH CL CV CY CZ DE DK DO DZ EC EE EH ES ET FI FO FR GE GF GL GN GP GR \
    GT GW HR HT IL IS IT KG KW LA LI LR LT LU MA MC MD ME MF MG MK MQ MX MY MZ NC NE NL NO NP PF PL PM PT PY RE RO RS \
    SE SI SJ SK SM SN SV TJ TM TN TR TZ UY UZ VA WF YT ZM";

/// A town that is longer than towns are has lines of its own, where it can be wrapped.
const MOST_ON_ONE_LINE: usize = 60;

/// A line of the address, in the town's part of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PlaceLine {
    /// What it is called when it does not fit.
    pub(crate) field: &'static str,
    pub(crate) words: Pii<String>,
    /// It holds the postcode, which is set larger.
    pub(crate) postcode: bool,
}

/// The lines after the street, the town in capitals.
pub(crate) fn lines(to: &Destination) -> Vec<PlaceLine> {
    let town = to.get(Field::City).map(|town| capitals(town, to.country));
    let (region, postcode) = (to.get(Field::Region), to.get(Field::Postcode));
    let alone = |field: Field, words: &Pii<String>| PlaceLine {
        field: field.name(),
        words: words.clone(),
        postcode: field == Field::Postcode,
    };
    if let (Some(town), Some(postcode)) = (&town, postcode)
        && is_listed(POSTCODE_FIRST, to.country)
    {
        let mut words = format!("{} {}", postcode.expose(), town.expose());
        let beside = region.filter(|_| between_town_and_region(to.country).is_some());
        if let (Some(region), Some(between)) = (beside, between_town_and_region(to.country)) {
            words.push_str(between);
            words.push_str(region.expose());
        }
        let below = region.filter(|_| beside.is_none()).map(|region| alone(Field::Region, region));
        if words.chars().count() <= MOST_ON_ONE_LINE {
            let line = PlaceLine { field: Field::City.name(), words: Pii::new(words), postcode: true };
            return std::iter::once(line).chain(below).collect();
        }
    }
    let parts = [
        town.as_ref().map(|town| alone(Field::City, town)),
        region.map(|region| alone(Field::Region, region)),
        postcode.map(|postcode| alone(Field::Postcode, postcode)),
    ];
    parts.into_iter().flatten().collect()
}

/// Jersey, Guernsey and the Isle of Man have postcodes of the British system.
pub(crate) fn is_island_of_british_post(country: Country) -> bool {
    is_listed("GG IM JE", country)
}

fn is_listed(list: &str, country: Country) -> bool {
    list.split_ascii_whitespace().any(|code| code == country.code())
}

/// What stands between town and region where both are on the postcode's line.
fn between_town_and_region(country: Country) -> Option<&'static str> {
    match country.code() {
        "EE" | "ES" | "IT" => Some(" "),
        "MX" => Some(", "),
        "TR" => Some("/"),
        _ => None,
    }
}

/// A town in capitals: a Turkish i keeps its dot, Greek capitals have no accent, an Armenian ligature is two letters, and
/// Georgian has no capitals that people write.
fn capitals(town: &Pii<String>, country: Country) -> Pii<String> {
    let dotted = is_listed("TR AZ", country);
    let mut capitals = String::with_capacity(town.expose().len());
    for character in town.expose().chars() {
        match character {
            'i' if dotted => capitals.push('İ'),
            'ά' | 'Ά' => capitals.push('Α'),
            'έ' | 'Έ' => capitals.push('Ε'),
            'ή' | 'Ή' => capitals.push('Η'),
            'ί' | 'Ί' => capitals.push('Ι'),
            'ό' | 'Ό' => capitals.push('Ο'),
            'ύ' | 'Ύ' => capitals.push('Υ'),
            'ώ' | 'Ώ' => capitals.push('Ω'),
            'ΐ' => capitals.push('Ϊ'),
            'ΰ' => capitals.push('Ϋ'),
            'և' => capitals.push_str("ԵՎ"),
            '\u{10D0}'..='\u{10FF}' => capitals.push(character),
            other => capitals.extend(other.to_uppercase()),
        }
    }
    Pii::new(capitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn towns_are_in_capitals_of_their_language() {
        let upper =
            |town: &str, country: &str| capitals(&Pii::new(town.to_owned()), country.parse().unwrap()).expose().clone();
        assert_eq!(upper("izmir", "TR"), "İZMİR");
        assert_eq!(upper("Ilford", "GB"), "ILFORD");
        assert_eq!(upper("Gießen", "DE"), "GIESSEN");
        assert_eq!(upper("Łódź", "PL"), "ŁÓDŹ");
        assert_eq!(upper("Θεσσαλονίκη", "GR"), "ΘΕΣΣΑΛΟΝΙΚΗ");
        assert_eq!(upper("Ροΐτικα", "GR"), "ΡΟΪΤΙΚΑ");
        assert_eq!(upper("Երևան", "AM"), "ԵՐԵՎԱՆ");
        assert_eq!(upper("თბილისი", "GE"), "თბილისი");
    }

    fn written(country: &str, region: Option<&str>) -> Vec<String> {
        let mut to = Destination::new(country.parse().unwrap());
        to.tell(Field::City, Pii::new("Townham".to_owned()));
        to.tell(Field::Postcode, Pii::new("12345".to_owned()));
        if let Some(region) = region {
            to.tell(Field::Region, Pii::new(region.to_owned()));
        }
        lines(&to).iter().map(|line| line.words.expose().clone()).collect()
    }

    #[test]
    fn the_postcode_stands_where_its_country_has_it() {
        for country in ["DE", "FR", "NL", "PL", "SE", "NO", "DK", "FI", "AT", "CH", "BE", "PT"] {
            assert_eq!(written(country, None), ["12345 TOWNHAM"], "{country}");
        }
        assert_eq!(written("IT", Some("RM")), ["12345 TOWNHAM RM"]);
        assert_eq!(written("IT", None), ["12345 TOWNHAM"]);
        assert_eq!(written("MX", Some("Jal.")), ["12345 TOWNHAM, Jal."]);
        assert_eq!(written("AR", Some("Salta")), ["12345 TOWNHAM", "Salta"]);
        for country in ["GB", "IE", "US", "AU", "CA"] {
            assert_eq!(written(country, Some("Shire")), ["TOWNHAM", "Shire", "12345"], "{country}");
        }
    }
}
