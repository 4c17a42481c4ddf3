//! The people of an order: the only part of an answer that goes into sealed records.

use ordersync_order::{Aspect, Buyer, LineNote, People, Recipient};
use ordersync_types::{FieldState, Pii};

use super::reading::{Path, Reading};
use crate::dto::{self, ExtendedContact, LineItem, Order, Text, text};

/// Names of tax schemes that older answers put in front of the second address line.
/// Source: eBay Trading API, `eBayTaxReferenceValue`: before 2022-01-31 the number stood in `Street2`.
const SCHEMES: [&str; 9] = ["IOSS", "VOEC", "OSS", "GST", "ABN", "IRD", "SST", "DDG", "VAT"];

pub(super) fn people(order: &Order<'_>, reading: &mut Reading) -> People {
    let buyer = order.buyer.as_ref().map(|buyer| bought_by(buyer, reading));
    let recipient = sent_to(order, reading);
    let username = order.buyer.as_ref().and_then(|buyer| text(&buyer.username));
    People {
        buyer_key: username.map(str::to_lowercase).filter(|name| !name.is_empty()).map(Pii::new),
        buyer: buyer.filter(|buyer| !buyer.is_empty()),
        recipient: Some(recipient).filter(|recipient| !recipient.is_empty()),
    }
}

fn bought_by(buyer: &dto::Buyer<'_>, reading: &Reading) -> Buyer {
    let mut record = Buyer { marketplace_name: given(&buyer.username), ..Buyer::default() };
    if let Some(contact) = &buyer.buyer_registration_address {
        record.name = reading.person(&contact.full_name);
        record.company = given(&contact.company_name);
        record.email = reading.email(&contact.email);
        record.phone = phone(contact, reading);
        if let Some(address) = &contact.contact_address {
            record.address_line1 = reading.person(&address.address_line1);
            record.address_line2 = reading.person(&address.address_line2);
            record.city = given(&address.city);
            record.district = given(&address.county);
            record.region = given(&address.state_or_province);
            record.postcode = given(&address.postal_code);
            record.country = given(&address.country_code);
        }
    }
    if let Some(address) = &buyer.tax_address {
        record.tax_city = given(&address.city);
        record.tax_region = given(&address.state_or_province);
        record.tax_postcode = given(&address.postal_code);
        record.tax_country = given(&address.country_code);
    }
    if let Some(identifier) = &buyer.tax_identifier {
        record.tax_number = match (text(&identifier.tax_identifier_type), text(&identifier.taxpayer_id)) {
            (Some(kind), Some(number)) => FieldState::value(format!("{kind}:{number}")),
            (None, Some(number)) => FieldState::value(number),
            (_, None) => FieldState::NotSent,
        };
    }
    record
}

/// Where it goes. Behind a hub this is the hub's address, and the buyer's own is not kept.
fn sent_to(order: &Order<'_>, reading: &mut Reading) -> Recipient {
    let mut record = Recipient { buyer_note: given(&order.buyer_checkout_notes), ..Recipient::default() };
    for line in &order.line_items {
        line_texts(line, &mut record, reading);
    }
    let step = order.fulfillment_start_instructions.first().and_then(|first| first.shipping_step.as_ref());
    let Some(step) = step else { return record };
    record.hub_reference = given(&step.ship_to_reference_id);
    let Some(contact) = &step.ship_to else { return record };
    record.name = reading.person(&contact.full_name);
    record.company = given(&contact.company_name);
    record.email = reading.email(&contact.email);
    record.phone = phone(contact, reading);
    if let Some(address) = &contact.contact_address {
        record.address_line1 = reading.person(&address.address_line1);
        record.address_line2 = second_line(order, &address.address_line2, reading);
        record.city = given(&address.city);
        record.district = given(&address.county);
        record.region = given(&address.state_or_province);
        record.postcode = given(&address.postal_code);
        record.country = given(&address.country_code);
    }
    record
}

