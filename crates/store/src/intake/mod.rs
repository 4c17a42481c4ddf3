//! A page of orders: the rows that intake writes, what it must know before, and the one transaction.

mod known;
mod write;

use ordersync_types::{AccountId, BuyerId, KeyId, OrderId, SellerId, Timestamp, VendorOrderId};
use ordersync_vault::{Sealed, SubjectKey};
use uuid::Uuid;

use crate::{BuyerColumn, LeaseProof, NewJob, RecipientColumn, RejectedRow, ResumeHint};
pub(crate) use known::ORDERS_BY_NUMBER;
pub use known::{KnownBuyer, KnownOrder, KnownRecord};
pub use write::ReadyPage;

/// One order's open row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is a column; the column registry says what it holds")]
pub struct OrderRow {
    pub order_id: OrderId,
    pub vendor_order_id: VendorOrderId,
    pub marketplace: String,
    pub status: &'static str,
    pub status_code: Option<String>,
    pub fulfilled_by: &'static str,
    pub completeness: &'static str,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub first_read_at: Timestamp,
    pub read_at: Timestamp,
    pub ship_by: Option<Timestamp>,
    pub deliver_by: Option<Timestamp>,
    pub dispatched_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub history: bool,
    pub country: Option<&'static str>,
    pub territory: Option<&'static str>,
    pub currency: Option<&'static str>,
    pub grand_total_minor: Option<i64>,
    pub shipping_reviews: i64,
    pub tax_reviews: i64,
    pub buyer_id: Option<BuyerId>,
    pub facts_purge_after: Option<Timestamp>,
    pub digest: [u8; 16],
    pub detail: String,
}

/// One order line's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is a column; the column registry says what it holds")]
pub struct LineRow {
    pub order_id: OrderId,
    pub vendor_line_id: String,
    pub position: i64,
    pub sku: Option<String>,
    pub vendor_item_id: Option<String>,
    pub title: Option<String>,
    pub quantity: i64,
    pub quantity_dispatched: Option<i64>,
    pub total_minor: Option<i64>,
    pub detail: String,
}

/// One sealed recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRow {
    /// Whose order.
    pub order_id: OrderId,
    /// The delivery key that seals it.
    pub key_id: KeyId,
    /// 1 for the first.
    pub row_version: i64,
    /// Keyed digest of its content.
    pub digest: [u8; 16],
    /// When it is to be purged.
    pub purge_after: Timestamp,
    /// The cell.
    pub sealed: Sealed<RecipientColumn>,
}

/// One sealed buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuyerRow {
    /// Its id, which is the scope of the contact key.
    pub buyer_id: BuyerId,
    /// What the buyer is found again by.
    pub subject: SubjectKey,
    /// The contact key that seals it.
    pub key_id: KeyId,
    /// 1 for the first.
    pub row_version: i64,
    /// Keyed digest of its content.
    pub digest: [u8; 16],
    /// When it is to be purged.
    pub purge_after: Timestamp,
    /// The cell.
    pub sealed: Sealed<BuyerColumn>,
}

/// One entry of an order's history: a change. That it arrived, the order's own row tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Whose.
    pub order_id: OrderId,
    /// The entry's id.
    pub event_id: Uuid,
    /// When we saw it.
    pub at: Timestamp,
    /// What happened, for example `arrived` or `status`.
    pub kind: &'static str,
    /// More about it, without a person.
    pub detail: String,
}

/// An order to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderWrite {
    /// Its open row.
    pub row: OrderRow,
    /// Its lines: all of them, or none when they did not change.
    pub lines: Vec<LineRow>,
    /// True when the order is stored already.
    pub known: bool,
}

/// Everything that one page changes. Written whole or not at all.
#[derive(Debug, Clone)]
pub struct PageWrite {
    /// Whose.
    pub seller: SellerId,
    /// Which account.
    pub account: AccountId,
    /// When the page was read.
    pub at: Timestamp,
    /// New and changed orders, each id once.
    pub orders: Vec<OrderWrite>,
    /// New and changed recipients.
    pub recipients: Vec<RecipientRow>,
    /// New purge times of recipients whose content did not change.
    pub recipient_purges: Vec<(OrderId, Timestamp)>,
    /// New and changed buyers.
    pub buyers: Vec<BuyerRow>,
    /// New purge times of buyers whose content did not change.
    pub buyer_purges: Vec<(BuyerId, Timestamp)>,
    /// History.
    pub events: Vec<EventRow>,
    /// Jobs that the page gives rise to.
    pub jobs: Vec<NewJob>,
    /// Orders that could not be read.
    pub rejected: Vec<RejectedRow>,
    /// Orders that were rejected before and could be read now.
    pub accepted: Vec<VendorOrderId>,
    /// Where the window goes on; `None` when this was its last page, or for single orders.
    pub resume: Option<ResumeHint>,
    /// The new watermark; only with the last page of a window.
    pub watermark: Option<Timestamp>,
    /// False for single orders, which move no cursor.
    pub moves_cursor: bool,
    /// The key store's sequence number that the cells of this page rely on.
    pub keys_sequence: i64,
    /// The lease that allows the write.
    pub lease: Option<LeaseProof>,
}
