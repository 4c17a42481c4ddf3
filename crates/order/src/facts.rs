//! The open half of an order.

use ordersync_types::{Country, Currency, Money, Timestamp, VendorOrderId};
use serde::{Deserialize, Serialize};

use crate::{Amount, Discount, OrderStatus, PaymentStatus, RawCode, Refund, Review, Territory};

/// What an order is, without a person: everything here may stand in an open column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// The marketplace's order number.
    pub vendor_order_id: VendorOrderId,
    /// Which of the connector's marketplaces it was sold on, in the vendor's code (`A1F83G8C2ARO7P`, `EBAY_GB`).
    pub marketplace: RawCode,
    /// When the buyer placed it.
    pub created_at: Timestamp,
    /// When the marketplace last changed it.
    pub updated_at: Timestamp,
    /// Where it stands.
    pub status: OrderStatus,
    /// What the marketplace says of payment.
    pub payment: PaymentStatus,
    /// Who packs it.
    pub fulfilled_by: FulfilledBy,
    /// Programmes the order takes part in, without doubles.
    pub programmes: Vec<Programme>,
    /// When it must leave.
    pub ship_by: TimeWindow,
    /// When it was promised to arrive.
    pub deliver_by: TimeWindow,
    /// The vendor's code of the delivery service the buyer chose.
    pub service_level: Option<RawCode>,
    /// Where it goes, without an address.
    pub destination: Option<Destination>,
    /// The currency of all its amounts; `None` while the marketplace gives no price.
    pub currency: Option<Currency>,
    /// What the buyer pays in all, as the marketplace states it.
    pub grand_total: Option<Money>,
    /// The order's own breakdown, apart from its lines'.
    pub amounts: Vec<Amount>,
    /// Discounts on the order as a whole.
    pub discounts: Vec<Discount>,
    /// Tax that the marketplace collects or that it names a scheme for, on the order as a whole.
    pub collected_tax: Vec<CollectedTax>,
    /// Money that went back on the order as a whole.
    pub refunds: Vec<Refund>,
    /// Requests to cancel and cancellations, order-wide or of a line.
    pub cancellations: Vec<Cancellation>,
    /// When the last parcel left, as far as the marketplace says or implies.
    pub dispatched_at: Option<Timestamp>,
    /// When it was delivered, as far as the marketplace says or implies.
    pub delivered_at: Option<Timestamp>,
    /// The order that this one replaces or exchanges.
    pub replaces: Option<VendorOrderId>,
    /// How much of the order the answer carried.
    pub completeness: Completeness,
    /// What a person must look at.
    pub reviews: Vec<Review>,
    /// The order's lines, each id once.
    pub lines: Vec<OrderLine>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The marketplace's id of the line; digits may start with 0.
    pub vendor_line_id: RawCode,
    /// The seller's stock-keeping unit, when the listing has one. At most 100 characters, no control characters.
    pub sku: Option<String>,
    /// The marketplace's id of the item (ASIN; eBay: item id, and its variation after a `:`).
    pub vendor_item_id: Option<RawCode>,
    /// The listing's title. At most 500 characters, no control characters.
    pub title: Option<String>,
    /// Pieces ordered, 0 when the line was cancelled before a price was set.
    pub quantity: u32,
    /// Pieces that have left, when the marketplace says so.
    pub quantity_dispatched: Option<u32>,
    /// Pieces that are still to leave, when the marketplace counts them by themselves: a piece that was cancelled is
    /// neither here nor among those that have left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity_to_dispatch: Option<u32>,
    /// Price of one piece, when the marketplace states it.
    pub unit_price: Option<Money>,
    /// What the buyer pays for the line in all, as the marketplace states it.
    pub total: Option<Money>,
    /// The line's breakdown.
    pub amounts: Vec<Amount>,
    /// Discounts on the line.
    pub discounts: Vec<Discount>,
    /// Tax that the marketplace collects on the line, or that it names a scheme for.
    pub collected_tax: Vec<CollectedTax>,
    /// Money that went back on the line.
    pub refunds: Vec<Refund>,
    /// The country the goods leave from, when stated: it decides the VAT scheme.
    pub dispatched_from: Option<Country>,
    /// When the line must leave, where a line has its own date.
    pub ship_by: Option<Timestamp>,
    /// Programmes and duties of the line alone (gift wrap, age check, signature).
    pub programmes: Vec<Programme>,
}

/// A stretch of time with one or two known ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TimeWindow {
    /// Not before.
    pub earliest: Option<Timestamp>,
    /// Not after.
    pub latest: Option<Timestamp>,
}

