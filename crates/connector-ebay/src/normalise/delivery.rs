//! How an order is to be delivered: who packs it, under which programmes, to what kind of place.

use ordersync_order::{Aspect, DeliverTo, Destination, FulfilledBy, Programme, RawCode, Review, Territory, TimeWindow};
use ordersync_types::Country;

use super::reading::{Path, Reading};
use crate::dto::{EbayVault, FulfillmentStartInstruction, Order, Program, ShippingStep, text};

/// What the fulfilment instructions and programmes of an order come to.
pub(super) struct Delivery {
    pub(super) fulfilled_by: FulfilledBy,
    pub(super) programmes: Vec<Programme>,
    pub(super) service_level: Option<RawCode>,
    pub(super) deliver_by: TimeWindow,
    pub(super) destination: Option<Destination>,
}

/// How the goods reach the buyer. `FulfillmentInstructionsType`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Posted,
    ClickAndCollect,
    /// In-store pickup, a download, eBay's own warehouse, or something unknown: nothing for a label of ours.
    NotOurs,
}

pub(super) fn delivery(order: &Order<'_>, reading: &mut Reading) -> Delivery {
    let mut found = Delivery {
        fulfilled_by: FulfilledBy::NotStated,
        programmes: Vec::new(),
        service_level: None,
        deliver_by: TimeWindow::default(),
        destination: None,
    };
    let Some(instruction) = order.fulfillment_start_instructions.first() else {
        let reason = "eBay gives no instructions how to fulfil the order";
        reading.review(Aspect::Shipping, Path::ORDER.at("fulfillmentStartInstructions"), reason);
        programmes(&order.program, &mut found, reading);
        return found;
    };
    if order.fulfillment_start_instructions.len() > 1 {
        let reason = "more than one set of instructions: only the first was read, see eBay for the others";
        reading.review(Aspect::Shipping, Path::ORDER.item("fulfillmentStartInstructions", 1), reason);
    }
    let path = Path::ORDER.item("fulfillmentStartInstructions", 0);
    found.fulfilled_by = FulfilledBy::Merchant;
    let way = way(instruction, path, &mut found, reading);
    programmes(&order.program, &mut found, reading);
    let hub = is_hub(instruction, &order.program);
    let inspected = [Programme::Authentication, Programme::Vault].iter().any(|p| found.programmes.contains(p));
    if hub && !inspected {
        add(&mut found.programmes, Programme::ExportHub);
    }
    let international = order.program.as_ref().is_some_and(|program| program.ebay_international_shipping.is_some());
    if instruction.appointment.is_some() {
        let reason = "an appointment at the place of delivery: see eBay for its date";
        reading.review(Aspect::Info, path.at("appointment"), reason);
    }
    found.deliver_by = TimeWindow {
        earliest: reading.time(&instruction.min_estimated_delivery_date, path.at("minEstimatedDeliveryDate")),
        latest: reading.time(&instruction.max_estimated_delivery_date, path.at("maxEstimatedDeliveryDate")),
    };
    if let Some(step) = &instruction.shipping_step {
        found.service_level = text(&step.shipping_service_code).map(RawCode::new);
        let reference = path.at("shippingStep");
        if hub && step.ship_to_reference_id.is_none() && found.programmes == [Programme::ExportHub] && !international {
            let reason =
                "the hub's reference is missing: without it on the label the hub cannot tell whose parcel it is";
            reading.review(Aspect::Shipping, reference.at("shipToReferenceId"), reason);
        }
        let final_country = if hub { final_country(order, &found.programmes, reading) } else { None };
        found.destination = destination(step, final_country, way, hub, reading);
    }
    found
}

