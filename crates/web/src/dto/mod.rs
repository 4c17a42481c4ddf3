//! The shapes of requests and answers. Moments are RFC 3339 in UTC, amounts are [`MoneyView`], names are snake_case.
//!
//! The command line reads the same types back, so each is `Serialize` and `Deserialize`. Their schemas (`ToSchema`,
//! `IntoParams`) and doc comments are what `GET /v1/openapi.json` says of them. A moment is written `DateTime<Utc>`
//! here, and not [`ordersync_types::Timestamp`], which is the same: the derive knows types by their spelling.

mod accounts;
mod doctor;
mod exports;
mod failure;
mod invoices;
mod keys;
mod money;
mod order_work;
mod orders;
mod packing;
mod person;
mod products;
mod retention;
mod status;
mod sync;
mod tokens;

pub use accounts::{
    AccountAdded, AccountCheckView, AccountList, AccountView, AddAccount, CursorView, ReplaceCredentials,
};
pub use doctor::{DoctorReport, DoctorRow, DoctorState, VersionView};
pub use exports::{ExportPull, ExportPulls};
pub use failure::{ErrorBody, ErrorDetail};
pub use invoices::{
    CreditInvoice, DaybookQuery, InvoiceDetail, InvoiceLineView, InvoiceList, InvoiceQuery, InvoiceRateView,
    InvoiceView, InvoicesIssued, InvoicesVerified, IssueInvoice, SeriesList, SeriesView, SetSeries, TypeParty,
    VerifyInvoices, VoidNumber, VoidView, WaitingInvoice, WaitingInvoices,
};
pub use keys::{EscrowExport, EscrowTest, EscrowTested, KeyCount, KeysStatus};
pub use money::{Coded, MoneyView};
pub use order_work::{
    CopyGone, LabelCopies, LabelCopyNoted, LabelCopyView, NoteLabelCopy, NoteView, OrderText, TypeAddress,
};
pub use orders::{
    AmountView, CancellationView, CollectedTaxView, DiscountView, EventView, FindOrders, LineView, ListQuery,
    OrderList, OrderSummaryView, OrderView, RefundView, RejectedList, RejectedView, RetryOrders, RetryResult,
    ReviewView,
};
pub use packing::{
    CreateLabels, DisclosureList, DisclosureQuery, DisclosureView, Dispatch, DispatchParcel, DispatchResult,
    DispatchResults, LabelRequest, LabelResult, LabelResults, LabelView, LabelsFile, LinePieces, OrderDone,
    PackingSlips, PickListView, PickRowView, ReadyList, ReadyOrder, Refusal, ShipmentList, ShipmentQuery, ShipmentView,
};
pub use person::{PersonField, PersonRecord, RecordState};
pub use products::{
    AccountInvoices, AccountInvoicesSet, ImportProducts, ImportRates, Imported, ProductEntry, ProductList,
    ProductQuery, RateEntry, RateList,
};
pub use retention::{
    ClassPlan, ClassPurged, PolicyChangeView, RetentionOutcome, RetentionPlan, RetentionProof, RetentionReportView,
    RetentionRunView, RunRetention, Shortened,
};
pub use status::{AccountProgress, HeldOrder, KeysHealth, RetentionHealth, StatusView, WaitingParcel, WorkOrder};
pub use sync::{SyncAll, SyncNow, SyncOutcome, SyncResult};
pub use tokens::{CreateToken, TokenCreated, TokenList, TokenView};
