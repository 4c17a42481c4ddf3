//! What `GET /v1/status` answers: the day's work, and whether anything is late or broken.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{RetentionRunView, WaitingInvoice};

/// The day's work. Lists are capped; the counts beside them are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusView {
    /// When it was looked at.
    pub at: DateTime<Utc>,
    /// True when an order should have left by now.
    pub late: bool,
    /// True when something does not work: an account, retention.
    pub broken: bool,
    /// Sentences for what makes it late or broken, each with what to do.
    pub attention: Vec<String>,
    /// Orders that can be labelled.
    pub to_label_count: u64,
    /// Open orders, whatever they wait for, that should have left by now as far as the marketplace knows.
    pub late_count: u64,
    /// Orders that can be labelled: late ones first, then by the moment they must leave; at most
    /// [`StatusView::MOST_LISTED`].
    pub to_label: Vec<WorkOrder>,
    /// Orders that are packed here under a label that somebody else makes.
    pub label_elsewhere_count: u64,
    /// Those orders, late ones first; at most [`StatusView::MOST_LISTED`].
    pub label_elsewhere: Vec<HeldOrder>,
    /// Parcels that have a label and have not left.
    pub labelled_count: u64,
    /// The oldest of those parcels, late ones first; at most [`StatusView::MOST_LISTED`].
    pub labelled: Vec<WaitingParcel>,
    /// Parcels that have a label and must not leave: an order in them was cancelled, or has left otherwise.
    pub stopped: Vec<WaitingParcel>,
    /// Orders that left by our own record, and of which the marketplace does not say so yet.
    pub to_confirm_count: u64,
    /// Those orders, late ones first; at most [`StatusView::MOST_LISTED`].
    pub to_confirm: Vec<WorkOrder>,
    /// Parcels whose label was asked for and for which no answer has come in five minutes: settled by itself.
    pub unanswered: Vec<WaitingParcel>,
    /// Parcels of which it is not clear whether the courier has made a label: a person must look.
    pub unknown: Vec<WaitingParcel>,
    /// Orders that wait for somebody or something.
    pub held_count: u64,
    /// Those orders, late ones first; at most [`StatusView::MOST_LISTED`].
    pub held: Vec<HeldOrder>,
    /// Orders to pack whose tax a person must look at before the invoice; it never holds the parcel.
    pub tax_review_count: u64,
    /// Sales that have left and whose invoice waits for a person, by the missing fact.
    pub invoices_waiting_counts: Vec<(String, i64)>,
    /// The first of those sales; at most [`StatusView::MOST_WAITING`].
    pub invoices_waiting: Vec<WaitingInvoice>,
    /// Business orders that left over [`StatusView::BUSINESS_HOURS`] hours ago and have no invoice.
    pub late_business_invoices: Vec<WaitingInvoice>,
    /// Open orders that the marketplace packs itself.
    pub packed_elsewhere_count: u64,
    /// Orders that could not be read.
    pub rejected_count: u64,
    /// How far each account has been read.
    pub accounts: Vec<AccountProgress>,
    /// How retention stands.
    pub retention: RetentionHealth,
    /// How the keys stand.
    pub keys: KeysHealth,
}

impl StatusView {
    /// Most orders in each list.
    pub const MOST_LISTED: usize = 500;
    /// Most sales without an invoice in the list; `ordersync invoice list --waiting` has more.
    pub const MOST_WAITING: u32 = 20;
    /// Hours after dispatch in which a business is to have its invoice: Amazon asks for one working day.
    pub const BUSINESS_HOURS: i64 = 12;
}

/// One order to dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkOrder {
    /// Our id.
    pub id: String,
    /// The account's label.
    pub account: String,
    /// The marketplace's order number.
    pub number: String,
    /// The order's status by name.
    pub status: String,
    /// When it must leave, when the marketplace says so.
    pub ship_by: Option<DateTime<Utc>>,
    /// True when that has passed.
    pub late: bool,
    /// Where it goes, as ISO 3166-1 alpha-2, or `NI` and the like for a territory.
    pub territory: Option<String>,
    /// Order lines.
    pub lines: u64,
    /// Pieces in all.
    pub pieces: i64,
    /// How many things about its tax a person must look at.
    pub tax_reviews: i64,
}

/// One parcel that has not left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingParcel {
    /// The reference on its label.
    pub reference: String,
    /// The numbers of its orders.
    pub orders: Vec<String>,
    /// The courier.
    pub courier: String,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// When the first of its orders must leave, when the marketplace says so.
    pub ship_by: Option<DateTime<Utc>>,
    /// True when that has passed.
    pub late: bool,
    /// What went wrong, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// One order that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldOrder {
    /// The order.
    #[serde(flatten)]
    pub order: WorkOrder,
    /// Why, in sentences.
    pub reasons: Vec<String>,
    /// What to do about it.
    pub hint: String,
}

/// How far one account has been read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountProgress {
    /// The account's label.
    pub account: String,
    /// `active` or `needs_consent`.
    pub state: String,
    /// Every change up to here is stored; `None` before the first window was read whole.
    pub caught_up_to: Option<DateTime<Utc>>,
    /// When a window was last read to its end.
    pub caught_up_at: Option<DateTime<Utc>>,
    /// When polling last failed, if it has not succeeded since.
    pub failed_at: Option<DateTime<Utc>>,
    /// Why it is not polled, or why polling failed.
    pub failure: Option<String>,
    /// What to do about it; empty when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// Orders that could not be read.
    pub rejected: u64,
}

/// How retention stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionHealth {
    /// True when something should have gone more than [`RetentionHealth::GRACE_HOURS`] hours ago.
    pub overdue: bool,
    /// Records whose time is over, of all classes.
    pub due: i64,
    /// When the earliest record of all is due.
    pub earliest_due: Option<DateTime<Utc>>,
    /// The newest run; `None` before the first.
    pub newest_run: Option<RetentionRunView>,
}

impl RetentionHealth {
    /// A record may wait this long for the next run before it counts as overdue.
    pub const GRACE_HOURS: i64 = 24;
}

/// How the keys stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeysHealth {
    /// Whether a recovery file of the root secret was tested with success.
    pub escrow_tested: bool,
    /// When.
    pub escrow_tested_at: Option<DateTime<Utc>>,
}
