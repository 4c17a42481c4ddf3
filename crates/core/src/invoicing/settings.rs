//! What invoices are written with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use ordersync_vat::{Missing, MissingFact, SellerTaxProfile};

use super::{Exporter, Supplier};
use crate::Core;
use crate::paper::PaperRenderer;

/// What invoices are written with: from the configuration.
#[derive(Clone)]
pub struct InvoicingSettings {
    /// The business; `None`: nothing is issued until the configuration says who the seller is.
    pub business: Option<Business>,
    /// Who lays them out.
    pub paper: Arc<dyn PaperRenderer>,
    /// Who writes exports.
    pub exporter: Arc<dyn Exporter>,
    /// What connectors are called on paper, by their names.
    pub channels: BTreeMap<String, String>,
}

/// The seller as a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// As it stands on documents.
    pub supplier: Supplier,
    /// What it declares for VAT.
    pub tax: SellerTaxProfile,
}

impl fmt::Debug for InvoicingSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoicingSettings").field("business", &self.business).finish_non_exhaustive()
    }
}

impl InvoicingSettings {
    /// What a connector is called on paper.
    pub(crate) fn channel(&self, connector: &str) -> String {
        self.channels.get(connector).cloned().unwrap_or_else(|| connector.to_owned())
    }

    /// The business.
    pub(crate) fn business(&self) -> Result<&Business, Missing> {
        let unset = "the configuration does not say who the business is: fill in its section [business]";
        self.business.as_ref().ok_or_else(|| Missing::new(MissingFact::Setting, unset))
    }
}

impl Core {
    /// Sets what invoices are written with, in place of what was set before.
    pub fn set_invoicing(&self, settings: InvoicingSettings) {
        *self.invoicing.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(settings));
    }

    /// What invoices are written with.
    ///
    /// # Errors
    /// [`crate::CoreError::Stopped`] in a process that writes none.
    pub fn invoicing(&self) -> Result<Arc<InvoicingSettings>, crate::CoreError> {
        let set = self.invoicing.read().unwrap_or_else(PoisonError::into_inner).clone();
        set.ok_or(crate::CoreError::Stopped("setting up invoices"))
    }
}
