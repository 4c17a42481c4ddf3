//! Packing: what can be labelled, labels, shipments, dispatch, disclosures.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What `GET /v1/labels/ready` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadyList {
    /// Orders that can be labelled now, in the order of the shelves.
    pub orders: Vec<ReadyOrder>,
    /// Orders to one buyer and one address that could share a parcel, by number: a suggestion.
    pub together: Vec<Vec<String>>,
}

/// An order that can be labelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadyOrder {
    /// Our id.
    pub id: String,
    /// The account's label.
    pub account: String,
    /// The marketplace's order number.
    pub number: String,
    /// When it must leave.
    pub ship_by: Option<DateTime<Utc>>,
    /// True when that has passed.
    pub late: bool,
    /// Pieces that are left to pack.
    pub pieces: i64,
    /// Where it goes.
    pub territory: Option<String>,
}

/// The body of `POST /v1/labels`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLabels {
    /// One entry a label; at most [`CreateLabels::MOST`].
    pub labels: Vec<LabelRequest>,
    /// The courier; the usual one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<String>,
    /// The service; the courier's usual one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// `pdf`, `zpl203` or `zpl300`; the usual one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// `100x150`, `4x6`, `a6` or `a4`; the usual one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// They will be printed 2 or 4 on a sheet of A4: refused beforehand when they would not fit. PDF, and for 4 of size
    /// `a6`, unless something else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_sheet: Option<u8>,
    /// They will go to a label printer's own port: refused beforehand when they would be no ZPL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub label_printer: bool,
}

impl CreateLabels {
    /// Most labels a request: the command line sends several requests, and shows how far it is.
    pub const MOST: usize = 100;
}

/// One label.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelRequest {
    /// The orders in it, by our id or the marketplace's number: one, or several to one address.
    pub orders: Vec<String>,
    /// Which pieces; all that are left without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<LinePieces>>,
    /// Parcels: 1 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcels: Option<u32>,
    /// Why pieces that are packed already are packed once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

/// Pieces of an order line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinePieces {
    /// The marketplace's id of the line.
    pub line: String,
    /// How many pieces.
    pub quantity: i64,
}

/// What `POST /v1/labels` answers: an entry a label, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabelResults {
    /// One entry a label.
    pub results: Vec<LabelResult>,
}

/// What came of one label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabelResult {
    /// The marketplace's numbers of the orders; as they were named where an order is not known.
    pub orders: Vec<String>,
    /// The label; `None` when there is none.
    pub label: Option<LabelView>,
    /// Why there is none.
    pub refused: Option<Refusal>,
}

/// A label that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LabelView {
    /// Its reference, which is also its barcode.
    pub reference: String,
    /// Format and size.
    pub media: String,
    /// When it will be deleted.
    pub purge_at: DateTime<Utc>,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// Why.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// True when there may be a label at the courier all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unclear: bool,
}

/// The body of `POST /v1/labels/file`: labels that are held, as one document. It calls nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelsFile {
    /// Their references, in the order of the document; all of one format.
    pub references: Vec<String>,
    /// PDF labels on a sheet of A4, 2 or 4; a page for each without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_sheet: Option<u8>,
}

/// What `GET /v1/shipments` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShipmentList {
    /// Oldest first.
    pub shipments: Vec<ShipmentView>,
}

/// One shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "each field is the column of the same name: see the store's registry")]
pub struct ShipmentView {
    pub reference: String,
    pub state: String,
    pub label: String,
    pub courier: String,
    pub service: String,
    pub media: String,
    pub parcels: u32,
    pub again: Option<String>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
    pub labelled_at: Option<DateTime<Utc>>,
    pub prints: i64,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub carrier: Option<String>,
    pub carrier_service: Option<String>,
    pub tracking: Option<String>,
    pub failure: Option<String>,
    /// Pieces: (order's id, the marketplace's id of the line, pieces).
    pub lines: Vec<(String, String, i64)>,
}

/// Which shipments to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ShipmentQuery {
    /// Of this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// With this reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// In this state; `labelled` without an order: what waits to be dispatched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// The body of `POST /v1/dispatch`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    /// The parcels; at most [`Dispatch::MOST`].
    pub parcels: Vec<DispatchParcel>,
}

impl Dispatch {
    /// Most parcels a request.
    pub const MOST: usize = 500;
}

/// A parcel that has left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchParcel {
    /// The reference on its label, or the order's number.
    pub target: String,
    /// The carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

/// What `POST /v1/dispatch` answers: an entry a parcel, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DispatchResults {
    /// One entry a parcel.
    pub results: Vec<DispatchResult>,
}

/// What came of one parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DispatchResult {
    /// As it was named.
    pub target: String,
    /// The shipment; `None` when it was refused.
    pub shipment: Option<ShipmentView>,
    /// The numbers of its orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<String>,
    /// False when it had been recorded before, or was refused.
    pub recorded: bool,
    /// Why it was refused.
    pub refused: Option<Refusal>,
}

/// The body of `POST /v1/packing-slips`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackingSlips {
    /// Orders by our id or the marketplace's number; at most 200.
    pub orders: Vec<String>,
    /// No prices, whatever the order is.
    #[serde(default)]
    pub gift: bool,
}

/// What `GET /v1/disclosures` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DisclosureList {
    /// Newest first.
    pub disclosures: Vec<DisclosureView>,
    /// True when there are older ones beyond the limit.
    #[serde(default)]
    pub more: bool,
}

/// One hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DisclosureView {
    /// When.
    pub at: DateTime<Utc>,
    /// To whom.
    pub recipient: String,
    /// What for.
    pub purpose: String,
    /// Our id of the order.
    pub order: String,
    /// Names of the fields; never a value.
    pub fields: Vec<String>,
}

/// Which hand-overs to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DisclosureQuery {
    /// Of this order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// To this courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<String>,
    /// At most this many; 200 without it, 2000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The pick list as data: what `GET /v1/picklist` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PickListView {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// How many orders it is for.
    pub orders: usize,
    /// By SKU.
    pub rows: Vec<PickRowView>,
}

/// One product to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PickRowView {
    /// The SKU.
    pub sku: String,
    /// Its title.
    pub title: String,
    /// Pieces in all.
    pub quantity: i64,
    /// The orders' numbers, each with its pieces.
    pub orders: Vec<(String, i64)>,
}

/// What `POST /v1/orders/{reference}/hold`, `/release` and `/notes` answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderDone {
    /// The marketplace's order number.
    pub number: String,
    /// What was done, in words.
    pub done: String,
}
