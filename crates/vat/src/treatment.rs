//! Whose VAT a sale is, and which: the decision, with its reason and source. What is not decided here is a missing fact.

use ordersync_order::{Aspect, CollectedTax, Completeness, DeliverTo, FulfilledBy, OrderFacts, Programme, Territory};
use ordersync_types::Country;
use serde::{Deserialize, Serialize};

use crate::{Missing, MissingFact, SellerTaxProfile};

/// Under which rules a sale is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// The United Kingdom's own VAT.
    Uk,
    /// The goods leave the United Kingdom.
    Export,
    /// The marketplace is the deemed supplier and remits the VAT.
    MarketplaceDeemed,
    /// No VAT: the seller is not registered.
    NotRegistered,
}

impl Scheme {
    /// The word in the daybook (accounting-exports section 12).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uk => "uk",
            Self::Export => "export",
            Self::MarketplaceDeemed => "mp_deemed",
            Self::NotRegistered => "none",
        }
    }

    /// The scheme with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Uk, Self::Export, Self::MarketplaceDeemed, Self::NotRegistered]
            .into_iter()
            .find(|scheme| scheme.name() == name)
    }
}

/// How a sale is treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    /// Under which rules.
    pub scheme: Scheme,
    /// Where the goods left from: `GB`, `NI`, `IM`.
    pub ship_from: Territory,
    /// Where they go: a territory's code.
    pub ship_to: Territory,
    /// Whose VAT it would be: an ISO country code.
    pub vat_country: Country,
    /// Why, in words.
    pub reason: String,
    /// Where that stands.
    pub source: String,
}

/// Where Amazon's warehouses hold the account's stock, as the seller has stated it; empty: not stated.
pub type StockCountries = [Country];

const GB: Country = Country::GB;

/// Decides how a sale is treated.
///
/// # Errors
/// The [`Missing`] fact that a person must look at first: anything but a seller established in the United Kingdom with
/// its stock there, a sale the marketplace remits VAT for, or an export.
pub fn treat(facts: &OrderFacts, profile: &SellerTaxProfile, stock: &StockCountries) -> Result<Treatment, Missing> {
    readable(facts)?;
    let ship_to = destination(facts)?;
    let ship_from = stock_of(facts, profile, stock)?;
    let within_uk = is_united_kingdom(ship_to);
    let vat_country = if within_uk { GB } else { country_of(ship_to)? };
    let treated = |scheme, reason: String, source: &str| Treatment {
        scheme,
        ship_from,
        ship_to,
        vat_country,
        reason,
        source: source.to_owned(),
    };
    if let Some(remitted) = remitted(facts)? {
        let (name, scheme) = (remitted.remitted_by.as_ref(), remitted.scheme.as_ref());
        let by = name.map_or("the marketplace", |code| code.as_str());
        let under = scheme.map(|code| format!(" under {code}")).unwrap_or_default();
        let reason = format!("{by} collects and remits the tax{under}: a zero-rated supply to the marketplace");
        return Ok(treated(Scheme::MarketplaceDeemed, reason, "VATA 1994 s.5A; facts H1, H4, J5"));
    }
    if profile.vat_number.is_none() {
        let reason = "the seller is not registered for VAT: no VAT is charged".to_owned();
        return Ok(treated(Scheme::NotRegistered, reason, "VATA 1994 Sch. 1; facts E3, A6"));
    }
    if within_uk {
        let reason = format!("goods from {ship_from} to {ship_to}: within the United Kingdom's VAT area");
        return Ok(treated(Scheme::Uk, reason, "VATA 1994 s.1; facts H6, J7"));
    }
    if ship_from == Territory::NORTHERN_IRELAND && is_member_state(ship_to) {
        let reason = format!(
            "goods from Northern Ireland to {ship_to} are no export: which VAT is due depends on the One Stop Shop and on \
             the buyer's VAT number"
        );
        return Err(Missing::new(MissingFact::Buyer, reason));
    }
    let reason = match ship_to.code() {
        "JE" | "GG" => format!("goods from {ship_from} to {ship_to}: outside the United Kingdom's VAT area, an export"),
        _ => format!("goods leave the United Kingdom for {ship_to}: an export, zero-rated while proof of it is kept"),
    };
    Ok(treated(Scheme::Export, reason, "VATA 1994 s.30(6); facts I8, J7"))
}

/// What the order itself says must be looked at first.
fn readable(facts: &OrderFacts) -> Result<(), Missing> {
    if facts.completeness == Completeness::AddressOnly {
        let reason = "only its address is known yet: the marketplace has not given its amounts";
        return Err(Missing::new(MissingFact::Order, reason));
    }
    let doubts: Vec<String> = facts
        .reviews
        .iter()
        .filter(|review| review.aspect == Aspect::Tax)
        .map(|review| match &review.code {
            Some(code) => format!("{}: {} ({code})", review.field, review.reason),
            None => format!("{}: {}", review.field, review.reason),
        })
        .collect();
    if !doubts.is_empty() {
        return Err(Missing::new(MissingFact::Order, doubts.join("; ")));
    }
    if facts.programmes.contains(&Programme::InvoiceByMarketplace) {
        let reason = "the marketplace is the buyer of record and invoices the customer: your invoice goes to the \
                      marketplace, never to the customer";
        return Err(Missing::new(MissingFact::Buyer, reason));
    }
    if facts.programmes.contains(&Programme::Digital) {
        let reason = "nothing is posted: VAT of what is delivered online is not decided here";
        return Err(Missing::new(MissingFact::Product, reason));
    }
    Ok(())
}

