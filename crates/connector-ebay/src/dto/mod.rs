//! What eBay sends, in eBay's names, as far as this connector reads it.
//!
//! Texts are borrowed from the answer. Everything is optional, since the contract marks nothing as required; what an
//! order cannot do without is decided in `normalise`. Unknown fields are ignored, and so are known fields that are
//! not listed here: what is never read can neither fail nor leak. `null` and an absent field mean the same. None of
//! these types has `Debug`, because they hold people in clear.
//!
//! Source: eBay Sell Fulfillment API v1.20.7, OpenAPI description, schema `OrderSearchPagedCollection`.

mod lines;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(crate) use lines::*;

/// A text, borrowed from the answer unless it holds an escape.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of an optional field.
pub(crate) fn text<'t>(field: &'t Option<Text<'_>>) -> Option<&'t str> {
    field.as_ref().map(Text::as_str)
}

/// `null` where the contract says array is an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// `OrderSearchPagedCollection`: a page, whose orders are read one by one.
#[derive(Deserialize)]
pub(crate) struct OrderSearch<'a> {
    pub(crate) total: Option<u64>,
    pub(crate) offset: Option<u64>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) orders: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    #[serde(borrow)]
    pub(crate) order_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) creation_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) last_modified_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) order_fulfillment_status: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) order_payment_status: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) buyer: Option<Buyer<'a>>,
    #[serde(borrow)]
    pub(crate) buyer_checkout_notes: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cancel_status: Option<CancelStatus<'a>>,
    pub(crate) ebay_collect_and_remit_tax: Option<bool>,
    /// Each holds a tracking number: counted, never read.
    #[serde(default, deserialize_with = "list")]
    pub(crate) fulfillment_hrefs: Vec<IgnoredAny>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) fulfillment_start_instructions: Vec<FulfillmentStartInstruction<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) line_items: Vec<LineItem<'a>>,
    #[serde(borrow)]
    pub(crate) payment_summary: Option<PaymentSummary<'a>>,
    #[serde(borrow)]
    pub(crate) pricing_summary: Option<PricingSummary<'a>>,
    #[serde(borrow)]
    pub(crate) program: Option<Program<'a>>,
    #[serde(borrow)]
    pub(crate) total_fee_basis_amount: Option<Amount<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Buyer<'a> {
    #[serde(borrow)]
    pub(crate) username: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) buyer_registration_address: Option<ExtendedContact<'a>>,
    #[serde(borrow)]
    pub(crate) tax_address: Option<TaxAddress<'a>>,
    #[serde(borrow)]
    pub(crate) tax_identifier: Option<TaxIdentifier<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExtendedContact<'a> {
    #[serde(borrow)]
    pub(crate) full_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) company_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) contact_address: Option<Address<'a>>,
    #[serde(borrow)]
    pub(crate) primary_phone: Option<PhoneNumber<'a>>,
    #[serde(borrow)]
    pub(crate) email: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhoneNumber<'a> {
    #[serde(borrow)]
    pub(crate) phone_number: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Address<'a> {
    #[serde(borrow)]
    pub(crate) address_line1: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) address_line2: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) city: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) county: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) state_or_province: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) postal_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) country_code: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxAddress<'a> {
    #[serde(borrow)]
    pub(crate) city: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) state_or_province: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) postal_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) country_code: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxIdentifier<'a> {
    #[serde(borrow)]
    pub(crate) taxpayer_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) tax_identifier_type: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelStatus<'a> {
    #[serde(borrow)]
    pub(crate) cancel_state: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cancelled_date: Option<Text<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) cancel_requests: Vec<CancelRequest<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelRequest<'a> {
    #[serde(borrow)]
    pub(crate) cancel_completed_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cancel_initiator: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cancel_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cancel_requested_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cancel_request_state: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentStartInstruction<'a> {
    pub(crate) appointment: Option<IgnoredAny>,
    pub(crate) ebay_supported_fulfillment: Option<bool>,
    #[serde(borrow)]
    pub(crate) final_destination_address: Option<FinalDestination<'a>>,
    #[serde(borrow)]
    pub(crate) fulfillment_instructions_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) max_estimated_delivery_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) min_estimated_delivery_date: Option<Text<'a>>,
    pub(crate) pickup_step: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(crate) shipping_step: Option<ShippingStep<'a>>,
}

/// `Address`, of which only the country is read: the rest is the buyer's home behind a hub.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FinalDestination<'a> {
    #[serde(borrow)]
    pub(crate) country_code: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingStep<'a> {
    #[serde(borrow)]
    pub(crate) ship_to: Option<ExtendedContact<'a>>,
    #[serde(borrow)]
    pub(crate) shipping_service_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) ship_to_reference_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Program<'a> {
    #[serde(borrow)]
    pub(crate) authenticity_verification: Option<AuthenticityVerification<'a>>,
    #[serde(borrow)]
    pub(crate) ebay_shipping: Option<EbayShipping<'a>>,
    #[serde(borrow)]
    pub(crate) ebay_vault: Option<EbayVault<'a>>,
    #[serde(borrow)]
    pub(crate) ebay_international_shipping: Option<EbayInternationalShipping<'a>>,
    #[serde(borrow)]
    pub(crate) fulfillment_program: Option<FulfillmentProgram<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticityVerification<'a> {
    #[serde(borrow)]
    pub(crate) outcome_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) status: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbayShipping<'a> {
    #[serde(borrow)]
    pub(crate) shipping_label_provided_by: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbayVault<'a> {
    #[serde(borrow)]
    pub(crate) fulfillment_type: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbayInternationalShipping<'a> {
    #[serde(borrow)]
    pub(crate) returns_managed_by: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FulfillmentProgram<'a> {
    #[serde(borrow)]
    pub(crate) fulfilled_by: Option<Text<'a>>,
}