fn way(
    instruction: &FulfillmentStartInstruction<'_>,
    path: Path<'_>,
    found: &mut Delivery,
    reading: &mut Reading,
) -> Way {
    let type_path = path.at("fulfillmentInstructionsType");
    let has_address = instruction.shipping_step.as_ref().is_some_and(|step| step.ship_to.is_some());
    match text(&instruction.fulfillment_instructions_type) {
        Some("SHIP_TO") => Way::Posted,
        Some("DIGITAL") => {
            add(&mut found.programmes, Programme::Digital);
            Way::NotOurs
        }
        Some("PREPARE_FOR_PICKUP") => pickup(instruction, has_address, type_path, found, reading),
        Some(warehouse @ "FULFILLED_BY_EBAY") => {
            found.fulfilled_by = FulfilledBy::Marketplace(RawCode::new(warehouse));
            Way::NotOurs
        }
        Some(own @ "SELLER_DEFINED") => {
            add(&mut found.programmes, Programme::Other(RawCode::new(own)));
            let reason = "delivered in a way of the seller's own, which eBay does not describe";
            reading.review(Aspect::Shipping, type_path, reason);
            Way::NotOurs
        }
        Some(unknown) => {
            let code = reading.unknown(Aspect::Shipping, type_path, unknown);
            add(&mut found.programmes, Programme::Other(code));
            Way::NotOurs
        }
        None => {
            reading.review(Aspect::Shipping, type_path, "eBay does not say how the order is to be fulfilled");
            if has_address { Way::Posted } else { Way::NotOurs }
        }
    }
}

/// Click & Collect goes by post to a shop, whose address is in `shipTo`; in-store pickup names the seller's own shop.
fn pickup(
    instruction: &FulfillmentStartInstruction<'_>,
    has_address: bool,
    path: Path<'_>,
    found: &mut Delivery,
    reading: &mut Reading,
) -> Way {
    let own_shop = instruction.pickup_step.is_some();
    if own_shop == has_address {
        let reason = "in-store pickup or Click & Collect: eBay's answer does not tell which";
        reading.review(Aspect::Shipping, path, reason);
    }
    if has_address && !own_shop {
        add(&mut found.programmes, Programme::ClickAndCollect);
        return Way::ClickAndCollect;
    }
    add(&mut found.programmes, Programme::InStorePickup);
    Way::NotOurs
}

/// A hub is the shipping address of the Global Shipping Programme, eBay International Shipping, the Authenticity
/// Guarantee, and orders on their way into a vault. `ebaySupportedFulfillment` says so for the first three, and was
/// seen as `false` for ordinary orders. Source: contract; eBay type `sel:EbayVaultFulfillmentTypeEnum`, read 2026-11.
fn is_hub(instruction: &FulfillmentStartInstruction<'_>, program: &Option<Program<'_>>) -> bool {
    instruction.ebay_supported_fulfillment == Some(true)
        || program.as_ref().is_some_and(|program| {
            program.ebay_international_shipping.is_some()
                || program.authenticity_verification.is_some()
                || program.ebay_vault.as_ref().is_some_and(|vault| vault_kind(vault) == SELLER_TO_VAULT)
        })
}

fn programmes(program: &Option<Program<'_>>, found: &mut Delivery, reading: &mut Reading) {
    let Some(program) = program else { return };
    let path = Path::ORDER.at("program");
    if let Some(verification) = &program.authenticity_verification {
        add(&mut found.programmes, Programme::Authentication);
        let path = path.at("authenticityVerification");
        match text(&verification.status) {
            Some("PENDING" | "PASSED" | "PASSED_WITH_EXCEPTION") | None => {}
            Some("FAILED") => {
                let mut review = Review::new(
                    Aspect::Info,
                    &path.at("status").to_string(),
                    "the authenticator did not accept the item",
                );
                review.code = text(&verification.outcome_reason).map(RawCode::new);
                reading.reviews.push(review);
            }
            Some(unknown) => reading.note_unknown(Aspect::Info, path.at("status"), unknown),
        }
    }
    if let Some(shipping) = &program.ebay_shipping {
        let path = path.at("ebayShipping");
        match text(&shipping.shipping_label_provided_by) {
            Some("EBAY") => add(&mut found.programmes, Programme::MarketplaceLabel),
            other => {
                let code = reading.unknown(
                    Aspect::Shipping,
                    path.at("shippingLabelProvidedBy"),
                    other.unwrap_or("NOT_STATED"),
                );
                add(&mut found.programmes, Programme::Other(code));
            }
        }
    }
    if let Some(vault) = &program.ebay_vault {
        add(&mut found.programmes, Programme::Vault);
        vault_way(vault, path.at("ebayVault"), found, reading);
    }
    if let Some(shipping) = &program.ebay_international_shipping {
        add(&mut found.programmes, Programme::ExportHub);
        if let Some(unknown) = text(&shipping.returns_managed_by).filter(|by| *by != "EBAY") {
            let path = path.at("ebayInternationalShipping");
            reading.note_unknown(Aspect::Info, path.at("returnsManagedBy"), unknown);
        }
    }
    if let Some(fulfilment) = &program.fulfillment_program {
        let path = path.at("fulfillmentProgram");
        found.fulfilled_by = match text(&fulfilment.fulfilled_by) {
            Some(ebay @ "EBAY") => FulfilledBy::Marketplace(RawCode::new(ebay)),
            other => FulfilledBy::Unknown(reading.unknown(
                Aspect::Shipping,
                path.at("fulfilledBy"),
                other.unwrap_or("NOT_STATED"),
            )),
        };
    }
}

