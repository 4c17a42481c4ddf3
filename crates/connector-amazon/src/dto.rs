//! Amazon's own names, as the contract `orders_2026-01-01` has them: `Option` where the contract does not require a
//! field, text borrowed from the answer where it holds no escape, and fields that nobody here reads left out.
//!
//! None of these types has a `Debug`: most of them hold personal data in clear.

mod item;
mod text;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(crate) use item::*;
pub(crate) use text::Text;

/// `SearchOrdersResponse`. Each order stays unread until its turn, so that a malformed one spoils nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchOrdersResponse<'a> {
    #[serde(borrow)]
    pub orders: Vec<&'a RawValue>,
    #[serde(borrow)]
    pub pagination: Option<Pagination<'a>>,
    #[serde(borrow)]
    pub last_updated_before: Option<Text<'a>>,
}

/// `Pagination`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination<'a> {
    #[serde(borrow)]
    pub next_token: Option<Text<'a>>,
}

/// `GetOrderResponse`.
#[derive(Deserialize)]
pub(crate) struct GetOrderResponse<'a> {
    #[serde(borrow)]
    pub order: &'a RawValue,
}

/// The two fields of an order that a rejection names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderHead<'a> {
    #[serde(borrow)]
    pub order_id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub last_updated_time: Option<&'a RawValue>,
}

/// `Order`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    #[serde(borrow)]
    pub order_id: Text<'a>,
    #[serde(borrow)]
    pub created_time: Text<'a>,
    #[serde(borrow)]
    pub last_updated_time: Text<'a>,
    #[serde(borrow)]
    pub programs: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub associated_orders: Option<Vec<AssociatedOrder<'a>>>,
    #[serde(borrow)]
    pub sales_channel: SalesChannel<'a>,
    #[serde(borrow)]
    pub buyer: Option<Buyer<'a>>,
    #[serde(borrow)]
    pub recipient: Option<Recipient<'a>>,
    #[serde(borrow)]
    pub proceeds: Option<OrderProceeds<'a>>,
    #[serde(borrow)]
    pub tax: Option<OrderTax<'a>>,
    #[serde(borrow)]
    pub fulfillment: Option<OrderFulfillment<'a>>,
    #[serde(borrow)]
    pub order_items: Vec<OrderItem<'a>>,
    #[serde(borrow)]
    pub packages: Option<Vec<OrderPackage<'a>>>,
}

/// `AssociatedOrder`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssociatedOrder<'a> {
    #[serde(borrow)]
    pub order_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub association_type: Option<Text<'a>>,
}

/// `SalesChannel`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SalesChannel<'a> {
    #[serde(borrow)]
    pub channel_name: Text<'a>,
    #[serde(borrow)]
    pub marketplace_id: Option<Text<'a>>,
}

/// `Buyer`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Buyer<'a> {
    #[serde(borrow)]
    pub buyer_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub buyer_email: Option<Text<'a>>,
    #[serde(borrow)]
    pub buyer_company_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub buyer_purchase_order_number: Option<Text<'a>>,
}

/// `Recipient`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipient<'a> {
    #[serde(borrow)]
    pub delivery_address: Option<CustomerAddress<'a>>,
    #[serde(borrow)]
    pub delivery_preference: Option<DeliveryPreference<'a>>,
}

/// `CustomerAddress`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerAddress<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub company_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub address_line1: Option<Text<'a>>,
    #[serde(borrow)]
    pub address_line2: Option<Text<'a>>,
    #[serde(borrow)]
    pub address_line3: Option<Text<'a>>,
    #[serde(borrow)]
    pub city: Option<Text<'a>>,
    #[serde(borrow)]
    pub district_or_county: Option<Text<'a>>,
    #[serde(borrow)]
    pub state_or_region: Option<Text<'a>>,
    #[serde(borrow)]
    pub municipality: Option<Text<'a>>,
    #[serde(borrow)]
    pub postal_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub country_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub phone: Option<Text<'a>>,
    #[serde(borrow)]
    pub extended_fields: Option<AddressExtendedFields<'a>>,
    #[serde(borrow)]
    pub address_type: Option<Text<'a>>,
}

/// `AddressExtendedFields`: Brazil only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressExtendedFields<'a> {
    #[serde(borrow)]
    pub street_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub street_number: Option<Text<'a>>,
    #[serde(borrow)]
    pub complement: Option<Text<'a>>,
    #[serde(borrow)]
    pub neighborhood: Option<Text<'a>>,
}

/// `DeliveryPreference`, without the opening hours, which are not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliveryPreference<'a> {
    #[serde(borrow)]
    pub drop_off_location: Option<Text<'a>>,
    #[serde(borrow)]
    pub address_instruction: Option<Text<'a>>,
}

/// `OrderProceeds`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderProceeds<'a> {
    #[serde(borrow)]
    pub grand_total: Option<Money<'a>>,
    #[serde(borrow)]
    pub breakdowns: Option<Vec<ProceedsBreakdown<'a>>>,
}

/// `OrderProceedsBreakdown` and `ItemProceedsBreakdown`: the former alone has a status, the latter alone details.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProceedsBreakdown<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    #[serde(borrow)]
    pub status: Option<Text<'a>>,
    #[serde(borrow)]
    pub subtotal: Money<'a>,
    #[serde(borrow)]
    pub detailed_breakdowns: Option<Vec<ProceedsDetail<'a>>>,
}

/// `ItemProceedsDetailedBreakdown`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProceedsDetail<'a> {
    #[serde(borrow)]
    pub subtype: Option<Text<'a>>,
    #[serde(borrow)]
    pub value: Option<Money<'a>>,
}

/// `Money`: a decimal string and an ISO 4217 code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Money<'a> {
    #[serde(borrow)]
    pub amount: Text<'a>,
    #[serde(borrow)]
    pub currency_code: Text<'a>,
}

/// `OrderTax`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderTax<'a> {
    #[serde(borrow)]
    pub tax_registrations: Option<Vec<OrderTaxRegistration<'a>>>,
}

/// `OrderTaxRegistration`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderTaxRegistration<'a> {
    #[serde(borrow)]
    pub entity_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub legal_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub tax_registration_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub tax_registration_number: Option<Text<'a>>,
    #[serde(borrow)]
    pub tax_registration_address: Option<CustomerAddress<'a>>,
}

/// `OrderFulfillment`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderFulfillment<'a> {
    #[serde(borrow)]
    pub fulfillment_status: Text<'a>,
    #[serde(borrow)]
    pub fulfilled_by: Option<Text<'a>>,
    #[serde(borrow)]
    pub fulfillment_service_level: Option<Text<'a>>,
    #[serde(borrow)]
    pub ship_by_window: Option<DateTimeRange<'a>>,
    #[serde(borrow)]
    pub deliver_by_window: Option<DateTimeRange<'a>>,
    #[serde(borrow)]
    pub label_printing_window: Option<DateTimeRange<'a>>,
}

/// `DateTimeRange`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DateTimeRange<'a> {
    #[serde(borrow)]
    pub earliest_date_time: Option<Text<'a>>,
    #[serde(borrow)]
    pub latest_date_time: Option<Text<'a>>,
}

/// `OrderPackage`, without carrier, tracking number and the warehouse's address, which are not kept.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderPackage<'a> {
    #[serde(borrow)]
    pub package_status: Option<PackageStatus<'a>>,
    #[serde(borrow)]
    pub ship_time: Option<Text<'a>>,
}

/// `PackageStatus`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PackageStatus<'a> {
    #[serde(borrow)]
    pub status: Text<'a>,
}
