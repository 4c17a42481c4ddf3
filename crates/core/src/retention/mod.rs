//! When personal data must go, and making it go.

mod copies;
mod policy;
mod run;
mod schedule;
mod trust;

pub use copies::{CopiesFolder, CopyReport};
pub use policy::{LABELS, Policies, PolicyChange, delivery_of};
pub use run::{ClassReport, RetentionReport};
pub use schedule::{delivery_purge_after, facts_purge_after};
pub use trust::TimeEvidence;