/// The seller sends it to an authenticator, who sends it on to the vault.
const SELLER_TO_VAULT: &str = "SELLER_TO_VAULT";

/// The contract names the kinds in words ("Seller to Vault"), the type's page in capitals.
fn vault_kind(vault: &EbayVault<'_>) -> String {
    text(&vault.fulfillment_type).unwrap_or("NOT_STATED").to_ascii_uppercase().replace(' ', "_")
}

fn vault_way(vault: &EbayVault<'_>, path: Path<'_>, found: &mut Delivery, reading: &mut Reading) {
    match vault_kind(vault).as_str() {
        SELLER_TO_VAULT => {}
        from_vault @ ("VAULT_TO_VAULT" | "VAULT_TO_BUYER") => {
            found.fulfilled_by = FulfilledBy::Marketplace(RawCode::new(from_vault));
        }
        unknown => reading.note_unknown(Aspect::Shipping, path.at("fulfillmentType"), unknown),
    }
}

fn destination(
    step: &ShippingStep<'_>,
    final_country: Option<Country>,
    way: Way,
    hub: bool,
    reading: &mut Reading,
) -> Option<Destination> {
    let instruction = Path::ORDER.item("fulfillmentStartInstructions", 0);
    let step_path = instruction.at("shippingStep");
    let contact = step_path.at("shipTo");
    let address_path = contact.at("contactAddress");
    let address = step.ship_to.as_ref()?.contact_address.as_ref()?;
    let country_path = address_path.at("countryCode");
    if address.country_code.is_none() {
        reading.review(Aspect::Shipping, country_path, "the address names no country");
    }
    let country = reading.country(Aspect::Shipping, &address.country_code, country_path)?;
    let to = match way {
        _ if hub => DeliverTo::Hub,
        Way::ClickAndCollect => DeliverTo::Shop,
        Way::Posted | Way::NotOurs => DeliverTo::Address,
    };
    let territory = Territory::of(country, text(&address.postal_code).unwrap_or_default());
    Some(Destination { country, territory, final_country, to })
}

/// The country of the buyer behind a hub.
///
/// It stands in `finalDestinationAddress`, of which nothing else is kept. Under the Authenticity Guarantee that is
/// the authenticator's warehouse (contract, `finalDestinationAddress`): there the address for tax purposes tells,
/// unless it is a vault's (contract, `taxAddress`).
fn final_country(order: &Order<'_>, programmes: &[Programme], reading: &mut Reading) -> Option<Country> {
    if programmes.contains(&Programme::Vault) {
        return None;
    }
    if programmes.contains(&Programme::Authentication) {
        let address = order.buyer.as_ref()?.tax_address.as_ref()?;
        let buyer = Path::ORDER.at("buyer");
        let path = buyer.at("taxAddress");
        return reading.country(Aspect::Tax, &address.country_code, path.at("countryCode"));
    }
    let home = order.fulfillment_start_instructions.first()?.final_destination_address.as_ref()?;
    let instruction = Path::ORDER.item("fulfillmentStartInstructions", 0);
    let path = instruction.at("finalDestinationAddress");
    reading.country(Aspect::Tax, &home.country_code, path.at("countryCode"))
}

fn add(programmes: &mut Vec<Programme>, programme: Programme) {
    if !programmes.contains(&programme) {
        programmes.push(programme);
    }
}