/// A text that eBay keeps whatever the order's age.
fn given(field: &Option<Text<'_>>) -> FieldState {
    text(field).map_or(FieldState::NotSent, FieldState::value)
}

/// `primaryPhone` may be `{}`.
fn phone(contact: &ExtendedContact<'_>, reading: &Reading) -> FieldState {
    match &contact.primary_phone {
        Some(phone) => reading.person(&phone.phone_number),
        None => reading.person(&None),
    }
}

fn line_texts(line: &LineItem<'_>, record: &mut Recipient, reading: &mut Reading) {
    let Some(id) = text(&line.line_item_id) else { return };
    if let Some(gift) = &line.gift_details {
        add(&mut record.gift_message, id, reading.person(&gift.message));
        add(&mut record.gift_sender, id, reading.person(&gift.sender_name));
        add(&mut record.gift_email, id, reading.person(&gift.recipient_email));
    }
    let mut numbers = references(line);
    if let Some(number) = numbers.next() {
        add(&mut record.tax_reference, id, FieldState::value(number));
        if numbers.any(|other| other != number) {
            let reason = "an order line has several numbers of tax schemes; only the first was kept for the courier";
            reading.review(Aspect::Shipping, Path::ORDER.at("lineItems"), reason);
        }
    }
}

fn add(notes: &mut Vec<LineNote>, line: &str, text: FieldState) {
    if text != FieldState::NotSent {
        notes.push(LineNote { vendor_line_id: line.to_owned(), text });
    }
}

/// The numbers of the tax schemes of a line, those first that a courier must pass on. `OSS` is eBay's own VAT number
/// for sales within the EU, which no courier needs: it is given only where there is no other.
fn references<'l>(line: &'l LineItem<'_>) -> impl Iterator<Item = &'l str> {
    let of = move |ebays_own: bool| {
        let references = line.ebay_collect_and_remit_taxes.iter().filter_map(|tax| tax.ebay_reference.as_ref());
        references
            .filter(move |reference| (text(&reference.name) == Some("OSS")) == ebays_own)
            .filter_map(|reference| text(&reference.value))
    };
    let own_only = of(false).next().is_none();
    of(false).chain(of(true).filter(move |_| own_only))
}

/// The second address line, without a tax reference that stands in `ebayReference` too: it would be printed twice.
///
/// A reference that stands here alone stays, since it must reach the courier somehow, and a person is told.
fn second_line(order: &Order<'_>, field: &Option<Text<'_>>, reading: &mut Reading) -> FieldState {
    let Some(number) = text(field).and_then(scheme_number) else { return reading.person(field) };
    if order.line_items.iter().flat_map(references).any(|known| squeezed(known) == squeezed(number)) {
        return FieldState::value("");
    }
    let reason = "the second address line holds the number of a tax scheme, which eBay does not give elsewhere";
    let path = Path::ORDER.item("fulfillmentStartInstructions", 0);
    let step = path.at("shippingStep");
    let contact = step.at("shipTo");
    let address = contact.at("contactAddress");
    reading.review(Aspect::Tax, address.at("addressLine2"), reason);
    reading.person(field)
}

/// The number in `IOSS:IM0123456789`, `GST #123`, `VOEC 2024926`. `None` when the line is something else.
fn scheme_number(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = SCHEMES.iter().find_map(|scheme| {
        let head = line.get(..scheme.len())?;
        if head.eq_ignore_ascii_case(scheme) { line.get(scheme.len()..) } else { None }
    })?;
    let number = rest.trim_start_matches([' ', ':', '#', '-']);
    let separated = number.len() < rest.len();
    let looks_like_one = number.len() >= 5
        && number.bytes().any(|b| b.is_ascii_digit())
        && number.bytes().all(|b| b.is_ascii_alphanumeric() || b":#-/".contains(&b));
    (separated && looks_like_one).then_some(number)
}

/// Letters and digits alone, in capitals.
fn squeezed(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
