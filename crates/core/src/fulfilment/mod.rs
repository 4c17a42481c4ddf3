//! Packing, labels and dispatch: what can go, what a courier is told, and what became of it.

mod create;
mod destination;
mod dispatch;
mod plan;
mod print;
mod readiness;
mod recover;
mod worklist;

use std::fmt;
use std::sync::Arc;

use ordersync_courier_api::{CourierAdapter, LabelMedia, SenderProfile};

use crate::CoreError;
use crate::paper::PaperRenderer;

pub use create::{LabelMade, LabelOutcome, LabelRefused, LabelWish, Pieces};
pub use dispatch::{DispatchOutcome, DispatchWish};
pub use print::PrintedLabel;
pub use readiness::{
    Hold, Work, has_open_cancellation, is_late, open_lines, open_statuses, stands_alone, status_of, work,
};

/// How long a label is kept, in days; may be shorter, never longer (retention schedule, class `label`).
pub const LABEL_DAYS: i64 = 21;

/// What labels are made with: from the configuration.
#[derive(Clone)]
pub struct FulfilmentSettings {
    /// The couriers, the usual one first.
    pub couriers: Vec<Arc<dyn CourierAdapter>>,
    /// Who sends; `None`: no label can be made until the configuration says so.
    pub sender: Option<SenderProfile>,
    /// Who lays paper out; `None`: labels come one by one, and there is no other paper.
    pub paper: Option<Arc<dyn PaperRenderer>>,
    /// The usual size and format.
    pub media: LabelMedia,
    /// Days that a label is kept, 1 to [`LABEL_DAYS`].
    pub label_days: i64,
}

impl fmt::Debug for FulfilmentSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let couriers: Vec<&str> = self.couriers.iter().map(|courier| courier.info().id.0).collect();
        f.debug_struct("FulfilmentSettings").field("couriers", &couriers).field("media", &self.media).finish()
    }
}

impl FulfilmentSettings {
    /// The courier with this name; the usual one without a name.
    pub(crate) fn courier(&self, name: Option<&str>) -> Result<&Arc<dyn CourierAdapter>, NoSuchCourier> {
        let found = match name {
            None => self.couriers.first(),
            Some(name) => self.couriers.iter().find(|courier| courier.info().id.0 == name),
        };
        found.ok_or_else(|| {
            let known: Vec<&str> = self.couriers.iter().map(|courier| courier.info().id.0).collect();
            NoSuchCourier {
                message: format!("there is no courier {}", name.unwrap_or("in the configuration")),
                hint: format!("couriers: {}", known.join(", ")),
            }
        })
    }
}

/// There is no courier of this name.
#[derive(Debug)]
pub(crate) struct NoSuchCourier {
    message: String,
    hint: String,
}

impl From<NoSuchCourier> for CoreError {
    fn from(none: NoSuchCourier) -> Self {
        Self::Refused { message: none.message, hint: none.hint }
    }
}
