//! Where an order stands, who packs it, which programmes it takes part in, and when it left and arrived.

use ordersync_order::{Aspect, FulfilledBy, OrderStatus, Programme, RawCode, TimeWindow};
use ordersync_types::{Timestamp, VendorOrderId};

use super::reading::{Path, Reading, given};
use crate::dto;

/// What `fulfillment` says.
pub(super) struct Fulfilment {
    pub(super) status: OrderStatus,
    pub(super) fulfilled_by: FulfilledBy,
    pub(super) service_level: Option<RawCode>,
    pub(super) ship_by: TimeWindow,
    pub(super) deliver_by: TimeWindow,
}

pub(super) fn fulfilment(reading: &mut Reading<'_>, dto: Option<&dto::OrderFulfillment<'_>>) -> Fulfilment {
    let path = Path::of_order("fulfillment");
    let Some(dto) = dto else {
        reading.review(Aspect::Shipping, &path, "Amazon did not say where the order stands");
        return Fulfilment {
            status: OrderStatus::NotStated,
            fulfilled_by: FulfilledBy::NotStated,
            service_level: None,
            ship_by: TimeWindow::default(),
            deliver_by: TimeWindow::default(),
        };
    };
    let status = status(reading, &path, &dto.fulfillment_status);
    let fulfilled_by = fulfilled_by(reading, &path, dto.fulfilled_by.as_ref(), &status);
    if let Some(earliest) = label_from(reading, &path, dto) {
        let reason = format!("Amazon allows the label to be printed from {} on", earliest.format("%Y-%m-%d %H:%M UTC"));
        reading.review(Aspect::Info, &path.field("labelPrintingWindow"), &reason);
    }
    Fulfilment {
        status,
        fulfilled_by,
        service_level: service_level(reading, &path, dto.fulfillment_service_level.as_ref()),
        ship_by: window(reading, &path.field("shipByWindow"), dto.ship_by_window.as_ref()),
        deliver_by: window(reading, &path.field("deliverByWindow"), dto.deliver_by_window.as_ref()),
    }
}

fn status(reading: &mut Reading<'_>, path: &Path<'_>, text: &str) -> OrderStatus {
    match text {
        "PENDING_AVAILABILITY" => OrderStatus::PreOrder,
        "PENDING" => OrderStatus::Pending,
        "UNSHIPPED" => OrderStatus::Unshipped,
        "PARTIALLY_SHIPPED" => OrderStatus::PartiallyShipped,
        "SHIPPED" => OrderStatus::Shipped,
        "CANCELLED" => OrderStatus::Cancelled,
        "UNFULFILLABLE" => OrderStatus::Unfulfillable,
        other => OrderStatus::Unknown(reading.unknown(Aspect::Shipping, &path.field("fulfillmentStatus"), other)),
    }
}

fn fulfilled_by(
    reading: &mut Reading<'_>,
    path: &Path<'_>,
    text: Option<&dto::Text<'_>>,
    status: &OrderStatus,
) -> FulfilledBy {
    let path = path.field("fulfilledBy");
    match given(text) {
        Some("MERCHANT") => FulfilledBy::Merchant,
        Some("AMAZON") => FulfilledBy::Fba,
        Some(other) => FulfilledBy::Unknown(reading.unknown(Aspect::Shipping, &path, other)),
        None => {
            if is_waiting(status) {
                reading.review(Aspect::Shipping, &path, "Amazon did not say who packs the order");
            }
            FulfilledBy::NotStated
        }
    }
}

/// True while somebody has to pack at least a part of it, or while nobody can tell.
pub(super) fn is_waiting(status: &OrderStatus) -> bool {
    match status {
        OrderStatus::Unshipped | OrderStatus::PartiallyShipped | OrderStatus::Unknown(_) => true,
        OrderStatus::PreOrder
        | OrderStatus::Pending
        | OrderStatus::Shipped
        | OrderStatus::Delivered
        | OrderStatus::Cancelled
        | OrderStatus::Unfulfillable
        | OrderStatus::NotStated => false,
    }
}

fn service_level(reading: &mut Reading<'_>, path: &Path<'_>, text: Option<&dto::Text<'_>>) -> Option<RawCode> {
    let text = given(text)?;
    match text {
        "EXPEDITED" | "FREE_ECONOMY" | "NEXT_DAY" | "PRIORITY" | "SAME_DAY" | "SECOND_DAY" | "SCHEDULED"
        | "STANDARD" => Some(RawCode::new(text)),
        other => Some(reading.unknown(Aspect::Info, &path.field("fulfillmentServiceLevel"), other)),
    }
}

pub(super) fn window(reading: &mut Reading<'_>, path: &Path<'_>, dto: Option<&dto::DateTimeRange<'_>>) -> TimeWindow {
    let Some(dto) = dto else { return TimeWindow::default() };
    TimeWindow {
        earliest: reading.optional_time(&path.field("earliestDateTime"), dto.earliest_date_time.as_ref()),
        latest: reading.optional_time(&path.field("latestDateTime"), dto.latest_date_time.as_ref()),
    }
}

