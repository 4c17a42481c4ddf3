//! Products, exchange rates, and who issues an account's invoices.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The body of `PUT /v1/accounts/{label}/invoices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountInvoices {
    /// `us`, `marketplace` or `none`.
    pub issuer: String,
    /// Sales that were dispatched before this moment are not invoiced here. Without it: none is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Countries where the marketplace's warehouses hold stock, ISO 3166-1.
    #[serde(default)]
    pub stock: Vec<String>,
}

/// What `PUT /v1/accounts/{label}/invoices` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountInvoicesSet {
    /// The account's label.
    pub account: String,
    /// What holds now.
    pub invoices: AccountInvoices,
    /// Orders that are looked at again.
    pub orders: u64,
}

/// The body of `POST /v1/products`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportProducts {
    /// All are stored or none, at most 50,000.
    pub products: Vec<ProductEntry>,
}

impl ImportProducts {
    /// Most products of one request.
    pub const MOST: usize = 50_000;
}

/// One product, as in the file that `ordersync products template` writes. What is empty stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductEntry {
    /// SKU.
    #[serde(default)]
    pub sku: String,
    /// Where a listing has no SKU: MARKETPLACE:ITEM, for example `ebay:110123456789:4711`.
    #[serde(default)]
    pub item: String,
    /// Title.
    #[serde(default)]
    pub title: String,
    /// The last price of one piece, for information; not stored.
    #[serde(default)]
    pub last_price: String,
    /// `standard`, `reduced`, `zero` or `exempt`.
    #[serde(default)]
    pub vat: String,
    /// Grams.
    #[serde(default)]
    pub weight_g: String,
    /// Commodity code, 6 to 10 digits.
    #[serde(default)]
    pub commodity_code: String,
    /// Country of origin, ISO 3166-1.
    #[serde(default)]
    pub origin: String,
    /// What customs is told that it is.
    #[serde(default)]
    pub customs_description: String,
}

/// The query of `GET /v1/products`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ProductQuery {
    /// Only what was sold and has no VAT category.
    #[serde(default)]
    pub missing: bool,
}

/// What `GET /v1/products` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductList {
    /// Everything that was sold or declared, by SKU or item.
    pub products: Vec<ProductEntry>,
}

/// How many rows were stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    /// Rows.
    pub imported: u64,
}

/// The body of `POST /v1/exchange-rates`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRates {
    /// Whose rates, for example `HMRC`: stands on documents and in exports.
    pub source: String,
    /// All are stored or none, at most 5,000.
    pub rates: Vec<RateEntry>,
}

impl ImportRates {
    /// Most rates of one request.
    pub const MOST: usize = 5_000;
}

/// One rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateEntry {
    /// ISO 4217.
    pub currency: String,
    /// The month, for example `2026-11`.
    pub month: String,
    /// Units for one pound, as a decimal text.
    pub rate: String,
}

/// What `GET /v1/exchange-rates` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RateList {
    /// By month and currency: (rate, source).
    pub rates: Vec<(RateEntry, String)>,
}
