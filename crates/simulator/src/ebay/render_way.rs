//! How the goods reach the buyer, as eBay's contract writes it.

use serde_json::{Value, json};

use super::plan::{Plan, Way};
use super::state::State;
use crate::fields::object;
use crate::goods::iso;
use crate::people::{Person, PostalAddress};

/// Addresses of firms that stand where a buyer's would: nobody's personal data.
pub(super) const PREMISES: [&str; 9] = [
    "Unit 7 Transit Park",
    "Nether Wallow",
    "ZX1 9HB",
    "Bay 2 Assay Court",
    "Marrow Cross",
    "ZX2 4AU",
    "31 Fetchers Row",
    "Upper Thrum",
    "ZX3 6CC",
];

/// The one entry of `fulfillmentStartInstructions`.
pub(super) fn instructions(plan: &Plan, state: &State) -> Value {
    let person = &plan.recipient;
    let place = if state.address_changed.is_some() { &person.second_address } else { &person.address };
    let to_recipient = || contact(person, place, plan.business, plan.oddity);
    let company = |index: usize, name: &str| premises(person, index, name);
    let (kind, ship_to, reference, pickup) = match plan.way {
        Way::ShipTo => ("SHIP_TO", Some(to_recipient()), None, None),
        Way::SellerDefined => ("SELLER_DEFINED", Some(to_recipient()), None, None),
        Way::Digital => {
            ("DIGITAL", Some(contact(&plan.buyer, &plan.buyer.address, plan.business, plan.oddity)), None, None)
        }
        Way::Hub => ("SHIP_TO", Some(company(0, "")), Some(plan.sayings.hub_reference.clone()), None),
        Way::Authenticator => ("SHIP_TO", Some(company(3, "Assay Authentication Ltd")), None, None),
        Way::ClickAndCollect => ("PREPARE_FOR_PICKUP", Some(company(6, "Fetchers Stores")), None, None),
        Way::InStore => ("PREPARE_FOR_PICKUP", None, None, Some(json!({"merchantLocationKey": "wallow-yard"}))),
        Way::ByEbay => ("FULFILLED_BY_EBAY", None, None, None),
    };
    let supported = matches!(plan.way, Way::Hub | Way::Authenticator);
    let step = object([
        ("shipTo", ship_to),
        ("shippingCarrierCode", (plan.oddity % 6 != 1).then(|| json!(plan.site.carrier))),
        ("shippingServiceCode", Some(json!(plan.site.service))),
        ("shipToReferenceId", reference.map(|reference| json!(reference))),
    ]);
    let estimated = plan.way != Way::Digital;
    json!([object([
        ("fulfillmentInstructionsType", Some(json!(kind))),
        ("minEstimatedDeliveryDate", estimated.then(|| json!(iso(plan.deliver_from)))),
        ("maxEstimatedDeliveryDate", estimated.then(|| json!(iso(plan.deliver_by)))),
        // Documented as "only if true", and sent as false all the same.
        ("ebaySupportedFulfillment", Some(json!(supported))),
        ("finalDestinationAddress", supported.then(|| address(place))),
        ("pickupStep", pickup),
        ("shippingStep", (plan.way != Way::InStore).then_some(step)),
    ])])
}

/// A person where they live, as `ExtendedContact`. Without a telephone number the container is there and empty.
pub(super) fn contact(person: &Person, place: &PostalAddress, business: bool, oddity: u64) -> Value {
    let phone = if oddity % 9 == 4 { json!({}) } else { json!({"phoneNumber": person.phone}) };
    object([
        ("fullName", Some(json!(person.name))),
        ("companyName", business.then(|| json!(person.company))),
        ("contactAddress", Some(address(place))),
        ("primaryPhone", Some(phone)),
        ("email", Some(json!(person.ebay_email()))),
    ])
}

/// A firm's premises with the recipient's name; `first` is where its three texts begin among [`PREMISES`].
fn premises(person: &Person, first: usize, company: &str) -> Value {
    let text = |at: usize| json!(PREMISES.get(first + at).copied().unwrap_or_default());
    object([
        ("fullName", Some(json!(person.name))),
        ("companyName", (!company.is_empty()).then(|| json!(company))),
        (
            "contactAddress",
            Some(json!({
                "addressLine1": text(0),
                "city": text(1),
                "postalCode": text(2),
                "countryCode": "GB",
            })),
        ),
        ("primaryPhone", Some(json!({}))),
        ("email", Some(json!(person.ebay_email()))),
    ])
}

fn address(place: &PostalAddress) -> Value {
    object([
        ("addressLine1", Some(json!(place.line1))),
        ("addressLine2", place.line2.as_ref().or(place.line3.as_ref()).map(|line| json!(line))),
        ("city", Some(json!(place.town))),
        ("stateOrProvince", place.region.as_ref().map(|region| json!(region))),
        ("county", place.region.as_ref().filter(|_| place.country == "GB").map(|region| json!(region))),
        ("postalCode", Some(json!(place.postcode))),
        ("countryCode", Some(json!(place.country))),
    ])
}
