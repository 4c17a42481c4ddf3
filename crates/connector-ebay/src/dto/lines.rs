//! Lines, prices and refunds.

use serde::Deserialize;

use super::{Text, list};

/// A decimal text with its currency. With a conversion `value` is in the currency the seller is paid in, and
/// `convertedFrom...` is what the listing was priced in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Amount<'a> {
    #[serde(borrow)]
    pub(crate) value: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) currency: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) converted_from_value: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) converted_from_currency: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineItem<'a> {
    #[serde(borrow)]
    pub(crate) line_item_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) legacy_item_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) legacy_variation_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) sku: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) title: Option<Text<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) variation_aspects: Vec<NameValuePair<'a>>,
    pub(crate) quantity: Option<u32>,
    #[serde(borrow)]
    pub(crate) line_item_cost: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) discounted_line_item_cost: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) delivery_cost: Option<DeliveryCost<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) applied_promotions: Vec<AppliedPromotion<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) taxes: Vec<Tax<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) ebay_collect_and_remit_taxes: Vec<EbayCollectAndRemitTax<'a>>,
    #[serde(borrow)]
    pub(crate) ebay_collected_charges: Option<EbayCollectedCharges<'a>>,
    #[serde(borrow)]
    pub(crate) total: Option<Amount<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) refunds: Vec<Refund<'a>>,
    #[serde(borrow)]
    pub(crate) line_item_fulfillment_status: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) line_item_fulfillment_instructions: Option<LineItemFulfillmentInstructions<'a>>,
    #[serde(borrow)]
    pub(crate) item_location: Option<ItemLocation<'a>>,
    #[serde(borrow)]
    pub(crate) gift_details: Option<GiftDetails<'a>>,
    #[serde(borrow)]
    pub(crate) listing_marketplace_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) purchase_marketplace_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryCost<'a> {
    #[serde(borrow)]
    pub(crate) discount_amount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) handling_cost: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) import_charges: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) shipping_cost: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) shipping_intermediation_fee: Option<Amount<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppliedPromotion<'a> {
    #[serde(borrow)]
    pub(crate) discount_amount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) promotion_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tax<'a> {
    #[serde(borrow)]
    pub(crate) amount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) tax_type: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbayCollectAndRemitTax<'a> {
    #[serde(borrow)]
    pub(crate) amount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) ebay_reference: Option<EbayTaxReference<'a>>,
    #[serde(borrow)]
    pub(crate) tax_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) collection_method: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(crate) struct EbayTaxReference<'a> {
    #[serde(borrow)]
    pub(crate) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EbayCollectedCharges<'a> {
    #[serde(borrow)]
    pub(crate) ebay_shipping: Option<Amount<'a>>,
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) charges: Vec<Charge<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Charge<'a> {
    #[serde(borrow)]
    pub(crate) amount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) charge_type: Option<Text<'a>>,
}

/// `OrderRefund` and `LineItemRefund` in one: a line's has no status.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refund<'a> {
    #[serde(borrow)]
    pub(crate) amount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) refund_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) refund_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) refund_reference_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) refund_status: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LineItemFulfillmentInstructions<'a> {
    #[serde(borrow)]
    pub(crate) max_estimated_delivery_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) min_estimated_delivery_date: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) ship_by_date: Option<Text<'a>>,
}

/// What tells one variation of a listing from the others, for example `Colour` and `Blue`.
#[derive(Deserialize)]
pub(crate) struct NameValuePair<'a> {
    #[serde(borrow)]
    pub(crate) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) value: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemLocation<'a> {
    #[serde(borrow)]
    pub(crate) country_code: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GiftDetails<'a> {
    #[serde(borrow)]
    pub(crate) message: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) recipient_email: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) sender_name: Option<Text<'a>>,
}

/// `payments[]` and `totalDueSeller` are not read: they are net of eBay's fees and no price of the buyer's.
#[derive(Deserialize)]
pub(crate) struct PaymentSummary<'a> {
    #[serde(default, borrow, deserialize_with = "list")]
    pub(crate) refunds: Vec<Refund<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PricingSummary<'a> {
    #[serde(borrow)]
    pub(crate) adjustment: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) delivery_cost: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) delivery_discount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) fee: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) price_discount: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) price_subtotal: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) tax: Option<Amount<'a>>,
    #[serde(borrow)]
    pub(crate) total: Option<Amount<'a>>,
}
