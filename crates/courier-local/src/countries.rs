//! Names of countries for the last line of an address abroad.

use ordersync_types::Country;

/// Short English names in capitals, as post offices read them; sorted by code.
#[rustfmt::skip]
const NAMES: &[(&str, &str)] = &[
    ("AD", "ANDORRA"), ("AE", "UNITED ARAB EMIRATES"), ("AF", "AFGHANISTAN"), ("AG", "ANTIGUA AND BARBUDA"),
    ("AI", "ANGUILLA"), ("AL", "ALBANIA"), ("AM", "ARMENIA"), ("AO", "ANGOLA"), ("AQ", "ANTARCTICA"),
    ("AR", "ARGENTINA"), ("AS", "AMERICAN SAMOA"), ("AT", "AUSTRIA"), ("AU", "AUSTRALIA"), ("AW", "ARUBA"),
    ("AX", "ÅLAND ISLANDS"), ("AZ", "AZERBAIJAN"), ("BA", "BOSNIA AND HERZEGOVINA"), ("BB", "BARBADOS"),
    ("BD", "BANGLADESH"), ("BE", "BELGIUM"), ("BF", "BURKINA FASO"), ("BG", "BULGARIA"), ("BH", "BAHRAIN"),
    ("BI", "BURUNDI"), ("BJ", "BENIN"), ("BL", "SAINT BARTHÉLEMY"), ("BM", "BERMUDA"), ("BN", "BRUNEI"),
    ("BO", "BOLIVIA"), ("BQ", "CARIBBEAN NETHERLANDS"), ("BR", "BRAZIL"), ("BS", "BAHAMAS"), ("BT", "BHUTAN"),
    ("BV", "BOUVET ISLAND"), ("BW", "BOTSWANA"), ("BY", "BELARUS"), ("BZ", "BELIZE"), ("CA", "CANADA"),
    ("CC", "COCOS ISLANDS"), ("CD", "DEMOCRATIC REPUBLIC OF THE CONGO"), ("CF", "CENTRAL AFRICAN REPUBLIC"),
    ("CG", "CONGO"), ("CH", "SWITZERLAND"), ("CI", "IVORY COAST"), ("CK", "COOK ISLANDS"), ("CL", "CHILE"),
    ("CM", "CAMEROON"), ("CN", "CHINA"), ("CO", "COLOMBIA"), ("CR", "COSTA RICA"), ("CU", "CUBA"),
    ("CV", "CAPE VERDE"), ("CW", "CURAÇAO"), ("CX", "CHRISTMAS ISLAND"), ("CY", "CYPRUS"), ("CZ", "CZECH REPUBLIC"),
    ("DE", "GERMANY"), ("DJ", "DJIBOUTI"), ("DK", "DENMARK"), ("DM", "DOMINICA"), ("DO", "DOMINICAN REPUBLIC"),
    ("DZ", "ALGERIA"), ("EC", "ECUADOR"), ("EE", "ESTONIA"), ("EG", "EGYPT"), ("EH", "WESTERN SAHARA"),
    ("ER", "ERITREA"), ("ES", "SPAIN"), ("ET", "ETHIOPIA"), ("FI", "FINLAND"), ("FJ", "FIJI"),
    ("FK", "FALKLAND ISLANDS"), ("FM", "MICRONESIA"), ("FO", "FAROE ISLANDS"), ("FR", "FRANCE"), ("GA", "GABON"),
    ("GB", "UNITED KINGDOM"), ("GD", "GRENADA"), ("GE", "GEORGIA"), ("GF", "FRENCH GUIANA"), ("GG", "GUERNSEY"),
    ("GH", "GHANA"), ("GI", "GIBRALTAR"), ("GL", "GREENLAND"), ("GM", "GAMBIA"), ("GN", "GUINEA"),
    ("GP", "GUADELOUPE"), ("GQ", "EQUATORIAL GUINEA"), ("GR", "GREECE"), ("GS", "SOUTH GEORGIA"), ("GT", "GUATEMALA"),
    ("GU", "GUAM"), ("GW", "GUINEA-BISSAU"), ("GY", "GUYANA"), ("HK", "HONG KONG"),
    ("HM", "HEARD AND MCDONALD ISLANDS"), ("HN", "HONDURAS"), ("HR", "CROATIA"), ("HT", "HAITI"), ("HU", "HUNGARY"),
    ("ID", "INDONESIA"), ("IE", "IRELAND"), ("IL", "ISRAEL"), ("IM", "ISLE OF MAN"), ("IN", "INDIA"),
    ("IO", "BRITISH INDIAN OCEAN TERRITORY"), ("IQ", "IRAQ"), ("IR", "IRAN"), ("IS", "ICELAND"), ("IT", "ITALY"),
    ("JE", "JERSEY"), ("JM", "JAMAICA"), ("JO", "JORDAN"), ("JP", "JAPAN"), ("KE", "KENYA"), ("KG", "KYRGYZSTAN"),
    ("KH", "CAMBODIA"), ("KI", "KIRIBATI"), ("KM", "COMOROS"), ("KN", "SAINT KITTS AND NEVIS"), ("KP", "NORTH KOREA"),
    ("KR", "SOUTH KOREA"), ("KW", "KUWAIT"), ("KY", "CAYMAN ISLANDS"), ("KZ", "KAZAKHSTAN"), ("LA", "LAOS"),
    ("LB", "LEBANON"), ("LC", "SAINT LUCIA"), ("LI", "LIECHTENSTEIN"), ("LK", "SRI LANKA"), ("LR", "LIBERIA"),
    ("LS", "LESOTHO"), ("LT", "LITHUANIA"), ("LU", "LUXEMBOURG"), ("LV", "LATVIA"), ("LY", "LIBYA"),
    ("MA", "MOROCCO"), ("MC", "MONACO"), ("MD", "MOLDOVA"), ("ME", "MONTENEGRO"), ("MF", "SAINT MARTIN"),
    ("MG", "MADAGASCAR"), ("MH", "MARSHALL ISLANDS"), ("MK", "NORTH MACEDONIA"), ("ML", "MALI"), ("MM", "MYANMAR"),
    ("MN", "MONGOLIA"), ("MO", "MACAO"), ("MP", "NORTHERN MARIANA ISLANDS"), ("MQ", "MARTINIQUE"),
    ("MR", "MAURITANIA"), ("MS", "MONTSERRAT"), ("MT", "MALTA"), ("MU", "MAURITIUS"), ("MV", "MALDIVES"),
    ("MW", "MALAWI"), ("MX", "MEXICO"), ("MY", "MALAYSIA"), ("MZ", "MOZAMBIQUE"), ("NA", "NAMIBIA"),
    ("NC", "NEW CALEDONIA"), ("NE", "NIGER"), ("NF", "NORFOLK ISLAND"), ("NG", "NIGERIA"), ("NI", "NICARAGUA"),
    ("NL", "NETHERLANDS"), ("NO", "NORWAY"), ("NP", "NEPAL"), ("NR", "NAURU"), ("NU", "NIUE"), ("NZ", "NEW ZEALAND"),
    ("OM", "OMAN"), ("PA", "PANAMA"), ("PE", "PERU"), ("PF", "FRENCH POLYNESIA"), ("PG", "PAPUA NEW GUINEA"),
    ("PH", "PHILIPPINES"), ("PK", "PAKISTAN"), ("PL", "POLAND"), ("PM", "SAINT PIERRE AND MIQUELON"),
    ("PN", "PITCAIRN"), ("PR", "PUERTO RICO"), ("PS", "PALESTINE"), ("PT", "PORTUGAL"), ("PW", "PALAU"),
    ("PY", "PARAGUAY"), ("QA", "QATAR"), ("RE", "RÉUNION"), ("RO", "ROMANIA"), ("RS", "SERBIA"), ("RU", "RUSSIA"),
    ("RW", "RWANDA"), ("SA", "SAUDI ARABIA"), ("SB", "SOLOMON ISLANDS"), ("SC", "SEYCHELLES"), ("SD", "SUDAN"),
    ("SE", "SWEDEN"), ("SG", "SINGAPORE"), ("SH", "SAINT HELENA"), ("SI", "SLOVENIA"),
    ("SJ", "SVALBARD AND JAN MAYEN"), ("SK", "SLOVAKIA"), ("SL", "SIERRA LEONE"), ("SM", "SAN MARINO"),
    ("SN", "SENEGAL"), ("SO", "SOMALIA"), ("SR", "SURINAME"), ("SS", "SOUTH SUDAN"), ("ST", "SÃO TOMÉ AND PRÍNCIPE"),
    ("SV", "EL SALVADOR"), ("SX", "SINT MAARTEN"), ("SY", "SYRIA"), ("SZ", "ESWATINI"),
    ("TC", "TURKS AND CAICOS ISLANDS"), ("TD", "CHAD"), ("TF", "FRENCH SOUTHERN TERRITORIES"), ("TG", "TOGO"),
    ("TH", "THAILAND"), ("TJ", "TAJIKISTAN"), ("TK", "TOKELAU"), ("TL", "TIMOR-LESTE"), ("TM", "TURKMENISTAN"),
    ("TN", "TUNISIA"), ("TO", "TONGA"), ("TR", "TURKEY"), ("TT", "TRINIDAD AND TOBAGO"), ("TV", "TUVALU"),
    ("TW", "TAIWAN"), ("TZ", "TANZANIA"), ("UA", "UKRAINE"), ("UG", "UGANDA"), ("UM", "US MINOR OUTLYING ISLANDS"),
    ("US", "UNITED STATES"), ("UY", "URUGUAY"), ("UZ", "UZBEKISTAN"), ("VA", "VATICAN CITY"),
    ("VC", "SAINT VINCENT AND THE GRENADINES"), ("VE", "VENEZUELA"), ("VG", "BRITISH VIRGIN ISLANDS"),
    ("VI", "US VIRGIN ISLANDS"), ("VN", "VIETNAM"), ("VU", "VANUATU"), ("WF", "WALLIS AND FUTUNA"), ("WS", "SAMOA"),
    ("XK", "KOSOVO"), ("YE", "YEMEN"), ("YT", "MAYOTTE"), ("ZA", "SOUTH AFRICA"), ("ZM", "ZAMBIA"),
    ("ZW", "ZIMBABWE"),
];

/// The country's name in English, in capitals; its code, if it has no name here.
pub(crate) fn name(country: Country) -> &'static str {
    let found = NAMES.binary_search_by_key(&country.code(), |(code, _)| code).ok();
    found.and_then(|at| NAMES.get(at)).map_or(country.code(), |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_name() {
        let letters = || b'A'..=b'Z';
        let codes = letters().flat_map(|first| letters().map(move |second| [first, second]));
        let countries = codes.filter_map(|code| str::from_utf8(&code).unwrap().parse::<Country>().ok());
        assert_eq!(countries.inspect(|country| assert!(name(*country).len() > 2, "{country}")).count(), NAMES.len());
        assert_eq!(name(Country::GB), "UNITED KINGDOM");
        assert_eq!(name("CI".parse().unwrap()), "IVORY COAST");
    }
}
