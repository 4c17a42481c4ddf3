//! When personal data must go, and making it go.

mod copies;
mod policy;
mod run;
mod schedule;
mod trust;
mod wiping;

pub use copies::{CopiesFolder, CopyReport};
pub(crate) use policy::has_own_days;
pub use policy::{LABELS, Policies, PolicyChange, delivery_of};
pub use run::{ClassReport, RetentionReport};
pub use schedule::{delivery_purge_after, facts_purge_after};
pub use trust::TimeEvidence;
