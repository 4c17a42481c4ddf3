//! A shop with a scripted courier, whose packer asks core for labels.

use std::sync::Arc;

use chrono::Duration;
use ordersync_core::fulfilment::{FulfilmentSettings, LabelOutcome, LabelWish};
use ordersync_core::{Actor, Core, LabelState, SenderProfile, ShipmentState};
use ordersync_courier_api::Repeats;
use ordersync_testkit::{ScriptedCourier, last_page};
use ordersync_types::{Country, OrderId, ShipmentRef};

use crate::setting::{SELLER, Setting, start};

pub(crate) fn packer() -> Actor {
    Actor::user("packer")
}

pub(crate) fn settings(courier: &Arc<ScriptedCourier>) -> FulfilmentSettings {
    let sender = SenderProfile {
        name: "Example Goods".to_owned(),
        lines: vec!["1 Invented Street".to_owned()],
        postcode: "ZZ99 9ZZ".to_owned(),
        country: Country::GB,
    };
    FulfilmentSettings {
        couriers: vec![courier.clone()],
        sender: Some(sender),
        paper: None,
        media: "pdf/100x150".parse().unwrap(),
        label_days: 21,
    }
}

pub(crate) struct Shop {
    pub(crate) setting: Setting,
    pub(crate) courier: Arc<ScriptedCourier>,
}

impl Shop {
    pub(crate) async fn with(setting: Setting, orders: Vec<ordersync_order::Order>, repeats: Repeats) -> Self {
        setting.connector.push_page(last_page(orders, start()));
        setting.sync().await.unwrap();
        let courier = Arc::new(ScriptedCourier::new(repeats));
        setting.core.set_fulfilment(settings(&courier));
        Self { setting, courier }
    }

    pub(crate) async fn each(orders: impl Fn() -> Vec<ordersync_order::Order>) -> Vec<Self> {
        let mut shops = Vec::new();
        for setting in Setting::each().await {
            shops.push(Self::with(setting, orders(), Repeats::ByKey).await);
        }
        shops
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.setting.core
    }

    /// The orders' ids, in the order of their numbers.
    pub(crate) async fn ids(&self) -> Vec<OrderId> {
        let mut orders = self.setting.orders().await;
        orders.sort_by(|one, other| one.vendor_order_id.cmp(&other.vendor_order_id));
        orders.into_iter().map(|order| order.order_id).collect()
    }

    pub(crate) async fn label(&self, wish: LabelWish) -> LabelOutcome {
        self.core().create_labels(SELLER, &[wish], &packer()).await.unwrap().remove(0)
    }

    pub(crate) async fn made(&self, order: OrderId) -> ShipmentRef {
        self.label(of(order)).await.unwrap().reference
    }

    pub(crate) async fn refusal(&self, reference: ShipmentRef) -> Option<String> {
        let refused = self.core().unprintable_labels(SELLER, &[reference], &packer()).await.unwrap();
        refused.into_iter().next().map(|(_, refused)| refused.message)
    }

    pub(crate) async fn bytes(&self, reference: ShipmentRef) -> Option<Vec<u8>> {
        let printed = self.core().print_labels(SELLER, &[reference], &packer()).await.unwrap();
        printed.into_iter().next().map(|label| label.bytes.expose().clone())
    }

    pub(crate) async fn state(&self, reference: ShipmentRef) -> (ShipmentState, LabelState) {
        let shipment = self.core().store.shipment(SELLER, &reference).await.unwrap().unwrap();
        (shipment.state, shipment.label)
    }

    /// Core again on the same databases, as after a restart.
    pub(crate) async fn restarted(self) -> Self {
        let Self { setting, courier } = self;
        let setting = setting.restarted().await;
        setting.core.set_fulfilment(settings(&courier));
        Self { setting, courier }
    }

    pub(crate) async fn advance(&self, duration: Duration) {
        self.setting.clock.advance_by(duration.to_std().unwrap());
    }
}

pub(crate) fn of(order: OrderId) -> LabelWish {
    LabelWish { orders: vec![order], parcels: 1, ..LabelWish::default() }
}

/// The buyer wants to cancel all of it, and nobody has answered.
pub(crate) fn asked_to_cancel(order: &mut ordersync_order::Order) {
    order.facts.cancellations.push(ordersync_order::Cancellation {
        vendor_line_id: None,
        state: ordersync_order::CancellationState::Requested,
        by: None,
        reason: None,
        at: None,
    });
}
