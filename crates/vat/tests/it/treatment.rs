//! How sales are treated: a table of order shapes.

use ordersync_order::{
    Aspect, CollectedTax, Completeness, DeliverTo, FulfilledBy, OrderFacts, Programme, RawCode, Review, Territory,
};
use ordersync_types::Country;
use ordersync_vat::{SellerTaxProfile, treat};

use crate::shop::{gbp, line, order, profile};

/// An order, a seller and the countries of Amazon's stock.
struct Case {
    facts: OrderFacts,
    profile: SellerTaxProfile,
    stock: Vec<Country>,
}

impl Case {
    fn to(country: &str, postcode: &str) -> Self {
        let mut facts = order(country, postcode);
        facts.lines = vec![line("1", 1, 1_000), line("2", 2, 500)];
        Self { facts, profile: profile(), stock: Vec::new() }
    }

    fn seller_in(mut self, territory: &str) -> Self {
        self.profile.territory = Territory::parse(territory).unwrap();
        self
    }

    fn not_registered(mut self) -> Self {
        self.profile.vat_number = None;
        self
    }

    fn by(mut self, fulfilled_by: FulfilledBy) -> Self {
        self.facts.fulfilled_by = fulfilled_by;
        self
    }

    fn fba(mut self, stock: &str) -> Self {
        self.stock = stock.split_whitespace().map(|code| code.parse().unwrap()).collect();
        self.by(FulfilledBy::Fba)
    }

    fn item_in(mut self, country: &str) -> Self {
        self.facts.lines[1].dispatched_from = Some(country.parse().unwrap());
        self
    }

    fn programme(mut self, programme: Programme) -> Self {
        self.facts.programmes.push(programme);
        self
    }

    fn at(mut self, to: DeliverTo, final_country: Option<&str>) -> Self {
        let destination = self.facts.destination.as_mut().unwrap();
        destination.to = to;
        destination.final_country = final_country.map(|code| code.parse().unwrap());
        self
    }

    fn review(mut self, aspect: Aspect) -> Self {
        self.facts.reviews.push(Review::new(aspect, "a.field", "a doubt"));
        self
    }

    /// Tax on a line: (scheme, who remits it, model).
    fn tax(mut self, lines: &[usize], scheme: &str, by: &str, model: &str) -> Self {
        for line in lines {
            self.facts.lines[*line].collected_tax.push(collected(scheme, by, model));
        }
        self
    }

    fn ebay(self, scheme: &str) -> Self {
        self.tax(&[0, 1], scheme, "EBAY", "NET")
    }

    fn amazon(self, scheme: &str) -> Self {
        self.tax(&[0, 1], scheme, "", "MARKETPLACE_FACILITATOR")
    }

    fn with(mut self, change: impl FnOnce(&mut OrderFacts)) -> Self {
        change(&mut self.facts);
        self
    }
}

fn collected(scheme: &str, by: &str, model: &str) -> CollectedTax {
    let code = |text: &str| (!text.is_empty()).then(|| RawCode::new(text));
    CollectedTax {
        kind: code("VAT"),
        money: Some(gbp(100)),
        remitted_by: code(by),
        model: code(model),
        scheme: code(scheme),
    }
}

/// `scheme from>to country`, or `missing fact`.
fn check(table: Vec<(Case, &str, &str)>) {
    for (case, expected, source) in table {
        let found = match treat(&case.facts, &case.profile, &case.stock) {
            Ok(found) => {
                assert!(!found.reason.is_empty() && !found.source.is_empty());
                let json = serde_json::to_string(&found).unwrap();
                assert_eq!(serde_json::from_str::<ordersync_vat::Treatment>(&json).unwrap(), found);
                format!("{} {}>{} {}", found.scheme.name(), found.ship_from, found.ship_to, found.vat_country)
            }
            Err(missing) => {
                assert!(!missing.reason.is_empty());
                format!("missing {}", missing.fact.name())
            }
        };
        assert_eq!(found, expected, "{source}: {:?}", case.facts.destination);
    }
}

