//! What keeps a sale from its document until a person has acted. Nothing is guessed in its place.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which fact is missing or in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingFact {
    /// Something in the marketplace's answer needs a person, or the answer is not whole.
    Order,
    /// The amounts do not agree, or do not say what they are for.
    Amounts,
    /// Whether a discount is the seller's.
    Discount,
    /// What went back to the buyer, or for what.
    Refund,
    /// Where the goods left from.
    Stock,
    /// Where they go.
    Destination,
    /// Who owes the VAT, or to whom it was sold.
    Buyer,
    /// The VAT category of a product.
    Product,
    /// Who the invoice is made out to.
    Party,
    /// An exchange rate.
    ExchangeRate,
    /// Who issues, or a setting of the seller.
    Setting,
}

impl MissingFact {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Order,
        Self::Amounts,
        Self::Discount,
        Self::Refund,
        Self::Stock,
        Self::Destination,
        Self::Buyer,
        Self::Product,
        Self::Party,
        Self::ExchangeRate,
        Self::Setting,
    ];

    /// The word at rest and in lists.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Amounts => "amounts",
            Self::Discount => "discount",
            Self::Refund => "refund",
            Self::Stock => "stock",
            Self::Destination => "destination",
            Self::Buyer => "buyer",
            Self::Product => "product",
            Self::Party => "party",
            Self::ExchangeRate => "exchange_rate",
            Self::Setting => "setting",
        }
    }

    /// The fact with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }
}

/// A missing fact, in words for the seller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which.
    pub fact: MissingFact,
    /// What is the matter. No person's data.
    pub reason: String,
}

impl Missing {
    /// With its reason.
    pub fn new(fact: MissingFact, reason: impl Into<String>) -> Self {
        Self { fact, reason: reason.into() }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Missing {}
