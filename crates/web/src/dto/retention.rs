//! Retention: what is due, what a run did, and the proofs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What `GET /v1/retention/plan` answers, and `POST /v1/retention/run` with `dry_run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionPlan {
    /// The moment it was looked at: what is due is due at or before it.
    pub at: DateTime<Utc>,
    /// By class.
    pub classes: Vec<ClassPlan>,
    /// Shorter times in the configuration that do not reach what is held yet: `POST /v1/retention/shorten` makes them.
    #[serde(default)]
    pub shorter: Vec<PolicyChangeView>,
}

/// A shorter time that does not reach what is held yet; after `POST /v1/retention/shorten`, that does now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyChangeView {
    /// `label`, or `delivery/` and a connector's name.
    pub class: String,
    /// Days that what is held is kept.
    pub from: u32,
    /// Days that the configuration says, and that what comes in is kept.
    pub to: u32,
    /// Records that would go earlier.
    pub shorter: i64,
    /// Those of them that would be due at once.
    pub due_at_once: i64,
}

/// What `POST /v1/retention/shorten` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shortened {
    /// By class; empty when everything that is held goes by the configuration already.
    pub shorter: Vec<PolicyChangeView>,
}

/// What is due of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassPlan {
    /// `label`, `label_copy`, `note`, `delivery`, `contact` or `facts`.
    pub class: String,
    /// Records whose time is over.
    pub due: i64,
    /// Records held in all, those due included.
    pub held: i64,
    /// When the earliest of them is due.
    pub earliest_due: Option<DateTime<Utc>>,
}

/// The body of `POST /v1/retention/run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRetention {
    /// Only say what would go: the answer is a [`RetentionPlan`].
    #[serde(default)]
    pub dry_run: bool,
    /// A person has looked at the clock: purge although it could not be trusted.
    #[serde(default)]
    pub clock_is_right: bool,
}

/// What `POST /v1/retention/run` answers without `dry_run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionProof {
    /// By class; empty when nothing was due.
    pub classes: Vec<ClassPurged>,
    /// What the physical step did to the files; `None` when nothing was due.
    pub physical: Option<String>,
    /// False when a reader stood in the way of the physical step: run it again.
    pub clean: bool,
    /// Copies outside that hold labels whose time is over, which the daemon cannot delete: their owners' next command
    /// does. `None` when no label was due.
    #[serde(default)]
    pub copies_outside: Option<i64>,
}

/// What `POST /v1/retention/run` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum RetentionOutcome {
    /// With `dry_run`: what would go.
    Planned(RetentionPlan),
    /// Without it: what has gone.
    Done(RetentionProof),
}

/// What was done about one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassPurged {
    /// `label`, `label_copy`, `note`, `delivery`, `contact` or `facts`.
    pub class: String,
    /// Records that were due.
    pub due: i64,
    /// Records that are gone, their keys destroyed first.
    pub destroyed: i64,
    /// How late the latest of them went, in milliseconds.
    pub late_max_ms: i64,
    /// When the earliest of what is left is due.
    pub oldest_left: Option<DateTime<Utc>>,
}

/// What `GET /v1/retention/report` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionReportView {
    /// The runs, newest first; one entry a class and run.
    pub runs: Vec<RetentionRunView>,
    /// What no purge of the daemon reaches, and how long it may hold what was purged.
    #[serde(default)]
    pub beyond_reach: String,
}

/// One run over one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetentionRunView {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None` while it runs, or when it was cut off.
    pub finished_at: Option<DateTime<Utc>>,
    /// What was due at or before this moment was to go.
    pub cutoff: DateTime<Utc>,
    /// `running`, `done` or `partial`.
    pub state: String,
    /// `label`, `label_copy`, `note`, `delivery`, `contact` or `facts`.
    pub class: String,
    /// Records that were due.
    pub due: i64,
    /// Records that are gone.
    pub destroyed: i64,
    /// How late the latest of them went, in milliseconds.
    pub late_max_ms: i64,
    /// The earliest due moment of what is left.
    pub oldest_left: Option<DateTime<Utc>>,
    /// What the physical step did.
    pub physical: Option<String>,
    /// What the probe found.
    pub probe: Option<String>,
    /// Why it is partial.
    pub failure: Option<String>,
    /// Labels: copies outside that hold labels whose time is over, which the daemon cannot delete.
    #[serde(default)]
    pub copies_outside: Option<i64>,
}