#[test]
fn sales_within_the_united_kingdom() {
    let to = Case::to;
    check(vec![
        (to("GB", "ZX1 1AA"), "uk GB>GB GB", "VATA 1994 s.1, facts H6"),
        (to("GB", "BT1 1AA"), "uk GB>NI GB", "facts I7: Northern Ireland is within the UK"),
        (to("GB", "bt99 1aa"), "uk GB>NI GB", "facts I7, small letters"),
        (to("GB", "IM1 1AA"), "uk GB>IM GB", "Isle of Man Act 1979 s.6: one VAT area"),
        (to("IM", "IM1 1AA"), "uk GB>IM GB", "Isle of Man Act 1979 s.6, its own country code"),
        (to("IM", ""), "uk GB>IM GB", "Isle of Man Act 1979 s.6, without a postcode"),
        (to("GB", ""), "uk GB>GB GB", "no postcode: the country code alone"),
        (to("GB", "B1 1AA"), "uk GB>GB GB", "Birmingham is not Belfast"),
        (to("GB", "ZX1 1AA").seller_in("NI"), "uk NI>GB GB", "facts I7: from Northern Ireland"),
        (to("GB", "BT1 1AA").seller_in("NI"), "uk NI>NI GB", "facts I7: within Northern Ireland"),
        (to("GB", "ZX1 1AA").seller_in("IM"), "uk IM>GB GB", "Isle of Man Act 1979 s.6"),
        (to("GB", "ZX1 1AA").item_in("GB"), "uk GB>GB GB", "facts J7: UK stock"),
        (to("GB", "ZX1 1AA").item_in("IM"), "uk GB>GB GB", "facts J7: stock on the Isle of Man"),
        (to("GB", "ZX1 1AA").fba("GB"), "uk GB>GB GB", "facts H3, H6: Amazon's warehouse in the UK"),
        (to("GB", "BT1 1AA").fba("GB").seller_in("NI"), "uk GB>NI GB", "Amazon's stock is in Great Britain"),
        (to("GB", "ZX1 1AA").at(DeliverTo::PickupPoint, None), "uk GB>GB GB", "a locker is an address"),
        (to("GB", "ZX1 1AA").at(DeliverTo::Shop, None), "uk GB>GB GB", "facts B1: collected"),
        (to("GB", "ZX1 1AA").programme(Programme::InStorePickup), "uk GB>GB GB", "facts B1: collected"),
        (
            to("GB", "ZX1 1AA").programme(Programme::Business),
            "uk GB>GB GB",
            "a business buyer in the UK changes nothing",
        ),
        (to("GB", "ZX1 1AA").at(DeliverTo::Hub, Some("GB")), "uk GB>GB GB", "authenticated for a buyer in the UK"),
    ]);
}

#[test]
fn exports() {
    let to = Case::to;
    check(vec![
        (to("GB", "JE2 3AB"), "export GB>JE JE", "issue: JE postcodes are not domestic whatever the country code"),
        (to("GB", "je2 3ab"), "export GB>JE JE", "issue: small letters"),
        (to("GB", "GY1 1AA"), "export GB>GG GG", "issue: GY postcodes are not domestic"),
        (to("GB", "GY9 3AA"), "export GB>GG GG", "issue: Alderney and Sark have GY postcodes"),
        (to("JE", "JE2 3AB"), "export GB>JE JE", "VATA 1994 s.30(6)"),
        (to("GG", ""), "export GB>GG GG", "VATA 1994 s.30(6)"),
        (to("GB", "JE2 3AB").seller_in("NI"), "export NI>JE JE", "VATA 1994 s.30(6): Jersey is no member state"),
        (to("IE", "D01 AA11"), "export GB>IE IE", "facts I7: GB to EU is an export"),
        (to("IE", "BT1 1AA"), "export GB>IE IE", "a postcode counts within the British Isles only"),
        (to("DE", "10115"), "export GB>DE DE", "facts I7, I8"),
        (to("FR", "75001"), "export GB>FR FR", "facts I7, I8"),
        (to("US", "10001"), "export GB>US US", "facts I8"),
        (to("NO", "0150"), "export GB>NO NO", "facts I8"),
        (to("CH", "8001"), "export GB>CH CH", "facts I8"),
        (to("GI", ""), "export GB>GI GI", "Gibraltar is outside the UK's VAT area"),
        (to("NI", "11001"), "export GB>NIC NI", "ISO 3166: Nicaragua is not Northern Ireland"),
        (to("NI", "BT1 1AA"), "export GB>NIC NI", "Nicaragua with a postcode of Belfast"),
        (to("NI", "11001").seller_in("NI"), "export NI>NIC NI", "from Northern Ireland to Nicaragua"),
        (to("US", "10001").seller_in("NI"), "export NI>US US", "facts I7: outside the EU"),
        (to("AX", "").seller_in("NI"), "export NI>AX AX", "Directive 2006/112/EC art. 6: Åland is outside EU VAT"),
        (to("GP", "").seller_in("NI"), "export NI>GP GP", "Directive 2006/112/EC art. 6: so is Guadeloupe"),
        (to("DE", "10115").seller_in("IM"), "export IM>DE DE", "facts I8"),
        (to("DE", "10115").fba("GB"), "export GB>DE DE", "facts I8: from Amazon's stock in the UK"),
        (to("DE", "10115").fba("GB").seller_in("NI"), "export GB>DE DE", "the stock is in Great Britain"),
        (to("GB", "ZX1 1AA").at(DeliverTo::Hub, Some("US")), "export GB>US US", "the buyer behind the hub"),
        (
            to("GB", "ZX1 1AA").programme(Programme::ExportHub).at(DeliverTo::Address, Some("AU")),
            "export GB>AU AU",
            "the buyer behind the hub",
        ),
        (to("GB", "ZX1 1AA").at(DeliverTo::Hub, Some("JE")), "export GB>JE JE", "Jersey behind the hub"),
    ]);
}