/// The territory where the goods end their journey, as far as VAT cares.
fn destination(facts: &OrderFacts) -> Result<Territory, Missing> {
    let Some(destination) = &facts.destination else {
        return Err(Missing::new(MissingFact::Destination, "the marketplace does not say where it goes"));
    };
    if let Some(country) = destination.final_country.filter(|country| *country != destination.country) {
        return Ok(Territory::of(country, ""));
    }
    let is_hub = destination.to == DeliverTo::Hub
        || [Programme::ExportHub, Programme::Authentication, Programme::Vault]
            .iter()
            .any(|programme| facts.programmes.contains(programme));
    if is_hub && destination.final_country.is_none() {
        let reason = "it goes to the marketplace's hub, and the buyer's own country is not stated";
        return Err(Missing::new(MissingFact::Destination, reason));
    }
    let is_fetched = destination.to == DeliverTo::Shop || facts.programmes.contains(&Programme::InStorePickup);
    if is_fetched && !is_united_kingdom(destination.territory) {
        let reason = format!(
            "the buyer fetches it from a shop, and the address is in {}: whether the goods leave the country is not stated",
            destination.territory
        );
        return Err(Missing::new(MissingFact::Destination, reason));
    }
    Ok(destination.territory)
}

/// Where the goods leave from.
fn stock_of(facts: &OrderFacts, profile: &SellerTaxProfile, stock: &StockCountries) -> Result<Territory, Missing> {
    let missing = |reason: String| Err(Missing::new(MissingFact::Stock, reason));
    if !is_united_kingdom(profile.territory) {
        return missing(format!("the business is in {}: only the United Kingdom's VAT is built", profile.territory));
    }
    let home = |country: Country| matches!(country.code(), "GB" | "IM");
    let abroad = facts.lines.iter().filter_map(|line| line.dispatched_from).find(|country| !home(*country));
    if let Some(country) = abroad {
        return missing(format!("the item is in {country} by its listing: goods from abroad are not decided here"));
    }
    match &facts.fulfilled_by {
        FulfilledBy::Merchant => Ok(profile.territory),
        FulfilledBy::Fba => match stock {
            [only] if *only == GB => Ok(Territory::GREAT_BRITAIN),
            [only] => missing(format!("Amazon sends it from {only}: VAT of a stock abroad is not decided here")),
            [] => missing("Amazon sends it, and the account does not say in which countries your stock is".to_owned()),
            several => {
                let list: Vec<&str> = several.iter().map(|country| country.code()).collect();
                missing(format!("Amazon sends it from one of {}: which is not stated", list.join(", ")))
            }
        },
        FulfilledBy::Marketplace(code) => missing(format!("the marketplace's own service ({code}) sends it")),
        FulfilledBy::NotStated => missing("who sends it is not stated".to_owned()),
        FulfilledBy::Unknown(code) => missing(format!("who sends it is not known ({code})")),
    }
}

/// The tax that the marketplace remits; an error when it does for some lines only, or when tax is named of which nothing
/// tells who remits it.
fn remitted(facts: &OrderFacts) -> Result<Option<&CollectedTax>, Missing> {
    let sold = || facts.lines.iter().filter(|line| line.quantity > 0);
    let named = facts.collected_tax.iter().chain(sold().flat_map(|line| &line.collected_tax));
    let of_order = facts.collected_tax.iter().find(|tax| is_remitted(tax));
    let of_lines = || sold().map(|line| line.collected_tax.iter().find(|tax| is_remitted(tax)));
    let some = of_lines().flatten().next();
    if of_order.is_none() && some.is_some() && of_lines().any(|tax| tax.is_none()) {
        let reason = "the marketplace remits tax on some of its lines and not on others";
        return Err(Missing::new(MissingFact::Buyer, reason));
    }
    let remitted = of_order.or(some);
    if remitted.is_none() && named.count() > 0 {
        let reason = "the marketplace names tax or a scheme, and not who remits it";
        return Err(Missing::new(MissingFact::Buyer, reason));
    }
    Ok(remitted)
}

/// A scheme's name alone says nothing about who pays: Amazon names one only where it is the deemed supplier, and then
/// gives a model or a party too, or at least the scheme of deemed suppliers (facts J2).
fn is_remitted(tax: &CollectedTax) -> bool {
    tax.remitted_by.is_some()
        || tax.model.is_some()
        || tax.scheme.as_ref().is_some_and(|scheme| matches!(scheme.as_str(), "UOSS" | "IOSS" | "OSS" | "VOEC"))
}

fn is_united_kingdom(territory: Territory) -> bool {
    matches!(territory.code(), "GB" | "NI" | "IM")
}

fn country_of(territory: Territory) -> Result<Country, Missing> {
    let code = if territory.code() == "NIC" { "NI" } else { territory.code() };
    code.parse().map_err(|_| Missing::new(MissingFact::Destination, format!("{code} is no country")))
}

/// Member states of the European Union, by ISO code; Monaco goes with France for VAT (Directive 2006/112/EC art. 7).
fn is_member_state(territory: Territory) -> bool {
    const STATES: &str = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";
    STATES.split(' ').any(|state| state == territory.code())
}
