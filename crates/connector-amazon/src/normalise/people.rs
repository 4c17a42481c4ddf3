//! The people of an order, and where it goes.
//!
//! They are kept only while the seller has something to pack: an order that Amazon packs, or that has left, or that
//! is not paid or is cancelled, brings no person in. What stays open is the country and the tax territory.

use ordersync_order::{Aspect, Buyer, DeliverTo, Destination, FulfilledBy, LineNote, OrderStatus, People};
use ordersync_order::{Programme, Recipient, Territory};
use ordersync_types::{Country, FieldState, Pii, Withheld};

use super::reading::{Path, Reading, given};
use super::status::is_waiting;
use crate::dto;

/// What a seller must do when Amazon leaves the address out.
pub(crate) const ROLE_MISSING: &str = "Amazon gave neither name nor street: the app lacks the role \
    'Direct-to-Consumer Shipping (Restricted)'. Ask for the role in Seller Central, add it to the app, authorise the \
    app again, and read the order again";

/// Where an order goes, without an address.
pub(super) fn destination(
    reading: &mut Reading<'_>,
    recipient: Option<&dto::Recipient<'_>>,
    programmes: &[Programme],
) -> Option<Destination> {
    let address = recipient?.delivery_address.as_ref()?;
    let path = Path::of_order("recipient.deliveryAddress");
    let to = if programmes.contains(&Programme::InStorePickup) {
        DeliverTo::Shop
    } else {
        match given(address.address_type.as_ref()) {
            None => DeliverTo::Address,
            Some("RESIDENTIAL") => DeliverTo::Home,
            Some("COMMERCIAL") => DeliverTo::Business,
            Some("PICKUP_POINT") => DeliverTo::PickupPoint,
            Some(other) => {
                reading.unknown(Aspect::Shipping, &path.field("addressType"), other);
                DeliverTo::Address
            }
        }
    };
    // people write UK, ISO 3166-1 says GB
    let code = given(address.country_code.as_ref())?;
    let Ok(country) = (if code == "UK" { Ok(Country::GB) } else { code.parse() }) else {
        reading.review(Aspect::Shipping, &path.field("countryCode"), "not an ISO 3166-1 country code");
        return None;
    };
    let postcode = address.postal_code.as_deref().unwrap_or_default();
    Some(Destination { country, territory: Territory::of(country, postcode), final_country: None, to })
}

/// The people, when they may be kept.
pub(super) fn people(
    reading: &mut Reading<'_>,
    order: &dto::Order<'_>,
    status: &OrderStatus,
    fulfilled_by: &FulfilledBy,
) -> People {
    if *fulfilled_by != FulfilledBy::Merchant || !is_waiting(status) {
        return People::default();
    }
    let mut recipient = recipient(order);
    let mut buyer = buyer(reading, order);
    let (has_name, has_street) = (recipient.name.is_given(), has_street(&recipient));
    let path = Path::of_order("recipient.deliveryAddress");
    if !has_name && !has_street && *status == OrderStatus::Unshipped {
        reading.review(Aspect::Shipping, &path, ROLE_MISSING);
        let withheld = [
            &mut recipient.name,
            &mut recipient.address_line1,
            &mut recipient.postcode,
            &mut recipient.phone,
            &mut buyer.name,
            &mut buyer.email,
        ];
        for field in withheld.into_iter().filter(|field| !field.is_given()) {
            *field = FieldState::Withheld(Withheld::Role);
        }
    } else if !has_name || !has_street {
        let missing = if has_name {
            "the address has no street"
        } else if has_street {
            "the address has no name"
        } else {
            "Amazon gave neither name nor street"
        };
        reading.review(Aspect::Shipping, &path, missing);
    } else if !recipient.country.is_given() {
        reading.review(Aspect::Shipping, &path.field("countryCode"), "the address has no country");
    }
    People {
        buyer_key: buyer.email.get().filter(|_| buyer.email.is_given()).map(|email| {
            // a relay address: its domain and mailbox are not case-sensitive
            Pii::new(email.expose().to_lowercase())
        }),
        buyer: Some(buyer).filter(|buyer| !buyer.is_empty()),
        recipient: Some(recipient).filter(|recipient| !recipient.is_empty()),
    }
}

fn has_street(recipient: &Recipient) -> bool {
    // the street may stand in the second line with the first one empty
    [&recipient.address_line1, &recipient.address_line2, &recipient.address_line3].iter().any(|line| line.is_given())
}

fn field(text: Option<&dto::Text<'_>>) -> FieldState {
    text.map_or(FieldState::NotSent, |text| FieldState::value(&**text))
}

fn buyer(reading: &mut Reading<'_>, order: &dto::Order<'_>) -> Buyer {
    let mut record = Buyer::default();
    if let Some(buyer) = &order.buyer {
        record.name = field(buyer.buyer_name.as_ref());
        record.email = field(buyer.buyer_email.as_ref());
        record.company = field(buyer.buyer_company_name.as_ref());
    }
    if let Some(registration) = buyer_registration(reading, order.tax.as_ref()) {
        record.tax_name = field(registration.legal_name.as_ref());
        record.tax_number = tax_number(registration);
        if let Some(address) = &registration.tax_registration_address {
            record.address_line1 = field(address.address_line1.as_ref());
            record.address_line2 = field(address.address_line2.as_ref());
            record.address_line3 = field(address.address_line3.as_ref());
            record.city = field(address.city.as_ref());
            record.district = field(address.district_or_county.as_ref());
            record.region = field(address.state_or_region.as_ref());
            record.municipality = field(address.municipality.as_ref());
            record.postcode = field(address.postal_code.as_ref());
            record.country = field(address.country_code.as_ref());
        }
    }
    record
}