#[test]
fn sales_whose_tax_the_marketplace_remits() {
    let to = Case::to;
    check(vec![
        (to("GB", "ZX1 1AA").ebay(""), "mp_deemed GB>GB GB", "facts J5: eBay collects VAT"),
        (to("DE", "10115").ebay("IOSS"), "mp_deemed GB>DE DE", "facts J5"),
        (to("FR", "75001").ebay("OSS"), "mp_deemed GB>FR FR", "facts J5"),
        (to("NO", "0150").ebay("VOEC"), "mp_deemed GB>NO NO", "facts J5, ebay.md"),
        (to("GB", "JE2 3AB").ebay(""), "mp_deemed GB>JE JE", "ebay.md: GST of Jersey"),
        (to("DE", "10115").amazon("IOSS"), "mp_deemed GB>DE DE", "facts J2"),
        (to("DE", "10115").amazon("UOSS"), "mp_deemed GB>DE DE", "facts J2"),
        (to("GB", "ZX1 1AA").amazon(""), "mp_deemed GB>GB GB", "facts J2: a model alone"),
        (
            to("GB", "ZX1 1AA").tax(&[0, 1], "", "Amazon Services, Inc.", ""),
            "mp_deemed GB>GB GB",
            "facts J2: a responsible party alone",
        ),
        (
            to("DE", "10115").tax(&[0, 1], "UOSS", "", ""),
            "mp_deemed GB>DE DE",
            "facts J2: the deemed reseller category",
        ),
        (to("DE", "10115").amazon("IOSS").fba("GB"), "mp_deemed GB>DE DE", "facts H4: goods in the UK"),
        (to("DE", "10115").amazon("IOSS").not_registered(), "mp_deemed GB>DE DE", "facts J5: before all else"),
        (to("DE", "10115").seller_in("NI").ebay("OSS"), "mp_deemed NI>DE DE", "facts J5: eBay owes the VAT"),
        (
            to("DE", "10115").with(|facts| facts.collected_tax = vec![collected("IOSS", "EBAY", "NET")]),
            "mp_deemed GB>DE DE",
            "facts J5: on the order as a whole",
        ),
        (
            to("DE", "10115").tax(&[0], "IOSS", "EBAY", "NET").with(|facts| facts.lines[1].quantity = 0),
            "mp_deemed GB>DE DE",
            "the line without tax was cancelled",
        ),
        (to("DE", "10115").tax(&[0], "IOSS", "EBAY", "NET"), "missing buyer", "some of the lines: a person looks"),
        (to("DE", "10115").tax(&[1], "", "", "MARKETPLACE_FACILITATOR"), "missing buyer", "some of the lines"),
        (to("DE", "10115").tax(&[0, 1], "XOSS", "", ""), "missing buyer", "a scheme that nothing explains"),
        (to("GB", "ZX1 1AA").tax(&[0], "", "", ""), "missing buyer", "tax is named, and not who remits it"),
        (to("DE", "10115").amazon("IOSS").fba("GB DE"), "missing stock", "facts H4: zero-rated or outside the scope"),
    ]);
}

#[test]
fn sellers_who_are_not_registered() {
    let to = |country, postcode| Case::to(country, postcode).not_registered();
    check(vec![
        (to("GB", "ZX1 1AA"), "none GB>GB GB", "facts E3, A6"),
        (to("GB", "JE2 3AB"), "none GB>JE JE", "facts E3"),
        (to("DE", "10115"), "none GB>DE DE", "facts E3"),
        (to("DE", "10115").seller_in("NI"), "none NI>DE DE", "facts E3, I7: no VAT number, no One Stop Shop"),
        (to("GB", "ZX1 1AA").fba("GB"), "none GB>GB GB", "facts E3"),
        (to("GB", "ZX1 1AA").fba("DE"), "missing stock", "a stock abroad needs a registration there"),
    ]);
}

