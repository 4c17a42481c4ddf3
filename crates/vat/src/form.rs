//! Which kind of document a buyer gets.

use serde::{Deserialize, Serialize};

use crate::{AboveLimit, SellerTaxProfile};

/// The most that a simplified invoice may be for, VAT included, in pence.
///
/// Source: VAT Regulations 1995 reg. 16A (facts A3).
pub const SIMPLIFIED_LIMIT: i64 = 25_000;

/// Who bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuyerKind {
    /// A consumer.
    Consumer,
    /// A business: by the marketplace's programme, a company's name, a VAT number or a purchase order number.
    Business,
}

impl BuyerKind {
    /// `b2c` or `b2b`, as in the daybook.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consumer => "b2c",
            Self::Business => "b2b",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Consumer, Self::Business].into_iter().find(|kind| kind.name() == name)
    }
}

/// What a document says of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// All that reg. 14(1) asks for, with a party.
    Full,
    /// What reg. 16A asks for: no party at all.
    Simplified,
    /// No VAT invoice.
    Receipt,
}

impl Form {
    /// The word at rest and in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Simplified => "simplified",
            Self::Receipt => "receipt",
        }
    }

    /// The form with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Full, Self::Simplified, Self::Receipt].into_iter().find(|form| form.name() == name)
    }
}

/// Which form a sale gets. `pence`: what it is for in sterling, VAT included; `None` when no rate is known, and then it
/// counts as above the limit.
pub fn form_of(profile: &SellerTaxProfile, buyer: BuyerKind, pence: Option<i64>) -> Form {
    if profile.vat_number.is_none() {
        return Form::Receipt;
    }
    let simple = pence.is_some_and(|pence| pence <= SIMPLIFIED_LIMIT);
    match (buyer, simple, profile.consumers_above_limit) {
        (BuyerKind::Business, _, _) | (BuyerKind::Consumer, false, AboveLimit::Full) => Form::Full,
        (BuyerKind::Consumer, true, _) => Form::Simplified,
        (BuyerKind::Consumer, false, AboveLimit::Receipt) => Form::Receipt,
    }
}
