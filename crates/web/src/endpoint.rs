//! The one table of the API: method, path, roles, pace, request and answer of every endpoint.

use axum::routing::{MethodRouter, delete, get, post, put};
use http::Method;

use crate::api::Api;
use crate::dto;
use crate::export;
use crate::handlers::{
    accounts, daybook, find, invoices, keys, labels, order_work, orders, packing, products, retention, retry, show,
    status, system, tokens,
};
use crate::role::Role;
use crate::shape::{Shape, answers, media, takes, verb};

/// How long an endpoint may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Ordinary: ends with 503 after 30 seconds.
    Ordinary,
    /// Waits for a marketplace, a whole run or a slow reader: no limit here; what only reads ends when the caller goes.
    Long,
    /// As `Long`, and done by the daemon's own tasks: the request itself does not count as busy, or a stepped clock
    /// could not move while one of those tasks sleeps.
    Delegated,
}

macro_rules! endpoints {
    ($($(#[doc = $doc:literal])+ $name:ident = $method:ident $path:literal, $pace:ident, [$($role:ident)+], $handler:expr,
        $takes:ident$(($input:ty))? -> $answers:ident$(($output:ty))?;)+) => {
        /// Every endpoint of the API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Endpoint {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Endpoint {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The method.
            pub const fn method(self) -> Method {
                match self { $(Self::$name => Method::$method,)+ }
            }

            /// The path, with its parameters in braces.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)+ }
            }

            /// How long it may take.
            pub const fn pace(self) -> Pace {
                match self { $(Self::$name => Pace::$pace,)+ }
            }

            /// Who may use it.
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role,)+],)+ }
            }

            /// The name, as in `operationId` of the interface's description.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// What it does, in a sentence.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// What it takes and answers.
            pub(crate) fn shape(self) -> Shape {
                match self {
                    $(Self::$name => Shape {
                        method: verb::$method,
                        takes: takes::$takes$(::<$input>)?(),
                        answer: answers::$answers$(::<$output>)?(),
                    },)+
                }
            }

            pub(crate) fn handler(self) -> MethodRouter<Api> {
                match self { $(Self::$name => $handler,)+ }
            }
        }
    };
}