#[test]
fn what_is_missing() {
    let to = Case::to;
    let uk = || Case::to("GB", "ZX1 1AA");
    check(vec![
        (to("DE", "10115").seller_in("NI"), "missing buyer", "facts I7: One Stop Shop, or the buyer's VAT number"),
        (to("IE", "").seller_in("NI"), "missing buyer", "facts I7"),
        (to("GR", "").seller_in("NI"), "missing buyer", "facts I7: Greece is GR in ISO 3166"),
        (to("MC", "").seller_in("NI"), "missing buyer", "Directive 2006/112/EC art. 7: Monaco goes with France"),
        (to("GB", "ZX1 1AA").seller_in("NI").at(DeliverTo::Hub, Some("DE")), "missing buyer", "facts I7 behind a hub"),
        (uk().seller_in("DE"), "missing stock", "issue: sellers established in the UK"),
        (uk().seller_in("JE"), "missing stock", "issue: Jersey is not the UK"),
        (uk().seller_in("NIC"), "missing stock", "Nicaragua is not Northern Ireland"),
        (uk().seller_in("US").fba("GB"), "missing stock", "facts H3: a warehouse is no establishment"),
        (uk().item_in("CN"), "missing stock", "facts H1: goods outside the UK"),
        (uk().item_in("DE"), "missing stock", "facts J7: EU stock"),
        (uk().item_in("JE"), "missing stock", "Jersey is outside the UK's VAT area"),
        (uk().item_in("NI"), "missing stock", "Nicaragua is not Northern Ireland"),
        (uk().item_in("DE").fba("GB"), "missing stock", "the listing and the account do not agree"),
        (uk().fba(""), "missing stock", "FBA, no country stated"),
        (uk().fba("GB DE"), "missing stock", "FBA, several countries"),
        (uk().fba("GB DE FR IT ES PL CZ"), "missing stock", "FBA, Pan-European"),
        (uk().fba("DE"), "missing stock", "FBA, a foreign country"),
        (uk().fba("NI"), "missing stock", "FBA, Nicaragua"),
        (uk().by(FulfilledBy::Marketplace(RawCode::new("FULFILLED_BY_EBAY"))), "missing stock", "eBay's own service"),
        (uk().by(FulfilledBy::NotStated), "missing stock", "who sends it is not stated"),
        (uk().by(FulfilledBy::Unknown(RawCode::new("DRONE"))), "missing stock", "who sends it is not known"),
        (uk().at(DeliverTo::Hub, None), "missing destination", "a hub, and no final country"),
        (uk().programme(Programme::ExportHub), "missing destination", "a hub by its programme"),
        (uk().programme(Programme::Authentication), "missing destination", "an authenticator"),
        (uk().programme(Programme::Vault), "missing destination", "a vault"),
        (uk().with(|facts| facts.destination = None), "missing destination", "no address"),
        (to("US", "10001").at(DeliverTo::Shop, None), "missing destination", "VATA 1994 s.30(8): handed over here?"),
        (to("DE", "").programme(Programme::InStorePickup), "missing destination", "handed over here?"),
        (uk().programme(Programme::InvoiceByMarketplace), "missing buyer", "INVOICE_BY_AMAZON: another buyer"),
        (uk().programme(Programme::Digital), "missing product", "VATA 1994 s.7A: a service, not goods"),
        (uk().review(Aspect::Tax), "missing order", "a doubt about tax"),
        (uk().review(Aspect::Shipping), "uk GB>GB GB", "a doubt about shipping holds the label only"),
        (uk().review(Aspect::Info), "uk GB>GB GB", "a note holds nothing"),
        (
            uk().with(|facts| facts.completeness = Completeness::AddressOnly),
            "missing order",
            "the address alone: no amounts",
        ),
        (uk().programme(Programme::InvoiceByMarketplace).review(Aspect::Tax), "missing order", "the order comes first"),
        (uk().ebay("").review(Aspect::Tax), "missing order", "the order comes first"),
        (uk().ebay("").by(FulfilledBy::NotStated), "missing stock", "facts H4: in the UK or not?"),
    ]);
}