/// Who packs and posts the order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FulfilledBy {
    /// The seller.
    Merchant,
    /// Fulfilment by Amazon: its warehouse holds the stock. Never a label of ours.
    Fba,
    /// Another marketplace's own fulfilment, by its code.
    Marketplace(RawCode),
    /// The answer did not say.
    NotStated,
    /// A value this program does not know.
    Unknown(RawCode),
}

impl FulfilledBy {
    /// The name at rest and in `--json`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::Fba => "fba",
            Self::Marketplace(_) => "marketplace",
            Self::NotStated => "not_stated",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A programme of the marketplace that changes what may be done with an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Programme {
    /// Amazon Prime: its own shipping rules.
    Prime,
    /// Amazon's premium shipping.
    Premium,
    /// A business buyer.
    Business,
    /// Amazon's FBM Ship+: the marketplace confirms dispatch itself.
    ShipPlus,
    /// The marketplace is the buyer of record and issues the invoice.
    InvoiceByMarketplace,
    /// The buyer fetches it from the seller's shop.
    InStorePickup,
    /// Delivered to a shop where the buyer fetches it.
    ClickAndCollect,
    /// The marketplace's own van or label service collects it.
    MarketplaceDelivery,
    /// The marketplace provides the label.
    MarketplaceLabel,
    /// A pre-order.
    PreOrder,
    /// Goes to the marketplace's export hub, which sends it on.
    ExportHub,
    /// Goes to an authenticator before the buyer.
    Authentication,
    /// Goes to the marketplace's vault.
    Vault,
    /// Nothing is posted.
    Digital,
    /// A repeating delivery.
    Subscription,
    /// Each piece needs its own code on the parcel.
    Transparency,
    /// The buyer asked for gift wrap.
    GiftWrap,
    /// The courier must collect money, a signature, or check age or identity: the vendor's name of the duty.
    DeliveryDuty(RawCode),
    /// A programme this program does not know.
    Other(RawCode),
}

/// Where an order goes, without an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The country of the address that goes on the label.
    pub country: Country,
    /// Its tax and customs territory.
    pub territory: Territory,
    /// The buyer's own country, where the label's is a hub's.
    pub final_country: Option<Country>,
    /// What stands at the address.
    pub to: DeliverTo,
}

/// What kind of place an order goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliverTo {
    /// A home.
    Home,
    /// A business.
    Business,
    /// A parcel shop or locker.
    PickupPoint,
    /// The marketplace's hub or authenticator.
    Hub,
    /// A shop where the buyer fetches it.
    Shop,
    /// An address of a kind not stated.
    Address,
}

/// Tax that the marketplace collects and remits itself, or a scheme that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectedTax {
    /// What tax, for example `VAT`.
    pub kind: Option<RawCode>,
    /// How much, when stated.
    pub money: Option<Money>,
    /// Who remits it, for example `EBAY` or Amazon's `responsibleParty`.
    pub remitted_by: Option<RawCode>,
    /// Under which model or method, for example `MARKETPLACE_FACILITATOR` or `NET`.
    pub model: Option<RawCode>,
    /// Under which scheme, for example `IOSS`, `OSS`, `UOSS`, `VOEC`. The scheme's number is in the sealed half.
    pub scheme: Option<RawCode>,
}

/// How far a cancellation has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationState {
    /// Asked for and not yet answered: stops the label.
    Requested,
    /// Declined by the seller: the order goes on.
    Declined,
    /// Done.
    Done,
    /// A state this program does not know.
    Unknown(RawCode),
}

/// A request to cancel, or a cancellation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// The line it is about; `None` for the whole order.
    pub vendor_line_id: Option<RawCode>,
    /// How far it has come.
    pub state: CancellationState,
    /// Who asked or cancelled, in the vendor's code.
    pub by: Option<RawCode>,
    /// Why, in the vendor's code; a buyer's own words are not kept.
    pub reason: Option<RawCode>,
    /// When, if stated.
    pub at: Option<Timestamp>,
}

/// How much of an order an answer carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    /// All that the marketplace has.
    Full,
    /// The address alone, from a bulk report: packing may start, invoicing waits.
    AddressOnly,
}

impl OrderFacts {
    /// True when nobody but the seller packs it.
    pub fn is_merchant_fulfilled(&self) -> bool {
        self.fulfilled_by == FulfilledBy::Merchant
    }

    /// True when an unanswered request to cancel stands, which stops the label.
    pub fn has_open_cancellation(&self) -> bool {
        self.cancellations
            .iter()
            .any(|c| matches!(c.state, CancellationState::Requested | CancellationState::Unknown(_)))
    }
}
