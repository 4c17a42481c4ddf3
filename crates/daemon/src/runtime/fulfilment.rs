//! Couriers, paper and exports from the configuration, the one place that names them, and how long what is kept.

use std::sync::Arc;

use ordersync_core::fulfilment::FulfilmentSettings;
use ordersync_core::invoicing::InvoicingSettings;
use ordersync_core::retention::{LABELS, delivery_of};
use ordersync_courier_local::{LocalConfig, LocalCourier};
use ordersync_documents::{Exports, Paper};
use ordersync_render::Fonts;

use crate::config::{Config, Labels};
use crate::connectors;
use crate::failure::{Exit, Failure};
use crate::runtime::shared::Shared;

/// What labels are made with and invoices are written with, as this configuration says.
///
/// # Errors
/// A font that cannot be read or a service that does not exist; exit code 78.
pub(crate) fn settings(config: &Config) -> Result<(FulfilmentSettings, InvoicingSettings), Failure> {
    let labels = &config.labels;
    let fonts = Arc::new(fonts(labels)?);
    let local = LocalCourier::new(&LocalConfig { services: labels.services.clone() }, fonts.clone());
    let local = local.map_err(|error| Failure::new(Exit::Configuration, format!("[labels] services: {error}")))?;
    let paper = Arc::new(Paper::new(fonts));
    let fulfilment = FulfilmentSettings {
        couriers: vec![Arc::new(local)],
        sender: labels.sender.clone(),
        paper: Some(paper.clone()),
        media: labels.media,
        label_days: labels.days,
    };
    let invoicing = InvoicingSettings {
        business: config.business.clone(),
        paper,
        exporter: Arc::new(Exports::new(config.exports())),
        channels: connectors::titles(),
    };
    Ok((fulfilment, invoicing))
}

/// Notes how long labels and eBay's delivery data are kept.
///
/// # Errors
/// What the store says.
pub(crate) async fn note_policies(shared: &Shared) -> Result<(), Failure> {
    let config = shared.config();
    let said = [
        (LABELS.to_owned(), u32::try_from(config.labels.days).unwrap_or_default()),
        (delivery_of("ebay"), config.retention.ebay_days),
    ];
    Ok(shared.core.note_policies(&said).await?)
}

/// The built-in fonts, and the seller's own for letters that they lack.
fn fonts(labels: &Labels) -> Result<Fonts, Failure> {
    let Some(path) = &labels.font else { return Ok(Fonts::dejavu()) };
    let bytes =
        std::fs::read(path).map_err(|error| Failure::of_file("the font of [labels] cannot be read:", path, &error))?;
    Fonts::dejavu()
        .with_font(bytes, 0)
        .map_err(|error| Failure::new(Exit::Configuration, format!("[labels] font: {error}")))
}