endpoints! {
    /// What this program is.
    Version = GET "/v1/version", Ordinary, [Admin Seller Accountant Packer], get(system::version),
        nothing -> json(dto::VersionView);
    /// This description of the whole interface.
    OpenApi = GET "/v1/openapi.json", Ordinary, [Admin Seller Accountant Packer], get(system::open_api),
        nothing -> document;
    /// The day's work, and whether anything is late or broken.
    Status = GET "/v1/status", Ordinary, [Admin Seller Accountant Packer], get(status::status),
        nothing -> json(dto::StatusView);
    /// Everything that can be looked at.
    Doctor = GET "/v1/doctor", Delegated, [Admin Seller], get(system::doctor),
        nothing -> json(dto::DoctorReport);
    /// All accounts.
    Accounts = GET "/v1/accounts", Ordinary, [Admin Seller], get(accounts::list),
        nothing -> json(dto::AccountList);
    /// Adds an account after asking the marketplace.
    AddAccount = POST "/v1/accounts", Long, [Admin Seller], post(accounts::add),
        body(dto::AddAccount) -> created(dto::AccountAdded);
    /// Asks the marketplace whether an account works, and sets it going again if it does.
    CheckAccount = POST "/v1/accounts/{label}/check", Long, [Admin Seller], post(accounts::check),
        nothing -> json(dto::AccountCheckView);
    /// Puts other credentials in place of an account's, after asking the marketplace.
    ReplaceCredentials = PUT "/v1/accounts/{label}/credentials", Long, [Admin Seller], put(accounts::replace_credentials),
        body(dto::ReplaceCredentials) -> json(dto::AccountCheckView);
    /// Says who issues an account's invoices.
    AccountInvoices = PUT "/v1/accounts/{label}/invoices", Ordinary, [Admin Seller], put(products::account_invoices),
        body(dto::AccountInvoices) -> json(dto::AccountInvoicesSet);
    /// Removes an account and destroys its credential.
    RemoveAccount = DELETE "/v1/accounts/{label}", Ordinary, [Admin Seller], delete(accounts::remove),
        nothing -> done;
    /// Reads accounts up to the present.
    Sync = POST "/v1/sync", Delegated, [Admin Seller], post(system::sync),
        body(dto::SyncNow) -> json(dto::SyncAll);
    /// Orders by filter.
    Orders = GET "/v1/orders", Ordinary, [Admin Seller Accountant Packer], get(orders::list),
        query(dto::ListQuery) -> json(dto::OrderList);
    /// Orders by name or postcode.
    FindOrders = POST "/v1/orders/find", Ordinary, [Admin Seller Packer], post(find::find),
        body(dto::FindOrders) -> json(dto::OrderList);
    /// Open facts as CSV, a row a line.
    ExportOrders = GET "/v1/orders/export", Long, [Admin Seller Accountant], get(export::export),
        query(export::ExportFilter) -> file(media::Csv);
    /// Reads orders again.
    RetryOrders = POST "/v1/orders/retry", Long, [Admin Seller Packer], post(retry::retry),
        body(dto::RetryOrders) -> json(dto::RetryResult);
    /// One order.
    Order = GET "/v1/orders/{reference}", Ordinary, [Admin Seller Accountant Packer], get(show::show),
        query(show::InAccount) -> json(dto::OrderView);
    /// Holds an order back.
    HoldOrder = POST "/v1/orders/{reference}/hold", Ordinary, [Admin Seller Packer], post(order_work::hold),
        body(dto::OrderText) -> json(dto::OrderDone);
    /// Lets a held order go on.
    ReleaseOrder = POST "/v1/orders/{reference}/release", Ordinary, [Admin Seller Packer], post(order_work::release),
        nothing -> json(dto::OrderDone);
    /// Writes a note on an order.
    NoteOrder = POST "/v1/orders/{reference}/notes", Ordinary, [Admin Seller Packer], post(order_work::note),
        body(dto::OrderText) -> json(dto::OrderDone);
    /// Puts a typed address in place of the marketplace's.
    OrderAddress = PUT "/v1/orders/{reference}/address", Ordinary, [Admin Seller Packer], put(order_work::address),
        body(dto::TypeAddress) -> json(dto::OrderDone);
    /// Orders that can be labelled.
    ReadyLabels = GET "/v1/labels/ready", Ordinary, [Admin Seller Packer], get(labels::ready),
        nothing -> json(dto::ReadyList);
    /// Makes labels.
    CreateLabels = POST "/v1/labels", Long, [Admin Seller Packer], post(labels::create),
        body(dto::CreateLabels) -> json(dto::LabelResults);
    /// Labels that are held, as one document.
    LabelsFile = POST "/v1/labels/file", Long, [Admin Seller Packer], post(labels::file),
        body(dto::LabelsFile) -> file(media::Label);
    /// Takes a label back.
    VoidLabel = POST "/v1/labels/{reference}/void", Long, [Admin Seller Packer], post(labels::void),
        nothing -> json(dto::ShipmentView);
    /// The caller's own copies of labels that are due.
    LabelCopies = GET "/v1/label-copies", Ordinary, [Admin Seller Packer], get(order_work::copies),
        nothing -> json(dto::LabelCopies);
    /// Notes a copy of labels that the caller keeps.
    NoteLabelCopy = POST "/v1/label-copies", Ordinary, [Admin Seller Packer], post(order_work::note_copy),
        body(dto::NoteLabelCopy) -> created(dto::LabelCopyNoted);
    /// Says what became of a copy.
    LabelCopyGone = POST "/v1/label-copies/{id}/gone", Ordinary, [Admin Seller Packer], post(order_work::copy_gone),
        body(dto::CopyGone) -> done;
    /// Shipments of an order, or those that wait.
    Shipments = GET "/v1/shipments", Ordinary, [Admin Seller Accountant Packer], get(packing::shipments),
        query(dto::ShipmentQuery) -> json(dto::ShipmentList);
    /// Records that parcels have left.
    Dispatch = POST "/v1/dispatch", Long, [Admin Seller Packer], post(packing::dispatch),
        body(dto::Dispatch) -> json(dto::DispatchResults);
    /// What to fetch from the shelves.
    PickList = GET "/v1/picklist", Ordinary, [Admin Seller Packer], get(packing::pick_list),
        nothing -> json(dto::PickListView);
    /// The pick list as a PDF.
    PickListFile = GET "/v1/picklist/file", Ordinary, [Admin Seller Packer], get(packing::pick_list_file),
        nothing -> file(media::Pdf);
    /// Packing slips as a PDF.
    PackingSlips = POST "/v1/packing-slips", Ordinary, [Admin Seller Packer], post(packing::packing_slips),
        body(dto::PackingSlips) -> file(media::Pdf);
    /// Who was told which fields.
    Disclosures = GET "/v1/disclosures", Ordinary, [Admin Seller], get(packing::disclosures),
        query(dto::DisclosureQuery) -> json(dto::DisclosureList);
    /// Orders that could not be read.
    Rejected = GET "/v1/rejected", Ordinary, [Admin Seller Accountant Packer], get(retry::rejected),
        nothing -> json(dto::RejectedList);
    /// What was sold or declared.
    Products = GET "/v1/products", Ordinary, [Admin Seller Accountant Packer], get(products::list),
        query(dto::ProductQuery) -> json(dto::ProductList);
    /// Declares VAT categories, weights and customs data.
    ImportProducts = POST "/v1/products", Long, [Admin Seller Accountant], post(products::import),
        body(dto::ImportProducts) -> json(dto::Imported);
    /// Exchange rates that were imported.
    ExchangeRates = GET "/v1/exchange-rates", Ordinary, [Admin Seller Accountant], get(products::rates),
        nothing -> json(dto::RateList);
    /// Imports exchange rates.
    ImportRates = POST "/v1/exchange-rates", Long, [Admin Seller Accountant], post(products::import_rates),
        body(dto::ImportRates) -> json(dto::Imported);
    /// Documents by filter.
    Invoices = GET "/v1/invoices", Ordinary, [Admin Seller Accountant], get(invoices::list),
        query(dto::InvoiceQuery) -> json(dto::InvoiceList);
    /// Sales that have left and have no document.
    WaitingInvoices = GET "/v1/invoices/waiting", Ordinary, [Admin Seller Accountant], get(invoices::waiting),
        nothing -> json(dto::WaitingInvoices);
    /// One document.
    Invoice = GET "/v1/invoices/{number}", Ordinary, [Admin Seller Accountant], get(invoices::show),
        nothing -> json(dto::InvoiceDetail);
    /// One document as a PDF.
    InvoiceFile = GET "/v1/invoices/{number}/pdf", Ordinary, [Admin Seller Accountant], get(invoices::pdf),
        query(invoices::PdfQuery) -> file(media::Pdf);
    /// Issues what is due of an order, or a simplified invoice in full.
    IssueInvoice = POST "/v1/invoices/issue", Long, [Admin Seller Accountant], post(invoices::issue),
        body(dto::IssueInvoice) -> json(dto::InvoicesIssued);
    /// Takes something of a document back.
    CreditInvoice = POST "/v1/invoices/{number}/credit", Long, [Admin Seller Accountant], post(invoices::credit),
        body(dto::CreditInvoice) -> json(dto::InvoicesIssued);
    /// Takes a number without a document.
    VoidNumber = POST "/v1/invoices/void", Ordinary, [Admin Seller Accountant], post(invoices::void),
        body(dto::VoidNumber) -> json(dto::VoidView);
    /// Lays documents out again and compares them with what was issued.
    VerifyInvoices = POST "/v1/invoices/verify", Long, [Admin Seller Accountant], post(invoices::verify),
        body(dto::VerifyInvoices) -> json(dto::InvoicesVerified);
    /// The series of numbers.
    InvoiceSeries = GET "/v1/invoice-series", Ordinary, [Admin Seller Accountant], get(invoices::series),
        nothing -> json(dto::SeriesList);
    /// Sets a series before its first document.
    SetInvoiceSeries = PUT "/v1/invoice-series/{kind}", Ordinary, [Admin Seller], put(invoices::set_series),
        body(dto::SetSeries) -> json(dto::SeriesList);
    /// The daybook of a period.
    Daybook = GET "/v1/exports/daybook", Long, [Admin Seller Accountant], get(daybook::daybook),
        query(dto::DaybookQuery) -> tagged(media::Daybook);
    /// Who pulled exports.
    ExportPulls = GET "/v1/exports/pulls", Ordinary, [Admin Seller], get(daybook::pulls),
        nothing -> json(dto::ExportPulls);
    /// Tokens of the HTTP interface.
    Tokens = GET "/v1/tokens", Ordinary, [Admin Seller], get(tokens::list),
        nothing -> json(dto::TokenList);
    /// Makes a token.
    CreateToken = POST "/v1/tokens", Ordinary, [Admin Seller], post(tokens::create),
        body(dto::CreateToken) -> created(dto::TokenCreated);
    /// Revokes a token.
    RevokeToken = DELETE "/v1/tokens/{label}", Ordinary, [Admin Seller], delete(tokens::revoke),
        nothing -> done;
    /// What is due.
    RetentionPlan = GET "/v1/retention/plan", Ordinary, [Admin Seller], get(retention::plan),
        nothing -> json(dto::RetentionPlan);
    /// Purges what is due.
    RunRetention = POST "/v1/retention/run", Long, [Admin Seller], post(retention::run),
        body(dto::RunRetention) -> json(dto::RetentionOutcome);
    /// Keeps what is held no longer than the configuration says.
    ShortenHeld = POST "/v1/retention/shorten", Long, [Admin], post(retention::shorten),
        nothing -> json(dto::Shortened);
    /// The proofs of the newest runs.
    RetentionReport = GET "/v1/retention/report", Ordinary, [Admin Seller], get(retention::report),
        nothing -> json(dto::RetentionReportView);
    /// Keys by class and state.
    KeysStatus = GET "/v1/keys/status", Ordinary, [Admin], get(keys::status),
        nothing -> json(dto::KeysStatus);
    /// A recovery file.
    EscrowExport = POST "/v1/keys/escrow", Long, [Admin], post(keys::escrow),
        body(dto::EscrowExport) -> file(media::Bytes);
    /// Tests a recovery file.
    EscrowTest = POST "/v1/keys/escrow/test", Long, [Admin], post(keys::escrow_test),
        body(dto::EscrowTest) -> json(dto::EscrowTested);
}
