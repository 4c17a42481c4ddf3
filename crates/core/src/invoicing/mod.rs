//! Invoices, receipts and credit notes: when one is due, who it is made out to, and its number.

mod by_hand;
mod credits;
mod daybook;
mod draft;
mod due;
mod export;
mod issue;
mod jobs;
mod lay_out;
mod paper;
mod party;
mod products;
mod rates;
mod reading;
mod series;
mod settings;
mod stored;
mod storing;
mod verify;
mod waiting;
mod words;

// For the floors that see VAT through core alone.
pub use ordersync_vat::{
    AboveLimit, DiscountsNotStated, FinancialYears, GoodsNotListed, SellerTaxProfile, TaxPointRule,
};

pub use by_hand::{CreditParts, InvoiceDocument};
pub use daybook::{
    DaybookHead, DaybookParty, DaybookRow, DaybookSterling, DaybookSum, DaybookTotals, DaybookWriter, ExportError,
    ExportFormat, ExportRest, Exporter, TotalOf,
};
pub use export::{DaybookRead, DaybookWish};
pub use issue::IssueReport;
pub(crate) use jobs::may_need_invoice;
pub use paper::{DocumentKind, InvoicePaper, PartyBlock, Sterling, Supplier};
pub use party::{InvoiceParty, TypedParty};
pub use products::{ProductWish, SoldProduct};
pub use rates::RateWish;
pub use series::printed_number;
pub use settings::{Business, InvoicingSettings};
pub use stored::StoredContent;
pub use verify::{InvoiceFault, VerifyReport};

/// The version of the layout of documents that are issued now.
pub const TEMPLATE: u32 = 1;