fn label_from(reading: &mut Reading<'_>, path: &Path<'_>, dto: &dto::OrderFulfillment<'_>) -> Option<Timestamp> {
    window(reading, &path.field("labelPrintingWindow"), dto.label_printing_window.as_ref()).earliest
}

/// The programmes of an order. An unknown one might forbid a label of ours.
pub(super) fn order_programmes(reading: &mut Reading<'_>, names: Option<&Vec<dto::Text<'_>>>) -> Vec<Programme> {
    let mut programmes = Vec::new();
    for (index, name) in names.into_iter().flatten().enumerate() {
        let programme = match &**name {
            "AMAZON_BUSINESS" => Programme::Business,
            "AMAZON_EASY_SHIP" => Programme::MarketplaceLabel,
            "DELIVERY_BY_AMAZON" => Programme::MarketplaceDelivery,
            "FBM_SHIP_PLUS" => Programme::ShipPlus,
            "INVOICE_BY_AMAZON" => Programme::InvoiceByMarketplace,
            "IN_STORE_PICK_UP" => Programme::InStorePickup,
            "PREMIUM" => Programme::Premium,
            "PREORDER" => Programme::PreOrder,
            "PRIME" => Programme::Prime,
            // shop fronts that change nothing for the seller
            "AMAZON_BAZAAR" | "AMAZON_HAUL" => Programme::Other(RawCode::new(name)),
            other => Programme::Other(reading.unknown(Aspect::Shipping, &Path::of_list("programs", index), other)),
        };
        push_once(&mut programmes, programme);
    }
    programmes
}

/// Adds a programme unless it is there.
pub(super) fn push_once(programmes: &mut Vec<Programme>, programme: Programme) {
    if !programmes.contains(&programme) {
        programmes.push(programme);
    }
}

/// What the packages say of dispatch and delivery.
#[derive(Default)]
pub(super) struct Parcels {
    /// The latest time a parcel was handed over.
    pub(super) last_ship_time: Option<Timestamp>,
    /// There are parcels and all of them arrived.
    pub(super) all_delivered: bool,
}

pub(super) fn parcels(reading: &mut Reading<'_>, packages: Option<&Vec<dto::OrderPackage<'_>>>) -> Parcels {
    let mut parcels = Parcels::default();
    let (mut live, mut delivered) = (0_usize, 0_usize);
    for (index, package) in packages.into_iter().flatten().enumerate() {
        let path = Path::of_list("packages", index);
        let status_path = path.field("packageStatus.status");
        let left = match package.package_status.as_ref().map(|status| &*status.status) {
            Some("CANCELLED") => continue,
            Some("PENDING") => false,
            Some("IN_TRANSIT" | "SHIPPED") | None => true,
            Some("DELIVERED") => {
                delivered += 1;
                true
            }
            Some("UNDELIVERABLE") => {
                reading.review(Aspect::Info, &status_path, "the carrier could not deliver a parcel");
                true
            }
            Some(other) => {
                reading.unknown(Aspect::Info, &status_path, other);
                true
            }
        };
        live += 1;
        let ship_time = reading.optional_time(&path.field("shipTime"), package.ship_time.as_ref());
        if left {
            parcels.last_ship_time = parcels.last_ship_time.max(ship_time);
        }
    }
    parcels.all_delivered = live > 0 && delivered == live;
    parcels
}

/// The order that this one replaces or exchanges.
pub(super) fn replaces(
    reading: &mut Reading<'_>,
    orders: Option<&Vec<dto::AssociatedOrder<'_>>>,
) -> Option<VendorOrderId> {
    let mut found: Option<VendorOrderId> = None;
    for (index, order) in orders.into_iter().flatten().enumerate() {
        let path = Path::of_list("associatedOrders", index);
        match given(order.association_type.as_ref()) {
            Some("REPLACEMENT_ORIGINAL_ID" | "EXCHANGE_ORIGINAL_ID") => {}
            Some(other) => {
                reading.unknown(Aspect::Info, &path.field("associationType"), other);
                continue;
            }
            None => {
                reading.review(Aspect::Info, &path.field("associationType"), "another order, related in no stated way");
                continue;
            }
        }
        match (given(order.order_id.as_ref()).map(str::parse), &found) {
            (Some(Ok(id)), None) => found = Some(id),
            (Some(Ok(_)), Some(_)) => {
                reading.review(Aspect::Info, &path, "replaces more than one order: the first is kept");
            }
            (Some(Err(_)) | None, _) => {
                reading.review(Aspect::Info, &path.field("orderId"), "the order replaced has no readable number");
            }
        }
    }
    found
}
