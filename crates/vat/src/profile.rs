//! What the seller declares for VAT.

use chrono_tz::Tz;
use ordersync_order::Territory;
use serde::{Deserialize, Serialize};

use crate::{FinancialYears, TaxPointRule, VatNumber};

/// The seller's own facts and choices. Each choice that a source leaves open has a stated default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellerTaxProfile {
    /// The VAT registration; `None`: not registered, so receipts and never VAT invoices (facts E3, A6).
    pub vat_number: Option<VatNumber>,
    /// Where the business and its own stock are: `GB`, `NI` or `IM`.
    pub territory: Territory,
    /// The zone of calendar days.
    pub zone: Tz,
    /// What makes the tax point of a sale. Default: dispatch.
    pub tax_point: TaxPointRule,
    /// VAT on goods that no product row names. Default: ask.
    pub goods_not_listed: GoodsNotListed,
    /// What a consumer gets for more than the limit of simplified invoices. Default: a full invoice.
    pub consumers_above_limit: AboveLimit,
    /// Whether a discount that the marketplace pays for counts as money received. Default: it does (facts F5,
    /// UNCONFIRMED).
    pub marketplace_discounts_count: bool,
    /// Whose a discount is of which the marketplace does not say who pays. Default: the seller's.
    pub discounts_not_stated: DiscountsNotStated,
    /// Financial years.
    pub years: FinancialYears,
}

/// VAT on goods that no product row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodsNotListed {
    /// The seller has declared that they are standard-rated.
    Standard,
    /// The invoice waits until the product is listed.
    Ask,
}

/// What a consumer gets for more than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AboveLimit {
    /// A full invoice, with a party.
    Full,
    /// A receipt: nobody owes a consumer an invoice (facts A5).
    Receipt,
}

/// Whose an unattributed discount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountsNotStated {
    /// The seller's: VAT is on what the buyer paid.
    Seller,
    /// A person decides.
    Ask,
}
