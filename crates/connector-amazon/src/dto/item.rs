//! The parts of one order item.

use serde::Deserialize;

use super::{DateTimeRange, Money, ProceedsBreakdown, Text};

/// `OrderItem`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderItem<'a> {
    #[serde(borrow)]
    pub order_item_id: Text<'a>,
    pub quantity_ordered: u32,
    #[serde(borrow)]
    pub measurement: Option<Measurement<'a>>,
    #[serde(borrow)]
    pub programs: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub product: ItemProduct<'a>,
    #[serde(borrow)]
    pub proceeds: Option<ItemProceeds<'a>>,
    #[serde(borrow)]
    pub promotion: Option<ItemPromotion<'a>>,
    #[serde(borrow)]
    pub cancellation: Option<ItemCancellation<'a>>,
    #[serde(borrow)]
    pub fulfillment: Option<ItemFulfillment<'a>>,
    #[serde(borrow)]
    pub tax: Option<ItemTax<'a>>,
}

/// `Measurement`.
#[derive(Deserialize)]
pub(crate) struct Measurement<'a> {
    #[serde(borrow)]
    pub unit: Text<'a>,
}

/// `ItemProduct`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemProduct<'a> {
    #[serde(borrow)]
    pub asin: Option<Text<'a>>,
    #[serde(borrow)]
    pub title: Option<Text<'a>>,
    #[serde(borrow)]
    pub seller_sku: Option<Text<'a>>,
    #[serde(borrow)]
    pub price: Option<ItemPrice<'a>>,
    #[serde(borrow)]
    pub customization: Option<ItemCustomization<'a>>,
}

/// `ItemPrice`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemPrice<'a> {
    #[serde(borrow)]
    pub unit_price: Option<Money<'a>>,
}

/// `ItemCustomization`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemCustomization<'a> {
    #[serde(borrow)]
    pub customized_url: Option<Text<'a>>,
}

/// `ItemProceeds`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemProceeds<'a> {
    #[serde(borrow)]
    pub proceeds_total: Option<Money<'a>>,
    #[serde(borrow)]
    pub breakdowns: Option<Vec<ProceedsBreakdown<'a>>>,
}

/// `ItemPromotion`.
#[derive(Deserialize)]
pub(crate) struct ItemPromotion<'a> {
    #[serde(borrow)]
    pub breakdowns: Option<Vec<ItemPromotionBreakdown<'a>>>,
}

/// `ItemPromotionBreakdown`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemPromotionBreakdown<'a> {
    #[serde(borrow)]
    pub promotion_id: Option<Text<'a>>,
}

/// `ItemCancellation`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemCancellation<'a> {
    #[serde(borrow)]
    pub cancellation_request: Option<ItemCancellationRequest<'a>>,
    #[serde(borrow)]
    pub cancellation_execution: Option<ItemCancellationExecution<'a>>,
}

/// `ItemCancellationRequest`: open until there is an execution.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemCancellationRequest<'a> {
    #[serde(borrow)]
    pub requester: Option<Text<'a>>,
    #[serde(borrow)]
    pub cancel_reason: Option<Text<'a>>,
}

/// `ItemCancellationExecution`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemCancellationExecution<'a> {
    #[serde(borrow)]
    pub cancelled_by: Option<Text<'a>>,
    #[serde(borrow)]
    pub cancel_reason: Option<Text<'a>>,
}

/// `ItemFulfillment`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemFulfillment<'a> {
    pub quantity_fulfilled: Option<u32>,
    pub quantity_unfulfilled: Option<u32>,
    #[serde(borrow)]
    pub packing: Option<ItemPacking<'a>>,
    #[serde(borrow)]
    pub shipping: Option<ItemShipping<'a>>,
}

/// `ItemPacking`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemPacking<'a> {
    #[serde(borrow)]
    pub gift_option: Option<GiftOption<'a>>,
    #[serde(borrow)]
    pub serial_number_requirement: Option<SerialNumberRequirement<'a>>,
}

/// `GiftOption`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GiftOption<'a> {
    #[serde(borrow)]
    pub gift_message: Option<Text<'a>>,
    #[serde(borrow)]
    pub gift_wrap_level: Option<Text<'a>>,
}

/// `SerialNumberRequirement`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SerialNumberRequirement<'a> {
    #[serde(borrow)]
    pub requirement_type: Option<Text<'a>>,
}

/// `ItemShipping`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemShipping<'a> {
    #[serde(borrow)]
    pub scheduled_delivery_window: Option<DateTimeRange<'a>>,
    #[serde(borrow)]
    pub shipping_constraints: Option<ItemShippingConstraints<'a>>,
    #[serde(borrow)]
    pub international_shipping: Option<ItemInternationalShipping<'a>>,
}

/// `ItemShippingConstraints`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemShippingConstraints<'a> {
    #[serde(borrow)]
    pub pallet_delivery: Option<Text<'a>>,
    #[serde(borrow)]
    pub cash_on_delivery: Option<Text<'a>>,
    #[serde(borrow)]
    pub signature_confirmation: Option<Text<'a>>,
    #[serde(borrow)]
    pub recipient_identity_verification: Option<Text<'a>>,
    #[serde(borrow)]
    pub recipient_age_verification: Option<Text<'a>>,
}

/// `ItemInternationalShipping`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemInternationalShipping<'a> {
    #[serde(borrow)]
    pub ioss_number: Option<Text<'a>>,
}

/// `ItemTax`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemTax<'a> {
    #[serde(borrow)]
    pub tax_calculation_breakdowns: Option<Vec<ItemTaxCalculationBreakdown<'a>>>,
    #[serde(borrow)]
    pub tax_collections: Option<Vec<ItemTaxCollection<'a>>>,
}

/// `ItemTaxCalculationBreakdown`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemTaxCalculationBreakdown<'a> {
    #[serde(borrow)]
    pub reporting_scheme: Option<Text<'a>>,
}

/// `ItemTaxCollection`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemTaxCollection<'a> {
    #[serde(borrow)]
    pub model: Option<Text<'a>>,
    #[serde(borrow)]
    pub responsible_party: Option<Text<'a>>,
}