/// The buyer's registration, a VAT one first. The seller's and the marketplace's own are not read.
fn buyer_registration<'o>(
    reading: &mut Reading<'_>,
    tax: Option<&'o dto::OrderTax<'o>>,
) -> Option<&'o dto::OrderTaxRegistration<'o>> {
    let registrations = tax?.tax_registrations.as_deref().unwrap_or_default();
    let mut of_buyer = Vec::new();
    for (index, registration) in registrations.iter().enumerate() {
        let path = Path::of_list("tax.taxRegistrations", index);
        match given(registration.entity_type.as_ref()) {
            Some("BUYER") => of_buyer.push(registration),
            Some("MERCHANT" | "MARKETPLACE") => {}
            Some(other) => {
                reading.unknown(Aspect::Tax, &path.field("entityType"), other);
            }
            None => reading.review(Aspect::Tax, &path.field("entityType"), "a tax registration of nobody stated"),
        }
    }
    if of_buyer.len() > 1 {
        let reason = "the buyer has more than one tax registration: one is kept, a VAT number first";
        reading.review(Aspect::Tax, &Path::of_order("tax.taxRegistrations"), reason);
    }
    let is_vat = |registration: &&&dto::OrderTaxRegistration<'_>| {
        given(registration.tax_registration_type.as_ref()) == Some("VAT")
    };
    of_buyer.iter().find(is_vat).or_else(|| of_buyer.first()).copied()
}

/// `VAT:GB123456789`, or the number alone where Amazon gives no type.
fn tax_number(registration: &dto::OrderTaxRegistration<'_>) -> FieldState {
    let Some(number) = registration.tax_registration_number.as_deref() else { return FieldState::NotSent };
    match given(registration.tax_registration_type.as_ref()) {
        Some(kind) if !number.is_empty() => FieldState::value(format!("{kind}:{number}")),
        Some(_) | None => FieldState::value(number),
    }
}

fn recipient(order: &dto::Order<'_>) -> Recipient {
    let mut record = Recipient::default();
    if let Some(address) = order.recipient.as_ref().and_then(|recipient| recipient.delivery_address.as_ref()) {
        record.name = field(address.name.as_ref());
        record.company = field(address.company_name.as_ref());
        record.address_line1 = field(address.address_line1.as_ref());
        record.address_line2 = field(address.address_line2.as_ref());
        record.address_line3 = field(address.address_line3.as_ref());
        record.city = field(address.city.as_ref());
        record.district = field(address.district_or_county.as_ref());
        record.region = field(address.state_or_region.as_ref());
        record.municipality = field(address.municipality.as_ref());
        record.postcode = field(address.postal_code.as_ref());
        record.country = field(address.country_code.as_ref());
        record.phone = field(address.phone.as_ref());
        if let Some(parts) = &address.extended_fields {
            record.street_name = field(parts.street_name.as_ref());
            record.street_number = field(parts.street_number.as_ref());
            record.complement = field(parts.complement.as_ref());
            record.neighbourhood = field(parts.neighborhood.as_ref());
        }
    }
    if let Some(preference) = order.recipient.as_ref().and_then(|recipient| recipient.delivery_preference.as_ref()) {
        record.drop_off = field(preference.drop_off_location.as_ref());
        record.delivery_instructions = field(preference.address_instruction.as_ref());
    }
    record.purchase_order_number =
        field(order.buyer.as_ref().and_then(|buyer| buyer.buyer_purchase_order_number.as_ref()));
    for item in &order.order_items {
        line_notes(&mut record, item);
    }
    record
}

fn line_notes(record: &mut Recipient, item: &dto::OrderItem<'_>) {
    let fulfilment = item.fulfillment.as_ref();
    let packing = fulfilment.and_then(|fulfilment| fulfilment.packing.as_ref());
    let shipping = fulfilment.and_then(|fulfilment| fulfilment.shipping.as_ref());
    let gift = packing.and_then(|packing| packing.gift_option.as_ref());
    let abroad = shipping.and_then(|shipping| shipping.international_shipping.as_ref());
    let customization = item.product.customization.as_ref();
    for (notes, text) in [
        (&mut record.gift_message, gift.and_then(|gift| gift.gift_message.as_ref())),
        (&mut record.customisation_url, customization.and_then(|custom| custom.customized_url.as_ref())),
        (&mut record.tax_reference, abroad.and_then(|abroad| abroad.ioss_number.as_ref())),
    ] {
        if let Some(text) = text {
            let vendor_line_id = (*item.order_item_id).to_owned();
            notes.push(LineNote { vendor_line_id, text: FieldState::value(&**text) });
        }
    }
}
