//! Floor 0: ids, money, countries, time, and the wrappers that keep personal data out of logs.
//!
//! Nothing here does I/O, except [`SystemClock`], which asks the operating system for the time.
//! Every other crate of the workspace may use this one; it uses none of them.

mod clock;
mod country;
mod ids;
mod measures;
mod money;
mod pii;
mod record;

pub use clock::{BusyGuard, BusyTracker, Clock, SharedClock, SystemClock, Timestamp};
pub use country::{Country, CountryError};
pub use ids::{
    AccountId, BuyerId, ConnectorId, EventId, IdError, InvoiceId, JobId, KeyId, OrderId, SellerId, ShipmentId,
    ShipmentRef, VendorOrderId,
};
pub use measures::{Grams, Millimetres};
pub use money::{Currency, Money, MoneyError};
pub use pii::{Pii, Secret};
pub use record::{FieldState, RecordError, RecordField, SealedRecord, Withheld};
