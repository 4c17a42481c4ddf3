//! Amounts as the marketplace breaks them down. Nothing here decides what they mean for VAT.

use ordersync_types::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::RawCode;

/// What an amount is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountKind {
    /// The goods, quantity included.
    Goods,
    /// Delivery charged to the buyer.
    Delivery,
    /// Handling charged beside delivery.
    Handling,
    /// Gift wrapping.
    GiftWrap,
    /// The fee for paying on delivery.
    CashOnDelivery,
    /// A tip for whoever delivers.
    DeliveryTip,
    /// Import charges that the marketplace collects for itself.
    ImportCharges,
    /// A charge the marketplace collects for itself, for example buyer protection.
    MarketplaceCharge,
    /// An adjustment after the order was placed.
    Adjustment,
    /// A fee that is neither goods nor delivery, for example recycling.
    Fee,
    /// Tax; [`Amount::of`] says on what.
    Tax,
    /// A discount; [`Amount::of`] says on what. Its sign is the vendor's.
    Discount,
    /// A kind this program does not know.
    Other(RawCode),
}

impl AmountKind {
    /// What it is in words, or the vendor's code.
    pub fn name(&self) -> &str {
        match self {
            Self::Goods => "goods",
            Self::Delivery => "delivery",
            Self::Handling => "handling",
            Self::GiftWrap => "gift wrapping",
            Self::CashOnDelivery => "a fee for paying on delivery",
            Self::DeliveryTip => "a tip",
            Self::ImportCharges => "import charges",
            Self::MarketplaceCharge => "a charge of the marketplace",
            Self::Adjustment => "an adjustment",
            Self::Fee => "a fee",
            Self::Tax => "tax",
            Self::Discount => "a discount",
            Self::Other(code) => code.as_str(),
        }
    }
}

/// One amount of a breakdown, with the vendor's own sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// What it is for.
    pub kind: AmountKind,
    /// For tax and discount: on what, when the vendor says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<AmountKind>,
    /// How much.
    pub money: Money,
}

impl Amount {
    /// An amount that is not *of* another.
    pub fn new(kind: AmountKind, money: Money) -> Self {
        Self { kind, of: None, money }
    }

    /// Tax on, or a discount off, `of`.
    pub fn of(kind: AmountKind, of: AmountKind, money: Money) -> Self {
        Self { kind, of: Some(of), money }
    }
}

/// Who pays for a discount. Only a seller's own discount lowers the seller's turnover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundedBy {
    /// The seller.
    Seller,
    /// The marketplace.
    Marketplace,
    /// The marketplace does not say.
    NotStated,
}

/// A discount given on an order or a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// Who pays for it.
    pub funded_by: FundedBy,
    /// How much, as a positive amount; `None` when only the promotion's name is given.
    pub money: Option<Money>,
    /// The promotion's id at the marketplace.
    pub promotion: Option<RawCode>,
}

/// Money that went back to the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// How much, as the marketplace states it.
    pub money: Money,
    /// When, by the marketplace's date.
    pub at: Option<Timestamp>,
    /// The marketplace's id of the refund.
    pub reference: Option<RawCode>,
    /// The marketplace's status of it, for example `REFUNDED` or `PENDING`.
    pub status: Option<RawCode>,
}
