//! VAT for sellers established in the United Kingdom: how a sale is treated, what is rounded how, when tax falls due, and
//! what stands on invoices and credit notes.
//!
//! Pure: no I/O, no clock, no panic, no floating point, and never a postcode: an order's territory is what counts. What
//! cannot be decided from the facts is a [`Missing`] fact with its reason, never a guess. Rules and choices carry their
//! source; this is not tax advice.

mod amounts;
mod cancelled;
mod content;
mod credit;
mod exchange;
mod form;
mod limits;
mod missing;
mod number;
mod pieces;
mod profile;
mod rate;
mod reading;
mod refunds;
pub mod rounding;
mod sale;
mod tax_point;
mod treatment;
mod year;

pub use amounts::{PricedLine, PricedOrder, price};
pub use content::{Content, DocumentLine, GrossLine, LineOf, RefundUse, VatGroup};
pub use credit::{CreditWish, credit, left_of, reversal};
pub use exchange::{ExchangeRate, ExchangeRateError};
pub use form::{BuyerKind, Form, SIMPLIFIED_LIMIT, form_of};
pub use missing::{Missing, MissingFact};
pub use number::{VatNumber, VatNumberError};
pub use profile::{AboveLimit, DiscountsNotStated, GoodsNotListed, SellerTaxProfile};
pub use rate::{Rate, RateError, Supply, VatCategory};
pub use refunds::{KnownRefund, refunds};
pub use sale::{Booked, BookedAs, DeclaredCategory, Dispatch, Sale, pending, pieces_booked};
pub use tax_point::{TaxPoint, TaxPointRule, local_day};
pub use treatment::{Scheme, StockCountries, Treatment, treat};
pub use year::{FinancialYears, IrregularYear, YEARS_KEPT, YearsError};
