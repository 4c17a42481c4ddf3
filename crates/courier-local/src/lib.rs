//! The courier `local`: an address label that the seller makes without asking anybody, and sticks next to stamps, a
//! counter receipt or the label of any carrier.
//!
//! It is made not to look like paid postage: text, one rule and a plain barcode of our own reference; no logo, no
//! indicia, no two-dimensional mark. On it stand the return address, the service, the recipient's address, the
//! reference, the parcel's number and its weight; never a telephone number, e-mail address, price, content, order number
//! or the name of a marketplace. It has no tracking number of its own: see [`s10`] for those that a seller types in.
//!
//! Media: PDF on 100x150, 4x6, A6 and A4 (the label in the upper left quarter, so that the sheet folds or cuts to it);
//! ZPL at 203 and 300 dpi on 100x150 and 4x6. A label is a function of its consignment alone: making it again gives the
//! same bytes.
#![expect(clippy::float_arithmetic, reason = "places on paper, never money")]

mod config;
mod countries;
mod error;
mod layout;
mod needs;
mod places;
pub mod s10;
mod services;

use std::sync::Arc;

use async_trait::async_trait;
use ordersync_courier_api::{
    Abilities, Confirmed, Consignment, CourierAdapter, CourierError, CourierId, CourierInfo, CourierKeys, ErrorKind,
    Label, LabelFormat, Lane, Needs, Problem, Repeats, Retry, Service,
};
use ordersync_render::{Fonts, RenderError, Resolution};

pub use config::LocalConfig;
use services::Found;

const INFO: CourierInfo =
    CourierInfo { id: CourierId("local"), name: "Own label", repeats: Repeats::ByKey, sells_postage: false };

/// The courier. Asks nobody and keeps nothing.
#[derive(Debug)]
pub struct LocalCourier {
    fonts: Arc<Fonts>,
    services: Vec<Service>,
}

impl LocalCourier {
    /// A courier with the services that the configuration names, and fonts shared with other documents.
    ///
    /// # Errors
    /// [`ErrorKind::Config`]: a service that does not exist. Never repeat.
    pub fn new(config: &LocalConfig, fonts: Arc<Fonts>) -> Result<Self, CourierError> {
        Ok(Self { fonts, services: services::chosen(config)? })
    }

    /// A service that is offered and goes there.
    fn service(&self, code: &str, lane: Lane, operation: &'static str) -> Result<Found, CourierError> {
        let offered = self.services.iter().any(|service| service.code == code);
        services::find(code, lane)
            .filter(|_| offered)
            .ok_or_else(|| unsupported(operation, format!("there is no service {code} to {}", lane.to)))
    }

    /// The label, laid out; or everything that is wrong with the consignment.
    fn lay_out(
        &self,
        service: Found,
        consignment: &Consignment,
    ) -> Result<ordersync_render::Document<'_>, Vec<Problem>> {
        let missing = needs::missing(service.needs, &consignment.to);
        if !missing.is_empty() {
            return Err(missing);
        }
        layout::label(&self.fonts, service.service.name, consignment)
    }
}

#[async_trait]
impl CourierAdapter for LocalCourier {
    fn info(&self) -> &CourierInfo {
        &INFO
    }

    fn services(&self) -> &[Service] {
        &self.services
    }

    fn needs(&self, service: &str, lane: Lane) -> Result<Needs, CourierError> {
        self.service(service, lane, "needs").map(|found| found.needs)
    }

    fn check(&self, consignment: &Consignment) -> Vec<Problem> {
        let Ok(service) = self.service(&consignment.service, lane(consignment), "check") else {
            let reason = format!("there is no such service to {}", consignment.to.country);
            return vec![Problem::Refused { field: "service", reason }];
        };
        if layout::paper(consignment.media).is_none() {
            return vec![Problem::Refused { field: "media", reason: NO_SUCH_MEDIA.to_owned() }];
        }
        self.lay_out(service, consignment).err().unwrap_or_default()
    }

    async fn create_label(&self, consignment: &Consignment, _confirmed: Confirmed) -> Result<Label, CourierError> {
        let service = self.service(&consignment.service, lane(consignment), OPERATION)?;
        if layout::paper(consignment.media).is_none() {
            return Err(unsupported(OPERATION, NO_SUCH_MEDIA));
        }
        let laid_out = self.lay_out(service, consignment);
        let document = laid_out.map_err(|problems| CourierError::rejected(OPERATION, problems))?;
        let drawn = match consignment.media.format {
            LabelFormat::Pdf => document.pdf(),
            LabelFormat::Zpl203 => document.zpl(Resolution::Dpi203),
            LabelFormat::Zpl300 => document.zpl(Resolution::Dpi300),
        };
        Label::new(consignment.media, drawn.map_err(not_drawn)?, CourierKeys::default()).map_err(nothing_was_made)
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::default()
    }
}

const OPERATION: &str = "create_label";
const NO_SUCH_MEDIA: &str = "labels for ZPL printers are 100x150 or 4x6";

fn lane(consignment: &Consignment) -> Lane {
    Lane { from: consignment.from.country, to: consignment.to.country }
}

fn unsupported(operation: &'static str, message: impl Into<String>) -> CourierError {
    CourierError::new(ErrorKind::Unsupported, Retry::Never, operation, message)
}

/// What is left to go wrong once a page is laid out is a configured font that cannot be embedded.
fn not_drawn(error: RenderError) -> CourierError {
    let failed = CourierError::new(ErrorKind::Config, Retry::Never, OPERATION, error.to_string());
    CourierError { source: Some(Box::new(error)), ..failed }
}

/// Nobody was asked, so nothing can have been made.
fn nothing_was_made(error: CourierError) -> CourierError {
    CourierError { unclear: false, ..error }
}
