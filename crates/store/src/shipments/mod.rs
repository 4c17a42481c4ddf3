//! Shipments: parcels of order lines for one recipient, and what became of them.

mod leaving;
mod read;
mod write;

use ordersync_types::{OrderId, SellerId, ShipmentId, ShipmentRef, Timestamp};

use crate::StoreError;

pub use read::PackedLine;
pub use write::{LabelledShipment, LineLimit};

/// As the partial index over shipments that have not left has it: SQLite takes it only where the words are the same.
const NOT_LEFT: &str = "state IN ('draft', 'requested', 'labelled', 'unknown')";

/// Where a shipment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShipmentState {
    /// It is planned; nobody was asked for a label.
    Draft,
    /// A label was, or is being, asked for.
    Requested,
    /// It is not clear whether there is a label: a person must look at the courier's pages.
    Unknown,
    /// There is a label.
    Labelled,
    /// It has left.
    Dispatched,
    /// It has arrived.
    Delivered,
    /// It will not leave: its label was refused or voided. Its pieces can be packed again.
    Cancelled,
}

impl ShipmentState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Requested,
        Self::Unknown,
        Self::Labelled,
        Self::Dispatched,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Requested => "requested",
            Self::Unknown => "unknown",
            Self::Labelled => "labelled",
            Self::Dispatched => "dispatched",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }

    /// The condition for it, in the words of the index that serves it.
    fn condition(self) -> String {
        let is = format!("state = '{}'", self.name());
        match self {
            Self::Draft | Self::Requested | Self::Unknown | Self::Labelled => format!("{NOT_LEFT} AND {is}"),
            Self::Dispatched | Self::Delivered | Self::Cancelled => is,
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| StoreError::damaged("shipment.state", "not a state"))
    }
}

/// What became of a shipment's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelState {
    /// There is none.
    None,
    /// It is held, sealed.
    Present,
    /// It was taken back.
    Voided,
    /// Its time was over.
    Purged,
}

impl LabelState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::None, Self::Present, Self::Voided, Self::Purged];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Present => "present",
            Self::Voided => "voided",
            Self::Purged => "purged",
        }
    }

    fn from_name(name: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| StoreError::damaged("shipment.label", "not a state"))
    }
}

/// A shipment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is a column; the column registry says what it holds")]
pub struct Shipment {
    pub seller: SellerId,
    pub shipment_id: ShipmentId,
    pub reference: ShipmentRef,
    pub state: ShipmentState,
    pub label: LabelState,
    pub courier: String,
    pub service: String,
    pub media: String,
    pub parcels: u32,
    /// The order whose recipient it goes to.
    pub recipient_order: OrderId,
    /// Keyed digest of the address on the label; gone with the label.
    pub address_digest: Option<[u8; 16]>,
    /// Why the same pieces are packed once more.
    pub again: Option<String>,
    pub created_at: Timestamp,
    pub created_by: String,
    pub labelled_at: Option<Timestamp>,
    pub prints: i64,
    pub dispatched_at: Option<Timestamp>,
    pub dispatched_by: Option<String>,
    pub carrier: Option<String>,
    pub carrier_service: Option<String>,
    pub tracking: Option<String>,
    pub courier_shipment_id: Option<String>,
    pub failure: Option<String>,
    pub lines: Vec<ShipmentLine>,
}

/// Pieces of one order line in a shipment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShipmentLine {
    /// The order.
    pub order: OrderId,
    /// The marketplace's id of the line.
    pub vendor_line_id: String,
    /// Pieces, at least 1.
    pub quantity: i64,
}

impl Shipment {
    /// The orders in it, each once.
    pub fn orders(&self) -> Vec<OrderId> {
        let mut orders: Vec<OrderId> = self.lines.iter().map(|line| line.order).collect();
        orders.sort_unstable();
        orders.dedup();
        orders
    }
}
